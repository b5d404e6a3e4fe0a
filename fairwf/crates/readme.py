"""``README.md`` of a crate: what it is, for those who open the folder."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from fairwf.crates.extras import JOB
from fairwf.entities.metadata import FILE as METADATA
from fairwf.entities.reading import types

FILE = "README.md"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&])")


def entity() -> dict[str, Any]:
    """Return the entity of the file (Workflow RO-Crate 1.0, "README.md")."""
    return {
        "@type": "File",
        "@id": FILE,
        "name": FILE,
        "about": {"@id": "./"},
        "encodingFormat": "text/markdown",
    }


def write(folder: Path) -> None:
    """Write the file of the crate in a folder."""
    graph = msgspec.json.decode((folder / METADATA).read_bytes())["@graph"]
    text = render({entity["@id"]: entity for entity in graph})
    (folder / FILE).write_text(text, encoding="utf-8", errors="replace")


def render(entities: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text, given the crate's entities by id."""
    root = entities["./"]
    main = entities[root["mainEntity"]["@id"]]
    lines = [f"# {_escaped(root['name'])}", "", _escaped(root["description"]), ""]
    lines += [f"- Workflow: [{_escaped(main['name'])}](<{_address(main['@id'])}>)"]
    for folder, title in (("inputs", "Inputs"), ("outputs", "Outputs")):
        if any(identifier.startswith(f"{folder}/") for identifier in entities):
            lines.append(f"- {title}: [{folder}/]({folder}/)")
    for entity in entities.values():
        if "TestDefinition" in types(entity):
            lines.append(f"- Tests: [{_escaped(entity['name'])}](<{_address(entity['@id'])}>)")
    lines += [
        "- For people: [ro-crate-preview.html](ro-crate-preview.html)",
        f"- For machines: [{METADATA}]({METADATA}), an RO-Crate (https://w3id.org/ro/crate/1.1)",
    ]
    lines += _commands(entities, str(main["@id"]))
    return "\n".join(lines) + "\n"


def _commands(entities: Mapping[str, Mapping[str, Any]], main: str) -> list[str]:
    """Return how to run the workflow with the inputs that are here, and how to compare."""
    if JOB not in entities:
        return []
    words = [shlex.quote(unquote(path)) for path in (main, JOB)]
    return [
        "",
        "## Run it again",
        "",
        "In the folder of the crate (`pip install fairwf`):",
        "",
        "```console",
        f"$ fairwf run {' '.join(words)} --outdir again",
        "$ fairwf rerun .",
        "```",
        "",
        "The first runs it; the second also compares every output with the one that is here.",
    ]


def _address(identifier: str) -> str:
    """Return an id that cannot end the link that it stands in."""
    return re.sub(r"[\s<>\\]", lambda match: quote(match[0]), identifier)


def _escaped(text: Any) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
