"""What an expression may use depends on where it stands: in a workflow, a task, its outputs."""

from __future__ import annotations

from collections.abc import Container
from typing import Protocol

from WDL import Expr as Syntax

from fairwf.ir.expressions import Expr, Input
from fairwf_wdl.build import call, text
from fairwf_wdl.context import Context


class Surroundings(Protocol):
    """The place of an expression. ``in_task``: files have the paths that a task sees."""

    in_task: bool
    may_lack: bool

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return what a name stands for; ``call.output`` is a name."""
        ...

    def written(self, suffix: str, content: Expr, at: Syntax.Base) -> Expr:
        """Return the file that a text has been written to (``write_lines`` ...)."""
        ...

    def stream(self, which: str, at: Syntax.Base) -> Expr:
        """Return the file of ``stdout`` or ``stderr``."""
        ...

    def glob(self, pattern: Expr, at: Syntax.Base) -> Expr:
        """Return the files that match a pattern after the command."""
        ...

    def task(self, member: str, at: Syntax.Base) -> Expr:
        """Return a member of the variable ``task`` (specification 1.2, "Runtime Access")."""
        ...


class Elsewhere:
    """Neither the command nor the outputs of a task: workflows, and defaults of inputs."""

    in_task = False
    may_lack = False

    def __init__(self, context: Context) -> None:
        self.context = context

    def written(self, suffix: str, content: Expr, at: Syntax.Base) -> Expr:
        """Return a file that is written where it is needed."""
        return call("literal_file", text(f"written{suffix}"), content)

    def stream(self, which: str, at: Syntax.Base) -> Expr:
        """Refuse: only what a task has printed has a file."""
        raise self.context.unsupported(f"{which}() outside of a task's outputs", at)

    def glob(self, pattern: Expr, at: Syntax.Base) -> Expr:
        """Refuse: only the folder of a task has files to look for."""
        raise self.context.unsupported("glob() outside of a task's outputs", at)

    def task(self, member: str, at: Syntax.Base) -> Expr:
        """Refuse: there is no task."""
        raise self.context.unsupported(f"task.{member} outside of a task", at)


class Defaults(Elsewhere):
    """Defaults of inputs see the other inputs."""

    def __init__(self, context: Context, names: Container[str]) -> None:
        super().__init__(context)
        self.names = names

    def lookup(self, name: str, at: Syntax.Base) -> Expr:
        """Return an input."""
        if name not in self.names:
            raise self.context.unsupported(f"{name!r:.60} in the default of an input", at)
        return Input(name=name)
