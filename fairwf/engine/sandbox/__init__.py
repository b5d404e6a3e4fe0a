"""JavaScript of untrusted documents: quickjs-ng in a worker process that can be killed.

The sandbox itself is loaded on first use: a run without JavaScript needs only its errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairwf.engine.sandbox.errors import JavaScriptError, Kind

if TYPE_CHECKING:
    from fairwf.engine.sandbox.limits import Limits
    from fairwf.engine.sandbox.program import Form
    from fairwf.engine.sandbox.sandbox import Sandbox
    from fairwf.engine.sandbox.values import inexact_integers

__all__ = ["Form", "JavaScriptError", "Kind", "Limits", "Sandbox", "inexact_integers"]
_ROOMS = {
    "Form": "program",
    "Limits": "limits",
    "Sandbox": "sandbox",
    "inexact_integers": "values",
}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
