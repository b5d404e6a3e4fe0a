"""Tools: the command line, standard streams, exit codes."""

from __future__ import annotations

from typing import Any

from fairwf.ir.command import Argument
from fairwf.ir.expressions import NoneLit, StringLit
from fairwf.ir.workflow import Command, Script
from fairwf_cwl.process import OUTPUTS_FILE
from fairwf_cwl.write.commandline import Line, LineWriter, binding
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.places import words_of
from fairwf_cwl.write.ports import PortWriter
from fairwf_cwl.write.yaml_text import Inline


def line_of(task: Command | Script) -> Line:
    """Return the command line of a task.

    Raises:
        CannotSayError: the task is no command line.
    """
    arguments = words_of(task)
    if arguments is None:
        raise CannotSayError("CWL has no scripts but command lines for a shell", task)
    if task.outputs_file != OUTPUTS_FILE:
        raise CannotSayError(f"a CWL tool may write {OUTPUTS_FILE}", task)
    return LineWriter(task.inputs).line(arguments)


def command_fields(line: Line, ports: PortWriter) -> dict[str, Any]:
    """Return ``baseCommand`` and ``arguments``."""
    body: dict[str, Any] = {}
    if line.base:
        words = [str(a.value.value) for a in line.base if isinstance(a.value, StringLit)]
        body["baseCommand"] = words[0] if len(words) == 1 else words
    if line.plain:
        body["arguments"] = [_argument(*row, ports) for row in line.plain]
    return body


def ending_fields(task: Command | Script, line: Line, ports: PortWriter) -> dict[str, Any]:
    """Return the standard streams and the classes of exit codes."""
    body: dict[str, Any] = {}
    stdin_port = any(ports.is_stdin(port, line) for port in task.inputs)
    if task.stdin is not None and not stdin_port:
        body["stdin"] = ports.text(task.stdin)
    if task.stdout is not None:
        body["stdout"] = ports.text(task.stdout)
    if task.stderr is not None:
        body["stderr"] = ports.text(task.stderr)
    codes = task.exit_codes
    for name, row in (
        ("successCodes", codes.success),
        ("temporaryFailCodes", codes.temporary_failure),
        ("permanentFailCodes", codes.permanent_failure),
    ):
        if row:
            body[name] = list(row)
    return body


def _argument(argument: Argument, position: Any, ports: PortWriter) -> Any:
    value = None if isinstance(argument.value, NoneLit) else ports.text(argument.value)
    if not isinstance(position, int) and position is not None:
        position = ports.text(position, computed=True)
    bare = binding(argument.rendering, None, None)
    if not bare and not position and value is not None:
        return value
    return Inline(binding(argument.rendering, position or None, value))
