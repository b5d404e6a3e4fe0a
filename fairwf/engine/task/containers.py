"""Whether a task runs inside a container, and what it needs in there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from fairwf.engine.containers import (
    ContainerEngine,
    EngineSilentError,
    ImageError,
    Launch,
    Mount,
    Started,
    find_engine,
    started,
)
from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.made_files import entries_of
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.task.faults import Computing, failed, span_of
from fairwf.engine.task.files import Entry, is_literal
from fairwf.engine.task.request import TaskRequest
from fairwf.engine.task.staging import source_of
from fairwf.ir.environment import Container
from fairwf.ir.origins import Span
from fairwf.report import Report, UnsupportedError

MAX_MOUNTS = 64
"""How many files of one folder are mounted one by one; with more, the folder is."""


class Inside(msgspec.Struct, frozen=True):
    """A container that a task runs in. ``required`` is said by the document, not advice.

    ``image`` of None: the task sees this machine and its programs, but may write only to its own
    folders. ``digest`` is ``sha256:hex`` of the image that really runs.
    """

    engine: ContainerEngine
    image: str | None
    outdir: str
    required: bool
    digest: str | None = None


def enter(request: TaskRequest, computing: Computing, report: Report) -> Inside | None:
    """Return the container that the task runs in; None, with FWF4015 if it asks for one, without.

    Advice is followed under ``auto`` where an engine and the image are here; what the document
    requires, or an engine named, is an order. ``none`` means without in any case.

    Raises:
        UnsupportedError: FWF4008, there is no container engine, or not the one that was named.
        TaskFailed: FWF4020, the image is not to be had.
    """
    container = (request.environment or request.process.environment).container
    if request.container == "bubblewrap":
        return _isolated(request, computing, container, report)
    if container is None:
        return None
    span = span_of(computing.origins, container)
    policy = request.container
    names = _names(container, computing)
    shown = next(iter(names), None) or container.load or "an image of its own"
    engine = find_engine(policy)
    if engine is None:
        if policy not in ("auto", "none") or (policy == "auto" and container.required):
            missing = policy if policy != "auto" else "no container engine"
            wanted = policy if policy != "auto" else "podman, docker or apptainer"
            there = "is not there" if policy != "auto" else "is there"
            raise UnsupportedError.of(
                "FWF4008",
                f"the task asks for the container {shown}, and {missing} {there} to run it",
                span=span,
                hint=_without(wanted),
            )
        _note_absence(report, shown, span)
        return None
    try:
        image = _image(request, engine, container, names)
    except EngineSilentError as error:
        raise UnsupportedError.of(
            "FWF4008",
            f"the task asks for the container {shown}, and {engine.name} does not work: {error}",
            span=span,
            hint=f"see `fairwf backends`; {_without(engine.name, 'start')}",
        ) from None
    except ImageError as error:
        if policy == "auto" and not container.required:
            _note_absence(report, shown, span, error)
            return None
        here = "run it with --container none if its programs are installed here"
        hint = f"{error.hint}; or {here}" if error.hint else here
        raise failed(
            "FWF4020", f"the task's container: {error}", request.origins, container, hint=hint
        ) from error
    return Inside(
        engine,
        image,
        container.output_directory or request.folder,
        container.required,
        request.images(engine).digest(image),
    )


def _isolated(
    request: TaskRequest, computing: Computing, container: Container | None, report: Report
) -> Inside:
    engine = find_engine("bubblewrap")
    if engine is None:
        raise UnsupportedError.of(
            "FWF4008", "bubblewrap is not there to run tasks", hint=_without("bubblewrap")
        )
    if container is not None:
        names = _names(container, computing)
        shown = next(iter(names), None) or container.load or "an image of its own"
        _note_absence(report, shown, span_of(computing.origins, container))
    return Inside(engine, None, request.folder, required=False)


def _without(policy: str, how: str = "install") -> str:
    return f"{how} {policy}, or run it with --container none if its programs are installed here"


def _note_absence(
    report: Report, shown: str, span: Span | None, why: ImageError | None = None
) -> None:
    report.add(
        "FWF4015",
        f"the task asks for the container {shown} and runs without one"
        + (f": {why}" if why is not None else ""),
        span=span,
        hint=(why.hint if why is not None else None)
        or "its programs are taken from PATH; their versions may differ",
    )


def _names(container: Container, computing: Computing) -> list[str]:
    images = (container.image, *container.alternatives)
    given = [computing.text(one, "the container's image") for one in images if one is not None]
    return given or ([container.image_id] if container.image_id else [])


def _image(
    request: TaskRequest, engine: ContainerEngine, container: Container, names: Sequence[str]
) -> str:
    images = request.images(engine)
    first: ImageError | None = None
    for name in names or (None,):
        try:
            return images.ready(container, name)
        except ImageError as error:
            first = first or error
    assert first is not None
    raise first


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a task needs inside: its command and variables, and files beside its own folders.

    ``bound`` are staged entries by their absolute names inside, and whether the task may change
    them; ``changing`` the files outside that it updates in place; ``more`` what else it reads;
    ``gpus`` how many it may use.
    """

    command: Sequence[str]
    env: dict[str, str]
    values: Sequence[Any]
    bound: dict[str, tuple[Path, bool]]
    changing: Sequence[Path]
    more: Sequence[Path]
    gpus: int


