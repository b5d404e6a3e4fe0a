"""WorkflowHub as SEEK 1.19 has it: workflows registered from RO-Crates, people, policies.

https://github.com/seek4science/seek (app/controllers/workflows_controller.rb,
app/forms/workflow_crate_extractor.rb, test/integration/api/git_workflow_ro_crate_api_test.rb)
https://github.com/fbacall/dummy-workflow (the idempotent submission)
"""

import email
import email.policy
import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

from tests.publish.servers.contract import Asked, ContractServer, RefusedError, Told


@dataclass
class Registered:
    """A workflow: its versions are the crates that were sent."""

    id: int
    title: str
    source: str | None
    access: str
    versions: list[tuple[str | None, bytes]] = field(default_factory=list)


class WorkflowHub(ContractServer):
    """One hub with one person in one project.

    ``default_access`` is the project's; ``shows_policy``: answers say who sees a workflow.
    """

    scheme = "Token"

    def __init__(self) -> None:
        super().__init__()
        self.workflows: dict[int, Registered] = {}
        self.default_access, self.shows_policy = "no_access", True
        self.project = "42"

    def unauthorised(self) -> Told:
        detail = "Please log in"
        return Told(401, {"title": "Unauthorized", "detail": detail})

    def answer(self, asked: Asked) -> Told:
        for pattern, name in _ROUTES:
            match = pattern.fullmatch(f"{asked.method} {asked.path}")
            if match:
                told: Told = getattr(self, name)(asked, *match.groups())
                return told
        raise RefusedError(404, {"errors": [{"title": "Not found", "details": "Not found"}]})

    def current(self, asked: Asked) -> Told:
        listed = [{"id": str(each), "type": "workflows"} for each in self.workflows]
        relationships = {"workflows": {"data": listed}}
        return Told(200, {"data": {"id": "7", "type": "people", "relationships": relationships}})

    def read(self, asked: Asked, id: str) -> Told:
        return Told(200, self._shown(self._found(id)))

    def create(self, asked: Asked) -> Told:
        return Told(200, self._shown(self._registered(self._crate(asked))))

    def submit(self, asked: Asked) -> Told:
        data = self._crate(asked)
        root, main = _roots(data)
        source = _source(root, main)
        faults = []
        if source is None:
            faults.append("source URL could not be determined.")
        if not root.get("version"):
            faults.append("version could not be determined.")
        if faults:
            raise _unprocessable(*faults)
        found = next((w for w in self.workflows.values() if w.source == source), None)
        if found is None:
            return Told(200, self._shown(self._registered(data)))
        if str(root["version"]) not in [name for name, _ in found.versions]:
            found.title = root["name"]
            found.versions.append((str(root["version"]), data))
        return Told(200, self._shown(found))

    def create_version(self, asked: Asked, id: str) -> Told:
        found = self._found(id)
        data = self._crate(asked)
        root, _ = _roots(data)
        found.title = root["name"]
        found.versions.append((root.get("version"), data))
        return Told(200, self._shown(found))

    def update(self, asked: Asked, id: str) -> Told:
        data = asked.json["data"]
        assert asked.headers["content-type"] == "application/json"
        assert (data["type"], data["id"]) == ("workflows", id)
        found = self._found(id)
        found.access = data["attributes"]["policy"]["access"]
        return Told(200, self._shown(found))

    # --- shapes -------------------------------------------------------------------------------

    def _crate(self, asked: Asked) -> bytes:
        """Read the form; Rails wants the project and the crate."""
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + asked.body, policy=email.policy.HTTP)
        parts = {
            part.get_param("name", header="content-disposition"): part for part in form.iter_parts()
        }
        project = parts["workflow[project_ids][]"].get_content().strip()
        if project != self.project:
            raise _unprocessable("Projects must be a project you are a member of")
        assert parts["ro_crate"].get_filename().endswith(".zip")
        data: bytes = parts["ro_crate"].get_payload(decode=True)
        _, main = _roots(data)
        if "ComputationalWorkflow" not in main.get("@type", []):
            raise _unprocessable("ro_crate did not specify a main workflow.")
        return data

    def _registered(self, data: bytes) -> Registered:
        root, main = _roots(data)
        made = Registered(
            max(self.workflows, default=0) + 1,
            root["name"],
            _source(root, main),
            self.default_access,
        )
        made.versions.append((root.get("version"), data))
        self.workflows[made.id] = made
        return made

    def _found(self, id: str) -> Registered:
        found = self.workflows.get(int(id))
        if found is None:
            raise RefusedError(404, {"errors": [{"title": "Not found", "details": "Not found"}]})
        return found

    def _shown(self, found: Registered) -> dict[str, Any]:
        policy = {"policy": {"access": found.access, "permissions": []}}
        return {
            "data": {
                "id": str(found.id),
                "type": "workflows",
                "attributes": {
                    "title": found.title,
                    "latest_version": len(found.versions),
                    **(policy if self.shows_policy else {}),
                },
                "links": {"self": f"/workflows/{found.id}?version={len(found.versions)}"},
            },
            "jsonapi": {"version": "1.0"},
        }

    @property
    def digests(self) -> dict[int, list[str]]:
        return {
            each.id: [hashlib.md5(data).hexdigest() for _, data in each.versions]
            for each in self.workflows.values()
        }


def _roots(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    root = entities["./"]
    return root, entities.get(root.get("mainEntity", {}).get("@id"), {})


def _source(root: dict[str, Any], main: dict[str, Any]) -> str | None:
    """The source link: the first of these that is set, which SEEK then validates as an address."""
    web = root["@id"] if root["@id"].startswith("http") else None
    found = web or root.get("isBasedOn") or root.get("url") or main.get("url")
    if found is not None and not (isinstance(found, str) and found.startswith("http")):
        raise _unprocessable("Source link url is not a valid URL")
    return found


def _unprocessable(*details: str) -> RefusedError:
    errors = [{"source": {"pointer": "/data/attributes/ro_crate"}, "detail": d} for d in details]
    return RefusedError(422, {"errors": errors})


_ROUTES = [
    (re.compile(pattern), name)
    for pattern, name in (
        ("GET /people/current", "current"),
        ("POST /workflows", "create"),
        ("POST /workflows/submit", "submit"),
        (r"POST /workflows/(\d+)/create_version", "create_version"),
        (r"PATCH /workflows/(\d+)", "update"),
        (r"GET /workflows/(\d+)", "read"),
    )
]
