"""Mutations: of octets, of lines, of the structure of YAML and JSON, of expressions.

All take a :class:`random.Random` and nothing else from outside, so a case is repeatable.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fairwf.conversion import read_document
from fairwf.formats import Source
from fairwf.report import FairwfError, Report
from fairwf.source import SourceError, load_structured, plain
from tests.fuzz.case import Case, Seeds
from tests.fuzz.hostile import EXPRESSIONS, KEYS, RAW_YAML, TEXTS, TOKENS, VALUES

LARGEST = 400_000

Octets = bytes


def mutated(seeds: Seeds, draw: random.Random) -> Case:
    """Return a new case: a seed with one to six changes."""
    kinds = ("document", "job", "run", "expression", "crate")
    kind = draw.choices(kinds, (62, 14, 4, 14, 6))[0]
    seed = draw.choice(seeds.by_kind[kind])  # type: ignore[index]
    if kind == "document":
        seed = _document(seeds, draw)
    if kind == "expression":
        return _with(seed, expression(seed.data, seeds, draw))
    if kind == "run":
        # The programs of a run are harmless only as long as nobody changes their words.
        job = structure(seed.beside, seeds, draw)
        return Case(seed.kind, seed.name, seed.data, seed.path, job)
    data = seed.data
    for _ in range(draw.choice((1, 1, 1, 1, 2, 4))):
        how: Callable[[Octets, Seeds, random.Random], Octets] = draw.choices(
            (structure, lines, octets, tokens), (12, 2, 1, 2)
        )[0]
        data = how(data, seeds, draw)[:LARGEST]
    return _with(seed, data)


def _document(seeds: Seeds, draw: random.Random) -> Case:
    """A seed of one of the formats, some as IR that the reader made of them."""
    wanted = draw.choices(("cwl", "ir", "wfformat"), (50, 35, 15))[0]
    documents = seeds.by_kind["document"]
    if wanted == "ir":
        seed = draw.choice(documents)
        return _as_ir(seed, draw.random() < 0.5)
    for _ in range(40):
        seed = draw.choice(documents)
        if seed.path.name.endswith(".json") == (wanted == "wfformat"):
            break
    return seed


@lru_cache(maxsize=4000)
def _as_ir(seed: Case, bare: bool) -> Case:
    source = Source(name=str(seed.path), path=seed.path, given=seed.data)
    try:
        document = read_document(source, Report())
    except FairwfError:
        return seed
    name = seed.path.with_name(f"{seed.path.stem}.ir.json")
    return Case("document", seed.name, document.encode(bare=bare), name)


def _with(seed: Case, data: Octets) -> Case:
    return Case(seed.kind, seed.name, data, seed.path, seed.beside)


# --- octets and lines


def octets(data: Octets, seeds: Seeds, draw: random.Random) -> Octets:
    """Flip, insert, remove, repeat or cut octets."""
    whole = bytearray(data or b"\n")
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(whole) + 1)
        kind = draw.randrange(6)
        if kind == 0 and at < len(whole):
            whole[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            whole[at:at] = bytes([draw.randrange(256)])
        elif kind == 2:
            del whole[at : at + draw.choice((1, 1, 2, 8, 64))]
        elif kind == 3:
            whole[at:at] = whole[at : at + draw.choice((1, 8, 64))] * draw.choice((1, 2, 50))
        elif kind == 4 and at < len(whole):
            whole[at] = draw.choice(b"{}[]:,-#&*!|>'\"%@`?~ \t\n\r\0\x7f\x85\xff")
        elif draw.random() < 0.2:
            del whole[at:]
    return bytes(whole)


def lines(data: Octets, seeds: Seeds, draw: random.Random) -> Octets:
    """Remove, repeat, swap, move or indent lines."""
    rows = data.split(b"\n")
    for _ in range(draw.randint(1, 3)):
        a, b = draw.randrange(len(rows)), draw.randrange(len(rows))
        kind = draw.randrange(6)
        if kind == 0 and len(rows) > 1:
            del rows[a]
        elif kind == 1:
            rows.insert(b, rows[a])
        elif kind == 2:
            rows[a], rows[b] = rows[b], rows[a]
        elif kind == 3:
            rows[a] = b" " * draw.choice((1, 2, 4)) + rows[a]
        elif kind == 4:
            rows[a] = rows[a].removeprefix(b" " * draw.choice((1, 2, 4)))
        else:
            rows[a] = b"\t" + rows[a]
    return b"\n".join(rows)


def tokens(data: Octets, seeds: Seeds, draw: random.Random) -> Octets:
    """Replace a scalar in the text by a hostile one, or insert one."""
    text = draw.choice((*TOKENS, *RAW_YAML)).encode("utf-8", "surrogatepass")
    rows = data.split(b"\n")
    at = draw.randrange(len(rows))
    head, colon, _ = rows[at].partition(b": ")
    rows[at] = head + b": " + text if colon else rows[at] + text
    return b"\n".join(rows)


# --- structure


def structure(data: Octets, seeds: Seeds, draw: random.Random) -> Octets:
    """Change the tree of a YAML or JSON text and write it as JSON with raw YAML in places."""
    try:
        tree = plain(load_structured(data, "seed"))
    except SourceError:
        return octets(data, seeds, draw)
    root = [tree]
    raw: list[str] = []
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        _change(root, seeds, draw, raw)
    text = json.dumps(root[0], indent=draw.choice((1, 1, None)), ensure_ascii=draw.random() < 0.3)
    for number, piece in enumerate(raw):
        text = text.replace(f'"@raw{number}@"', piece)
    return text.encode("utf-8", "surrogatepass")


def _places(root: list[Any]) -> list[tuple[Any, Any]]:
    """Every (container, key) below the root."""
    found: list[tuple[Any, Any]] = []
    todo: list[Any] = [root]
    while todo and len(found) < 5000:
        node = todo.pop()
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], (dict, list)):
                todo.append(node[key])
    return found


def _change(root: list[Any], seeds: Seeds, draw: random.Random, raw: list[str]) -> None:
    places = _places(root)
    node, key = draw.choice(places)
    kind = draw.randrange(16)
    if kind == 0 and node is not root:
        del node[key]
    elif kind == 1 and isinstance(node, list):
        node.insert(key, _copied(node[key]))
    elif kind == 2:
        other, place = draw.choice(places)
        node[key], other[place] = _copied(other[place]), _copied(node[key])
    elif kind in (3, 4, 5):
        node[key] = _copied(draw.choice(VALUES))
    elif kind in (6, 7) and isinstance(node, dict):
        name = draw.choice(KEYS) if draw.random() < 0.7 else _bent(str(key), draw)
        node[name] = node.pop(key)
    elif kind == 8:
        node[key] = draw.choice(([node[key]], {"a": node[key]}, {"class": node[key]}))
    elif kind == 9 and isinstance(node[key], (dict, list)) and node[key]:
        inner = node[key]
        node[key] = next(iter(inner.values())) if isinstance(inner, dict) else inner[0]
    elif kind == 10:
        node[key] = nested(node[key], draw.choice((5, 60, 150, 230)), draw)
    elif kind == 11 and isinstance(node[key], dict):
        node[key][draw.choice(KEYS)] = _copied(draw.choice((*VALUES, *TEXTS)))
    elif kind == 12:
        node[key] = f"@raw{len(raw)}@"
        raw.append(draw.choice(RAW_YAML))
    elif kind == 13 and isinstance(node[key], str):
        node[key] = _bent(node[key], draw)
    elif kind == 14:
        node[key] = _foreign(seeds, draw)
    else:
        node[key] = draw.choice(TEXTS)


def nested(value: Any, levels: int, draw: random.Random) -> Any:
    """Return the value inside many lists or maps."""
    key = draw.choice(("", "a", "run", "type", "items", "value", "secondaryFiles"))
    for _ in range(levels):
        value = [value] if key == "" else {key: value}
    return value


def _copied(value: Any) -> Any:
    return json.loads(json.dumps(value)) if isinstance(value, (dict, list)) else value


def _foreign(seeds: Seeds, draw: random.Random) -> Any:
    """A part of another seed."""
    other = draw.choice(seeds.by_kind["document"])
    try:
        tree = plain(load_structured(other.data, "seed"))
    except SourceError:
        return other.name
    node, key = draw.choice(_places([tree]))
    return _copied(node[key])


def _bent(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    kind = draw.randrange(5)
    if kind == 0:
        return text[:at] + draw.choice(TOKENS) + text[at:]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text + text
    if kind == 3:
        return text[:at] + chr(draw.choice((0, 9, 10, 13, 0x1B, 0x2028, 0x202E, 0x1F600))) + text
    return text.swapcase()


# --- expressions


def expression(data: Octets, seeds: Seeds, draw: random.Random) -> Octets:
    """Cut, join and bend the text of an expression."""
    text = data.decode()
    for _ in range(draw.choice((1, 1, 2, 4))):
        other = draw.choice(seeds.by_kind["expression"]).data.decode()
        kind = draw.randrange(8)
        a = draw.randrange(len(text) + 1)
        b = draw.randrange(len(other) + 1)
        if kind == 0:
            text = text[:a] + other[b:]
        elif kind == 1:
            text = text[:a] + draw.choice(TOKENS) + text[a:]
        elif kind == 2:
            text = text[:a] + text[a + draw.choice((1, 1, 2, 9)) :]
        elif kind == 3:
            text = draw.choice(EXPRESSIONS)
        elif kind == 4:
            text = _swap_words(text, draw)
        elif kind == 5:
            text = f"$({other})" if draw.random() < 0.5 else "${return " + text + ";}"
        elif kind == 6:
            text = text[:a] + draw.choice("()[]{}'\"`\\./$;,!?:=+-*&|<>%\n\0") + text[a:]
        else:
            text = (
                draw.choice(("(", "[", "{", "!", "- ", "a(", "a.")) * draw.choice((3, 80, 3000))
                + text
            )
    return text[:20_000].encode("utf-8", "surrogatepass")


_WORDS = (
    "inputs", "self", "runtime", "return", "function", "null", "undefined", "this", "length",
    "basename", "constructor", "__proto__", "1e999", "0", "''", "x", "var", "toString", "map",
)  # fmt: skip


def _swap_words(text: str, draw: random.Random) -> str:
    for word in draw.sample(_WORDS, len(_WORDS)):
        if word in text:
            return text.replace(word, draw.choice(_WORDS), draw.choice((1, -1)))
    return text + "." + draw.choice(_WORDS)
