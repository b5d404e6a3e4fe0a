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
    except expat.ExpatError as error:
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
    _gather(root, (path.parent, base), macros, tokens, 0)
    for child in [c for c in root if c.tag == "macros"]:
        root.remove(child)
    _expand(root, macros, 0, [0])
    for _ in range(5):
        if not _replace(root, tokens):
            break
    return root


def _gather(
    root: Element,
    places: tuple[Path, Path],
    macros: dict[str, Element],
    tokens: dict[str, str],
    depth: int,
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
                _gather(read(target), (target.parent, base), macros, tokens, depth + 1)
        for child in holder:
            name = child.get("name", "")
            if child.tag == "token":
                tokens[name] = child.text or ""
            elif child.tag == "xml" or (child.tag == "macro" and child.get("type") == "xml"):
                macros[name] = child


def _expand(node: Element, macros: dict[str, Element], depth: int, count: list[int]) -> None:
    if depth > 30:
        raise WrapperError("macros contain each other too deeply")
    children: list[Element] = []
    for child in list(node):
        if child.tag != "expand":
            _expand(child, macros, depth + 1, count)
            children.append(child)
            continue
        name = child.get("macro", "")
        if name not in macros:
            raise WrapperError(f"there is no macro {name!r:.60}")
        count[0] += 1
        if count[0] > 2000:
            raise WrapperError("there are too many macros")
        made = copy.deepcopy(macros[name])
        _expand(child, macros, depth + 1, count)
        _expand(made, macros, depth + 1, count)
        own = {
            f"@{key.removeprefix('token_').upper()}@": value
            for source in (macros[name], child)
            for key, value in source.attrib.items()
            if key not in ("name", "macro", "tokens")
        }
        _replace(made, own)
        _yield(made, list(child))
        children += list(made)
    for child in list(node):
        node.remove(child)
    node.extend(children)


def _yield(node: Element, given: list[Element]) -> None:
    children: list[Element] = []
    for child in list(node):
        if child.tag == "yield":
            children += [copy.deepcopy(each) for each in given]
        else:
            _yield(child, given)
            children.append(child)
        node.remove(child)
    node.extend(children)


def _replace(root: Element, tokens: dict[str, str]) -> bool:
    """Put tokens in; tell whether there were any."""
    found = False

    def put(text: str) -> str:
        nonlocal found

        def one(match: re.Match[str]) -> str:
            nonlocal found
            if match[0] not in tokens:
                return match[0]
            found = True
            return tokens[match[0]]

        result = _TOKEN.sub(one, text)
        if len(result) > MOST_BYTES:
            raise WrapperError("tokens contain each other")
        return result

    for node in root.iter():
        if node.text and "@" in node.text:
            node.text = put(node.text)
        for key, value in node.attrib.items():
            if "@" in value:
                node.set(key, put(value))
    return found
