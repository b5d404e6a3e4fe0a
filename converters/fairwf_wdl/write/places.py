"""What an expression may use depends on where it stands."""

from __future__ import annotations

from typing import Protocol

import msgspec

from fairwf.ir.command import Rendering
from fairwf.ir.expressions import Call, Each, Expr, Index, StringLit
from fairwf.ir.types import Type
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.shell import Expansion
from fairwf_wdl.write.strings import Piece
from fairwf_wdl.write.types import Structs


class Telling(Protocol):
    """Reports what became of a node."""

    def __call__(self, code: str, message: str, node: msgspec.Struct) -> None:
        """Report."""


class Place:
    """A place of a document: a workflow, a task, its outputs."""

    in_task = False
    may_lack = False

    def __init__(self, version: str, structs: Structs, tell: Telling) -> None:
        self.version = version
        self.structs = structs
        self.tell = tell

    def lookup(self, node: Expr) -> Said:
        """Return what a reference names."""
        raise CannotSayError("WDL cannot name this value here", node)

    def repeated(self, node: Each) -> Said:
        """Return the array of what an each gives."""
        raise CannotSayError(
            "WDL computes for each item of an array in workflows alone",
            node,
            "compute it in a step of the workflow, and hand the task what it gives",
        )

    def written(self, content: Expr, name: StringLit | None, node: Call) -> Said:
        """Return the file that holds a text."""
        raise CannotSayError("WDL writes no file with this text", node)

    def file_at(self, node: Call) -> Said | None:
        """Return the file at a path, where the place knows it by another name."""
        return None

    def computed(self, node: Expr, wanted: Type | None) -> Said:
        """Return what JavaScript gives, run where that can be.

        Raises:
            CannotSayError: no program can be run for it here.
        """
        raise CannotSayError("WDL computes this by no program here", node)

    def loading(self, node: Expr) -> tuple[bool, str | None]:
        """Tell whether the contents of a value's files are loaded, and how its folders are."""
        return False, None

    def shell_text(self, node: Expr) -> Expansion | None:
        """Return the variable of the shell for the text of what JavaScript gives."""
        return None

    def shell_words(self, node: Expr, rendering: Rendering) -> list[Piece] | None:
        """Return the words of the shell for what JavaScript gives."""
        return None

    def named(self, node: Expr) -> Said | None:
        """Return the name of an output that is this value, where the place has one."""
        return None

    def staged_at(self, node: Expr) -> Expr | None:
        """Return the name in the task's folder of an input that was staged into it."""
        return None

    def item(self, node: Index) -> Said | None:
        """Return an item, where the place knows it by another name."""
        return None
