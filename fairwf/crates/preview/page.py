"""The page of a crate. It needs no network; without scripts it is whole but for paging and clicks.

Every text of the crate is escaped, links lead to files of the crate and to web addresses only, and
the page's own policy forbids scripts but ours.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from fairwf.crates.preview import sections
from fairwf.crates.preview.entities import Entities, id_of, text
from fairwf.crates.preview.ledger import Ledger
from fairwf.entities.metadata import FILE, file_of
from fairwf.entities.reading import values

PREVIEW = "ro-crate-preview.html"


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def style() -> str:
    """Return the look of the page (CSS)."""
    return _asset("style.css")


def write_preview(folder: Path) -> None:
    """Write the preview of the crate in a folder."""
    metadata = msgspec.json.decode((folder / FILE).read_bytes())
    page = render({entity["@id"]: entity for entity in metadata["@graph"]})
    (folder / PREVIEW).write_text(page, encoding="utf-8", errors="replace")


def render(by_id: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page of a crate, given its entities by id."""
    entities = Entities(by_id)
    root = by_id["./"]
    main = entities.one(root.get("mainEntity"))
    runs = entities.all("CreateAction")
    run = next((a for a in runs if main and id_of(a.get("instrument")) == id_of(main)), None)
    title = text(root.get("name")) or "RO-Crate"
    file = file_of(by_id)
    ledger = Ledger()
    ledger.fill(entities, _steps_of_executions(entities))
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{escape(text(root.get("description")))}</p>',
        sections.facts(entities, root, main, run),
        sections.graph(entities, main),
        sections.values(entities, "Inputs", run.get("object") if run else None),
        sections.values(entities, "Outputs", run.get("result") if run else None),
        sections.steps(entities, main, ledger),
        sections.executions(ledger),
        sections.files(ledger),
        f'<p class="soft">The same for machines: <a href="{file}">{file}</a></p>',
        f'<script type="application/json" id="ledger">{ledger.json()}</script>',
    ]
    script = _asset("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style()}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _steps_of_executions(entities: Entities) -> dict[str, str]:
    """Return the short name of the step of each execution, as control actions tell."""
    found = {}
    for control in entities.all("ControlAction"):
        step = sections.step_name(entities.one(control.get("instrument")))
        for action in values(control.get("object")):
            found[id_of(action)] = step
    return found
