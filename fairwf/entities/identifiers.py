"""Names inside a crate: entity ids, file names, times.

Ids are derived from what they name, so that one run always gives one crate. RO-Crate 1.1 "Encoding
file paths": an ``@id`` is a valid URI reference, so octets outside the unreserved set are
percent-encoded.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))}
_LONGEST = 180


def quote_path(path: str) -> str:
    """Return the ``@id`` of a path relative to the crate's root."""
    return quote(path, safe="/-._~", errors="surrogatepass")


def local_id(*parts: str) -> str:
    """Return the id of an entity that is no file: ``#step/analyse/tidy``."""
    return "#" + "/".join(quote(part, safe="-._~", errors="surrogatepass") for part in parts)


def digest(value: Any) -> str:
    """Return 16 hexadecimal digits that stand for a JSON value."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def safe_name(name: str) -> str:
    """Return a file name that every file system takes; the ending is kept.

    Characters that are control codes, separators or forbidden somewhere become ``_``.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = _UNSAFE.sub("_", text).rstrip(". ")
    if text in ("", ".", "..") or text.startswith("-") or text.split(".")[0].lower() in _RESERVED:
        text = f"_{text}"
    while len(text.encode("utf-8")) > _LONGEST:
        suffix = PurePosixPath(text).suffix[:20]
        stem = text[: len(text) - len(suffix)] if suffix else text
        text = stem[: max(1, min(len(stem) - 1, _LONGEST // 4))] + suffix
    return text


def timestamp(text: str | None) -> str | None:
    """Return a time in UTC as ``2026-11-23T20:00:00.000+00:00``; None where it is no time."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def refs(ids: Iterable[str]) -> list[dict[str, str]]:
    """Return references to entities, each once, in their order."""
    return [{"@id": item} for item in dict.fromkeys(ids)]


def ref(identifier: str) -> dict[str, str]:
    """Return a reference to an entity."""
    return {"@id": identifier}
