"""What goes wrong when JavaScript of a document is evaluated."""

from typing import Literal

Kind = Literal["syntax", "runtime", "timeout", "memory", "type", "crash"]


class JavaScriptError(Exception):
    """The evaluation gave no value.

    `kind`: `syntax`, `runtime` (it threw), `timeout`, `memory` (heap, or a request or result over
    its limit), `type` (a value that cannot cross between Python and JavaScript) or `crash` (the
    worker process died). `library` is the index of the library that `line` and `column` (from 1,
    columns in characters) lie in, None for the code itself; all three are None when unknown. The
    place of a timeout is the function or a statement before the loop.
    """

    def __init__(
        self,
        message: str,
        kind: Kind,
        line: int | None = None,
        column: int | None = None,
        library: int | None = None,
    ) -> None:
        super().__init__(message, kind, line, column, library)
        self.message = message
        self.kind: Kind = kind
        self.line = line
        self.column = column
        self.library = library

    def __str__(self) -> str:
        if self.line is None:
            return self.message
        where = "" if self.library is None else f"library {self.library + 1}, "
        return f"{self.message} ({where}line {self.line}, column {self.column})"
