"""What the reading of one document shares, and what is in force at a place of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fairwf.formats import Source
from fairwf.ir.origins import Origins, Span
from fairwf.report import InvalidError, Report
from fairwf.source import SourceList, SourceMap, did_you_mean, plain
from fairwf_cwl.expressions import ExpressionReader, Names
from fairwf_cwl.idmaps import Entry, as_list, entries
from fairwf_cwl.load import Loader, find_named
from fairwf_cwl.names import declared, expand, path_of, short
from fairwf_cwl.schema import REQUIREMENTS, STRUCTS
from fairwf_cwl.shapes import Checker, Struct, check_struct
from fairwf_cwl.types import TypeReader

MAX_PROCESSES = 5_000
"""Steps that one document may unfold into: files that run each other twice double each level."""

VERSIONS = ("v1.0", "v1.1", "v1.2")
_CWLTOOL = "http://commonwl.org/cwltool#"
_CWL = "https://w3id.org/cwl/cwl#"
_RENAMED = {
    "cwltool:LoadListingRequirement": "LoadListingRequirement",
    "cwltool:InplaceUpdateRequirement": "InplaceUpdateRequirement",
    "cwltool:TimeLimit": "ToolTimeLimit",
    "cwltool:WorkReuse": "WorkReuse",
    "cwltool:NetworkAccess": "NetworkAccess",
}
"""cwltool's extensions of v1.0 that v1.1 took over."""


@dataclass(frozen=True)
class Found:
    """A requirement in force: its object, and whether it is more than a hint."""

    node: SourceMap
    required: bool


@dataclass(frozen=True)
class Scope:
    """What is in force: version, namespaces, requirements and hints by class, innermost first."""

    version: str = "v1.2"
    namespaces: Mapping[str, str] = field(default_factory=dict)
    requirements: Mapping[str, SourceMap] = field(default_factory=dict)
    hints: Mapping[str, SourceMap] = field(default_factory=dict)

    def find(self, name: str) -> Found | None:
        """Return the requirement of this class: the innermost, requirements before hints."""
        if name in self.requirements:
            return Found(self.requirements[name], True)
        if name in self.hints:
            return Found(self.hints[name], False)
        return None

    @property
    def libraries(self) -> tuple[str, ...]:
        """The texts of ``expressionLib`` in force."""
        found = self.find("InlineJavascriptRequirement")
        texts = found.node.get("expressionLib") if found else None
        return tuple(text for text in texts or () if isinstance(text, str))

    def names(self) -> Names:
        """Return the names that an expression sees here, without inputs."""
        return Names(
            javascript=self.find("InlineJavascriptRequirement") is not None,
            libraries=self.libraries,
            old_escapes=self.version < "v1.2",
        )


