"""Checking RO-Crates, in folders and in zip files."""

from __future__ import annotations

from pathlib import Path

from fairwf.cli.outputs import CheckedFile
from fairwf.cli.validation.selection import Selection
from fairwf.cli.validation.verdict import status_of
from fairwf.locate import CRATE_METADATA
from fairwf.report import InvalidError, Report


def check_crate_at(folder: Path, selection: Selection, name: str | None = None) -> CheckedFile:
    """Check the crate in a folder, or in a zip file."""
    from fairwf.crates import check_crate

    report = Report()
    check_crate(folder, report)
    found = [d for d in selection.crate(report) if selection.counts(d)]
    return CheckedFile(
        file=name or str(folder / CRATE_METADATA),
        status=status_of(found, selection.strict),
        format="ro-crate",
        diagnostics=found,
    )


def check_archive(path: Path, selection: Selection) -> CheckedFile | None:
    """Check the crate in a zip file as it is; None where there is none."""
    from fairwf.signatures import is_zip

    if not is_zip(path):
        return None
    from fairwf.crates import open_crate

    try:
        open_crate(path).close()
    except InvalidError as error:
        if all(d.code != "FWF5006" for d in error.report):
            return None
    return check_crate_at(path, selection, str(path))


def is_told(error: InvalidError, crate: CheckedFile | None) -> bool:
    """Tell whether the findings about a crate say already why its main document is not there."""
    (fault, *_) = error.report
    found = crate.diagnostics if crate is not None else ()
    if fault.code != "FWF5001":
        return False
    named = fault.message.rpartition("main entity ")[2]
    if named == fault.message:  # the metadata cannot be read
        return any(d.code == "FWF5101" and d.severity == "error" for d in found)
    return any(d.code == "FWF5103" and d.message.endswith(f"does not hold {named}") for d in found)
