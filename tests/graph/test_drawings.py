"""What the drawings of workflows, instances and runs show, in each form."""

import io
import json
import re
import struct
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from fairwf.document import Document
from fairwf.graph import WRITERS, document_graph, drawing, run_graph
from fairwf.graph.instances import instance_graph
from fairwf.graph.model import Graph, Node, duration
from fairwf.graph.svg import cut
from fairwf.ir.codec import from_plain
from fairwf.ir.instance import Instance, Ragged, Tasks
from fairwf.ir.workflow import Workflow
from fairwf.trace import Run, SoftwareAgent, Task

HOSTILE = '"]; x --> y <script>alert("1")</script> \\" \u202e\x1b[31m & \n]]>'
SVG = "{http://www.w3.org/2000/svg}"


def document(**changes: object) -> Document:
    """Two steps, the second a subworkflow that runs conditionally for each item."""
    tool = {
        "kind": "command",
        "inputs": [{"id": "x", "type": {"kind": "File"}}],
        "arguments": [{"value": {"kind": "string_lit", "value": w}} for w in ("samtools", "sort")],
        "outputs": [{"id": "y", "type": {"kind": "File"}, "collect": {"kind": "stdout"}}],
    }
    inner = {
        "kind": "workflow",
        "inputs": [{"id": "x", "type": {"kind": "File"}}],
        "steps": [{"id": "deep", "in": {"x": {"kind": "input", "name": "x"}}, "run": tool}],
        "outputs": [],
    }
    first = {"id": "first", "in": {"x": {"kind": "input", "name": "reads"}}, "run": tool}
    second = {
        "id": "second",
        "after": ["first"],
        "in": {"x": {"kind": "local", "name": "one"}},
        "scatter": {
            "kind": "scatter",
            "over": [{"name": "one", "value": {"kind": "output", "step": "first", "port": "y"}}],
        },
        "when": {"kind": "input", "name": "flag"},
        "run": inner,
    }
    third = {"id": "third", "after": ["first"], "run": {"kind": "operation"}}
    plain: dict[str, object] = {
        "kind": "workflow",
        "id": "main",
        "inputs": [
            {"id": "reads", "type": {"kind": "File"}, "doc": "Sequencing reads."},
            {"id": "flag", "type": {"kind": "bool"}},
        ],
        "steps": [first, second, third],
        "outputs": [
            {
                "id": "bam",
                "type": {"kind": "File"},
                "value": {"kind": "output", "step": "first", "port": "y"},
            }
        ],
    }
    return Document(workflow=from_plain(plain | changes))


def links(graph: Graph) -> set[tuple[str, str, bool]]:
    return {(edge.source, edge.target, edge.order) for edge in graph.edges}


def test_links_follow_data_and_order() -> None:
    graph = document_graph(document())
    assert links(graph) == {
        ("in:reads", "step:first", False),
        ("step:first", "step:second", False),
        ("in:flag", "step:second", False),
        ("step:first", "step:third", True),
        ("step:first", "out:bam", False),
    }


def test_badges_say_what_is_special_and_subworkflows_are_inside() -> None:
    nodes = {node.id: node for node in document_graph(document()).nodes}
    assert nodes["step:first"].badges == ()
    assert nodes["step:first"].subtitle == "samtools sort"
    assert nodes["step:second"].badges == ("subworkflow: 1 step", "scatter", "when")
    nested = nodes["step:second"].nested
    assert nested is not None
    assert links(nested) == {("in:x", "step:deep", False)}
    assert ("about", "Sequencing reads.") in nodes["in:reads"].details


def test_a_tool_alone_stands_between_its_inputs_and_outputs() -> None:
    workflow = document().workflow
    assert isinstance(workflow, Workflow)
    tool = workflow.steps[0].run
    graph = document_graph(Document(workflow=tool))  # type: ignore[arg-type]
    assert links(graph) == {("in:x", "step:tool", False), ("step:tool", "out:y", False)}


