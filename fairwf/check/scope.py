"""What an expression can refer to where it stands, and the types of those names."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from fairwf.ir.types import Type


class Scope(msgspec.Struct, frozen=True):
    """The names that an expression sees. None: references of this kind have no meaning here.

    ``place`` says where it stands, for messages. ``locals`` are scatter items, names of ``each``
    and ``self``. ``growing``: it may see what is in a stream before that is closed.
    """

    place: str
    inputs: Mapping[str, Type] | None = None
    outputs: Mapping[str, Mapping[str, Type]] | None = None
    step_inputs: Mapping[str, Type] | None = None
    locals: Mapping[str, Type] = msgspec.field(default_factory=dict)
    keys: Mapping[str, Type] | None = None
    state: Mapping[str, Type] | None = None
    body: Mapping[str, Type] | None = None
    runtime: bool = False
    growing: bool = False

    def with_locals(self, names: Mapping[str, Type]) -> Scope:
        """Return the scope with more local names."""
        return replace(self, locals={**self.locals, **names})

    def at(self, place: str) -> Scope:
        """Return the scope under another name."""
        return replace(self, place=place)
