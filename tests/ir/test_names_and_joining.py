"""Names that nothing has yet, and texts that become one."""

import pytest

from fairwf.ir.expressions import Expr, Input, StringLit, Template
from fairwf.ir.joining import joined
from fairwf.ir.names import fresh


def text(value: str) -> StringLit:
    return StringLit(value=value)


X = Input(name="x")


@pytest.mark.parametrize(
    ("taken", "name"), [((), "a"), (("a",), "a_2"), (("a", "a_2", "a_3", "a_5"), "a_4")]
)
def test_a_new_name_is_the_first_that_is_not_taken(taken: tuple[str, ...], name: str) -> None:
    assert fresh("a", taken) == name


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ((), text("")),
        ((text(""), text("")), text("")),
        ((text("a"), text("b")), text("ab")),
        ((X,), Template(parts=(X,))),  # a text, whatever the value is
        ((text("a"), X, text("")), Template(parts=(text("a"), X))),
        (
            (Template(parts=(X, text("a"))), Template(parts=(text("b"), X))),
            Template(parts=(X, text("ab"), X)),
        ),
    ],
)
def test_texts_are_joined_and_templates_opened(pieces: tuple[Expr, ...], whole: Expr) -> None:
    assert joined(*pieces) == whole
