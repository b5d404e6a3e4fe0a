"""Parsl's side of pilots, in a process of its own: it runs the user's configuration file.

Started by ``guard.py`` as ``python client.py SETTINGS [DESCRIPTOR]``; never imported by fairwf. The
descriptor is a pipe that closes with the guard. SETTINGS is a JSON object:

``config``: the configuration file; ``label``: which executor of it is wanted. ``runinfo``: where
Parsl writes what it writes. ``blocks``: a file with the ids of blocks on clusters, so that others
can cancel them. ``socket``: the descriptor of the connection to the engine; without one, what
``blocks`` names is cancelled, and that is all. ``silence``: after how many seconds without an
answer the interchange counts as dead.

Lines of JSON both ways. From the engine ``{"run": NAME, "command": [...]}``; to it ``ready``, how
many ``workers`` there are, the ``ended`` of each call with ``why`` if it was not in order,
``warning``, and ``fault``, the last one: with ``line`` a fault of the configuration file, without
one that of the pilots.

A call runs ``subprocess.call`` by its name, so nothing of fairwf need be on the nodes. Its command
gets a pipe as standard input, which closes when the worker of Parsl dies.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import types
from concurrent.futures import Future
from typing import Any

TURN_S = 0.25
PING_S = 3.0
MOST = 2000
"""How many workers are counted with before they are there."""
STALLED_S = 60.0
"""How long calls may wait while no block is there, and none is asked for."""
CLEANUP_S = 20.0
HELD = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9, 0, 0, 0); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
"""A program that dies with the thread that started it (PR_SET_PDEATHSIG), and becomes another."""


class ConfigurationError(Exception):
    """The configuration file is not as it must be; ``line`` is 0 where none is to blame."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


def configuration(path: str) -> Any:
    """Run the configuration file and return its ``parsl.Config``.

    Raises:
        ConfigurationError: it fails, or holds none.
    """
    from parsl.config import Config

    module = types.ModuleType("parsl_configuration")
    module.__file__ = path
    sys.modules[module.__name__] = module
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
        exec(code, module.__dict__)  # noqa: S102 - it is the user's own program
    except SyntaxError as error:
        raise ConfigurationError(f"{error.msg}", error.lineno or 1) from None
    except OSError as error:
        if error.filename == path:
            raise ConfigurationError(f"cannot be read: {error.strerror}") from None
        raise _failed(error, path) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the program does
        raise _failed(error, path) from None
    named = getattr(module, "config", None)
    if isinstance(named, Config):
        return named
    found = [value for value in vars(module).values() if isinstance(value, Config)]
    if len(found) != 1:
        what = "no parsl.Config" if not found else f"{len(found)} of parsl.Config"
        raise ConfigurationError(f"holds {what}; name the one that is meant config")
    return found[0]


def _failed(error: BaseException, path: str) -> ConfigurationError:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
             if frame.filename == path]  # fmt: skip
    text = traceback.format_exception_only(type(error), error)[-1].strip()
    return ConfigurationError(text[:500], (lines[-1] if lines else 1) or 1)


def executor_of(config: Any, label: str) -> Any:
    """Return the executor of this label.

    Raises:
        ConfigurationError: there is none, or it has no pilots.
    """
    from parsl.executors import HighThroughputExecutor

    labels = {each.label: each for each in config.executors}
    if label not in labels:
        raise ConfigurationError(
            f"has no executor with the label {label!r}; there are {', '.join(labels)}"
        )
    executor = labels[label]
    if not isinstance(executor, HighThroughputExecutor) or executor.enable_mpi_mode:
        kind = type(executor).__name__
        raise ConfigurationError(
            f"the executor {label!r} is a {kind}; a HighThroughputExecutor is needed"
        )
    return executor


