"""Whether a bag holds what its manifests say (BagIt, RFC 8493, 2.1.3, 2.2.1 and 3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from fairwf.archive import Archive, Limits
from fairwf.crates.bags import PAYLOAD
from fairwf.crates.read import FolderPayload
from fairwf.report import InvalidError, Report
from fairwf.signatures import is_zip

DECLARATION = "bagit.txt"
_ALGORITHMS = ("sha512", "sha256", "sha1", "md5")
_MOST_MANIFEST = 256 * 1024 * 1024
_MOST_FAULTS = 100
_LINE = re.compile(rb"([0-9A-Fa-f]+)[ \t]+\*?(\S.*)")
_CHUNK = 1024 * 1024


def check_bag(path: Path, report: Report, limits: Limits) -> None:
    """Add to a report where a bag, a folder or a zip file, is unlike its manifests.

    What is no bag is passed over. Of several manifests the one with the strongest checksums counts.

    Raises:
        InvalidError: the zip file is damaged or unsafe, or a manifest too large.
    """
    payload: FolderPayload | Archive
    if path.is_dir():
        payload = FolderPayload(path, str(path))
    elif is_zip(path):
        payload = Archive(path, str(path), limits, (DECLARATION,))
    else:
        return
    with closing(payload):
        if payload.size(DECLARATION) is None:
            return
        files = set(payload.files())
        told = False
        for kind in ("manifest", "tagmanifest"):
            names = [f"{kind}-{a}.txt" for a in _ALGORITHMS if f"{kind}-{a}.txt" in files]
            for name in names[:1]:
                told = told or kind == "manifest"
                _tell(_faults(payload, name, files), report, f"{path}/{name}")
        if not told:
            text = "the bag has no manifest of its payload: nobody can tell whether it is whole"
            report.add("FWF5103", text, file=f"{path}/{DECLARATION}")


def _tell(faults: Iterator[tuple[str, str]], report: Report, file: str) -> None:
    for name, fault in islice(faults, _MOST_FAULTS):
        report.add("FWF5103", f"{name!r:.120} {fault}", file=file)
    if more := sum(1 for _ in faults):
        report.add("FWF5103", f"and {more} more", file=file)


def _faults(
    payload: FolderPayload | Archive, name: str, files: set[str]
) -> Iterator[tuple[str, str]]:
    with payload.open(name) as stream:
        text = stream.read(_MOST_MANIFEST + 1)
    if len(text) > _MOST_MANIFEST:
        raise InvalidError.of("FWF1009", f"larger than {_MOST_MANIFEST} bytes", file=name)
    algorithm = name.partition("-")[2].removesuffix(".txt")
    listed: set[str] = set()
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is None:
            if line.strip():
                yield line.decode("utf-8", "replace"), "is no line of a manifest"
            continue
        file = _unescaped(match[2].decode("utf-8", "replace"))
        if file in listed:
            yield file, "stands twice in the manifest"
            continue
        listed.add(file)
        if file not in files:
            yield file, "is in the manifest, and not in the bag"
        elif _digest(payload, file, algorithm) != match[1].decode().lower():
            yield file, f"has changed since the bag was made: its {algorithm} is another"
    if name.startswith("manifest-"):
        payloads = sorted(file for file in files if file.startswith(PAYLOAD))
        yield from (
            (f, "is in the bag, and not in its manifest") for f in payloads if f not in listed
        )


def _unescaped(file: str) -> str:
    for mark in ("\n", "\r", "%"):
        file = re.sub(f"(?i)%{ord(mark):02x}", mark, file)
    return file.removeprefix("./")


def _digest(payload: FolderPayload | Archive, file: str, algorithm: str) -> str:
    found = hashlib.new(algorithm, usedforsecurity=False)
    with payload.open(file) as stream:
        while block := stream.read(_CHUNK):
            found.update(block)
    return found.hexdigest()
