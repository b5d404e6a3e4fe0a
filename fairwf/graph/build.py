"""Documents and runs to graphs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from fairwf.document import Document
from fairwf.graph.describe import expression_text, process_text, program_text, type_text
from fairwf.graph.instances import instance_graph
from fairwf.graph.model import Edge, Graph, Node, Status, duration
from fairwf.ir.expressions import Call, Expr, Input, Output, StringLit, Template
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.walk import children
from fairwf.ir.workflow import Demand, Process, ProcessRef, Step, Workflow
from fairwf.trace import Run, Task
from fairwf.trace.run import counts, last_attempts

TOOL = "tool"
"""The id of the node of a tool without an id, when it is drawn alone."""

_DEEPEST = 20
_BY_PATH = "path:"
"""What a path asks for, and the path where it is known: any step whose rule may make it."""


def document_graph(document: Document) -> Graph:
    """Return the graph of a document's workflow, tool or instance."""
    root = document.workflow
    if isinstance(root, Instance):
        return instance_graph(root)
    title = root.label or root.id or (document.source or "workflow").rsplit("/", 1)[-1]
    return process_graph(root, title, {}, 0)


def run_graph(run: Run) -> Graph:
    """Return the graph of a run: its workflow, with what became of each step."""
    if isinstance(run.workflow, Instance):
        return instance_graph(run.workflow)
    title = run.workflow.label or run.workflow.id or (run.source or "run").rsplit("/", 1)[-1]
    graph = process_graph(run.workflow, title, {}, 0)
    tasks: dict[tuple[str, ...], list[Task]] = defaultdict(list)
    for task in last_attempts(run.tasks):
        alone = not task.step and not isinstance(run.workflow, Workflow)
        tasks[(run.workflow.id or TOOL,) if alone else task.step].append(task)
    coloured = _with_statuses(graph, (), tasks, run.status != "running")
    elapsed = _seconds(run.started, run.ended)
    note = f"run {run.id}: {run.status}" + (f" in {duration(elapsed)}" if elapsed else "")
    return replace(coloured, note=note, statuses=tuple(counts(run.tasks).items()))


def process_graph(process: Process, title: str, scope: Mapping[str, Process], depth: int) -> Graph:
    """Return the graph of a process; ``scope`` holds the processes that enclosing ones define."""
    nodes = [_input_node(port) for port in process.inputs]
    nodes += [_output_node(port) for port in process.outputs]
    note = (process.doc or "").strip().split("\n\n")[0]
    if not isinstance(process, Workflow):
        step = Step(id=process.id or TOOL, run=process)
        tool = _step_node(step, process, scope, depth)
        edges = [Edge(f"in:{port.id}", tool.id) for port in process.inputs]
        edges += [Edge(tool.id, f"out:{port.id}") for port in process.outputs]
        return Graph(title, (*nodes, tool), tuple(edges), note)
    inside = {**scope, **process.processes}
    known = {f"in:{port.id}" for port in process.inputs}
    known |= {f"step:{step.id}" for step in process.steps}
    found: dict[tuple[str, str], Edge] = {}

    def join(source: str, target: str, label: str = "", order: bool = False) -> None:
        if source not in known:
            return
        edge = found.get((source, target))
        if edge is None:
            found[source, target] = Edge(source, target, order, label)
        elif not order and label and label not in edge.label.split(", "):
            joined = f"{edge.label}, {label}" if edge.label else label
            found[source, target] = replace(edge, label=joined, order=False)

    rules = [step for step in process.steps if step.produces]

    def refer(node: Step | OutputPort, target: str) -> None:
        for source, label in _references(node):
            makers = _makers(rules, source) if source.startswith(_BY_PATH) else [source]
            for maker in makers:
                if maker != target:
                    join(maker, target, label)

    for step in process.steps:
        target = f"step:{step.id}"
        nodes.append(_step_node(step, _process_of(step, inside), inside, depth))
        refer(step, target)
        for earlier in step.after:
            join(f"step:{earlier}", target, order=True)
    for port in process.outputs:
        refer(port, f"out:{port.id}")
    return Graph(title, tuple(nodes), tuple(found.values()), note)


