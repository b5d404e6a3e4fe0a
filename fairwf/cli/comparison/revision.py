"""A document as it was in a revision of its Git repository, with all that lay around it."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairwf.report import EnvironmentFault, InvalidError

MAX_BYTES = 2 * 1024**3
"""How much a revision may hold."""


@contextmanager
def as_of(path: str, revision: str) -> Iterator[Path]:
    """Give the path of a copy of a document, in a copy of its repository at a revision.

    Raises:
        InvalidError: it is in no repository, or the revision or the file in it is not there.
        EnvironmentFault: there is no Git.
    """
    document = Path(path).absolute()
    root = Path(_git(document.parent, "rev-parse", "--show-toplevel").strip())
    inside = document.resolve().relative_to(root.resolve())
    commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="fairwf-diff-") as folder:
        packed = Path(folder, "revision.tar")
        _git(root, "archive", "--format=tar", "-o", str(packed), commit.strip())
        if packed.stat().st_size > MAX_BYTES:
            message = f"the revision holds more than {MAX_BYTES} bytes"
            raise InvalidError.of("FWF1009", message, file=path)
        target = Path(folder, "tree")
        with tarfile.open(packed) as archive:
            for member in archive:
                try:
                    archive.extract(member, target, filter="data")
                except tarfile.FilterError:
                    continue  # a link that leads out of the repository
        packed.unlink()
        found = target / inside
        if not found.exists():
            message = f"is not in the revision {revision!r:.80}"
            raise InvalidError.of("FWF1001", message, file=path)
        yield found


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            [shutil.which("git") or "git", "-C", str(folder), *words],
            capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
    except FileNotFoundError:
        hint = "install git, or compare two files"
        raise EnvironmentFault.of("FWF9002", "--since needs git", hint=hint) from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["git failed"])[-1]
        raise InvalidError.of("FWF1001", f"git: {said:.200}", file=str(folder))
    return done.stdout
