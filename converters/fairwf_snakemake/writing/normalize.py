"""The last of lowering: what directives of Snakemake cannot hold is rounded or left out, and told.

So what is written is what the document says by then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from fairwf.document import Document
from fairwf.ir.environment import Conda, Container
from fairwf.ir.expressions import Expr, FloatLit, IntLit, StringLit
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.resources import Amount, Gpu, Resources, Retry
from fairwf.ir.rewriting import rewrite
from fairwf.ir.types import RecordField
from fairwf.ir.walk import escape, walk
from fairwf.report import Fate, Report, UnsupportedError
from fairwf_snakemake.writing.document import texts_of
from fairwf_snakemake.writing.failures import CannotSayError

S = TypeVar("S", bound=msgspec.Struct)

_CODES: Mapping[Fate, str] = {"approximated": "FWF1508", "lost": "FWF1509"}


def normalize(document: Document, report: Report, version: str | None = None) -> Document:
    """Return the document as a Snakefile says it.

    Raises:
        UnsupportedError: a Snakefile cannot say a part of it; the report names the part.
    """
    root = document.workflow
    if isinstance(root, Instance):
        return document
    context = _Ledger(document, report)
    root = rewrite(root, _Rounding(context, root).visit, document.origins)
    try:
        texts_of(root)
    except CannotSayError as error:
        path, span = context.path(error.node), document.origins.get(error.node)
        report.add("FWF3001", error.message, span=span, path=path, hint=error.hint)
        raise UnsupportedError(report) from None
    return msgspec.structs.replace(document, workflow=root)


class _Ledger:
    """Where nodes came from, and what is told of each."""

    def __init__(self, document: Document, report: Report) -> None:
        self.report = report
        self.origins = document.origins
        self._paths = {
            id(node): (node, document.origins.path(node) or path)
            for path, node in walk(document.workflow)
        }
        self._told: set[tuple[str, str, str]] = set()

    def path(self, node: msgspec.Struct) -> str | None:
        """Return the path of a node in the source document."""
        found = self._paths.get(id(node))
        return found[1] if found is not None else self.origins.path(node)

    def replace(self, node: S, **changes: Any) -> S:
        """Return a node with fields changed; it keeps its origin."""
        return self.made(msgspec.structs.replace(node, **changes), node)

    def made(self, new: S, old: msgspec.Struct) -> S:
        """Return a node made for another one, whose origin and path it gets."""
        self.origins.inherit(new, old)
        path = self.path(old)
        if path is not None:
            self._paths[id(new)] = (new, path)
        return new

    def told(
        self, fate: Fate, node: msgspec.Struct, message: str, hint: str | None, part: str
    ) -> None:
        """Report what became of a node, or of its part (a relative path)."""
        path = self.path(node) or ""
        path = f"{path}/{part}" if part else path
        if (fate, path, message) not in self._told:
            self._told.add((fate, path, message))
            span = self.origins.get(node, part.split("/", 1)[0] if part else None)
            self.report.add(_CODES[fate], message, span=span, hint=hint, fate=fate, path=path)


class _Rounding:
    def __init__(self, context: _Ledger, root: msgspec.Struct) -> None:
        self.context = context
        ports = (*getattr(root, "inputs", ()), *getattr(root, "outputs", ()))
        self.documented = {id(port) for port in ports}

    def visit(self, node: msgspec.Struct) -> msgspec.Struct:
        """Return a node as it can be said."""
        if isinstance(node, (InputPort, OutputPort)) and node.fields:
            documented = id(node) in self.documented
            node = self._whole(node)
            if documented:
                self.documented.add(id(node))
        match node:
            case Amount():
                return self._amount(node)
            case Resources():
                return self._resources(node)
            case Gpu():
                return self._without(node, "model", "cuda_version_min", "cuda_compute_capability")
            case Retry():
                if not isinstance(node.attempts, IntLit):
                    what = "a number of tries that is computed"
                    self._told("approximated", node.attempts, what, "is one more try")
                    attempts = self.context.made(IntLit(value=1), node.attempts)
                    node = self.context.replace(node, attempts=attempts)
                return self._without(node, "delay", "backoff", "exit_codes")
            case Container():
                return self._container(node)
            case Conda() if (node.file or node.name) and (node.packages or node.channels):
                return self._without(node, *(("packages", "channels") if node.file else ("name",)))
            case InputPort() | OutputPort() if id(node) not in self.documented:
                return self._without(node, "label", "doc")
            case RecordField():
                return self._without(node, "label", "doc")
        return node

    def _told(
        self, fate: Fate, node: msgspec.Struct, what: str, how: str, hint: str | None = None,
        part: str = "",
    ) -> None:  # fmt: skip
        text = f"{what} cannot be said in a Snakefile: it {how}"
        self.context.told(fate, node, text, hint, part)

    def _without(self, node: S, *names: str) -> S:
        fields = {field.name: field for field in msgspec.structs.fields(type(node))}
        changes: dict[str, Any] = {}
        for name in names:
            field, value = fields[name], getattr(node, name)
            default = field.default if field.default is not msgspec.NODEFAULT else ()
            if value == default:
                continue
            what = f"{name.replace('_', ' ')!r} of {_KINDS[type(node)]}"
            items = value if isinstance(value, tuple) else (value,)
            for index, one in enumerate(items):
                if isinstance(one, msgspec.Struct):
                    self._told("lost", one, what, "is left out")
                else:
                    item = one if isinstance(one, str) else index
                    part = f"{name}/{item}" if isinstance(value, tuple) else name
                    self._told("lost", node, what, "is left out", part=part)
            changes[name] = default
        return self.context.replace(node, **changes) if changes else node

    def _whole(self, node: InputPort | OutputPort) -> InputPort | OutputPort:
        """Return a port without what it says of the files in a record's members."""
        for name in node.fields:
            what = f"what is said of the files in the member {name!r:.60}"
            hint = "make the member an input or output of its own"
            self._told("lost", node, what, "is left out", hint, part=f"fields/{escape(name)}")
        return self.context.replace(node, fields={})

    def _amount(self, node: Amount) -> Amount:
        if node.min is not None and node.max is not None:
            self._told("lost", node.max, "the most of an amount", "is left out")
            node = self.context.replace(node, max=None)
        changes = {}
        for name in ("min", "max"):
            value = getattr(node, name)
            part = isinstance(value, FloatLit) and not value.number.is_integer()
            if part and math.isfinite(value.number):
                changes[name] = self._up(value, max(1, math.ceil(value.number)), "a part of a unit")
        return self.context.replace(node, **changes) if changes else node

    def _up(self, old: Expr, number: int, what: str) -> Expr:
        part = "value" if isinstance(old, IntLit) else ""  # the kind of the node stays
        self._told("approximated", old, what, f"is rounded up to {number}", part=part)
        return self.context.made(IntLit(value=number), old)

    def _resources(self, node: Resources) -> Resources:
        changes: dict[str, Any] = {}
        time = node.time
        if isinstance(time, (IntLit, FloatLit)) and math.isfinite(time.number):
            minutes = max(1, math.ceil(time.number / 60))
            if time.number != minutes * 60:
                changes["time"] = self._up(time, minutes * 60, "a time that is not whole minutes")
        if not node.required:
            what = "that resources are advice"
            self._told("approximated", node, what, "is a demand", part="required")
            changes["required"] = True
        return self.context.replace(node, **changes) if changes else node

    def _container(self, node: Container) -> Container:
        node = self._without(
            node, "alternatives", "dockerfile", "load", "import_from", "image_id",
            "output_directory",
        )  # fmt: skip
        if node.image is not None and not isinstance(node.image, StringLit):
            hint = "name the image as a fixed text"
            self._told("lost", node.image, "an image that is computed", "is left out", hint)
            node = self.context.replace(node, image=None)
        if node.image is None and node.digest is not None:
            node = self._without(node, "digest")
        if not node.required:
            what = "that a container may be left out"
            how = "is left to the user, who asks for containers with --sdm apptainer"
            self._told("approximated", node, what, how, part="required")
            node = self.context.replace(node, required=True)
        return node


_KINDS: dict[type[Any], str] = {
    Gpu: "a need of GPUs",
    Retry: "trying again",
    Container: "a container",
    Conda: "a conda environment",
    InputPort: "an input inside",
    OutputPort: "an output inside",
    RecordField: "a member of a record",
}
