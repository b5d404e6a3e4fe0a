"""Keeping a bag whole when files of its payload change (BagIt, RFC 8493, 2.1.3 to 2.2.2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

PAYLOAD = "data/"
TAG_FILE = re.compile(r"(?:tag)?manifest-(?:md5|sha1|sha256|sha512)\.txt\Z|bag-info\.txt\Z")
"""Names of the files at the top of a bag that say something of other files."""

_MANIFEST = re.compile(r"(tag)?manifest-(\w+)\.txt\Z")
_OXUM = re.compile(rb"^(Payload-Oxum:[ \t]*)(\d+\.\d+)([ \t\r]*)$", re.MULTILINE | re.IGNORECASE)


def mended(
    tags: Mapping[str, bytes], changed: Mapping[str, bytes], sizes: Mapping[str, int]
) -> dict[str, bytes]:
    """Return the tag files that change with files of the payload.

    Args:
        tags: the files at the top of the bag that match ``TAG_FILE``.
        changed: the new contents of files, named from the top of the bag; no file is new.
        sizes: the octets of all files of the payload; of those that change, what they had.
    """
    found = dict(_manifests(tags, changed, tag=False))
    octets = sum(len(changed[n]) if n in changed else size for n, size in sizes.items())
    if "bag-info.txt" in tags:
        # Not by how much it grows: a process that died may have written it already.
        new = b"%d.%d" % (octets, len(sizes))
        found["bag-info.txt"] = _OXUM.sub(lambda m: m[1] + new + m[3], tags["bag-info.txt"])
    found |= dict(_manifests(tags, found, tag=True))
    return {name: data for name, data in found.items() if data != tags[name]}


def _manifests(
    tags: Mapping[str, bytes], changed: Mapping[str, bytes], tag: bool
) -> Iterator[tuple[str, bytes]]:
    for name, text in tags.items():
        match = _MANIFEST.match(name)
        if match and bool(match[1]) == tag:
            yield name, _manifest(text, match[2], changed)


def _manifest(text: bytes, algorithm: str, changed: Mapping[str, bytes]) -> bytes:
    lines = []
    for line in text.splitlines(keepends=True):
        checksum, _, rest = line.partition(b" ")
        data = changed.get(rest.strip().removeprefix(b"*").decode("utf-8", "replace"))
        if data is not None:
            fresh = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest().encode()
            line = line.replace(checksum, fresh, 1)
        lines.append(line)
    return b"".join(lines)
