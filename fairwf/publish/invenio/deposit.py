"""Publishing in an InvenioRDM repository: one draft for one crate, however often it is tried.

The draft is found by the notes beside the crate, else by the crate's URN among the identifiers of
the user's own drafts, else by the DOI that stands in the crate. Only then a new one is made.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from fairwf.publish.http import Address, Client, find_token, parse_address
from fairwf.publish.http.client import error_text
from fairwf.publish.invenio.drafts import Draft, Drafts, doi_of, is_id, page_of
from fairwf.publish.invenio.files import Files, Sizes, entries
from fairwf.publish.invenio.record import record_metadata
from fairwf.publish.invenio.vocabulary import settled
from fairwf.publish.state import StateFile, opened
from fairwf.publish.subject import Piece, Subject
from fairwf.publish.target import Order, Publication, SentFile
from fairwf.report import Report, UsageFault


@dataclass(frozen=True)
class Repository:
    """A kind of InvenioRDM repository.

    ``variable`` is the environment variable of the token, ``publisher`` the name of the repository
    where it is known, ``url`` where it usually is.
    """

    name: str
    variable: str
    url: str | None = None
    publisher: str | None = None
    advice: str = "make a personal access token in the settings of your account, under Applications"
    sizes: Sizes = Sizes()  # noqa: RUF009 - frozen

    def publish(self, subject: Subject, order: Order, report: Report) -> Publication:
        """Publish a crate, continue a publication that was interrupted, or plan one.

        Raises:
            InvalidError: the crate lacks a required field, or the server refuses it.
            UsageFault: no server is named.
            EnvironmentFault: the server is out of reach, or refuses the token.
        """
        url = order.url or self.url
        if url is None:
            raise UsageFault.of(
                "FWF9001", f"--to {self.name} needs --url", hint="--url https://repository.example"
            )
        if order.output is not None or order.project is not None:
            raise UsageFault.of("FWF9001", f"--to {self.name} has no -o and no --project")
        address = parse_address(url.rstrip("/").removesuffix("/api"), order.allow_http)
        metadata = record_metadata(
            subject.facts, subject.identity, report, str(subject.path), self.publisher
        )
        if order.dry_run:
            return self._planned(subject, address, metadata, order)
        token = find_token(self.variable, address.host, self.advice)
        with (
            closing(Client(address, token, patience=order.patience, say=order.say)) as client,
            opened(subject.path, self.name, str(address), report) as state,
        ):
            return _Deposit(self, subject, order, report, client, state).run(metadata)

    def _planned(
        self, subject: Subject, address: Address, metadata: dict[str, Any], order: Order
    ) -> Publication:
        files = [SentFile(name=subject.archive_name, size=subject.archive_size)]
        files += [
            SentFile(name=name, size=size)
            for name, size in subject.files.items()
            if name in subject.separate
        ]
        requests = [
            f'GET {address}/api/user/records?q="{subject.identity}"',
            f"POST {address}/api/records",
            f"POST {address}/api/records/ID/draft/pids/doi",
        ]
        for file in files:
            path = f"{address}/api/records/ID/draft/files"
            requests += [
                f"POST {path}",
                f"PUT {path}/{file.name}/content",
                f"POST {path}/{file.name}/commit",
            ]
        if order.make_public:
            requests.append(f"POST {address}/api/records/ID/draft/actions/publish")
        return Publication(
            target=self.name,
            server=str(address),
            status="planned",
            files=files,
            metadata=settled(metadata, subject.facts.licences, lambda place, term: True),
            requests=requests,
        )


class _Deposit:
    def __init__(
        self,
        repository: Repository,
        subject: Subject,
        order: Order,
        report: Report,
        client: Client,
        state: StateFile,
    ) -> None:
        self._repository = repository
        self._subject = subject
        self._order = order
        self._report = report
        self._client = client
        self._drafts = Drafts(client)
        self._file = state
        self._state = state.state

    def run(self, metadata: dict[str, Any]) -> Publication:
        identity = self._state.identity or self._subject.identity
        _name(metadata, self._subject.identity, identity)
        self._file.save(identity=identity)
        draft, record = self._continued(identity)
        if record is not None:
            pieces = self._pieces()
            if self._is_published(record, pieces):
                return self._result("unchanged", record, self._present(pieces))
            draft = self._next_version(record)
        metadata = settled(metadata, self._subject.facts.licences, self._drafts.knows)
        digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode()).hexdigest()
        if draft is None:
            draft = self._created(metadata, identity)
            self._file.save(sent=digest)
        elif self._state.sent != digest:
            draft = self._drafts.update(draft, metadata)
            self._file.save(sent=digest)
        self._tell_faults(draft)
        doi = self._drafts.reserve(draft)
        if doi is not None:
            self._state_doi(doi)
        sent = self._upload(draft)
        if not self._order.make_public:
            return self._result("draft", draft, sent, doi)
        published = self._drafts.publish(draft)
        return self._result("published", published, sent, doi)

    # --- which draft --------------------------------------------------------------------------

    def _continued(self, identity: str) -> tuple[Draft | None, Draft | None]:
        """Return the draft to go on with, or the record that was published."""
        draft = record = None
        known = self._state.record if is_id(self._state.record) else None
        if known is None:
            doi = next(iter(self._subject.dois), None)
            found = self._drafts.own(identity, doi, certain=self._state.creating)
            known = str(found["id"]) if found is not None else None
        if known is not None:
            draft = self._drafts.draft(known)
            # The draft of a published record is an edit of its metadata, no deposit of ours.
            if draft is None or draft.get("is_published"):
                draft, record = None, self._drafts.record(known)
        if draft is None and record is None:
            self._forget()
        else:
            self._keep(draft or record or {}, published=record is not None)
        return draft, record

    def _forget(self) -> None:
        """Start anew: what the notes name was deleted on the server."""
        self._file.save(record=None, sent=None, files={}, parts={})

    def _keep(self, draft: Draft, published: bool = False) -> None:
        doi = doi_of(draft)
        dois = [*self._state.dois, *([doi] if doi and doi not in self._state.dois else [])]
        self._file.save(record=str(draft["id"]), creating=False, dois=dois)
        self._client.kept = (
            "the published record is unharmed" if published else f"the draft {draft['id']} is kept"
        )

    def _created(self, metadata: dict[str, Any], identity: str) -> Draft:
        self._file.save(creating=True)
        draft = self._client.settle(
            lambda: self._drafts.create(metadata),
            lambda: self._drafts.own(identity, None, certain=True),
        )
        self._keep(draft)
        self._order.say(f"draft {draft['id']} on {self._client.address.host}")
        return draft

    def _next_version(self, record: Draft) -> Draft:
        draft = self._drafts.new_version(str(record["id"]))
        self._file.save(sent=None, files={}, parts={})
        self._keep(draft)
        self._order.say(f"draft {draft['id']} of a new version on {self._client.address.host}")
        return draft

    # --- contents -----------------------------------------------------------------------------

    def _state_doi(self, doi: str) -> None:
        if doi not in self._state.dois:
            self._file.save(dois=[*self._state.dois, doi])
        replaced = [other for other in self._state.dois if other != doi]
        for other in self._subject.dois:
            if other not in self._state.dois:
                self._report.add(
                    "FWF5205",
                    f"the record does not say that the crate has the DOI {other}, too",
                    file=str(self._subject.path),
                    hint="add it on the page of the draft, as an alternate identifier",
                )
        if self._subject.state_doi(doi, replaced, self._file.scratch):
            self._order.say(f"{doi} is written into {self._subject.path}")

    def _pieces(self) -> list[Piece]:
        return self._subject.deposit_pieces(self._file.scratch)

    def _upload(self, draft: Draft) -> list[SentFile]:
        pieces = self._pieces()
        files = Files(
            self._client,
            str(draft["id"]),
            self._file,
            self._order.say,
            self._repository.sizes,
        )
        return files.send_all(pieces)

    def _is_published(self, record: Draft, pieces: list[Piece]) -> bool:
        """Tell whether a published record has these very files."""
        there = entries(self._client.get(f"/api/records/{record['id']}/files"))
        return all(
            there.get(piece.key, {}).get("checksum") == f"md5:{piece.md5}" for piece in pieces
        )

    # --- what to say --------------------------------------------------------------------------

    def _tell_faults(self, draft: Draft) -> None:
        """Tell what the server finds wrong in a draft, which it takes all the same."""
        errors = draft.get("errors")
        for error in errors if isinstance(errors, list) else ():
            if isinstance(error, dict):
                text = " ".join(error_text(error).split())
                self._report.add(
                    "FWF5205", f"{self._client.address.host} says of the draft: {text:.300}",
                    file=str(self._subject.path),
                )  # fmt: skip

    @staticmethod
    def _present(pieces: list[Piece]) -> list[SentFile]:
        return [SentFile(name=p.key, size=p.size, checksum=f"md5:{p.md5}") for p in pieces]

    def _result(
        self, status: Any, draft: Draft, files: list[SentFile], doi: str | None = None
    ) -> Publication:
        found = draft.get("metadata")
        metadata: dict[str, Any] = found if isinstance(found, dict) else {}
        version = metadata.get("version")
        return Publication(
            target=self._repository.name,
            server=str(self._client.address),
            status=status,
            record=str(draft["id"]),
            version=version if isinstance(version, str) else None,
            doi=doi_of(draft) or doi,
            url=page_of(draft),
            files=files,
        )


def _name(metadata: dict[str, Any], old: str, new: str) -> None:
    """Put the identity that the draft was made with in place of that of the crate as it is now."""
    for identifier in metadata["identifiers"]:
        if identifier["identifier"] == old:
            identifier["identifier"] = new
