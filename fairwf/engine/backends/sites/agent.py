"""Works at a site for an engine elsewhere: takes files that came, starts tasks, says how they end.

Sent over the connection that it then talks on, and started there by ``python3 -c``: one file, the
standard library only, the syntax of Python 3.6. Never imported by fairwf.

Each request is a line of JSON on standard input: ``do`` says what, ``n`` is its number; each answer
a line on standard output with that number, and ``error`` where it failed. Lines without a number
tell what happens with tasks. Tasks are run by ``worker.py``, in bundles, as on a cluster; it ends
them when this program does, and this program ends when its input does, or nothing came for a while.

All that is written lies below one folder, which belongs to one run.
"""

import hashlib
import json
import os
import platform
import queue
import select
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import zlib
from typing import Any

LEASE_S = 120.0
LOOK_S = 0.05
END_S = 12.0
BLOCK = 1 << 20


class Agent:
    """One connection."""

    def __init__(self) -> None:
        self.base = ""
        self.shell = []  # type: list[str]
        self.bundles = {}  # type: dict[str, Bundle]
        self.requests = queue.Queue()  # type: queue.Queue[dict[str, Any]]
        self.out = threading.Lock()

    def tell(self, **what: object) -> None:
        """Write a line."""
        data = json.dumps(what).encode("ascii") + b"\n"
        with self.out:
            while data:
                data = data[os.write(1, data) :]

    def run(self) -> None:
        """Serve until the input ends."""
        threading.Thread(target=self.serve, daemon=True).start()
        heard, rest = time.monotonic(), b""
        while time.monotonic() - heard < LEASE_S:
            ready, _, _ = select.select([0], [], [], LOOK_S if self.bundles else 1.0)
            if ready:
                data = os.read(0, BLOCK)
                if not data:
                    break
                heard = time.monotonic()
                lines = (rest + data).split(b"\n")
                rest = lines.pop()
                for line in lines:
                    self.take(json.loads(line.decode("ascii")))
            for name, bundle in list(self.bundles.items()):
                for news in bundle.news():
                    self.tell(bundle=name, line=news)
                if bundle.over:
                    del self.bundles[name]
                    self.tell(bundle=name, over=True)
        self.end()

    def take(self, request: "dict[str, Any]") -> None:
        """Do what is quick here, have the rest done beside."""
        if request["do"] in ("cancel", "start"):
            self.answer(request)
        elif request["do"] != "beat":
            self.requests.put(request)

    def serve(self) -> None:
        """Do what takes time, in order."""
        while True:
            self.answer(self.requests.get())

    def answer(self, request: "dict[str, Any]") -> None:
        """Do what is asked and say how it went."""
        number = request.pop("n")
        act = getattr(self, "do_" + request.pop("do"))
        try:
            result = act(**request)
        except (OSError, ValueError) as error:
            self.tell(n=number, error=f"{getattr(error, 'filename', None) or ''} {error}".strip())
        else:
            self.tell(n=number, result=result)

    def end(self) -> None:
        """End all tasks: their workers see that the pipe has closed."""
        for bundle in self.bundles.values():
            bundle.process.stdin.close()  # type: ignore[union-attr]
        until = time.monotonic() + END_S
        for bundle in self.bundles.values():
            try:
                bundle.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(bundle.process.pid, signal.SIGKILL)

    def own(self, path: str) -> str:
        """Refuse a path that is not below the folder of the run."""
        if os.path.normpath(path) != path or not path.startswith(self.base + "/"):
            raise ValueError(f"{path!r} does not lie below {self.base!r}")
        return path

    # --- what is asked

    def do_hello(self, base: str, worker: str, script: str, shell: "list[str]") -> Any:
        """Make the folder of the run."""
        self.base, self.shell = base, shell
        for folder in (base, base + "/bundles"):
            os.makedirs(folder, 0o700, exist_ok=True)
        for name, text in (("worker.py", worker), ("job.sh", script)):
            with open(f"{base}/{name}.new", "w") as file:
                file.write(text)
            os.replace(f"{base}/{name}.new", f"{base}/{name}")
        pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return {
            "host": platform.node(),
            "python": platform.python_version(),
            "system": platform.system(),
            "release": platform.release(),
            "architecture": platform.machine(),
            "cpu": _cpu(),
            "cores": len(os.sched_getaffinity(0)),
            "memory_mib": pages / 2.0**20,
            "rsync": shutil.which("rsync"),
        }

    def do_have(self, files: "list[Any]") -> "list[bool]":
        """Tell which files are there, by path and size."""
        return [_size(path) == size for path, size in files]

    def do_accept(self, files: "list[Any]") -> "list[str]":
        """Put files that came in their places, where they are whole; return those that are not."""
        refused = []
        for came, path, digest, runs in files:
            self.own(came)
            self.own(path)
            if not os.path.exists(came) and os.path.isfile(path) and _digest(path) == digest:
                continue
            if not os.path.isfile(came) or _digest(came) != digest:
                refused.append(path)
                if os.path.lexists(came):
                    os.unlink(came)
                continue
            os.chmod(came, 0o700 if runs else 0o600)
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            os.replace(came, path)
        return refused

    def do_lay(self, folders: "list[str]", links: "list[Any]") -> None:
        """Make folders and symlinks."""
        for folder in folders:
            os.makedirs(self.own(folder), 0o700, exist_ok=True)
        for path, target in links:
            os.makedirs(os.path.dirname(self.own(path)), 0o700, exist_ok=True)
            if os.path.lexists(path):
                os.unlink(path)
            os.symlink(target, path)

    def do_survey(self, folders: "list[str]") -> "list[list[Any]]":
        """Return what lies in folders: name, kind, size, digests, whether it runs, target."""
        return [list(_survey(self.own(folder))) for folder in folders]

    def do_remove(self, paths: "list[str]") -> None:
        """Remove files and folders; the folder of the run, too."""
        for path in paths:
            if path != self.base:
                self.own(path)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            elif os.path.lexists(path):
                os.unlink(path)

    def do_start(self, name: str, bundle: "dict[str, Any]") -> None:
        """Start the tasks of a bundle, whose number is new in the run."""
        folder = self.own(f"{self.base}/bundles/{name}")
        os.makedirs(folder, 0o700)
        with open(folder + "/environment", "wb") as file:
            # So that the worker takes the PATH that is here, not the one of the engine.
            file.write(b"\0".join(name + b"=" + value for name, value in os.environb.items()))
        with open(folder + "/bundle.json", "w") as text:
            json.dump(bundle, text)
        self.bundles[name] = Bundle(
            folder, [*self.shell, self.base + "/job.sh", folder, self.base + "/worker.py"]
        )

    def do_logs(self, names: "list[str]") -> "list[Any]":
        """Return what is in the logs of bundles of earlier connections."""
        return [_lines(f"{self.base}/bundles/{name}/log", 0)[0] for name in names]

    def do_cancel(self, name: str, task: int) -> None:
        """Have a task ended."""
        if name in self.bundles:
            with open(f"{self.bundles[name].folder}/cancel.{task}", "w"):
                pass