def run_of(statuses: dict[tuple[str, ...], list[str]]) -> Run:
    tasks = tuple(
        Task(
            id=f"{'/'.join(step)}-{number}",
            step=step,
            index=(str(number),),
            process="p",
            kind="command",
            status=status,  # type: ignore[arg-type]
            started="2026-01-01T00:00:00+00:00",
            ended=f"2026-01-01T00:00:0{number + 2}+00:00",
        )
        for step, found in statuses.items()
        for number, status in enumerate(found)
    )
    return Run(
        id="r1",
        workflow=document().workflow,
        status="failed",
        engine=SoftwareAgent(name="fairwf"),
        tasks=tasks,
    )


def test_a_run_has_the_worst_status_of_each_step_and_its_time() -> None:
    run = run_of({("first",): ["completed"], ("second", "deep"): ["completed", "failed"]})
    nodes = {node.id: node for node in run_graph(run).nodes}
    assert (nodes["step:first"].status, nodes["step:first"].timing) == ("completed", "2.0 s")
    assert nodes["step:third"].status is None
    nested = nodes["step:second"].nested
    assert nested is not None
    deep = next(node for node in nested.nodes if node.id == "step:deep")
    assert (deep.status, deep.timing) == ("failed", "3.0 s · 2 times · 1 failed")


def test_only_the_last_attempt_counts() -> None:
    run = run_of({("first",): ["failed"]})
    again = Task(
        id="x", step=("first",), index=("0",), process="p", kind="command", status="completed",
        attempt=2,
    )  # fmt: skip
    graph = run_graph(
        Run(
            id="r",
            workflow=run.workflow,
            status="completed",
            engine=run.engine,
            tasks=(*run.tasks, again),
        )
    )
    assert next(node for node in graph.nodes if node.id == "step:first").status == "completed"


@pytest.mark.parametrize(("count", "drawn"), [(3, 3), (1000, 2)])
def test_instances_with_very_many_tasks_are_drawn_by_kind(count: int, drawn: int) -> None:
    tasks = Tasks(
        id=[f"t{i}" for i in range(count)],
        process=["split" if i == 0 else "work" for i in range(count)],
        parents=Ragged.of([[] if i == 0 else [0] for i in range(count)]),
    )
    graph = instance_graph(Instance(tasks=tasks))
    assert len(graph.nodes) == drawn
    assert {(e.source, e.target) for e in graph.edges} >= {
        ("step:split", "step:work") if drawn == 2 else ("step:t0", "step:t1")
    }
    assert f"{count} tasks" in graph.note


def test_tasks_that_name_no_process_are_drawn_by_program_or_name() -> None:
    count = 400
    tasks = Tasks(
        id=[f"blast_{i:04}" for i in range(count)],
        program=["/usr/bin/cat" if i == 0 else None for i in range(count)],
        parents=Ragged.of([[] if i == 0 else [0] for i in range(count)]),
    )
    graph = instance_graph(Instance(tasks=tasks))
    assert {node.label: node.subtitle for node in graph.nodes} == {
        "cat": "1 task",
        "blast": "399 tasks",
    }


def hostile() -> Graph:
    plain = json.loads(json.dumps(HOSTILE))
    base = document(label=plain, doc=plain)
    workflow = base.workflow
    assert isinstance(workflow, Workflow)
    steps = [{"id": plain, "label": plain, "doc": plain, "run": {"kind": "operation"}}]
    return document_graph(document(steps=steps, outputs=[], label=plain, doc=plain))


def test_svg_is_well_formed_with_any_label() -> None:
    root = ElementTree.fromstring(WRITERS[".svg"](hostile()))
    assert root.tag == f"{SVG}svg"
    assert root.find(f".//{SVG}script") is None
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert any("<script>" in text for text in texts)


