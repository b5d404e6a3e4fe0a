"""What the names of a template stand for: parameters of the state, datasets, groups of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from fairwf_galaxy.wrappers.failures import WrapperError
from fairwf_galaxy.wrappers.xml import Element


class Param(NamedTuple):
    """A parameter with its value: its text in a command, and what tests see."""

    text: str
    value: Any


class Dataset(NamedTuple):
    """A single dataset, by the name of its connection."""

    port: str


class Datasets(NamedTuple):
    """Several datasets, by the name of their connection."""

    port: str


class Linked(NamedTuple):
    """A parameter that is connected: its value is known when it runs."""

    port: str
    type: str


class Made(NamedTuple):
    """An output: the file that the command writes."""

    name: str


class Group(NamedTuple):
    """A section, a conditional, or one round of a repeat."""

    members: dict[str, Bound]


Bound = Param | Dataset | Datasets | Linked | Made | Group | list[Group]

MISSING = Param("None", None)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -=_.()/+*^,:?!")
_SIGNS = {
    ">": "__gt__", "<": "__lt__", "'": "__sq__", '"': "__dq__", "[": "__ob__", "]": "__cb__",
    "{": "__oc__", "}": "__cc__", "@": "__at__", "\n": "__cn__", "\r": "__cr__", "\t": "__tc__",
    "#": "__pd__",
}  # fmt: skip
"""What Galaxy writes for signs in texts, unless a wrapper says otherwise."""


class State:
    """Reads the state of a step by the inputs of its wrapper; ``connected`` are full names."""

    def __init__(self, connected: Collection[str]) -> None:
        self.connected = connected
        self.kinds: dict[str, Element] = {}
        """The parameters that are connected, by the names of their connections."""

    def members(
        self, root: Element, state: Mapping[str, Any], prefix: str = ""
    ) -> dict[str, Bound]:
        """Return what the inputs below an element stand for.

        Raises:
            WrapperError: the state does not say it.
        """
        found: dict[str, Bound] = {}
        for node in root:
            name = name_of(node)
            if node.tag == "param":
                found[name] = self._param(node, name, state, prefix + name)
            elif node.tag == "section":
                inner = _object(state.get(name))
                found[name] = Group(self.members(node, inner, f"{prefix}{name}|"))
            elif node.tag == "conditional":
                found[name] = self._conditional(node, _object(state.get(name)), f"{prefix}{name}|")
            elif node.tag == "repeat":
                found[name] = self._repeat(node, name, state, prefix)
        return found

    def _conditional(self, node: Element, state: Mapping[str, Any], prefix: str) -> Group:
        test = node.find("param")
        if test is None:
            raise WrapperError("a conditional has no parameter to choose by")
        name = name_of(test)
        chosen = self._param(test, name, state, prefix + name)
        if not isinstance(chosen, Param):
            raise WrapperError(f"the choice {name!r:.60} is connected")
        members: dict[str, Bound] = {name: chosen}
        for when in node.findall("when"):
            if when.get("value") in (chosen.text, _boolean_text(chosen.value)):
                members.update(self.members(when, state, prefix))
                break
        return Group(members)

    def _repeat(
        self, node: Element, name: str, state: Mapping[str, Any], prefix: str
    ) -> list[Group]:
        given = _decoded(state.get(name))
        rounds = given if isinstance(given, list) else []
        return [
            Group(self.members(node, _object(each), f"{prefix}{name}_{number}|"))
            for number, each in enumerate(rounds)
        ]

    def _param(self, node: Element, name: str, state: Mapping[str, Any], full: str) -> Bound:
        kind = node.get("type", "text")
        many = node.get("multiple") == "true"
        if full in self.connected:
            self.kinds[full] = node
            if kind == "data":
                return Datasets(full) if many else Dataset(full)
            if kind == "data_collection":
                return Datasets(full)
            return Linked(full, kind)
        if kind in ("data", "data_collection"):
            return MISSING
        value = _decoded(state[name]) if name in state else _default(node)
        if isinstance(value, Mapping) and "__class__" in value:
            raise WrapperError(f"the parameter {full!r:.60} is asked for when it runs")
        return param(node, value)


def name_of(node: Element) -> str:
    """Return the name of a parameter, made of its argument where it has none."""
    name = node.get("name")
    return name if name else node.get("argument", "").lstrip("-").replace("-", "_")


def param(node: Element, value: Any) -> Param:
    """Return a parameter with a value of the state.

    Raises:
        WrapperError: the text needs protection of its own kind.
    """
    kind = node.get("type", "text")
    if value is None or (value == "" and kind in ("integer", "float")):
        return Param("None", None) if kind != "text" else Param("", "")
    if kind == "boolean":
        truth = value is True or str(value).lower() in ("true", "yes", "on")
        text = node.get("truevalue", "true") if truth else node.get("falsevalue", "false")
        return Param(text, truth)
    if kind == "integer":
        return Param(str(_number(value, int)), _number(value, int))
    if kind == "float":
        number = _number(value, float)
        return Param(value.strip() if isinstance(value, str) else str(number), number)
    if isinstance(value, list):
        parts = [_safe(node, each) for each in value]
        return Param(",".join(parts), parts)
    text = _safe(node, value)
    return Param(text, text)


def _safe(node: Element, value: Any) -> str:
    """Return a text of the state as Galaxy gives it to a command: it is data of strangers.

    Raises:
        WrapperError: it is no option of its selection, or needs protection of its own kind.
    """
    text = _boolean_text(value) or str(value)
    options = [option.get("value", "") for option in node.findall("option")]
    if node.get("type") == "select" and options:
        words = text.split(",") if node.get("multiple") == "true" else [text]
        if text and text not in options and not all(word.strip() in options for word in words):
            raise WrapperError(f"{text!r:.60} is no option of {name_of(node)!r:.60}")
        return text
    safe = "".join(c if c in _PLAIN else _SIGNS.get(c, "X") for c in text)
    if node.find("sanitizer") is not None and safe != text:
        raise WrapperError(f"the text of {name_of(node)!r:.60} needs its wrapper's sanitizer")
    return safe


def _number(value: Any, kind: type[int] | type[float]) -> int | float:
    try:
        return kind(value)
    except (TypeError, ValueError, OverflowError):
        raise WrapperError(f"the number {value!r:.60} of the state") from None


def _default(node: Element) -> Any:
    kind = node.get("type", "text")
    if kind == "boolean":
        return node.get("checked", node.get("value", "false"))
    if kind == "select":
        options = node.findall("option")
        chosen = [o.get("value", "") for o in options if o.get("selected") == "true"]
        if node.get("multiple") == "true":
            return chosen or None
        if not chosen and node.get("optional") != "true" and options:
            return options[0].get("value", "")
        return chosen[0] if chosen else None
    return node.get("value")


def _boolean_text(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else None


def _decoded(value: Any) -> Any:
    """Return a value of a state; earlier versions of Galaxy keep values as texts of JSON."""
    if isinstance(value, str) and value[:1] in ('"', "{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return None if value == "null" else value


def _object(value: Any) -> Mapping[str, Any]:
    found = _decoded(value)
    return found if isinstance(found, Mapping) else {}
