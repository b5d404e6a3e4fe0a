"""Tasks run by bash, without a container: what the specification says of them."""

from pathlib import Path

import pytest

import fairwf
from fairwf.ir.ports import Glob, Stdout
from fairwf.ir.workflow import Script
from fairwf.report import InvalidError, Report
from tests.converters.wdl.conftest import Reading

GREET = """version 1.1
task greet {
  input {
    String name
    Int times = 2
    Array[String] words = ["a", "b c"]
    Float share = 1
    File? extra
  }
  String greeting = "hi ~{name}"
  command <<<
    for i in $(seq ~{times}); do
      echo "~{greeting} $i"
    done
    printf '%s\\n' '~{sep="," words}' ~{share} ~{true="yes" false="no" times > 1} > out.txt
    cat ~{write_lines(words)} >&2
    mkdir sub; touch sub/x.txt; touch z.log y.log
  >>>
  output {
    Array[String] lines = read_lines(stdout())
    File said = stdout()
    File out = "out.txt"
    Array[String] parts = read_lines("out.txt")
    File? none = "no~{times}.txt"
    Array[File?] some = ["out.txt", "no.txt"]
    String err = read_string(stderr())
    Array[File] logs = glob("*.log")
    Array[File] everything = glob("*")
    Int how_many = length(glob("*.log"))
    Directory folder = "sub"
    Float half = times / 4.0
    Int after = how_many + 1
  }
}
"""


def test_a_task_gives_its_outputs(wdl: Reading) -> None:
    text = GREET.replace("version 1.1", "version 1.2")
    given = wdl.run(text, {"name": "Ada"})
    assert given["lines"] == ["hi Ada 1", "hi Ada 2"]
    assert Path(given["said"]).read_text() == "hi Ada 1\nhi Ada 2\n"
    assert given["parts"] == ["a,b c", "1.000000", "yes"]
    assert given["none"] is None
    assert [one and Path(one).name for one in given["some"]] == ["out.txt", None]
    assert given["err"] == "a\nb c"
    assert [Path(one).name for one in given["logs"]] == ["y.log", "z.log"]
    # Folders, and what the engine itself keeps beside, are no matches.
    assert [Path(one).name for one in given["everything"]] == ["out.txt", "y.log", "z.log"]
    assert (given["how_many"], given["after"], given["half"]) == (2, 3, 0.5)
    assert Path(given["folder"]).is_dir()


def test_a_plain_output_file_is_a_pattern_and_standard_output_is_said(wdl: Reading) -> None:
    script = wdl.document(GREET.replace("version 1.1", "version 1.2")).workflow
    assert isinstance(script, Script)
    collected = {port.id: port.collect for port in script.outputs}
    assert isinstance(collected["out"], Glob)
    assert isinstance(collected["said"], Stdout)


def test_what_is_none_writes_nothing(wdl: Reading) -> None:
    text = """version 1.1
task t {
  input {
    Array[Float]? floats
    Array[Int]? ints
    Float? f
    Boolean? b
    String? s
  }
  command <<< echo "[~{sep="," floats}~{sep="," ints}~{f}~{true="T" false="F" b}~{"-s " + s}]" >>>
  output { String o = read_string(stdout()) }
}
"""
    assert wdl.run(text)["o"] == "[]"
    given = {"floats": [1, 2.5], "ints": [3], "f": 1, "b": False, "s": "x"}
    assert wdl.run(text, given)["o"] == "[1.000000,2.50000031.000000F-s x]"


def test_a_computed_name_is_no_pattern(wdl: Reading) -> None:
    text = """version 1.1
task t {
  input { String name }
  command <<< touch '~{name}.txt' a1.txt 'ax.txt' >>>
  output {
    File out = "~{name}.txt"
    File? none = name + ".no"
  }
}
"""
    given = wdl.run(text, {"name": "a[1x]*"})
    assert Path(given["out"]).name == "a[1x]*.txt"
    assert given["none"] is None


def test_values_are_written_as_they_are_and_the_shell_reads_them(wdl: Reading) -> None:
    text = """version 1.0
task t {
  input { String word }
  command {
    printf '%s' '~{word}' '${word}' "$HOME" > /dev/null
    printf '%s\\t%s' '~{word}' 'a\\tb'
  }
  output { String s = read_string(stdout()) }
}
"""
    assert wdl.run(text, {"word": "$(id); `x` \\n"})["s"] == "$(id); `x` \\n\ta\\tb"


def test_the_command_is_dedented(wdl: Reading) -> None:
    text = """version 1.1
task t {
  input { Int n = 3 }
  command <<<
    cat <<EOF
    top
      ~{n}
    EOF
  >>>
  output { Array[String] lines = read_lines(stdout()) }
}
"""
    assert wdl.run(text)["lines"] == ["top", "  3"]


def test_a_file_that_is_written_for_a_branch_not_taken_is_not_made(wdl: Reading) -> None:
    text = """version 1.1
task t {
  input { Array[String]? words }
  command <<<
    echo ~{if defined(words) then write_lines(select_first([words])) else "nothing"}
    ls -A .written 2>/dev/null || true
  >>>
  output { Array[String] lines = read_lines(stdout()) }
}
"""
    assert wdl.run(text)["lines"] == ["nothing"]


