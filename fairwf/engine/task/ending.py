"""What a task's end means: success, a failure that may pass, or one that stays."""

from __future__ import annotations

import os

from fairwf.engine.task.faults import span_of
from fairwf.engine.task.request import Completion, PreparedTask, TaskFailed, TaskRequest
from fairwf.ir.resources import ExitCodes
from fairwf.report import Report

_TAIL_BYTES = 2000
_TAIL_LINES = 12


def check_ending(request: TaskRequest, prepared: PreparedTask, completion: Completion) -> None:
    """Refuse an end that is no success (CWL v1.2 ``successCodes`` and its siblings).

    Raises:
        TaskFailed: FWF4001 by its exit code, FWF4005 not started, FWF4007 over its time limit,
            FWF4017 cancelled, FWF4043 lost.
    """
    name = request.process.id or request.id
    if completion.lost is not None:
        where = "what the job wrote lies in batch/bundles of the run directory"
        raise _failure(
            request,
            completion,
            "FWF4043",
            f"{name!r} was not run to its end: {completion.lost}",
            where,
        )
    if completion.cancelled:
        raise _failure(request, completion, "FWF4017", f"{name!r} was cancelled")
    if completion.timed_out:
        limit = f"{prepared.time_limit_s:g}" if prepared.time_limit_s else "its"
        unit = "second" if limit == "1" else "seconds"
        message = f"{name!r} ran longer than {limit} {unit} and was ended"
        raise _failure(request, completion, "FWF4007", message)
    if completion.error is not None:
        why, hint = _unstarted(prepared.argv[0], completion.error)
        message = f"{prepared.command[0]!r} could not be started: {why}"
        raise _failure(request, completion, "FWF4005", message, hint)
    codes = request.process.exit_codes
    if is_success(codes, completion.exit_code):
        return
    hint = _tail(prepared.stderr)
    how = f"exit code {completion.exit_code}"
    if completion.signal is not None:
        how = f"signal {completion.signal}"
    raise _failure(
        request,
        completion,
        "FWF4001",
        f"{name!r} ended with {how}",
        f"the last lines of its standard error: {hint}" if hint else "it wrote no error message",
        completion.exit_code in codes.temporary_failure,
    )


def _unstarted(program: str, error: str) -> tuple[str, str | None]:
    """Say why the system did not start a program that is there, and what to do."""
    try:
        with open(program, "rb") as stream:
            first = stream.readline(_TAIL_BYTES)
    except OSError:
        return error, None
    if first.startswith(b"#!"):
        words = first[2:].decode("utf-8", "replace").split()
        if words and not os.path.exists(words[0]):
            hint = f"mend the first line of {program!r:.300}, or install what it names"
            return f"its first line asks for {words[0]!r:.200}, which is not here", hint
    elif not first.startswith(b"\x7fELF"):
        hint = f"let {program!r:.300} begin with a line that names its interpreter, as #!/bin/sh"
        return f"it is no program, and names no interpreter ({error})", hint
    return error, None


def is_success(codes: ExitCodes, code: int) -> bool:
    """Tell whether an exit code is a success: 0, unless it is listed as a failure."""
    if code in codes.success:
        return True
    return code == 0 and code not in (*codes.temporary_failure, *codes.permanent_failure)


def _failure(
    request: TaskRequest,
    completion: Completion,
    code: str,
    message: str,
    hint: str | None = None,
    temporary: bool = False,
) -> TaskFailed:
    report = Report()
    span = span_of(request.origins, request.process)
    report.add(code, message, span=span, hint=hint, severity="error")
    return TaskFailed(report, completion.exit_code, temporary)


def _tail(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - _TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    # Programs of strangers write terminal escapes; a message shows none.
    lines = [
        "".join(c if c.isprintable() or c == "\t" else "?" for c in line)
        for line in text.rstrip().splitlines()
    ]
    return "\n".join(lines[-_TAIL_LINES:])
