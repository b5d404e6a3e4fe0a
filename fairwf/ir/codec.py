"""The JSON form of IR nodes: strict decoding, minimal encoding."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Union

import msgspec

from fairwf.ir.canonical import to_plain
from fairwf.ir.faults import Fault, faults_of
from fairwf.ir.instance import Instance
from fairwf.ir.walk import MAX_DEPTH, depth
from fairwf.ir.workflow import Process

Root = Union[Process, Instance]
"""What a document can hold: a process of any kind, or an instance."""


@cache
def _decoder() -> msgspec.json.Decoder[Root]:
    return msgspec.json.Decoder(Root)


class DecodeError(ValueError):
    """A text or value is no IR. ``faults`` holds every fault with its path."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        first = faults[0]
        place = "/" + "/".join(str(part) for part in first.path)
        super().__init__(f"{place}: {first.message} ({len(faults)} in all)")


def encode(node: msgspec.Struct, indent: int | None = None) -> bytes:
    """Return a node as JSON in UTF-8, in field order, without fields at their default."""
    text = json.dumps(to_plain(node), ensure_ascii=False, indent=indent, allow_nan=False)
    return text.encode("utf-8")


def decode(data: bytes | str) -> Root:
    """Return the process or instance that JSON text holds.

    Raises:
        DecodeError: the text is no JSON, or no IR.
    """
    try:
        return _shallow(_decoder().decode(data))
    except (msgspec.DecodeError, RecursionError) as error:
        try:
            plain = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError) as syntax:
            raise DecodeError([Fault((), _syntax(syntax))]) from None
        raise DecodeError(_faults(plain, error)) from None


def from_plain(plain: Any) -> Root:
    """Return the process or instance that plain JSON values hold.

    Raises:
        DecodeError: the values are no IR.
    """
    try:
        return _shallow(msgspec.convert(plain, Root))
    except (msgspec.ValidationError, RecursionError) as error:
        raise DecodeError(_faults(plain, error)) from None


def _shallow(root: Root) -> Root:
    if not isinstance(root, Instance) and depth(root) > MAX_DEPTH:
        raise DecodeError([Fault((), f"nested deeper than {MAX_DEPTH} nodes")])
    return root


def _syntax(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"nested deeper than {MAX_DEPTH} nodes"
    return f"not JSON: {error}"


def _faults(plain: Any, error: Exception) -> list[Fault]:
    if isinstance(error, RecursionError):
        return [Fault((), _syntax(error))]
    return faults_of(plain, Root) or [Fault((), str(error))]
