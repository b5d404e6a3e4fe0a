"""The connection to a site: our program there, asked from here."""

from __future__ import annotations

import itertools
import json
import os
import select
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from fairwf.engine.backends.deployment import SiteSettings

_AGENT = Path(__file__).with_name("agent.py")
_BEAT_S = 10.0
_CLOSE_S = 20.0
_BLOCK = 1 << 20
_TAIL_BYTES = 2000
SSH_OPTIONS = (
    "-T",
    "-oBatchMode=yes",
    "-oConnectTimeout=60",
    "-oServerAliveInterval=15",
    "-oServerAliveCountMax=4",
)
"""No question is ever asked on a terminal; a dead connection is noticed within a minute."""
# Exactly as many bytes are read as the program has: what follows is for itself.
_BOOT = (
    "import os; n = int({size}); b = b''\n"
    "while len(b) < n:\n"
    " d = os.read(0, n - len(b))\n"
    " if not d: raise SystemExit(1)\n"
    " b += d\n"
    "exec(compile(b, 'agent.py', 'exec'))"
)


class LinkLost(Exception):  # noqa: N818 - what happened to the connection
    """The connection has ended; the words say how."""


class Refused(Exception):  # noqa: N818 - what the site says
    """The site could not do what it was asked for."""


def ssh_words(site: SiteSettings, socket: str | None, first: bool) -> list[str]:
    """Return the words that connect, but for the host.

    ``socket``: where the ``first`` connection lets others go along with it.
    """
    shared = [] if socket is None else [f"-oControlPath={socket}"]
    shared += [] if socket is None else [f"-oControlMaster={'yes' if first else 'no'}"]
    return [*site.ssh, *SSH_OPTIONS, *shared]


class Link:
    """One connection. ``told`` is called from a thread with what nobody asked for."""

    def __init__(
        self,
        site: SiteSettings,
        python: str,
        log: Path,
        told: Callable[[dict[str, Any]], None],
        socket: str | None,
    ) -> None:
        """Start our program there.

        Raises:
            LinkLost: the program that connects cannot be started.
        """
        self._log = log
        self._told = told
        self._numbers = itertools.count()
        self._asked: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._lost: str | None = None
        agent = _AGENT.read_bytes()
        boot = [python, "-c", _BOOT.format(size=len(agent))]
        words = boot
        if site.host is not None:
            # The shell of the user there gets one word after the other, each quoted.
            words = [*ssh_words(site, socket, first=True), "--", site.host, shlex.join(boot)]
        with log.open("ab") as errors:
            try:
                self._process = subprocess.Popen(
                    words,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                raise LinkLost(f"{words[0]!r} cannot be started: {error.strerror}") from None
        self._reader = threading.Thread(target=self._read, daemon=True, name="site")
        self._reader.start()
        self._write(agent)

    def ask(self, do: str, **what: Any) -> Any:
        """Have something done there, and return the answer.

        Raises:
            LinkLost: the connection has ended.
            Refused: it could not be done.
        """
        answer = self.request(do, **what)
        return answer.result()

    def request(self, do: str, **what: Any) -> Future[Any]:
        """Have something done there."""
        answer: Future[Any] = Future()
        with self._lock:
            if self._lost is not None:
                raise LinkLost(self._lost)
            number = next(self._numbers)
            self._asked[number] = answer
        self._write(json.dumps({"do": do, "n": number, **what}).encode("ascii") + b"\n")
        return answer

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            with self._lock:
                self._process.stdin.write(data)
                self._process.stdin.flush()
        except (OSError, ValueError):
            return  # the reader tells why, to all who wait

    def _read(self) -> None:
        assert self._process.stdout is not None
        file, rest, beat = self._process.stdout.fileno(), b"", time.monotonic()
        while True:
            ready, _, _ = select.select([file], [], [], _BEAT_S)
            if time.monotonic() - beat >= _BEAT_S:
                beat = time.monotonic()
                self._beat()
            if not ready:
                continue
            data = os.read(file, _BLOCK)
            if not data:
                break
            lines = (rest + data).split(b"\n")
            rest = lines.pop()
            try:
                for line in lines:
                    self._take(json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError):
                break  # a shell of the site that greets, or a stranger, is nothing to go on with
        self._end(rest)

    def _beat(self) -> None:
        """Show that the engine lives; never wait, since who waits to write must be read."""
        stdin = self._process.stdin
        assert stdin is not None
        if not self._lock.acquire(blocking=False):
            return  # somebody writes, which shows the same
        try:
            if select.select([], [stdin], [], 0)[1]:
                stdin.write(b'{"do": "beat", "n": -1}\n')
                stdin.flush()
        except (OSError, ValueError):
            return  # what is read next tells why
        finally:
            self._lock.release()

    def _take(self, said: dict[str, Any]) -> None:
        if "n" not in said:
            self._told(said)
            return
        answer = self._asked.pop(said["n"], None)
        if answer is None:
            return
        if "error" in said:
            answer.set_exception(Refused(str(said["error"])))
        else:
            answer.set_result(said.get("result"))

    def _end(self, rest: bytes) -> None:
        try:
            code: int | None = self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        words = self._last_words() or rest.decode("utf-8", "replace")[:200]
        why = words or f"the connection ended with exit code {code}"
        with self._lock:
            self._lost = why
            waiting, self._asked = list(self._asked.values()), {}
        for answer in waiting:
            answer.set_exception(LinkLost(why))
        self._told({"lost": why})

    def _last_words(self) -> str:
        try:
            with self._log.open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(0, log.tell() - _TAIL_BYTES))
                lines = log.read().decode("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        return "".join(c if c.isprintable() else "?" for c in lines[-1])[:300] if lines else ""

    def close(self) -> None:
        """End our program there, and what it runs."""
        assert self._process.stdin is not None
        try:
            with self._lock:
                self._process.stdin.close()
        except OSError:
            pass  # it has gone
        try:
            self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reader.join(_CLOSE_S)
        if self._process.stdout is not None:
            self._process.stdout.close()


def quoted(words: Sequence[str]) -> str:
    """Return words as rsync takes them for ``-e``: in quotes, a quote within them doubled."""
    return " ".join("'" + word.replace("'", "''") + "'" for word in words)
