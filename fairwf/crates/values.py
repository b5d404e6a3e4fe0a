"""Values of a run as entities: files, folders, collections and property values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairwf.crates.payload import Item, Payload
from fairwf.entities.identifiers import digest, local_id, refs
from fairwf.entities.parameters import Parameter, scalar
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.values import Value, from_literal

_NULL = "null"


class Values:
    """Which entities stand for which values; equal values of one name are one entity."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self._properties: dict[str, tuple[str, Any, dict[str, None]]] = {}

    def note(self, parameter: Parameter | None, expression: Expr) -> None:
        """Record that a parameter had a value."""
        value = from_literal(expression)
        if parameter is None:
            return
        if value is None:
            parameter.absent = True
            return
        parameter.given = True
        if isinstance(value, Mapping):  # its files are parts of the example, no examples themselves
            self._note_property(parameter, value)
            return
        items = list(self._items(value))
        for item in items:
            item.examples[parameter.id] = None
            parameter.kinds.add(item.kind)
            parameter.examples[item.id] = None
        if not items:
            self._note_property(parameter, value)

    def ids(self, parameter: Parameter | None, name: str, expression: Expr) -> list[str]:
        """Return the ids of the entities that stand for a value.

        None is an entity only for a parameter that never had another value.
        """
        value = from_literal(expression)
        if value is None:
            if parameter is None or parameter.given or parameter.takes_files:
                return []
            return [property_id(name, _NULL)]
        ids = [item.id for item in self._items(value)]
        if ids and not isinstance(value, Mapping):
            return ids
        shown = scalar(value)
        identifier = property_id(name, shown)
        self._properties.setdefault(identifier, (name, shown, {}))
        return [*ids, identifier]

    def settle(self, parameter: Parameter) -> None:
        """Make none an entity for a parameter that never had another value.

        For a parameter of files it is not: no file is an example of it then.
        """
        if parameter.absent and not parameter.given and not parameter.takes_files:
            self._note_property(parameter, _NULL)

    def add_property(self, name: str, value: str, parameter: str | None) -> str:
        """Return the id of a property value that is no input: an environment variable."""
        identifier = property_id(name, value)
        examples = self._properties.setdefault(identifier, (name, value, {}))[2]
        if parameter is not None:
            examples[parameter] = None
        return identifier

    def items(self, expression: Expr) -> Iterator[Item]:
        """Yield the files, folders and collections in a value."""
        yield from self._items(from_literal(expression))

    def entities(self) -> Iterator[dict[str, Any]]:
        """Yield the property values."""
        for identifier, (name, value, examples) in self._properties.items():
            yield {
                "@type": "PropertyValue",
                "@id": identifier,
                "name": name,
                "exampleOfWork": refs(examples),
                # An empty text is a value, too.
                **({"value": value} if value != "" else {"value": {"@value": ""}}),
            }

    def _note_property(self, parameter: Parameter, value: Value) -> None:
        shown = scalar(value)
        identifier = property_id(parameter.name, shown)
        entry = self._properties.setdefault(identifier, (parameter.name, shown, {}))
        entry[2][parameter.id] = None
        parameter.kinds.add("PropertyValue")
        parameter.examples[identifier] = None

    def _items(self, value: Value) -> Iterator[Item]:
        if isinstance(value, (File, Directory)):
            yield self._payload.value(value)
        elif isinstance(value, Mapping):
            for member in value.values():
                yield from self._items(member)
        elif isinstance(value, (list, tuple)):
            for member in value:
                yield from self._items(member)


def property_id(name: str, shown: Any) -> str:
    """Return the id of the entity of a value that is no file."""
    return local_id("value", name, digest([type(shown).__name__, shown]))
