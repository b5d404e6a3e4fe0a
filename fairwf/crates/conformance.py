"""Our own check of a crate: its structure, its payload, what its profiles require.

RO-Crate 1.1 to 1.3, Workflow RO-Crate 1.0, and what Workflow Run RO-Crate requires of actions. The
metadata is read entity by entity; what is kept of each is its id, its kind and its parts.
"""

from __future__ import annotations

import posixpath
import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from fairwf.archive import DAMAGE, Archive, Limits
from fairwf.contexts import PLACES
from fairwf.crates.bag_check import check_bag
from fairwf.crates.checksums import mismatch
from fairwf.crates.entity_stream import MalformedError, Part, parts
from fairwf.crates.profile_rules import ProfileRules
from fairwf.crates.read import FolderPayload, crate_root, local_path
from fairwf.entities.metadata import FILE, FILES
from fairwf.entities.reading import ids, types, values
from fairwf.ir.origins import Span
from fairwf.report import InvalidError, Report

_ABSOLUTE = re.compile(r"(?i)(?:file:|[\\/]|[a-z]:[\\/])")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BAD_ID = re.compile(r"[\s<>\"{}|\\^`\x00-\x20]")
_DATE = re.compile(
    r"\d{4}(-?(0[1-9]|1[0-2])(-?(0[1-9]|[12]\d|3[01]))?)?"
    r"([T ]([01]\d|2[0-4])(:?[0-5]\d(:?[0-5]\d([.,]\d+)?)?)?([zZ]|[+-][01]\d:?([0-5]\d)?)?)?\Z"
)
_MOST_MEMBER = 256 * 1024 * 1024
_WORKFLOW = "https://w3id.org/workflowhub/workflow-ro-crate/"
_RUN = "https://w3id.org/ro/wfrun/"


@dataclass
class _Known:
    """What is kept of an entity: its types, where it stands, its parts."""

    types: tuple[str, ...]
    line: int
    column: int
    parts: tuple[str, ...] = ()


def check_crate(path: Path, report: Report, limits: Limits | None = None) -> None:
    """Check a crate, a folder or a zip file, and add what is wrong to a report.

    Codes: FWF5006 unsafe, FWF5101 malformed, FWF5102 root or descriptor, FWF5103 data missing or
    unlike its description, FWF5104 not a part of the root, FWF5105 profile, FWF5106 dangling.
    """
    bounds = limits or Limits()
    place = crate_root(path) if path.is_dir() else path
    name = str(place)
    try:
        folder = place.is_dir()
        payload = FolderPayload(place, name) if folder else Archive(place, name, bounds, FILES)
    except InvalidError as error:
        report.extend(error.report)
        return
    _check_bag(path, report, bounds)
    with closing(payload):
        file = next((f for f in FILES if payload.size(f) is not None), None)
        if file is None:
            report.add("FWF5001", "this is no crate: it has no ro-crate-metadata.json", file=name)
            return
        _Checker(payload, f"{name}/{file}", report).check(file)


def _check_bag(path: Path, report: Report, limits: Limits) -> None:
    try:
        check_bag(path, report, limits)
    except InvalidError as error:
        report.extend(error.report)
    except DAMAGE as error:
        report.add("FWF5001", f"is damaged: {error}", file=str(path))


