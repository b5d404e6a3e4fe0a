"""A place in an embedded text is found where the document spells the text as it is."""

from pathlib import Path

import pytest

from fairwf.ir.origins import Span
from fairwf.source.embedded import embedded

DOCUMENT = """\
before: |
  ${
    return 1;
  }
here: |
    a $(x +
      y) and ${
        var b = 2;
        return nowhere;
      }
folded: >
  ${ return
  nowhere; }
quoted: "${\\n return nowhere;\\n}"
"""


@pytest.mark.parametrize(
    ("first", "last", "text", "at", "place"),
    [
        (1, 4, "\n  return 1;\n", (2, 3), (3, 5)),
        (5, 10, "x +\n  y", (2, 3), (7, 7)),
        (5, 10, "x +\n  y", (1, 1), (6, 9)),
        (5, 10, "\n    var b = 2;\n    return nowhere;\n  ", (3, 12), (9, 16)),
        (11, 13, " return nowhere; ", (1, 9), None),
        (14, 14, "\n return nowhere;\n", (2, 9), None),
        (1, 4, "\n  return 1;\n", (7, 1), None),
    ],
)
def test_a_line_and_column_of_a_text(
    tmp_path: Path,
    first: int,
    last: int,
    text: str,
    at: tuple[int, int],
    place: tuple[int, int] | None,
) -> None:
    file = tmp_path / "w.cwl"
    file.write_text(DOCUMENT)
    found = embedded(Span(str(file), first, 1, last, 1), text, *at)
    assert (found and (found.line, found.column)) == place


def test_a_document_that_has_gone_tells_nothing(tmp_path: Path) -> None:
    assert embedded(Span(str(tmp_path / "no.cwl"), 1, 1, 2, 1), "x", 1, 1) is None
    assert embedded(Span(str(tmp_path), 1, 1, 2, 1), "x", 1, 1) is None
