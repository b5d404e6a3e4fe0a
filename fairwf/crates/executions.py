"""Executions one by one as entities, from nothing but the task itself.

The ids and properties are those of :mod:`fairwf.crates.retrospective`; nothing is remembered from
one task to the next, so that any number of them can be written in constant memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fairwf.crates.checksums import recorded
from fairwf.crates.command_lines import CommandLines
from fairwf.crates.containers import image_entity, image_id
from fairwf.crates.formats import media_type
from fairwf.crates.measurements import exit_code, measured
from fairwf.crates.payload import Item
from fairwf.crates.prospective import Tool
from fairwf.crates.quads import QuadWriter
from fairwf.crates.retrospective import error_of, status_of
from fairwf.crates.values import property_id
from fairwf.entities.identifiers import digest, local_id, ref, refs, timestamp
from fairwf.entities.parameters import scalar
from fairwf.ir.expressions import Directory, File
from fairwf.ir.iris import is_iri
from fairwf.ir.values import Value, from_literal
from fairwf.trace.run import Task


class Executions:
    """Writes the executions of a run.

    ``known`` returns the item of the crate that a file is, by checksum and name: those of the
    run's own inputs and outputs have a place in it.
    """

    def __init__(
        self,
        known: Callable[[str, str], Item | None],
        agent: str | None,
        hosts: frozenset[str],
        lines: CommandLines,
    ) -> None:
        self._known = known
        self._agent = ref(agent) if agent else None
        self._hosts = hosts
        self._lines = lines

    def write(self, task: Task, tool: Tool, control: str, writer: QuadWriter) -> None:
        """Write an execution of a tool; ``control`` is the action of its step."""
        own = execution_id(task)
        item = f" ({', '.join(task.index)})" if task.index else ""
        status = status_of(task.status)
        usage = list(measured(task))
        properties = [exit_code(task.exit_code)] if task.exit_code is not None else []
        image = task.container
        writer.add(
            {
                "@type": "CreateAction",
                "@id": own,
                "name": f"Run of {tool.name}{item}",
                "description": self._command(task),
                "agent": self._agent,
                "instrument": ref(tool.id),
                "startTime": timestamp(task.started),
                "endTime": timestamp(task.ended),
                "actionStatus": status,
                "error": self._lines.text(error_of(task), task)
                if status and status.endswith("FailedActionStatus")
                else None,
                "object": self._values(task.inputs, tool.inputs, writer),
                "result": self._values(task.outputs, tool.outputs, writer),
                "resourceUsage": refs(each["@id"] for each in usage),
                "additionalProperty": refs(each["@id"] for each in properties),
                "containerImage": ref(image_id(image, task.container_digest)) if image else None,
                "location": ref(local_id("host", task.host)) if task.host in self._hosts else None,
            }
        )
        writer.add({"@id": control, "object": ref(own)})
        for entity in (*usage, *properties):
            writer.once(entity)
        if image:
            writer.once(image_entity(image, task.container_digest))

    def _command(self, task: Task) -> str | None:
        line = self._lines.shown(task)
        return f"Command: {line}" if line is not None else None

    def _values(
        self, given: Mapping[str, Any], parameters: Mapping[str, Any], writer: QuadWriter
    ) -> list[dict[str, str]]:
        found: dict[str, None] = {}
        for name, expression in given.items():
            parameter = parameters.get(name)
            of = [ref(parameter.id)] if parameter is not None else []
            value = from_literal(expression)
            if value is None:
                continue
            own = list(self._files(value, of, writer))
            if not own or isinstance(value, Mapping):
                shown = scalar(value)
                own.append(property_id(name, shown))
                entity = {
                    "@type": "PropertyValue",
                    "@id": own[-1],
                    "name": name,
                    "value": shown,
                    "exampleOfWork": of,
                }
                writer.once(entity, own[-1] + str(of))
            found.update(dict.fromkeys(own))
        return refs(found)

    def _files(self, value: Value, of: list[dict[str, str]], writer: QuadWriter) -> Iterator[str]:
        if isinstance(value, (File, Directory)):
            yield self._node(value, of, writer)
        elif isinstance(value, Mapping):
            for member in value.values():
                yield from self._files(member, [], writer)
        elif isinstance(value, (list, tuple)):
            for member in value:
                yield from self._files(member, of, writer)

    def _node(self, node: File | Directory, of: list[dict[str, str]], writer: QuadWriter) -> str:
        name, identity = _identity(node)
        known = self._known(identity, name)
        shown: dict[str, Any]
        if isinstance(node, Directory):
            inside = [ref(self._node(each, [], writer)) for each in node.listing or ()]
            own = known.id if known else local_id("dataset", identity, name)
            shown = {"@type": "Dataset", "@id": own, "name": name, "hasPart": inside}
            writer.once({**shown, "exampleOfWork": of}, own + str(of))
            return own
        own = known.id if known else local_id("file", identity, name)
        parts = [self._node(each, [], writer) for each in node.secondary]
        sha1, sha256 = recorded(node)
        formats = [ref(node.format)] if node.format and is_iri(node.format) else []
        shown = {
            "@type": "File",
            "@id": own,
            "name": name,
            "contentSize": node.size,
            "sha256": sha256,
            "sha1": None if sha256 else sha1,
            "encodingFormat": [media_type(name), *formats],
            "exampleOfWork": [] if parts else of,
        }
        writer.once(shown, own if parts else own + str(of))
        if not parts:
            return own
        whole = local_id("collection", digest([own, *parts]), name)
        members = [ref(own), *map(ref, parts)]
        shown = {"@type": "Collection", "@id": whole, "name": name, "mainEntity": ref(own)}
        writer.once({**shown, "hasPart": members, "exampleOfWork": of}, whole + str(of))
        return whole


def execution_id(task: Task) -> str:
    """Return the id of an execution: of its step, its item, and its attempt but the first."""
    attempt = (f"attempt {task.attempt}",) if task.attempt > 1 else ()
    return local_id("action", *task.step, *(f"item {i}" for i in task.index), *attempt)


def _identity(node: File | Directory) -> tuple[str, str]:
    """Return the name of a file or folder, and what it is known by."""
    location = node.location or node.path or ""
    name = node.basename or location.rstrip("/").rpartition("/")[2] or "file"
    if isinstance(node, Directory):
        inside = [_identity(each) for each in node.listing or ()]
        return name, digest(inside or [location, name])
    sha1, sha256 = recorded(node)
    return name, sha256 or sha1 or digest(location or node.contents or name)
