"""The part of SEEK's JSON:API that registers workflows (version 1.19)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairwf.publish.http import Answer, Body, Client
from fairwf.publish.subject import Piece
from fairwf.report import EnvironmentFault

_ID = re.compile(r"\d{1,12}\Z")

Workflow = Mapping[str, Any]
"""A resource of JSON:API: ``id``, ``attributes``, ``relationships``."""


class Workflows:
    """Workflows that the owner of the token may see and change."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._form = (("workflow[project_ids][]", project),)

    def get(self, workflow: str) -> Workflow | None:
        """Return a workflow; None where there is none."""
        answer = self._client.send("GET", f"/workflows/{workflow}", expect=(404,))
        return self._one(answer) if answer.ok else None

    def own(self) -> list[str]:
        """Return the ids of the workflows of the owner of the token."""
        listed = self._client.get("/people/current").get("data", "relationships", "workflows")
        data = listed.get("data") if isinstance(listed, Mapping) else None
        found = data if isinstance(data, list) else []
        return [str(e["id"]) for e in found if isinstance(e, dict) and is_id(e.get("id"))]

    def submit(self, piece: Piece) -> Workflow:
        """Register a crate, or its version of a workflow; what is registered stays as it is."""
        return self._post("/workflows/submit", piece, once=False)

    def create(self, piece: Piece) -> Workflow:
        """Register a crate. Raises LostError where nobody knows whether it was registered."""
        return self._post("/workflows", piece, once=True)

    def create_version(self, workflow: str, piece: Piece, comment: str) -> Workflow:
        """Register a crate as a new version. Raises LostError as :meth:`create`."""
        path = f"/workflows/{workflow}/create_version"
        return self._post(path, piece, once=True, extra=(("revision_comments", comment),))

    def share(self, workflow: Workflow, access: str) -> Workflow:
        """Set what everybody may do with a workflow: ``no_access`` or ``download``."""
        old = _attributes(workflow).get("policy")
        policy = {**(old if isinstance(old, dict) else {}), "access": access}
        identifier = str(workflow["id"])
        data = {"type": "workflows", "id": identifier, "attributes": {"policy": policy}}
        return self._one(
            self._client.send("PATCH", f"/workflows/{identifier}", data={"data": data})
        )

    def _post(
        self, path: str, piece: Piece, once: bool, extra: tuple[tuple[str, str], ...] = ()
    ) -> Workflow:
        body = Body(piece.path, piece.size, type="application/zip")
        answer = self._client.send(
            "POST",
            path,
            form=(*self._form, *extra),
            file=("ro_crate", piece.key, body),
            once=once,
        )
        return self._one(answer)

    def _one(self, answer: Answer) -> Workflow:
        data = answer.get("data")
        if isinstance(data, dict) and is_id(data.get("id")):
            return data
        raise EnvironmentFault.of(
            "FWF5203",
            f"{self._client.address} answers what is no workflow of SEEK",
            hint="--url names the root of the hub, such as https://workflowhub.eu",
        )


def is_id(value: Any) -> bool:
    """Tell whether a value can be the id of a workflow, and so a part of an address."""
    return isinstance(value, str) and bool(_ID.match(value))


def title_of(workflow: Workflow) -> str:
    """Return the title of a workflow."""
    return str(_attributes(workflow).get("title", ""))


def version_of(workflow: Workflow) -> int:
    """Return the number of the latest version of a workflow."""
    number = _attributes(workflow).get("latest_version")
    return number if isinstance(number, int) else 0


def access_of(workflow: Workflow) -> str | None:
    """Return what everybody may do with a workflow; None where the hub does not say."""
    policy = _attributes(workflow).get("policy")
    found = policy.get("access") if isinstance(policy, dict) else None
    return found if isinstance(found, str) else None


def _attributes(workflow: Workflow) -> Mapping[str, Any]:
    found = workflow.get("attributes")
    return found if isinstance(found, dict) else {}
