"""Several backends in one run: each step has a site, and files come to it when they are needed."""
