"""What a person found in repositories, against what is extracted from them."""
