"""The facts that a journal holds: what happened, never what follows from it.

Demands, scatters and rounds are derived again when a run is resumed. Values are literal
expressions in plain JSON form; times are ISO 8601 with a UTC offset.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, Protocol, Union

import msgspec

from fairwf.ir.expressions import Expr
from fairwf.ir.metadata import Agent
from fairwf.ir.values import Value, from_literal, to_literal

Literals = Mapping[str, Expr]
"""Values by name, as literal expressions."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="fact"):
    """Something that happened in a run."""


class SessionStarted(Fact, frozen=True, kw_only=True, tag="session"):
    """An engine began (or resumed) work on the run. Memory in bytes.

    ``folder`` is where the run directory was; files in it that later facts name lie below that.
    ``agent`` is who said to be at the keyboard.
    """

    time: str
    pid: int
    host: str
    engine_version: str
    folder: str | None = None
    command_line: tuple[str, ...] = ()
    system: str | None = None
    release: str | None = None
    architecture: str | None = None
    cpu: str | None = None
    cores: int | None = None
    memory_bytes: int | None = None
    agent: Agent | None = None


class SiteReached(Fact, frozen=True, kw_only=True, tag="site"):
    """The engine has connected to a site of the run. Memory in bytes."""

    site: str
    time: str
    host: str
    system: str | None = None
    release: str | None = None
    architecture: str | None = None
    cpu: str | None = None
    cores: int | None = None
    memory_bytes: int | None = None


class SessionEnded(Fact, frozen=True, kw_only=True, tag="ended"):
    """The engine stopped. ``waiting``: nothing but approvals or events is missing."""

    time: str
    status: Literal["completed", "failed", "cancelled", "waiting", "interrupted"]
    error: str | None = None
    outputs: Literals = {}
    waiting_for: tuple[str, ...] = ()


class Given(Fact, frozen=True, kw_only=True, tag="given"):
    """The inputs of the run, complete: with defaults, sizes and digests."""

    inputs: Literals


class Started(Fact, frozen=True, kw_only=True, tag="started"):
    """An attempt got its folder: no later attempt may write there. ``site``: where it runs.

    ``time`` is when the program began, as far as the engine knows; told again where an attempt got
    its folder ahead of its turn. The rest is as in :class:`Done`.
    """

    key: str
    attempt: int
    site: str | None = None
    time: str | None = None
    step: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    parent: str | None = None
    process: str = ""
    kind: Literal["command", "script"] = "command"


class Done(Fact, frozen=True, tag="done"):
    """One execution of one process ended, well or badly (see :class:`fairwf.trace.Task`).

    ``digest`` is the hash of the process, its overrides and its inputs. ``reused`` is the id of the
    run whose cached result this is. ``site`` is what the deployment calls the place, where it has
    several. ``cache_key`` is under what the cache keeps its result, and ``because`` says why there
    was none: ``first``, ``gone``, ``uncached`` (it may not be used again) or the parts of the key
    that have changed. What most tasks have comes first, and may be given by position: a keyword
    takes longer the more fields come before its own.
    """

    key: str
    kind: Literal["command", "script", "pure", "workflow", "operation"]
    status: Literal["completed", "failed", "skipped", "cancelled"]
    process: str
    digest: str = ""
    step: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    parent: str | None = None
    attempt: int = 1
    command: tuple[str, ...] = ()
    started: str | None = None
    ended: str | None = None
    exit_code: int | None = None
    inputs: Literals = {}
    outputs: Literals = {}
    host: str | None = None
    cores: float | None = None
    cpu_user_s: float | None = None
    cpu_system_s: float | None = None
    max_rss_kib: int | None = None
    folder: str | None = None
    site: str | None = None
    stdin: str | None = None
    stdout: str | None = None
    stderr: str | None = None
    container: str | None = None
    container_digest: str | None = None
    timed_out: bool = False
    code: str | None = None
    error: str | None = None
    reused: str | None = None
    cache_key: str | None = None
    because: tuple[str, ...] = ()


class Awaited(Fact, frozen=True, kw_only=True, tag="awaited"):
    """A step waits for a person (``text`` is the prompt) or an event (``text`` is its name)."""

    key: str
    what: Literal["approval", "event"]
    text: str
    who: tuple[str, ...] = ()


class Approved(Fact, frozen=True, kw_only=True, tag="approved"):
    """A person said yes to a step. ``prompt`` is what was asked."""

    key: str
    time: str
    who: str | None = None
    step: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    prompt: str | None = None


class TimerSet(Fact, frozen=True, kw_only=True, tag="timer"):
    """A step began to wait until a time (seconds since 1970)."""

    key: str
    due: float


class EventArrived(Fact, frozen=True, kw_only=True, tag="event"):
    """An event of this name came from outside."""

    key: str
    time: str


AnyFact = Union[  # noqa: UP007 -- msgspec evaluates it at run time
    SessionStarted,
    SiteReached,
    SessionEnded,
    Given,
    Started,
    Done,
    Awaited,
    Approved,
    TimerSet,
    EventArrived,
]


class Recorder(Protocol):
    """Where facts go: when it returns, they are kept."""

    def __call__(self, *facts: AnyFact) -> None:
        """Keep facts, in this order."""
        ...


def literals(values: Mapping[str, Value]) -> dict[str, Expr]:
    """Return runtime values as literals.

    Raises:
        TypeError: a value is none that a document can hold.
    """
    return {name: to_literal(value) for name, value in values.items()}


def values(literals: Literals) -> dict[str, Value]:
    """Return literals as runtime values."""
    return {name: from_literal(item) for name, item in literals.items()}


def timestamp(seconds: float) -> str:
    """Return seconds since 1970 as ISO 8601 in UTC with milliseconds."""
    whole = math.floor(seconds)
    return _to_the_second(whole) + _REST[int((seconds - whole) * 1000)]


_REST = tuple(f".{millisecond:03d}+00:00" for millisecond in range(1000))


@lru_cache(maxsize=16)
def _to_the_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")
