"""From a request to a process that can be started: folders, files, command line, environment.

Implements CWL v1.2 "Runtime environment" and "Execution": a fresh folder, HOME and TMPDIR, and of
the engine's own variables PATH alone.
"""

from __future__ import annotations

import hashlib
import math
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from fairwf.engine.containers import Started
from fairwf.engine.evaluate import Bindings, Evaluator
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.task.accelerate import gpus_wanted, with_ranks
from fairwf.engine.task.arguments import CommandLine
from fairwf.engine.task.containers import Contents, Inside, enter, launch
from fairwf.engine.task.faults import Computing, attempt, failed
from fairwf.engine.task.files import SCALARS
from fairwf.engine.task.plan import Plan, plan_of
from fairwf.engine.task.request import PreparedTask, TaskFailed, TaskRequest
from fairwf.engine.task.script import script_text
from fairwf.engine.task.staging import Placement, WorkingFolder, relative_name, write_new
from fairwf.engine.task.view import View
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Expr, File, Opaque
from fairwf.ir.values import Value
from fairwf.ir.workflow import Command, Script
from fairwf.report import EnvironmentFault, Report

SCRIPT = "script"
"""The name of a script's text among the logs."""
LONGEST_S = 1e9
"""A longer time limit, of more than thirty years, is none."""

_AS_THEY_ARE = View()
_FOUND: dict[tuple[str, str], str] = {}
"""Programs found by PATH and name, where every part of PATH is absolute."""


def prepare(request: TaskRequest, evaluator: Evaluator) -> PreparedTask:
    """Make the task ready to start: stage its files, render its command line.

    Raises:
        TaskFailed: FWF4002 an expression failed, FWF4005 no such program, FWF4009 an input does
            not exist, FWF4014 a name leaves the folder.
        UnsupportedError: FWF4008, a container engine was asked for.
        EnvironmentFault: FWF9002, the folders cannot be made.
    """
    process, plan = request.process, plan_of(request)
    _make_folders(request)
    if plan.bare is not None and (ready := _bare(request, plan.bare)) is not None:
        return ready
    elsewhere = View(request.pairs) if request.pairs else _AS_THEY_ARE
    runtime = _runtime(request, elsewhere.seen(request.folder), elsewhere.seen(request.tmp))
    libraries = request.libraries or process.libraries

    def computing(inputs: dict[str, Value], view: View | None = None) -> Computing:
        on_host = None if view is None else view.host_values
        scope = Bindings(inputs=inputs, runtime=runtime, keys=request.keys, on_host=on_host)
        return Computing(evaluator, scope, libraries, request.origins)

    placed = dict(request.inputs)
    if not SCALARS.issuperset(map(type, placed.values())):
        placed = attempt(
            lambda: Placement(request.staged).place(request.inputs),
            "FWF4009",
            "staging the inputs",
            request.origins,
            process,
        )
    report = Report()
    given = computing(placed)
    inside = None
    if plan.environment.container is not None or request.container == "bubblewrap":
        inside = enter(request, given, report)
    if inside is not None and request.pairs:
        text = "a container of a task whose files are copied to another place is not supported"
        raise failed("FWF4061", text, request.origins, process)
    if inside is not None:
        runtime = _runtime(request, inside.outdir, request.tmp)
        given = computing(placed)
    secrets = request.secrets if request.secrets and request.secrets.touches(placed) else None
    bare = computing(secrets.revealed(placed)) if secrets else given
    folder, here = None, placed
    if process.staging or inside is not None:
        outside = request.staged if inside is not None and inside.required else None
        folder = WorkingFolder(request.folder, bare, process.in_place, outside)
        folder.stage(process.staging)
        here = folder.seen(placed)
    view = elsewhere
    if inside is not None and folder is not None:
        view = _view(request, inside, folder)
    inputs = here if view is _AS_THEY_ARE else view.seen_values(here)
    seen = given if inputs is placed else computing(inputs, view)
    # What the program gets, and what the record shows of it, differ in secrets alone.
    real = computing(secrets.revealed(inputs), view) if secrets else seen
    env = _variables(request, plan, real, inside, runtime, report)
    command = _command(request, plan, real, view)
    shown = _command(request, plan, seen, view, write=False) if secrets else command
    if not command:
        raise failed("FWF4002", "the command line is empty", request.origins, process)
    stdin = _stdin(request, seen, view) if process.stdin is not None else None
    stdout = _stream_file(request, seen, "stdout") if plan.stdout else None
    stderr = _stream_file(request, seen, "stderr") if plan.stderr else None
    words: tuple[str, ...] = command
    if request.programs_here and (inside is None or inside.image is None):
        words = (_program(command[0], request, env), *command[1:])
    gpus = gpus_wanted(request, seen) if plan.resources.gpu is not None else 0
    ranks = plan.resources.ranks is not None
    # Where the engine keeps no images, each process gets a container.
    if ranks and (inside is None or inside.engine.keeps_images):
        words = with_ranks(words, request, seen, env)
    start, image, digest = Started(words, env), None, None
    if inside is not None and folder is not None:
        contents = Contents(
            command=words,
            env=env,
            values=[*placed.values(), *here.values(), *folder.sources],
            bound=folder.bound,
            changing=folder.changing,
            more=[path for path in [Path(request.logs, SCRIPT)] if path.exists()],
            gpus=gpus,
        )
        start = launch(request, inside, contents, seen)
        image, digest = inside.image, inside.digest
        if ranks and not inside.engine.keeps_images:
            own = dict(start.env)
            start = Started(with_ranks(start.argv, request, seen, own), own, start.stop)
    prepared = PreparedTask(
        request.id,
        start.argv,
        shown,
        start.env,
        request.folder,
        stdin,
        stdout or f"{request.logs}/stdout",
        stderr or f"{request.logs}/stderr",
        inputs,
        runtime,
        report,
        view,
        request,
    )
    time_limit_s = _time_limit(request, seen) if plan.resources.time is not None else None
    if not (plan.stdout or plan.stderr or folder or gpus or time_limit_s):
        return prepared
    return msgspec.structs.replace(
        prepared,
        stdout_declared=stdout is not None,
        stderr_declared=stderr is not None,
        time_limit_s=time_limit_s,
        staged=folder.sources if folder is not None else (),
        stop=start.stop,
        image=image,
        image_digest=digest,
        gpus=gpus,
    )


