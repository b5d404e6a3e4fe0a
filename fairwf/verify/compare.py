"""Outputs compared: by checksum, and where that differs by what a format means.

A file whose octets differ is ``equivalent`` where the difference is one that its format or the user
declares to mean nothing: what a gzip file holds is the same, JSON has the same values, numbers in
text differ by less than a tolerance.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal

from fairwf.crates.checksums import measure
from fairwf.entities.parameters import scalar
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.values import Value, from_literal
from fairwf.verify.packaged import Given

Verdict = Literal["same", "equivalent", "different", "missing", "unexpected", "ignored"]

_LARGEST = 256 * 1024 * 1024
_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.?\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Rules:
    """What counts as equivalent: numbers within a relative ``tolerance``; ``ignored`` are patterns
    of names of outputs and files that are not compared."""

    tolerance: float | None = None
    ignored: tuple[str, ...] = ()

    def ignores(self, *names: str) -> bool:
        """Tell whether an output, or a file of it, is not compared."""
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.ignored)


@dataclass(frozen=True)
class Outcome:
    """What became of one file or value of an output, and why."""

    output: str
    name: str
    verdict: Verdict
    detail: str = ""
    expected: str | None = None
    actual: str | None = None


@dataclass(frozen=True)
class _Actual:
    name: str
    path: Path | None = None
    sha256: str | None = None
    sha1: str | None = None
    value: Any = None
    holds_files: bool = False


def compare(
    expected: Mapping[str, list[Given]],
    outputs: Mapping[str, Expr],
    opened: Callable[[str], BinaryIO],
    where: Callable[[str], Path | None],
    rules: Rules,
) -> list[Outcome]:
    """Compare what a run gave with what it should give, output by output.

    Args:
        expected: what a crate packages, by output.
        outputs: what the run gave, as literals.
        opened: opens a file of the crate by its path there.
        where: returns the path on this machine of a location.
        rules: what counts as equivalent.
    """
    outcomes: list[Outcome] = []
    for name in dict.fromkeys((*expected, *outputs)):
        value = from_literal(outputs[name]) if name in outputs else None
        actual = list(_actuals(name, value, where))
        wanted = expected.get(name, [])
        if rules.ignores(name):
            outcomes += [Outcome(name, w.name, "ignored") for w in wanted]
            continue
        outcomes += _output(name, wanted, actual, opened, rules)
    return outcomes


def _output(
    output: str,
    wanted: list[Given],
    actual: list[_Actual],
    opened: Callable[[str], BinaryIO],
    rules: Rules,
) -> Iterator[Outcome]:
    left = list(actual)
    for given in sorted(wanted, key=lambda g: not _same_of(g, actual)):
        if given.is_file and rules.ignores(given.name):
            left = [a for a in left if a.name != given.name]
            yield Outcome(output, given.name, "ignored")
            continue
        if given.value == "null" and not actual:
            yield Outcome(output, given.name, "same", "none", "null", "null")
            continue
        same = _same_of(given, left) or _same_of(given, actual)
        if same is not None:
            # one entity stands for all files of one name and content
            left = [a for a in left if a is not same and not _is_same(given, a)]
            detail = "" if same.name == given.name else f"under the name {same.name}"
            detail = "of files in it, only the names" if same.holds_files else detail
            yield Outcome(output, given.name, "same", detail, _shown(given), _shown(same))
            continue
        other = next((a for a in left if a.name == given.name), None)
        if other is None:
            other = next((a for a in left if _numbered(given.name, a.name)), None)
        if other is None and len(wanted) == len(actual) == 1:
            other = left[0] if left else None
        if other is None:
            yield Outcome(output, given.name, "missing", "", _shown(given))
            continue
        left.remove(other)
        verdict, detail = _unlike(given, other, opened, rules)
        yield Outcome(output, given.name, verdict, detail, _shown(given), _shown(other))
    for rest in left:
        ignored = rules.ignores(rest.name)
        yield Outcome(
            output, rest.name, "ignored" if ignored else "unexpected", actual=_shown(rest)
        )


def _numbered(name: str, found: str) -> bool:
    """Tell whether a file has the name with the number that a second file of it gets."""
    suffix = PurePosixPath(name).suffix
    stem = name.removesuffix(suffix)
    return re.fullmatch(rf"{re.escape(stem)}_\d+{re.escape(suffix)}", found) is not None


def _same_of(given: Given, actual: list[_Actual]) -> _Actual | None:
    found = [a for a in actual if _is_same(given, a)]
    return next((a for a in found if a.name == given.name), next(iter(found), None))


def _is_same(given: Given, actual: _Actual) -> bool:
    if not given.is_file:
        return actual.path is None and _values_equal(given.value, actual.value)
    if given.sha256 and actual.sha256:
        return given.sha256 == actual.sha256
    return bool(given.sha1 and given.sha1 == actual.sha1)


def _values_equal(one: Any, other: Any) -> bool:
    return one == other or str(one) == str(other)


def _shown(item: Given | _Actual) -> str | None:
    if item.value is not None:
        return str(item.value)[:200]
    return f"sha256:{item.sha256}" if item.sha256 else f"sha1:{item.sha1}" if item.sha1 else None


def _actuals(output: str, value: Value, where: Callable[[str], Path | None]) -> Iterator[_Actual]:
    if isinstance(value, File):
        path = where(value.location or value.path or "")
        name = value.basename or (path.name if path else output)
        if path is None or not path.is_file():
            yield _Actual(name)
        else:
            _, sha1, sha256 = measure(path)
            yield _Actual(name, path, sha256, sha1)
        for other in value.secondary:
            yield from _actuals(output, other, where)
    elif isinstance(value, Directory):
        path = where(value.location or value.path or "")
        for file in sorted(path.rglob("*")) if path is not None else ():
            if file.is_file() and not file.is_symlink():
                _, sha1, sha256 = measure(file)
                yield _Actual(file.name, file, sha256, sha1)
    elif isinstance(value, (list, tuple)) and any(_holds_files(member) for member in value):
        for member in value:
            yield from _actuals(output, member, where)
    elif isinstance(value, Mapping):
        inside = any(_holds_files(member) for member in value.values())
        yield _Actual(output, value=scalar(value), holds_files=inside)
    elif value is not None:
        yield _Actual(output, value=scalar(value))


def _holds_files(value: Value) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_files(member) for member in value)
    return isinstance(value, (File, Directory))


# --- files whose octets differ ------------------------------------------------------------------


def _unlike(
    given: Given, actual: _Actual, opened: Callable[[str], BinaryIO], rules: Rules
) -> tuple[Verdict, str]:
    if not given.is_file:
        close = rules.tolerance is not None and _close(given.value, actual.value, rules.tolerance)
        return ("equivalent", _within(rules)) if close else ("different", "another value")
    if given.path is None:
        return "different", "another checksum; the crate does not hold the file itself"
    if actual.path is None:
        return "missing", "the file is gone"
    with opened(given.path) as stream:
        one = stream.read(_LARGEST + 1)
    if len(one) > _LARGEST or actual.path.stat().st_size > _LARGEST:
        return "different", "another checksum; too large to look closer"
    other = actual.path.read_bytes()
    if one == other:
        return "same", ""
    if one[:2] == other[:2] == b"\x1f\x8b":
        first, second = _gunzipped(one), _gunzipped(other)
        if first is not None and first == second:
            return "equivalent", "what the gzip file holds is the same"
        one, other = first or one, second or other
    return _contents(one, other, rules)


def _contents(one: bytes, other: bytes, rules: Rules) -> tuple[Verdict, str]:
    try:
        first, second = one.decode("utf-8"), other.decode("utf-8")
    except UnicodeDecodeError:
        return "different", "another checksum"
    try:
        values = json.loads(first), json.loads(second)
    except (ValueError, RecursionError):
        pass
    else:
        if values[0] == values[1]:
            return "equivalent", "the same JSON values"
        if rules.tolerance is not None and _close(*values, rules.tolerance):
            return "equivalent", f"the same JSON values, {_within(rules)}"
    if rules.tolerance is not None and _close_texts(first, second, rules.tolerance):
        return "equivalent", _within(rules)
    return "different", _first_difference(first, second)


def _within(rules: Rules) -> str:
    return f"numbers within {rules.tolerance:g}"


def _gunzipped(data: bytes) -> bytes | None:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            found = stream.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return found if len(found) <= _LARGEST else None


def _close(one: Any, other: Any, tolerance: float) -> bool:
    """Tell whether two JSON values are the same but for numbers that are close."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other or math.isclose(one, other, rel_tol=tolerance, abs_tol=0)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _close(a, b, tolerance) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_close(one[k], other[k], tolerance) for k in one)
    return bool(one == other)


def _close_texts(one: str, other: str, tolerance: float) -> bool:
    if _NUMBER.sub("0", one) != _NUMBER.sub("0", other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(a == b or _close(float(a), float(b), tolerance) for a, b in pairs)


def _first_difference(one: str, other: str) -> str:
    lines = zip(one.split("\n"), other.split("\n"), strict=False)
    for number, (a, b) in enumerate(lines, 1):
        if a != b:
            return f"first in line {number}: {a!r:.60} was expected, it is {b!r:.60}"
    return "one is longer than the other"
