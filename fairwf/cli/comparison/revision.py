"""A document as it was in a revision of its Git repository, with all that lay around it.

A repository may be a stranger's, and its configuration may name programs (filters, helpers): the
revision is taken through an empty repository of our own, which has the objects and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from fairwf.report import EnvironmentFault, InvalidError
from fairwf.source import in_tree

MAX_BYTES = 2 * 1024**3
"""How much a revision may hold."""
_OF_ANOTHER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
               "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE")  # fmt: skip
_ALONE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


class _TooMuchError(Exception):
    """A revision holds more than it may."""


class Then(NamedTuple):
    """A copy of a document, and of its repository around it; ``left`` are links that lead out."""

    path: Path
    tree: Path
    left: tuple[str, ...]


@contextmanager
def as_of(path: Path, revision: str) -> Iterator[Then]:
    """Give a copy of a document, in a copy of its repository at a revision.

    Raises:
        InvalidError: it is in no repository, or the revision or the file in it is not there, or
            the revision holds too much.
        EnvironmentFault: there is no Git.
    """
    document = path.absolute()
    root = Path(_git(document.parent, "rev-parse", "--show-toplevel").removesuffix("\n"))
    if not in_tree(document, root.resolve()):
        message = "is a link that leads out of its Git repository"
        raise InvalidError.of("FWF1008", message, file=str(path))
    inside = document.resolve().relative_to(root.resolve())
    name = f"{revision}^{{commit}}"
    commit = _git(root, "rev-parse", "--verify", "--end-of-options", name).strip()
    asked = ("rev-parse", "--path-format=absolute", "--git-path", "objects")
    objects = _git(root, *asked).removesuffix("\n")
    with tempfile.TemporaryDirectory(prefix="fairwf-diff-") as folder:
        own, target = Path(folder, "own.git"), Path(folder, "tree")
        kind = "sha256" if len(commit) == 64 else "sha1"
        _git(Path(folder), "init", "-q", "--bare", "--template=", f"--object-format={kind}",
             str(own), own=True)  # fmt: skip
        known = own / "objects/info"
        known.mkdir(parents=True, exist_ok=True)
        known.joinpath("alternates").write_bytes(os.fsencode(objects) + b"\n")
        target.mkdir()
        try:
            left = _unpack(own, commit, target)
        except _TooMuchError:
            message = f"the revision holds more than {MAX_BYTES} bytes"
            raise InvalidError.of("FWF1009", message, file=str(path)) from None
        found = target / inside
        if not (found.exists() and in_tree(found, target.resolve())):
            message = f"is not in the revision {revision!r:.80}"
            raise InvalidError.of("FWF1001", message, file=str(path))
        yield Then(found, target.resolve(), left)


class _Counted:
    """A stream that ends in an error after so many octets."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuchError
        return data


def _unpack(own: Path, commit: str, target: Path) -> tuple[str, ...]:
    """Write the files of a commit into a folder; return the links that lead out, left out."""
    words = [_program(), f"--git-dir={own}", "archive", "--format=tar", commit]
    with tempfile.TemporaryFile() as said, subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=_environment(True)
    ) as process:  # fmt: skip
        assert process.stdout is not None
        left: list[str] = []
        try:
            stream: IO[bytes] = _Counted(process.stdout, MAX_BYTES)  # type: ignore[assignment]
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for member in archive:
                    if not _put(archive, member, target):
                        left.append(member.name)
        except tarfile.TarError:
            process.kill()
            process.wait()
            said.seek(0)
            raise _refused(said.read().decode(errors="replace"), own) from None
        except BaseException:
            process.kill()
            raise
        if process.wait():
            said.seek(0)
            raise _refused(said.read().decode(errors="replace"), own)
    return tuple(left)


def _put(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> bool:
    """Write a member of an archive into a folder, False where it would leave it."""
    place = target / member.name
    if not in_tree(place.parent, target.resolve()):
        return False
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
    elif member.isfile():
        place.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(member)
        assert source is not None
        with source, place.open("xb") as copy:
            shutil.copyfileobj(source, copy)
        if member.mode & 0o100:
            place.chmod(0o755)
    elif member.issym():
        leads = place.parent / member.linkname
        if Path(member.linkname).is_absolute() or not in_tree(leads, target.resolve()):
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(member.linkname)
    else:
        return False
    return True


def _program() -> str:
    return shutil.which("git") or "git"


def _environment(own: bool) -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
    # The user's own configuration says which folders of others are safe.
    return {**found, **_ALONE, **({"GIT_CONFIG_GLOBAL": os.devnull} if own else {})}


def _git(folder: Path, *words: str, own: bool = False) -> str:
    try:
        done = subprocess.run(
            [_program(), "-C", str(folder), "-c", "safe.bareRepository=explicit", *words],
            capture_output=True, text=True, errors="surrogateescape", stdin=subprocess.DEVNULL,
            check=False, env=_environment(own),
        )  # fmt: skip
    except FileNotFoundError:
        hint = "install git, or compare two files"
        raise EnvironmentFault.of("FWF9002", "--since needs git", hint=hint) from None
    if done.returncode:
        raise _refused(done.stderr, folder)
    return done.stdout


def _refused(said: str, folder: Path) -> InvalidError:
    line = (said.strip().splitlines() or ["git failed"])[-1]
    plain = line.encode("utf-8", "replace").decode("utf-8")
    return InvalidError.of("FWF1001", f"git: {plain:.200}", file=str(folder))
