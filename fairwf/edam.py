"""Formats of EDAM (http://edamontology.org): which is a kind of which.

Read from the package ``edam-ontology``; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cache

EDAM = "http://edamontology.org/"


def is_kind_of(format: str, wanted: str) -> bool:
    """Tell whether a format is another one or a kind of it."""
    return reaches(_classes(), format, wanted)


def knows(format: str) -> bool:
    """Tell whether EDAM, as it is installed, has a format."""
    return format in _classes()


@cache
def _classes() -> Mapping[str, Set[str]]:
    """Return the classes above each class."""
    above: dict[str, set[str]] = {}
    import csv
    from importlib.resources import files

    with files("edam_ontology").joinpath("EDAM.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            above[row["Class ID"]] = {one for one in (row["Parents"] or "").split("|") if one}
    return above


def reaches(above: Mapping[str, Set[str]], start: str, goal: str) -> bool:
    """Tell whether going up from a class, over any number of steps, comes to another."""
    seen, todo = {start}, [start]
    while todo:
        for other in above.get(todo.pop(), ()):
            if other == goal:
                return True
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return start == goal
