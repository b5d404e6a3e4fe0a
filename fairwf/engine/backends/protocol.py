"""What the engine asks of a place where programs run."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from fairwf.engine.programs.resources import Pool
from fairwf.engine.task import Completion, PreparedTask


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that an earlier engine submitted, and that runs or ran without it.

    ``digest`` says what was asked of it; ``tmp`` is its folder of temporary files.
    """

    digest: str
    number: int
    tmp: str
    prepared: PreparedTask


class Site(msgspec.Struct, frozen=True):
    """Where a program runs, as far as its preparation depends on that.

    ``name`` is what the deployment calls it, empty where there is one place only.
    ``lasting`` says whether tasks go on when the engine dies.
    ``programs_here`` says whether tasks find the programs that this machine has. ``pairs`` are
    folders of this machine and what tasks see in their place. ``scratch`` is the folder on each
    node below which it makes those for temporary files; empty where they are made here.
    """

    name: str = ""
    lasting: bool = False
    programs_here: bool = True
    pairs: tuple[tuple[str, str], ...] = ()
    scratch: str = ""

    @property
    def apart(self) -> bool:
        """Whether tasks see copies of files, not the files."""
        return bool(self.pairs)


class Backend(Protocol):
    """Where programs run. A context manager: leaving it ends what still runs.

    ``lasting`` says whether tasks may go on when the engine dies; none is handed over ahead then.
    """

    lasting: bool

    @property
    def kept(self) -> Mapping[str, Kept]:
        """Attempts of earlier engines that nobody has adopted yet, by the key of their task."""
        ...

    def site_of(self, key: str) -> Site:
        """Return where the task of this key runs."""
        ...

    def pool(self, cores: float | None, memory_mib: float | None) -> Pool[Any]:
        """Return the queue of tasks that wait for resources; None: all that there are."""
        ...

    def submit(self, *tasks: PreparedTask, lane: str = "", ahead: bool = False) -> None:
        """Have programs run; ``ahead``: each in the place of the next one of its lane that ends.

        Raises:
            EnvironmentFault: nothing can run any more.
        """
        ...

    def wait(self, timeout: float | None = None) -> list[Completion]:
        """Return those that ended; wait for the first so many seconds at most.

        Raises:
            EnvironmentFault: nothing can run any more.
        """
        ...

    def adopt(self, key: str, digest: str, above: int) -> Kept | None:
        """Return an attempt of an earlier engine, whose completion is wanted from now on.

        None where there is none that was asked the same (``digest``), of a number above this one.
        """
        ...

    def cancel(self, *task_ids: str) -> None:
        """End these tasks, each of which is then reported as cancelled; without a name, end all."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
