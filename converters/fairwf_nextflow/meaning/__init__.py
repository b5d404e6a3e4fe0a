"""The meaning of scripts: what the tree says in the IR."""
