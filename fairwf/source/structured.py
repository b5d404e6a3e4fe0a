"""YAML 1.2 and JSON with positions and limits.

YAML is parsed by libyaml and resolved by the core schema of YAML 1.2 (section 10.3), not by
YAML 1.1: ``on``, ``012`` and dates stay texts. Aliases may not multiply a document beyond its
limits, keys must be texts, and no key may stand twice.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import yaml

from fairwf.ir.origins import Span
from fairwf.source.positions import SourceList, SourceMap


class Limits(msgspec.Struct, frozen=True):
    """How much a text may hold: bytes of text, nodes, levels of nesting.

    ``repeated`` are nodes that only aliases (``*name``) add.
    """

    bytes: int = 256 * 1024 * 1024
    nodes: int = 5_000_000
    depth: int = 200
    repeated: int = 200_000


class SourceError(ValueError):
    """A text cannot be read: what is wrong, where, and what to do."""

    def __init__(self, message: str, span: Span, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint


_LIST_TYPE = re.compile(r"[\w.#-]+\[\]\Z")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCT = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INF = re.compile(r"[-+]?\.(inf|Inf|INF)\Z")
_CONSTANTS: dict[str, Any] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NAN = (".nan", ".NaN", ".NAN")
_MAX_DIGITS = 400
_JSON_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)
_UNPRINTABLE = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_IMPLICIT = "?"

_TAGS = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": bool,
    "tag:yaml.org,2002:null": type(None),
    "!": str,
}

_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
"""What a text in another encoding begins with, longest first."""
_COLLECTIONS = {
    "MappingNode": (_IMPLICIT, "tag:yaml.org,2002:map", "!"),
    "SequenceNode": (_IMPLICIT, "tag:yaml.org,2002:seq", "!"),
}

_BaseLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def resolve(text: str) -> Any:
    """Return the value of a plain scalar by the core schema of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    first = text[0]
    if first not in "-+.0123456789":
        return text
    if _INT.match(text):
        return int(text) if len(text) <= _MAX_DIGITS else text
    if _FLOAT.match(text):
        return float(text)
    if _OCT.match(text):
        return int(text[2:], 8)
    if _HEX.match(text):
        return int(text[2:], 16)
    if _INF.match(text):
        return float("-inf") if first == "-" else float("inf")
    return float("nan") if text in _NAN else text