def _bare(request: TaskRequest, words: CommandLine) -> PreparedTask | None:
    """Return a task that is given scalars alone; None where it has to be looked at closer."""
    inputs = request.inputs
    if (
        request.pairs
        or request.secrets.names
        or request.container == "bubblewrap"
        or not SCALARS.issuperset(map(type, inputs.values()))
    ):
        return None
    command = words.texts(inputs)
    if not command:
        return None
    argv, process = command, request.process
    folder, tmp = request.folder, request.tmp
    collects = bool(process.outputs) or process.outputs_file is not None
    env = {"PATH": request.software.path, "HOME": folder, "TMPDIR": tmp}
    if request.programs_here:
        argv = (_program(command[0], request, env), *command[1:])
    return PreparedTask(
        request.id,
        argv,
        command,
        env,
        folder,
        None,
        f"{request.logs}/stdout",
        f"{request.logs}/stderr",
        inputs,
        _runtime(request, folder, tmp) if collects else {},
        Report(),
        _AS_THEY_ARE,
        request,
    )


def foreseen(
    request: TaskRequest,
) -> Iterator[tuple[Opaque, Bindings, Sequence[ExpressionLibrary]]]:
    """Yield the opaque texts of a command line that :func:`prepare` will evaluate, with scopes.

    Those that it will evaluate in a scope that only staging gives are left out.
    """
    texts = plan_of(request).opaque
    if not texts or not all(type(value) in SCALARS for value in request.inputs.values()):
        return
    elsewhere = View(request.pairs) if request.pairs else _AS_THEY_ARE
    runtime = _runtime(request, elsewhere.seen(request.folder), elsewhere.seen(request.tmp))
    scope = Bindings(inputs=request.inputs, runtime=runtime, keys=request.keys)
    for text in texts:
        yield text, scope, request.libraries or request.process.libraries


