"""The inputs of a run: a job file, ``--key value`` pairs named after the inputs, or both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fairwf.cli.given_files import tell_missing
from fairwf.document import Document
from fairwf.formats import Source, converter
from fairwf.ir import types as ty
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort
from fairwf.ir.types import Type
from fairwf.ir.values import Value
from fairwf.jobs import UnfitError, from_texts
from fairwf.report import InvalidError, Report, UsageFault
from fairwf.source import SourceError, SourceMap, did_you_mean, load_structured, span_of


@dataclass
class Given:
    """What the words after SOURCE say: a job file, and texts by the name of the input.

    ``options`` are the names that the command itself has: such an input is named after ``--``.
    """

    job: str | None = None
    texts: dict[str, list[str | None]] = field(default_factory=dict)
    options: frozenset[str] = frozenset()


def ports_of(document: Document) -> Sequence[InputPort]:
    """Return the inputs that a document takes; an instance takes none."""
    return () if isinstance(document.workflow, Instance) else document.workflow.inputs


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
    if given.job is not None:
        values.update(_read_job(document, given.job, ports, report, given.texts))
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


def amended(document: Document, job: str, report: Report) -> Document:
    """Return the document with what a job file says beside values in force.

    Raises:
        InvalidError: the job file cannot be read, or what it says cannot be in force.
    """
    amend = converter(document.format or "ir").amend
    return document if amend is None else amend(Source(name=job, path=Path(job)), document, report)


def _places(source: Source) -> SourceMap | None:
    """Return a job file with its positions, if it is YAML or JSON."""
    try:
        tree = load_structured(source.data, source.name)
    except SourceError:  # a format may have job files of another syntax
        return None
    return tree if isinstance(tree, SourceMap) else None


def _read_job(
    document: Document,
    job: str,
    ports: Mapping[str, InputPort],
    report: Report,
    said: Collection[str],
) -> Mapping[str, Value]:
    from fairwf.engine.task.fit import fit

    read = converter(document.format or "ir").read_inputs or converter("ir").read_inputs
    assert read is not None, "the IR reads job files"
    source = Source(name=job, path=Path(job))
    values = dict(read(source, document, report))
    places = _places(source)
    missing = [name for name in ports if values.get(name) is None]
    for name, value in list(values.items()):
        if name not in ports:
            # A job may serve several workflows (CWL allows more than is taken), so only a name
            # that stands for one that is missing is a mistake.
            typo = did_you_mean(name, missing)
            known = ", ".join(list(ports)[:12]) or "none"
            report.add(
                "FWF2006",
                f"there is no input {name!r:.80}" + ("" if typo else "; it is ignored"),
                span=places.key_span(name) if places is not None else None,
                hint=typo or f"the inputs are: {known}",
                file=job,
                severity="error" if typo else "warning",
            )
            del values[name]
        elif value is not None:
            for fault in fit(value, ports[name].type)[1]:
                span = span_of(places, (name, *fault.path)) if places is not None else None
                report.add(
                    "FWF2010", f"input {name!r}: {fault}", span=span, hint=fault.hint, file=job
                )
            if name not in said:  # an option wins
                tell_missing(name, value, report, job, places)
    return values
