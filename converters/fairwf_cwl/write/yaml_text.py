"""Trees of plain values to YAML that parsers of YAML 1.1 and of YAML 1.2 read alike.

Maps and lists are written in blocks, short lists of scalars on one line; texts are quoted only
where a parser of either version would read something else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import yaml

from fairwf.source.structured import resolve

WIDTH = 100
_INDENT = "  "
_FLOW_INDICATORS = re.compile(r"[,\[\]{}?]")
_BAD_START = tuple(",[]{}#&*!|>'\"%@`")
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
)
_RESOLVER = yaml.SafeLoader("")
_BOOLEANS_OF_1_1 = frozenset(["y", "Y", "n", "N"])
_LONGEST_KEY = 900
_ZEROS = 4


class Commented(dict[str, Any]):
    """A map with comments: ``before`` holds those before a key, ``after`` those behind the last."""

    def __init__(self, items: Mapping[str, Any] | None = None) -> None:
        super().__init__(items or {})
        self.before: dict[str, tuple[str, ...]] = {}
        self.after: list[str] = []


class Inline(dict[str, Any]):
    """A small map that is written on one line where it fits."""


class Listed(list[Any]):
    """A list that is written as a block, one item a line, however short it is."""


def dump(tree: Mapping[str, Any]) -> str:
    """Return the YAML text of a map of plain JSON values, ending in a line end."""
    return "\n".join(_block_map(tree, "")) + "\n"


def scalar(value: Any, *, flow: bool = False) -> str:
    """Return a scalar on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return value if _is_plain(value, flow) else _quoted(value)
    raise TypeError(f"no plain value: {type(value).__name__}")


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    if 1e-9 <= abs(value) < 1:
        return f"{Decimal(text):f}"
    if "e" not in text and value.is_integer() and len(text) - len(text.rstrip(".0")) > _ZEROS:
        text = f"{Decimal(text).normalize():e}"
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


def _is_plain(text: str, flow: bool) -> bool:
    if not text or text != text.strip() or text.startswith(_BAD_START) or "\n" in text:
        return False
    if text[0] in "-?:" and (len(text) == 1 or (text[1] in " -" and not text.startswith("--"))):
        return False
    if text.startswith(("---", "...", "<<", "=")) or text in _BOOLEANS_OF_1_1:
        return False
    if ": " in text or " #" in text or text.endswith(":") or _UNPRINTABLE.search(text):
        return False
    if flow and (_FLOW_INDICATORS.search(text) or (":" in text and not _is_iri(text))):
        return False
    return isinstance(resolve(text), str) and _of_1_1(text) == "tag:yaml.org,2002:str"


def _is_iri(text: str) -> bool:
    return re.match(r"[A-Za-z][\w+.-]*:[^\s]+\Z", text) is not None


def _of_1_1(text: str) -> str:
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag


def _quoted(text: str) -> str:
    if "\n" not in text and not _UNPRINTABLE.search(text):
        if "'" in text and '"' not in text and "\\" not in text:
            return f'"{text}"'
        return "'" + text.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _literal(text: str, indent: str) -> list[str] | None:
    """Return the lines of a literal block scalar, header first; None where it cannot hold it."""
    if "\n" not in text or _UNPRINTABLE.search(text.replace("\t", "")) or not text.strip():
        return None
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    if not body or body.lstrip("\n")[0] in "\t" or body[0] == "\n":
        return None
    hint = "2" if body[0] == " " else ""
    if hint and not indent:
        return None
    lines = body.split("\n")
    if not lines[0].strip():  # parsers differ in what blanks before the first words mean
        return None
    header = "|" + hint + ("-" if ends == 0 else "" if ends == 1 else "+")
    return [header, *(indent + line if line else "" for line in lines), *[""] * max(0, ends - 1)]


def _folded(text: str, indent: str) -> list[str] | None:
    """Return the lines of a folded block scalar for a long text on one line, header first."""
    if "\n" in text or len(indent) + len(text) <= WIDTH or _UNPRINTABLE.search(text):
        return None
    words = text.split(" ")
    if "" in words or len(words) < 8 or text[0] in "$\t":
        return None
    lines, line = [">-"], indent + words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = indent + word
        else:
            line += " " + word
    return [*lines, line]


def _flow(value: Any) -> str | None:
    """Return a value on one line in flow style, None where a text in it has several lines."""
    if isinstance(value, Mapping):
        parts = []
        for key, item in value.items():
            inside = _flow(item)
            if inside is None:
                return None
            parts.append(f"{scalar(str(key), flow=True)}: {inside}")
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, (list, tuple)):
        items = [_flow(item) for item in value]
        known = [item for item in items if item is not None]
        return "[" + ", ".join(known) + "]" if len(known) == len(items) else None
    if isinstance(value, str) and "\n" in value:
        return None
    return scalar(value, flow=True)


def _short(value: Any, used: int) -> str | None:
    """Return the one-line form where the value is meant to have one and it fits."""
    if isinstance(value, (Mapping, list, tuple)) and not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    if isinstance(value, Inline):
        simple = not any(isinstance(v, (Mapping, list, tuple)) and v for v in value.values())
    elif isinstance(value, (list, tuple)) and not isinstance(value, Listed):
        simple = not any(isinstance(v, (Mapping, list, tuple)) for v in value)
    else:
        return None
    text = _flow(value) if simple else None
    return text if text is not None and used + len(text) <= WIDTH else None


def _block_map(value: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    before = value.before if isinstance(value, Commented) else {}
    for key, item in value.items():
        lines += _comments(before.get(key, ()), indent)
        name = scalar(str(key))
        if len(name) > _LONGEST_KEY:
            lines.append(f"{indent}? {name}")
            lines += _entry(f"{indent}:", item, indent)
        else:
            lines += _entry(f"{indent}{name}:", item, indent)
    if isinstance(value, Commented):
        lines += _comments(value.after, indent)
    return lines


def _comments(comments: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}# {line}".rstrip() for text in comments for line in text.split("\n")]


def _entry(head: str, item: Any, indent: str) -> list[str]:
    short = _short(item, len(head) + 1)
    if short is not None:
        return [f"{head} {short}"]
    if isinstance(item, Mapping):
        return [head, *_block_map(item, indent + _INDENT)]
    if isinstance(item, (list, tuple)):
        return [head, *_block_list(item, indent + _INDENT)]
    if isinstance(item, str):
        inner = indent + _INDENT
        block = _literal(item, inner) or _folded(item, inner)
        if block is not None:
            return [f"{head} {block[0]}", *block[1:]]
    return [f"{head} {scalar(item)}"]


def _block_list(value: Sequence[Any], indent: str) -> list[str]:
    lines: list[str] = []
    for item in value:
        short = _short(item, len(indent) + 2)
        if short is not None:
            lines.append(f"{indent}- {short}")
        elif isinstance(item, Mapping):
            inside = _block_map(item, indent + _INDENT)
            first = next(i for i, line in enumerate(inside) if not line.lstrip().startswith("#"))
            inside[first] = f"{indent}- {inside[first][len(indent) + 2 :]}"
            lines += inside
        elif isinstance(item, (list, tuple)):
            lines += [f"{indent}-", *_block_list(item, indent + _INDENT)]
        else:
            lines += _entry(f"{indent}-", item, indent)
    return lines
