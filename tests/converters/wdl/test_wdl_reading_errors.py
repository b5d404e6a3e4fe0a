"""Mistakes in WDL documents and job files: codes, places and advice."""

import time
from pathlib import Path

import pytest

import fairwf
from fairwf.formats import ReadOptions, Source
from fairwf.report import FairwfError, Report, UnsupportedError
from fairwf_wdl import CONVERTER
from tests.converters.wdl.conftest import Reading

PATIENCE_CPU_S = 20
"""Far more than it takes, and less than what grows with the square of the size."""
TASK = "version 1.1\ntask t {\n  input { Int n }\n  command <<< >>>\n}\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("version 1.1\ntask t {\n  comand <<< >>>\n}\n", ("FWF1401", 3, 10)),
        ("version 1.1\nworkflow w { output { Int x = [1] } }\n", ("FWF1401", 2, 31)),
        ("version 1.1\nworkflow w { output { Int x = y } }\n", ("FWF1401", 2, 31)),
        ("version 1.1\nworkflow w { call nothing }\n", ("FWF1401", 2, 14)),
        ('version 1.1\nimport "no.wdl"\nworkflow w { }\n', ("FWF1404", 2, 1)),
        ('version 1.1\nimport "http://x.org/a.wdl"\nworkflow w { }\n', ("FWF1007", 2, 1)),
        ('version 1.1\nimport "/etc/passwd"\nworkflow w { }\n', ("FWF1008", 2, 1)),
        ("version 1.1\ntask t { input { Object o } command <<< >>> }\n", ("FWF1403", 2, 18)),
        ("version 1.3\nworkflow w { }\n", ("FWF1402", 1, 9)),
        ("# first\nversion development\n", ("FWF1402", 2, 9)),
    ],
)
def test_a_mistake_is_told_with_its_place(
    text: str, fault: tuple[str, int, int], wdl: Reading
) -> None:
    assert wdl.faults(text) == [fault]


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ("cat ~{write_map({f: 'x'})}", 31),
        ("cat ~{write_map(given)}", 31),
        ("echo ~{length({f: 1})}", 29),
        ("echo ~{length(given)}", 29),
        ("echo ~{given[f]}", 22),
    ],
)
def test_a_map_with_files_as_keys_is_refused_in_a_task(
    said: str, column: int, wdl: Reading
) -> None:
    text = (
        "version 1.2\ntask t {\n  input { File f  Map[File, String] given }\n"
        f"  command <<< {said} >>>\n}}\n"
    )
    assert wdl.faults(text) == [("FWF1403", 4, column)]


def test_a_task_gives_no_map_with_files_as_keys(wdl: Reading) -> None:
    text = 'version 1.1\ntask t {\n  command <<< >>>\n  output { Map[File, Int] m = {"a": 1} }\n}\n'
    assert wdl.faults(text) == [("FWF1403", 4, 31)]


def test_all_type_errors_are_told_at_once(wdl: Reading) -> None:
    text = "version 1.1\nworkflow w {\n  Int a = [1]\n  Int b = [2]\n}\n"
    assert [line for _, line, _ in wdl.faults(text)] == [3, 4]


def test_what_is_not_supported_has_an_exit_code_of_its_own(wdl: Reading) -> None:
    with pytest.raises(UnsupportedError):
        wdl.document("version 1.3\nworkflow w { }\n")


def test_a_mistake_in_an_import_stands_in_the_import(wdl: Reading) -> None:
    wdl.file("lib/a.wdl", "version 1.1\ntask t { command <<< ~{x} >>> }\n")
    text = 'version 1.1\nimport "lib/a.wdl"\nworkflow w { }\n'
    assert wdl.faults(text) == [("FWF1401", 2, 24)]
    assert wdl.report.errors[0].file == "lib/a.wdl"


def test_a_name_like_an_import_is_guessed(wdl: Reading) -> None:
    wdl.file("tools.wdl", TASK)
    wdl.faults('version 1.1\nimport "tool.wdl"\nworkflow w { }\n')
    assert "tools.wdl" in str(wdl.report.errors[0].hint)


def test_files_that_import_each_other_are_an_error(wdl: Reading) -> None:
    wdl.file("b.wdl", 'version 1.1\nimport "main.wdl"\ntask t { command <<< >>> }\n')
    text = 'version 1.1\nimport "b.wdl"\nworkflow w { }\n'
    assert wdl.faults(text) == [("FWF2004", 2, 1)]
    assert "main.wdl -> b.wdl -> main.wdl" in wdl.report.errors[0].message


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.wdl"
    outside.write_text(TASK)
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "in.wdl").symlink_to(outside)
    main = folder / "main.wdl"
    main.write_text('version 1.1\nimport "in.wdl"\nworkflow w { }\n')
    with pytest.raises(FairwfError) as caught:
        fairwf.load(main)
    assert [d.code for d in caught.value.report.errors] == ["FWF1008"]


