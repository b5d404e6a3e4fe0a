"""Tasks as processes of this machine."""

from fairwf.engine.backends.local.backend import LocalBackend

__all__ = ["LocalBackend"]
