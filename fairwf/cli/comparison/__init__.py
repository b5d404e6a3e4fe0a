"""What differs in two workflows: in what they mean, and in their steps whatever they are called."""
