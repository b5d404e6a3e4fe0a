"""InvenioRDM as its REST reference and the code of v13 and v14 have it: drafts, files, records.

https://inveniordm.docs.cern.ch/reference/rest_api_drafts_records/
https://github.com/inveniosoftware/invenio-rdm-records (services/schemas/metadata.py)
https://github.com/inveniosoftware/invenio-records-resources (services/files/transfer/)
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.publish.servers.contract import Asked, ContractServer, RefusedError, Told

FIELDS = {
    "resource_type", "creators", "title", "additional_titles", "publisher", "publication_date",
    "subjects", "contributors", "dates", "languages", "identifiers", "related_identifiers",
    "sizes", "formats", "version", "rights", "copyright", "description",
    "additional_descriptions", "locations", "funding", "references",
}  # fmt: skip
REQUIRED = ("resource_type", "creators", "title", "publication_date")
RESOURCE_TYPES = {"workflow", "dataset", "software"}
LICENCES = {"cc-by-4.0", "apache-2.0", "mit"}
AFFILIATIONS = {"01ggx4157"}
FUNDERS = {"00k4n6c32"}
RELATIONS = {"cites", "isderivedfrom"}
EDTF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
_MISSING = "Missing data for required field."


@dataclass
class Stored:
    """A file of a record."""

    key: str
    transfer: dict[str, Any]
    size: int | None = None
    content: bytes | None = None
    parts: dict[int, bytes] = field(default_factory=dict)
    committed: bool = False
    looks: int = 0


@dataclass
class Deposit:
    """A record: a draft until it is published."""

    id: str
    parent: str
    data: dict[str, Any]
    index: int = 1
    pids: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Stored] = field(default_factory=dict)
    published: bool = False
    deleted: bool = False
    born: int = 0


class Invenio(ContractServer):
    """One repository with one user.

    ``multipart``: it takes files in parts (v13 and later); ``index_delay``: a draft shows in the
    search only after so many searches; ``corrupts``: so many contents are stored damaged;
    ``reserves``: it gives DOIs.
    """

    def __init__(self, multipart: bool = False, index_delay: int = 0) -> None:
        super().__init__()
        self.deposits: dict[str, Deposit] = {}
        self.multipart, self.index_delay = multipart, index_delay
        self.reserves, self.corrupts, self.late_checksums = True, 0, 0
        self.received: list[int] = []
        self.searches = 0

    # --- for tests ----------------------------------------------------------------------------

    @property
    def all(self) -> list[Deposit]:
        return [deposit for deposit in self.deposits.values() if not deposit.deleted]

    def unauthorised(self) -> Told:
        message = "The server could not verify that you are authorized to access the URL requested."
        return Told(401, {"status": 401, "message": message})

    # --- routes -------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Told:
        for pattern, name in _ROUTES:
            match = pattern.fullmatch(f"{asked.method} {asked.path}")
            if match:
                told: Told = getattr(self, name)(asked, *match.groups())
                return told
        raise RefusedError(404, {"status": 404, "message": "Not found."})

    def search(self, asked: Asked) -> Told:
        self.searches += 1
        phrase = asked.query.get("q", ['""'])[0].strip('"')
        shown = [d for d in self.all if self.searches - d.born >= self.index_delay]
        found = [self._shown(d) for d in shown if phrase in json.dumps(self._shown(d))]
        return Told(200, {"hits": {"hits": found, "total": len(found)}, "links": {}})

    def create(self, asked: Asked) -> Told:
        number = len(self.deposits) + 1
        deposit = Deposit(f"rec{number:02}-abcd", f"par{number:02}-abcd", {}, born=self.searches)
        self.deposits[deposit.id] = deposit
        self._take(deposit, asked.json)
        return Told(201, self._shown(deposit))

    def read_draft(self, asked: Asked, id: str) -> Told:
        return Told(200, self._shown(self._draft(id)))

    def update_draft(self, asked: Asked, id: str) -> Told:
        deposit = self._draft(id)
        self._take(deposit, asked.json)
        # What an update does not name is gone, as in InvenioRDM.
        deposit.pids = asked.json.get("pids", {})
        return Told(200, self._shown(deposit))

    def reserve(self, asked: Asked, id: str) -> Told:
        deposit = self._draft(id)
        if not self.reserves:
            raise RefusedError(403, {"status": 403, "message": "Permission denied."})
        if "doi" in deposit.pids:
            messages = ["A PID already exists for type doi"]
            raise _invalid([{"field": "pids.doi", "messages": messages}])
        doi = {"identifier": f"10.5072/{id}", "provider": "datacite", "client": "datacite"}
        deposit.pids = {"doi": doi}
        return Told(201, self._shown(deposit))

    def publish(self, asked: Asked, id: str) -> Told:
        deposit = self._draft(id)
        errors = self._faults(deposit.data["metadata"])
        if not deposit.data["metadata"].get("publisher"):
            messages = ["Missing publisher field required for DOI registration."]
            errors.append({"field": "metadata.publisher", "messages": messages})
        if not deposit.files:
            messages = [
                "Missing uploaded files. To disable files for this record please mark it as "
                "metadata-only."
            ]
            errors.append({"field": "files.enabled", "messages": messages})
        if any(not stored.committed for stored in deposit.files.values()):
            messages = ["One or more files have not completed their transfer, please wait."]
            errors.append({"field": "files", "messages": messages})
        if errors:
            raise _invalid(errors)
        deposit.published = True
        return Told(202, self._shown(deposit))

    def read_record(self, asked: Asked, id: str) -> Told:
        return Told(200, self._shown(self._record(id)))

    def new_version(self, asked: Asked, id: str) -> Told:
        record = self._record(id)
        family = [d for d in self.all if d.parent == record.parent]
        draft = next((d for d in family if not d.published), None)
        if draft is None:
            number = len(self.deposits) + 1
            metadata = dict(record.data["metadata"])
            for gone in ("publication_date", "version"):
                metadata.pop(gone, None)
            data = {**record.data, "metadata": metadata}
            draft = Deposit(f"rec{number:02}-abcd", record.parent, data, len(family) + 1)
            self.deposits[draft.id] = draft
        return Told(201, self._shown(draft))

    def term(self, asked: Asked, place: str, id: str) -> Told:
        known = {
            "vocabularies/licenses": LICENCES,
            "affiliations": AFFILIATIONS,
            "funders": FUNDERS,
        }[place]
        if id not in known:
            message = "The persistent identifier does not exist."
            raise RefusedError(404, {"status": 404, "message": message})
        return Told(200, {"id": id})

    # --- files --------------------------------------------------------------------------------

    def list_files(self, asked: Asked, id: str) -> Told:
        return Told(200, self._listed(self._draft(id)))

    def list_record_files(self, asked: Asked, id: str) -> Told:
        return Told(200, self._listed(self._record(id)))

    def start_files(self, asked: Asked, id: str) -> Told:
        deposit = self._draft(id)
        for what in asked.json:
            assert set(what) <= {"key", "size", "checksum", "storage_class", "transfer"}
            if what["key"] in deposit.files:
                message = f"File with key {what['key']} already exists."
                raise RefusedError(400, {"status": 400, "message": message})
            transfer = what.get("transfer", {"type": "L"})
            if transfer["type"] == "M" and not self.multipart:
                raise _invalid([{"field": "0.transfer", "messages": ["Unknown field."]}])
            if transfer["type"] == "M":
                assert set(transfer) <= {"type", "parts", "part_size"}
            stored = Stored(what["key"], transfer, what.get("size"))
            deposit.files[stored.key] = stored
        return Told(201, self._listed(deposit))

    def read_file(self, asked: Asked, id: str, key: str) -> Told:
        return Told(200, self._entry(id, self._stored(id, key)))

    def write_content(self, asked: Asked, id: str, key: str) -> Told:
        stored = self._stored(id, key)
        assert asked.headers["content-type"] == "application/octet-stream"
        if stored.transfer["type"] == "M":
            message = "Can not set content for multipart file, use the parts instead."
            raise RefusedError(400, {"status": 400, "message": message})
        if stored.committed:
            message = f'File with key "{key}" is already committed.'
            raise RefusedError(400, {"status": 400, "message": message})
        stored.content = self._damaged(asked.body)
        self.received.append(len(asked.body))
        return Told(200, self._entry(id, stored))

    def write_part(self, asked: Asked, id: str, key: str, part: str) -> Told:
        stored = self._stored(id, key)
        size, parts = stored.transfer["part_size"], stored.transfer["parts"]
        if int(part) > parts or (int(part) < parts and len(asked.body) != size):
            message = "Size of this part must be equal to part_size"
            raise RefusedError(400, {"status": 400, "message": message})
        stored.parts[int(part)] = self._damaged(asked.body)
        self.received.append(len(asked.body))
        return Told(200, self._entry(id, stored))

    def commit(self, asked: Asked, id: str, key: str) -> Told:
        stored = self._stored(id, key)
        if stored.transfer["type"] == "M":
            assert len(stored.parts) == stored.transfer["parts"]
            stored.content = b"".join(data for _, data in sorted(stored.parts.items()))
            stored.transfer = {"type": "L"}
            stored.looks = self.late_checksums
        if stored.content is None:
            message = "The file upload transfer failed, please try again."
            raise RefusedError(400, {"status": 400, "message": message})
        stored.committed = True
        return Told(200, self._entry(id, stored))

    def delete_file(self, asked: Asked, id: str, key: str) -> Told:
        self._stored(id, key)
        del self._draft(id).files[key]
        return Told(204)

    # --- shapes -------------------------------------------------------------------------------

    def _draft(self, id: str) -> Deposit:
        deposit = self.deposits.get(id)
        if deposit is None or deposit.published or deposit.deleted:
            message = "The persistent identifier does not exist."
            raise RefusedError(404, {"status": 404, "message": message})
        return deposit

    def _record(self, id: str) -> Deposit:
        deposit = self.deposits.get(id)
        if deposit is None or not deposit.published:
            message = "The persistent identifier is not registered."
            raise RefusedError(404, {"status": 404, "message": message})
        return deposit

    def _stored(self, id: str, key: str) -> Stored:
        stored = self._draft(id).files.get(key)
        if stored is None:
            raise RefusedError(
                404, {"status": 404, "message": f"Record '{id}' has no file '{key}'."}
            )
        return stored

    def _damaged(self, data: bytes) -> bytes:
        if self.corrupts and data:
            self.corrupts -= 1
            return b"X" + data[1:]
        return data

    def _take(self, deposit: Deposit, data: dict[str, Any]) -> None:
        assert set(data) <= {"access", "files", "metadata", "pids", "custom_fields"}
        assert set(data["metadata"]) <= FIELDS, "an invented field"
        deposit.data = {key: data[key] for key in ("access", "files", "metadata")}

    def _shown(self, deposit: Deposit) -> dict[str, Any]:
        place = f"{self.url}/api/records/{deposit.id}" + ("" if deposit.published else "/draft")
        page = f"{self.url}/{'records' if deposit.published else 'uploads'}/{deposit.id}"
        shown = {
            "id": deposit.id,
            **deposit.data,
            "pids": deposit.pids,
            "is_published": deposit.published,
            "parent": {"id": deposit.parent},
            "created": f"2026-11-27T10:00:{deposit.index:02}.000000+00:00",
            "links": {"self": place, "self_html": page, "publish": f"{place}/actions/publish"},
            "versions": {"index": deposit.index},
        }
        errors = self._faults(deposit.data["metadata"])
        return shown | ({"errors": errors} if errors and not deposit.published else {})

    def _listed(self, deposit: Deposit) -> dict[str, Any]:
        entries = [self._entry(deposit.id, stored) for stored in deposit.files.values()]
        return {"enabled": True, "default_preview": None, "order": [], "entries": entries}

    def _entry(self, id: str, stored: Stored) -> dict[str, Any]:
        place = f"{self.url}/api/records/{id}/draft/files/{stored.key}"
        entry: dict[str, Any] = {
            "key": stored.key,
            "status": "completed" if stored.committed else "pending",
            "transfer": stored.transfer,
            "links": {"self": place, "content": f"{place}/content", "commit": f"{place}/commit"},
        }
        if stored.transfer["type"] == "M":
            entry["links"]["parts"] = [
                {"part": n + 1, "url": f"{place}/content/{n + 1}", "expiration": "2026-12-11"}
                for n in range(stored.transfer["parts"])
            ]
        if stored.committed and stored.content is not None:
            digest = hashlib.md5(stored.content).hexdigest()
            entry |= {"checksum": f"md5:{digest}", "size": len(stored.content)}
            if stored.looks:
                stored.looks -= 1
                entry["checksum"] = f"multipart:{digest}-1000"
        return entry

    def _faults(self, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """The errors of a draft, in the shape of InvenioRDM."""
        faults = [(f"metadata.{name}", _MISSING) for name in REQUIRED if not metadata.get(name)]
        if len(metadata.get("title", "abc")) < 3:
            faults.append(("metadata.title", "Shorter than minimum length 3."))
        if metadata.get("resource_type", {}).get("id", "dataset") not in RESOURCE_TYPES:
            faults.append(("metadata.resource_type", "Invalid value."))
        if not EDTF.match(metadata.get("publication_date", "2026")):
            faults.append(("metadata.publication_date", "Please provide a valid date."))
        for n, creator in enumerate(metadata.get("creators", [])):
            who = creator["person_or_org"]
            wanted = "family_name" if who["type"] == "personal" else "name"
            if not who.get(wanted):
                faults.append((f"metadata.creators.{n}.person_or_org", "cannot be blank."))
            for place in creator.get("affiliations", []):
                if "id" in place and place["id"] not in AFFILIATIONS:
                    faults.append((f"metadata.creators.{n}.affiliations", "Invalid value."))
        for right in metadata.get("rights", []):
            if "id" in right and (len(right) > 1 or right["id"] not in LICENCES):
                faults.append(("metadata.rights", "Invalid value."))
        for work in metadata.get("related_identifiers", []):
            if work["relation_type"]["id"] not in RELATIONS:
                faults.append(("metadata.related_identifiers", "Invalid value."))
        return [{"field": where, "messages": [why]} for where, why in faults]


def _invalid(errors: list[dict[str, Any]]) -> RefusedError:
    message = "A validation error occurred."
    return RefusedError(400, {"status": 400, "message": message, "errors": errors})


_ID, _KEY = r"([^/]+)", r"(.+)"
_ROUTES = [
    (re.compile(pattern), name)
    for pattern, name in (
        ("GET /api/user/records", "search"),
        ("POST /api/records", "create"),
        (f"GET /api/records/{_ID}/draft", "read_draft"),
        (f"PUT /api/records/{_ID}/draft", "update_draft"),
        (f"POST /api/records/{_ID}/draft/pids/doi", "reserve"),
        (f"POST /api/records/{_ID}/draft/actions/publish", "publish"),
        (f"GET /api/records/{_ID}/draft/files", "list_files"),
        (f"POST /api/records/{_ID}/draft/files", "start_files"),
        (rf"PUT /api/records/{_ID}/draft/files/{_KEY}/content/(\d+)", "write_part"),
        (f"PUT /api/records/{_ID}/draft/files/{_KEY}/content", "write_content"),
        (f"POST /api/records/{_ID}/draft/files/{_KEY}/commit", "commit"),
        (f"GET /api/records/{_ID}/draft/files/{_KEY}", "read_file"),
        (f"DELETE /api/records/{_ID}/draft/files/{_KEY}", "delete_file"),
        (f"POST /api/records/{_ID}/versions", "new_version"),
        (f"GET /api/records/{_ID}/files", "list_record_files"),
        (f"GET /api/records/{_ID}", "read_record"),
        (f"GET /api/(vocabularies/licenses|affiliations|funders)/{_ID}", "term"),
    )
]
