"""Every class of the IR has an example in the reference, and it decodes."""

import msgspec
import pytest

from fairwf.ir import codec
from fairwf.ir.canonical import to_plain
from fairwf.source import load_yaml, plain
from tools.ir_reference import EXAMPLES, MODULES, PAGE, classes, page

ALL = {cls.__name__: cls for _, module in MODULES for cls in classes(module)}


def test_class_names_are_unique_and_each_has_an_example() -> None:
    assert sum(len(classes(module)) for _, module in MODULES) == len(ALL)
    assert set(EXAMPLES) == set(ALL)


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_example_decodes_and_keeps_all_that_it_says(name: str) -> None:
    tree = plain(load_yaml(EXAMPLES[name], name))
    encoded = to_plain(msgspec.convert(tree, ALL[name]))
    said = {key: value for key, value in tree.items() if encoded.get(key) != value}
    # Only what is a default anyway may be left out: a scatter's mode.
    assert said == ({"mode": "dot"} if name == "Scatter" else {})


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make schemas`"


def test_roots_are_processes_and_instances() -> None:
    for name in ("Command", "Script", "Pure", "Operation", "Workflow", "Instance"):
        codec.from_plain(plain(load_yaml(EXAMPLES[name], name)))