class Bundle:
    """Tasks that run."""

    def __init__(self, folder: str, command: "list[str]") -> None:
        self.folder = folder
        self.read = 0
        self.over = False
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def news(self) -> "list[dict[str, Any]]":
        """Return what is new in the log of the worker; afterwards ``over`` says if that is all."""
        ended = self.process.poll() is not None
        found, self.read = _lines(self.folder + "/log", self.read)
        self.over = ended
        return found


def _cpu() -> "str | None":
    try:
        with open("/proc/cpuinfo", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return None


def _lines(path: str, start: int) -> "tuple[list[dict[str, Any]], int]":
    """Return the whole lines of a worker's log from a place on, and where the next begins."""
    try:
        with open(path, "rb") as log:
            log.seek(start)
            data = log.read()
    except OSError:
        return [], start
    found = []
    lines = data.split(b"\n")
    for line in lines[:-1]:
        if line[:9] == f"{zlib.crc32(line[9:]) & 0xFFFFFFFF:08x} ".encode("ascii"):
            found.append(json.loads(line[9:].decode("ascii")))
    return found, start + len(data) - len(lines[-1])


def _size(path: str) -> "int | None":
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _digest(path: str) -> str:
    return _digests(path)[0]


def _digests(path: str) -> "tuple[str, str]":
    """Return the SHA-256 and, which CWL wants, the SHA-1 of a file."""
    sha256, sha1 = hashlib.sha256(), hashlib.sha1()  # noqa: S324 - the checksum of CWL
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            sha256.update(block)
            sha1.update(block)
    return sha256.hexdigest(), sha1.hexdigest()


def _survey(folder: str) -> Any:
    for inside, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(inside, name)
            shown = os.path.relpath(path, folder)
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                yield [shown, "link", 0, "", "", False, os.readlink(path)]
            elif stat.S_ISDIR(status.st_mode):
                yield [shown, "folder", 0, "", "", False, ""]
            elif stat.S_ISREG(status.st_mode):
                runs = bool(status.st_mode & 0o100)
                yield [shown, "file", status.st_size, *_digests(path), runs, ""]


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    Agent().run()
    sys.stdout.flush()
    os._exit(0)