def _references(node: Step | OutputPort) -> Iterator[tuple[str, str]]:
    """Yield what a step or output refers to, without looking into the process that it runs."""
    stack: list[msgspec.Struct] = [
        child for path, child in children(node) if not (isinstance(node, Step) and path == "run")
    ]
    while stack:
        part = stack.pop()
        if isinstance(part, Input):
            yield f"in:{part.name}", ""
        elif isinstance(part, Output):
            yield f"step:{part.step}", part.port
        else:
            if isinstance(part, Call) and part.function == "demand_path":
                asked = part.args[0] if part.args else None
                yield f"{_BY_PATH}{asked.value if isinstance(asked, StringLit) else ''}", "by path"
            # a handler's process has its own scope
            stack.extend(child for path, child in children(part) if path != "run")


def _makers(rules: Sequence[Step], asked: str) -> list[str]:
    """Return the nodes of the steps that may make a path; of all where the path is not known."""
    path = asked.removeprefix(_BY_PATH)
    return [
        f"step:{step.id}"
        for step in rules
        if not path or any(_may_be(pattern, path) for pattern in step.produces.values())
    ]


def _may_be(pattern: Expr, path: str) -> bool:
    parts = pattern.parts if isinstance(pattern, Template) else (pattern,)
    texts = [re.escape(p.value) if isinstance(p, StringLit) else ".+" for p in parts]
    return re.fullmatch("".join(texts), path, re.DOTALL) is not None


def _process_of(step: Step, scope: Mapping[str, Process]) -> Process | None:
    return scope.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run


def _input_node(port: InputPort) -> Node:
    details = [("type", type_text(port.type))]
    if port.default is not None:
        details.append(("default", expression_text(port.default)))
    details += _formats(port)
    return Node(
        f"in:{port.id}",
        "input",
        port.label or port.id,
        type_text(port.type),
        details=_documented(port.id, port.label, port.doc, details),
    )


def _output_node(port: OutputPort) -> Node:
    details = [("type", type_text(port.type)), *_formats(port)]
    if port.value is not None:
        details.append(("value", expression_text(port.value)))
    return Node(
        f"out:{port.id}",
        "output",
        port.label or port.id,
        type_text(port.type),
        details=_documented(port.id, port.label, port.doc, details),
    )


def _formats(port: InputPort | OutputPort) -> list[tuple[str, str]]:
    return [("format", expression_text(item)) for item in port.format]


