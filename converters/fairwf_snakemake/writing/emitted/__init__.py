"""Modules that are written beside a Snakefile as they stand: they import the standard library."""
