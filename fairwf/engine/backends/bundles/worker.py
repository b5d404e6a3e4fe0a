"""Runs one bundle of tasks inside a job of a batch scheduler, and reports in a log of its own.

Copied into the run directory and started there as ``python3 worker.py BUNDLE``: one file, the
standard library only, the syntax of Python 3.6, because what is installed where ``fairwf`` runs
need not be on the nodes. Never imported by fairwf.

``BUNDLE/bundle.json`` holds the tasks. Whoever first makes ``BUNDLE/claim`` owns the bundle: this
worker, or an engine that takes it back; so a job that was submitted twice, or is started once more
by its scheduler, runs nothing. ``BUNDLE/log`` gets one line for each thing that happens, written
with one ``write``: the CRC-32 of its text in eight hex digits, a blank, JSON. When ``BUNDLE/stop``
appears, everything ends; ``BUNDLE/cancel.3`` ends the task of that number alone.

Started as ``python3 worker.py BUNDLE DESCRIPTOR``, it ends as soon as that pipe is closed at its
other end: by the pilot that holds it, or with the pilot.

Two processes: the one that the scheduler started, and the worker proper in a session of its own.
Schedulers differ in what they kill of a job, from the first process alone to all that it has ever
started; whichever of the two is left ends the tasks.
"""

import ctypes
import errno
import json
import mmap
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import zlib
from typing import Any

GRACE_S = 5.0
STOP_S = 15.0
LOOK_S = 1.0
SYNC_S = 1.0
DOUBT_S = 1.0
PR_SET_CHILD_SUBREAPER = 36
JOB_VARIABLES = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "COBALT_JOBID", "FLUX_JOB_ID", "JOB_ID")
ACCELERATORS = (
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "GPU_DEVICE_ORDINAL",
    "ZE_AFFINITY_MASK",
)
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU)

# How long a task lasted must not depend on whether somebody sets the clock meanwhile.
BEGAN = time.time() - time.monotonic()


def now_utc() -> float:
    """Return the seconds since 1970, by a clock that nobody sets."""
    return BEGAN + time.monotonic()


