"""What else goes with a crate: a bag around it, links for machines, identifiers of its contents.

BagIt (RFC 8493; ``bagit`` writes version 0.97) with the crate as its payload, Signposting (RFC 9264
link set), SWHID (ISO/IEC 18670).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import msgspec

from fairwf.entities.identifiers import ref
from fairwf.entities.metadata import FILE, file_of
from fairwf.entities.reading import ids, types, values
from fairwf.ir.iris import is_iri
from fairwf.report import EnvironmentFault
from fairwf.version import VERSION

LINK_SET = "linkset.json"
SWHID = "https://www.swhid.org/"
_SCHEMA = "https://schema.org/"


def swhid(folder: Path) -> str:
    """Return the SWHID of a folder: the one under which Software Heritage knows the same tree.

    Raises:
        EnvironmentFault: swh.model is not installed.
    """
    try:
        from swh.model.from_disk import Directory
    except ImportError:
        raise _missing("swh.model") from None
    found = Directory.from_disk(path=bytes(folder), max_content_length=None)
    return str(found.swhid())


def swhid_entity(value: str) -> dict[str, Any]:
    """Return the entity of the SWHID of the workflow's folder."""
    return {
        "@type": "PropertyValue",
        "@id": f"#swhid/{value}",
        "name": "SWHID of workflow/",
        "propertyID": SWHID,
        "value": value,
        "url": f"https://archive.softwareheritage.org/{value}",
    }


def link_set_entity() -> dict[str, Any]:
    """Return the entity of the link set."""
    return {
        "@type": "File",
        "@id": LINK_SET,
        "name": "Signposting link set",
        "description": "Typed links of the crate and its files, for machines (RFC 9264).",
        "about": ref("./"),
        "encodingFormat": "application/linkset+json",
    }


def write_link_set(folder: Path, address: str) -> None:
    """Write the link set of the crate in a folder that will lie at an address."""
    metadata = msgspec.json.decode((folder / FILE).read_bytes())
    entities = {entity["@id"]: entity for entity in metadata["@graph"]}
    base = address if address.endswith("/") else address + "/"
    (folder / LINK_SET).write_bytes(link_set_text(entities, base))


def link_set_text(entities: Mapping[str, Mapping[str, Any]], base: str) -> bytes:
    """Return the link set of a crate at an address as the octets of its file."""
    text = json.dumps(link_set(entities, base), ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "replace")


def link_set(entities: Mapping[str, Mapping[str, Any]], base: str) -> dict[str, Any]:
    """Return the link set (FAIR Signposting Profile, level 2) of a crate at an address."""
    root = entities["./"]
    described = {
        "href": urljoin(base, file_of(entities)),
        "type": "application/ld+json",
        "profile": "https://w3id.org/ro/crate",
    }
    links: dict[str, Any] = {
        "anchor": base,
        "type": [{"href": _SCHEMA + name} for name in types(root)],
        "describedby": [described],
        "license": [{"href": iri} for iri in ids(root.get("license")) if is_iri(iri)],
        "author": [{"href": iri} for iri in ids(root.get("author")) if is_iri(iri)],
        "cite-as": [{"href": i} for i in values(root.get("identifier")) if _is_doi(i)][:1],
        "item": list(_items(entities, root, base)),
    }
    back = {"anchor": described["href"], "describes": [{"href": base, "type": "text/html"}]}
    return {"linkset": [{key: value for key, value in links.items() if value}, back]}


def _items(
    entities: Mapping[str, Mapping[str, Any]], root: Mapping[str, Any], base: str
) -> Iterator[dict[str, str]]:
    for identifier in ids(root.get("hasPart")):
        entity = entities.get(identifier, {})
        media = next((m for m in values(entity.get("encodingFormat")) if isinstance(m, str)), None)
        if "File" in types(entity):
            yield {"href": urljoin(base, identifier), **({"type": media} if media else {})}


def _is_doi(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("https://doi.org/")


def make_bag(folder: Path, name: str, date: str) -> None:
    """Turn the folder of a crate into a bag whose payload is the crate.

    Raises:
        EnvironmentFault: bagit is not installed.
    """
    try:
        import bagit
    except ImportError:
        raise _missing("bagit") from None
    logging.getLogger("bagit").setLevel(logging.ERROR)
    about = {
        "Bagging-Date": date,
        "Bag-Software-Agent": f"fairwf {VERSION}, bagit.py {bagit.VERSION}",
        "External-Description": " ".join(name.split()),
    }
    bagit.make_bag(str(folder), about, checksums=["sha256", "sha512"])


def _missing(package: str) -> EnvironmentFault:
    return EnvironmentFault.of(
        "FWF5003", f"{package} is not installed", hint="pip install 'fairwf[packing]'"
    )
