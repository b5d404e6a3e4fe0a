"""The REST API of drafts and records of InvenioRDM ("Drafts and Records", v14 of the reference)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from fairwf.ir import identifiers
from fairwf.ir.iris import is_iri
from fairwf.publish.http import Answer, Client
from fairwf.report import EnvironmentFault

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_LONGEST_DOI = 220
_LOOKS = 6
_PAGE = 25
_GONE = (404, 410)

Draft = Mapping[str, Any]


class Drafts:
    """Drafts and records of the owner of the token."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._terms: dict[tuple[str, str], bool] = {}

    # --- finding ------------------------------------------------------------------------------

    def draft(self, record: str) -> Draft | None:
        """Return a draft by its id; None where there is none."""
        return self._found(self._get(f"/api/records/{record}/draft"))

    def record(self, record: str) -> Draft | None:
        """Return a published record by its id; None where there is none."""
        return self._found(self._get(f"/api/records/{record}"))

    def own(self, identity: str, doi: str | None, certain: bool) -> Draft | None:
        """Return the newest draft or record of ours with an identity, or with a DOI.

        Args:
            identity: the URN among the alternate identifiers.
            doi: a DOI that the crate has already.
            certain: there may be one that the server's search does not show yet, so that an empty
                answer is asked for again.
        """
        patience = self._client.patience.fresh()
        for _ in range(_LOOKS):
            for query in (identity, doi):
                found = [d for d in self._search(query) if _is_ours(d, identity, doi)]
                if found:
                    return max(found, key=lambda d: str(d.get("created", "")))
            if not (certain and patience.wait()):
                break
        return None

    def _search(self, text: str | None) -> Iterator[Draft]:
        if text is None:
            return
        params = {"q": f'"{text}"', "size": str(_PAGE), "allversions": "true"}
        answer = self._client.get("/api/user/records", params)
        hits = answer.get("hits", "hits")
        for hit in hits if isinstance(hits, list) else ():
            if isinstance(hit, dict) and is_id(hit.get("id")):
                yield hit

    # --- making -------------------------------------------------------------------------------

    def create(self, metadata: Mapping[str, Any]) -> Draft:
        """Make a draft. Raises LostError where nobody knows whether it was made."""
        data = {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": metadata,
        }
        answer = self._client.send("POST", "/api/records", data=data, once=True)
        return self._sure(answer)

    def new_version(self, record: str) -> Draft:
        """Make the draft of a new version of a record, or return the one that there is."""
        return self._sure(self._client.send("POST", f"/api/records/{record}/versions"))

    def update(self, draft: Draft, metadata: Mapping[str, Any]) -> Draft:
        """Replace the metadata of a draft; its access, identifiers and own fields stay."""
        data = {
            "access": draft.get("access", {"record": "public", "files": "public"}),
            "files": {"enabled": True},
            "metadata": metadata,
            "pids": draft.get("pids", {}),
            "custom_fields": draft.get("custom_fields", {}),
        }
        path = f"/api/records/{draft['id']}/draft"
        return self._sure(self._client.send("PUT", path, data=data))

    def reserve(self, draft: Draft) -> str | None:
        """Return the DOI of a draft, reserving one; None where the server gives none."""
        there = doi_of(draft)
        if there is not None:
            return there
        record = draft["id"]

        def act() -> tuple[str | None]:
            path = f"/api/records/{record}/draft/pids/doi"
            answer = self._client.send("POST", path, once=True, expect=(400, 403, 404, 405))
            if answer.ok:
                return (doi_of(self._sure(answer)),)
            # 400: there is one already. The others: this server reserves none.
            return look() or (None,)

        def look() -> tuple[str | None] | None:
            found = doi_of(self.draft(record) or {})
            return (found,) if found is not None else None

        return self._client.settle(act, look)[0]

    def publish(self, draft: Draft) -> Draft:
        """Make a draft public."""
        record = str(draft["id"])

        def act() -> Draft:
            path = f"/api/records/{record}/draft/actions/publish"
            return self._sure(self._client.send("POST", path, once=True))

        def look() -> Draft | None:
            return self.record(record) if self.draft(record) is None else None

        return self._client.settle(act, look)

    # --- answers ------------------------------------------------------------------------------

    def knows(self, vocabulary: str, identifier: str) -> bool:
        """Tell whether the server knows a term of a vocabulary, and lets us use it."""
        term = (vocabulary, identifier)
        if term not in self._terms:
            path = f"/api/{vocabulary}/{quote(identifier, safe='')}"
            self._terms[term] = self._client.send("GET", path, expect=(403, *_GONE)).ok
        return self._terms[term]

    def _get(self, path: str) -> Answer:
        return self._client.send("GET", path, expect=_GONE)

    def _found(self, answer: Answer) -> Draft | None:
        return self._sure(answer) if answer.ok else None

    def _sure(self, answer: Answer) -> Draft:
        """Return what is a draft or record; an answer that is none comes from something else."""
        if isinstance(answer.body, dict) and is_id(answer.body.get("id")):
            return answer.body
        raise EnvironmentFault.of(
            "FWF5203",
            f"{self._client.address} answers what is no record of InvenioRDM",
            hint="--url names the root of the repository, such as https://zenodo.org",
        )


def is_id(value: Any) -> bool:
    """Tell whether a value can be the id of a record, and so a part of an address."""
    return isinstance(value, str) and bool(_ID.match(value))


def doi_of(draft: Draft) -> str | None:
    """Return the DOI of a draft or record."""
    pids = draft.get("pids")
    doi = pids.get("doi") if isinstance(pids, dict) else None
    found = doi.get("identifier") if isinstance(doi, dict) else None
    if (
        not isinstance(found, str)
        or len(found) > _LONGEST_DOI
        or identifiers.doi_of(found) != found
    ):
        return None
    return found if is_iri(f"https://doi.org/{found}") else None


def page_of(draft: Draft) -> str | None:
    """Return the address of the page of a draft or record."""
    links = draft.get("links")
    page = links.get("self_html") if isinstance(links, dict) else None
    return page if isinstance(page, str) and page.startswith(("http://", "https://")) else None


def _is_ours(draft: Draft, identity: str, doi: str | None) -> bool:
    if doi is not None and doi_of(draft) == doi:
        return True
    metadata = draft.get("metadata")
    named = metadata.get("identifiers") if isinstance(metadata, dict) else None
    found = named if isinstance(named, list) else []
    return any(isinstance(i, dict) and i.get("identifier") == identity for i in found)