def test_svg_has_every_node_and_link() -> None:
    root = ElementTree.fromstring(WRITERS[".svg"](document_graph(document())))
    kinds = [group.get("class") for group in root.iter(f"{SVG}g")]
    assert sum(1 for kind in kinds if kind and kind.startswith("n ")) == 6
    arrows = [path for path in root.iter(f"{SVG}path") if path.get("class") == "head"]
    assert len(arrows) == 5
    dashed = [path for path in root.iter(f"{SVG}path") if path.get("class") == "e order"]
    assert len(dashed) == 1


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.addresses: list[str] = []
        self.data: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.addresses += [v for k, v in attrs if k in ("src", "href", "xlink:href") and v]
        assert not any(name.startswith("on") for name in values)
        if tag == "script":
            self.scripts.append(values)
            self._inside = values.get("id") == "graphs"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.data.append(data)


@pytest.mark.parametrize("graph", [hostile(), document_graph(document())], ids=["hostile", "plain"])
def test_a_page_holds_two_scripts_of_its_own_and_loads_nothing(graph: Graph) -> None:
    text = WRITERS[".html"](graph)
    page = _Elements()
    page.feed(text)
    assert [script.get("type") for script in page.scripts] == ["application/json", None]
    assert page.addresses == []
    assert "default-src 'none'" in text
    data = json.loads("".join(page.data))
    assert len(data[0]["nodes"]) == len(graph.nodes)


def test_a_page_leads_into_subworkflows_and_back() -> None:
    page = _Elements()
    page.feed(WRITERS[".html"](document_graph(document())))
    data = json.loads("".join(page.data))
    nested = [node["nested"] for node in data[0]["nodes"] if node["nested"] is not None]
    assert nested == [1]
    assert data[1]["parent"] == 0


def test_mermaid_labels_cannot_end_their_quotes() -> None:
    text = WRITERS[".mmd"](hostile())
    lines = text.splitlines()
    assert lines[0] == "flowchart TD"
    for line in lines[1:]:
        assert re.fullmatch(
            r'  (n\d+[\[(]+"[^"<>\\]*(<br/>[^"<>\\]*)*"[\])]+:::\w+'
            r"|n\d+ -(\.-)?->? n\d+|n\d+ -\.-> n\d+|classDef .*)",
            line,
        ), line


def test_dot_strings_are_closed() -> None:
    text = WRITERS[".dot"](hostile())
    outside = re.sub(r'"(?:\\.|[^"\\])*"', "", text)
    assert '"' not in outside
    assert "script" not in outside
    plain = WRITERS[".dot"](document_graph(document()))
    assert plain.count("->") == 5
    assert "peripheries=2" in plain


def test_the_same_document_gives_the_same_bytes() -> None:
    for write in WRITERS.values():
        assert write(document_graph(document())) == write(document_graph(document()))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ms"), (0.0421, "42 ms"), (0.9996, "1.0 s"), (3.44, "3.4 s"), (99.96, "1 min 40 s"),
     (3599.6, "1 h 0 min"), (7380, "2 h 3 min")],
)  # fmt: skip
def test_durations_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_long_labels_are_cut_in_the_middle() -> None:
    assert cut("a" * 40 + "b" * 40, 20) == "a" * 13 + "…" + "b" * 6
    assert cut("short\n text") == "short text"


def test_published_instances_can_be_drawn(corpora: Path) -> None:
    from fairwf.conversion import read_document
    from fairwf.formats import Source
    from fairwf.report import Report

    files = sorted((corpora / "wfformat").rglob("*.json"), key=lambda path: path.stat().st_size)
    drawn = 0
    for path in [path for path in files if "schema" not in path.name][:6]:
        graph = document_graph(read_document(Source.at(path), Report(), "wfformat"))
        ElementTree.fromstring(WRITERS[".svg"](graph))
        drawn += bool(graph.nodes)
    assert drawn


def test_a_drawing_needs_no_variables_of_styles_outside_browsers() -> None:
    text = WRITERS[".svg"](document_graph(document()))
    assert "var(" not in text
    assert "fill:#f4f7fb" in text  # a step's colour, by day
    assert "fill:#1f2731" in text.partition("@media (prefers-color-scheme:dark)")[2]


