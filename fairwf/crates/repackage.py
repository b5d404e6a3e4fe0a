"""Packaging a crate again: another form of it, with the same runs and files.

A folder becomes a zip file or a bag and back, with a new title or licence, or without its data.
What only a run directory knows cannot be added.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from fairwf.crates import extras, packing, readme
from fairwf.crates.assembly import today
from fairwf.crates.conformance import check_crate
from fairwf.crates.options import PackageOptions
from fairwf.crates.preview import PREVIEW, write_preview
from fairwf.crates.read import Crate, local_path, open_crate
from fairwf.crates.summary import FOLDER as PROVENANCE
from fairwf.crates.target import staged
from fairwf.entities import descriptors as base
from fairwf.entities.identifiers import digest, local_id, ref
from fairwf.entities.metadata import FILES, compact
from fairwf.entities.reading import Entity, ids, types, values
from fairwf.report import FairwfError, Report, UsageFault
from fairwf.signatures import is_zip

_LEFT_OUT = (".git/", ".hg/", ".svn/")
_DATA = {"File", "Dataset", "MediaObject"}
_CODE = {"SoftwareSourceCode", "ComputationalWorkflow", "SoftwareApplication"}
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class PackagedRuns:
    """A crate of runs, to be packaged again."""

    source: Path


def holds_runs(source: str | Path) -> bool:
    """Tell whether a path is a crate that tells of runs: one with actions (``CreateAction``)."""
    place = Path(source)
    try:
        if not is_zip(place) and place.name not in FILES:
            folders = (place, place / "data")
            if not any((folder / name).is_file() for folder in folders for name in FILES):
                return False
        with open_crate(place) as crate:
            return any(True for _ in crate.of_type("CreateAction"))
    except (FairwfError, OSError, ValueError):  # whoever reads it otherwise tells what is wrong
        return False


def repackage(
    source: str | Path, target: Path, options: PackageOptions, report: Report | None = None
) -> None:
    """Write a crate to another place: all its files and entities, changed as the options say.

    Args:
        source: the crate: a folder, a zip file, a bag.
        target: as for :func:`fairwf.crates.package_run`.
        options: title, description, licence, publisher and keywords replace those of the root;
            ``minimal`` leaves data out; ``bag``, ``address`` and ``preview`` are its form.
        report: takes warnings: links that are not followed, what is wrong with the crate.

    Raises:
        InvalidError: the source is no crate, or unsafe; the target is none.
        UsageFault: an option asks for what only a run directory knows.
        EnvironmentFault: the place cannot be written.
    """
    findings = Report() if report is None else report
    _refuse(options)
    with open_crate(source) as crate:
        names = [name for name in crate.files() if not name.startswith(_LEFT_OUT)]
        change = _Change(crate)
        if options.minimal:
            if any(name.startswith(f"{PROVENANCE}/") and name.endswith(".gz") for name in names):
                raise _needs_run("--minimal", "the N-Quads files of the crate name its data")
            change.leave_data_out()
        change.describe(options)
        _tell_links(crate, findings)
        with staged(target) as folder:
            for name in names:
                if not change.is_left_out(name) and name != PREVIEW:
                    _copy(crate, name, folder / name)
            for identifier in change.graph:
                path = local_path(identifier) if identifier.endswith("/") else None
                if path is not None and crate.has(identifier) and not change.is_left_out(path):
                    (folder / path).mkdir(parents=True, exist_ok=True)
            _write(crate, change, folder, names, options)
            _tell_faults(folder, target, findings)


_OF_RUNS = {
    "agent": "--agent",
    "profile": "--profile",
    "intermediate": "--intermediate",
    "input_limit": "input_limit",
    "most_tasks": "most_tasks",
    "table": "--parquet",
    "swhid": "--swhid",
    "diagram": "diagram",
    "remarks": "remarks",
}
"""What is decided when a run is packaged, as the command line and Python call it."""


def _refuse(options: PackageOptions) -> None:
    usual = PackageOptions()
    for name, shown in _OF_RUNS.items():
        if getattr(options, name) != getattr(usual, name):
            raise _needs_run(shown, "the crate holds what was packaged, and no more is known")


def _needs_run(option: str, why: str) -> UsageFault:
    return UsageFault.of(
        "FWF9001",
        f"{option} cannot be had from a crate: {why}",
        hint="package the run directory with this option",
    )


def _tell_links(crate: Crate, report: Report) -> None:
    for name, inside in crate.links():
        if not inside:
            report.add("FWF5005", f"the link {name!r:.80} leaves its folder", file=crate.name)


def _tell_faults(folder: Path, target: Path, report: Report) -> None:
    """Tell what is wrong with the crate that was made, as ``validate`` would, in warnings."""
    found = Report()
    check_crate(folder, found)
    for fault in found.diagnostics:
        place = None
        if fault.file is not None:
            place = str(target) + fault.file.removeprefix(str(folder))
        severity = "warning" if fault.severity == "error" else fault.severity
        report.diagnostics.append(msgspec.structs.replace(fault, file=place, severity=severity))


def _copy(crate: Crate, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with crate.open_path(name) as stream, target.open("wb") as out:
        shutil.copyfileobj(stream, out, _CHUNK)


def _write(
    crate: Crate, change: _Change, folder: Path, names: list[str], options: PackageOptions
) -> None:
    """Write the metadata, and the files that are made from it."""
    described = packing.LINK_SET in names
    if options.address is not None and not described:
        change.add(packing.link_set_entity(), part=True)
    if change.changed:
        text = json.dumps(change.document(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        (folder / crate.file).write_text(text, encoding="utf-8", errors="replace")
        if readme.FILE in names and _is_ours(crate):
            (folder / readme.FILE).write_text(readme.render(change.graph), "utf-8", "replace")
    address = options.address or (_address(crate) if described else None)
    if address is not None:
        (folder / packing.LINK_SET).write_bytes(packing.link_set_text(change.graph, address))
    if options.preview:
        if PREVIEW in names and not change.changed:
            _copy(crate, PREVIEW, folder / PREVIEW)
        else:
            write_preview(folder)
    if options.bag:
        title = next(iter(values(change.root.get("name"))), "crate")
        packing.make_bag(folder, str(title), options.published or today())


def _is_ours(crate: Crate) -> bool:
    """Tell whether the crate's README is the one that is made of its metadata."""
    try:
        made = readme.render(crate.entities)
    except (KeyError, TypeError):  # no title, no main entity: another kind of crate
        return False
    with crate.open_path(readme.FILE) as stream:
        return stream.read(_CHUNK) == made.encode("utf-8", "replace")


