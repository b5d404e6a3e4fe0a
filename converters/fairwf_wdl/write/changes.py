"""What changed between a document and what its written form reads as, told of each part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairwf.ir.differences import changed_parts, facts_left_out
from fairwf.ir.workflow import Process

if TYPE_CHECKING:
    from fairwf_wdl.write.normalize import Ledger


def changes(before: Process, after: Process, ledger: Ledger) -> None:
    """Report each step, port and process that reads in another form than it had.

    What the metadata of the whole document says stays in the text, not in the model.
    """
    for part, node in changed_parts(before, after):
        ledger.tell("FWF3002", f"{part} is put as WDL has it", node)
    if before.metadata is None:
        return
    whole, span = ledger.path(before.metadata) or "", ledger.origins.get(before.metadata)
    for path in facts_left_out(before, after):
        text = f"{path.lstrip('/').split('/')[0]!r} has no place of its own in WDL's metadata"
        ledger.report.add("FWF3004", text, span=span, path=f"{whole}{path}")
