"""Registering a crate as a workflow, or as a new version of one, once however often it is tried.

Where the crate says where it is from and which version it is, the hub itself keeps it single. Else
the notes beside the crate say what was there before, and what is new is looked at.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from fairwf.crates import open_crate
from fairwf.crates.read import types
from fairwf.publish.http import Client, find_token, parse_address
from fairwf.publish.state import StateFile, opened
from fairwf.publish.subject import Piece, Subject
from fairwf.publish.target import Order, Publication, SentFile
from fairwf.publish.workflowhub.api import (
    Workflow,
    Workflows,
    access_of,
    is_id,
    title_of,
    version_of,
)
from fairwf.publish.workflowhub.sources import readable_by_hub, source_of
from fairwf.report import EnvironmentFault, InvalidError, Report, UsageFault

_PROJECT = re.compile(r"\d{1,12}\Z")
_HIDDEN, _PUBLIC = "no_access", "download"


@dataclass(frozen=True)
class Hub:
    """A SEEK. ``variable`` is the environment variable of the token."""

    name: str
    variable: str
    url: str
    advice: str

    def publish(self, subject: Subject, order: Order, report: Report) -> Publication:
        """Register a crate, continue, or plan it.

        Raises:
            InvalidError: it is no workflow crate, or the hub refuses it.
            UsageFault: no project is named.
            EnvironmentFault: the hub is out of reach, or refuses the token.
        """
        if order.output is not None:
            raise UsageFault.of("FWF9001", f"--to {self.name} has no -o")
        if order.project is None or not _PROJECT.match(order.project):
            raise UsageFault.of(
                "FWF9001",
                f"--to {self.name} needs --project NUMBER, the team that owns the workflow",
                hint="the number in the address of its page, https://workflowhub.eu/projects/NUMBER",
            )
        address = parse_address(order.url or self.url, order.allow_http)
        source = source_of(subject)
        _require(subject)
        if order.dry_run:
            return self._planned(subject, str(address), source, order)
        token = find_token(self.variable, address.name, self.advice)
        client = Client(address, token, scheme="Token", patience=order.patience, say=order.say)
        host = "".join(c if c.isalnum() or c in ".-" else "_" for c in address.name)
        with (
            closing(client),
            opened(subject.path, f"{self.name}-{host}", report) as state,
        ):
            piece = subject.crate_piece(state.scratch, readable_by_hub(subject))
            work = _Registration(self.name, subject, order, report, client, state, piece)
            return work.run(source)

    def _planned(
        self, subject: Subject, address: str, source: str | None, order: Order
    ) -> Publication:
        requests = [f"POST {address}/workflows/submit"]
        if source is None:
            requests = [
                f"GET {address}/people/current",
                f"POST {address}/workflows, or {address}/workflows/ID/create_version",
            ]
        if order.make_public:
            requests.append(f"PATCH {address}/workflows/ID")
        metadata: dict[str, Any] = {
            "workflow[project_ids][]": order.project,
            "ro_crate": subject.archive_name,
        }
        return Publication(
            target=self.name,
            server=address,
            status="planned",
            files=[SentFile(name=subject.archive_name, size=subject.archive_size)],
            metadata=metadata,
            requests=requests,
        )


@dataclass
class _Registration:
    name: str
    subject: Subject
    order: Order
    report: Report
    client: Client
    file: StateFile
    piece: Piece

    def run(self, source: str | None) -> Publication:
        state = self.file.state
        workflows = Workflows(self.client, self.order.project or "")
        self.file.save(server=str(self.client.address))
        before = state.files.get("crate")
        digest = f"md5:{self.piece.md5}"
        known = workflows.get(state.record) if is_id(state.record) and state.record else None
        fresh = known is None
        sent = True
        if known is not None and before == digest and not state.creating:
            found, sent = known, False
        elif source is not None:
            self._say_sending()
            found = workflows.submit(self.piece)
            self._tell_kept(known, found, source)
        elif known is not None:
            found = self._version(workflows, known)
        else:
            found = self._created(workflows)
        identifier = str(found["id"])
        self.file.save(
            record=identifier, creating=False, known=None, version=version_of(found),
            files={"crate": digest},
        )  # fmt: skip
        self.client.kept = f"workflow {identifier} is kept"
        shared = self._shared(workflows, found, fresh)
        return self._result(shared, sent, changed=sent or shared is not found)

    # --- once ---------------------------------------------------------------------------------

    def _created(self, workflows: Workflows) -> Workflow:
        state = self.file.state
        known = state.known if state.creating and state.record is None else None
        if known is not None:
            found = self._made(workflows, known)
            if found is not None:
                return found
        else:
            known = workflows.own()
            self.file.save(record=None, creating=True, known=known, files={})
        self._say_sending()
        return self.client.settle(
            lambda: workflows.create(self.piece), lambda: self._made(workflows, known)
        )

    def _made(self, workflows: Workflows, known: list[str]) -> Workflow | None:
        """Return the workflow that a request made whose answer was lost."""
        new = [workflows.get(each) for each in workflows.own() if each not in known]
        ours = [each for each in new if each is not None and title_of(each) == self._title]
        if len(ours) > 1:
            ids = ", ".join(str(each["id"]) for each in ours)
            raise EnvironmentFault.of(
                "FWF5203",
                f"{self.client.address.name} has several new workflows of this title: {ids}",
                hint=f"delete those that are too many; then delete {self.file.folder} and call it "
                "again",
            )
        return ours[0] if ours else None

    def _version(self, workflows: Workflows, known: Workflow) -> Workflow:
        identifier = str(known["id"])
        state = self.file.state
        if state.creating and state.version is not None and version_of(known) > state.version:
            return known  # the answer of an earlier call was lost
        number = version_of(known)
        self.file.save(creating=True, version=number)
        self._say_sending()

        def look() -> Workflow | None:
            found = workflows.get(identifier)
            return found if found is not None and version_of(found) > number else None

        comment = self.subject.facts.version or ""
        return self.client.settle(
            lambda: workflows.create_version(identifier, self.piece, comment), look
        )

    # --- visible or not -----------------------------------------------------------------------

    def _shared(self, workflows: Workflows, found: Workflow, fresh: bool) -> Workflow:
        access = access_of(found)
        if self.order.make_public and access not in (_PUBLIC, "edit", "manage"):
            return workflows.share(found, _PUBLIC)
        if not self.order.make_public and fresh and access not in (None, _HIDDEN):
            # The team's default would show at once what was not to be published yet.
            return workflows.share(found, _HIDDEN)
        return found

    # --- what to say --------------------------------------------------------------------------

    @property
    def _title(self) -> str:
        return self.subject.facts.title or ""

    def _say_sending(self) -> None:
        self.order.say(f"sending {self.piece.key} ({self.piece.size} octets)")

    def _tell_kept(self, known: Workflow | None, found: Workflow, source: str) -> None:
        if known is not None and version_of(known) == version_of(found):
            self.report.add(
                "FWF5205",
                f"the hub has version {self.subject.facts.version} of {source:.100} already and "
                "keeps it as it is",
                file=str(self.subject.path),
                hint="raise the version in the root of the crate for what has changed",
            )

    def _result(self, found: Workflow, sent: bool, changed: bool) -> Publication:
        access = access_of(found)
        public = self.order.make_public or access not in (None, _HIDDEN)
        status: Any = "published" if public else "draft"
        number = version_of(found)
        identifier = str(found["id"])
        return Publication(
            target=self.name,
            server=str(self.client.address),
            status=status if changed or not public else "unchanged",
            record=identifier,
            version=str(number) if number else None,
            url=f"{self.client.address}/workflows/{identifier}?version={number}",
            files=[
                SentFile(
                    name=self.piece.key,
                    size=self.piece.size,
                    checksum=f"md5:{self.piece.md5}",
                    sent=sent,
                )
            ],
        )


def _require(subject: Subject) -> None:
    """Check what the hub refuses a crate for.

    Raises:
        InvalidError: something is missing (FWF5201).
    """
    found = Report()
    file = str(subject.path)
    with open_crate(subject.path) as crate:
        if "ComputationalWorkflow" not in types(crate.main or {}):
            found.add(
                "FWF5201",
                "the crate has no main workflow, and WorkflowHub registers workflows",
                file=file,
                hint="fairwf package WORKFLOW -o CRATE makes a workflow crate; data goes to a "
                "repository: --to zenodo",
            )
    if not subject.facts.title:
        found.add("FWF5201", "the crate has no name", file=file, hint="fairwf package --name TEXT")
    if not found.ok:
        raise InvalidError(found)
