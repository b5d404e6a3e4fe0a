"""Telling what is real from what only looks like it: identifiers, licences, versions, fillers."""