class Blocks:
    """The ids of the blocks that a provider has submitted, in a file.

    Those of this machine are not noted: their guard ends them, and numbers of processes are used
    again.
    """

    def __init__(self, path: str, provider: Any) -> None:
        from parsl.providers import LocalProvider

        self._path = path
        self._provider = provider
        self._local = isinstance(provider, LocalProvider)
        self._lock = threading.Lock()
        self._closed = False
        self._submit = provider.submit
        provider.submit = self._submitted

    def _submitted(self, command: str, tasks_per_node: int, job_name: str = "parsl") -> Any:
        with self._lock:
            if self._closed:
                raise RuntimeError("the pilots are ending")
            block = self._submit(command, tasks_per_node, job_name)
            if not self._local and block is not None:
                with open(self._path, "a", encoding="utf-8") as file:
                    file.write(json.dumps(block) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
            return block

    def close(self) -> None:
        """Let no block be submitted any more."""
        with self._lock:
            self._closed = True

    def cancel(self) -> list[str]:
        """Cancel every block that is noted, also those of earlier clients; return what failed."""
        from parsl.jobs.states import JobState, JobStatus

        try:
            with open(self._path, encoding="utf-8") as file:
                ids = [json.loads(line) for line in file if line.endswith("\n")]
        except OSError:
            return []
        wrong = []
        for block in ids:
            known = {"job_id": block, "status": JobStatus(JobState.RUNNING)}
            getattr(self._provider, "resources", {}).setdefault(block, known)
            try:
                self._provider.cancel([block])  # where it has ended, schedulers refuse this
            except Exception as error:  # noqa: BLE001 - providers raise what they like
                wrong.append(f"block {block} could not be cancelled: {error}")
        os.unlink(self._path)
        return wrong


class Client:
    """The connection to the engine, and the pilots."""

    def __init__(self, said: dict[str, Any], guard: int) -> None:
        self._said = said
        self._guard = guard
        self._socket = socket.socket(fileno=said["socket"])
        self._lines = self._socket.makefile("rb")
        self._sending = threading.Lock()
        self._executor: Any = None
        self._dfk: Any = None
        self._blocks: Blocks | None = None
        self._dead = False
        self._gone = threading.Event()
        self._heard = time.monotonic()

    def tell(self, **what: Any) -> None:
        """Send a line to the engine; where it is gone, the reader notices."""
        data = json.dumps(what).encode() + b"\n"
        with self._sending:
            try:
                self._socket.sendall(data)
            except OSError:
                self._gone.set()

    def begin(self) -> None:
        """Start Parsl.

        Raises:
            ConfigurationError: the configuration file is wrong.
        """
        import parsl
        from parsl.config import Config

        config = configuration(self._said["config"])
        executor = executor_of(config, self._said["label"])
        self._blocks = Blocks(self._said["blocks"], executor.provider)
        for text in self._blocks.cancel():
            self.tell(warning=text)
        executor.interchange_launch_cmd = [
            *(sys.executable, "-I", "-c", HELD),
            *executor.interchange_launch_cmd,
        ]
        # What remains is left to us: nothing is retried, monitored, or reported to anybody.
        ours = Config(
            executors=[executor],
            run_dir=self._said["runinfo"],
            strategy=config.strategy,
            strategy_period=config.strategy_period,
            max_idletime=config.max_idletime,
            initialize_logging=config.initialize_logging,
        )
        self._dfk = parsl.DataFlowKernel(ours)
        self._executor = executor
        provider = executor.provider
        most = provider.max_blocks * provider.nodes_per_block * executor.workers_per_node
        self.tell(ready=True, cores=float(executor.cores_per_worker), most=int(min(most, MOST)))

    # --- calls

    def read(self) -> None:
        """Take what the engine asks for, until it is gone; runs in a thread of its own."""
        try:
            for line in self._lines:
                asked = json.loads(line)
                self.call(asked["run"], asked["command"])
        except OSError as error:
            print(f"the connection to the engine: {error}", flush=True)  # noqa: T201 - its log
        self._gone.set()

    def call(self, name: str, command: list[str]) -> None:
        """Have a command run in a pilot."""
        try:
            future = self._executor.submit(
                subprocess.call, {}, command, stdin=subprocess.PIPE, close_fds=True
            )
        except Exception as error:  # noqa: BLE001 - executors raise what they like
            if not self.trouble():
                self.tell(ended=name, why=_words(error))
            return
        future.add_done_callback(lambda done: self.ended(name, done))

    def ended(self, name: str, done: Future[int]) -> None:
        """Tell that a call has ended, if it has: pilots that are given up fail all at once."""
        error = done.exception()
        if error is not None and (self._dead or self._gone.is_set() or self.trouble()):
            return
        code = done.result() if error is None else 0
        why = _words(error) if error is not None else None
        if code:
            why = f"its worker ended with exit code {code}"
        self.tell(ended=name, why=why)

    # --- watching

    def trouble(self) -> str | None:
        """Return what is wrong with the pilots as a whole."""
        process = self._executor.interchange_proc
        code = process.poll() if process is not None else None
        if code is not None:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            return f"the interchange of Parsl has ended ({how})"
        if self._executor.bad_state_is_set:
            words = " ".join(str(self._executor.executor_exception).split())
            return f"Parsl has given up its pilots: {words[:600]}"
        return None

    def ping(self) -> None:
        """Ask the interchange for its workers, again and again; runs in a thread of its own."""
        told = 0
        while not self._gone.is_set():
            try:
                workers = sum(each["worker_count"] for each in self._executor.connected_managers())
            except Exception as error:  # noqa: BLE001 - a connection that is closed
                print(f"no answer of the interchange: {error}", flush=True)  # noqa: T201 - its log
                return
            self._heard = time.monotonic()
            if workers != told:
                told = workers
                self.tell(workers=workers)
            time.sleep(PING_S)

    def watch(self) -> str | None:
        """Wait until the engine or the guard is gone; return what was wrong if neither is."""
        stalled: float | None = None
        while not self._gone.wait(TURN_S):
            if select.select([self._guard], [], [], 0)[0]:
                return None
            found = self.trouble()
            if found is not None:
                return found
            now = time.monotonic()
            if now - self._heard > self._said["silence"]:
                return "the interchange of Parsl does not answer"
            states = list(self._executor.status_facade.values())
            if not self._executor.outstanding() or not all(each.terminal for each in states):
                stalled = None
            elif states:
                stalled = stalled or now
                if now - stalled > STALLED_S:
                    return "all blocks of the pilots have ended, and Parsl starts no other"
        return None

    def run(self) -> int:
        """Serve the engine; return the exit code."""
        signal.signal(signal.SIGTERM, lambda *_: self._gone.set())
        try:
            self.begin()
        except ConfigurationError as fault:
            self.tell(fault=str(fault), line=fault.line)
            return self.end(in_order=True)
        except Exception as error:  # noqa: BLE001 - Parsl raises what it likes
            traceback.print_exc()
            self.tell(fault=f"Parsl cannot start: {_words(error)}")
            return self.end(in_order=False)
        for each in (self.read, self.ping):
            threading.Thread(target=each, daemon=True).start()
        trouble = self.watch()
        self._dead = True
        if trouble is not None:
            self.tell(fault=trouble)
        return self.end(in_order=trouble is None)

    def end(self, in_order: bool) -> int:
        """End the pilots. Of an interchange that is dead Parsl would wait for an answer."""
        if self._blocks is not None:
            self._blocks.close()
        if self._dfk is not None and in_order:
            cleaning = threading.Thread(target=self._dfk.cleanup, daemon=True)
            cleaning.start()
            cleaning.join(CLEANUP_S)
        if self._blocks is not None:
            for text in self._blocks.cancel():
                self.tell(warning=text)
        return 0


def _words(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


def cancel(said: dict[str, Any]) -> int:
    """Cancel the blocks that a dead client has left."""
    if not os.path.exists(said["blocks"]):
        return 0
    executor = executor_of(configuration(said["config"]), said["label"])
    for text in Blocks(said["blocks"], executor.provider).cancel():
        print(text, flush=True)  # noqa: T201 - its log
    return 0


def main() -> int:
    """Do what the settings say."""
    said = json.loads(sys.argv[1])
    # Parsl starts its programs by their names.
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
    if len(sys.argv) < 3:
        return cancel(said)
    return Client(said, int(sys.argv[2])).run()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads of Parsl may wait for ever
