"""JavaScript of published documents: what is read as neutral expressions gives what it gave."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from fairwf.engine.evaluate import Bindings, EvaluationError, Evaluator
from fairwf.engine.sandbox import JavaScriptError, Sandbox
from fairwf.formats import ReadOptions, Source
from fairwf.ir import types as ir
from fairwf.ir.canonical import same
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Array, Directory, Expr, File, Input, Local, Opaque, Template
from fairwf.ir.values import to_literal
from fairwf.report import FairwfError, Report
from fairwf_cwl import expressions, javascript
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.interpolate import Piece, pieces
from fairwf_cwl.read import read
from fairwf_cwl.translate import Untranslated, translate
from fairwf_cwl.write.texts import Texts

Form = Literal["expression", "body"]
SAMPLE = 150
JOBS = 12
LEAST = 520
"""Texts that are translated, of some 940 that differ in the types that they see."""
RUNTIME = {"outdir": "/out", "tmpdir": "/tmp", "cores": 2, "ram": 1024, "exitCode": 0}
WORDS = ["", "a", "reads.fastq.gz", "a.b.c", "0", "7\n", "true", "null", "x,y;z", "ä\U0001f600 b"]


class Said(NamedTuple):
    """A text, where it stands, and the names that it sees there, made simple."""

    text: str
    form: Form
    names: Names


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def said_in(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> list[Said]:
    """Return every JavaScript text of some documents, each once for the types that it sees."""
    found: dict[tuple[str, Form, str], Said] = {}
    original = expressions.ExpressionReader._opaque

    def noted(self: Any, piece: Piece, span: Any, names: Names) -> Expr:
        if names.javascript and names.typed:
            form: Form = "expression" if piece.kind == "paren" else "body"
            simple = _simple(names)
            inputs = {name: bound.type for name, bound in simple.inputs.items()}
            key = (piece.text, form, repr((inputs, simple.self and _type_of(simple.self))))
            found.setdefault(key, Said(piece.text, form, simple))
        return original(self, piece, span, names)

    monkeypatch.setattr(expressions.ExpressionReader, "_opaque", noted)
    for path in paths:
        try:
            read(Source.at(path), ReadOptions(), Report())
        except FairwfError:
            continue
    return list(found.values())


def _simple(names: Names) -> Names:
    """Return the names with an input or a local for each, whatever link stands there."""
    inputs = {name: _bound(name, bound) for name, bound in names.inputs.items()}
    self_ = None
    if names.self is not None:
        self_ = Bound(lambda: Local(name="self"), names.self.type)
        if names.self.parts:
            parts = tuple(_bound(f"self.{i}", part) for i, part in enumerate(names.self.parts))
            self_ = Bound(lambda: Array(items=tuple(p.make() for p in parts)), None, parts)
    return Names(
        inputs=inputs,
        self=self_,
        runtime=names.runtime,
        devices=names.devices,
        javascript=True,
        libraries=names.libraries,
    )


def _bound(name: str, bound: Bound) -> Bound:
    return Bound(lambda: Input(name=name), bound.type)


def _type_of(bound: Bound) -> Any:
    return [part.type for part in bound.parts] if bound.parts else bound.type


# --- values -----------------------------------------------------------------------------------


class Values:
    """Draws values of types; the texts that a program names itself come often."""

    def __init__(self, seed: int, text: str) -> None:
        self.random = random.Random(seed)
        quoted = re.findall(r"'([^'\\\n]*)'|\"([^\"\\\n]*)\"", text)
        self.words = [*WORDS, *(one or other for one, other in quoted)]

    def job(self, said: Said) -> Bindings:
        inputs = {name: self.value(bound.type) for name, bound in said.names.inputs.items()}
        locals_ = {}
        if said.names.self is not None and said.names.self.parts:
            for number, part in enumerate(said.names.self.parts):
                inputs[f"self.{number}"] = self.value(part.type)
        elif said.names.self is not None:
            locals_["self"] = self.value(said.names.self.type)
        return Bindings(inputs=inputs, locals=locals_, runtime=RUNTIME)

    def value(self, type_: ir.Type | None) -> Any:
        draw = self.random
        if isinstance(type_, ir.OptionalType):
            return None if draw.random() < 0.4 else self.value(type_.item)
        if isinstance(type_, ir.UnionType):
            return self.value(draw.choice(type_.members))
        if isinstance(type_, ir.ArrayType):
            return [self.value(type_.items) for _ in range(draw.choice([0, 1, 1, 2, 3]))]
        if isinstance(type_, ir.EnumType):
            return draw.choice(type_.symbols)
        if isinstance(type_, ir.RecordType):
            return {field.name: self.value(field.type) for field in type_.fields}
        if isinstance(type_, ir.FileType):
            return self.file()
        if isinstance(type_, ir.DirectoryType):
            return Directory(location="file:///data/d", path="/data/d", basename="d")
        if isinstance(type_, ir.BoolType):
            return draw.random() < 0.5
        if isinstance(type_, ir.IntType):
            return draw.choice([0, 1, -1, 7, 2**31 - 1, -(2**31), draw.randrange(-(10**6), 10**6)])
        if isinstance(type_, ir.FloatType):
            return draw.choice([0.0, 1.0, 2.5, -1e21, draw.random()])
        if isinstance(type_, ir.StringType):
            return draw.choice(self.words)
        return draw.choice([None, True, 3, *self.words])

    def file(self) -> File:
        name = self.random.choice(["a.txt", "reads.fastq.gz", "noextension", ".hidden", "a b.bam"])
        root, dot, extension = name.rpartition(".") if "." in name[1:] else (name, "", "")
        return File(
            location=f"file:///data/{name}",
            path=f"/data/{name}",
            dirname="/data",
            basename=name,
            nameroot=root,
            nameext=dot + extension,
            size=self.random.choice([0, 1, 10**6, 2**40]),
            contents=self.random.choice([None, *self.words]),
        )


# --- comparison -------------------------------------------------------------------------------


def outcome(
    expression: Expr, scope: Bindings, sandbox: Sandbox | None, libraries: tuple[str, ...] = ()
) -> Expr | None:
    """Return the value, None where there is an error."""
    given = [ExpressionLibrary(language="javascript", text=text) for text in libraries]
    try:
        return Template(parts=(to_literal(Evaluator(sandbox).plain(expression, scope, given)),))
    except (EvaluationError, JavaScriptError):
        return None


def opaque(text: str, form: Form, names: Names) -> Opaque:
    """Return the text as it is read where nothing is translated."""
    used = javascript.Uses()
    used.add(javascript.uses(text, form))
    for library in names.libraries:
        used.add(javascript.uses(library, "program"))
    bindings = expressions._bindings(used, names)
    return Opaque(language="javascript", text=text, form=form, bindings=bindings)


def compare(said: Said, sandbox: Sandbox, seed: int) -> str | None:
    """Demand the same of a text, its translation, and what is written of that.

    Return what is written, None for a text that is not translated. In a step a text may be
    written only with the inputs beside it: it is empty here.
    """
    try:
        ours = translate(said.text, said.form, said.names)
    except Untranslated:
        return None
    names = said.names
    theirs = opaque(said.text, said.form, names)
    written = Texts(True, names.libraries).simple(ours, names)
    forms = pieces(written) if written is not None else []
    kinds: dict[str, Form] = {"paren": "expression", "brace": "body"}
    again = None
    if len(forms) == 1 and forms[0].kind in kinds:
        again = opaque(forms[0].text, kinds[forms[0].kind], names)
    values = Values(seed, said.text)
    for _ in range(JOBS):
        scope = values.job(said)
        wanted = outcome(theirs, scope, sandbox, names.libraries)
        results = [outcome(ours, scope, None)]
        if again is not None:
            results.append(outcome(again, scope, sandbox, names.libraries))
        for result in results:
            what = (said.text, written, scope.inputs, scope.locals, wanted, result)
            if wanted is None or result is None:
                assert wanted is result, what
            else:
                assert same(wanted, result), what
    return written or ""


def documents(corpora: Path) -> list[Path]:
    return sorted((corpora / "cwl").rglob("*.cwl"))


def test_a_sample_gives_what_javascript_gives(
    corpora: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = random.Random(4).sample(documents(corpora), SAMPLE)
    rows = [compare(said, sandbox, 1) for said in said_in(chosen, monkeypatch)]
    assert sum(row is not None for row in rows) > 20


@pytest.mark.long
def test_every_published_text_gives_what_javascript_gives(
    corpora: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = said_in(documents(corpora), monkeypatch)
    rows = [compare(said, sandbox, seed) for seed, said in enumerate(texts)]
    translated = [row for row in rows if row is not None]
    print(f"{len(translated)} of {len(rows)} are translated")
    assert len(translated) >= LEAST
