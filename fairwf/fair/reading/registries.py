"""Descriptors that registries read: Dockstore, Zenodo, Snakemake's catalog, a Workflow RO-Crate.

Formats: Dockstore ".dockstore.yml" 1.2 (workflows and tools); Zenodo ".zenodo.json" (deposit
metadata); ".snakemake-workflow-catalog.yml" (``usage``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairwf.fair.detectors.placeholders import is_title
from fairwf.fair.outcome import Evidence
from fairwf.fair.reading.claims import Claim, Kind
from fairwf.source import Limits, SourceError, SourceMap, load_json, load_structured

_LIMITS = Limits(bytes=4 * 1024 * 1024, nodes=100_000, depth=60)


@dataclass(frozen=True)
class Descriptor:
    """A descriptor. ``fault`` says why a registry would refuse it; ``main`` is what it names."""

    name: str
    fault: str | None
    evidence: Evidence
    main: str | None = None
    hollow: bool = False


def load(folder: Path, name: str) -> Any:
    """Return what a small file of a folder holds as YAML or JSON, None where it holds nothing."""
    path = folder / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LIMITS.bytes:
        return None
    try:
        data = path.read_bytes()
        if name.endswith(".json"):
            return load_json(data.decode("utf-8", "replace"), name, _LIMITS)
        return load_structured(data, name, _LIMITS)
    except (SourceError, OSError):
        return None


def descriptors(folder: Path) -> list[Descriptor]:
    """Return the descriptors of a folder beside the crate's metadata."""
    found = []
    for name, read in (
        (".dockstore.yml", _dockstore),
        (".zenodo.json", _zenodo),
        (".snakemake-workflow-catalog.yml", _catalog),
        (".snakemake-workflow-catalog.yaml", _catalog),
    ):
        path = folder / name
        if path.is_file() and not path.is_symlink():
            tree = load(folder, name)
            if isinstance(tree, SourceMap):
                found.append(read(name, tree))
            else:
                nothing = Evidence(file=name, value="holds no object")
                found.append(Descriptor(name, "cannot be read", nothing))
    return found


def _dockstore(name: str, tree: SourceMap) -> Descriptor:
    for key, field in (("workflows", "primaryDescriptorPath"), ("tools", "primaryDescriptorPath")):
        items = tree.get(key)
        for item in items if isinstance(items, list) else []:
            if isinstance(item, SourceMap) and isinstance(item.get(field), str):
                line = item.value_span(field).line
                proof = Evidence(file=name, line=line, value=f"{field}: {item[field]}"[:200])
                wrong = None if item.get("subclass") else "the workflow has no subclass"
                if not tree.get("version"):
                    wrong = "version is missing"
                return Descriptor(name, wrong, proof, item[field])
    return Descriptor(name, "names no workflow", Evidence(file=name, value="no workflow"))


def registry_authors(folder: Path) -> Iterator[Claim]:
    """Yield the authors of the first workflow that ``.dockstore.yml`` describes."""
    name = ".dockstore.yml"
    tree = load(folder, name)
    items = tree.get("workflows") if isinstance(tree, SourceMap) else None
    first = items[0] if isinstance(items, list) and items else None
    authors = first.get("authors") if isinstance(first, SourceMap) else None
    for number, author in enumerate(authors if isinstance(authors, list) else ()):
        if not isinstance(author, SourceMap):
            continue
        kinds: tuple[tuple[str, Kind], ...]
        kinds = ("name", "creator"), ("orcid", "orcid"), ("affiliation", "affiliation")
        for key, kind in kinds:
            if isinstance(author.get(key), str):
                yield Claim(kind, author[key], name, author.value_span(key).line, str(number))


_HUB = re.compile(r"workflowhub\.eu/workflows/(\d+)|10\.48546/workflowhub\.workflow\.(\d+)", re.I)


def hub_numbers(claims: list[Claim], prose: list[str]) -> list[str]:
    """Return the numbers in WorkflowHub that metadata name, else the README, at most 3."""
    for texts in ([claim.value for claim in claims], prose):
        found = [a or b for text in texts for a, b in _HUB.findall(text)]
        if found:
            return list(dict.fromkeys(found))[:3]
    return []


def registered_names(folder: Path) -> list[str]:
    """Return the names under which ``.dockstore.yml`` registers workflows, "" for one without."""
    tree = load(folder, ".dockstore.yml")
    items = tree.get("workflows") if isinstance(tree, SourceMap) else None
    named = [item for item in (items if isinstance(items, list) else []) if isinstance(item, dict)]
    return list(dict.fromkeys(str(item.get("name") or "") for item in named))[:3]


def _zenodo(name: str, tree: SourceMap) -> Descriptor:
    missing = [key for key in ("title", "creators") if not tree.get(key)]
    wrong = f"{', '.join(missing)} is missing" if missing else None
    title = str(tree.get("title") or "")
    if title and not is_title(title):
        wrong = "the title says nothing"
    here = Evidence(file=name, line=1, value=title[:200])
    return Descriptor(name, wrong, here, hollow=not is_title(title))


def _catalog(name: str, tree: SourceMap) -> Descriptor:
    wrong = None if isinstance(tree.get("usage"), dict) else "usage is missing"
    return Descriptor(name, wrong, Evidence(file=name, line=1, value="usage"))
