"""Images of containers are followed through inputs, defaults and steps to where the text stands."""

from pathlib import Path

import pytest

import fairwf.fair as fair
from fairwf.fair.reading.components import literal
from fairwf.fair.subject import Subject

pytest.importorskip("WDL")

HEAD = """version 1.0
struct Where { String docker }
workflow words {
  input { File text  %s }
  %s
  output { Int count = c.count }
}
task count {
  input { File text  %s }
  command <<< wc -w ~{text} >>>
  output { Int count = read_int(stdout()) }
  runtime { docker: %s }
}
"""


def subject(folder: Path, ports: str, call: str, own: str, image: str) -> Subject:
    (folder / "main.wdl").write_text(HEAD % (ports, call, own, image))
    return fair.subject_at(str(folder))


def images(one: Subject) -> list[str | None]:
    task = one.workflow.tasks[0]
    found = [e.container for e in one.workflow.environments(task)]
    return [literal(c.image) if c is not None else None for c in found]


def level(one: Subject, indicator: str) -> int | None:
    return next(f.outcome.level for f in fair.assess(one).findings if f.id == indicator)


CALL = "call count as c { input: text = text%s }"


@pytest.mark.parametrize(
    ("ports", "given", "own", "image", "wanted"),
    [
        ("", "", "", '"quay.io/a/b:1"', ["quay.io/a/b:1"]),
        ("", "", 'String docker = "quay.io/a/b:1"', "docker", ["quay.io/a/b:1"]),
        (
            'String i = "quay.io/a/b:1"',
            ", docker = i",
            "String docker",
            "docker",
            ["quay.io/a/b:1"],
        ),
        ('String t = "1"', ", tag = t", "String tag", '"quay.io/a/b:~{tag}"', ["quay.io/a/b:1"]),
        (
            'Where w = object { docker: "quay.io/a/b:1" }',
            ", w = w",
            "Where w",
            "w.docker",
            ["quay.io/a/b:1"],
        ),
        ("String? i", ", o = i", "String? o", 'select_first([o, "a/b:2"])', ["a/b:2"]),
        ("String i", ", docker = i", "String docker", "docker", [None]),
        ("", "", 'String docker = "/your/docker/image"', "docker", [None]),
    ],
)
def test_an_image_is_what_the_workflow_settles(
    tmp_path: Path, ports: str, given: str, own: str, image: str, wanted: list[str | None]
) -> None:
    one = subject(tmp_path, ports, CALL % given, own, image)
    assert images(one) == wanted
    assert level(one, "R1-2") == (0 if wanted == [None] else 3)
    assert level(one, "R1-3") == (0 if wanted == [None] else 2)


def test_each_use_counts(tmp_path: Path) -> None:
    calls = (CALL % ', docker = "quay.io/a/b:1"') + "\n  call count as d { input: text = text%s }"
    one = subject(tmp_path, "", calls % ', docker = "a/b:latest"', "String docker", "docker")
    assert sorted(map(str, images(one))) == ["a/b:latest", "quay.io/a/b:1"]
    assert level(one, "R1-3") == 0


def test_who_must_be_asked_in_one_use_leaves_the_image_unsaid(tmp_path: Path) -> None:
    calls = (CALL % ', docker = "quay.io/a/b:1"') + "\n  call count as d { input: text = text%s }"
    one = subject(tmp_path, "String i", calls % ", docker = i", "String docker", "docker")
    assert images(one) == [None]