def _documented(
    id: str, label: str | None, doc: str | None, rest: list[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    first = [("id", id)] if label and label != id else []
    about = [("about", doc.strip())] if doc and doc.strip() else []
    return (*first, *about, *rest)


def _step_node(
    step: Step, process: Process | None, scope: Mapping[str, Process], depth: int
) -> Node:
    nested = None
    if isinstance(process, Workflow) and depth < _DEEPEST:
        nested = process_graph(process, step.label or step.id, scope, depth + 1)
    details = _step_details(step, process)
    return Node(
        f"step:{step.id}",
        "step",
        step.label or step.id,
        process_text(process) if process is not None else "",
        badges=tuple(_badges(step, process)),
        details=_documented(step.id, step.label, _doc(step, process), details),
        nested=nested,
    )


def _doc(step: Step, process: Process | None) -> str | None:
    return step.doc or (process.doc if process is not None else None)


def _badges(step: Step, process: Process | None) -> Iterator[str]:
    if isinstance(process, Workflow):
        yield f"subworkflow: {len(process.steps)} step{'' if len(process.steps) == 1 else 's'}"
    if isinstance(step.scatter, Demand):
        yield f"per {', '.join(key.name for key in step.scatter.keys)}"
    elif step.scatter is not None:
        yield {"stream": "stream", "dot": "scatter"}.get(step.scatter.mode, "scatter cross")
    if step.when is not None:
        yield "when"
    if step.cancel is not None:
        yield "cancel"
    if step.loop is not None:
        yield "loop"
    if step.approval is not None:
        yield "approval"
    if step.wait is not None:
        yield "wait"
    if step.handlers:
        yield "handler"


def _step_details(step: Step, process: Process | None) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if process is not None:
        kind = str(type(process).__struct_config__.tag)
        rows.append(("runs", f"{kind} {process.id}".strip()))
        program = program_text(process)
        if program:
            rows.append(("program", program))
    if isinstance(step.scatter, Demand):
        rows.append(("for each demanded", ", ".join(key.name for key in step.scatter.keys)))
    elif step.scatter is not None:
        over = ", ".join(f"{o.name} in {expression_text(o.value)}" for o in step.scatter.over)
        rows.append((f"scatter ({step.scatter.mode})", over))
    conditions: list[tuple[str, Expr | None]] = [
        ("only when", step.when),
        ("cancel when", step.cancel),
        ("loop until", step.loop.until if step.loop else None),
        ("approval", step.approval.prompt if step.approval else None),
    ]
    rows += [(name, expression_text(item)) for name, item in conditions if item is not None]
    rows += [(f"in: {name}", expression_text(value)) for name, value in step.inputs.items()]
    if step.after:
        rows.append(("after", ", ".join(step.after)))
    return rows


# --- runs -------------------------------------------------------------------------------------


def _with_statuses(
    graph: Graph, prefix: tuple[str, ...], tasks: Mapping[tuple[str, ...], list[Task]], ended: bool
) -> Graph:
    nodes = []
    for node in graph.nodes:
        if node.kind != "step":
            nodes.append(node)
            continue
        path = (*prefix, node.id.removeprefix("step:"))
        mine = tasks.get(path)
        nested = node.nested and _with_statuses(node.nested, path, tasks, ended)
        changed = replace(node, nested=nested)
        if mine:
            changed = replace(
                changed,
                status=_status(mine),
                timing=_timing(mine),
                details=(*node.details, *_task_details(mine)),
            )
        elif not ended:
            changed = replace(changed, status="waiting")
        nodes.append(changed)
    return replace(graph, nodes=tuple(nodes))


def _status(tasks: list[Task]) -> Status:
    statuses = {task.status for task in tasks}
    order: tuple[Status, ...] = (
        "failed",
        "running",
        "cancelled",
        "interrupted",
        "completed",
        "skipped",
    )
    return next((status for status in order if status in statuses), "waiting")


def _timing(tasks: list[Task]) -> str:
    begins = [t.started for t in tasks if t.started]
    ends = [t.ended for t in tasks if t.ended]
    parts = []
    if begins and ends:
        elapsed = _seconds(min(begins), max(ends))
        parts += [duration(elapsed)] if elapsed is not None else []
    if len(tasks) > 1:
        counts = Counter(task.status for task in tasks)
        ran = len(tasks) - counts["skipped"]
        parts += [f"{ran} times"] if ran else []
        parts += [f"{counts[name]} {name}" for name in ("skipped", "failed") if counts[name]]
    return " · ".join(parts) or tasks[0].status


def _task_details(tasks: list[Task]) -> list[tuple[str, str]]:
    counts = Counter(task.status for task in tasks)
    rows = [("status", ", ".join(f"{number} {name}" for name, number in counts.items()))]
    cpu = [t.cpu_user_s + (t.cpu_system_s or 0) for t in tasks if t.cpu_user_s is not None]
    if cpu:
        rows.append(("CPU time", duration(sum(cpu))))
    memory = [t.max_rss_kib for t in tasks if t.max_rss_kib]
    if memory:
        rows.append(("peak memory", f"{max(memory) / 1024:.1f} MiB"))
    rows += [("error", task.error) for task in tasks if task.error][:3]
    return rows


def _seconds(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except (ValueError, TypeError):  # a trace of another engine may write times otherwise
        return None
