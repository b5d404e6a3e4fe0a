"""Registering a crate as a workflow, or as a new version of one, once however often it is tried.

Where the crate says where it is from and which version it is, the hub itself keeps it single. Else
the notes beside the crate say what was there before, and what is new is looked at.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import Any

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
_MOST_LOOKED_AT = 100


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
        _require(subject)
        source = source_of(subject)
        if order.dry_run:
            return self._planned(subject, str(address), source, order)
        token = find_token(self.variable, address.host, self.advice)
        client = Client(address, token, scheme="Token", patience=order.patience, say=order.say)
        with (
            closing(client),
            opened(subject.path, self.name, str(address), report) as state,
        ):
            piece = subject.crate_piece(state.scratch, readable_by_hub(subject))
            work = _Registration(self.name, subject, order, report, client, state, piece)
            return work.run(source)

    def _planned(
        self, subject: Subject, address: str, source: str | None, order: Order
    ) -> Publication:
        register = f"POST {address}/workflows/submit"
        if source is None:
            register = f"POST {address}/workflows, or {address}/workflows/ID/create_version"
        requests = [f"GET {address}/people/current", register]
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
    _there: tuple[str, ...] = ()  # workflows of which the notes do not know

    def run(self, source: str | None) -> Publication:
        workflows = Workflows(self.client, self.order.project or "")
        known = self._continued(workflows)
        if known is None and not self.file.state.creating:
            self.file.save(record=None, version=None, files={})
            known = self._namesake(workflows) if source is not None else None
        if known is not None:
            self.client.kept = f"workflow {known['id']} is kept"
            if not self.order.make_public:
                known = self._shared(workflows, known)
        held = self.file.state.files.get("crate")
        if known is not None and held == self._digest:
            self._note(known, held)
            shared = self._shared(workflows, known)
            return self._result(shared, sent=False, changed=shared is not known)
        self._forbid_showing(known)
        found = self._sent(workflows, known, source)
        before = (known["id"], version_of(known)) if known is not None else None
        if before is not None and before[0] != found["id"]:
            self.file.save(fresh=True)  # another source address, and so another workflow
        if found["id"] in self._there:
            self.file.save(fresh=False)
        kept = before == (found["id"], version_of(found))
        if kept:
            self._tell_kept(source)
        else:
            self._tell_shown(found)
            held = self.file.state.files.get("sending")
        self._note(found, held)
        shared = self._shared(workflows, found)
        return self._result(shared, sent=True, changed=not kept or shared is not found)

    @property
    def _digest(self) -> str:
        return f"md5:{self.piece.md5}"

    # --- once ---------------------------------------------------------------------------------

    def _continued(self, workflows: Workflows) -> Workflow | None:
        """Return the workflow of the notes, with what a call did whose answer was lost."""
        state = self.file.state
        known = workflows.get(state.record) if state.record and is_id(state.record) else None
        if not state.creating:
            return known
        if state.record is None and state.known is not None:
            known = self._made(workflows, state.known)
            done = known is not None
        else:
            done = state.version is not None and version_of(known or {}) > state.version
        if known is not None and done:
            self._note(known, state.files.get("sending"))
        return known

    def _namesake(self, workflows: Workflows) -> Workflow | None:
        """Return what may be the workflow of this crate where there are no notes of it.

        The hub finds it by the source address, which it does not show. By the title: one that is
        public, else the newest.
        """
        self._there = tuple(sorted(workflows.own(), key=int, reverse=True))
        found = [workflows.get(each) for each in self._there[:_MOST_LOOKED_AT]]
        ours = [w for w in found if w is not None and title_of(w) == self.subject.facts.title]
        ours.sort(key=lambda each: access_of(each) == _HIDDEN)
        return ours[0] if ours else None

    def _note(self, found: Workflow, digest: str | None) -> None:
        """Write down which crate the hub has; where that is not certain, none."""
        identifier = str(found["id"])
        self.file.save(
            record=identifier, creating=False, known=None, title=None,
            version=version_of(found), files={"crate": digest} if digest else {},
        )  # fmt: skip
        self.client.kept = f"workflow {identifier} is kept"

    def _sent(self, workflows: Workflows, known: Workflow | None, source: str | None) -> Workflow:
        """Send the crate: as a new workflow, or as a version of the one that is known."""
        state = self.file.state
        listed, sending = None, self._digest
        if known is None:
            if state.creating and state.record is None:
                listed = state.known
                if state.files.get("sending", sending) != sending:
                    # The hub may have taken the crate as it was at that call, and then keeps it.
                    sending = "unknown" if source is not None else sending
            if source is None and listed is None:
                listed = workflows.own()
        held = {key: digest for key, digest in state.files.items() if key == "crate"}
        self.file.save(
            creating=True,
            fresh=state.fresh or known is None,
            record=str(known["id"]) if known is not None else None,
            known=listed,
            title=self.subject.facts.title,
            version=version_of(known) if known is not None else None,
            files={**(held if known is not None else {}), "sending": sending},
        )
        self.order.say(f"sending {self.piece.key} ({self.piece.size} octets)")
        if source is not None:
            return workflows.submit(self.piece)
        if known is None:
            return self.client.settle(
                lambda: workflows.create(self.piece), lambda: self._made(workflows, listed or [])
            )
        return self._version(workflows, known)

    def _made(self, workflows: Workflows, known: list[str]) -> Workflow | None:
        """Return the workflow that a request made whose answer was lost."""
        new = [workflows.get(each) for each in workflows.own() if each not in known]
        title = self.file.state.title or self.subject.facts.title or ""
        ours = [each for each in new if each is not None and title_of(each) == title]
        if len(ours) > 1:
            ids = ", ".join(str(each["id"]) for each in ours)
            raise EnvironmentFault.of(
                "FWF5203",
                f"{self.client.address.host} has several new workflows of this title: {ids}",
                hint=f"delete those that are too many; then delete {self.file.folder} and call it "
                "again",
            )
        return ours[0] if ours else None

    def _version(self, workflows: Workflows, known: Workflow) -> Workflow:
        identifier, number = str(known["id"]), version_of(known)

        def look() -> Workflow | None:
            found = workflows.get(identifier)
            return found if found is not None and version_of(found) > number else None

        comment = self.subject.facts.version or ""
        return self.client.settle(
            lambda: workflows.create_version(identifier, self.piece, comment), look
        )

    # --- visible or not -----------------------------------------------------------------------

    def _forbid_showing(self, known: Workflow | None) -> None:
        """Refuse to send a version that everybody would see at once, where nobody asked for it.

        Raises:
            InvalidError: the workflow is public (FWF5209).
        """
        if known is None or self.order.make_public or access_of(known) == _HIDDEN:
            return
        seen = "is public" if access_of(known) else "may be public (the hub does not say)"
        raise InvalidError.of(
            "FWF5209",
            f"workflow {known['id']} {seen}: the hub has no drafts of versions, so everybody would "
            "see the new one at once; nothing was sent",
            file=str(self.subject.path),
            hint="--publish adds the new version",
        )

    def _shared(self, workflows: Workflows, found: Workflow) -> Workflow:
        access, fresh = access_of(found), self.file.state.fresh
        if self.order.make_public and access not in (_PUBLIC, "edit", "manage"):
            found = workflows.share(found, _PUBLIC)
        elif not self.order.make_public and fresh and access != _HIDDEN:
            # The team's default would show at once what was not to be published yet.
            found = workflows.share(found, _HIDDEN)
        if fresh:
            self.file.save(fresh=False)
        return found

    # --- what to say --------------------------------------------------------------------------

    def _tell_shown(self, found: Workflow) -> None:
        seen = found["id"] in self._there and access_of(found) != _HIDDEN
        if seen and not self.order.make_public:
            self.report.add(
                "FWF5205",
                f"workflow {found['id']} was there already and is public, and so is what was sent",
                file=str(self.subject.path),
                hint="who sees it is set on its page",
            )

    def _tell_kept(self, source: str | None) -> None:
        self.report.add(
            "FWF5205",
            f"the hub has version {self.subject.facts.version} of {source or 'it':.100} already "
            "and keeps it as it is",
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
    if subject.facts.kind not in ("workflow", "run"):
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
