"""Texts of documents and crates that try to become markup, or to steer a terminal."""

import json
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import readme
from tests.hostile.conftest import Fairwf

MARKUP = (
    "</script></title></style></text></svg><script>hostile()</script><img src=x onerror=hostile()>"
    '" onload="hostile()" x=\'"><a href=javascript:hostile()>]]>--><!-- {{x}} ${x} `x`'
)
STEERING = "\x1b[2J\x1b]0;title\x07\x9b31m\u202egpj.exe\u2066\x00"
NAME = "hostile"


def workflow(text: str) -> dict[str, Any]:
    """A workflow with a hostile text wherever one may stand."""
    tool = {
        "class": "CommandLineTool",
        "label": text,
        "doc": text,
        "baseCommand": ["echo", text],
        "inputs": {"a": {"type": "string", "label": text, "doc": text, "default": text}},
        "outputs": {"out": {"type": "stdout", "doc": text}},
        "stdout": "x",
    }
    return {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": NAME,
        "label": text,
        "doc": text,
        "$namespaces": {"s": "https://schema.org/"},
        "s:author": [{"class": "s:Person", "s:name": text, "s:identifier": text}],
        "s:license": text,
        "s:codeRepository": text,
        "s:version": text,
        "inputs": {"a": {"type": "string", "label": text, "doc": text, "default": text}},
        "outputs": {"out": {"type": "File", "outputSource": "say/out", "label": text}},
        "steps": {
            "say": {
                "in": {"a": {"source": "a", "valueFrom": text}},
                "out": ["out"],
                "run": tool,
                "label": text,
                "doc": text,
            }
        },
    }


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "main.cwl"
    path.write_text(json.dumps(workflow(MARKUP)))
    return path


class _Page(HTMLParser):
    """What a browser would act on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.wrong: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        own = tag == "img" and dict(attrs).get("src") == "./workflow/diagram.svg"
        if tag in ("img", "iframe", "object", "embed", "base", "form", "link") and not own:
            self.wrong.append(tag)
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or address.startswith(("javascript:", "data:", "vbscript:")):
                self.wrong.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts.append(data)


def harmless(text: str) -> None:
    page = _Page(text)
    assert page.wrong == []
    for script in page.scripts:
        assert "hostile()" not in script or script.lstrip().startswith(("[", "{"))
        if script.lstrip().startswith(("[", "{")):
            json.loads(script)


def test_a_drawing_as_a_page(fairwf: Fairwf, hostile: Path) -> None:
    out = hostile.with_suffix(".html")
    assert fairwf("graph", hostile, "-o", out).code == 0
    harmless(out.read_text())


def test_a_drawing_as_svg(fairwf: Fairwf, hostile: Path) -> None:
    said = fairwf("graph", hostile)
    assert said.code == 0
    for element in ElementTree.fromstring(said.out).iter():
        assert element.tag.rsplit("}", 1)[-1] not in ("script", "foreignObject", "image", "a")
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name]


@pytest.mark.parametrize("suffix", [".mmd", ".dot"])
def test_a_drawing_as_text(fairwf: Fairwf, hostile: Path, suffix: str) -> None:
    out = hostile.with_suffix(suffix)
    assert fairwf("graph", hostile, "-o", out).code == 0
    text = out.read_text()
    rows = text.splitlines()
    starts = ("flowchart", "  n", "  classDef", "digraph", "  label", "  node", "}")
    assert all(row.startswith(starts) for row in rows)
    if suffix == ".mmd":
        assert "<script" not in text
        assert "click" not in text


@pytest.mark.parametrize("verb", ["score", "convert"])
def test_reports_as_pages(fairwf: Fairwf, hostile: Path, verb: str) -> None:
    folder = hostile.parent
    (folder / "README.md").write_text(f"# {MARKUP}\n\ncwltool main.cwl {MARKUP}\n")
    (folder / "CITATION.cff").write_text(
        json.dumps({"title": MARKUP, "authors": [{"name": MARKUP}]})
    )
    if verb == "score":
        said = fairwf("score", folder, "--format", "html")
        assert said.code == 0
        harmless(said.out)
        return
    report = folder / "report.html"
    fairwf("convert", hostile, "--to", "wfformat", "--report", report, "-o", folder / "x.json")
    harmless(report.read_text())


def test_the_preview_and_the_readme_of_a_crate(fairwf: Fairwf, hostile: Path) -> None:
    crate = hostile.parent / "crate"
    said = fairwf("package", hostile, "-o", crate, "--name", MARKUP, "--description", MARKUP)
    assert said.code == 0, said.err
    harmless((crate / "ro-crate-preview.html").read_text())
    text = (crate / "README.md").read_text()
    assert "\n<" not in text
    assert "<script" not in text.replace("\\<", "")


def test_links_in_the_readme_of_a_crate() -> None:
    main = "a> [x](javascript:hostile()) <b"
    entities: dict[str, Any] = {
        "./": {"name": "](javascript:hostile())", "description": "# x\n\n# y",
               "mainEntity": {"@id": main}},
        main: {"@id": main, "name": "x](javascript:hostile()) [y"},
    }  # fmt: skip
    text = readme.render(entities)
    assert text.count("\n# ") == 0
    assert "](<a%3E%20[x](javascript:hostile())%20%3Cb>)\n" in text
    assert "](javascript:hostile" not in text.replace("[x](javascript:hostile())%20", "")


# --- terminals


@pytest.mark.parametrize(
    "words",
    [["validate"], ["convert", "--to", "wfformat"], ["score"], ["run", "--help"], ["inputs"],
     ["graph"], ["run"], ["score", "--format", "github"], ["validate", "--format", "github"]],
    ids=" ".join,
)  # fmt: skip
def test_no_text_of_a_document_steers_the_terminal(
    fairwf: Fairwf, tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"main{STEERING[:-1]}.cwl"
    path.write_text(json.dumps(workflow(STEERING.replace("\0", ""))))
    said = fairwf(words[0], path, *words[1:])
    data = words[0] == "convert"  # a JSON document: controls are escapes, the rest is as it was
    for text in (said.err, said.out):
        steering = "\x1b\x07\0" if data and text is said.out else "\x1b\x07\x9b\u202e\u2066\0"
        found = set(text) & set(steering)
        assert not found, [row for row in text.splitlines() if found & set(row)]


def test_names_of_steps_cannot_forge_lines_of_the_progress(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "main.ir.json"
    command = {
        "kind": "command",
        "arguments": [{"value": {"kind": "string_lit", "value": "true"}}],
    }
    step = {"id": "a\n[1/1] forged\x1b[2J", "run": command}
    path.write_text(
        json.dumps({"fairwf_ir": "1", "workflow": {"kind": "workflow", "steps": [step]}})
    )
    said = fairwf("run", path, "--run-dir", tmp_path / "run")
    assert "\x1b" not in said.err
    assert "\n[1/1] forged" not in said.err
    said = fairwf("status", tmp_path / "run")
    assert "\x1b" not in said.out + said.err
