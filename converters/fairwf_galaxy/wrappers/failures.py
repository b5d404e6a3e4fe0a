"""Why a wrapper cannot be used for a step."""

from __future__ import annotations


class WrapperError(Exception):
    """A wrapper is broken, or says something that is not evaluated; the message names it."""
