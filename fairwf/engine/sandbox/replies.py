"""From a worker's answer to a value or a JavaScriptError.

Answers: a letter and a payload of the harness (`harness.js`), or `X` and what the engine said. Code
under evaluation can shape what they say, so nothing in them is trusted.
"""

import json
import re
import signal

from fairwf.engine.sandbox.errors import JavaScriptError, Kind
from fairwf.engine.sandbox.limits import Limits
from fairwf.engine.sandbox.program import Program
from fairwf.engine.sandbox.values import from_json

_EXIT_NO_MEMORY = 12
_NO_MEMORY = "InternalError: out of memory"
_INTERRUPTED = "InternalError: interrupted"
_SYNTAX_FRAME = re.compile(r"^    at <input>:\d+:\d+$")


def value_of(answer: bytes, program: Program, limits: Limits) -> object:
    """The value of an answer. Raises JavaScriptError."""
    text = answer.decode("utf-8", "replace")
    letter, payload = text[:1], text[1:]
    if letter == "U":
        return None
    if letter in ("V", "W"):
        return from_json(payload, marked=letter == "W")
    if letter == "L":
        raise JavaScriptError(
            f"the result is larger than {limits.result_bytes} bytes as JSON", "memory"
        )
    if letter == "X":
        raise _thrown(payload, program, limits)
    try:
        details = json.loads(payload)
        if letter == "T":
            raise _not_representable(details["what"], details["key"])
        message, stack, converting = details["message"], details["stack"], details["converting"]
    except (ValueError, KeyError, TypeError):
        raise JavaScriptError("the sandbox gave an answer that makes no sense", "crash") from None
    if converting and message == "TypeError: circular reference":
        raise JavaScriptError("the result contains itself, so it has no JSON form", "type")
    raise _error(message, stack, "syntax" if letter == "S" else "runtime", program, limits)


def ended(returncode: int | None, limits: Limits) -> JavaScriptError:
    """The error for a worker that ended without an answer."""
    if returncode == -signal.SIGPROF:
        return _out_of_time(limits)
    if returncode == _EXIT_NO_MEMORY:
        return _out_of_memory(limits)
    if returncode is None or returncode >= 0:
        return JavaScriptError(f"the sandbox ended by itself (exit code {returncode})", "crash")
    return JavaScriptError(f"the sandbox was ended by signal {-returncode}", "crash")


def _out_of_memory(limits: Limits) -> JavaScriptError:
    """The error for an evaluation over its memory limit."""
    return JavaScriptError(f"more memory than {limits.memory_bytes} bytes was needed", "memory")


def _out_of_time(limits: Limits) -> JavaScriptError:
    return JavaScriptError(f"not finished after {limits.cpu_s:g} s of processor time", "timeout")


def _thrown(text: str, program: Program, limits: Limits) -> JavaScriptError:
    lines = text.rstrip("\n").split("\n")
    frames = next((i for i, line in enumerate(lines) if line.startswith("    at ")), len(lines))
    message, stack = "\n".join(lines[:frames]), lines[frames:]
    # A text that does not compile has one frame, and that names no function.
    compiling = len(stack) == 1 and _SYNTAX_FRAME.match(stack[0])
    kind: Kind = "syntax" if compiling and message.startswith("SyntaxError") else "runtime"
    return _error(message.removesuffix("\nundefined"), "\n".join(stack), kind, program, limits)


def _error(
    message: str, stack: str, kind: Kind, program: Program, limits: Limits
) -> JavaScriptError:
    if message == _NO_MEMORY:
        error = _out_of_memory(limits)
    elif message == _INTERRUPTED:
        error = _out_of_time(limits)
    else:
        error = JavaScriptError(message, kind)
    place = program.locate(stack)
    if place is None:
        return error
    return JavaScriptError(error.message, error.kind, *place)


def _not_representable(what: str, key: str) -> JavaScriptError:
    where = f" at key {key!r}" if key else ""
    return JavaScriptError(f"the result holds a {what}{where}, which has no JSON form", "type")
