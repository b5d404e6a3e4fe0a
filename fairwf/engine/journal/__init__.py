"""What happened in a run: facts in an append-only log, and what is read from them."""
