"""What the profiles of Workflow Run RO-Crate require of entities, checked while they go by.

Rules without types of what is named are checked at once; a reference to an entity that has not gone
by yet is kept until the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fairwf.crates.entity_stream import Part
from fairwf.entities.reading import ids, values

# What the run profiles require of an entity of a type: property, types of what it names (none: any)
_REQUIRED: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "ControlAction": (("instrument", ("HowToStep",)), ("object", ())),
    "OrganizeAction": (("instrument", ()), ("object", ("ControlAction",)), ("result", ())),
    "HowToStep": (("workExample", ()),),
    "ParameterConnection": (
        ("sourceParameter", ("FormalParameter",)),
        ("targetParameter", ("FormalParameter",)),
    ),
    "FormalParameter": (("additionalType", ()),),
}
_LEVEL = {"FormalParameter": "workflow"}
_ACTIONS = frozenset({"CreateAction", "UpdateAction", "ActivateAction"})


@dataclass
class Requirement:
    """What a profile requires: a property (no ``target``: it is missing), or types of a target.

    ``level`` is the profile: crate, process, workflow or provenance.
    """

    level: str
    entity: str
    key: str
    place: tuple[int, int]
    target: str | None = None
    types: tuple[str, ...] = ()


class ProfileRules:
    """Collects what is not met yet. ``types_of`` returns the types of an entity that went by."""

    def __init__(self, types_of: Callable[[str], tuple[str, ...]]) -> None:
        self._types_of = types_of
        self._open: list[Requirement] = []

    def entity(self, part: Part, identifier: str, named: tuple[str, ...]) -> None:
        """Check an entity."""
        if _ACTIONS.intersection(named):
            self._need(part, identifier, "instrument", (), "process")
        for kind in named:
            for key, wanted in _REQUIRED.get(kind, ()):
                self._need(part, identifier, key, wanted, _LEVEL.get(kind, "provenance"))
        if "ComputationalWorkflow" in named:
            for key in ("input", "output"):
                self.of_type(part, identifier, key, ("FormalParameter",), "workflow")

    def _need(
        self, part: Part, identifier: str, key: str, wanted: tuple[str, ...], level: str
    ) -> None:
        if not values(part.value.get(key)):
            self._open.append(Requirement(level, identifier, key, part.offset(0)))
        elif wanted:
            self.of_type(part, identifier, key, wanted, level)

    def of_type(
        self, part: Part, identifier: str, key: str, wanted: tuple[str, ...], level: str
    ) -> None:
        """Check that all that a property names is of one of some types."""
        for target in ids(part.value.get(key)):
            if not set(wanted).intersection(self._types_of(target)):
                place = part.place(key)
                self._open.append(Requirement(level, identifier, key, place, target, wanted))

    def unmet(self, levels: set[str]) -> Iterator[Requirement]:
        """Yield what is not met of the profiles that are claimed, once all entities went by."""
        for requirement in self._open:
            if requirement.level in levels:
                known = self._types_of(requirement.target) if requirement.target else ()
                if not set(requirement.types).intersection(known):
                    yield requirement
