"""Asking a scheduler for all jobs of the user, beside other work."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from typing import IO

from fairwf.engine.backends.batch.listing import QUERIES
from fairwf.engine.backends.bundles.scheduler import Listed

QUERY_TIMEOUT_S = 60.0


class Lister:
    """Asks a scheduler for all jobs, now and then, without ever waiting for its answer."""

    def __init__(self, name: str) -> None:
        self._query = QUERIES[name]
        self._process: subprocess.Popen[bytes] | None = None
        self._out: IO[bytes] | None = None
        self._err: IO[bytes] | None = None
        self.asked = 0.0
        """When the query began whose answer was given last or is awaited."""
        self.error: str | None = None
        """Why the last query gave no answer."""

    @property
    def waiting(self) -> bool:
        """Whether a query is under way."""
        return self._process is not None

    def ask(self, ids: Sequence[str]) -> None:
        """Begin a query; ``ids`` are the jobs that matter, empty where not all are known."""
        self.asked = time.monotonic()
        command = self._query.command(ids)
        program = shutil.which(command[0])
        if program is None:
            self.error = f"{command[0]} is not on PATH"
            return
        # Files, not pipes: nobody reads while the query goes on.
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - open until the answer is read
        self._err = tempfile.TemporaryFile()  # noqa: SIM115 - as above
        try:
            self._process = subprocess.Popen(
                [program, *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=self._err,
                start_new_session=True,
            )
        except OSError as error:
            self.error = f"{program}: {error.strerror}"
            self._close()

    def answer(self) -> list[Listed] | None:
        """Return the jobs, once; None while there is no answer, or where it failed."""
        if self._process is None or self._out is None or self._err is None:
            return None
        code = self._process.poll()
        if code is None:
            if time.monotonic() - self.asked < QUERY_TIMEOUT_S:
                return None
            self._process.kill()
            self._process.wait()
            self.error = f"no answer within {QUERY_TIMEOUT_S:.0f} s"
            self._close()
            return None
        self._out.seek(0)
        self._err.seek(0)
        text = self._out.read().decode("utf-8", "replace")
        words = self._err.read().decode("utf-8", "replace").strip()
        self._close()
        if code not in self._query.accepted:
            last = words.splitlines()[-1] if words else f"exit code {code}"
            self.error = last[:300]
            return None
        try:
            listed = self._query.parse(text)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.error = f"its answer cannot be read: {error}"[:300]
            return None
        self.error = None
        return listed

    def now(self, timeout: float) -> list[Listed] | None:
        """Ask anew, and wait for the answer; None where there is none in time."""
        self.close()
        self.ask(())
        end = time.monotonic() + timeout
        while self.waiting and time.monotonic() < end:
            found = self.answer()
            if found is not None:
                return found
            time.sleep(0.02)
        if self.waiting:
            self.error = f"no answer within {timeout:.0f} s"
            self.close()
        return None

    def _close(self) -> None:
        for file in (self._out, self._err):
            if file is not None:
                file.close()
        self._process = self._out = self._err = None

    def close(self) -> None:
        """Let go of a query that is under way."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._close()
