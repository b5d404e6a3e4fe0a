"""The sections of a page, each HTML, or empty where the crate says nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from fairwf.crates.preview.entities import Entities, Entity, address, clip, id_of, link, size, text
from fairwf.crates.preview.ledger import FAILED, Ledger, Row, span

MOST_ROWS = 100
"""The largest number of rows that a table has without a script; what is left out is counted."""


def facts(entities: Entities, root: Entity, main: Entity, run: Entity | None) -> str:
    """Return what the crate is, who made it, and how its run went."""
    rows = [
        ("Workflow", link(main) if main else ""),
        ("Language", entities.links(main.get("programmingLanguage"))),
        ("Version", escape(text(main.get("version")))),
        ("Authors", entities.links(main.get("creator") or root.get("author"))),
        ("Licence", entities.links(root.get("license"))),
        ("Published", escape(text(root.get("datePublished")))),
        ("Identifier", entities.links(root.get("identifier"))),
        ("Cite as", entities.links(root.get("cite-as"))),
        ("Identifier of the workflow", entities.links(main.get("identifier"))),
        ("Repository", entities.links(main.get("codeRepository"))),
        ("Citation", entities.links(main.get("citation") or root.get("citation"))),
    ]
    if run:
        engine = next(entities.all("OrganizeAction"), {})
        rows += [
            ("Status", _status(run)),
            ("Run by", entities.links(run.get("agent"))),
            ("Engine", entities.links(engine.get("instrument"))),
            ("Started", escape(text(run.get("startTime")))),
            ("Ended", escape(text(run.get("endTime")))),
            ("Computer", entities.links(run.get("location"))),
        ]
    shown = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
    return f"<section><h2>About</h2><dl>{shown}</dl></section>" if shown else ""


def graph(entities: Entities, main: Entity) -> str:
    """Return the drawing of the workflow that the crate holds."""
    image = entities.one(main.get("image"))
    place = address(image)
    if not place.startswith("./"):
        return ""
    name = escape(text(image.get("name")) or "Diagram of the workflow", quote=True)
    source = escape(place, quote=True)
    return (
        f'<section class="graph"><h2>Graph</h2><a href="{source}">'
        f'<img src="{source}" alt="{name}"></a></section>'
    )


def values(entities: Entities, title: str, value: Any) -> str:
    """Return the inputs or outputs of the run, by the names of the workflow's parameters."""
    found = list(entities.each(value))
    rows = []
    for entity in found[:MOST_ROWS]:
        parameters = list(entities.each(entity.get("exampleOfWork")))
        own = [p for p in parameters if id_of(p).startswith("#parameter/in/")]
        own = own or [p for p in parameters if id_of(p).startswith("#parameter/out/")]
        shown = own[0] if own else (parameters[0] if parameters else entity)
        rows.append(
            (
                escape(text(shown.get("alternateName") or shown.get("name"))),
                entities.value(entity),
                escape(clip(text(shown.get("description")))),
            )
        )
    return _table(title, title.lower(), ("Name", "Value", "What it is"), rows, len(found))


def step_name(step: Entity) -> str:
    """Return the name of a step as the workflow's text has it."""
    return text(step.get("alternateName")) or text(step.get("name"))


def steps(entities: Entities, main: Entity, ledger: Ledger) -> str:
    """Return the steps of the workflow, with how often each ran and when."""
    found = sorted(entities.each(main.get("step")), key=_position)
    executed: dict[str, list[Row]] = {}
    for row in ledger.runs:
        executed.setdefault(row[1], []).append(row)
    whole = span(ledger.runs)
    rows = []
    for step in found[:MOST_ROWS]:
        name = step_name(step)
        own = executed.get(name, [])
        failed = sum(row[4] == FAILED for row in own)
        shown = f'<span data-find="{escape(name, quote=True)}">{len(own)}</span>' if own else ""
        if failed:
            shown += f' <span class="bad">{failed} failed</span>'
        rows.append(
            (
                escape(text(step.get("name"))),
                escape(clip(text(step.get("description")))),
                entities.links(step.get("workExample")),
                shown,
                _bar(_around(own), whole, bool(failed)) if own else "",
            )
        )
    head = ("Step", "What it does", "Tool", "Ran", "When" if ledger.runs else "")
    return _table("Steps", "steps", head, rows, len(found))


def _position(step: Entity) -> int:
    """Return the place of a step among others; strangers write it as text, too, or not at all."""
    said = text(step.get("position"))
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


def executions(ledger: Ledger) -> str:
    """Return the executions in the order of their start, each a bar on the time of the run."""
    if len(ledger.runs) < 2:
        return ""
    whole = span(ledger.runs)
    rows = [
        (
            escape(row[0]),
            "" if row[3] is None else f"{row[3] / 1000:.2f} s",
            _bar(row, whole, row[4] == FAILED),
        )
        for row in ledger.runs[:MOST_ROWS]
    ]
    total = len(ledger.runs) + ledger.hidden_runs
    head = ("Execution", "Took", "")
    return _table("Timeline", "executions", head, rows, total, 1, ledger.hidden_runs)


def files(ledger: Ledger) -> str:
    """Return the files of the crate."""
    found = [thing for thing in ledger.things if len(thing) > 2 and thing[1]]
    rows = [
        (
            escape(thing[0]),
            size(thing[2]),
            f"<code>{escape(thing[3])}</code>",
            f'<a href="{escape(thing[1], quote=True)}">open</a>',
        )
        for thing in found[:MOST_ROWS]
    ]
    total = len(found) + ledger.hidden_things
    head = ("File", "Size", "SHA-256", "")
    return _table("Files in this crate", "files", head, rows, total, 1, ledger.hidden_things)


def _around(rows: Sequence[Row]) -> Row:
    start = min(row[2] for row in rows)
    return ["", "", start, max(row[2] + (row[3] or 0) for row in rows) - start]


def _bar(row: Row, whole: int, failed: bool) -> str:
    left, width = 100 * row[2] / whole, 100 * (row[3] or 0) / whole
    kind = "bar failed" if failed else "bar"
    return f'<div class="{kind}"><i style="left:{left:.2f}%;width:{width:.2f}%"></i></div>'


def _table(
    title: str,
    name: str,
    head: Iterable[str],
    rows: Sequence[tuple[str, ...]],
    total: int,
    number: int | None = None,
    hidden: int = 0,
) -> str:
    if not rows:
        return ""
    lines = []
    for row in rows:
        cells = (
            f"<td{' class=n' if n == number else ''}>{cell}</td>" for n, cell in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    titles = "".join(
        f"<th{' class=n' if n == number else ''}>{word}</th>" for n, word in enumerate(head)
    )
    left = total - len(rows)
    more = f'<p class="soft more">and {left} more</p>' if left > 0 else ""
    if hidden:
        more += f'<p class="soft">{hidden} have no room on this page; the metadata has them</p>'
    return (
        f'<section id="{name}"><h2>{title}</h2><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>{more}</section>"
    )


def _status(run: Entity) -> str:
    words = text(run.get("actionStatus"))
    if "Completed" in words:
        return '<span class="good">completed</span>'
    if "Failed" in words:
        return f'<span class="bad">failed</span> {escape(clip(text(run.get("error"))))}'
    return ""
