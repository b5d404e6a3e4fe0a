"""Snakefiles to the IR."""
