"""Workflows written in Nextflow: parsed by our grammar, read again and run with equal outputs."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, WriteOptions, converter
from fairwf.report import Report, UnsupportedError
from tests.laws.law import Lowered, judged, lowered, normal, outputs_of, read_back

TOOLS = {
    "upper": """
        class: CommandLineTool
        baseCommand: [tr, a-z, A-Z]
        inputs: {text: File}
        stdin: $(inputs.text.path)
        stdout: out.txt
        outputs: {out: stdout}
    """,
    "say": """
        class: CommandLineTool
        baseCommand: [printf, '%s|']
        inputs:
          words: {type: 'string[]', inputBinding: {position: 1}}
          name: {type: string?, inputBinding: {prefix: --name=, separate: false, position: 2}}
          loud: {type: boolean, default: false, inputBinding: {prefix: -l, position: 3}}
          count: {type: int, default: 2, inputBinding: {prefix: -n, position: 4}}
        stdout: out.txt
        outputs: {out: stdout}
    """,
    "join": """
        class: CommandLineTool
        baseCommand: cat
        inputs: {texts: {type: 'File[]', inputBinding: {}}}
        stdout: out.txt
        outputs: {out: stdout}
    """,
    "pieces": """
        class: CommandLineTool
        baseCommand: [split, -l, '1']
        inputs: {text: {type: File, inputBinding: {}}}
        outputs:
          out: {type: 'File[]', outputBinding: {glob: 'x*'}}
          first: {type: File, outputBinding: {glob: xaa}}
          none: {type: File?, outputBinding: {glob: missing.txt}}
    """,
    "needs": """
        class: CommandLineTool
        requirements:
          ResourceRequirement: {coresMin: 1, ramMin: 64}
          EnvVarRequirement: {envDef: {GREETING: it's a "test" $HOME}}
          InitialWorkDirRequirement:
            listing:
              - {entryname: note.txt, entry: "line of $(inputs.name)"}
        hints:
          DockerRequirement: {dockerPull: 'debian:bookworm'}
        baseCommand: [sh, -c, 'printf "%s\\n" "$GREETING"; cat note.txt']
        inputs: {name: string}
        stdout: out.txt
        outputs: {out: stdout}
    """,
}
REQUIREMENTS = (
    "requirements: {ScatterFeatureRequirement: {}, SubworkflowFeatureRequirement: {},"
    " StepInputExpressionRequirement: {}, InlineJavascriptRequirement: {},"
    " MultipleInputFeatureRequirement: {}}"
)
INNER = """\
class: Workflow
inputs: {texts: 'File[]', go: boolean}
outputs: {out: {type: File, outputSource: gather/out}}
steps:
  each: {run: upper.cwl, in: {text: texts}, scatter: text, out: [out]}
  maybe: {run: join.cwl, in: {texts: texts, go: go}, when: $(inputs.go), out: [out]}
  gather: {run: join.cwl, in: {texts: each/out}, out: [out]}
"""
PATTERNS = {
    "sequence": """
        inputs: {text: File}
        outputs: {out: {type: File, outputSource: two/out}}
        steps:
          one: {run: upper.cwl, in: {text: text}, out: [out]}
          two: {run: upper.cwl, in: {text: one/out}, out: [out]}
    """,
    "fan_out_and_in": """
        inputs: {text: File}
        outputs:
          all: {type: File, outputSource: last/out}
          ends: {type: 'File[]', outputSource: [a/out, b/out]}
        steps:
          a: {run: upper.cwl, in: {text: text}, out: [out]}
          b: {run: upper.cwl, in: {text: a/out}, out: [out]}
          last: {run: join.cwl, in: {texts: {source: [text, a/out, b/out]}}, out: [out]}
    """,
    "scatter_and_gather": """
        inputs: {texts: 'File[]'}
        outputs:
          each: {type: 'File[]', outputSource: each/out}
          out: {type: File, outputSource: all/out}
        steps:
          each: {run: upper.cwl, in: {text: texts}, scatter: text, out: [out]}
          all: {run: join.cwl, in: {texts: each/out}, out: [out]}
    """,
    "number_of_tasks_from_data": """
        inputs: {text: File}
        outputs:
          out: {type: File, outputSource: all/out}
          first: {type: File, outputSource: cut/first}
        steps:
          cut: {run: pieces.cwl, in: {text: text}, out: [out, first, none]}
          each: {run: upper.cwl, in: {text: cut/out}, scatter: text, out: [out]}
          all: {run: join.cwl, in: {texts: each/out}, out: [out]}
    """,
    "texts_in_commands": """
        inputs: {words: 'string[]', name: string?}
        outputs: {a: {type: File, outputSource: a/out}, b: {type: File, outputSource: b/out}}
        steps:
          a: {run: say.cwl, in: {words: words, name: name, loud: {default: true}}, out: [out]}
          b: {run: say.cwl, in: {words: words, count: {default: 7}}, out: [out]}
    """,
    "needs_of_a_task": """
        inputs: {name: string}
        outputs: {out: {type: File, outputSource: a/out}}
        steps:
          a: {run: needs.cwl, in: {name: name}, out: [out]}
    """,
    "subworkflow": """
        inputs: {texts: 'File[]'}
        outputs: {out: {type: File, outputSource: inner/out}}
        steps:
          inner: {run: inner.cwl, in: {texts: texts, go: {default: true}}, out: [out]}
    """,
    "scattered_subworkflow": """
        inputs: {texts: 'File[]'}
        outputs: {out: {type: 'File[]', outputSource: inner/out}}
        steps:
          inner:
            run: inner.cwl
            scatter: go
            in: {texts: texts, go: {default: [true, false]}}
            out: [out]
    """,
    "condition": """
        inputs: {text: File, go: boolean}
        outputs:
          out: {type: File, outputSource: [yes/out, no/out], pickValue: first_non_null}
        steps:
          'yes': {run: upper.cwl, in: {text: text, go: go}, when: $(inputs.go), out: [out]}
          'no': {run: upper.cwl, in: {text: text, go: go}, when: $(!inputs.go), out: [out]}
    """,
}
JOB = {
    "text": {"class": "File", "path": "a.txt"},
    "texts": [{"class": "File", "path": "a.txt"}, {"class": "File", "path": "c.txt"}],
    "words": ["it's", "$HOME", "a\\b", 'say "yes"', ""],
    "name": "x y",
    "go": False,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TOOLS.items():
        (tmp_path / f"{name}.cwl").write_text(f"cwlVersion: v1.2\n{dedent(text)}")
    (tmp_path / "inner.cwl").write_text(f"cwlVersion: v1.2\n{REQUIREMENTS}\n{INNER}")
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    (tmp_path / "c.txt").write_text("three\n")
    return tmp_path


def pattern(folder: Path, name: str) -> Document:
    path = folder / f"{name}.cwl"
    head = f"cwlVersion: v1.2\nclass: Workflow\n{REQUIREMENTS}\n"
    path.write_text(head + dedent(PATTERNS[name]))
    read = converter("cwl").read
    assert read is not None
    return read(Source.at(path), ReadOptions(), Report())


def put(document: Document) -> Lowered:
    nextflow = converter("nextflow")
    assert nextflow.capabilities is not None
    assert not hasattr(document.workflow, "tasks")
    case = normal(nextflow, lowered(document.workflow, nextflow.capabilities(None)))
    assert case.report.ok, [str(d) for d in case.report.errors]
    judged(case)
    return case


@pytest.mark.parametrize("name", PATTERNS)
def test_what_a_pattern_gives_stays_when_it_is_written_and_read_again(
    folder: Path, name: str
) -> None:
    document = pattern(folder, name)
    ports = {port.id for port in document.workflow.inputs}  # type: ignore[union-attr]
    job = folder / "job.json"
    job.write_text(json.dumps({key: value for key, value in JOB.items() if key in ports}))
    read_inputs = converter("cwl").read_inputs
    assert read_inputs is not None
    inputs = read_inputs(Source.at(job), document, Report())
    case = put(document)
    again = read_back(converter("nextflow"), case.after, folder / "written")
    before = outputs_of(document, inputs, folder / "before", names=False)
    assert outputs_of(again, inputs, folder / "after", names=False) == before


def test_a_scatter_is_written_as_a_queue_that_is_gathered(folder: Path) -> None:
    nextflow = converter("nextflow")
    assert nextflow.write is not None
    case = put(pattern(folder, "scatter_and_gather"))
    files = nextflow.write(case.after, WriteOptions(), Report()).files
    assert set(files) == {
        "main.nf", "modules/each_.nf", "modules/all.nf", "nextflow.config", "nextflow_schema.json",
    }  # fmt: skip
    assert "    texts: List<Path>\n" in files["main.nf"].decode()
    assert (
        "    each_(channel.fromList(params.texts))\n    all(each_.out.out.toList())\n"
        in files["main.nf"].decode()
    )
    assert b"process.fair = true" in files["nextflow.config"]
    schema = json.loads(files["nextflow_schema.json"])
    (texts,) = schema["$defs"]["inputs"]["properties"].values()
    assert texts == {"type": "array", "items": {"type": "string", "format": "file-path"}}


def test_javascript_is_refused_with_its_place(folder: Path) -> None:
    path = folder / "script.cwl"
    path.write_text(
        "cwlVersion: v1.2\nclass: ExpressionTool\nrequirements: {InlineJavascriptRequirement: {}}\n"
        "inputs: {n: int}\noutputs: {o: int}\n"
        "expression: '${ let x = 1; while (x < inputs.n) x *= 3; return {o: x}; }'\n"
    )
    cwl, nextflow = converter("cwl"), converter("nextflow")
    assert cwl.read is not None and nextflow.capabilities is not None
    document = cwl.read(Source.at(path), ReadOptions(), Report())
    assert nextflow.normalize is not None
    report = Report()
    with pytest.raises(UnsupportedError):
        nextflow.normalize(document, report)
    (error,) = report.errors
    assert (error.code, error.line) == ("FWF3001", 6) and "while" in error.message
