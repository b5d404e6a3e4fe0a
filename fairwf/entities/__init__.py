"""Entities of RO-Crate metadata: how each is said and named, written, and looked at.

For all who write or read metadata: crates, the FAIR fixes, drawings, provenance.
"""
