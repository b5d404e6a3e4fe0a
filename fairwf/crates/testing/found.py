"""Finding the tests of a workflow: definitions that name it, what these name, folders of tests.

Looked at are the workflow's own folder, with its ``tests/`` or ``test/``, and the folders above it
up to the top of its repository. Nothing outside of that is taken, and no link is followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fairwf.crates.testing.commands import runs_tests
from fairwf.crates.testing.engines import (
    CWLTEST,
    NF_TEST,
    PLANEMO,
    PYTEST_WORKFLOW,
    Engine,
    cases,
    engine_of,
    stated_version,
)
from fairwf.source import Limits, SourceError, document_tree, in_tree, load_structured
from fairwf.source.tree import MARKERS

MOST_FILES = 1000
MOST_BYTES = 100 * 1024 * 1024
"""How much of tests goes into a crate."""

_LIMITS = Limits(bytes=4 * 1024 * 1024, nodes=200_000, depth=60)
_FOLDER = re.compile(r"(?:\w+[_-])?\.?tests?\Z")
_FILE = re.compile(r"(?i).*tests?.*\.(?:ya?ml|json)\Z|.*\.nf\.test\Z")
_TREE = (".yml", ".yaml", ".json")
_LIST = re.compile(r"(?:[ \t]*(?:[#%].*|---.*)?\n)*[ \t]*[-\[]")
_KEY = re.compile(r"(?m)^(?:-[ ]|[ ]{2})([\w-]+):[ \t]*(.*)$")
_NAMED = re.compile(r"(?m)^[ \t-]*(?:location|path):[ \t]*([^\s#'\"]+)[ \t]*$")
_MOST_LOOKED_AT = 2000
_SKIPPED = {"__pycache__", "work", "node_modules"}
_REQUIREMENTS = ("requirements*.txt", "environment*.y*ml", "pyproject.toml", "setup.cfg", "tox.ini")
_NAMING_KEYS = ("location", "path", "job")


@dataclass(frozen=True)
class Definition:
    """A file that defines tests, its engine, and the version of that which is stated."""

    path: Path
    engine: Engine
    version: str | None = None
    integration: tuple[str, ...] = ()


@dataclass
class FoundTests:
    """The tests of a workflow: definitions, whole folders, and the files, all by path.

    ``left`` are files that are named, and too many or too large; ``refused`` are named and there,
    and are no files of the repository: folders, links, files elsewhere.
    """

    definitions: list[Definition] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    files: dict[Path, None] = field(default_factory=dict)
    left: list[Path] = field(default_factory=list)
    refused: dict[Path, None] = field(default_factory=dict)


def find_tests(
    base: Path,
    documents: Sequence[Path],
    visible: Callable[[Path], bool] = lambda path: True,
    data: bool = True,
) -> FoundTests:
    """Return the tests of the workflow in a folder.

    Args:
        base: the folder of its main document.
        documents: the documents that it consists of, main first.
        visible: whether a file may be looked at.
        data: whether files that are no documents are taken: inputs and expected outputs.
    """
    return _Search(base, documents, visible, data).found()


class _Search:
    def __init__(
        self,
        base: Path,
        documents: Sequence[Path],
        visible: Callable[[Path], bool],
        data: bool,
    ) -> None:
        self._base = Path(os.path.abspath(base))  # noqa: PTH100 - links stay
        self._documents = [Path(os.path.abspath(path)) for path in documents]  # noqa: PTH100 - so
        self._tree = document_tree(base)
        self._in_repository = any(os.path.lexists(self._tree / name) for name in MARKERS)
        self._visible = visible
        self._data = data
        self._result = FoundTests()
        self._bytes = 0

    def found(self) -> FoundTests:
        for folder in self._folders():
            own = folder == self._base
            homes = sorted(p for p in _entries(folder) if _FOLDER.match(p.name) and _is_folder(p))
            for home in homes:
                self._home(home, own)
            for path in sorted(p for p in _entries(folder) if _FILE.match(p.name)):
                self._candidate(path, own)
        for definition in self._result.definitions:
            self._take(definition.path)
            if definition.engine is PLANEMO:
                self._take(definition.path.with_name(".planemo.yml"))
            for path in self._named(definition.path):
                self._take(path)
        return self._result

    def _folders(self) -> Iterator[Path]:
        """Yield the workflow's folder and those above it, up to the top of its repository."""
        yield self._base
        for folder in self._base.parents:
            if not folder.is_relative_to(self._tree):
                return
            yield folder

    def _home(self, home: Path, own: bool) -> None:
        """Look through a folder of tests; the workflow's own is taken whole.

        In a repository, that is: ``tests/`` in somebody's home is about anything.
        """
        paths = list(islice(_walk(home), _MOST_LOOKED_AT))
        of_others, before = False, len(self._result.definitions)
        for path in paths:
            of_others |= self._candidate(path, own) is False
        ours = len(self._result.definitions) > before
        if own and paths and (ours or (self._in_repository and not of_others)):
            self._result.folders.append(home)
            for path in paths:
                self._take(path)

    def _candidate(self, path: Path, own: bool) -> bool | None:
        """Keep a definition of tests of the workflow; False: of others, None: it is none."""
        if path.suffix not in _TREE and not path.name.endswith(".nf.test"):
            return None
        if path in self._documents or not self._allowed(path):
            return None
        tree = _tree(path) if self._may_define(path, own) else None
        engine = engine_of(path.name, tree)
        if engine is None:
            return None
        if not self._is_ours(path, engine, tree, own):
            return False
        if all(path != known.path for known in self._result.definitions):
            texts = list(self._stating(path.parent))
            version = stated_version(engine, texts)
            ci = tuple(self._integration(path, engine)) if _installed(engine, texts) else ()
            self._result.definitions.append(Definition(path, engine, version, ci))
        return True

    def _may_define(self, path: Path, own: bool) -> bool:
        """Tell, before it is parsed, whether a file can be a definition that matters."""
        text = _text(path)
        named = own or any(document.name in text for document in self._documents)
        return named and _LIST.match(text) is not None

    def _is_ours(self, path: Path, engine: Engine, tree: Any, own: bool) -> bool:
        main = self._documents[0]
        if engine is CWLTEST:
            named = (_beside(path, test.get("tool")) for test in cases(tree))
            return any(place in self._documents for place in named)
        if engine is PLANEMO:
            stem = re.sub(r"[._-]tests?\Z", "", path.stem)
            return path.parent == main.parent and stem == main.stem
        if engine is PYTEST_WORKFLOW:
            word = re.compile(rf"(?<![\w.-]){re.escape(main.name)}(?![\w.-])")
            return any(word.search(str(test.get("command"))) for test in cases(tree))
        return engine is NF_TEST and own

    def _named(self, path: Path, depth: int = 3) -> Iterator[Path]:
        """Yield the files that a definition, or a job file that it names, names."""
        tree = _tree(path)
        for text in _texts(tree):
            place = _beside(path, text)
            if place is None or place in self._documents:
                continue
            if not self._allowed(place):
                self._refuse(place)
            else:
                known = place in self._result.files
                yield place
                if depth and place.suffix in _TREE and not known:
                    yield from self._named(place, depth - 1)

    def _refuse(self, place: Path) -> None:
        taken = any(place.is_relative_to(folder) for folder in self._result.folders)
        if os.path.lexists(place) and not (taken and place.is_dir()):
            self._result.refused[place] = None

    def _take(self, path: Path) -> None:
        result = self._result
        if path in result.files or path in self._documents or not self._allowed(path):
            return
        documents = path.suffix in _TREE or path.name.endswith(".nf.test")
        if not self._data and not documents:
            return
        size = path.stat().st_size
        if len(result.files) >= MOST_FILES or self._bytes + size > MOST_BYTES:
            result.left.append(path)
            return
        self._bytes += size
        result.files[path] = None

    def _allowed(self, path: Path) -> bool:
        try:
            fine = path.is_file() and not path.is_symlink()
        except (OSError, ValueError):
            return False
        return fine and in_tree(path, self._tree) and self._visible(path)

    def _stating(self, folder: Path) -> Iterator[str]:
        """Yield the texts that may state the version of an engine, the nearest first."""
        for place in (folder, *folder.parents):
            if not place.is_relative_to(self._tree):
                break
            for pattern in _REQUIREMENTS:
                yield from map(_text, filter(self._allowed, sorted(place.glob(pattern))))
        for path in self._workflows():
            yield _text(path)

    def _workflows(self) -> Iterator[Path]:
        """Yield the files of GitHub Actions of the repository."""
        folder = self._tree / ".github" / "workflows"
        yield from filter(self._allowed, sorted(folder.glob("*.y*ml")))

    def _integration(self, path: Path, engine: Engine) -> Iterator[str]:
        """Yield the names of files of GitHub Actions that run a definition with its engine."""
        places = [path, self._documents[0]]
        definition, tested = (
            place.relative_to(self._tree).as_posix() if place.is_relative_to(self._tree) else None
            for place in places
        )
        if definition is None:
            return
        for ci in self._workflows():
            if runs_tests(_tree(ci), engine, definition, tested):
                yield ci.name


