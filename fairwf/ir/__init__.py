"""The language: every workflow, of whatever system, as one tree of typed nodes.

Pure data and pure functions: no input, no output, nothing but msgspec and the standard library.
"""