def test_a_png_is_twice_as_large_and_has_the_colours_of_the_drawing() -> None:
    graph = document_graph(document())
    root = ElementTree.fromstring(WRITERS[".svg"](graph))
    data = drawing(graph, ".png")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == tuple(
        2 * int(root.attrib[side]) for side in ("width", "height")
    )
    image = Image.open(io.BytesIO(data)).convert("RGB")
    colours = {colour for _, colour in image.getcolors(1 << 24) or []}
    assert {
        (0xFF, 0xFF, 0xFF),
        (0xF4, 0xF7, 0xFB),
        (0x1B, 0x1F, 0x24),
    } <= colours  # also of letters


def _width(graph: Graph) -> float:
    return float(re.search(r'width="(\d+)"', drawing(graph, ".svg").decode())[1])  # type: ignore[index]


@pytest.mark.parametrize(("kinds", "deep"), [(200, 1), (200, 40), (40, 6), (1, 1), (900, 900)])
def test_an_instance_of_any_shape_makes_a_drawing_that_can_be_read(kinds: int, deep: int) -> None:
    """Layers of tasks of many kinds, each after all of the layer before."""
    count = max(kinds, 300)
    layer = [index * deep // count for index in range(count)]
    tasks = Tasks(
        id=[f"task{i}" for i in range(count)],
        process=[f"a process of kind {i % kinds}" for i in range(count)],
        parents=Ragged.of(
            [
                [j for j in range(max(0, i - 60), i) if layer[j] == layer[i] - 1][:8]
                for i in range(count)
            ]
        ),
    )
    graph = instance_graph(Instance(tasks=tasks))
    assert _width(graph) <= 2100
    assert len(graph.nodes) <= 60
    sizes = [int(node.subtitle.split()[0]) for node in graph.nodes]
    assert sum(sizes) == count


def test_what_forks_and_joins_is_drawn_so_where_all_tasks_are_of_one_kind() -> None:
    count = 40
    tasks = Tasks(
        id=[f"hello{i}" for i in range(count)],
        parents=Ragged.of([[], *[[0] for _ in range(count - 2)], list(range(1, count - 1))]),
    )
    graph = instance_graph(Instance(tasks=tasks))
    assert [node.subtitle for node in graph.nodes] == ["1 task", "38 tasks", "1 task"]


def test_published_instances_make_drawings_that_can_be_read(corpora: Path) -> None:
    from fairwf.formats import ReadOptions, Source, converter
    from fairwf.report import InvalidError, Report

    read = converter("wfformat").read
    assert read is not None
    drawn = 0
    for path in sorted((corpora / "wfformat").rglob("*.json")):
        try:
            found = read(Source.at(path), ReadOptions(), Report())
        except InvalidError:  # a schema, or not valid
            continue
        assert _width(document_graph(found)) <= 2000, path.name
        drawn += 1
    assert drawn >= 10


def test_a_name_is_shown_whole_where_there_is_room() -> None:
    name = "Call the variants of all reads of each sample"
    few = Graph("t", (Node("step:a", "step", name),))
    shown = [text.text for text in ElementTree.fromstring(drawing(few, ".svg")).iter(f"{SVG}text")]
    assert name in shown
    many = Graph("t", tuple(Node(f"step:{i}", "step", name) for i in range(60)))
    assert "Call the variants o…ach sample" in drawing(many, ".svg").decode()


def test_inputs_and_completed_steps_have_colours_of_their_own() -> None:
    from fairwf.graph.svg import DARK, LIGHT

    for colours in (LIGHT, DARK):
        assert colours["in"] != colours["ok-bg"]
        assert colours["in-line"] not in (colours["ok"], colours["out-line"], colours["step-line"])


def test_what_is_asked_for_by_path_hangs_on_the_rules_that_may_make_it(repository: Path) -> None:
    import fairwf

    graph = document_graph(fairwf.load(repository / "examples/ir/demanded-keys.ir.yml"))
    joined = {node for edge in graph.edges for node in (edge.source, edge.target)}
    assert joined == {node.id for node in graph.nodes}
    assert any(edge.target == "out:by_path" for edge in graph.edges)
