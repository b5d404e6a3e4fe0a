"""``ro-crate-preview.html``: one static page that says what the crate holds.

It needs no script and no network. Every text of the crate is escaped; links lead to files of the
crate and to web addresses only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from fairwf.crates.identifiers import is_web
from fairwf.crates.metadata import FILE

PREVIEW = "ro-crate-preview.html"
MOST_ROWS = 500
"""The largest number of rows of a table; what is left out is counted."""

_Entity = Mapping[str, Any]

STYLE = """
:root{--ink:#1d2433;--soft:#5b667a;--line:#dfe4ec;--paper:#fff;--back:#f5f7fa;--accent:#1b6e8c;
--bad:#b3261e;--good:#2c7a4b}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf2;--soft:#9aa6bb;--line:#323b4d;--paper:#1c2330;
--back:#141a24;--accent:#6cc3e0;--bad:#ff8a80;--good:#7fd6a2}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);
font:16px/1.55 system-ui,sans-serif}main{max-width:68rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem}h2{font-size:1.15rem;margin:0 0 .8rem}
p{margin:.3rem 0}.soft{color:var(--soft)}section{background:var(--paper);
border:1px solid var(--line);
border-radius:.7rem;padding:1.2rem 1.4rem;margin:1.2rem 0;overflow-x:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:.93rem}
th{text-align:left;color:var(--soft);font-weight:600}th,td{padding:.35rem .7rem .35rem 0;
border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tr:last-child td{border:0}
td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}a{color:var(--accent)}
code{font:.85em ui-monospace,monospace}.bar{position:relative;height:.8rem;min-width:14rem;
background:var(--back);border-radius:.3rem}.bar i{position:absolute;top:0;bottom:0;min-width:3px;
background:var(--accent);border-radius:.3rem}.bad{color:var(--bad)}.good{color:var(--good)}
.bar.failed i{background:var(--bad)}
"""


def write_preview(folder: Path) -> None:
    """Write the preview of the crate in a folder."""
    metadata = msgspec.json.decode((folder / FILE).read_bytes())
    page = render({entity["@id"]: entity for entity in metadata["@graph"]})
    (folder / PREVIEW).write_text(page, encoding="utf-8", errors="replace")


def render(entities: Mapping[str, _Entity]) -> str:
    """Return the page of a crate, given its entities by id."""
    root = entities["./"]
    page = _Page(entities)
    main = page.one(root.get("mainEntity"))
    run = next((a for a in page.all("CreateAction") if _id(a.get("instrument")) == _id(main)), None)
    title = _text(root.get("name")) or "RO-Crate"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{escape(_text(root.get("description")))}</p>',
        page.facts(root, main, run),
        page.values("Inputs", run.get("object") if run else None),
        page.values("Outputs", run.get("result") if run else None),
        page.steps(main),
        page.timeline(),
        page.files(),
        f'<p class="soft">The same for machines: <a href="{FILE}">{FILE}</a></p>',
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


class _Page:
    def __init__(self, entities: Mapping[str, _Entity]) -> None:
        self._entities = entities

    def one(self, value: Any) -> _Entity:
        found = next(iter(self.each(value)), None)
        return found if found is not None else {}

    def each(self, value: Any) -> Iterator[_Entity]:
        for item in _list(value):
            found = self._entities.get(_id(item) or "")
            if found is not None:
                yield found

    def all(self, type_: str) -> Iterator[_Entity]:
        return (e for e in self._entities.values() if type_ in _list(e.get("@type")))

    # --- sections -----------------------------------------------------------------------------

    def facts(self, root: _Entity, main: _Entity, run: _Entity | None) -> str:
        rows = [
            ("Workflow", self._link(main)),
            ("Language", self._links(main.get("programmingLanguage"))),
            ("Version", escape(_text(main.get("version")))),
            ("Authors", self._links(main.get("creator"))),
            ("Licence", self._links(root.get("license"))),
            ("Published", escape(_text(root.get("datePublished")))),
            ("Cite as", self._links(root.get("cite-as"))),
            ("Citation", self._links(main.get("citation"))),
        ]
        if run:
            engine = next(self.all("OrganizeAction"), {})
            rows += [
                ("Status", _status(run)),
                ("Run by", self._links(run.get("agent"))),
                ("Engine", self._links(engine.get("instrument"))),
                ("Started", escape(_text(run.get("startTime")))),
                ("Ended", escape(_text(run.get("endTime")))),
                ("Computer", self._links(run.get("location"))),
            ]
        shown = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
        return f"<section><h2>About</h2><dl>{shown}</dl></section>"

    def values(self, title: str, value: Any) -> str:
        rows = []
        for entity in self.each(value):
            parameters = list(self.each(entity.get("exampleOfWork")))
            own = [p for p in parameters if _id(p).startswith("#parameter/in/")]
            own = own or [p for p in parameters if _id(p).startswith("#parameter/out/")]
            shown = own[0] if own else (parameters[0] if parameters else entity)
            rows.append(
                (
                    escape(_text(shown.get("alternateName") or shown.get("name"))),
                    self._value(entity),
                    escape(_clip(_text(shown.get("description")))),
                )
            )
        return _table(title, ("Name", "Value", "What it is"), rows)

    def steps(self, main: _Entity) -> str:
        found = sorted(self.each(main.get("step")), key=lambda step: step.get("position", 0))
        rows = [
            (
                escape(_text(step.get("name"))),
                escape(_clip(_text(step.get("description")))),
                self._links(step.get("workExample")),
            )
            for step in found
        ]
        return _table("Steps", ("Step", "What it does", "Tool"), rows)

    def timeline(self) -> str:
        actions = [a for a in self.all("CreateAction") if _time(a, "startTime") is not None]
        actions = [a for a in actions if _time(a, "endTime") is not None]
        actions.sort(key=lambda a: (_time(a, "startTime") or 0.0, _id(a)))
        if len(actions) < 2:
            return ""
        start = min(_time(a, "startTime") or 0.0 for a in actions)
        whole = max((_time(a, "endTime") or 0.0) - start for a in actions) or 1.0
        rows = []
        for action in actions:
            begin = (_time(action, "startTime") or 0.0) - start
            length = (_time(action, "endTime") or 0.0) - start - begin
            failed = " failed" if "Failed" in _text(action.get("actionStatus")) else ""
            bar = (
                f'<i style="left:{100 * begin / whole:.2f}%;width:{100 * length / whole:.2f}%"></i>'
            )
            rows.append(
                (
                    escape(_clip(_text(action.get("name")), 80)),
                    f"{length:.2f} s",
                    f'<div class="bar{failed}">{bar}</div>',
                )
            )
        return _table("Timeline", ("Execution", "Took", ""), rows, number=1)

    def files(self) -> str:
        rows = [
            (
                self._link(entity),
                _size(entity.get("contentSize")),
                f"<code>{escape(_text(entity.get('sha256'))[:16])}</code>",
            )
            for entity in self.all("File")
            if not _id(entity).startswith("#")
        ]
        return _table("Files in this crate", ("File", "Size", "SHA-256"), rows, number=1)

    # --- cells --------------------------------------------------------------------------------

    def _value(self, entity: _Entity) -> str:
        types = _list(entity.get("@type"))
        if "PropertyValue" in types:
            return f"<code>{escape(_clip(_text(entity.get('value'))))}</code>"
        if "Collection" in types:
            return ", ".join(self._link(part) for part in self.each(entity.get("hasPart")))
        return self._link(entity)

    def _links(self, value: Any) -> str:
        shown = []
        for item in _list(value):
            entity = self._entities.get(_id(item) or "")
            if entity is not None:
                shown.append(self._link(entity))
            else:
                text = _id(item) or _text(item)
                shown.append(_anchor(text, text) if is_web(text) else escape(text))
        return ", ".join(shown)

    def _link(self, entity: _Entity) -> str:
        identifier = _id(entity)
        name = _text(entity.get("name")) or identifier
        version = _text(entity.get("softwareVersion"))
        if version and len(version) < 20:
            name = f"{name} {version}"
        if is_web(identifier):
            return _anchor(identifier, name)
        is_data = {"File", "Dataset"}.intersection(_list(entity.get("@type")))
        if is_data and not identifier.startswith("#"):
            return _anchor("./" + identifier, name)
        return escape(name)


def _table(
    title: str, head: Iterable[str], rows: Sequence[tuple[str, ...]], number: int | None = None
) -> str:
    if not rows:
        return ""
    lines = []
    for row in rows[:MOST_ROWS]:
        cells = (
            f"<td{' class=n' if n == number else ''}>{cell}</td>" for n, cell in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    hidden = len(rows) - MOST_ROWS
    more = f'<p class="soft">and {hidden} more</p>' if hidden > 0 else ""
    titles = "".join(f"<th>{name}</th>" for name in head)
    return (
        f"<section><h2>{title}</h2><table><thead><tr>{titles}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>{more}</section>"
    )


def _anchor(address: str, name: str) -> str:
    return f'<a href="{escape(address, quote=True)}">{escape(name)}</a>'


def _status(run: _Entity) -> str:
    text = _text(run.get("actionStatus"))
    if "Completed" in text:
        return '<span class="good">completed</span>'
    if "Failed" in text:
        return f'<span class="bad">failed</span> {escape(_clip(_text(run.get("error"))))}'
    return ""


def _size(value: Any) -> str:
    try:
        size = float(_text(value))
    except ValueError:
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _time(action: _Entity, key: str) -> float | None:
    try:
        return datetime.fromisoformat(_text(action.get(key))).timestamp()
    except ValueError:
        return None


def _clip(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[:most] + " ..."


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _id(value: Any) -> str:
    found = value.get("@id") if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return str(value.get("@value", value.get("@id", "")))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