class Log:
    """What happened, for the engine. Lines reach the shared file system within a second."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self.file = os.open(path, flags, 0o600)
        self.written = self.synced = time.monotonic()
        self.dirty = False

    def tell(self, kind: str, **what: object) -> None:
        """Append a line."""
        what["k"] = kind
        body = json.dumps(what, separators=(",", ":")).encode("ascii")
        line = f"{zlib.crc32(body) & 0xFFFFFFFF:08x} ".encode("ascii") + body + b"\n"
        if os.write(self.file, line) != len(line):
            raise OSError(errno.ENOSPC, "no space left on device")
        self.written = time.monotonic()
        self.dirty = True

    def sync(self, now: bool = False) -> None:
        """Have the file system take what was written, not much later than it was."""
        if self.dirty and (now or time.monotonic() - self.synced >= SYNC_S):
            os.fsync(self.file)
            self.synced = time.monotonic()
            self.dirty = False


class Slot:
    """Files for outputs that nobody collects: used again by the next task where one is empty."""

    def __init__(self, stem: str) -> None:
        self.paths = {"stdout": stem + ".out", "stderr": stem + ".err"}
        self.files = {}  # type: dict[str, int]

    def open(self, name: str) -> int:
        """Return a descriptor to write to."""
        if name not in self.files:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC
            flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
            self.files[name] = os.open(self.paths[name], flags, 0o600)
        return self.files[name]

    def settle(self, name: str, path: str) -> None:
        """Give what was written to the task whose log it is."""
        file = self.files.get(name)
        if file is None or os.fstat(file).st_size == 0:
            return
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            os.makedirs(folder)
        os.rename(self.paths[name], path)
        os.close(self.files.pop(name))

    def close(self) -> None:
        """Remove what nothing was written to."""
        for name, file in self.files.items():
            empty = os.fstat(file).st_size == 0
            os.close(file)
            if empty:
                os.unlink(self.paths[name])
        self.files = {}


class Scratch:
    """Folders for the temporary files of tasks, where they are of this node.

    Both processes see which were made, so that either can remove them.
    """

    def __init__(self, tasks: "list[dict[str, Any]]") -> None:
        self.folders = [task.get("tmp") for task in tasks]
        self.made = mmap.mmap(-1, max(1, len(tasks)))

    def make(self, number: int) -> None:
        """Make the folder of a task."""
        folder = self.folders[number]
        if folder is None:
            return
        try:
            os.mkdir(folder, 0o700)
        except OSError as error:
            raise ValueError(f"its folder of temporary files, {folder}: {error.strerror}") from None
        self.made[number] = 1

    def remove(self, number: int) -> None:
        """Remove it with all that is in it."""
        folder = self.folders[number]
        if folder is not None and self.made[number]:
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.lexists(folder):
                self.made[number] = 0

    def remove_all(self) -> None:
        """Remove what a killed worker left, or what was still written to."""
        for number in range(len(self.folders)):
            self.remove(number)


class Running:
    """A task that runs."""

    def __init__(
        self,
        number: int,
        task: "dict[str, Any]",
        process: "subprocess.Popen[bytes]",
        slot: Slot,
        started: float,
    ) -> None:
        self.number = number
        self.task = task
        self.process = process
        self.slot = slot
        self.started = started
        limit = task.get("limit")
        self.deadline = None if limit is None else time.monotonic() + limit
        self.kill_at = None  # type: float | None
        self.timed_out = False
        self.stopped = False
        self.cancelled = False


class Worker:
    """One bundle."""

    def __init__(
        self,
        folder: str,
        bundle: "dict[str, Any]",
        scratch: Scratch,
        log: Log,
        alarm: int,
        lifelines: "list[int]",
    ) -> None:
        self.folder = folder
        self.bundle = bundle
        self.scratch = scratch
        self.log = log
        self.alarm = alarm
        self.lifelines = lifelines
        self.waiting = list(range(len(bundle["tasks"])))
        self.running = {}  # type: dict[int, Running]
        self.doubtful = []  # type: list[tuple[float, dict[str, Any]]]
        self.slots = []  # type: list[Slot]
        self.free_cores = bundle["cores"]
        self.free_ram = bundle["ram"]
        self.stopping = None  # type: str | None
        self.looked = time.monotonic() - LOOK_S
        self.names = set()  # type: set[str]
        self.left = []  # type: list[int]
        life = bundle["life"]
        self.no_start_after = None if life is None else time.monotonic() + life
        self.extra, self.path = self.changed_environment()

    def changed_environment(self) -> "tuple[dict[str, str], str | None]":
        """What the set-up commands of the job changed, and the PATH of the job."""
        before = {}
        path = os.path.join(self.folder, "environment")
        if not os.path.exists(path):
            return {}, None
        with open(path, "rb") as file:
            for part in file.read().split(b"\0"):
                name, found, value = part.partition(b"=")
                if found:
                    before[os.fsdecode(name)] = os.fsdecode(value)
        changed = {n: v for n, v in os.environ.items() if before.get(n) != v and n != "_"}
        return changed, os.environ.get("PATH")

    def run(self) -> None:
        """Run all, until nothing is left, the time is over, or somebody ends it."""
        while self.waiting or self.running or self.doubtful:
            self.look()
            self.cancel()
            if self.stopping is not None and self.waiting:
                self.waiting = []
            if self.no_start_after is not None and time.monotonic() >= self.no_start_after:
                self.waiting = []
            self.start_what_fits()
            if not self.running and not self.doubtful:
                break
            self.log.sync(now=not self.running)
            self.sleep()
            self.reap()
            self.expire()
            self.resolve()
            self.clear_up()
            if time.monotonic() - self.log.written >= self.bundle["beat"]:
                self.log.tell("beat", t=now_utc())
        for slot in self.slots:
            slot.close()
        self.log.tell("close", why=self.stopping, t=now_utc())
        self.log.sync(now=True)
        end_orphans()

    def look(self) -> None:
        """See whether the engine has given this bundle up."""
        now = time.monotonic()
        if now - self.looked >= LOOK_S:
            self.looked = now
            self.names = set(os.listdir(self.folder))
            if self.stopping is None and "stop" in self.names:
                self.stop("the engine")

    def cancel(self) -> None:
        """End the tasks that the engine does not want any more."""
        for running in self.running.values():
            if f"cancel.{running.number}" in self.names:
                running.cancelled = True
                self.end(running)
        now = now_utc()
        for number in [each for each in self.waiting if f"cancel.{each}" in self.names]:
            self.waiting.remove(number)
            self.log.tell("end", i=number, code=128 + signal.SIGTERM, t0=now, t1=now, cut=True)

    def stop(self, why: str) -> None:
        """End everything."""
        if self.stopping is None:
            self.stopping = why
        for running in self.running.values():
            running.stopped = True
            self.end(running)

    # --- starting

    def start_what_fits(self) -> None:
        """Start tasks in their order, as far as there are cores and memory."""
        later = []
        tasks = self.bundle["tasks"]
        for place, number in enumerate(self.waiting):
            if self.free_cores <= 1e-9 or self.stopping is not None:
                later.extend(self.waiting[place:])
                break
            task = tasks[number]
            fits = task["cores"] <= self.free_cores + 1e-9
            if self.free_ram is not None and task["ram"] > self.free_ram + 1e-9:
                fits = False
            if not fits and self.running:
                later.append(number)
                continue
            self.start(number, task)
            self.look()
        self.waiting = later

    def start(self, number: int, task: "dict[str, Any]") -> None:
        """Start a task; one that cannot be started has ended."""
        started = now_utc()
        self.log.tell("start", i=number, t=started)
        busy = {running.slot for running in self.running.values()}
        slot = next((each for each in self.slots if each not in busy), None)
        if slot is None:
            slot = Slot(os.path.join(self.folder, f"slot{len(self.slots)}"))
            self.slots.append(slot)
        mine = []  # type: list[int]
        try:
            self.scratch.make(number)
            env = self.environment(task)
            streams = self.streams(task, slot, mine)
            process = subprocess.Popen(
                self.command(task, env),
                stdin=streams[0],
                stdout=streams[1],
                stderr=streams[2],
                cwd=task["cwd"],
                env=env,
                start_new_session=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            why = getattr(error, "strerror", None) or str(error)
            self.scratch.remove(number)
            self.log.tell("end", i=number, code=127, t0=started, t1=now_utc(), err=why)
            return
        finally:
            for file in mine:
                os.close(file)
        self.running[process.pid] = Running(number, task, process, slot, started)
        self.free_cores -= task["cores"]
        if self.free_ram is not None:
            self.free_ram -= task["ram"]

    def environment(self, task: "dict[str, Any]") -> "dict[str, str]":
        """Return the variables of a task."""
        # Which GPUs are for this job, its scheduler or pilot says in the environment.
        env = {n: os.environ[n] for n in ACCELERATORS if n in os.environ}  # type: dict[str, str]
        env.update(task["env"])
        if self.path is None:
            return env
        merged = dict(self.extra)
        merged.update(env)
        # In place of the engine's own PATH stands the one that the set-up commands made.
        theirs, base = env.get("PATH"), self.bundle["path"]
        if theirs is not None and base and (":" + theirs).endswith(":" + base):
            merged["PATH"] = theirs[: len(theirs) - len(base)] + self.path
        return merged

    def command(self, task: "dict[str, Any]", env: "dict[str, str]") -> "list[str]":
        """Return the command line, its program found on the PATH of the task."""
        argv = list(task["argv"])
        if "/" not in argv[0]:
            for part in env.get("PATH", os.defpath).split(os.pathsep):
                candidate = os.path.join(task["cwd"], part, argv[0])
                if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                    argv[0] = candidate
                    return argv
            raise FileNotFoundError(errno.ENOENT, "it is not on the PATH of the node")
        return argv

    def streams(
        self, task: "dict[str, Any]", slot: Slot, mine: "list[int]"
    ) -> "tuple[int, int, int]":
        """Return the three standard streams; ``mine`` gets what is to be closed."""

        def writing(name: str) -> int:
            if name not in task["kept"]:
                return slot.open(name)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
            mine.append(os.open(task[name], flags, 0o666))
            return mine[-1]

        if task["stdin"] is None:
            stdin = subprocess.DEVNULL
        else:
            stdin = os.open(task["stdin"], os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
            mine.append(stdin)
        stdout = writing("stdout")
        same = task["stdout"] == task["stderr"]
        return stdin, stdout, stdout if same else writing("stderr")

    # --- waiting

    def sleep(self) -> None:
        """Wait for the end of a child, a signal, or the next time to act."""
        now = time.monotonic()
        times = [now + LOOK_S, self.log.written + self.bundle["beat"]]
        for running in self.running.values():
            times.extend(t for t in (running.deadline, running.kill_at) if t is not None)
        times.extend(until for until, _ in self.doubtful)
        awaited = [self.alarm]
        if self.stopping is None:
            awaited += self.lifelines
        ready = select.select(awaited, [], [], max(0.0, min(min(times) - now, LOOK_S)))[0]
        if any(line in ready for line in self.lifelines):
            self.stop("its job is gone")
        if self.alarm in ready:
            for number in bytearray(os.read(self.alarm, 4096)):
                if number in STOPPING:
                    self.stop(f"signal {number}")

    def reap(self) -> None:
        """Collect children that have ended."""
        while self.running:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except OSError:
                return
            if pid == 0:
                return
            ended = now_utc()
            running = self.running.pop(pid, None)
            if running is None:
                continue  # what a task left behind
            signal_group(pid, signal.SIGKILL)
            self.left.append(running.number)
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            code = 128 + number if number is not None else os.WEXITSTATUS(status)
            running.process.returncode = code
            self.free_cores += running.task["cores"]
            if self.free_ram is not None:
                self.free_ram += running.task["ram"]
            for name in ("stdout", "stderr"):
                if name not in running.task["kept"]:
                    running.slot.settle(name, running.task[name])
            end = {
                "i": running.number,
                "code": code,
                "t0": running.started,
                "t1": max(running.started, ended),
                "u": usage.ru_utime,
                "s": usage.ru_stime,
                "rss": usage.ru_maxrss,
            }
            if number is not None:
                end["sig"] = number
            if running.timed_out:
                end["to"] = True
            if running.stopped and not running.timed_out:
                end["stopped"] = True
            if running.cancelled:
                end["cut"] = True
            if number in (signal.SIGTERM, signal.SIGKILL) and not (
                running.stopped or running.timed_out or running.cancelled
            ):
                # Perhaps the scheduler ends the whole job, and we are told next.
                self.doubtful.append((time.monotonic() + DOUBT_S, end))
            else:
                self.log.tell("end", **end)

    def resolve(self) -> None:
        """Say how those ended that a signal of unknown sender had ended."""
        now = time.monotonic()
        later = []  # type: list[tuple[float, dict[str, Any]]]
        for until, end in self.doubtful:
            if self.stopping is not None:
                end["stopped"] = True
            elif until > now:
                later.append((until, end))
                continue
            self.log.tell("end", **end)
        self.doubtful = later

    def clear_up(self) -> None:
        """Remove temporary files of tasks whose ends are known: it may take long."""
        while self.left and self.stopping is None:
            self.scratch.remove(self.left.pop())

    def expire(self) -> None:
        """Act on limits that have passed."""
        now = time.monotonic()
        for running in self.running.values():
            if running.deadline is not None and now >= running.deadline:
                running.timed_out = True
                self.end(running)
            if running.kill_at is not None and now >= running.kill_at:
                running.kill_at = None
                by_force(running.task)
                signal_group(running.process.pid, signal.SIGKILL)

    def end(self, running: Running) -> None:
        """Ask a task to end; it is killed when the grace is over."""
        if running.kill_at is None:
            running.kill_at = time.monotonic() + GRACE_S
            running.deadline = None
            signal_group(running.process.pid, signal.SIGTERM)


def by_force(task: "dict[str, Any]") -> None:
    """Run the command that ends a container, which no signal to the group reaches."""
    command, task["stop"] = task["stop"], []
    if command:
        try:
            subprocess.call(
                command,
                env=task["env"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=STOP_S,
            )
        except (OSError, subprocess.SubprocessError) as error:
            sys.stderr.write(f"cannot end a container: {error}\n")


def signal_group(group: int, number: int) -> None:
    """Signal a process group that may be gone."""
    try:
        os.killpg(group, number)
    except OSError:
        return  # it is gone


def end_orphans() -> None:
    """Kill what left its group; as its subreaper, this process has become its parent."""
    for _ in range(1000):
        try:
            with open(f"/proc/self/task/{os.getpid()}/children", "rb") as listed:
                children = [int(number) for number in listed.read().split()]
        except (OSError, ValueError):
            return
        if not children:
            return
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            except OSError:
                continue


def become_subreaper() -> None:
    """Have what tasks leave behind become children of this process."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError) as error:
        sys.stderr.write(f"what leaves its process group is not ended: {error}\n")


