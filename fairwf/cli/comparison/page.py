"""A comparison as one HTML page, side by side, and as Markdown for a comment."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from fairwf.cli.diagnostics import printable
from fairwf.cli.outputs import Change, Difference, Place
from fairwf.document import Document

MOST_DRAWN = 150
"""Steps of a workflow that is drawn beside the other."""
MOST_IN_A_COMMENT = 50
_LONGEST = 400
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--gone:#d6333322;--new:#22994422}
body{font:15px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:110rem;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1.1rem;margin-top:2rem}code{font-size:.9em}
table{border-collapse:collapse;width:100%;table-layout:fixed}th{text-align:left}
th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:anywhere}
td.gone{background:var(--gone)}td.new{background:var(--new)}th.where{width:26%}
.drawn{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
.drawn figure{margin:0;overflow:auto;border:1px solid var(--line);border-radius:8px;padding:.5rem}
.drawn svg{max-width:100%;height:auto}figcaption{font-size:.9rem;opacity:.8}
@media(max-width:760px){.drawn{grid-template-columns:1fr}}
"""


def html(found: Difference, a: Document, b: Document) -> str:
    """Return the page; it needs nothing else."""
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(_name(found.a))} and {escape(_name(found.b))}</title>",
        f"<style>{_STYLE}</style>",
        f"<h1><code>{escape(_name(found.a))}</code> and <code>{escape(_name(found.b))}</code>:"
        f" {_verdict(found)}</h1>",
        _drawn(found, a, b),
        "<h2>Steps</h2>",
        _table(("", _name(found.a), _name(found.b)), _step_rows(found)),
    ]
    if found.outline.links:
        rows = [
            f"<tr><td>link</td>{_cell(_arrow(link), 'gone', link.only == 'a')}"
            f"{_cell(_arrow(link), 'new', link.only == 'b')}</tr>"
            for link in found.outline.links
        ]
        parts.append(_table(("", _name(found.a), _name(found.b)), rows))
    if found.changes:
        rows = [
            f"<tr><td><code>{escape(printable(c.path))}</code></td>"
            f"{_cell(_value(c.before), 'gone', c.change != 'added')}"
            f"{_cell(_value(c.after), 'new', c.change != 'removed')}</tr>"
            for c in found.changes
        ]
        parts += ["<h2>Meaning</h2>", _table(("where", _name(found.a), _name(found.b)), rows)]
    return "".join([*parts, f"<p><small>fairwf {escape(found.fairwf_version)}</small></p></html>"])


def markdown(found: Difference) -> str:
    """Return a comment for a pull request."""
    a, b = _quoted(_name(found.a)), _quoted(_name(found.b))
    lines = [f"### {a} → {b}: {_verdict(found)}", ""]
    told = [pair for pair in found.outline.steps if pair.a != pair.b]
    if told or found.outline.links:
        lines += ["| | before | after |", "|---|---|---|"]
        for pair in told:
            how = "step" if pair.a is None or pair.b is None else "renamed"
            lines.append(f"| {how} | {_quoted(pair.a)} | {_quoted(pair.b)} |")
        for link in found.outline.links:
            sides = (_quoted(_arrow(link)), "") if link.only == "a" else ("", _quoted(_arrow(link)))
            lines.append(f"| link | {sides[0]} | {sides[1]} |")
        lines.append("")
    if found.changes:
        lines += ["<details><summary>Every place</summary>", "", "| where | before | after |",
                  "|---|---|---|"]  # fmt: skip
        for c in found.changes[:MOST_IN_A_COMMENT]:
            before = "" if c.change == "added" else _quoted(_value(c.before))
            after = "" if c.change == "removed" else _quoted(_value(c.after))
            lines.append(f"| {_quoted(c.path)} | {before} | {after} |")
        if len(found.changes) > MOST_IN_A_COMMENT:
            lines.append(f"| {len(found.changes) - MOST_IN_A_COMMENT} more | | |")
        lines += ["", "</details>", ""]
    return "\n".join(lines)


def text(found: Difference) -> str:
    """Return the steps in pairs, and the links that only one has, one a line."""
    lines = []
    for pair in found.outline.steps:
        if pair.a is None or pair.b is None:
            lines.append(f"- {pair.a}" if pair.a is not None else f"+ {pair.b}")
        else:
            lines.append(f"= {pair.a}" if pair.a == pair.b else f"= {pair.a} = {pair.b}")
    lines += [f"{'-' if link.only == 'a' else '+'} {_arrow(link)}" for link in found.outline.links]
    return "\n".join(printable(line) for line in lines)


def _name(place: Place) -> str:
    return place.path or "-"


def _verdict(found: Difference) -> str:
    if found.same:
        return "the same meaning"
    count = len(found.changes)
    return f"{count} difference{'' if count == 1 else 's'} in meaning"


def _arrow(link: Any) -> str:
    return f"{link.source} -> {link.target}"


def _value(value: Any, longest: int = _LONGEST) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= longest else f"{said[:longest]}…"


def _quoted(value: str | None) -> str:
    """Return a text as code in a cell of a table: nothing in it is read as Markdown."""
    if value is None:
        return ""
    plain = printable(value).replace("\n", " ").replace("|", "\\|")
    runs = re.findall("`+", plain)
    fence = "`" * (1 + max(map(len, runs), default=0))
    pad = " " if runs else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _cell(value: str, kind: str, there: bool) -> str:
    return (
        f'<td class="{kind}"><code>{escape(printable(value))}</code></td>' if there else "<td></td>"
    )


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    cells = "".join(
        f'<th class="where">{escape(head)}</th>' if not number else f"<th>{escape(head)}</th>"
        for number, head in enumerate(heads)
    )
    return f"<table><tr>{cells}</tr>{''.join(rows)}</table>"


def _step_rows(found: Difference) -> list[str]:
    rows = []
    for pair in found.outline.steps:
        if pair.a is not None and pair.b is not None:
            how = "the same" if pair.a == pair.b else "another name"
            cells = f"<td><code>{escape(pair.a)}</code></td><td><code>{escape(pair.b)}</code></td>"
        else:
            how = "only here"
            cells = _cell(pair.a or "", "gone", pair.a is not None)
            cells += _cell(pair.b or "", "new", pair.b is not None)
        rows.append(f"<tr><td>{how}</td>{cells}</tr>")
    return rows


def _drawn(found: Difference, a: Document, b: Document) -> str:
    from fairwf.graph import document_graph
    from fairwf.graph.svg import svg

    graphs = [document_graph(document) for document in (a, b)]
    if max(len(graph.nodes) for graph in graphs) > MOST_DRAWN:
        return ""
    figures = "".join(
        f"<figure>{svg(graph)}<figcaption>{escape(_name(place))}"
        f" ({escape(place.format or '')})</figcaption></figure>"
        for graph, place in zip(graphs, (found.a, found.b), strict=True)
    )
    return f'<div class="drawn">{figures}</div>'


def short(change: Change, longest: int) -> str:
    """Return one difference on a line."""
    before, after = (_value(value, longest) for value in (change.before, change.after))
    return {
        "added": f"+ {change.path}: {after}",
        "removed": f"- {change.path}: {before}",
        "changed": f"~ {change.path}: {before} -> {after}",
    }[change.change]
