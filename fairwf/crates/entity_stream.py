"""Reading a metadata file entity by entity, with positions, in the memory of one entity.

Unlike a JSON parser that makes one tree of all, a file of any size can be looked through; an entity
is decoded as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgspec

_CHUNK = 256 * 1024
_SPACE = re.compile(rb"[ \t\r\n]*")
_MARK = re.compile(rb'["{}\[\]]')
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PLAIN = re.compile(rb"[^,\]}\s]*")
_BYTE = re.compile(r"\(byte (\d+)\)")
_DEEPEST = 200
TWO_GRAPHS = (
    "the key '@graph' stands twice in one object: readers take one of both, so nobody knows what "
    "the crate says; put all entities into one array"
)


class MalformedError(ValueError):
    """The file is no JSON object with a graph of objects: what is wrong, and where."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@dataclass(frozen=True)
class Part:
    """A value at the top (``key`` says which), or an entity of the graph (``key`` is None)."""

    key: str | None
    value: Any
    raw: bytes
    line: int
    column: int

    def place(self, key: str) -> tuple[int, int]:
        """Return the line and column of a key, as it is written first."""
        at = self.raw.find(msgspec.json.encode(key))
        return self.offset(max(at, 0))

    def repeated(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield the keys that stand twice in one object of it, and where each stands again."""
        found: list[str] = []

        def note(pairs: list[tuple[str, Any]]) -> None:
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    found.append(key)
                seen.add(key)

        try:
            json.loads(self.raw, object_pairs_hook=note, parse_int=str)
        except ValueError:  # what is no JSON has been refused when it was decoded
            return
        for key in dict.fromkeys(found):
            pattern = re.escape(msgspec.json.encode(key)) + rb"\s*:"
            places = [match.start() for match in re.finditer(pattern, self.raw)]
            yield key, self.offset(places[min(1, len(places) - 1)] if places else 0)

    def offset(self, at: int) -> tuple[int, int]:
        """Return the line and column of an octet."""
        before = self.raw[:at]
        lines = before.count(b"\n")
        if not lines:
            return self.line, self.column + len(before.decode("utf-8", "replace"))
        return self.line + lines, len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1


def parts(stream: BinaryIO, most_bytes: int) -> Iterator[Part]:
    """Yield what stands at the top and the entities of ``@graph``, in the order of the file.

    Raises:
        MalformedError: it is no such JSON, is nested too deeply, or one part is too large.
    """
    yield from _Scanner(stream, most_bytes).parts()


class _Scanner:
    def __init__(self, stream: BinaryIO, most_bytes: int) -> None:
        self._stream = stream
        self._most = most_bytes
        self._buffer = b""
        self._at = 0
        self._line, self._column = 1, 1
        self._ended = False

    def parts(self) -> Iterator[Part]:
        first_octet = self._peek()
        if not first_octet:
            raise self._wrong("is empty")
        if first_octet == b"\xef":
            raise self._wrong("begins with a byte order mark, which JSON has not")
        self._refuse_wide()
        self._take(b"{", "is no JSON object")
        first, graphs = True, False
        while self._peek() != b"}":
            if not first:
                self._take(b",", "a comma or } is missing")
            first = False
            key = self._value()
            if not isinstance(key.value, str):
                raise MalformedError("a key is missing", key.line, key.column)
            self._take(b":", "a colon is missing")
            if key.value == "@graph":
                if graphs:
                    raise MalformedError(TWO_GRAPHS, key.line, key.column)
                graphs = True
                yield from self._graph()
            else:
                found = self._value()
                yield Part(key.value, found.value, found.raw, found.line, found.column)
        self._take(b"}", "} is missing")
        if self._peek():
            raise self._wrong("something follows the end of the object")

    def _refuse_wide(self) -> None:
        """Refuse UTF-16 and UTF-32, with a byte order mark or without one."""
        head = self._buffer[self._at : self._at + 4]
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head:
            name = "UTF-32" if head.count(0) > len(head) // 2 else "UTF-16"
            text = f"is in {name}, not in UTF-8: save it anew, iconv -f {name} -t UTF-8 FILE"
            raise self._wrong(text)

    def _graph(self) -> Iterator[Part]:
        if self._peek() != b"[":
            raise self._wrong("@graph is no array of entities")
        self._take(b"[", "")
        first = True
        while self._peek() != b"]":
            if not first:
                self._take(b",", "a comma or ] is missing")
            first = False
            yield self._value()
        self._take(b"]", "] is missing")

    def _wrong(self, message: str) -> MalformedError:
        return MalformedError(message, self._line, self._column)

    def _more(self) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        data = self._stream.read(max(_CHUNK, len(self._buffer)))
        self._ended = not data
        self._buffer += data
        return not self._ended

    def _advance(self, to: int) -> bytes:
        """Leave octets behind and return them."""
        taken = self._buffer[self._at : to]
        lines = taken.count(b"\n")
        self._line += lines
        rest = taken.rpartition(b"\n")[2].decode("utf-8", "replace")
        self._column = len(rest) + (1 if lines else self._column)
        self._at = to
        if self._at > _CHUNK:
            self._buffer, self._at = self._buffer[self._at :], 0
        return taken

    def _peek(self) -> bytes:
        """Return the next octet that is no blank; nothing at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            end = match.end() if match else self._at
            self._advance(end)
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def _take(self, mark: bytes, message: str) -> None:
        if self._peek() != mark:
            raise self._wrong(message)
        self._advance(self._at + 1)

    def _value(self) -> Part:
        mark = self._peek()
        if not mark:
            raise self._wrong("ends too early")
        line, column = self._line, self._column
        raw = self._advance(self._end(mark))
        part = Part(None, None, raw, line, column)
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            match = _BYTE.search(str(error))
            place = part.offset(int(match[1])) if match else (line, column)
            raise MalformedError(
                f"is no JSON: {_BYTE.sub('', str(error)).strip()}", *place
            ) from None
        return Part(None, value, raw, line, column)

    def _end(self, mark: bytes) -> int:
        """Return where the value that begins here ends."""
        if mark == b'"':
            return self._text_end(self._at)
        if mark not in (b"{", b"["):
            return self._plain_end()
        depth, at = 0, self._at
        while True:
            found = _MARK.search(self._buffer, at)
            if found is None:
                at = len(self._buffer)
                self._need_more()
                continue
            if found[0] == b'"':
                at = self._text_end(found.start())
                continue
            at = found.end()
            depth += 1 if found[0] in b"{[" else -1
            if depth > _DEEPEST:
                raise self._wrong("is nested too deeply")
            if depth == 0:
                return at

    def _plain_end(self) -> int:
        while True:
            match = _PLAIN.match(self._buffer, self._at)
            end = match.end() if match else self._at
            if end < len(self._buffer) or not self._more():
                if end == self._at:
                    raise self._wrong("a value is missing")
                return end

    def _text_end(self, start: int) -> int:
        while (match := _TEXT.match(self._buffer, start)) is None:
            self._need_more()
        return match.end()

    def _need_more(self) -> None:
        if len(self._buffer) - self._at > self._most:
            raise self._wrong("is too large")
        if not self._more():
            raise self._wrong("ends too early")
