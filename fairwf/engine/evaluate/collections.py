"""Runtime collections beside plain values: keyed ones and streams."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from typing import NamedTuple

import msgspec

from fairwf.ir.values import Value


class KeyedValue(ABC):
    """A memoised function of a key. Only ``index`` applies. The scheduler derives from this."""

    @abstractmethod
    def get(self, key: Mapping[str, Value]) -> Value:
        """Return the value at a key.

        Raises:
            NotReady: it was asked for now and is not there yet.
            FunctionError: the key fits no rule.
        """


class StreamItem(NamedTuple):
    """An item and its lineage: the indexes of the source items that it came from."""

    lineage: tuple[int, ...]
    value: Value


class StreamValue(msgspec.Struct, frozen=True):
    """What a stream holds by now. ``waits``: what to wait for until it is closed."""

    items: tuple[StreamItem, ...]
    closed: bool
    waits: frozenset[Hashable] = frozenset()

    def in_order(self) -> list[Value]:
        """Return the items' values in order of lineage."""
        return [item.value for item in sorted(self.items, key=lambda item: item.lineage)]


RuntimeValue = Value | KeyedValue | StreamValue
"""Anything that an expression may give while a workflow runs."""
