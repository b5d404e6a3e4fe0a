"""A sandbox that is loaded when there is JavaScript: most runs have none."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from fairwf.engine.sandbox.program import Form
    from fairwf.engine.sandbox.sandbox import Request, Sandbox


class DeferredSandbox:
    """Stands for a :class:`Sandbox`, which it makes at the first evaluation."""

    def __init__(self, *, reproducible: bool = False) -> None:
        self._reproducible = reproducible
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def evaluate(
        self,
        code: str,
        form: Form,
        context: Mapping[str, object],
        libraries: Sequence[str] = (),
    ) -> object:
        """Return the value of a text (:meth:`Sandbox.evaluate`)."""
        return self._made().evaluate(code, form, context, libraries)

    def foresee(self, requests: Iterable[Request]) -> None:
        """Evaluate ahead (:meth:`Sandbox.foresee`)."""
        asked = list(requests)
        if asked or self._sandbox is not None:
            self._made().foresee(asked)

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._sandbox is not None:
            self._sandbox.close()

    def _made(self) -> Sandbox:
        from fairwf.engine.sandbox.sandbox import Sandbox

        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(reproducible=self._reproducible)
            return self._sandbox