def _character(match: re.Match[str]) -> str:
    """Write a surrogate pair, which JSON escapes have and YAML's have not, as its character."""
    high, low = int(match[2], 16), int(match[3], 16)
    return match[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


class _Builder:
    def __init__(self, file: str, limits: Limits) -> None:
        self.file = file
        self.limits = limits
        self.count = 0
        self.repeated = 0
        self.open: set[int] = set()
        self.seen: set[int] = set()
        self.again = False

    def span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        return Span(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def value(self, node: yaml.Node, depth: int) -> Any:
        self.count += 1
        if self.count > self.limits.nodes:
            raise SourceError(
                f"the document holds more than {self.limits.nodes} values",
                self.span(node),
            )
        self.repeated += self.again
        if self.repeated > self.limits.repeated:
            raise SourceError(
                f"aliases (*name) multiply the document by more than {self.limits.repeated} values",
                self.span(node),
                "write it without them",
            )
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if depth > self.limits.depth:
            raise SourceError(f"nested deeper than {self.limits.depth} levels", self.span(node))
        if id(node) in self.open:
            raise SourceError("an alias refers to what it stands in", self.span(node))
        self.open.add(id(node))
        before, self.again = self.again, self.again or id(node) in self.seen
        self.seen.add(id(node))
        value: SourceMap | SourceList
        if node.tag not in _COLLECTIONS[type(node).__name__]:
            raise self.strange(node)
        if isinstance(node, yaml.MappingNode):
            value = self.mapping(node, depth)
        elif isinstance(node, yaml.SequenceNode):
            value = self.sequence(node, depth)
        else:
            raise TypeError(f"unknown YAML node {type(node).__name__}")
        self.open.discard(id(node))
        self.again = before
        return value

    def strange(self, node: yaml.Node) -> SourceError:
        """Return what is wrong with a tag that YAML's core schema does not have."""
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        return SourceError(
            f"the tag {tag!r:.80} is not known here",
            self.span(node),
            "remove it: tags that make objects of a programming language have no meaning",
        )

    def mapping(self, node: yaml.MappingNode, depth: int) -> SourceMap:
        result = SourceMap(self.span(node))
        for key_node, value_node in node.value:
            key_span = self.span(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                raise SourceError("a key must be a text", key_span)
            key = key_node.value
            if key in result:
                first = result.key_span(key)
                raise SourceError(
                    f"the key {key!r:.80} stands twice",
                    key_span,
                    f"the first is in line {first.line}: remove one",
                )
            result.put(key, self.value(value_node, depth + 1), key_span, self.span(value_node))
        return result

    def sequence(self, node: yaml.SequenceNode, depth: int) -> SourceList:
        result = SourceList(self.span(node))
        for item in node.value:
            result.put(self.value(item, depth + 1), self.span(item))
        return result

    def scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        tag = node.tag
        if tag == _IMPLICIT:
            return text if node.style else resolve(text)
        if tag not in _TAGS:
            if tag in ("tag:yaml.org,2002:binary", "tag:yaml.org,2002:timestamp"):
                return text
            raise self.strange(node)
        kind = _TAGS[tag]
        if kind is str:
            return text
        value = resolve(text)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise SourceError(f"{text!r:.80} does not fit its tag {tag}", self.span(node))
        return value


def load_yaml(text: str, file: str, limits: Limits | None = None) -> Any:
    """Return the value of a YAML 1.2 (or JSON) text, with positions in ``file``.

    Raises:
        SourceError: the text is no YAML, too large, nested too deeply, or ambiguous.
    """
    limits = limits or Limits()
    if len(text) > limits.bytes:
        raise SourceError(f"larger than {limits.bytes} bytes", Span(file, 1, 1, 1, 1))
    # Each node but the first stands behind one of these; a text with so many of them would fill
    # the memory before its nodes could be counted.
    most = sum(map(text.count, ",\n:[{")) + text.count("- ") + text.count("? ")
    if most > 2 * limits.nodes:
        raise SourceError(f"holds more than {limits.nodes} values", Span(file, 1, 1, 1, 1))
    if text.lstrip()[:1] in ("{", "[", '"'):
        text = _JSON_PAIR.sub(_character, text)
    try:
        loader = _PlainLoader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise _broken(error, text, file) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise SourceError(
            f"not a text: {error.reason}",
            Span(file, line, column, line, column + 1),
            "is this a binary file?",
        ) from None
    except RecursionError:
        raise SourceError(
            f"nested deeper than {limits.depth} levels", Span(file, 1, 1, 1, 1)
        ) from None
    if node is None:
        raise SourceError("the document is empty", Span(file, 1, 1, 1, 1))
    return _Builder(file, limits).value(node, 1)


def _broken(error: yaml.MarkedYAMLError, text: str, file: str) -> SourceError:
    """Return what is wrong with a text; what is missing at its end is shown at its last line.

    A text whose quote is never closed is shown where the quote opens.
    """
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.rstrip().split("\n")
    ends = line > len(lines) or (line == len(lines) and column > len(lines[-1].rstrip()))
    if ends:
        line, column = len(lines), len(lines[-1].rstrip()) + 1
    name = "JSON" if file.endswith(".json") else "YAML"
    problem = error.problem or f"not {name}"
    context = f" {error.context}" if error.context else ""
    early = "; the text ends too early" if ends else ""
    hint = _advice(problem, context, lines, line, column)
    if "quoted scalar" in context and error.context_mark is not None and "stream" in problem:
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
        problem, context, early = "the quote that opens here is never closed", "", ""
    return SourceError(
        f"broken {name}: {problem}{context}{early}",
        Span(file, line, column, line, column + 1),
        hint,
    )


def _advice(problem: str, context: str, lines: list[str], line: int, column: int) -> str | None:
    """Return what to do about the usual slips of YAML."""
    shown = lines[line - 1] if line <= len(lines) else ""
    lead = shown[: len(shown) - len(shown.lstrip())]
    if "quoted scalar" in context:
        return "close the quote; inside single quotes write '' for one, inside double quotes \\\""
    if "\t" in lead or shown[column - 1 : column] == "\t":
        return "indent with spaces: YAML allows no tab there"
    marks = [at for at in (shown.find("$(", 0, column), shown.find("${", 0, column)) if at >= 0]
    if marks and not shown[: min(marks)].rstrip().endswith(("'", '"')):
        return "put the expression in quotes, or into a block: '|', and the text indented below"
    word = _LIST_TYPE.search(shown, 0, column + 1)
    if "flow" in context and word is not None and word.end() == column + 1:
        return f"inside {{ }} put it in quotes: '{word[0]}'"
    if "flow" in context:
        return "a '{' or '[' before it is not closed, or a comma is missing between two entries"
    if "mapping values are not allowed" in problem:
        return "quote a value that holds ': ', or indent the line like the one that it belongs to"
    if "block" in context or "expected" in problem or "could not find" in problem:
        return "indent what belongs together alike, and put ': ' after each key"
    if "cannot start any token" in problem:
        return "quote a value that begins with @, ` or %"
    return None


class _PlainLoader(_BaseLoader):  # type: ignore[misc,valid-type]
    """Resolves nothing: that is ours, by YAML 1.2. Explicit tags stay."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        return _IMPLICIT


def printable_json(text: str) -> str:
    """Return JSON text with what JSON allows and YAML does not (or folds) as escapes of both.

    Marks that turn the direction of writing, which make a text look like another, are escapes too.
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def load_json(text: str, file: str, limits: Limits | None = None) -> Any:
    """Return the value of a JSON text, with positions in ``file``. JSON is read as YAML 1.2.

    Raises:
        SourceError: the text is no JSON, too large, or nested too deeply.
    """
    return load_yaml(text, file, limits)


def refuse_utf16(data: bytes, file: str) -> None:
    """Refuse a text in an encoding that its first octets name.

    Raises:
        SourceError: it is in UTF-16 or UTF-32.
    """
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            raise SourceError(
                f"not a text in UTF-8, but in {name}",
                Span(file, 1, 1, 1, 1),
                f"save it in UTF-8: iconv -f {name} -t UTF-8 FILE",
            )


def load_structured(data: bytes, file: str, limits: Limits | None = None) -> Any:
    """Return the value of YAML or JSON octets (UTF-8, with or without a byte order mark).

    Raises:
        SourceError: the octets are no UTF-8, or what :func:`load_yaml` says.
    """
    if not data.strip():
        raise SourceError("the file is empty", Span(file, 1, 1, 1, 1))
    refuse_utf16(data, file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8", "replace")) + 1
        raise SourceError(
            f"not a text in UTF-8: the octet 0x{data[error.start]:02x} at offset {error.start}",
            Span(file, line, column, line, column + 1),
            "is this a binary file?"
            if b"\0" in data
            else "save it in UTF-8; from Latin-1: iconv -f latin1 -t utf-8",
        ) from None
    return load_yaml(text, file, limits)
