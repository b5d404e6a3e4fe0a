"""What the reading of one document shares, and what is in force at a place of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from fairwf.formats import Source
from fairwf.ir.origins import Origins, Span
from fairwf.report import InvalidError, Report, Severity
from fairwf.source import SourceList, SourceMap, did_you_mean, plain
from fairwf_cwl.bindings import Names
from fairwf_cwl.expressions import ExpressionReader
from fairwf_cwl.idmaps import Entry, as_list, entries
from fairwf_cwl.load import Loader, find_named
from fairwf_cwl.names import class_name, declared, expand, path_of, short
from fairwf_cwl.schema import EXTENSIONS, LOOPS, REQUIREMENTS, STRUCTS
from fairwf_cwl.shapes import Checker, Struct, check_struct
from fairwf_cwl.types import TypeReader

MAX_PROCESSES = 5_000
"""Steps that one document may unfold into: files that run each other twice double each level."""

VERSIONS = ("v1.0", "v1.1", "v1.2", LOOPS)
LOOP = "cwltool:Loop"
FEATURES = (
    "ScatterFeatureRequirement",
    "SubworkflowFeatureRequirement",
    "MultipleInputFeatureRequirement",
    "StepInputExpressionRequirement",
)
"""The requirements that only declare a feature of workflows."""
SECRETS = "cwltool:Secrets"

Kept = Mapping[str, Mapping[str, Any]]
"""``requirements`` and ``hints`` of one object that the IR has no place for, by class."""

_RENAMED = {
    "cwltool:LoadListingRequirement": "LoadListingRequirement",
    "cwltool:InplaceUpdateRequirement": "InplaceUpdateRequirement",
    "cwltool:TimeLimit": "ToolTimeLimit",
    "cwltool:WorkReuse": "WorkReuse",
    "cwltool:NetworkAccess": "NetworkAccess",
}
"""cwltool's extensions of v1.0 that v1.1 took over."""


class Found(msgspec.Struct, frozen=True):
    """A requirement in force: its object, and whether it is more than a hint."""

    node: SourceMap
    required: bool