@pytest.mark.parametrize(
    "expression",
    ["+".join(["1"] * 3000), "[" * 500 + "]" * 500, "!" * 3000 + "true"],
    ids=["a long sum", "nested arrays", "negations"],
)
def test_a_document_that_nests_too_deeply_is_refused(expression: str, wdl: Reading) -> None:
    text = f"version 1.1\nworkflow w {{ output {{ Int x = {expression} }} }}"
    assert wdl.faults(text) == [("FWF1009", None, None)]


def test_a_long_chain_of_declarations_is_read(wdl: Reading) -> None:
    lines = "\n".join(f"Int a{n} = a{n - 1} + 1" for n in range(1, 500))
    text = f"version 1.1\nworkflow w {{\nInt a0 = 0\n{lines}\noutput {{ Int x = a150 }} }}\n"
    assert wdl.run(text) == {"x": 150}


def test_declarations_that_double_each_other_are_refused(wdl: Reading) -> None:
    lines = ["Array[Int] a0 = [1]"]
    lines += [f"Array[Int] a{n} = flatten([a{n - 1}, a{n - 1}])" for n in range(1, 60)]
    body = "\n".join(lines)
    text = f"version 1.1\nworkflow w {{\n{body}\noutput {{ Array[Int] x = a59 }} }}\n"
    assert [code for code, _, _ in wdl.faults(text)] == ["FWF1009"]


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ('{"t.m": 1}', "there is no input 't.m'"),
        ('{"t.runtime.cpu": 1}', "what a task needs"),
        ("[1]", "a job file holds an object"),
        ('{"t.n": "x"}', "expected a whole number"),
    ],
)
def test_a_wrong_job_file_is_told(job: str, said: str, wdl: Reading) -> None:
    document = fairwf.load(wdl.file("main.wdl", TASK))
    path = wdl.file("job.json", job)
    with pytest.raises(FairwfError) as caught:
        fairwf.run(document, path, run_dir=wdl.folder / "run", container="none")
    told = str(caught.value.report.errors[0])
    assert said in told
    assert "job.json:1:" in told


@pytest.mark.parametrize(
    "job",
    [
        '{"t.text": "text.txt"}',
        '{"text": "text.txt"}',
        '{"text": {"class": "File", "path": "text.txt"}}',
        "t.text: text.txt\n",
    ],
)
def test_a_job_file_names_inputs_with_or_without_the_workflow(job: str, wdl: Reading) -> None:
    wdl.file("jobs/text.txt", "x\n")
    text = (
        "version 1.1\ntask t {\n  input { File text }\n  command <<< cat ~{text} >>>\n"
        "  output { String s = read_string(stdout()) }\n}\n"
    )
    assert wdl.run(text, wdl.file("jobs/job.json", job)) == {"s": "x"}


@pytest.mark.parametrize("head", ["#" * 60_000, "\n" * 60_000, "# a\n" * 15_000, "<<<" * 20_000])
def test_what_only_looks_like_wdl_is_told_at_once(head: str) -> None:
    source = Source(name="a.wdl", given=head.encode())
    assert CONVERTER.detect is not None
    assert CONVERTER.detect(source) == 0
    assert CONVERTER.read is not None
    with pytest.raises(FairwfError):
        CONVERTER.read(source, ReadOptions(), Report())


def test_a_document_of_hints_is_told_at_once() -> None:
    source = Source(name="a.wdl", given=b"version 1.1\n" + b"hints {\n" * 250_000)
    assert CONVERTER.read is not None
    before = time.process_time()
    with pytest.raises(FairwfError) as caught:
        CONVERTER.read(source, ReadOptions(), Report())
    assert time.process_time() - before < PATIENCE_CPU_S
    assert [(one.code, one.line) for one in caught.value.report.errors] == [("FWF1401", 2)]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ('Int n = "many"', True),
        ('Float n = "wide"', True),
        ('Int n = "12"', False),
        ('Float n = "1e3"', False),
        ('String s = "many"', False),
    ],
)
def test_a_text_that_is_no_number_is_told_where_one_is_wanted(
    tmp_path: Path, declared: str, told: bool
) -> None:
    path = tmp_path / "t.wdl"
    path.write_text(f"version 1.1\ntask t {{\n  input {{ {declared} }}\n  command <<< >>>\n}}\n")
    report = Report()
    CONVERTER.read(Source.at(path), ReadOptions(advise=True), report)
    found = [(d.severity, d.line) for d in report if d.code == "FWF1411"]
    assert found == ([("warning", 3)] if told else [])
