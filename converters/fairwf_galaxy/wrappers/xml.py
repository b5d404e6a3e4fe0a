"""Wrappers as trees of XML, macros and tokens put in.

Documents with a DOCTYPE are refused, so no entity is ever expanded or opened.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from fairwf_galaxy.wrappers.failures import WrapperError

Element = ElementTree.Element

MOST_BYTES = 4 * 1024 * 1024
_MOST_NODES = 100_000
_MOST_IMPORTS = 200
_DEEPEST = 40
_TOKEN = re.compile(r"@[A-Z0-9_]+@")


def parsed(data: bytes, name: str) -> Element:
    """Return the root of a document.

    Raises:
        WrapperError: it is no XML, too large, or has a DOCTYPE.
    """
    if len(data) > MOST_BYTES:
        raise WrapperError(f"{name} is larger than {MOST_BYTES // 2**20} MiB")
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    count = depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > _MOST_NODES or depth > _DEEPEST:
            raise WrapperError(f"{name} has too many elements, or is nested too deeply")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise WrapperError(f"{name} has a DOCTYPE, which is not read")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise WrapperError(f"{name} is no XML: {error}") from None
    return builder.close()


def read(path: Path) -> Element:
    """Return the root of a file.

    Raises:
        WrapperError: it cannot be read.
    """
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise WrapperError(f"{path.name} is no file of at most {MOST_BYTES // 2**20} MiB")
        return parsed(path.read_bytes(), path.name)
    except OSError as error:
        raise WrapperError(f"{path.name}: {error.strerror}") from None


def expanded(path: Path, within: Path | None = None) -> Element:
    """Return the root of a wrapper with its macros in place.

    Files of macros, also those that links lead to, have to lie ``within`` a folder, by default the
    wrapper's own.

    Raises:
        WrapperError: a macro is missing, or a file of macros lies outside of the folder.
    """
    base = (within or path.parent).resolve()
    root = read(path)
    macros: dict[str, Element] = {}
    tokens: dict[str, str] = {}
    growth = _Growth()
    _gather(root, (path.parent, base), macros, tokens, growth)
    for child in [c for c in root if c.tag == "macros"]:
        root.remove(child)
    _expand(root, macros, 0, growth)
    for _ in range(5):
        if not _replace(root, tokens, growth):
            break
    return root


class _Growth:
    """Counts what is put into a tree: files of macros, their copies, texts of tokens."""

    def __init__(self) -> None:
        self.nodes = self.characters = self.imports = 0

    def add(self, tree: Element) -> None:
        """Count a tree before it is put in.

        Raises:
            WrapperError: all together are too large.
        """
        for node in tree.iter():
            self.nodes += 1
            if self.nodes > _MOST_NODES:
                raise WrapperError("macros make too many elements")
            self.text(len(node.text or "") + len(node.tail or ""))
            self.text(sum(len(key) + len(value) for key, value in node.attrib.items()))

    def text(self, length: int) -> None:
        """Count the characters of a text before it is put in.

        Raises:
            WrapperError: all together are too large.
        """
        self.characters += length
        if self.characters > MOST_BYTES:
            raise WrapperError("macros and tokens make too much text")


def _gather(
    root: Element,
    places: tuple[Path, Path],
    macros: dict[str, Element],
    tokens: dict[str, str],
    growth: _Growth,
    depth: int = 0,
) -> None:
    folder, base = places
    if depth > 5:
        raise WrapperError("files of macros import each other too deeply")
    for holder in [root] if root.tag == "macros" else root.findall("macros"):
        for child in holder:
            if child.tag == "import":
                name = (child.text or "").strip()
                target = (folder / name).resolve()
                if not target.is_relative_to(base):
                    raise WrapperError(f"the file of macros {name!r:.60} lies outside the folder")
                growth.imports += 1
                if growth.imports > _MOST_IMPORTS:
                    raise WrapperError("there are too many files of macros")
                imported = read(target)
                growth.add(imported)
                _gather(imported, (target.parent, base), macros, tokens, growth, depth + 1)
        for child in holder:
            name = child.get("name", "")
            if child.tag == "token":
                tokens[name] = child.text or ""
            elif child.tag == "xml" or (child.tag == "macro" and child.get("type") == "xml"):
                macros[name] = child


def _expand(node: Element, macros: dict[str, Element], depth: int, growth: _Growth) -> None:
    if depth > 30:
        raise WrapperError("macros contain each other too deeply")
    children: list[Element] = []
    for child in list(node):
        if child.tag != "expand":
            _expand(child, macros, depth + 1, growth)
            children.append(child)
            continue
        name = child.get("macro", "")
        if name not in macros:
            raise WrapperError(f"there is no macro {name!r:.60}")
        growth.add(macros[name])
        made = copy.deepcopy(macros[name])
        _expand(child, macros, depth + 1, growth)
        _expand(made, macros, depth + 1, growth)
        own = {
            f"@{key.removeprefix('token_').upper()}@": value
            for source in (macros[name], child)
            for key, value in source.attrib.items()
            if key not in ("name", "macro", "tokens")
        }
        _replace(made, own, growth)
        _yield(made, list(child), growth)
        children += list(made)
    for child in list(node):
        node.remove(child)
    node.extend(children)


def _yield(node: Element, given: list[Element], growth: _Growth) -> None:
    children: list[Element] = []
    for child in list(node):
        if child.tag == "yield":
            for each in given:
                growth.add(each)
                children.append(copy.deepcopy(each))
        else:
            _yield(child, given, growth)
            children.append(child)
        node.remove(child)
    node.extend(children)


def _replace(root: Element, tokens: dict[str, str], growth: _Growth) -> bool:
    """Put tokens in; tell whether there were any."""
    found = False

    def put(text: str) -> str:
        nonlocal found

        def one(match: re.Match[str]) -> str:
            nonlocal found
            if match[0] not in tokens:
                return match[0]
            found = True
            growth.text(len(tokens[match[0]]))
            return tokens[match[0]]

        return _TOKEN.sub(one, text)

    for node in root.iter():
        if node.text and "@" in node.text:
            node.text = put(node.text)
        for key, value in node.attrib.items():
            if "@" in value:
                node.set(key, put(value))
    return found