def _view(request: TaskRequest, inside: Inside, folder: WorkingFolder) -> View:
    bound = [(str(path), name) for name, (path, _) in folder.bound.items()]
    return View([(request.folder, inside.outdir), *bound])


def _make_folders(request: TaskRequest) -> None:
    folder, tmp = request.folder, request.tmp
    if not (folder.startswith("/") and tmp.startswith("/")):
        raise ValueError(f"the task's folders {folder} and {tmp} must be absolute")
    try:
        try:
            os.mkdir(folder)
        except FileNotFoundError:
            os.makedirs(folder)
        except FileExistsError:
            if os.listdir(folder):
                raise ValueError(f"the task's folder {folder} must be empty") from None
    except OSError as error:
        message = f"cannot make the folders of task {request.id!r}: {error}"
        raise EnvironmentFault.of("FWF9002", message) from error


def _runtime(request: TaskRequest, outdir: str, tmpdir: str) -> dict[str, Value]:
    return {
        "outdir": outdir,
        "tmpdir": tmpdir,
        "cores": math.ceil(request.cores),
        "ram": math.ceil(request.ram_mib),
        "outdirSize": math.ceil(request.out_mib),
        "tmpdirSize": math.ceil(request.tmp_mib),
        "attempt": request.attempt,
    }


def _variables(
    request: TaskRequest,
    plan: Plan,
    computing: Computing,
    inside: Inside | None,
    runtime: Mapping[str, Value],
    report: Report,
) -> dict[str, str]:
    env: dict[str, str] = {}
    if inside is None or inside.image is None:  # a container's image says what is on its PATH
        env["PATH"] = request.software.path
        # What this machine has of software is not what another one has.
        if plan.software and not request.pairs:
            env.update(request.software.provide(plan.environment, report))
    env["HOME"], env["TMPDIR"] = str(runtime["outdir"]), str(runtime["tmpdir"])
    for name, expression in plan.environment.variables.items():
        what = f"the variable {name!r}"
        text = computing.text(expression, what)
        if not name or "=" in name or "\0" in name or "\0" in text:
            message = f"{what} cannot be set: '=' in a name and NUL are not allowed"
            raise failed("FWF4002", message, request.origins, expression)
        env[name] = text
    return env


def _command(
    request: TaskRequest, plan: Plan, computing: Computing, view: View, write: bool = True
) -> tuple[str, ...]:
    if plan.words is not None:
        return plan.words.line(computing)
    assert isinstance(plan.process, Script)
    return _script_command(plan.process, request, computing, view, write)


def _script_command(
    script: Script, request: TaskRequest, computing: Computing, view: View, write: bool
) -> tuple[str, ...]:
    text = script_text(script, computing)
    if script.delivery == "argument":
        if "\0" in text:
            message = "the script holds a NUL character and cannot be an argument"
            raise failed("FWF4002", message, request.origins, script)
        return (*script.interpreter, text)
    # Not in the working folder, where a pattern might collect it.
    path = Path(request.logs, SCRIPT)
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        write_new(path, text)
    return (*script.interpreter, view.seen(str(path)) if request.pairs else str(path))


