"""SPDX identifiers of licences, out of the ways in which crates name them."""

from __future__ import annotations

import re

_SPDX = re.compile(
    r"https?://(?:www\.)?spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html|\.json)?/?\Z"
)
_SPDX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*\Z")
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/zero/(\d\.\d))"
    r"(?:/legalcode(?:\.[a-z]+)?|/deed(?:\.[a-z]+)?)?/?\Z",
    re.ASCII,
)
# SPDX identifiers without a number.
_PLAIN = frozenset(("MIT", "ISC", "Unlicense", "WTFPL", "Zlib", "X11", "NCSA", "curl", "Ruby"))


def spdx_id(text: str) -> str | None:
    """Return the SPDX identifier of an identifier or an address; None where it names none."""
    match = _SPDX.match(text)
    if match:
        return match[1]
    commons = _CREATIVE_COMMONS.match(text)
    if commons:
        return f"CC0-{commons[3]}" if commons[3] else f"CC-{commons[1].upper()}-{commons[2]}"
    numbered = _SPDX_ID.match(text) and any(c.isdigit() for c in text)
    return text if numbered or text in _PLAIN else None
