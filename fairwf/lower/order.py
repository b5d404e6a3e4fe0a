"""Order without data becomes an input that nothing reads."""

from __future__ import annotations

from dataclasses import dataclass

from fairwf.check.sites import Definitions, resolve
from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Expr, Output
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort
from fairwf.ir.types import AnyType, OptionalType
from fairwf.ir.walk import escape
from fairwf.ir.workflow import Command, Demand, Operation, Pure, Script, Step, Workflow
from fairwf.lower.context import Context
from fairwf.lower.substitution import over_steps
from fairwf.report import Fate


@dataclass(frozen=True)
class OrderToData:
    """``after`` becomes a link from an output of the earlier step to a new input.

    The process gets the input in a copy of its own. A step without outputs cannot be waited for
    so; its order stays for another pass.
    """

    name: str = "order_to_data"
    removes: Feature = Feature.ORDER
    adds: frozenset[Feature] = frozenset()
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with links in place of order, where the earlier step has outputs."""

        def change(at: Workflow, step: Step, definitions: Definitions) -> Step:
            return _step(at, step, definitions, context)

        return over_steps(workflow, change, context)


def _step(at: Workflow, step: Step, definitions: Definitions, context: Context) -> Step:
    process = resolve(step.run, definitions)
    if process is None or not step.after:
        return step
    by_id = {one.id: one for one in at.steps}
    links: dict[str, Expr] = dict(step.inputs)
    ports = list(process.inputs)
    left: list[str] = []
    for name in step.after:
        earlier = by_id.get(name)
        run = resolve(earlier.run, definitions) if earlier is not None else None
        if earlier is None or run is None or not run.outputs or isinstance(earlier.scatter, Demand):
            left.append(name)
            continue
        port = fresh(f"after_{name}", {*links, *(p.id for p in ports)})
        ports.append(InputPort(id=port, type=OptionalType(item=AnyType())))
        links[port] = Output(step=name, port=run.outputs[0].id)
        text = f"the order after step {name!r} is a link from its output {run.outputs[0].id!r}"
        context.told("rewritten", step, text, part=f"after/{escape(name)}")
    if len(left) == len(step.after):
        return step
    copied: Command | Script | Pure | Operation | Workflow = context.copy(process)
    run = context.made(context.replace(copied, inputs=tuple(ports)), step)
    return context.replace(step, run=run, inputs=links, after=tuple(left))
