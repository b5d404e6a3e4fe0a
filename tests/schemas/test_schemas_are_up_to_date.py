"""The published schemas are those that the types give."""

import json
from pathlib import Path

import jsonschema
import pytest

from tools.schemas import SCHEMAS, generated


@pytest.mark.parametrize("name", sorted(generated()))
def test_the_file_is_what_the_types_give(name: str) -> None:
    assert (SCHEMAS / name).read_text(encoding="utf-8") == generated()[name], "run `make schemas`"


@pytest.mark.parametrize("name", sorted(generated()))
def test_it_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(generated()[name]))


def test_no_other_schema_lies_there() -> None:
    there = {path.name for path in Path(SCHEMAS).glob("*.schema.json")}
    assert there == set(generated())
