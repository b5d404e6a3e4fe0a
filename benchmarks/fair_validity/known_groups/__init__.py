"""Repositories that a community curates against others of the same engine."""
