"""Absolute IRIs (RFC 3987), as far as it takes to tell them from plain texts and paths."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+\Z")


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI that can be written as it stands."""
    return bool(_IRI.match(text))


def is_web(text: str | None) -> bool:
    """Tell whether a location is an address on the web, and so no path of a machine."""
    return text is not None and is_iri(text) and text.split(":", 1)[0].lower() in ("http", "https")


def file_path(location: str) -> str | None:
    """Return the path that a ``file`` URI of this machine names (RFC 8089); None for any other."""
    if not location.startswith("file:"):
        return None
    try:
        parts = urlsplit(location)
    except ValueError:  # file://[x
        return None
    return (unquote(parts.path) or None) if parts.netloc in ("", "localhost") else None
