"""The records that Snakemake keeps of each output: ``.snakemake/metadata``.

Each is a JSON object in a file whose name is the path of the output in base64 (``urlsafe``), cut
into folders where it is long. What the rule runs is a text since version 8; before, it was pickled
Python, which is never opened here.
"""

from __future__ import annotations

import ast
import base64
import binascii
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fairwf.report import InvalidError, Report
from fairwf.trace.numbers import finite

MOST_RECORDS = 1_000_000
_MOST_BYTES = 16 * 1024 * 1024
_LONGEST_LITERAL = 10_000


@dataclass(frozen=True)
class Record:
    """What is kept of an output. Times in seconds since 1970; ``checksums`` are SHA-256 by path."""

    output: str
    rule: str
    inputs: tuple[str, ...]
    logs: tuple[str, ...]
    params: tuple[str, ...]
    command: str | None
    code: str | None
    conda: str | None
    container: str | None
    started: float | None
    ended: float | None
    incomplete: bool
    job: str
    checksums: Mapping[str, str]


def folder_of(path: Path) -> Path | None:
    """Return the ``.snakemake`` folder of a working directory, or the folder itself."""
    inside = path / ".snakemake"
    for folder in (inside, path):
        if folder.name == ".snakemake" and (folder / "metadata").is_dir():
            return folder
    return None


def records(folder: Path, report: Report) -> Iterator[Record]:
    """Yield the records of a ``.snakemake`` folder, by path of output.

    Raises:
        InvalidError: there are more than :data:`MOST_RECORDS`.
    """
    root = folder / "metadata"
    found: list[tuple[str, Path]] = []
    for here, folders, names in os.walk(root):
        folders.sort()
        for name in names:
            if len(found) >= MOST_RECORDS:
                raise InvalidError.of(
                    "FWF1009", f"more than {MOST_RECORDS} records", file=str(root)
                )
            path = Path(here, name)
            output = output_of(path.relative_to(root).parts)
            if output is None:
                report.add("FWF1803", "its name is no path in base64", file=str(path))
            else:
                found.append((output, path))
    for output, path in sorted(found):
        record = _record(output, path, report)
        if record is not None:
            yield record


def output_of(parts: tuple[str, ...]) -> str | None:
    """Return the path that the name of a record stands for; None where it stands for none."""
    encoded = "".join(part.removeprefix("@") for part in parts)
    try:
        text = base64.urlsafe_b64decode(encoded.encode("ascii")).decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return text if text and "\0" not in text else None


def _record(output: str, path: Path, report: Report) -> Record | None:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            report.add("FWF1803", "is no file, or too large for a record", file=str(path))
            return None
        plain = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        report.add("FWF1803", f"is no record of Snakemake: {error}", file=str(path))
        return None
    rule = plain.get("rule") if isinstance(plain, dict) else None
    if not isinstance(rule, str):
        report.add("FWF1803", "is no record of Snakemake: it names no rule", file=str(path))
        return None
    return Record(
        output=output,
        rule=rule,
        inputs=_texts(plain.get("input")),
        logs=_texts(plain.get("log")),
        params=_texts(plain.get("params")),
        command=_text(plain.get("shellcmd")),
        code=_text(plain.get("code")) if "record_format_version" in plain else None,
        conda=_base64(plain.get("conda_env")),
        container=_text(plain.get("container_img_url")),
        started=finite(plain.get("starttime")),
        ended=finite(plain.get("endtime")),
        incomplete=plain.get("incomplete") is True,
        job=str(plain.get("job_hash")),
        checksums=_checksums(plain.get("input_checksums")),
    )


def parameter(text: str) -> str | int | float | bool:
    """Return the value of a parameter, which a record holds as Python writes it."""
    if len(text) > _LONGEST_LITERAL:
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text
    return value if isinstance(value, (str, int, float, bool)) else text


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: Any) -> tuple[str, ...]:
    found = value if isinstance(value, list) else []
    return tuple(item for item in found if isinstance(item, str) and "\0" not in item)


def _base64(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        return value


def _checksums(value: Any) -> dict[str, str]:
    found = {}
    for path, text in value.items() if isinstance(value, dict) else ():
        digits = text.removeprefix("sha256:") if isinstance(text, str) else ""
        if len(digits) == 64 and all(each in "0123456789abcdef" for each in digits):
            found[str(path)] = digits
    return found