class _Checker:
    def __init__(self, payload: FolderPayload | Archive, name: str, report: Report) -> None:
        self._payload = payload
        self._name = name
        self._report = report
        self._known: dict[str, _Known] = {}
        self._descriptor: Part | None = None
        self._roots: dict[str, Part] = {}
        self._main: dict[str, Part] = {}
        self._rules = ProfileRules(self._types)
        self._loose: dict[str, tuple[str, str, int, int]] = {}
        self._has_context = False
        self._top: set[str] = set()
        self._outward: set[str] = set()

    def check(self, file: str) -> None:
        """Check the metadata, then the payload."""
        self._links()
        has_graph = False
        try:
            with self._payload.open(file) as stream:
                for part in parts(stream, _MOST_MEMBER):
                    self._repeated(part)
                    if part.key is None:
                        has_graph = True
                        self._entity(part)
                    elif part.key == "@context":
                        self._has_context = True
                        self._context(part)
        except MalformedError as error:
            self._tell("FWF5101", error.message, (error.line, error.column))
            return
        except InvalidError as error:
            self._report.extend(error.report)
            return
        except DAMAGE as error:
            self._report.add("FWF5001", f"is damaged: {error}", file=self._name)
            return
        if not self._has_context:
            hint = '"@context": "https://w3id.org/ro/crate/1.1/context"'
            self._tell("FWF5101", "has no @context", (1, 1), hint)
        if not has_graph:
            self._tell("FWF5101", "has no @graph with entities", (1, 1))
            return
        self._root()

    def _types(self, identifier: str) -> tuple[str, ...]:
        known = self._known.get(identifier)
        return known.types if known else ()

    def _tell(
        self, code: str, message: str, place: tuple[int, int], hint: str | None = None
    ) -> None:
        line, column = place
        span = Span(self._name, line, column, line, column + 1)
        self._report.add(code, message, span=span, hint=hint)

    def _repeated(self, part: Part) -> None:
        """Tell of keys that stand twice in an object: JSON-LD 1.1 wants each once."""
        again = list(part.repeated())
        if part.key is not None:
            again += [(part.key, part.offset(0))] if part.key in self._top else []
            self._top.add(part.key)
        for key, place in again:
            text = f"the key {key!r:.80} stands twice in one object: readers take one of both"
            self._tell("FWF5101", text, place, "remove one, or put both values into an array")

    # --- what stands at the top ---------------------------------------------------------------

    def _context(self, part: Part) -> None:
        pending = [part.value]
        while pending:
            context = pending.pop()
            if isinstance(context, list):
                pending += context
            elif isinstance(context, str):
                if context.rstrip("/") not in PLACES:
                    self._tell(
                        "FWF5006",
                        f"the context {context!r:.120} is not known, and nothing is fetched",
                        part.place(context),
                        "write its terms into the file, as an object in @context",
                    )
            elif isinstance(context, dict):
                pending += [context["@import"]] if "@import" in context else []
                terms = (term for term in context.values() if isinstance(term, dict))
                pending += [term["@context"] for term in terms if term.get("@context") is not None]
            else:
                self._tell("FWF5101", "@context is neither an IRI nor an object", part.offset(0))

    def _links(self) -> None:
        if isinstance(self._payload, FolderPayload):
            for name, inside in self._payload.links():
                what = "is a link" if inside else "is a link that leaves the crate"
                if not inside:
                    self._outward.add(name)
                self._report.add(
                    "FWF5006",
                    f"{name!r:.120} {what}",
                    file=self._name,
                    severity="warning" if inside else "error",
                    hint="put a copy of the file in its place",
                )

    # --- entities -----------------------------------------------------------------------------

    def _entity(self, part: Part) -> None:
        entity = part.value
        if not isinstance(entity, dict):
            self._tell("FWF5101", "an element of @graph is no object", part.offset(0))
            return
        identifier = entity.get("@id")
        if not isinstance(identifier, str) or not identifier:
            self._tell("FWF5101", "an entity has no @id", part.offset(0), '"@id": "#name"')
            return
        if identifier in self._known:
            first = self._known[identifier].line
            self._tell(
                "FWF5101",
                f"{identifier!r:.80} is described twice, first in line {first}",
                part.place("@id"),
                "merge both entities",
            )
            return
        named = types(entity)
        if not named:
            self._tell("FWF5101", f"{identifier!r:.80} has no @type", part.offset(0))
        held = tuple(ids(entity.get("hasPart")))
        self._known[identifier] = _Known(named, *part.offset(0), held)
        self._flat(part, identifier)
        self._identifier(part, identifier, named)
        if posixpath.basename(identifier) in FILES:
            self._descriptor = self._descriptor or part
        if "Dataset" in named and (identifier == "./" or _SCHEME.match(identifier)):
            self._roots[identifier] = part
        if "ComputationalWorkflow" in named and "File" in named:
            self._main[identifier] = part
        if "WebSite" in named and not (_SCHEME.match(identifier) and part.value.get("name")):
            place = part.offset(0)
            self._tell("FWF5102", f"the WebSite {identifier!r:.80} has no IRI or no name", place)
        self._rules.entity(part, identifier, named)
        for key, value in entity.items():
            for target in ids(value):
                if target not in self._known and target.startswith("#"):
                    self._loose.setdefault(target, (identifier, key, *part.place(key)))

    def _flat(self, part: Part, identifier: str) -> None:
        """RO-Crate JSON-LD is flattened: a property has scalars, and references by @id alone."""
        for key, value in part.value.items():
            if "://" in key and _SCHEME.match(key):
                text = f"{key!r:.80} is no compact key"
                self._tell("FWF5101", text, part.place(key), "use its short name")
            if key != "@type" and isinstance(value, (dict, list)) and not _is_flat(value):
                self._tell(
                    "FWF5101",
                    f"{identifier!r:.60}: {key} holds an entity inside; the graph must be flat",
                    part.place(key),
                    'describe it in @graph, and name it by {"@id": ...}',
                )

    def _identifier(self, part: Part, identifier: str, named: tuple[str, ...]) -> None:
        is_data = "File" in named or "Dataset" in named
        place = part.place("@id")
        if _ABSOLUTE.match(identifier) and is_data:
            self._tell(
                "FWF5006",
                f"{identifier!r:.80} is a path of somebody's file system",
                place,
                "name the file by its path relative to the crate, or by a web address",
            )
        elif not _SCHEME.match(identifier) and _BAD_ID.search(identifier):
            self._tell(
                "FWF5101", f"{identifier!r:.80} is no URI reference", place, "percent-encode it"
            )
        elif is_data and not identifier.startswith("#") and not _SCHEME.match(identifier):
            self._data(part, identifier, place)

    def _data(self, part: Part, identifier: str, place: tuple[int, int]) -> None:
        if identifier in ("./", "."):
            return
        path = local_path(identifier)
        if path is None:
            self._tell("FWF5006", f"{identifier!r:.80} leaves the crate", place)
            return
        try:
            size = self._payload.size(path)
        except InvalidError as error:
            above = {path, *map(str, PurePosixPath(path).parents)}
            if not above & self._outward:  # a link is told once
                self._report.extend(error.report)
            return
        if size is None:
            self._tell(
                "FWF5103",
                f"the crate does not hold {path!r:.80}",
                place,
                "add the file, give it a web address as @id, or an @id that begins with #",
            )
            return
        stated = part.value.get("contentSize")
        if "File" in types(part.value) and stated is not None and str(stated) != str(size):
            self._tell(
                "FWF5103",
                f"{path!r:.80} has {size} octets, not {stated!s:.20}",
                part.place("contentSize"),
                "describe the file that is there",
            )
        elif "File" in types(part.value):
            self._checksum(part, path)

    def _checksum(self, part: Part, path: str) -> None:
        try:
            fault = mismatch(part.value, lambda: self._payload.open(path))
        except InvalidError as error:
            self._report.extend(error.report)
        except DAMAGE as error:
            self._tell("FWF5103", f"{path!r:.80} is damaged: {error}", part.offset(0))
        else:
            if fault is not None:
                key, text, hint = fault
                self._tell("FWF5103", f"{path!r:.80} {text}", part.place(key), hint)

    def _root(self) -> None:
        """Check the descriptor, the root, what hangs on it, and what its profiles require."""
        root = self._described_root()
        if root is None:
            return
        identifier = root.value["@id"]
        place = root.offset(0)
        if not identifier.endswith("/"):
            self._tell("FWF5102", "the root's @id does not end with /", place, '"@id": "./"')
        for key in ("name", "description", "license", "datePublished"):
            found = values(root.value.get(key))
            if not found or (key in ("name", "description") and isinstance(found[0], dict)):
                self._tell("FWF5102", f"the root has no {key}", place, f'add "{key}"')
        for date in values(root.value.get("datePublished")):
            if not (isinstance(date, str) and _DATE.match(date)):
                at = root.place("datePublished")
                self._tell("FWF5102", f"{date!r:.40} is no date of ISO 8601", at, "2026-11-27")
        self._rules.of_type(root, identifier, "publisher", ("Organization", "Person"), "crate")
        claims = list(ids(root.value.get("conformsTo")))
        levels = {"crate"} | {c.removeprefix(_RUN).partition("/")[0] for c in claims if _RUN in c}
        if any(claim.startswith(_WORKFLOW) for claim in claims) or levels & {
            "workflow",
            "provenance",
        }:
            self._workflow(root)
        for unmet in self._rules.unmet(levels):
            code = "FWF5102" if unmet.level == "crate" else "FWF5105"
            if unmet.target is None:
                text = f"{unmet.entity!r:.60} has no {unmet.key}"
            else:
                kinds = " or ".join(unmet.types)
                text = f"{unmet.entity!r:.60}: {unmet.key} names {unmet.target!r:.60}, no {kinds}"
            self._tell(code, f"{text}, which the profile requires", unmet.place)
        self._linkage(identifier)
        for target, (entity, key, line, column) in self._loose.items():
            if target not in self._known:
                self._tell(
                    "FWF5106",
                    f"{entity!r:.60}: {key} names {target!r:.60}, which is not described",
                    (line, column),
                    "describe it in @graph",
                )

    def _described_root(self) -> Part | None:
        descriptor = self._descriptor
        if descriptor is None:
            self._tell("FWF5102", f"{FILE} does not describe itself", (1, 1), _DESCRIPTOR)
            return None
        place = descriptor.offset(0)
        if "CreativeWork" not in types(descriptor.value):
            self._tell("FWF5102", "the descriptor is no CreativeWork", place, _DESCRIPTOR)
        specifications = list(ids(descriptor.value.get("conformsTo")))
        if not any(iri.startswith("https://w3id.org/ro/crate/") for iri in specifications):
            text = "the descriptor conforms to no version of RO-Crate"
            self._tell("FWF5102", text, place, _DESCRIPTOR)
        about = next(ids(descriptor.value.get("about")), None)
        root = self._roots.get(about or "")
        if about is None or root is None:
            fault = (
                "names no root" if about is None else f"names {about!r:.80}, which is no Dataset"
            )
            self._tell("FWF5102", f"the descriptor {fault}", place, _DESCRIPTOR)
        return root

    def _workflow(self, root: Part) -> None:
        main = next(ids(root.value.get("mainEntity")), None)
        if main is None:
            self._tell("FWF5105", "a workflow crate's root has no mainEntity", root.offset(0))
            return
        part = self._main.get(main)
        known = self._known.get(main)
        wanted = {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
        if part is None or known is None or not wanted <= set(known.types):
            self._tell(
                "FWF5105",
                f"the main entity {main!r:.80} is no workflow",
                (known.line, known.column) if known else root.place("mainEntity"),
                '"@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"]',
            )
        elif not values(part.value.get("programmingLanguage")):
            self._tell("FWF5105", f"{main!r:.80} has no programmingLanguage", part.offset(0))

    def _linkage(self, root: str) -> None:
        """Find data that no chain of hasPart joins to the root."""
        reached = {root}
        pending = [root]
        while pending:
            known = self._known.get(pending.pop())
            fresh = [part for part in (known.parts if known else ()) if part not in reached]
            reached.update(fresh)
            pending += fresh
        for identifier, known in self._known.items():
            is_data = {"File", "Dataset"} & set(known.types)
            if (
                is_data
                and identifier != root
                and identifier[0] != "#"
                and identifier not in reached
            ):
                self._tell(
                    "FWF5104",
                    f"{identifier!r:.80} is no part of the root",
                    (known.line, known.column),
                    f"name it in hasPart of {root!r:.40}, or of a part of that",
                )


_DESCRIPTOR = (
    '{"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}, '
    '"conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}}'
)


def _is_flat(value: Any) -> bool:
    for item in values(value):
        if isinstance(item, list) and not _is_flat(item):
            return False
        if isinstance(item, dict) and "@value" not in item and set(item) != {"@id"}:
            return False
    return True
