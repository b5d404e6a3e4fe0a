"""What a run crate says that its run took and gave (Workflow Run Crate 0.1 to 0.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairwf.crates.read import Crate, local_path
from fairwf.entities.reading import types, values
from fairwf.ir import types as ty
from fairwf.ir.ports import InputPort
from fairwf.jobs import UnfitError, from_plain, from_texts
from fairwf.report import InvalidError


@dataclass(frozen=True)
class Given:
    """A value that is no file, or a file: its name, checksums, and path in the crate if it is
    there."""

    name: str
    value: Any = None
    sha256: str | None = None
    sha1: str | None = None
    path: str | None = None

    @property
    def is_file(self) -> bool:
        """True for a file."""
        return self.value is None


def execution(crate: Crate) -> Mapping[str, Any]:
    """Return the action of the run as a whole.

    Raises:
        InvalidError: the crate has no workflow, or tells of no run of it (FWF5002).
    """
    main = crate.main
    for action in crate.of_type("CreateAction") if main is not None else ():
        if main in crate.resolve(action.get("instrument")):
            return action
    raise InvalidError.of(
        "FWF5002",
        "the crate tells of no run of its main workflow",
        file=crate.name,
        hint="`fairwf package RUN_DIR` makes a crate that does",
    )


def packaged_outputs(crate: Crate) -> dict[str, list[Given]]:
    """Return what the run gave, by the id of the output; parts of folders and collections singly.

    Raises:
        InvalidError: the crate tells of no run.
    """
    return _by_port(crate, execution(crate).get("result"), "output")


def packaged_inputs(crate: Crate, ports: Sequence[InputPort], folder: Path) -> dict[str, Any]:
    """Return what the run took, by the id of the input, for files that the crate holds.

    ``folder`` is where the crate lies. For crates without a job file of their own.

    Raises:
        InvalidError: the crate tells of no run, lacks a file, or has a value that does not fit.
    """
    known = {port.id: port for port in ports}
    found: dict[str, Any] = {}
    for name, items in _by_port(crate, execution(crate).get("object"), "input").items():
        port = known.get(name)
        if port is None:
            continue
        texts: list[str | None] = []
        for item in items:
            if item.is_file and item.path is None:
                raise InvalidError.of(
                    "FWF5103", f"the crate does not hold {item.name!r:.80}", file=crate.name
                )
            texts.append(str(folder / item.path) if item.path else _text(item.value))
        try:
            found[name] = _value(texts, port.type)
        except UnfitError as fault:
            message = f"the value of {name!r:.60} {fault}"
            raise InvalidError.of("FWF2010", message, file=crate.name) from None
    return found


def _value(texts: list[str | None], kind: ty.Type) -> Any:
    inner = kind.item if isinstance(kind, ty.OptionalType) else kind
    if isinstance(inner, (ty.ArrayType, ty.StreamType)) and not _is_json(texts):
        return [from_texts([text], inner.items) for text in texts]
    if isinstance(inner, ty.BoolType):
        return from_plain((texts[0] or "").lower() == "true", inner)
    return from_texts(texts, kind)


def _is_json(texts: list[str | None]) -> bool:
    return len(texts) == 1 and (texts[0] or "").startswith("[")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _by_port(crate: Crate, references: Any, side: str) -> dict[str, list[Given]]:
    """Return entities by the id of the port of the main workflow that they are examples of."""
    main = crate.main or {}
    ports = {p["@id"]: _port(p) for p in crate.resolve(main.get(side)) if "@id" in p}
    found: dict[str, list[Given]] = {}
    for entity in crate.resolve(references):
        for parameter in values(entity.get("exampleOfWork")):
            name = ports.get(parameter.get("@id")) if isinstance(parameter, dict) else None
            if name is not None:
                of_input = side == "input"
                found.setdefault(name, []).extend(_givens(crate, entity, of_input))
    return found


def _port(parameter: Mapping[str, Any]) -> str:
    """Return the id of a port: the last part of its name (``main/input`` elsewhere)."""
    name = next((v for v in values(parameter.get("name")) if isinstance(v, str)), "")
    return (name or str(parameter["@id"])).rpartition("/")[2].rpartition("#")[2]


def _givens(crate: Crate, entity: Mapping[str, Any], whole: bool) -> Iterator[Given]:
    kinds = types(entity)
    if "PropertyValue" in kinds:
        value = entity.get("value")
        inside = crate.resolve(value)
        if inside:  # arrays of files, as runcrate writes them
            for each in inside:
                yield from _givens(crate, each, whole)
            return
        yield Given(str(entity.get("name", "")), "" if isinstance(value, dict) else value)
        return
    if "Collection" in kinds and whole:
        main = crate.resolve(entity.get("mainEntity")) or crate.resolve(entity.get("hasPart"))
        yield from (_file(crate, each) for each in main[:1])
        return
    if {"Collection", "Dataset"} & set(kinds) and not whole:
        for part in crate.resolve(entity.get("hasPart")):
            yield from _givens(crate, part, whole)
        return
    yield _file(crate, entity)


def _file(crate: Crate, entity: Mapping[str, Any]) -> Given:
    identifier = str(entity.get("@id", ""))
    path = local_path(identifier)
    held = path is not None and crate.has(identifier)
    names = [*values(entity.get("alternateName")), *values(entity.get("name")), identifier]
    name = next(text for text in names if isinstance(text, str))
    return Given(
        name.rstrip("/").rpartition("/")[2],
        None,
        _digits(entity.get("sha256"), 64),
        _digits(entity.get("sha1"), 40),
        path if held else None,
    )


def _digits(value: Any, count: int) -> str | None:
    text = next((v for v in values(value) if isinstance(v, str)), "").lower()
    return text if len(text) == count else None
