"""`inputs`: job files to fill in, and their schema."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from fairwf.cli.input_schema import type_schema
from fairwf.cli.inputs import example
from fairwf.ir import types as ty
from fairwf.ir.types import Type
from fairwf.jobs import UnfitError, from_plain, from_texts
from tests.cli.conftest import Fairwf

KINDS = [
    ty.StringType(),
    ty.IntType(bits=32),
    ty.FloatType(),
    ty.BoolType(),
    ty.FileType(),
    ty.DirectoryType(),
    ty.EnumType(symbols=("a", "b")),
    ty.ArrayType(items=ty.FileType()),
    ty.MapType(keys=ty.StringType(), values=ty.IntType()),
    ty.OptionalType(item=ty.ArrayType(items=ty.StringType())),
    ty.RecordType(fields=(ty.RecordField(name="n", type=ty.IntType()),)),
    ty.UnionType(members=(ty.IntType(), ty.StringType())),
    ty.AnyType(),
]


def test_the_template_is_a_job_file(fairwf: Fairwf, workflow: Path) -> None:
    said = fairwf("inputs", workflow)
    assert yaml.safe_load(said.out) == {"names": [""]}
    assert "# Whom to greet.\n# type: string[], required\nnames: " in said.out
    assert "# loud: false\n" in said.out


def test_the_template_fits_the_schema(fairwf: Fairwf, workflow: Path) -> None:
    schema = fairwf("inputs", workflow, "--schema").json
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(yaml.safe_load(fairwf("inputs", workflow).out))
    assert not validator.is_valid({})
    assert not validator.is_valid({"names": ["x"], "nmaes": []})
    assert not validator.is_valid({"names": ["x"], "note": "n.txt"})
    assert validator.is_valid({"names": ["x"], "note": {"class": "File", "path": "n.txt"}})
    assert schema["properties"]["loud"]["default"] is False


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_the_example_of_a_type_fits_its_schema_and_is_a_value(kind: Type) -> None:
    definitions = {"$defs": {"File": {"type": "object"}, "Directory": {"type": "object"}}}
    jsonschema.Draft202012Validator(type_schema(kind) | definitions).validate(example(kind))
    from_plain(example(kind), kind)


@pytest.mark.parametrize(
    ("texts", "kind", "value"),
    [
        (["3"], ty.IntType(), 3),
        (["3"], ty.FloatType(), 3.0),
        (["3"], ty.StringType(), "3"),
        (["3"], ty.UnionType(members=(ty.StringType(), ty.IntType())), 3),
        (["3"], ty.AnyType(), 3),
        (["x"], ty.AnyType(), "x"),
        (["null"], ty.OptionalType(item=ty.IntType()), None),
        ([None], ty.BoolType(), True),
        (["false"], ty.BoolType(), False),
        (["1", "2"], ty.ArrayType(items=ty.IntType()), [1, 2]),
        (["[1, 2]"], ty.OptionalType(item=ty.ArrayType(items=ty.IntType())), [1, 2]),
        (['{"n": 1}'], KINDS[-3], {"n": 1}),
    ],
)
def test_texts_become_values_of_the_type(
    texts: list[str | None], kind: Type, value: object
) -> None:
    found = from_texts(texts, kind)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["3.5"], ty.IntType()),
        (["true"], ty.IntType()),
        (["1"], ty.BoolType()),
        (["c"], ty.EnumType(symbols=("a", "b"))),
        (["{"], ty.RecordType(fields=())),
        (["1", "2"], ty.IntType()),
    ],
)
def test_texts_that_say_no_value(texts: list[str | None], kind: Type) -> None:
    with pytest.raises(UnfitError):
        from_texts(texts, kind)


def test_a_file_is_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = from_texts(["reads.fq"], ty.FileType())
    assert getattr(found, "location", None) == str(tmp_path / "reads.fq")


def test_a_template_and_a_schema_at_once_is_wrong_usage(fairwf: Fairwf, workflow: Path) -> None:
    said = fairwf("inputs", workflow, "--template", "--schema")
    assert said.code == 2
    assert "choose one of --template and --schema" in said.err
    assert fairwf("inputs", workflow, "--template").out == fairwf("inputs", workflow).out
