"""What a pipeline says of itself: the manifest, and the ``meta.yml`` of modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairwf.formats import read_file
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.workflow import Process, Script
from fairwf.source import SourceError, load_structured
from fairwf_nextflow.meaning.configuration import ConfigReader
from fairwf_nextflow.meaning.modules import Loader
from fairwf_nextflow.meaning.symbols import ProcessSymbol

MAX_META = 256 * 1024
_MANIFEST = ("name", "author", "version", "homePage", "doi", "license", "description")


def manifest(config: ConfigReader) -> Metadata:
    """Return what the scope ``manifest`` of the configuration says."""
    said = {name: config.plain("manifest", name) for name in _MANIFEST}
    told = {name: value for name, value in said.items() if isinstance(value, str) and value}
    authors = [one.strip() for one in told.get("author", "").split(",")]
    doi = [one.strip() for one in told.get("doi", "").split(",")]
    return Metadata(
        title=told.get("name"),
        version=told.get("version"),
        creators=tuple(Agent(name=one) for one in authors if one),
        identifiers=tuple(_iri(one) for one in doi if one),
        url=told.get("homePage"),
        license=told.get("license"),
    )


def _iri(doi: str) -> str:
    return doi if "://" in doi else f"https://doi.org/{doi}"


def described(process: Process, symbol: ProcessSymbol, loader: Loader) -> Process:
    """Return a process with what ``meta.yml`` beside its script says of it."""
    path = loader.beside("meta.yml", symbol.module)
    if path is None or path.stat().st_size > MAX_META or not isinstance(process, Script):
        return process
    said = _loaded(loader.shown(path), read_file(path))
    text = said.get("description")
    if not isinstance(text, str) or said.get("name") != symbol.definition.name.lower():
        return process
    return msgspec.structs.replace(process, doc=text.strip())


def _loaded(name: str, data: bytes) -> Mapping[str, Any]:
    try:
        loaded = load_structured(data, name)
    except SourceError:
        return {}
    return loaded if isinstance(loaded, Mapping) else {}
