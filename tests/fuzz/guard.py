"""Watches what this process opens, connects to and starts while a case is on its way.

An audit hook (PEP 578) sees every such call of Python code, whoever makes it.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fuzz.case import REPOSITORY, corpora

_WRITES = {
    "os.remove": (0,), "os.rename": (0, 1), "os.rmdir": (0,), "os.mkdir": (0,), "os.symlink": (1,),
    "os.link": (0, 1), "os.chmod": (0,), "os.chown": (0,), "os.truncate": (0,), "os.utime": (0,),
    "shutil.rmtree": (0,), "shutil.copyfile": (1,), "shutil.move": (0, 1), "sqlite3.connect": (0,),
}  # fmt: skip
_NEVER = frozenset(
    {"os.system", "os.exec", "os.fork", "os.forkpty", "pty.spawn", "socket.getaddrinfo",
     "socket.gethostbyname", "urllib.Request", "ftplib.connect", "http.client.connect",
     "ctypes.dlopen", "os.putenv", "os.chdir"}
)  # fmt: skip
_READ_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """The places that a case may use, and the breaches that were seen."""

    def __init__(self) -> None:
        self.breaches: list[str] = []
        self._scratch: str | None = None
        self._programs = False
        self._any = False
        folders = [REPOSITORY, Path(sys.prefix), Path(sys.base_prefix), corpora()]
        self._readable = tuple(f"{folder.resolve()}/" for folder in folders if folder is not None)
        self._readable += ("/usr/lib/", "/usr/share/zoneinfo", "/proc/", "/sys/", "/dev/null")
        self._readable += ("/etc/mime.types", "/etc/localtime", "/dev/urandom")
        self._worker = str(REPOSITORY / "fairwf/engine/sandbox/worker.py")
        self._supervisor = str(REPOSITORY / "fairwf/engine/backends/local/supervisor.py")

    def install(self) -> None:
        """Start to watch; for the life of this process."""
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, scratch: Path) -> Iterator[None]:
        self.breaches = []
        self._scratch = str(scratch.resolve())
        try:
            yield
        finally:
            self._scratch = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """While open, the engine may start its supervisor of tasks."""
        self._programs = True
        try:
            yield
        finally:
            self._programs = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While open, any file may be read: a job file may name what the user may read."""
        self._any = True
        try:
            yield
        finally:
            self._any = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._scratch is None:
            return
        if event == "open":
            self._opened(arguments)
        elif event in _WRITES:
            for index in _WRITES[event]:
                self._written(event, arguments[index])
        elif event in _NEVER:
            self._breach(event, arguments)
        elif event in ("subprocess.Popen", "os.posix_spawn"):
            words = [str(word) for word in arguments[1]]
            own = self._worker in words or (self._programs and self._supervisor in words)
            if not own:
                self._breach(event, words)
        elif event in ("socket.connect", "socket.bind", "socket.sendto"):
            self._breach(event, arguments[1:])

    def _opened(self, arguments: tuple[Any, ...]) -> None:
        path, mode, flags = arguments
        if isinstance(path, int) or sys._getframe(2).f_code.co_name == "_rmtree_safe_fd":
            return
        writes = isinstance(mode, str) and any(c in mode for c in "wax+")
        if writes or (isinstance(flags, int) and flags & _READ_WRITE):
            self._written("open", path)
            return
        if self._any:
            return
        text = os.path.realpath(os.fspath(path))
        text = os.fsdecode(text)
        if not text.startswith((f"{self._scratch}/", *self._readable)) and text != self._scratch:
            self._breach("read", text)

    def _written(self, event: str, path: Any) -> None:
        if isinstance(path, int):
            return
        if event == "sqlite3.connect":
            path = str(path).removeprefix("file:").partition("?")[0]
        text = os.fsdecode(os.path.realpath(os.path.dirname(os.fspath(path))))  # noqa: PTH120
        inside = text == self._scratch or text.startswith(f"{self._scratch}/")
        own = os.fsdecode(path) == self._scratch
        if not (inside or own or os.fsdecode(path) == "/dev/null" or text.endswith("__pycache__")):
            # shutil.rmtree removes by names relative to a descriptor
            if event in ("os.remove", "os.rmdir") and not os.path.isabs(os.fsdecode(path)):  # noqa: PTH117
                return
            self._breach(event, path)

    def _breach(self, event: str, what: Any) -> None:
        frames = traceback.extract_stack()[:-2]
        own = [frame for frame in frames if "/tests/" not in frame.filename]
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in own[-8:]]
        self.breaches.append("\n  ".join([f"{event} {what!r:.300}", *places]))