def _installed(engine: Engine, texts: Sequence[str]) -> bool:
    """Tell whether the command of an engine is its own; pytest is that only with the plugin."""
    return engine is not PYTEST_WORKFLOW or any(engine.package in text for text in texts)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(islice(folder.iterdir(), 10 * _MOST_LOOKED_AT))
    except OSError:
        return []


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(n for n in folders if n not in _SKIPPED and not n.startswith("."))
        yield from (Path(root) / name for name in sorted(names) if not name.startswith("."))


def _beside(path: Path, named: Any) -> Path | None:
    """Return the path that a file names, relative to itself: as it is written, or as a URI."""
    if not isinstance(named, str) or "\0" in named or "\n" in named or len(named) > 1000:
        return None
    whole = named.removeprefix("file://")
    text = whole.partition("#")[0]
    for form in (whole, unquote(whole), unquote(text)):
        if form != text and "\0" not in form and "://" not in form:
            place = os.path.normpath(path.parent / form)
            if os.path.isfile(place):  # noqa: PTH113 - a name that is too long is no file
                return Path(place)
    if not text or "://" in text:
        return None
    return Path(os.path.normpath(path.parent / text))


def _texts(tree: Any) -> Iterator[str]:
    """Yield the texts of a tree that may name files: ``location``, ``path``, ``job``."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            yield from (node[k] for k in _NAMING_KEYS if isinstance(node.get(k), str))
            pending += list(node.values())
        elif isinstance(node, list):
            pending += node


def _tree(path: Path) -> Any:
    """Return what a file says, None where it is no YAML or JSON."""
    if path.suffix not in _TREE:
        return None
    text = _text(path)
    try:
        return load_structured(text.encode("utf-8", "replace"), path.name, _LIMITS)
    except SourceError:  # published ones have keys that stand twice, which their engines let pass
        return _outline(text)


def _outline(text: str) -> Any:
    """Return the keys of tests in a list, and the files that are named, line by line."""
    keys = {m[1]: m[2].strip() or {} for m in _KEY.finditer(text)}
    named = [{"location": m[1]} for m in _NAMED.finditer(text)]
    return [keys, {"files": named}] if keys else None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LIMITS.bytes).decode("utf-8", "replace")
    except OSError:
        return ""
