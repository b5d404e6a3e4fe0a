"""JavaScript to the neutral expressions of the IR, where both always give the same.

CWL's expressions are JavaScript. Most say something that every workflow language can say, and as
nodes of the IR they convert and need no JavaScript engine. A text is translated only where types
prove that the standard functions give, for every value that may come, what JavaScript gives;
everything else stays text (:class:`Untranslated` says why).
"""

from __future__ import annotations

from typing import Literal

from fairwf.ir.expressions import Expr
from fairwf_cwl.bindings import Names
from fairwf_cwl.translate.scope import Untranslated
from fairwf_cwl.translate.values import Translator

__all__ = ["Untranslated", "translate"]


def translate(text: str, form: Literal["expression", "body"], names: Names) -> Expr:
    """Return the expression that a JavaScript text means.

    Raises:
        Untranslated: it stays JavaScript; the message says what stands in the way.
    """
    return Translator(names).text(text, form)