def _address(crate: Crate) -> str | None:
    """Return where the crate lies, by the link set that it holds."""
    with crate.open_path(packing.LINK_SET) as stream:
        try:
            sets = msgspec.json.decode(stream.read(16 * _CHUNK))["linkset"]
            found = sets[0]["anchor"]
        except (msgspec.DecodeError, KeyError, TypeError, IndexError):
            return None
    return found if isinstance(found, str) and found.endswith("/") else None


@dataclass
class _Change:
    """The entities of a crate by id, and what changes in them."""

    crate: Crate
    graph: dict[str, Entity] = field(init=False)
    changed: bool = False
    _left: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.graph = dict(self.crate.entities)

    @property
    def root(self) -> Entity:
        return self.graph[self.crate.root["@id"]]

    def document(self) -> dict[str, Any]:
        """Return the metadata as JSON."""
        return {**self.crate.document, "@graph": list(self.graph.values())}

    def add(self, entity: Mapping[str, Any], part: bool = False) -> None:
        """Add an entity, unless one of its id is there."""
        shown = {k: compact(v) for k, v in entity.items() if v not in (None, "", [], ())}
        self.graph.setdefault(entity["@id"], shown)
        self.changed = True
        if part:
            parts = [*values(self.root.get("hasPart")), ref(entity["@id"])]
            self._set_root(hasPart=parts)

    def describe(self, options: PackageOptions) -> None:
        """Let the root say what the options say."""
        if options.name is not None:
            self._set_root(name=options.name)
        if options.description is not None:
            self._set_root(description=options.description)
        if options.published is not None:
            self._set_root(datePublished=options.published)
        if options.keywords:
            self._set_root(keywords=", ".join(options.keywords))
        if options.license is not None:
            self._set_root(license=base.license_value(options.license))
            for entity in base.license_entities(options.license):
                self.add(entity)
        if options.publisher is not None:
            self._set_root(publisher=ref(base.agent_id(options.publisher)))
            for entity in base.agent_entities([options.publisher]):
                self.add(entity)

    def _set_root(self, **properties: Any) -> None:
        self.graph[self.root["@id"]] = {**self.root, **properties}
        self.changed = True

    def is_left_out(self, path: str) -> bool:
        """Tell whether a file is left out: itself, or with its folder."""
        parts = path.split("/")
        return any("/".join(parts[:count]) in self._left for count in range(1, len(parts) + 1))

    def leave_data_out(self) -> None:
        """Describe what actions took and gave, and hold none of it."""
        renamed = {}
        for identifier in self._data():
            path = local_path(identifier)
            if path is None or not self.crate.has(identifier):
                continue
            entity = self.graph[identifier]
            name = path.rpartition("/")[2]
            kind = "dataset" if "Dataset" in types(entity) else "file"
            known = next(iter(values(entity.get("sha256"))), None)
            renamed[identifier] = local_id(kind, str(known or digest(identifier)), name)
            self._left.add(path)
        if not renamed:
            return
        gone = {*renamed, *self._job()}
        parts = [part for part in values(self.root.get("hasPart")) if not set(ids(part)) & gone]
        self._set_root(hasPart=compact(parts))
        for identifier in self._job():
            self._left.add(identifier.rstrip("/"))
            del self.graph[identifier]
        made = (_renamed(entity, renamed) for entity in self.graph.values())
        self.graph = {entity["@id"]: entity for entity in made}

    def _job(self) -> list[str]:
        """Return the ids of the job file that names the data, where the crate has one of ours."""
        if extras.JOB not in self.graph:
            return []
        return [name for name in (f"{extras.EXAMPLES}/", extras.JOB) if name in self.graph]

    def _data(self) -> Iterator[str]:
        """Yield the ids of files and folders that actions took or gave, with their parts."""
        root, main = self.root["@id"], self.crate.main
        kept = {root, *(ids(main.get("hasPart")) if main else ()), *([main["@id"]] if main else ())}
        pending = [
            identifier
            for action in self.crate.of_type("CreateAction")
            for term in ("object", "result")
            for identifier in ids(action.get(term))
        ]
        seen: set[str] = set()
        while pending:
            identifier = pending.pop()
            entity = self.graph.get(identifier)
            if entity is None or identifier in seen or identifier in kept:
                continue
            seen.add(identifier)
            pending += ids(entity.get("hasPart"))
            kinds = set(types(entity))
            if kinds & _DATA and not kinds & _CODE:
                yield identifier


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        found = {key: _renamed(item, names) for key, item in value.items()}
        identifier = value.get("@id")
        if isinstance(identifier, str) and identifier in names:
            found["@id"] = names[identifier]
        return found
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return value
