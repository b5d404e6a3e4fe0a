"""The report of a conversion: what was kept, rewritten, approximated and lost."""

from __future__ import annotations

from html import escape

from fairwf.cli.diagnostics import place, unique
from fairwf.cli.outputs import ConversionReport, FateCounts, Place
from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.walk import walk
from fairwf.report import Report


def conversion_report(
    source: Source,
    document: Document | None,
    target: str,
    version: str | None,
    output: str,
    report: Report,
) -> ConversionReport:
    """Return the report; ``document`` of None: the source could not be read."""
    found = unique(report)
    counts = {
        fate: sum(1 for d in found if d.fate == fate) for fate in FateCounts.__struct_fields__
    }
    nodes = sum(1 for _ in walk(document.workflow)) if document else 0
    changed = counts["rewritten"] + counts["approximated"] + counts["lost"]
    counts["kept"] = max(nodes - changed, 0)
    return ConversionReport(
        source=Place(
            path=source.name,
            format=document.format if document else None,
            hash=document.hash if document else None,
        ),
        target=Place(path=output, format=target, version=version),
        diagnostics=found,
        summary=FateCounts(**counts),
    )


_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}code{font-size:.9em}
dl{display:flex;gap:1rem;flex-wrap:wrap;margin:1.5rem 0}
dl div{border:1px solid var(--line);border-radius:8px;padding:.6rem 1.2rem;min-width:6rem}
dt{opacity:.7}dd{margin:0;font-size:1.6rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%}th{text-align:left}
th,td{padding:.5rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}
td small{display:block;opacity:.75}
.lost,.error{color:light-dark(#b3261e,#ff8a80)}
.approximated,.warning{color:light-dark(#8a5a00,#ffc46b)}
.rewritten,.note{color:light-dark(#0b57a4,#8ab8ff)}
"""


def html(report: ConversionReport) -> str:
    """Return the report as one HTML page that needs nothing else."""
    source, target = report.source, report.target
    title = f"{source.path} to {target.format}"
    counts = "".join(
        f'<div><dt>{fate}</dt><dd class="{fate}">{getattr(report.summary, fate)}</dd></div>'
        for fate in FateCounts.__struct_fields__
    )
    rows = "".join(
        f'<tr><td class="{d.fate or d.severity}">{escape(d.fate or d.severity)}</td>'
        f"<td><code>{escape(d.code)}</code></td><td><code>{escape(place(d))}</code></td>"
        f"<td>{escape(d.message)}{f'<small>{escape(d.hint)}</small>' if d.hint else ''}</td></tr>"
        for d in report.diagnostics
    )
    head = "<tr><th>what</th><th>code</th><th>where</th><th>why</th></tr>"
    table = f"<table>{head}{rows}</table>" if rows else "<p>Everything was kept as it was.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"<h1>Conversion of <code>{escape(source.path)}</code>"
        f" ({escape(source.format or 'unread')}) to {escape(target.format or '')}</h1>"
        f"<dl>{counts}</dl>{table}"
        f"<p><small>fairwf {escape(report.fairwf_version)}</small></p></html>"
    )