def claim(folder: str) -> bool:
    """Own the bundle; False where somebody does already."""
    path = os.path.join(folder, "claim")
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if error.errno == errno.EEXIST:
            return False
        raise
    os.write(file, f"worker {os.getpid()} on {socket.gethostname()}\n".encode("utf-8"))
    os.close(file)
    return True


def main(folder: str, pilot: "int | None" = None) -> int:
    """Claim the bundle and run it; return the exit code of the job."""
    with open(os.path.join(folder, "bundle.json"), "rb") as file:
        bundle = json.loads(file.read().decode("ascii"))
    if not claim(folder):
        sys.stderr.write("this bundle belongs to another worker, or was taken back\n")
        return 0
    become_subreaper()
    lifeline, held = os.pipe()
    scratch = Scratch(bundle["tasks"])
    worker = os.fork()
    if worker == 0:
        os.setsid()
        os.close(held)
        code = 1
        try:
            work(folder, bundle, scratch, [lifeline] if pilot is None else [lifeline, pilot])
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(lifeline)
    for number in STOPPING:
        signal.signal(number, lambda number, _: os.kill(worker, number))
    _, status = os.waitpid(worker, 0)
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    end_orphans()
    if status != 0:
        log = Log(os.path.join(folder, "log"))
        os.write(log.file, b"\n")  # perhaps a line was cut short
        log.tell("close", why="its worker was killed, or failed", t=now_utc())
        log.sync(now=True)
    scratch.remove_all()  # last: it may take long, and schedulers do not wait
    return 0


def work(folder: str, bundle: "dict[str, Any]", scratch: Scratch, lifelines: "list[int]") -> None:
    """Run the bundle; a lifeline comes to its end when the first process of the job does."""
    alarm, ringing = os.pipe()
    for end in (alarm, ringing):
        os.set_blocking(end, False)
    for number in (signal.SIGCHLD, *STOPPING):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(ringing)
    become_subreaper()
    log = Log(os.path.join(folder, "log"))
    job = next((os.environ[name] for name in JOB_VARIABLES if os.environ.get(name)), None)
    log.tell("claim", host=socket.gethostname(), job=job, pid=os.getpid(), t=now_utc())
    log.sync(now=True)
    Worker(folder, bundle, scratch, log, alarm, lifelines).run()


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), *map(int, sys.argv[2:])))
