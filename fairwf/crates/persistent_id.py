"""Stating in a crate the persistent identifier that it got: ``identifier`` and ``cite-as``.

RO-Crate 1.1 and 1.2, "Root Data Entity identifier". All other octets of the metadata stay as they
are; the preview and the link set follow where they are ours.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from fairwf.atomic import write_file
from fairwf.crates.entity_stream import MalformedError, Part, parts
from fairwf.crates.metadata import FILE, compact
from fairwf.crates.packing import LINK_SET, link_set_text
from fairwf.crates.preview import PREVIEW, render
from fairwf.crates.read import Crate, values
from fairwf.report import EnvironmentFault, InvalidError

DOI_URL = "https://doi.org/"

_DERIVED = (FILE, PREVIEW, LINK_SET)
_MOST_MEMBER = 256 * 1024 * 1024
_INDENT = re.compile(rb"\{\r?\n([ \t]+)")


def identity(crate: Crate) -> str:
    """Return the URN of a crate: the same before and after a DOI is stated in it.

    It is derived from the metadata and the names and sizes of the files.
    """
    digest = hashlib.sha256()
    for part in _parts(crate):
        value = part.value
        if part.key is None and value == crate.root:
            value = {k: v for k, v in value.items() if k != "cite-as"}
            value["identifier"] = [v for v in values(value.get("identifier")) if not _is_doi(v)]
        digest.update(json.dumps([part.key, value], sort_keys=True).encode())
    for place in sorted(crate.files()):
        if place not in _DERIVED:
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
    call does the rest; a zip file is replaced as a whole.

    Args:
        path: the folder with the metadata in it, or the zip file.
        crate: the same, open.
        doi: ``10.5281/zenodo.123``.
        scratch: a folder beside the crate for what is not finished; nothing of it gets into the
            crate when the process dies.
        replaced: earlier DOIs that are of other versions, and are taken out.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    files = dict(_changed_files(crate, doi, replaced))
    if not files:
        return False
    try:
        if path.is_dir():
            for name, data in files.items():
                made = scratch / f"{name}.new"
                made.write_bytes(data)
                _replace(made, path / name)
        else:
            made = scratch / f"{path.name}.new"
            _rewrite_zip(path, crate.prefix, files, made)
            _replace(made, path)
    except OSError as error:
        raise EnvironmentFault.refused(error, file=str(error.filename or path)) from None
    return True


def _changed_files(
    crate: Crate, doi: str, replaced: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    raw = _root_text(crate)
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
    yield crate.file, crate.metadata.replace(raw, _text(root, raw), 1)


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
        return stream.read(_MOST_MEMBER)


def _parts(crate: Crate) -> Iterator[Part]:
    try:
        yield from parts(io.BytesIO(crate.metadata), _MOST_MEMBER)
    except MalformedError as error:
        raise InvalidError.of("FWF5101", error.message, file=crate.name) from None


def _root_text(crate: Crate) -> bytes:
    """Return the root entity as the metadata file has it."""
    for part in _parts(crate):
        if part.key is None and part.value == crate.root:
            return part.raw
    raise InvalidError.of("FWF5101", "the root stands in no graph of entities", file=crate.name)


def _text(root: Mapping[str, Any], old: bytes) -> bytes:
    """Return an entity as text, indented as it was."""
    match = _INDENT.match(old)
    if match is None:
        return json.dumps(root, ensure_ascii=False, separators=(", ", ": ")).encode()
    inner = match[1].decode()
    last = old.rpartition(b"\n")[2]
    outer = last[: len(last) - len(last.lstrip())].decode()
    step = inner.removeprefix(outer) or inner
    text = json.dumps(root, ensure_ascii=False, indent=step)
    return text.replace("\n", "\n" + outer).encode()


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


def _rewrite_zip(path: Path, top: str, files: Mapping[str, bytes], target: Path) -> None:
    """Write a zip file anew with other members, named as the crate names them."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = files.get(info.filename.removeprefix(top))
            fresh = zipfile.ZipInfo(info.filename, info.date_time)
            fresh.external_attr, fresh.compress_type = info.external_attr, info.compress_type
            if info.is_dir() or data is not None:
                new.writestr(fresh, data or b"")
                continue
            with old.open(info) as source, new.open(fresh, "w", force_zip64=True) as member:
                shutil.copyfileobj(source, member, 1024 * 1024)
