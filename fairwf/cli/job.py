"""The inputs of a run: a job file, ``--key value`` pairs named after the inputs, or both."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir import types as ty
from fairwf.ir.ports import InputPort
from fairwf.ir.types import Type
from fairwf.ir.values import Value
from fairwf.jobfile import job_source, ports_of, read_job, tell_missing
from fairwf.jobs import UnfitError, from_texts
from fairwf.report import InvalidError, Report, UsageFault
from fairwf.source import did_you_mean


class Given(msgspec.Struct):
    """What the words after SOURCE say: a job file, and texts by the name of the input.

    ``options`` are the names that the command itself has: such an input is named after ``--``.
    """

    job: str | None = None
    texts: dict[str, list[str | None]] = msgspec.field(default_factory=dict)
    options: frozenset[str] = frozenset()
    stdin: bytes | None = None

    @property
    def source(self) -> Source | None:
        """The job file; ``-`` is standard input, read once."""
        if self.job == "-" and self.stdin is None:
            self.stdin = sys.stdin.buffer.read()
        return None if self.job is None else job_source(self.job, self.stdin)


def required(port: InputPort) -> bool:
    """Tell whether a job has to give a value."""
    optional = (ty.OptionalType, ty.NoneType)
    members = port.type.members if isinstance(port.type, ty.UnionType) else (port.type,)
    return port.default is None and not any(isinstance(each, optional) for each in members)


def parse_words(words: Sequence[str], ports: Sequence[InputPort], options: Sequence[str]) -> Given:
    """Return what the words after SOURCE say; a truth value needs no text after its name.

    ``options`` are the names that the command itself knows, for hints.

    Raises:
        InvalidError: an option names no input (FWF2006).
        UsageFault: there are two job files, or a text is missing.
    """
    by_name = {port.id: port for port in ports}
    given = Given(options=frozenset(options))
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if not word.startswith("--"):
            if given.job is not None:
                raise UsageFault.of(
                    "FWF9001",
                    f"{word!r:.80} comes after the job file {given.job!r:.80}",
                    hint="give the values of inputs as --name value",
                )
            given.job = word
            continue
        name, equals, text = word[2:].partition("=")
        if name not in by_name:
            raise _unknown(name, list(by_name), options)
        texts = given.texts.setdefault(name, [])
        if equals:
            texts.append(text)
        elif _is_bool(by_name[name].type) and (not rest or rest[-1] not in ("true", "false")):
            texts.append(None)
        elif not rest or (rest[-1].startswith("--") and rest[-1][2:3].isalpha()):
            raise UsageFault.of("FWF9001", f"--{name} needs a value", hint=f"--{name} VALUE")
        else:
            texts.append(rest.pop())
    return given


def _unknown(name: str, known: list[str], options: Sequence[str]) -> InvalidError | UsageFault:
    hint = did_you_mean(name, [*known, *options])
    if hint is not None and hint == did_you_mean(name, options):
        return UsageFault.of("FWF9001", f"no such option: --{name}", hint=hint)
    if hint is None:
        names = ", ".join(f"--{each}" for each in known[:12])
        hint = f"the inputs are: {names}" if names else "the workflow takes no inputs"
    return InvalidError.of(
        "FWF2006", f"there is no input {name!r:.80}", file="--" + name, hint=hint
    )


def _is_bool(type_: Type) -> bool:
    inner = type_.item if isinstance(type_, ty.OptionalType) else type_
    return isinstance(inner, ty.BoolType)


def read_values(document: Document, given: Given, report: Report) -> dict[str, Value]:
    """Return the values of a run by input id; what is said by options wins over the job file.

    Raises:
        InvalidError: the job file cannot be read, or a value does not fit; with positions.
    """
    ports = {port.id: port for port in ports_of(document)}
    values: dict[str, Value] = {}
    if given.source is not None:
        values.update(read_job(document, given.source, report, given.texts))
    for name, texts in given.texts.items():
        try:
            values[name] = from_texts(texts, ports[name].type)
        except UnfitError as fault:
            report.add("FWF2010", f"--{name} {fault}", file=f"--{name}")
        else:
            tell_missing(name, values[name], report, f"--{name}", None)
    for port in ports.values():
        if values.get(port.id) is None and required(port) and port.id not in given.texts:
            from fairwf.graph.describe import type_text

            wanted = given.job or "a job file"
            dashes = "-- --" if port.id in given.options else "--"
            report.add(
                "FWF2005",
                f"the input {port.id!r} ({type_text(port.type)}) has no value and no default",
                span=document.origins.get(port),
                hint=f"give it in {wanted}, or with {dashes}{port.id} VALUE",
            )
    if not report.ok:
        raise InvalidError(report)
    return values
