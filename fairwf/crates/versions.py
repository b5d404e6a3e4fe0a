"""The sets of profile versions that fit each other: one option chooses between them.

Workflow Run RO-Crate 0.5 is made for RO-Crate 1.1 and Workflow RO-Crate 1.0; 0.6 is made for
RO-Crate 1.3, whose context has other IRIs for the Bioschemas terms, and Workflow RO-Crate 1.1
(compatibility table of Workflow Run RO-Crate 0.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fairwf.contexts import WORKFLOW_RUN
from fairwf.contexts import ro_crate as context_of

ProfileVersion = Literal["0.5", "0.6"]
Profiles = Mapping[str, tuple[str, str]]
"""Names and versions of profiles by their IRIs."""

_RUN = "https://w3id.org/ro/wfrun/"


@dataclass(frozen=True)
class Versions:
    """A version of RO-Crate, of Workflow RO-Crate and of Workflow Run RO-Crate."""

    ro_crate: str
    workflow: str
    run: str

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
    def specification(self) -> str:
        """The IRI of the RO-Crate specification."""
        return f"https://w3id.org/ro/crate/{self.ro_crate}"

    @property
    def descriptor_conforms_to(self) -> list[str]:
        """What the metadata file claims; from RO-Crate 1.2 on, profiles are the root's claims."""
        first = self.ro_crate == "1.1"
        return [self.specification, *(self.workflow_profiles if first else ())]


_LEVELS = ("Process", "Workflow", "Provenance")

VERSIONS: Mapping[str, Versions] = {
    "0.5": Versions("1.1", "1.0", "0.5"),
    "0.6": Versions("1.3", "1.1", "0.6"),
}
"""The sets by their version of Workflow Run RO-Crate."""
