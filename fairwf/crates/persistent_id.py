"""Stating in a crate the persistent identifier that it got: ``identifier`` and ``cite-as``.

RO-Crate 1.1 and 1.2, "Root Data Entity identifier". All other octets of the metadata stay as they
are; the preview and the link set follow where they are ours.
"""

from __future__ import annotations

import errno
import hashlib
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from fairwf.atomic import write_file
from fairwf.crates.bags import PAYLOAD, TAG_FILE, mended
from fairwf.crates.packing import LINK_SET, link_set_text
from fairwf.crates.preview import PREVIEW, render
from fairwf.crates.read import Crate, crate_root
from fairwf.crates.rewrite import MOST_MEMBER, edited_metadata, parts_of, rewrite_zip
from fairwf.entities.metadata import compact
from fairwf.entities.reading import values
from fairwf.report import EnvironmentFault

DOI_URL = "https://doi.org/"

_DERIVED = (PREVIEW, LINK_SET)


def identity(crate: Crate) -> str:
    """Return the URN of a crate: the same before and after a DOI is stated in it.

    It is derived from the metadata and the names and sizes of the files.
    """
    digest = hashlib.sha256()
    for part in parts_of(crate):
        value = part.value
        if part.key is None and value == crate.root:
            value = {k: v for k, v in value.items() if k != "cite-as"}
            value["identifier"] = [v for v in values(value.get("identifier")) if not _is_doi(v)]
        digest.update(json.dumps([part.key, value], sort_keys=True).encode())
    for place in sorted(crate.files()):
        if place != crate.file and place not in _DERIVED:
            digest.update(f"\n{place}\t{crate.size(place)}".encode("utf-8", "surrogateescape"))
    return uuid5(NAMESPACE_URL, f"ro-crate:{digest.hexdigest()}").urn


def stated(crate: Crate) -> list[str]:
    """Return the DOIs that the root names as its identifiers, without ``https://doi.org/``."""
    return [v[len(DOI_URL) :] for v in values(crate.root.get("identifier")) if _is_doi(v)]


def state_doi(
    path: Path, crate: Crate, doi: str, scratch: Path, replaced: Collection[str] = ()
) -> bool:
    """Write a DOI into a crate, a folder or a zip file; False where it was there already.

    Each file is replaced at once, the metadata last, so that after a death in between the same
    call does the rest; a zip file is replaced as a whole. Of a bag the manifests change with it.

    Args:
        path: the folder of the crate or of the bag around it, or the zip file.
        crate: the same, open.
        doi: ``10.5281/zenodo.123``.
        scratch: a folder beside the crate for what is not finished; nothing of it gets into the
            crate when the process dies.
        replaced: earlier DOIs that are of other versions, and are taken out.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    changed = dict(_changed_files(crate, doi, replaced))
    if not changed:
        return False
    prefix = PAYLOAD if path.is_dir() and crate_root(path) != path else crate.prefix
    files = {prefix + name: data for name, data in changed.items()}
    if prefix == PAYLOAD:
        sizes = {prefix + name: crate.size(name) or 0 for name in crate.files()}
        files = {**mended(_tag_files(path), files, sizes), **files}
    try:
        if path.is_dir():
            for name, data in files.items():
                made = scratch / f"{name.replace('/', '_')}.new"
                made.write_bytes(data)
                _replace(made, path / name)
        else:
            made = scratch / f"{path.name}.new"
            rewrite_zip(path, files, made)
            _replace(made, path)
    except OSError as error:
        raise EnvironmentFault.refused(error, file=str(error.filename or path)) from None
    return True


def _tag_files(bag: Path) -> dict[str, bytes]:
    if bag.is_dir():
        return {p.name: p.read_bytes() for p in bag.iterdir() if TAG_FILE.match(p.name)}
    with zipfile.ZipFile(bag) as archive:
        return {name: archive.read(name) for name in archive.namelist() if TAG_FILE.match(name)}


def _changed_files(
    crate: Crate, doi: str, replaced: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    address = DOI_URL + doi
    gone = {address, *(DOI_URL + other for other in replaced)}
    kept = [v for v in values(crate.root.get("identifier")) if v not in gone]
    changes = {"identifier": compact([address, *kept]), "cite-as": address}
    root = {**crate.root, **changes}
    if root == crate.root:
        return
    entities = {**crate.entities, root["@id"]: root}
    old = _read(crate, PREVIEW)
    # Only what fairwf itself made of this very metadata is made anew.
    if old is not None and "./" in entities and old == _page(crate.entities):
        yield PREVIEW, _page(entities)
    links = _read(crate, LINK_SET)
    base = _anchor(links)
    if base is not None and "./" in entities and links == link_set_text(crate.entities, base):
        yield LINK_SET, link_set_text(entities, base)
    yield crate.file, edited_metadata(crate, {root["@id"]: root})


def _page(entities: Mapping[str, Mapping[str, Any]]) -> bytes:
    return render(entities).encode("utf-8", "replace")


def _anchor(links: bytes | None) -> str | None:
    """Return the address that a link set is for."""
    try:
        found = msgspec.json.decode(links or b"")
        anchor = found["linkset"][0]["anchor"]
    except (msgspec.DecodeError, LookupError, TypeError):
        return None
    return anchor if isinstance(anchor, str) else None


def _read(crate: Crate, name: str) -> bytes | None:
    if not crate.has(name):
        return None
    with crate.open(name) as stream:
        return stream.read(MOST_MEMBER)


def _is_doi(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(DOI_URL)


def _replace(made: Path, target: Path) -> None:
    """Put a file in the place of another, with its permissions."""
    made.chmod(target.stat().st_mode & 0o777)
    try:
        made.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        write_file(target, made.read_bytes())  # the crate is a file system of its own
        made.unlink()
