"""Changing single entities of a crate, with all other octets of its metadata as they are."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from fairwf.crates.entity_stream import MalformedError, Part, parts
from fairwf.crates.read import Crate
from fairwf.entities.reading import Entity
from fairwf.report import InvalidError

MOST_MEMBER = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
_INDENT = re.compile(rb"\{\r?\n([ \t]+)")


def parts_of(crate: Crate) -> Iterator[Part]:
    """Yield what stands in the metadata of a crate, with its text.

    Raises:
        InvalidError: it is no graph of entities.
    """
    try:
        yield from parts(io.BytesIO(crate.metadata), MOST_MEMBER)
    except MalformedError as error:
        raise InvalidError.of("FWF5101", error.message, file=crate.name) from None


def edited_metadata(crate: Crate, entities: Mapping[str, Entity]) -> bytes:
    """Return the metadata with other entities in the place of those with their ids.

    Raises:
        InvalidError: the metadata is no graph of entities, or lacks one of them.
    """
    text, left = crate.metadata, dict(entities)
    for part in parts_of(crate):
        identifier = part.value.get("@id") if isinstance(part.value, dict) else None
        if part.key is None and isinstance(identifier, str) and identifier in left:
            text = text.replace(part.raw, _text(left.pop(identifier), part.raw), 1)
    if left:
        raise InvalidError.of("FWF5101", f"{next(iter(left))!r:.80} is not there", file=crate.name)
    return text


def _text(entity: Entity, old: bytes) -> bytes:
    """Return an entity as text, indented as it was."""
    match = _INDENT.match(old)
    if match is None:
        return json.dumps(entity, ensure_ascii=False, separators=(", ", ": ")).encode()
    inner = match[1].decode()
    last = old.rpartition(b"\n")[2]
    outer = last[: len(last) - len(last.lstrip())].decode()
    text = json.dumps(entity, ensure_ascii=False, indent=inner.removeprefix(outer) or inner)
    return text.replace("\n", "\n" + outer).encode()


def rewrite_zip(path: Path, files: Mapping[str, bytes], target: Path) -> None:
    """Write a zip file anew with other members.

    Args:
        path: the zip file as it is.
        files: the members that change, by their names in it.
        target: the new file.

    Raises:
        OSError: it cannot be written.
    """
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = files.get(info.filename)
            fresh = zipfile.ZipInfo(info.filename, info.date_time)
            fresh.external_attr, fresh.compress_type = info.external_attr, info.compress_type
            if info.is_dir() or data is not None:
                new.writestr(fresh, data or b"")
                continue
            with old.open(info) as source, new.open(fresh, "w", force_zip64=True) as member:
                shutil.copyfileobj(source, member, _CHUNK)
