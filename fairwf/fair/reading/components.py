"""The parts of a workflow that indicators count: ports, steps, what starts a program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.reading.known_texts import KnownTexts
from fairwf.ir.codec import Root
from fairwf.ir.command import Text
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Directory, Expr, File, Input, NoneLit, Opaque, StringLit
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import DirectoryType, FileType
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Operation, ProcessRef, Script, Step, Workflow

Task = Command | Script | Operation
"""A process that starts a program, or stands for one."""


_BLANK = re.compile(r"\byour\b|\bexample\.|x{4,}", re.I)


def does_nothing(root: Root) -> str | None:
    """Return why a workflow does nothing, None where it does something."""
    if isinstance(root, Workflow) and not root.steps:
        # Outputs may be computed from inputs; handing inputs on does nothing.
        plain = (Input, StringLit, NoneLit)
        if all(port.value is None or isinstance(port.value, plain) for port in root.outputs):
            return "the workflow has no step"
    if isinstance(root, Instance) and not root.tasks.id:
        return "the instance has no task"
    if isinstance(root, Command) and not root.arguments and root.environment.container is None:
        return "the tool starts no program"
    if isinstance(root, Script) and not root.body:
        return "the script is empty"
    return None


class Components:
    """The parts of one document, each list in the order of the document."""

    def __init__(self, root: Root) -> None:
        self.root = root

    @cached_property
    def ports(self) -> list[InputPort | OutputPort]:
        """Inputs and outputs of the workflow itself."""
        if isinstance(self.root, Instance):
            return []
        return [*self.root.inputs, *self.root.outputs]

    @cached_property
    def inputs(self) -> list[InputPort]:
        """Inputs of the workflow itself."""
        return [] if isinstance(self.root, Instance) else list(self.root.inputs)

    @cached_property
    def file_ports(self) -> list[InputPort | OutputPort]:
        """Ports of the workflow itself that carry files."""
        return [p for p in self.ports if any(True for _ in nodes(p.type, FileType))]

    @cached_property
    def data_ports(self) -> list[InputPort | OutputPort]:
        """Ports of the workflow itself that carry files or folders."""
        kinds = (FileType, DirectoryType)
        return [p for p in self.ports if any(True for k in kinds for _ in nodes(p.type, k))]

    @cached_property
    def steps(self) -> list[Step]:
        """Every step, those of subworkflows included."""
        return list(nodes(self.root, Step))

    @cached_property
    def tasks(self) -> list[Task]:
        """Every process that starts a program."""
        found: list[Task] = []
        for kind in (Command, Script, Operation):
            found += nodes(self.root, kind)
        order = {id(node): n for n, node in enumerate(nodes(self.root, msgspec.Struct))}
        return sorted(found, key=lambda task: order[id(task)])

    @cached_property
    def subworkflows(self) -> list[Workflow]:
        """Workflows inside the workflow."""
        return [w for w in nodes(self.root, Workflow) if w is not self.root]

    def process(self, step: Step) -> msgspec.Struct | None:
        """Return what a step runs."""
        if not isinstance(step.run, ProcessRef):
            return step.run
        for workflow in nodes(self.root, Workflow):
            if step.run.name in workflow.processes:
                return workflow.processes[step.run.name]
        return None

    @cached_property
    def _texts(self) -> KnownTexts:
        return KnownTexts(self.root)

    def environments(self, task: Task) -> list[Environment]:
        """Return the environments that a task may get: its own, and those that its steps say.

        An image that the workflow settles elsewhere stands in its place, one environment for each
        that it can be; one that whoever runs it must say, or that is a template's blank, is none.
        """
        found = self._environments.get(id(task))
        if found is None:
            given: list[tuple[Environment, msgspec.Struct]] = []
            if not isinstance(task, Operation):
                given.append((task.environment, task))
            for workflow, step in self._texts.uses(task):
                if step.environment is not None:
                    given.append((step.environment, workflow))
            found = [known for one, scope in given for known in self._settled(one, scope)]
            self._environments[id(task)] = found
        return found

    @cached_property
    def _environments(self) -> dict[int, list[Environment]]:
        return {}

    def _settled(self, environment: Environment, scope: msgspec.Struct) -> list[Environment]:
        container = environment.container
        if container is None or container.image is None:
            return [environment]
        known = self._texts.of(container.image, scope)
        if known == "computed":
            return [environment]
        if known == "open" or any(is_placeholder(t) or _BLANK.search(t) for t in known):
            return [replace(environment, container=None)]
        images = [replace(container, image=StringLit(value=text)) for text in known]
        return [replace(environment, container=image) for image in images]

    @cached_property
    def references(self) -> list[File | Directory]:
        """Files and folders that the workflow names by a location."""
        every: list[File | Directory] = [*nodes(self.root, File), *nodes(self.root, Directory)]
        return [node for node in every if node.location is not None]

    def texts(self) -> Iterator[tuple[msgspec.Struct, str]]:
        """Yield the texts of the workflow's programs and values, each with its node."""
        for literal in nodes(self.root, StringLit):
            yield literal, literal.value
        for text in nodes(self.root, Text):
            yield text, text.text
        for opaque in nodes(self.root, Opaque):
            yield opaque, opaque.text
        for node in self.references:
            if node.location and not node.location.startswith(("http://", "https://")):
                yield node, unquote(node.location)
        if isinstance(self.root, Instance):
            for word in self.root.tasks.words:
                yield self.root, word


def literal(expression: Expr | None) -> str | None:
    """Return the text that an expression is, None where it is computed or missing."""
    return expression.value if isinstance(expression, StringLit) else None
