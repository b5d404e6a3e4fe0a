"""What ``fairwf validate`` is made of: which files, which findings, and how they are gathered."""
