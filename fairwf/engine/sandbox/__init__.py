"""JavaScript of untrusted documents: quickjs-ng in a worker process that can be killed."""

from fairwf.engine.sandbox.errors import JavaScriptError, Kind
from fairwf.engine.sandbox.limits import Limits
from fairwf.engine.sandbox.program import Form
from fairwf.engine.sandbox.sandbox import Sandbox
from fairwf.engine.sandbox.values import inexact_integers

__all__ = ["Form", "JavaScriptError", "Kind", "Limits", "Sandbox", "inexact_integers"]
