"""The sets of profile versions that fit each other: one option chooses between them.

Workflow Run RO-Crate 0.5 is made for RO-Crate 1.1 and Workflow RO-Crate 1.0; 0.6 is made for
RO-Crate 1.3, whose context has other IRIs for the Bioschemas terms, and Workflow RO-Crate 1.1
(compatibility table of Workflow Run RO-Crate 0.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fairwf.contexts import WORKFLOW_RUN
from fairwf.contexts import ro_crate as context_of

ProfileVersion = Literal["0.5", "0.6"]
Profiles = Mapping[str, tuple[str, str]]
"""Names and versions of profiles by their IRIs."""

_RUN = "https://w3id.org/ro/wfrun/"


@dataclass(frozen=True)
class Versions:
    """A version of RO-Crate and of its profiles for workflows, their runs and their tests."""

    ro_crate: str
    workflow: str
    run: str
    testing: str

    @property
    def context(self) -> list[str]:
        """The crate's ``@context``."""
        return [context_of(self.ro_crate), WORKFLOW_RUN]

    @property
    def workflow_profiles(self) -> Profiles:
        """What a crate of a workflow claims."""
        iri = f"https://w3id.org/workflowhub/workflow-ro-crate/{self.workflow}"
        return {iri: ("Workflow RO-Crate", self.workflow)}

    @property
    def run_profiles(self) -> Profiles:
        """What a crate of a run claims, beside being one of a workflow."""
        return {f"{_RUN}{n.lower()}/{self.run}": (f"{n} Run Crate", self.run) for n in _LEVELS[:2]}

    @property
    def provenance_profiles(self) -> Profiles:
        """What a crate of a run with its steps claims, beside the others."""
        return {f"{_RUN}provenance/{self.run}": ("Provenance Run Crate", self.run)}

    @property
    def testing_profiles(self) -> Profiles:
        """What a crate claims whose tests are described whole."""
        iri = f"https://w3id.org/ro/wftest/{self.testing}"
        return {iri: ("Workflow Testing RO-Crate", self.testing)}

    @property
    def specification(self) -> str:
        """The IRI of the RO-Crate specification."""
        return f"https://w3id.org/ro/crate/{self.ro_crate}"

    @property
    def descriptor_conforms_to(self) -> list[str]:
        """What the metadata file claims; from RO-Crate 1.2 on, profiles are the root's claims."""
        first = self.ro_crate == "1.1"
        return [self.specification, *(self.workflow_profiles if first else ())]

    def adapted(self, entity: dict[str, Any]) -> dict[str, Any]:
        """Return an entity as the version of RO-Crate wants it.

        From RO-Crate 1.2 on, software has a ``version``, what the root conforms to is a
        ``Profile``, and a workflow is a ``File``, also one that is part of another document.
        """
        if self.ro_crate == "1.1":
            return entity
        kinds = entity["@type"]
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        profiles = (
            self.run_profiles,
            self.provenance_profiles,
            self.workflow_profiles,
            self.testing_profiles,
        )
        if any(entity["@id"] in each for each in profiles):
            kinds.append("Profile")
        if "ComputationalWorkflow" in kinds and "File" not in kinds:
            kinds.insert(0, "File")
        version = entity.get("softwareVersion") if "SoftwareApplication" in kinds else None
        added = {"version": version} if version and not entity.get("version") else {}
        return {**entity, "@type": kinds, **added}


_LEVELS = ("Process", "Workflow", "Provenance")

VERSIONS: Mapping[str, Versions] = {
    "0.5": Versions("1.1", "1.0", "0.5", "0.1"),
    "0.6": Versions("1.3", "1.1", "0.6", "0.2"),
}
"""The sets by their version of Workflow Run RO-Crate."""
