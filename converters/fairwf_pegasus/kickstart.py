"""Kickstart records: what ran, where, for how long, with what outcome (``*.out.000``).

Pegasus 5 writes them as YAML, earlier versions as XML (invocation schema 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fairwf.formats import read_file
from fairwf.report import InvalidError, Report
from fairwf.source import Limits, SourceError, load_structured, plain
from fairwf.trace.numbers import whole

_NAME = re.compile(r"(.+)\.out\.(\d{3})\Z")
_XML = (b"<invocation", b"</invocation>")
_BEGIN = b"- invocation: True"
_LIMITS = Limits(bytes=32 * 1024 * 1024)
_MOST_RECORDS = 1_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class RecordedFile:
    """A file as kickstart saw it: size in bytes."""

    size: int | None = None
    sha256: str | None = None


@dataclass
class Invocation:
    """One execution of one program. Times in ISO 8601, CPU in seconds, memory in KiB.

    ``failure`` is why the program did not even start.
    """

    job: str
    derivation: str
    transformation: str
    attempt: int
    started: str | None = None
    duration: float | None = None
    exit_code: int | None = None
    signalled: bool = False
    failure: str | None = None
    executable: str | None = None
    arguments: tuple[str, ...] = ()
    usage: dict[str, float] = field(default_factory=dict)
    host: str | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    files: dict[str, RecordedFile] = field(default_factory=dict)
    error: str | None = None


def invocations(folder: Path, report: Report) -> Iterator[Invocation]:
    """Yield the executions that the records below a submit folder tell of, by job and attempt.

    Folders of workflows inside have a ``braindump`` of their own, and are left aside.

    Raises:
        InvalidError: there are more than a million files.
    """
    count = 0
    for path in sorted(_records(folder)):
        count += 1
        if count > _MOST_RECORDS:
            raise InvalidError.of("FWF1009", "too many kickstart records", file=str(folder))
        match = _NAME.match(path.name)
        if match is None or path.is_symlink():
            continue
        data = read_file(path)
        try:
            yield from _read(data, str(path), match[1], int(match[2]) + 1)
        except (SourceError, ElementTree.ParseError, ValueError) as error:
            report.add("FWF1803", f"is no kickstart record: {error}", file=str(path))


def _records(folder: Path) -> Iterator[Path]:
    pending = [folder]
    while pending:
        here = pending.pop()
        for path in here.iterdir():
            if path.is_symlink():
                continue
            if path.is_dir():
                inside = any((path / f"braindump.{end}").exists() for end in ("yml", "txt"))
                pending += [] if inside else [path]
            elif _NAME.match(path.name):
                yield path


def _read(data: bytes, file: str, job: str, attempt: int) -> Iterator[Invocation]:
    for text in _records_in(data):
        found = plain(load_structured(text, file, _LIMITS))
        for each in found if isinstance(found, list) else []:
            if isinstance(each, dict):
                yield _of_yaml(each, job, attempt)
    for text in _xml_in(data):
        if b"<!" in text:
            raise ValueError("it has a declaration, which kickstart never writes")
        yield _of_xml(ElementTree.fromstring(text), job, attempt)  # noqa: S314 - no declarations in it


def _records_in(data: bytes) -> Iterator[bytes]:
    """Yield the records in the output of a job, without what else was written there.

    A record begins with a line of its own and goes on as long as lines are indented; PegasusLite
    and transfers write their own parts between.
    """
    record: list[bytes] = []
    for line in data.splitlines(keepends=True):
        begins = line.rstrip() == _BEGIN
        if record and (begins or not (line.startswith(b" ") or not line.strip())):
            yield b"".join(record)
            record = []
        if begins or record:
            record.append(line)
    if record:
        yield b"".join(record)


def _xml_in(data: bytes) -> Iterator[bytes]:
    begin, end = _XML
    at = data.find(begin)
    while at >= 0 and (last := data.find(end, at)) >= 0:
        yield data[at : last + len(end)]
        at = data.find(begin, last)


# --- YAML -----------------------------------------------------------------------------------


def _of_yaml(record: Mapping[str, Any], job: str, attempt: int) -> Invocation:
    main = _map(record.get("mainjob"))
    status = _map(main.get("status"))
    code = status.get("regular_exitcode")
    arguments = main.get("argument_vector")
    files = _map(record.get("files"))
    stderr = _map(files.get("stderr")).get("data")
    machine = _map(record.get("machine"))
    return Invocation(
        job=job,
        derivation=str(record.get("derivation") or ""),
        transformation=str(record.get("transformation") or ""),
        attempt=attempt,
        started=_text(main.get("start")) or _text(record.get("start")),
        duration=_number(main.get("duration", record.get("duration"))),
        exit_code=code if isinstance(code, int) else None,
        signalled="signalled_signal" in status or "signal" in status,
        failure=str(status["failure_error"]) if "failure_error" in status else None,
        executable=_text(_map(main.get("executable")).get("file_name")),
        arguments=tuple(map(str, arguments)) if isinstance(arguments, list) else (),
        usage=_numbers(_map(main.get("usage")), ("utime", "stime", "maxrss")),
        host=_text(record.get("hostname")) or _text(machine.get("uname_nodename")),
        machine={
            "system": _text(machine.get("uname_system")),
            "release": _text(machine.get("uname_release")),
            "architecture": _text(machine.get("uname_machine")),
            "cores": machine.get("cpu_count"),
            "memory_kib": machine.get("ram_total"),
            "cpu": _text(machine.get("cpu_model")),
        },
        files={str(k): _file(_map(v)) for k, v in files.items() if "lfn" in _map(v)},
        error=_text(stderr),
    )


def _file(told: Mapping[str, Any]) -> RecordedFile:
    size, sha256 = told.get("size"), _text(told.get("sha256")) or ""
    return RecordedFile(
        size if isinstance(size, int) else None, sha256 if _SHA256.match(sha256) else None
    )


# --- XML ------------------------------------------------------------------------------------


def _of_xml(root: ElementTree.Element, job: str, attempt: int) -> Invocation:
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    main = root.find("mainjob")
    within = main if main is not None else root
    regular = within.find("status/regular")
    usage = within.find("usage")
    uname = root.find("machine/uname")
    cpu, ram = root.find("machine/*/cpu"), root.find("machine/*/ram")
    name = within.find("statcall/file")
    arguments = sorted(within.findall("argument-vector/arg"), key=lambda e: whole(e.get("nr")) or 0)
    return Invocation(
        job=job,
        derivation=root.get("derivation", ""),
        transformation=root.get("transformation", ""),
        attempt=attempt,
        started=within.get("start") or root.get("start"),
        duration=_number(within.get("duration") or root.get("duration")),
        exit_code=whole(regular.get("exitcode")) if regular is not None else None,
        signalled=within.find("status/signalled") is not None,
        failure=_failure(within.find("status/failure")),
        executable=name.get("name") if name is not None else None,
        arguments=tuple(each.text or "" for each in arguments),
        usage=_numbers(usage.attrib if usage is not None else {}, ("utime", "stime", "maxrss")),
        host=root.get("hostname"),
        machine={
            "system": uname.get("system") if uname is not None else None,
            "release": uname.get("release") if uname is not None else None,
            "architecture": uname.get("machine") if uname is not None else None,
            "cores": whole(cpu.get("count")) if cpu is not None else None,
            "memory_kib": whole(ram.get("total")) if ram is not None else None,
            "cpu": (cpu.text or "").strip() or None if cpu is not None else None,
        },
        files={lfn: _stat(each) for each in root.findall("statcall") if (lfn := each.get("lfn"))},
    )


def _failure(element: ElementTree.Element | None) -> str | None:
    if element is None:
        return None
    return f"{element.get('error', '')} {(element.text or '').strip()}".strip()


def _stat(call: ElementTree.Element) -> RecordedFile:
    info, checksum = call.find("statinfo"), call.find("checksum")
    sha256 = checksum.get("value", "") if checksum is not None else ""
    kept = sha256 if checksum is not None and checksum.get("type") == "sha256" else ""
    return RecordedFile(
        whole(info.get("size")) if info is not None else None,
        kept if _SHA256.match(kept) else None,
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 0 <= found < 1e12 else None


def _numbers(found: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, float]:
    return {n: v for n in names if (v := _number(found.get(n))) is not None}