class Context:
    """The loader, the report, the origins, and the readers built on them."""

    def __init__(self, source: Source, report: Report) -> None:
        self.report = report
        self.origins = Origins()
        self.loader = Loader(source, report)
        self.expressions = ExpressionReader(report, self.origins)
        self._processes = 0

    def count(self, span: Span) -> None:
        """Count a process.

        Raises:
            InvalidError: there are too many.
        """
        self._processes += 1
        if self._processes > MAX_PROCESSES:
            raise InvalidError.of(
                "FWF1009", f"the document unfolds into more than {MAX_PROCESSES} steps", span=span
            )

    def check(self, node: SourceMap, struct: str, version: str, *given: str) -> bool:
        """Check an object against a structure; False after reporting what is wrong."""
        before = len(self.report.errors)
        check_struct(node, STRUCTS[struct], Checker(self.report, STRUCTS, version), *given)
        return len(self.report.errors) == before

    def types(self, scope: Scope) -> TypeReader:
        """Return the reader of types that knows the named types in force."""

        def find(name: str, span: Span) -> SourceMap | None:
            return self._named_type(name, span, scope)

        return TypeReader(self.report, self.origins, find)

    def _named_type(self, name: str, span: Span, scope: Scope) -> SourceMap | None:
        found = scope.find("SchemaDefRequirement")
        known: dict[str, SourceMap] = {}
        for item, _ in as_list(found.node, "types") if found else []:
            if isinstance(item, SourceMap) and isinstance(item.get("name"), str):
                known[item["name"]] = item
        for wanted in (name, "#" + name.rsplit("#", 1)[-1], name.rsplit("#", 1)[-1]):
            if wanted in known:
                return known[wanted]
        by_path = {tuple(path_of(key)): node for key, node in known.items()}
        by_path.update({(short(key),): node for key, node in known.items()})
        parts = tuple(path_of(name))
        if parts in by_path or parts[-1:] in by_path:
            return by_path.get(parts) or by_path[parts[-1:]]
        file, hash_, fragment = name.partition("#")
        if file and hash_ and fragment:
            tree, _ = self.loader.open(name, span)
            return find_named(tree, fragment, ("name",))
        return None

    # --- requirements and hints ---------------------------------------------------------------

    def enter(self, node: SourceMap, scope: Scope) -> tuple[Scope, dict[str, Any]]:
        """Return the scope inside a process or step, and the hints that nobody knows."""
        requirements, hints = dict(scope.requirements), dict(scope.hints)
        kept: dict[str, Any] = {}
        inner = replace(scope, requirements=requirements, hints=hints)
        for entry in entries(node.get("requirements"), "class"):
            self._enter(entry, inner, requirements, None)
        for entry in entries(node.get("hints"), "class"):
            self._enter(entry, inner, hints, kept)
        return inner, kept

    def _enter(
        self,
        entry: Entry,
        scope: Scope,
        into: dict[str, SourceMap],
        kept: dict[str, Any] | None,
    ) -> None:
        name = requirement_name(entry.key, scope.namespaces)
        definition = REQUIREMENTS.get(name)
        if definition is not None or name in EXTENSIONS:
            if definition is not None:
                titled = Struct(name, definition.fields)
                checker = Checker(self.report, STRUCTS, scope.version)
                check_struct(entry.node, titled, checker, "class")
            into[name] = entry.node
        elif kept is not None:
            hint = did_you_mean(name, REQUIREMENTS)
            self.report.add(
                "FWF1107", f"the hint {entry.key!r:.80} is unknown", span=entry.key_span, hint=hint
            )
            body = {k: v for k, v in plain(entry.node).items() if k != "class"}
            kept[entry.key] = body
        else:
            hint = did_you_mean(name, REQUIREMENTS) or "as a hint it would be ignored"
            self.report.add(
                "FWF1105",
                f"the requirement {entry.key!r:.80} is not supported",
                span=entry.key_span,
                hint=hint,
            )


EXTENSIONS = ("cwltool:CUDARequirement",)
"""Requirements beyond CWL v1.2 that the IR can say."""


def requirement_name(name: str, namespaces: Mapping[str, str]) -> str:
    """Return the usual name of a requirement: ``cwltool:X`` for cwltool's, bare ones for CWL's."""
    full = expand(name, namespaces)
    if full.startswith(_CWL):
        return full[len(_CWL) :]
    if full.startswith(_CWLTOOL):
        full = "cwltool:" + full[len(_CWLTOOL) :]
    return _RENAMED.get(full, full)


def namespaces_of(tree: Any, outer: Mapping[str, str]) -> dict[str, str]:
    """Return the namespaces in force in a file or process."""
    said = tree.get("$namespaces") if isinstance(tree, SourceMap) else None
    return {**outer, **declared(said)}


def strings(node: SourceMap, field: str) -> list[tuple[str, Span]]:
    """Return a field's texts with their spans."""
    return [(item, span) for item, span in as_list(node, field) if isinstance(item, str)]


def listed(value: Any) -> bool:
    """Tell whether a value was written as a list."""
    return isinstance(value, SourceList)