def test_a_declaration_is_made_wherever_it_is_used_first(wdl: Reading) -> None:
    text = """version 1.1
task t {
  input { Boolean b = false }
  File f = write_lines(["x"])
  command <<<
    echo ~{if b then f else "no"}
    cat ~{f}
  >>>
  output { Array[String] lines = read_lines(stdout()) }
}
"""
    assert wdl.run(text)["lines"] == ["no", "x"]


def test_structures_reach_the_command(wdl: Reading) -> None:
    text = """version 1.1
struct Sample {
  String name
  File reads
  Map[String, Int]? counts
}
task t {
  input {
    Sample sample
    Pair[Int, Array[File]] pair
  }
  command <<<
    cat ~{sample.reads} ~{sep=" " pair.right}
    echo ~{sample.name} ~{pair.left} ~{select_first([sample.counts])["a"]}
    cat ~{write_json(sample)} > sample.json
  >>>
  output {
    Array[String] lines = read_lines(stdout())
    Sample again = read_json("sample.json")
    Int size = ceil(size("sample.json"))
  }
}
"""
    reads = wdl.file("reads.txt", "one\n")
    other = wdl.file("other.txt", "two\n")
    sample = {"name": "s", "reads": str(reads), "counts": {"a": 5}}
    job = wdl.file(
        "job.json",
        '{"t.sample": {"name": "s", "reads": "reads.txt", "counts": {"a": 5}},'
        ' "t.pair": {"left": 1, "right": ["other.txt"]}}',
    )
    given = wdl.run(text, job)
    assert other.read_text() == "two\n"
    assert given["lines"] == ["one", "two", "s 1 5"]
    assert given["again"]["name"] == "s"
    assert given["again"]["counts"] == sample["counts"]
    assert Path(given["again"]["reads"]).read_text() == "one\n"
    assert given["size"] > 20


def test_environment_return_codes_and_the_task_itself(wdl: Reading) -> None:
    text = """version 1.2
task named {
  input {
    env String who
    Int n = 1
  }
  command <<<
    echo "$who ~{task.name} ~{task.attempt}"
    exit 3
  >>>
  requirements {
    cpu: n
    memory: "~{n} GiB"
    return_codes: [0, 3]
    max_retries: 2
  }
  output {
    String s = read_string(stdout())
    Int? code = task.return_code
  }
}
"""
    assert wdl.run(text, {"who": "a b"}) == {"s": "a b named 0", "code": 3}


def test_hints_and_defaults_in_spite_of_none_are_told(wdl: Reading) -> None:
    text = """version 1.2
task t {
  input { String? s = "x" }
  command <<<
    hints {
  >>>
  hints {
    short_task: true
  }
}
workflow w {
  input { String? s }
  call t { input: s = s }
}
"""
    wdl.document(text)
    assert [(d.code, d.line, d.column) for d in wdl.report] == [
        ("FWF1407", 7, 3),
        ("FWF1408", 13, 23),
    ]


def test_two_patterns_in_one_output_are_refused(wdl: Reading) -> None:
    text = """version 1.1
task t {
  command <<< >>>
  output { Int n = length(glob("*.a")) + length(glob("*.b")) }
}
"""
    assert wdl.faults(text) == [("FWF1403", 4, 49)]


def test_a_task_of_several_is_named(wdl: Reading) -> None:
    text = "version 1.1\ntask a { command <<< >>> }\ntask b { command <<< >>> }\n"
    assert wdl.document(text, fragment="b").workflow.id == "b"  # type: ignore[union-attr]
    assert [d.code for d in wdl.report] == []
    wdl.document(text)
    assert [d.code for d in wdl.report] == ["FWF1405"]
    assert wdl.faults(text, fragment="aa") == [("FWF1404", 1, 1)]
    assert "did you mean 'a'" in str(wdl.report.errors[0].hint)
    with pytest.raises(InvalidError, match="runs nothing; it holds a, b"):
        wdl.run(text)


def test_a_missing_output_names_its_place(wdl: Reading) -> None:
    path = wdl.file(
        "main.wdl",
        'version 1.1\ntask t {\n  command <<< >>>\n  output {\n    File out = "no.txt"\n  }\n}\n',
    )
    report = Report()
    run = fairwf.run(
        fairwf.load(path), {}, run_dir=wdl.folder / "run", container="none", report=report
    )
    assert run.status == "failed"
    assert [(one.code, one.line, one.column) for one in report.errors] == [("FWF4003", 5, 16)]


@pytest.mark.parametrize("version", ["draft-2", "1.0"])
def test_older_versions_run(version: str, wdl: Reading) -> None:
    head = "" if version == "draft-2" else f"version {version}\n"
    text = head + (
        "task t {\n  String who\n  String again = who + who\n  command { echo ${again} }\n"
        "  output { String s = read_string(stdout()) }\n}\n"
    )
    if version != "draft-2":
        text = text.replace("  String who\n", "  input { String who }\n")
    assert wdl.run(text, {"who": "x"})["s"] == "xx"
