"""Versions by their scheme: SemVer 2.0, CalVer, dates (ISO 8601)."""

from __future__ import annotations

import re

_SEMVER = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+.]?[0-9A-Za-z.-]+)?\Z")
_DATE = re.compile(r"\d{4}[.-]\d{1,2}(?:[.-]\d{1,2})?\Z")


def is_version(text: str) -> bool:
    """Tell whether a text is a version: SemVer, CalVer, a date; 0.0.0 is a template's."""
    text = text.strip()
    if len(text) > 100:
        return False
    numbers = re.sub(r"\D", "", text)
    return bool(_SEMVER.match(text) or _DATE.match(text)) and numbers.strip("0") != ""


def bare_version(text: str) -> str:
    """Return a version without the letter v that tags begin with."""
    return text.strip().removeprefix("v")


def is_floating(tag: str | None) -> bool:
    """Tell whether a tag of an image or a version of a package may mean another thing tomorrow."""
    names = ("latest", "stable", "master", "main", "dev", "edge", "nightly", "*")
    return tag is None or tag.strip().lower() in ("", *names)
