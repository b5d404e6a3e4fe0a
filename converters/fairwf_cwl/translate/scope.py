"""What the translation of one text knows at one place of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from fairwf.ir.expressions import Expr
from fairwf.ir.walk import walk
from fairwf_cwl.translate.kinds import Known

MOST_NODES = 400
MOST_VALUES = 10_000
"""Parts of one text that are translated, each as often as it is looked at: what stands after a
condition may be translated for both of its branches."""
_NAMES = re.compile(r"(?:(?<![\w$.])|(?<=\.\.\.))[\w$]+")
"""Names in a text, those of members left out."""


class Untranslated(Exception):  # noqa: N818 - an outcome, not an error
    """A text stays JavaScript; the message says what stands in the way, in few words."""


class Value(NamedTuple):
    """An expression and what is known of its value."""

    expr: Expr
    known: Known

    def short(self) -> Value:
        """Return the value, unless it is longer than anything that is worth a translation.

        Raises:
            Untranslated: it is.
        """
        if next(islice(walk(self.expr), MOST_NODES, None), None) is not None:
            raise Untranslated("it would be too long")
        return self


@dataclass(frozen=True)
class Here:
    """Local names, and the expressions that are known not to be none at this place.

    ``items`` are those of the loops around, by the text of the array and the name of the index.
    """

    names: Mapping[str, Value]
    there: frozenset[str] = frozenset()
    items: Mapping[tuple[str, str], Value] = field(default_factory=dict)

    def with_name(self, name: str, value: Value) -> Here:
        """Return the same with one more name, which may hide those that loops around use."""
        if "\\" in name:
            raise Untranslated("a name in an uncommon form")
        items = {
            (array, index): item
            for (array, index), item in self.items.items()
            if name != index and name not in _NAMES.findall(array)
        }
        return replace(self, names={**self.names, name: value}, items=items)

    def without(self, name: str) -> Here:
        """Return the same without a name."""
        return replace(self, names={key: one for key, one in self.names.items() if key != name})

    def with_item(self, array: str, index: str, item: Value) -> Here:
        """Return the same inside a loop over an array."""
        return replace(self, items={**self.items, (array, index): item})

    def knowing(self, there: frozenset[str]) -> Here:
        """Return the same with more that is known to be there."""
        return replace(self, there=self.there | there)


class Test(NamedTuple):
    """A condition; what is known to be there where it holds, and where it does not."""

    expr: Expr
    then: frozenset[str] = frozenset()
    otherwise: frozenset[str] = frozenset()
    total: bool = True
