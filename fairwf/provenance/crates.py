"""A run crate's metadata as provenance (Workflow Run RO-Crate 0.1 to 0.6).

Crates of any producer are read; what one does not say is left out.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, unquote, urljoin

from fairwf.entities.reading import ids, types, values
from fairwf.provenance.model import Link, Node, Provenance, Scalar

_NO_IRI = re.compile(r"[\s<>\"{}|\\^`\x00-\x20]")
_ACTIONS = ("CreateAction", "UpdateAction", "ActivateAction")
_DATA = ("wfprov:Artifact", "p-plan:Entity", "provone:Data")
_ATTRIBUTES = {
    "sha256": "wfrun:sha256",
    "sha1": "wfrun:sha1",
    "contentSize": "schema:contentSize",
    "actionStatus": "schema:actionStatus",
    "error": "schema:error",
    "value": "prov:value",
}


class CrateMetadata(Protocol):
    """What is needed of a crate: the octets of its metadata file, and its entities by id."""

    @property
    def name(self) -> str:
        """What messages call it: its path."""

    @property
    def metadata(self) -> bytes:
        """The metadata file."""

    @property
    def entities(self) -> Mapping[str, Mapping[str, Any]]:
        """The entities by ``@id``."""

    def open(self, identifier: str) -> BinaryIO:
        """Return a stream of a file of the crate."""


def crate_base(metadata: bytes) -> str:
    """Return the IRI that a crate's relative ids are resolved against, the same for the same crate.

    It is an ``arcp`` IRI, as CWLProv uses.
    """
    name = hashlib.sha256(metadata).hexdigest()
    return f"arcp://uuid,{uuid.uuid5(uuid.NAMESPACE_URL, f'sha256:{name}')}/"


def provenance_of_crate(crate: CrateMetadata) -> Provenance:
    """Return the provenance that a run crate tells, with the executions in files beside it."""
    from fairwf.provenance.attached import base_of, with_attached

    return _Reader(with_attached(crate), base_of(crate)).read()


class _Reader:
    def __init__(self, entities: Mapping[str, Mapping[str, Any]], base: str) -> None:
        self._entities = entities
        self._told = Provenance(base)

    def read(self) -> Provenance:
        for entity in self._of(*_ACTIONS):
            self._action(entity)
        for entity in self._of("OrganizeAction"):
            self._organize(entity)
        for entity in self._of("ControlAction"):
            for action in self._each(entity.get("object")):
                for step in self._each(entity.get("instrument")):
                    self._step(action, step)
        for entity in self._of("AuthorizeAction"):
            self._approval(entity)
        self._connect()
        return self._told

    def _connect(self) -> None:
        """Tell of values that reach an action changed, which its parameters' connections say.

        Files are the same entity where they are made and where they are used; other values are
        not, when an expression picks a part of them.
        """
        back: dict[str, list[str]] = defaultdict(list)
        for connection in self._of("ParameterConnection"):
            for target in ids(connection.get("targetParameter")):
                back[target] += ids(connection.get("sourceParameter"))
        made: dict[str, list[tuple[str, str]]] = defaultdict(list)
        actions = list(self._of(*_ACTIONS))
        for action in actions:
            gives = {p for i in self._each(action.get("instrument")) for p in ids(i.get("output"))}
            for entity in self._each(action.get("result")):
                if "PropertyValue" in types(entity):
                    for parameter in gives.intersection(ids(entity.get("exampleOfWork"))):
                        made[parameter].append((self._iri(action), self._iri(entity)))
        frames = self._frames()
        for action in actions if made and back else ():
            own = self._iri(action)
            around = _chain(frames, own)
            takes = [p for i in self._each(action.get("instrument")) for p in ids(i.get("input"))]
            for parameter in _sources(takes, back):
                for maker, value in made.get(parameter, ()):
                    theirs = _chain(frames, maker)
                    if maker != own and (frames.get(maker) in around or frames.get(own) in theirs):
                        self._told.relate("used", own, value)

    def _frames(self) -> dict[str, str]:
        """Return for each action the workflow execution that it is a part of."""
        found = {}
        for organized in self._of("OrganizeAction"):
            for whole in ids(organized.get("result")):
                for control in self._each(organized.get("object")):
                    for part in self._each(control.get("object")):
                        found[self._iri(part)] = self._iri({"@id": whole})
        return found

    def _of(self, *names: str) -> Iterator[Mapping[str, Any]]:
        return (e for e in self._entities.values() if set(names).intersection(types(e)))

    def _each(self, value: Any) -> Iterator[Mapping[str, Any]]:
        for item in values(value):
            name = item.get("@id") if isinstance(item, dict) else None
            found = self._entities.get(name) if isinstance(name, str) else None
            if found is not None:
                yield found

    def _iri(self, entity: Mapping[str, Any]) -> str:
        identifier = str(entity.get("@id", ""))
        if identifier.startswith("_:"):
            identifier = "#" + identifier[2:]
        try:
            found = urljoin(self._told.base.replace("arcp:", "http:", 1), identifier)
        except ValueError:  # http://[x
            found = identifier
        ours = self._told.base.replace("arcp:", "http:", 1)
        iri = self._told.base + found[len(ours) :] if found.startswith(ours) else identifier
        if not iri.partition(":")[1]:
            iri = self._told.base + iri
        return _NO_IRI.sub(lambda match: quote(match[0]), iri)

    def _action(self, entity: Mapping[str, Any]) -> None:
        told = self._told
        node = self._node(entity, "activity")
        instruments = list(self._each(entity.get("instrument")))
        is_workflow = any("ComputationalWorkflow" in types(i) for i in instruments)
        kind = "wfprov:WorkflowRun" if is_workflow else "wfprov:ProcessRun"
        node.types = (kind, "p-plan:Activity", "provone:Execution")
        plan = next(iter(instruments), None)
        plan_id = self._plan(plan) if plan is not None else None
        for agent in self._each(entity.get("agent")):
            told.relate("wasAssociatedWith", node.id, self._agent(agent), plan=plan_id)
        for used in self._data(entity.get("object")):
            told.relate("used", node.id, *used)
        for given, role in self._data(entity.get("result")):
            told.relate("wasGeneratedBy", given, node.id, role)

    def _approval(self, entity: Mapping[str, Any]) -> None:
        """Tell that a person said yes to a step."""
        node = self._node(entity, "activity")
        node.types = ("schema:AuthorizeAction",)
        for agent in self._each(entity.get("agent")):
            self._told.relate("wasAssociatedWith", node.id, self._agent(agent))
        about = [Link(self._iri(step)) for step in self._each(entity.get("object"))]
        if about:
            node.attributes["schema:object"] = [*about]

    def _organize(self, entity: Mapping[str, Any]) -> None:
        for engine in self._each(entity.get("instrument")):
            agent = self._node(engine, "agent")
            agent.types = ("prov:SoftwareAgent", "wfprov:WorkflowEngine")
            for person in self._each(entity.get("agent")):
                self._told.relate("actedOnBehalfOf", agent.id, self._agent(person))
            whole = list(self._each(entity.get("result")))
            controls = self._each(entity.get("object"))
            parts = [a for control in controls for a in self._each(control.get("object"))]
            for action in (*whole, *parts):
                plan = next(self._each(action.get("instrument")), None)
                known = self._iri(plan) if plan is not None else None
                self._told.relate("wasAssociatedWith", self._iri(action), agent.id, plan=known)
            for part in parts:
                node = self._told.nodes.get(self._iri(part))
                if node is not None and whole:
                    node.attributes["wfprov:wasPartOfWorkflowRun"] = [Link(self._iri(whole[0]))]

    def _step(self, action: Mapping[str, Any], step: Mapping[str, Any]) -> None:
        node = self._told.nodes.get(self._iri(action))
        known = self._node(step, "entity")
        known.types = ("prov:Plan", "p-plan:Step", "wfdesc:Process")
        if node is not None:
            node.attributes["p-plan:correspondsToStep"] = [Link(known.id)]

    def _plan(self, entity: Mapping[str, Any]) -> str:
        node = self._node(entity, "entity")
        is_workflow = "ComputationalWorkflow" in types(entity)
        own = ("wfdesc:Workflow", "p-plan:Plan") if is_workflow else ("provone:Program",)
        node.types = ("prov:Plan", *own)
        return node.id

    def _agent(self, entity: Mapping[str, Any]) -> str:
        node = self._node(entity, "agent")
        is_organisation = "Organization" in types(entity)
        node.types = ("prov:Organization" if is_organisation else "prov:Person",)
        return node.id

    def _data(self, value: Any) -> Iterator[tuple[str, str | None]]:
        for entity in self._each(value):
            node = self._node(entity, "entity")
            node.types = tuple(dict.fromkeys((*node.types, *_DATA)))
            yield node.id, self._role(entity)
            if {"Collection", "Dataset"} & set(types(entity)):
                node.types = tuple(dict.fromkeys((*node.types, "prov:Collection")))
                for part in self._each(entity.get("hasPart")):
                    member = self._node(part, "entity")
                    member.types = tuple(dict.fromkeys((*member.types, *_DATA)))
                    self._told.relate("hadMember", node.id, member.id)

    def _role(self, entity: Mapping[str, Any]) -> str | None:
        names = {str(p.get("name")) for p in self._each(entity.get("exampleOfWork"))}
        return next(iter(names)) if len(names) == 1 else None

    def _node(self, entity: Mapping[str, Any], kind: Any) -> Node:
        identifier = str(entity.get("@id", ""))
        name = _first(entity.get("name")) or identifier
        node = Node(self._iri(entity), kind, str(name))
        if kind == "activity":
            started, ended = _first(entity.get("startTime")), _first(entity.get("endTime"))
            node.started = None if started is None else str(started)
            node.ended = None if ended is None else str(ended)
        if kind == "entity" and "://" not in identifier and not identifier.startswith("#"):
            node.path = unquote(identifier.removeprefix("./"))
        sha256 = _first(entity.get("sha256"))
        node.sha256 = str(sha256) if sha256 else None
        for key, attribute in _ATTRIBUTES.items():
            told: list[Scalar] = [
                v for v in values(entity.get(key)) if isinstance(v, (str, int, float, bool))
            ]
            if told:
                node.attributes[attribute] = told
        return self._told.add(node)


def _chain(frames: Mapping[str, str], action: str) -> list[str]:
    """Return the workflow executions around an action, inner ones first."""
    found: list[str] = []
    while (outer := frames.get(action)) is not None and outer not in found:
        found.append(outer)
        action = outer
    return found


def _sources(parameters: list[str], back: Mapping[str, list[str]]) -> list[str]:
    """Return all parameters that some come from, through those of workflows."""
    found: dict[str, None] = {}
    pending = list(parameters)
    while pending:
        for source in back.get(pending.pop(), ()):
            if source not in found:
                found[source] = None
                pending.append(source)
    return list(found)


def _first(value: Any) -> Any:
    return next((v for v in values(value) if isinstance(v, (str, int, float))), None)
