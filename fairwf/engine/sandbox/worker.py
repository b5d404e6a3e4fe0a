"""The child process of the sandbox: started by path, standard library and quickjs-ng only.

Never imported by fairwf. Arguments: folder of the engine's extension module, process id of the
parent, `memory_bytes`, `stack_bytes`, `result_bytes`, `cpu_s`. File descriptor 0 is a socket to
the parent. Whatever goes through it is its length (8 bytes, little endian) and bytes. In comes a
list of bytes as :mod:`marshal` writes it; what goes out is no such thing, since this process runs
the code of strangers.

Most evaluations give a text, a number, a truth value or nothing, and throw nothing: then a few
words of JavaScript say which (``BOX``). For all others the harness evaluates anew, in a context of
its own; evaluations have no effects. It costs a quarter of a short one, so scripts are remembered
that need it. A script that has come often and cannot tell (`lasting.py`) runs in a context that
stays, and is compiled once; whatever goes wrong there is evaluated anew in a fresh one.

First message in: the harness (`harness.js`) and what makes a context that stays (`lasting.js`).
First out: `ready`, or `failed: ` and why. Then one message in for an evaluation (see `Program`:
what is asked first, or else the values as JSON; the script; whether its context may stay; each
library) and one out (see `replies.py`); exit code 12 says that memory ran out.
"""

import marshal
import os
import resource
import signal
import sys
import time
from importlib import import_module

TYPE_CHECKING = False  # the typing module would double the time to start
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

Frames = list[bytes]
NUMBER = 8
AT_ONCE = 1 << 14
# Copies of a request and a reply that Python holds beside the engine's own heap.
COPIES = 4
# How long an answer waits for those of other requests that are already here: each wakes the parent.
# It waits longer behind an evaluation that takes long, and is asked for again where it is lost with
# the process. That is worth it: only what is foreseen comes together.
HOLD_S = 0.002
SLACK_BYTES = 64 << 20
# How much longer than the engine's own limit, which gives better messages, a signal waits.
GRACE_S = 0.5
STACK_RESERVE = 8 << 20
MESSAGE_LENGTH = 4000
EXIT_NO_MEMORY = 12
SECOND_PART = "// part 2"
# It uses nothing that other code could replace. A text comes in an object, because the Python
# module takes none that the engine holds as a rope, and cuts others at a NUL.
BOX = """delete globalThis.Atomics; delete globalThis.SharedArrayBuffer;
(function (act, given) {
  'use strict';
  act[0](given);
  given = (0, act[1])();
  switch (typeof given) {
    case 'string': return {__proto__: null, v: given};
    case 'number': case 'boolean': return given;
  }
  return given === undefined || given === null ? null : 'M';
})"""
BOXED = len('{"v":')
MOST_REMEMBERED = 256
# To freeze a context costs as much as some 15 fresh ones.
OFTEN = 8
NEVER = OFTEN + 1
MOST_LASTING = 1000


class Incoming:
    """Messages, of which several may come at once."""

    def __init__(self) -> None:
        self.data = b""

    def more(self) -> bool:
        """Whether another whole message is here."""
        data = self.data
        return len(data) >= NUMBER + int.from_bytes(data[:NUMBER], "little")

    def receive(self) -> Frames:
        """One message; the process ends when the parent has closed its end."""
        while len(self.data) < NUMBER:
            self.data += read(AT_ONCE)
        end = NUMBER + int.from_bytes(self.data[:NUMBER], "little")
        parts, missing = [self.data], end - len(self.data)
        while missing > 0:
            parts.append(read(min(missing, 1 << 20)))
            missing -= len(parts[-1])
        whole = b"".join(parts)
        self.data = whole[end:]
        message: Frames = marshal.loads(whole[NUMBER:end])  # noqa: S302 - of our own parent
        return message


def read(most: int) -> bytes:
    """What is there, of so many bytes."""
    part = os.read(0, most)
    if not part:
        sys.exit(0)
    return part


class Outgoing:
    """Answers; those to requests that came together go together."""

    def __init__(self) -> None:
        self.data = b""
        self.until = 0.0

    def put(self, answer: bytes) -> None:
        """Add one answer; what is there goes at once where it is much or has waited long enough."""
        now = time.monotonic()
        if not self.data:
            self.until = now + HOLD_S
        self.data += len(answer).to_bytes(NUMBER, "little") + answer
        if now >= self.until or len(self.data) >= AT_ONCE:
            self.send()

    def send(self) -> None:
        """Write what waits."""
        rest, self.data = memoryview(self.data), b""
        while rest:
            rest = rest[os.write(0, rest) :]