def _program(name: str, request: TaskRequest, env: dict[str, str]) -> str:
    """The absolute path of the program, by the task's own PATH and folder."""
    origins, process = request.origins, request.process
    folder = request.folder
    if "/" in name:
        path = str(Path(folder, name))
        if _is_program(path):
            return path
        if os.path.isfile(path):
            raise _not_executable(name, path, request)
        raise failed("FWF4005", f"the program {name!r} does not exist", origins, *_said(process))
    known = _FOUND.get((env["PATH"], name))
    if known is not None:
        return known  # where it has gone since, the task cannot be started, which will be told
    for part in env["PATH"].split(":") if name else ():
        # An empty or relative part of PATH means the task's folder.
        candidate = os.path.join(folder, part, name)
        if _is_program(candidate):
            if all(part.startswith("/") for part in env["PATH"].split(":")):
                _FOUND[env["PATH"], name] = candidate
            return candidate
    for part in env["PATH"].split(":") if name else ():
        if os.path.isfile(candidate := os.path.join(folder, part, name)):
            raise _not_executable(name, candidate, request)
    hint = "install it, or put the folder that holds it on PATH"
    environment = request.environment or process.environment
    if environment.container is not None:
        hint = "the task's container would bring it; without one, install it here"
    elif environment.packages and not request.software.has(environment):
        asked = ", ".join(
            " ".join((package.name, " or ".join(package.versions))).strip()
            for package in environment.packages
        )
        hint = f"install it, or a module or conda environment of what the task asks for: {asked}"
    elif shutil.which(name) is not None:
        hint = "the task sets a PATH of its own, which does not hold it"
    said = _said(process)
    raise failed("FWF4005", f"the program {name!r} is not on PATH", origins, *said, hint=hint)


def _not_executable(name: str, path: str, request: TaskRequest) -> TaskFailed:
    message = f"the program {name!r} is not executable: {path!r:.300}"
    hint = f"chmod +x {shlex.quote(path)}"
    return failed("FWF4005", message, request.origins, *_said(request.process), hint=hint)


def _said(process: Command | Script) -> tuple[msgspec.Struct, ...]:
    """Return where a process says its program: the node to show first."""
    first = process.arguments[:1] if isinstance(process, Command) else ()
    return (*(argument.value for argument in first), process)


def _is_program(path: str) -> bool:
    return os.access(path, os.X_OK) and os.path.isfile(path)


def _stdin(request: TaskRequest, computing: Computing, view: View) -> str | None:
    expression = request.process.stdin
    if expression is None:
        return None
    value = computing.value(expression, "standard input")
    if value is None:
        return None
    if isinstance(value, File) and value.path is not None:
        value = value.path
    if not isinstance(value, str) or "\0" in value:
        message = f"standard input is the path of a file, not {describe(value)}"
        raise failed("FWF4002", message, request.origins, expression)
    path = os.path.join(request.folder, view.host(value))
    if not os.path.isfile(path):
        message = f"standard input: the file {value!r} does not exist"
        raise failed("FWF4009", message, request.origins, expression)
    return path


def _stream_file(request: TaskRequest, computing: Computing, which: str) -> str | None:
    """Where an output stream that is asked for is written; None if its name is none."""
    process = request.process
    expression: Expr | None = process.stdout if which == "stdout" else process.stderr
    if expression is None:
        name = hashlib.sha256(f"{request.id}/{which}".encode()).hexdigest()[:20] + f".{which}"
    else:
        value = computing.value(expression, f"the name of {which}")
        if value is None:
            return None
        if not isinstance(value, str):
            message = f"the name of {which} is a text, not {describe(value)}"
            raise failed("FWF4002", message, request.origins, expression)
        name = value
        relative = attempt(
            lambda: relative_name(name), "FWF4014", which, request.origins, expression, process
        )
        name = str(relative)
    path = f"{request.folder}/{name}"
    if not process.staging and "/" not in name:
        return path  # in a folder that nobody has put anything into
    beside = "/" not in name or Path(path).parent.resolve().is_relative_to(
        Path(request.folder).resolve()
    )
    if os.path.islink(path) or not beside:
        message = f"{which}: {name!r} would be written through a symlink"
        raise failed("FWF4014", message, request.origins, expression, process)
    if "/" in name:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def _time_limit(request: TaskRequest, computing: Computing) -> float | None:
    expression = (request.resources or request.process.resources).time
    if expression is None:
        return None
    value = computing.value(expression, "the time limit")
    if value is None or value == 0:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        message = f"a time limit is a number of seconds from 0, not {describe(value)}"
        raise failed("FWF4002", message, request.origins, expression)
    return float(value) if value < LONGEST_S else None
