"""What CWL v1.0 and v1.1 lack, beside whole features: put into what their readers give.

CWL v1.1 brought secondary files that may be missing, fields of files in records, listings as a
choice, and limits of tools that v1.0 has as extensions of cwltool; v1.2 brought parts of cores and
staged values that are neither texts nor files.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import BoolLit, Expr, FloatLit, Input, IntLit, NoneLit, Runtime
from fairwf.ir.origins import Origins
from fairwf.ir.ports import Glob, InputPort, LoadListing, OutputPort, SecondaryFile
from fairwf.ir.resources import Amount
from fairwf.ir.rewriting import rewrite
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Step, Workflow
from fairwf_cwl.ports import may_be_folder
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.loading import loads, with_loading_steps
from fairwf_cwl.write.places import with_words, words_of
from fairwf_cwl.write.staging import with_older_staging
from fairwf_cwl.write.steps import StepWriter
from fairwf_cwl.write.texts import Texts
from fairwf_cwl.write.values import Values

OLDEST, MIDDLE, NEWEST = "v1.0", "v1.1", "v1.2"

Tell = Callable[[str, str, object], None]
"""Reports a code and a message about a node."""


def restricted(root: Process, version: str, origins: Origins, tell: Tell) -> Process:
    """Return the document as ``version`` can say it; the report says what is not the same."""
    if version >= NEWEST:
        return root
    older = _Older(tell, version)
    result: Process = rewrite(root, older.node, origins)
    return result


S = TypeVar("S", bound=msgspec.Struct)
P = TypeVar("P", bound=Process)


def _with(node: S, **changes: Any) -> S:
    """Return the node with fields changed, itself where none is."""
    real = {name: value for name, value in changes.items() if getattr(node, name) != value}
    return msgspec.structs.replace(node, **real) if real else node


class _Older:
    def __init__(self, tell: Tell, version: str) -> None:
        self.tell = tell
        self.oldest = version == OLDEST

    def node(self, node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, Amount):
            return self._amount(node)
        if isinstance(node, (Command, Script)):
            node = with_older_staging(node, self.tell, arrays=not self.oldest)
        if not self.oldest:
            return node
        if isinstance(node, Runtime) and node.name == "exitCode":
            raise CannotSayError(
                "CWL v1.0 has no runtime.exitCode", node, "write it as v1.1 or later"
            )
        if isinstance(node, Argument):
            return self._argument(node)
        if isinstance(node, Workflow) and loads(node):
            types = StepWriter(node, Texts(javascript=False), Values()).types
            return self._listings(with_loading_steps(node, types, self.tell))
        if isinstance(node, (InputPort, OutputPort)):
            changed: msgspec.Struct = self._port(node)
            return changed
        if isinstance(node, Glob) and node.load_listing is not None:
            self._nearly("CWL v1.0 does not choose how the listings of outputs are loaded", node)
            return msgspec.structs.replace(node, load_listing=None)
        if isinstance(node, Step):
            return self._step(node)
        if isinstance(node, (Command, Script)):
            return self._task(self._listings(node))
        if isinstance(node, (Pure, Operation, Workflow)):
            return self._listings(node)
        return node

    def _argument(self, argument: Argument) -> Argument:
        position = argument.position
        if isinstance(position, NoneLit):
            return msgspec.structs.replace(argument, position=None)
        if position is not None and not isinstance(position, IntLit):
            raise CannotSayError(
                "in CWL v1.0 the position of an argument is a number, this one is computed",
                position,
                "write it as v1.1 or later, or give the argument a fixed position",
            )
        return argument

    def _nearly(self, message: str, node: object) -> None:
        self.tell("FWF3003", message, node)

    def _lost(self, message: str, node: object) -> None:
        self.tell("FWF3004", message, node)

    def _amount(self, amount: Amount) -> Amount:
        return _with(amount, min=self._whole(amount.min), max=self._whole(amount.max))

    def _whole(self, value: Expr | None) -> Expr | None:
        if not isinstance(value, FloatLit) or not math.isfinite(value.number):
            return value
        number = math.ceil(value.number)
        self._nearly(f"before CWL v1.2 amounts are whole numbers: {number} stands here", value)
        return IntLit(value=number)

    # --- ports --------------------------------------------------------------------------------

    def _listings(self, process: P) -> P:
        """Return the process with inputs whose listings v1.0 can choose: all in one way, by a hint.

        A workflow's hint would hold for all that it runs.
        """
        folders = [port for port in process.inputs if may_be_folder(port.type)]
        wanted = {port.load_listing or "none" for port in folders}
        listing: LoadListing = "deep"
        if len(wanted) == 1 and isinstance(process, (Command, Script, Pure)):
            [listing] = wanted
        for port in folders:
            if listing == "deep" != port.load_listing:
                self._nearly("CWL v1.0 always loads the whole listing of a folder", port)
        if listing != "deep":
            self._nearly("which listings are loaded is a hint of cwltool's in CWL v1.0", folders[0])
        inputs = tuple(
            _with(port, load_listing=listing if may_be_folder(port.type) else None)
            for port in process.inputs
        )
        return _with(process, inputs=inputs)

    def _port(self, port: Any) -> Any:
        for files in port.fields.values():
            self._lost("CWL v1.0 says nothing of the files in members of records", files)
        usual = isinstance(port, InputPort)
        return _with(
            port,
            type=port.type if usual else self._unlabelled(port.type),
            secondary=tuple(self._secondary(part, usual) for part in port.secondary),
            fields={},
            extensions=self._described(port),
        )

    def _secondary(self, part: SecondaryFile, usual: bool) -> SecondaryFile:
        if part.required is None:
            return part
        if not (isinstance(part.required, BoolLit) and part.required.value is usual):
            what = "must be there" if usual else "may be missing"
            self._nearly(f"in CWL v1.0 the secondary files of this port {what}", part)
        return SecondaryFile(pattern=part.pattern)

    def _described(self, port: InputPort | OutputPort) -> dict[str, Any]:
        """Return the foreign fields without the documentation of types, which came with v1.1."""
        said = port.extensions.get("cwl", {}).get("types")
        if not isinstance(said, dict) or not all(isinstance(row, dict) for row in said.values()):
            return dict(port.extensions)
        if not any("doc" in row for row in said.values()):
            return dict(port.extensions)
        self._lost("CWL v1.0 has no documentation of types", port)
        rows = {path: {k: v for k, v in row.items() if k != "doc"} for path, row in said.items()}
        own = {**port.extensions["cwl"], "types": {path: row for path, row in rows.items() if row}}
        if not own["types"]:
            del own["types"]
        return {key: item for key, item in {**port.extensions, "cwl": own}.items() if item}

    def _unlabelled(self, type_: ir.Type) -> ir.Type:
        def without(node: msgspec.Struct) -> msgspec.Struct:
            if isinstance(node, ir.RecordField) and node.label is not None:
                self._lost("CWL v1.0 has no labels of the members of outputs", node)
                return msgspec.structs.replace(node, label=None)
            return node

        labels = any(member.label is not None for member in nodes(type_, ir.RecordField))
        return rewrite(type_, without) if labels else type_

    def _step(self, step: Step) -> Step:
        own = dict(step.extensions.get("cwl", {}))
        if "in" not in own:
            return step
        inside = {
            name: {key: item for key, item in said.items() if key != "label"}
            for name, said in own["in"].items()
        }
        if any("label" in said for said in own["in"].values()):
            self._lost("CWL v1.0 has no labels of the inputs of steps", step)
        own["in"] = {name: said for name, said in inside.items() if said}
        if not own["in"]:
            del own["in"]
        extensions = {k: v for k, v in {**step.extensions, "cwl": own}.items() if v}
        return msgspec.structs.replace(step, extensions=extensions)

    # --- tasks --------------------------------------------------------------------------------

    def _task(self, task: Command | Script) -> Command | Script:
        if task.network == "none":
            self._nearly("a tool of CWL v1.0 may always use the network", task)
            task = msgspec.structs.replace(task, network="outgoing")
        for part, what in (
            (task.resources.time, "a limit of time"),
            (None if task.cacheable is True else task, "whether results can be used again"),
        ):
            if part is not None:
                self._nearly(f"{what} is a hint of cwltool's in CWL v1.0", part)
        arguments = words_of(task)
        if arguments is None:
            return task
        bound = {a.value.name for a in arguments if isinstance(a.value, Input)}
        more = tuple(
            Argument(value=Input(name=port.id), rendering=Rendering(value=NoneLit()))
            for port in task.inputs
            if port.load_contents and port.id not in bound
        )
        return with_words(task, (*arguments, *more)) if more else task
