"""What the translation of one text knows at one place of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fairwf.ir.expressions import Expr
from fairwf_cwl.translate.kinds import Known


class Untranslated(Exception):  # noqa: N818 - an outcome, not an error
    """A text stays JavaScript; the message says what stands in the way, in few words."""


class Value(NamedTuple):
    """An expression and what is known of its value."""

    expr: Expr
    known: Known


@dataclass(frozen=True)
class Here:
    """Local names, and the expressions that are known not to be none at this place.

    ``items`` are those of the loops around, by the text of the array and the name of the index.
    """

    names: Mapping[str, Value]
    there: frozenset[str] = frozenset()
    items: Mapping[tuple[str, str], Value] = field(default_factory=dict)

    def with_name(self, name: str, value: Value) -> Here:
        """Return the same with one more name."""
        return replace(self, names={**self.names, name: value})

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