def die_with_parent(parent: int) -> None:
    """Ask the kernel for SIGHUP when the thread that started this process ends."""
    import ctypes

    # The parent may ignore or block these (nohup does), and children inherit that.
    for number in (signal.SIGHUP, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    libc = ctypes.CDLL(None, use_errno=True)
    set_parent_death_signal, set_no_new_privileges = 1, 38
    if libc.prctl(set_parent_death_signal, signal.SIGHUP, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    libc.prctl(set_no_new_privileges, 1, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def status_kib(status: int, field: bytes) -> int:
    """A line of /proc/self/status that is in KiB, read from its open descriptor."""
    for line in os.pread(status, 1 << 16, 0).splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise LookupError(field)


def limit_process(memory: int, stack: int, result: int, virtual: int) -> int:
    """No new files, processes, core dumps or written bytes; bounded memory and stack.

    Returns the stack that the engine may use: a hard limit from outside may leave less.
    """

    def lower(which: int, value: int) -> int:
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(which, (value, value))
        return value

    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_FSIZE, 0)
    lower(resource.RLIMIT_NPROC, 0)
    lower(resource.RLIMIT_AS, virtual + memory + stack + COPIES * result + SLACK_BYTES)
    lower(resource.RLIMIT_NOFILE, 0)
    return max(lower(resource.RLIMIT_STACK, stack + STACK_RESERVE) - STACK_RESERVE, 1 << 16)


class Lasting:
    """A context that evaluations share: every built-in object is frozen."""

    def __init__(self, context: "Any", text: str) -> None:
        self.context = context
        self.box = context.eval(text)
        self.compiled: dict[bytes, Any] = {}
        self.left = MOST_LASTING

    def run(self, values: bytes, run: bytes) -> "Any":
        """What the script gives. Raises JSException, StackOverflow."""
        self.left -= 1
        given = self.context.parse_json(values.decode())
        if run not in self.compiled:
            self.compiled[run] = self.context.eval(run.decode())
        return self.box(self.compiled[run], given)


class Engine:
    """Makes a context for each evaluation, or for many of those that cannot tell."""

    def __init__(
        self, module: "ModuleType", harness: str, lasting: str, arguments: list[str]
    ) -> None:
        memory, stack, self.result_bytes = map(int, arguments[:3])
        self.cpu_s = float(arguments[3])
        self.module = module
        self.harness, rest = harness.split(SECOND_PART, 1)
        # In the lines where it stands, so that no position means two places (program.py).
        self.rest = "\n" * (self.harness.count("\n") + 1) + rest.partition("\n")[2]
        self.memory_bytes = memory
        self.status = os.open("/proc/self/status", os.O_RDONLY)
        self.resident_kib = status_kib(self.status, b"VmRSS:")
        virtual = status_kib(self.status, b"VmSize:") << 10
        self.stack_bytes = limit_process(memory, stack, self.result_bytes, virtual)
        self.intricate: set[bytes] = set()
        self.lasting_text = lasting
        self.lasting: Lasting | None = None
        self.seen: dict[bytes, int] = {}

    def context(self) -> "Any":
        """A fresh context."""
        context = self.module.Context()
        context.set_memory_limit(self.memory_bytes)
        context.set_max_stack_size(self.stack_bytes)
        return context

    @staticmethod
    def prepare(context: "Any", library: bytes) -> None:
        """Run a library. Raises JSException, StackOverflow."""
        try:
            context.eval(library.decode())
        except (UnicodeDecodeError, TypeError):
            return  # it ran; Python has no form for its last value

    def evaluate(
        self, asked: bytes, values: bytes, run: bytes, lasts: bytes, libraries: Frames
    ) -> bytes:
        """The answer to one request. Raises MemoryError."""
        if not asked and run not in self.intricate:
            if lasts and self.often(run):
                answer = self.again(values, run)
                if answer is not None:
                    return answer
                signal.setitimer(signal.ITIMER_PROF, self.cpu_s + GRACE_S)
            answer = self.simple(values, run, libraries)
            if answer is not None:
                return answer
            if len(self.intricate) == MOST_REMEMBERED:
                self.intricate.clear()
            self.intricate.add(run)
            signal.setitimer(signal.ITIMER_PROF, self.cpu_s + GRACE_S)
        return self.whole(asked, values, run, libraries)

    def often(self, run: bytes) -> bool:
        """Whether this script has come often enough."""
        times = self.seen.get(run, 0)
        if times < OFTEN:
            if len(self.seen) == MOST_REMEMBERED:
                self.seen.clear()
            self.seen[run] = times + 1
        return times == OFTEN

    def again(self, values: bytes, run: bytes) -> "bytes | None":
        """As `simple`, in the context that stays; also None, and no such context, where that fails.

        Raises MemoryError.
        """
        if self.lasting is None or not self.lasting.left:
            self.lasting = Lasting(self.context(), self.lasting_text)
        self.lasting.context.set_time_limit(self.cpu_s)
        try:
            value = self.lasting.run(values, run)
        except (self.module.JSException, self.module.StackOverflow) as error:
            told = str(error)
            if told.startswith(("InternalError", "null")):
                self.lasting = None
                return self.limited(told)
            value = "D"
        if value == "D":
            self.lasting, self.seen[run] = None, NEVER
            return None
        return self.answer(value)

    def answer(self, value: "Any") -> "bytes | None":
        """What a box gives as an answer; None for what it cannot hold."""
        if type(value) is not self.module.Object:
            return plain(value)
        payload: bytes = value.json()[BOXED:-1].encode()
        return b"L" if len(payload) > self.result_bytes else b"V" + payload

    def simple(self, values: bytes, run: bytes, libraries: Frames) -> "bytes | None":
        """The answer where it is a text, a number, a truth value or nothing; else None.

        Raises MemoryError.
        """
        context = self.context()
        start = time.process_time() if libraries else 0.0
        context.set_time_limit(self.cpu_s)
        try:
            box = context.eval(BOX)
            given = context.parse_json(values.decode())
            for text in libraries:
                self.prepare(context, text)
                left = self.cpu_s - (time.process_time() - start)
                context.set_time_limit(max(left, 0.01))
            return self.answer(box(context.eval(run.decode()), given))
        except (self.module.JSException, self.module.StackOverflow) as error:
            told = str(error)
            return self.limited(told) if told.startswith(("InternalError", "null")) else None

    def limited(self, told: str) -> bytes:
        """The answer for what the engine itself has thrown. Raises MemoryError."""
        if told.startswith("null") and self.was_full():
            raise MemoryError
        return b"X" + told[:MESSAGE_LENGTH].encode("utf-8", "replace")

    def whole(self, asked: bytes, values: bytes, run: bytes, libraries: Frames) -> bytes:
        """The answer to one request, by way of the harness. Raises MemoryError."""
        start = time.process_time()
        context = self.context()
        harness = context.eval(self.harness)

        def start_clock() -> None:
            context.set_time_limit(max(self.cpu_s - (time.process_time() - start), 0.01))

        def second_part(*what: object) -> bytes:
            start_clock()
            part = context.eval(self.rest)
            letter = harness(part, *what)
            if letter is None:
                return b"U"
            payload: bytes = harness(part, "payload").encode()
            if letter in ("V", "W") and len(payload) > self.result_bytes:
                return b"L"
            return str(letter).encode() + payload

        try:
            given = None
            if asked:
                answer = second_part(context.parse_json(asked.decode()))
                if answer != b"U":
                    return answer
            else:
                given = context.parse_json(values.decode())
            for text in libraries:
                start_clock()
                self.prepare(context, text)
            start_clock()
            told = harness(context.eval(run.decode()), given, self.result_bytes)
            if told == "M":
                return second_part()
        except (self.module.JSException, self.module.StackOverflow) as error:
            return self.limited(str(error))
        if told is None:
            return b"U"
        payload = told.encode()
        return b"L" if len(payload) > self.result_bytes else b"V" + payload

    def was_full(self) -> bool:
        """Whether memory was short: the engine throws null when an error object does not fit."""
        peak = status_kib(self.status, b"VmHWM:") - self.resident_kib
        return peak << 10 > self.memory_bytes // 2


def plain(value: object) -> "bytes | None":
    """The answer for a number, a truth value or nothing; None for what JSON does not hold."""
    if value is None:
        return b"Vnull"
    if isinstance(value, bool):
        return b"Vtrue" if value else b"Vfalse"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    if isinstance(value, int) or (isinstance(value, float) and value - value == 0):
        return b"V" + repr(value).encode()
    return None


def main(arguments: list[str]) -> None:
    """Serve evaluations until the parent closes its end."""
    folder, parent, *limits = arguments
    die_with_parent(int(parent))
    incoming, outgoing = Incoming(), Outgoing()

    def tell(answer: bytes) -> None:
        outgoing.put(answer)
        outgoing.send()

    harness, lasting = (text.decode() for text in incoming.receive())
    sys.path.insert(0, folder)
    try:
        module = import_module("_quickjs")
    except ImportError as error:
        tell(b"failed: " + str(error).encode())
        return
    time.localtime()  # loads the time zone while files can still be opened
    engine = Engine(module, harness, lasting, limits)
    tell(b"ready")
    try:
        while True:
            if not incoming.more():
                outgoing.send()
            asked, values, run, lasts, *libraries = incoming.receive()
            signal.setitimer(signal.ITIMER_PROF, engine.cpu_s + GRACE_S)
            outgoing.put(engine.evaluate(asked, values, run, lasts, libraries))
    except MemoryError:
        outgoing.send()
        os._exit(EXIT_NO_MEMORY)


if __name__ == "__main__":
    main(sys.argv[1:])
