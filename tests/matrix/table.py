"""What each engine makes of each pattern, from the same document of the IR.

``python -m tests.matrix.page`` puts the table into docs/formats/snakemake.md.
"""

from __future__ import annotations

from dataclasses import dataclass

ENGINES = {"fairwf": "fairwf", "cwltool": "cwl", "miniwdl": "wdl", "snakemake": "snakemake"}
"""Engines, and the format that the document is written in for each."""

PATTERNS = (
    "sequence",
    "fan_out",
    "fan_in",
    "scatter_gather",
    "nested_scatter",
    "condition",
    "loop",
    "subworkflow",
    "records_and_secondary_files",
    "dynamic_number_of_tasks",
    "strings_in_commands",
    "resources_and_environments",
)


@dataclass(frozen=True)
class Entry:
    """What is known of a pattern in an engine.

    ``losses`` are the codes of all that is approximated or lost, ``differs`` the outputs that are
    others by it; ``not_yet`` is why it does not work, and then it is expected to fail.
    """

    losses: frozenset[str] = frozenset()
    differs: frozenset[str] = frozenset()
    not_yet: str = ""

    @property
    def word(self) -> str:
        """What the table shows."""
        if self.not_yet:
            return f"not yet: {self.not_yet}"
        if not self.losses:
            return "equal"
        codes = ", ".join(sorted(self.losses))
        return f"lossy: {codes}" + (", in the outputs" if self.differs else ", outputs equal")


def lossy(*codes: str, differs: tuple[str, ...] = ()) -> Entry:
    """Return an entry with losses that are named, and the outputs that are others by them."""
    return Entry(losses=frozenset(codes), differs=frozenset(differs))


def not_yet(reason: str) -> Entry:
    """Return an entry that is expected to fail."""
    return Entry(not_yet=reason)


OTHER: dict[tuple[str, str], Entry] = {
    ("loop", "miniwdl"): not_yet("WDL has no type for the state of an unrolled loop"),
    ("records_and_secondary_files", "miniwdl"): not_yet(
        "a WDL task is not given the files beside a file"
    ),
    # texts of files are loaded as contents, of up to 64 KiB
    ("dynamic_number_of_tasks", "cwltool"): lossy("FWF3003"),
    ("strings_in_commands", "cwltool"): not_yet(
        "CWL binds an input once, not item by item a second time"
    ),
    # floats are written with six digits
    ("strings_in_commands", "miniwdl"): lossy("FWF3003", differs=("words",)),
    # a time limit
    ("resources_and_environments", "miniwdl"): lossy("FWF3004"),
}
"""All that is not simply equal."""


def entry(pattern: str, engine: str) -> Entry:
    """Return what is known."""
    return OTHER.get((pattern, engine), Entry())