def launch(
    request: TaskRequest, inside: Inside, contents: Contents, computing: Computing
) -> Started:
    """Return how the task is started in its container."""
    process = request.process
    resources = request.resources or process.resources
    shared = None
    if resources.shared_memory is not None:
        shared = _number(computing, resources.shared_memory, "the size of shared memory")
    return started(
        inside.engine,
        Launch(
            name=f"fairwf-{os.urandom(8).hex()}",
            image=inside.image,
            command=contents.command,
            folder=inside.outdir,
            mounts=tuple(_mounts(request, inside, contents)),
            env=contents.env,
            network=_network(request, computing),
            shared_memory_mib=shared,
            gpus=contents.gpus,
        ),
    )


def _number(computing: Computing, expression: Any, what: str) -> float:
    value = computing.value(expression, what)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        message = f"{what} is a number above 0, not {describe(value)}"
        raise failed("FWF4002", message, computing.origins, expression)
    return float(value)


def _network(request: TaskRequest, computing: Computing) -> bool:
    said = request.process.network
    value = said if isinstance(said, str) else computing.value(said, "network access")
    return value is True or value == "outgoing"


def _mounts(request: TaskRequest, inside: Inside, contents: Contents) -> Iterator[Mount]:
    yield Mount(inside.outdir, request.folder, writable=True)
    yield Mount(request.tmp, request.tmp, writable=True)
    if os.path.isdir(request.staged):
        yield Mount(request.staged, request.staged)
    for target, (source, writable) in contents.bound.items():
        yield Mount(target, str(source.resolve()), writable)
    changing = set(contents.changing)
    for path in changing:
        yield Mount(str(path), str(path), writable=True)
    own = (request.folder, request.tmp, request.staged)
    read: dict[Path, None] = dict.fromkeys(contents.more)
    for entry in entries_of(list(contents.values)):
        read.update(dict.fromkeys(_paths(entry)))
    outside = [
        path
        for path in read
        if path not in changing and not any(path.is_relative_to(folder) for folder in own)
    ]
    for path in _gathered(outside):
        yield Mount(str(path), str(path))


def _paths(entry: Entry) -> Iterator[Path]:
    """Where the entry is read: the path that it is given by, and what that is a link to."""
    if entry.path is not None:
        yield Path(entry.path)
    if not is_literal(entry):
        try:
            yield source_of(entry)
        except FunctionError:
            return


def _gathered(paths: Sequence[Path]) -> list[Path]:
    """The paths to mount: whole folders where many files lie, nothing twice."""
    beside: dict[Path, list[Path]] = {}
    for path in paths:
        beside.setdefault(path.parent, []).append(path)
    chosen: set[Path] = set()
    for folder, inside in beside.items():
        chosen.update([folder] if len(inside) > MAX_MOUNTS else inside)
    return sorted(path for path in chosen if not any(above in chosen for above in path.parents))