class Scope(msgspec.Struct, frozen=True):
    """What is in force: version, namespaces, requirements and hints by class, innermost first."""

    version: str = "v1.2"
    namespaces: Mapping[str, str] = msgspec.field(default_factory=dict)
    requirements: Mapping[str, SourceMap] = msgspec.field(default_factory=dict)
    hints: Mapping[str, SourceMap] = msgspec.field(default_factory=dict)

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

    def __init__(self, source: Source, report: Report, advise: bool = False) -> None:
        self.report = report
        self.advise = advise
        self.origins = Origins()
        self.loader = Loader(source, report)
        self.expressions = ExpressionReader(report, self.origins, self.loader.texts)
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
        """Check an object against a structure; False where it cannot be read on.

        What is wrong is reported; see :class:`fairwf_cwl.shapes.Checker`.
        """
        before = len(self.report.errors)
        checker = Checker(self.report, STRUCTS, version)
        check_struct(node, STRUCTS[struct], checker, *given)
        return len(self.report.errors) == before + checker.mended.errors

    def types(self, scope: Scope) -> TypeReader:
        """Return the reader of types that knows the named types in force."""

        def find(name: str, span: Span) -> SourceMap | None:
            return self._named_type(name, span, scope)

        return TypeReader(self.report, self.origins, find, scope.version >= LOOPS)

    def _named_type(self, name: str, span: Span, scope: Scope) -> SourceMap | None:
        found = scope.find("SchemaDefRequirement")
        known: dict[str, SourceMap] = {}
        for item, _ in as_list(found.node, "types") if found else []:
            if isinstance(item, SourceMap) and isinstance(item.get("name"), str):
                known[item["name"]] = item
        known.update({expand(key, scope.namespaces): node for key, node in known.items()})
        for wanted in (
            expand(name, scope.namespaces),
            name,
            "#" + name.rsplit("#", 1)[-1],
            name.rsplit("#", 1)[-1],
        ):
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

    # --- optional features ---------------------------------------------------------------------

    def declared(
        self,
        scope: Scope,
        requirement: str,
        what: str,
        span: Span,
        severity: Severity | None = None,
    ) -> None:
        """Tell of an optional feature that is used without its requirement."""
        if scope.find(requirement) is None:
            self.report.add(
                "FWF1113",
                f"{what} needs {requirement}",
                span=span,
                severity=severity,
                hint=f"add '{requirement}: {{}}' to the requirements of the workflow or step",
            )

    def declared_inputs(
        self, scope: Scope, node: SourceMap, source: str, severity: Severity | None = None
    ) -> None:
        """Tell of features that an input of a step uses without their requirement."""
        if len(strings(node, source)) > 1:
            name, what = "MultipleInputFeatureRequirement", "more than one source"
            self.declared(scope, name, what, node.value_span(source), severity)
        if isinstance(node.get("valueFrom"), str):
            name, what = "StepInputExpressionRequirement", "'valueFrom' of a step"
            self.declared(scope, name, what, node.key_span("valueFrom"), severity)

    # --- requirements and hints ---------------------------------------------------------------

    def enter(self, node: SourceMap, scope: Scope, *, step: bool = False) -> tuple[Scope, Kept]:
        """Return the scope inside a process or step, and what the IR has no place for."""
        requirements, hints = dict(scope.requirements), dict(scope.hints)
        requirements.pop(LOOP, None)
        kept: dict[str, dict[str, Any]] = {}
        inner = replace(scope, requirements=requirements, hints=hints)
        self._twice(node.get("requirements"), inner)
        self._twice(node.get("hints"), inner)
        for entry in entries(node.get("requirements"), "class"):
            self._enter(entry, "requirements", inner, requirements, kept)
            self._misplaced_loop(entry, inner, step)
        for entry in entries(node.get("hints"), "class"):
            self._enter(entry, "hints", inner, hints, kept)
            self._misplaced_loop(entry, inner, False)
        for said in kept.values():
            if step and SECRETS in said:
                self.report.add(
                    "FWF1112",
                    "secrets of a step are kept, but hide nothing",
                    span=node.key_span("requirements" if "requirements" in node else "hints"),
                    hint="say them in the process that has these inputs",
                )
        return inner, kept

    def _twice(self, said: Any, scope: Scope) -> None:
        seen: set[str] = set()
        for entry in entries(said, "class"):
            name = requirement_name(entry.key, scope.namespaces)
            if name in seen:
                message = f"{name:.80} stands twice; the last one counts"
                self.report.add("FWF2002", message, span=entry.key_span, severity="warning")
            seen.add(name)

    def _misplaced_loop(self, entry: Entry, scope: Scope, allowed: bool) -> None:
        if not allowed and requirement_name(entry.key, scope.namespaces) == LOOP:
            self.report.add(
                "FWF1101",
                f"{LOOP} belongs into the requirements of a step",
                span=entry.key_span,
                hint="cwltool knows it nowhere else, and it does not go down to inner steps",
            )

    def _enter(
        self,
        entry: Entry,
        field: str,
        scope: Scope,
        into: dict[str, SourceMap],
        kept: dict[str, dict[str, Any]],
    ) -> None:
        name = requirement_name(entry.key, scope.namespaces)
        if (
            self.advise
            and scope.version > "v1.0"
            and name != class_name(entry.key, scope.namespaces)
        ):
            self.report.add(
                "FWF1114",
                f"{entry.key!r:.60} is an extension that CWL v1.1 took over",
                span=entry.key_span,
                hint=f"say {name}",
            )
        later = scope.version == "v1.0" and name == entry.key and name in _RENAMED.values()
        if later:
            self._of_a_later_version(entry, field, kept)
            return
        definition = REQUIREMENTS.get(name) or EXTENSIONS.get(name)
        if definition is not None:
            titled = Struct(name, definition.fields)
            checker = Checker(self.report, STRUCTS, scope.version)
            check_struct(entry.node, titled, checker, "class")
            if name == SECRETS:  # it is of these inputs alone, and does not go down
                kept.setdefault(field, {})[SECRETS] = entry.node
            else:
                into[name] = entry.node
                if name == "InlineJavascriptRequirement":
                    self.expressions.check_libraries(strings(entry.node, "expressionLib"))
        elif field == "hints":
            hint = did_you_mean(name, REQUIREMENTS)
            self.report.add(
                "FWF1107", f"the hint {entry.key!r:.80} is unknown", span=entry.key_span, hint=hint
            )
            _keep(entry, kept.setdefault(field, {}))
        else:
            hint = did_you_mean(name, REQUIREMENTS) or "as a hint it would be ignored"
            self.report.add(
                "FWF1105",
                f"the requirement {entry.key!r:.80} is not supported",
                span=entry.key_span,
                hint=hint,
            )

    def _of_a_later_version(
        self, entry: Entry, field: str, kept: dict[str, dict[str, Any]]
    ) -> None:
        message = f"{entry.key} belongs to CWL v1.1 and later"
        hint = "say 'cwlVersion: v1.1', or use cwltool's extension of v1.0"
        if field == "hints":
            hint += "; as it stands, the hint is passed over"
            self.report.add("FWF1107", message, span=entry.key_span, hint=hint)
            _keep(entry, kept.setdefault(field, {}))
        else:
            self.report.add("FWF1105", message, span=entry.key_span, hint=hint)


def _keep(entry: Entry, into: dict[str, Any]) -> None:
    into[entry.key] = {key: item for key, item in plain(entry.node).items() if key != "class"}


def requirement_name(name: str, namespaces: Mapping[str, str]) -> str:
    """Return the usual name of a requirement: ``cwltool:X`` for cwltool's, bare ones for CWL's."""
    usual = str(class_name(name, namespaces))
    return _RENAMED.get(usual, usual)


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
