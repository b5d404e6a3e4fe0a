"""Licences as users name them: an IRI, or an SPDX licence expression (SPDX 2.3, Annex D)."""

from __future__ import annotations

import re

from fairwf.ir.iris import is_iri
from fairwf.report import UsageFault
from fairwf.source import did_you_mean

_WORD = re.compile(r"[\w.+-]+")
_FORM = "an expression of https://spdx.org/licenses/ ids (MIT OR Apache-2.0), or an IRI"


def licence(text: str) -> str:
    """Return a licence with its ids in SPDX's own letters: ``apache-2.0`` is ``Apache-2.0``.

    Without the package ``packaging``, which knows them, a text is taken as it stands.

    Raises:
        UsageFault: the text is neither an IRI nor an expression of ids that SPDX knows.
    """
    if is_iri(text):
        return text
    try:
        from packaging import licenses
    except ImportError:
        return text
    try:
        return str(licenses.canonicalize_license_expression(text))
    except licenses.InvalidLicenseExpression as error:
        raise UsageFault.of("FWF9001", f"--license: {error}", hint=_guess(text)) from None


def _guess(text: str) -> str:
    try:  # the list has no public name; without it there is no guess
        from packaging.licenses._spdx import LICENSES
    except ImportError:
        return _FORM
    known = {entry["id"] for entry in LICENSES.values()}
    strange = [word for word in _WORD.findall(text) if word.lower() not in LICENSES]
    guesses = (did_you_mean(word, known) for word in strange)
    return next((guess for guess in guesses if guess), _FORM)
