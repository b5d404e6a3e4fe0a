"""Outputs: found inside the folder only, checked, described."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.evaluate import Evaluator, FunctionError
from fairwf.engine.task import TaskFailed, compute
from fairwf.engine.task.globbing import matches
from fairwf.ir.command import Argument, StagedItem, Text
from fairwf.ir.expressions import (
    Attr,
    Call,
    Directory,
    Each,
    Expr,
    File,
    Index,
    Input,
    IntLit,
    Local,
    Record,
    Runtime,
    StringLit,
)
from fairwf.ir.origins import Origins, Span
from fairwf.ir.ports import (
    Collect,
    CollectRecord,
    Evaluated,
    FieldFiles,
    Glob,
    InputPort,
    OutputPort,
    SecondaryFile,
    Stderr,
    Stdout,
)
from fairwf.ir.resources import ExitCodes
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    DirectoryType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
)
from fairwf.ir.workflow import Command, Pure, Script

ONE: Type = FileType()
MANY: Type = ArrayType(items=FileType())


def text(value: str) -> StringLit:
    return StringLit(value=value)


def glob(*patterns: str, **options: Any) -> Glob:
    return Glob(patterns=tuple(text(pattern) for pattern in patterns), **options)


def script(body: str, type_: Type, how: Collect | None, **options: Any) -> Script:
    port = {key: options.pop(key) for key in ("secondary", "format", "fields") if key in options}
    output = OutputPort(id="o", type=type_, collect=how, **port)
    return Script(id="tool", body=(Text(text=body),), outputs=(output,), **options)


def failure(place: Any, process: Script, **options: Any) -> tuple[str, str]:
    with pytest.raises(TaskFailed) as caught:
        place.run(process, **options)
    (found,) = caught.value.report
    return found.code, str(found)


# --- patterns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.txt", ["B.txt", "a.txt", "b.txt", "ü.txt"]),
        ("?.txt", ["B.txt", "a.txt", "b.txt", "ü.txt"]),
        ("[ab].txt", ["a.txt", "b.txt"]),
        ("[!ab].txt", ["B.txt", "ü.txt"]),
        ("[[:lower:]].txt", ["a.txt", "b.txt"]),
        (".*", [".hidden"]),
        ("*", ["B.txt", "[x]", "a.txt", "b.txt", "d", "ü.txt"]),
        ("d/*/*", ["d/e/f"]),
        ("d//e/./f", ["d/e/f"]),
        ("*/e", ["d/e"]),
        (r"\[x\]", ["[x]"]),
        ("[[]x]", ["[x]"]),
        ("nothing*", []),
        ("*a*t*", ["a.txt"]),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, names: list[str]) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "B.txt", "ü.txt", ".hidden", "[x]", "d/e/f"):
        (tmp_path / name).write_text("")
    assert [str(p.relative_to(tmp_path)) for p in matches(tmp_path, pattern)] == names
    assert matches(tmp_path, f"{tmp_path}/{pattern}") == matches(tmp_path, pattern)


def test_a_dot_is_the_folder_itself(tmp_path: Path) -> None:
    assert matches(tmp_path, ".") == [tmp_path]


@pytest.mark.parametrize("pattern", ["../*", "/etc/*", "a/../../b", "", "*" * 50, "x\0"])
def test_patterns_that_leave_or_hurt_are_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(FunctionError):
        matches(tmp_path, pattern)


def test_many_stars_end_soon(tmp_path: Path) -> None:
    (tmp_path / ("a" * 250)).write_text("")
    assert matches(tmp_path, "*a" * 20 + "b") == []


# --- files ------------------------------------------------------------------------------------


def test_a_file_has_location_size_and_digests(place: Any) -> None:
    ran = place.run(script("printf four > 'a b.txt'", ONE, glob("*.txt")))
    file = ran.outputs["o"]
    assert file.location == (Path(ran.request.folder) / "a b.txt").as_uri()
    assert (file.basename, file.nameroot, file.nameext, file.size) == ("a b.txt", "a b", ".txt", 4)
    assert file.checksum == "sha1$" + hashlib.sha1(b"four").hexdigest()
    assert file.extensions["fairwf"]["sha256"] == hashlib.sha256(b"four").hexdigest()
    assert file.path is None


@pytest.mark.parametrize(
    ("type_", "names"),
    [
        (MANY, ["a", "b"]),
        (OptionalType(item=MANY), ["a", "b"]),
        (AnyType(), ["a", "b"]),
    ],
)
def test_arrays_take_all_matches_in_order(place: Any, type_: Type, names: list[str]) -> None:
    outputs = place.run(script("touch b a", type_, glob("b", "*"))).outputs
    assert sorted(file.basename for file in outputs["o"]) == names
    assert [file.basename for file in outputs["o"]] == ["b", "a"]


def test_no_match(place: Any) -> None:
    assert place.run(script("", OptionalType(item=ONE), glob("x"))).outputs == {"o": None}
    assert place.run(script("", MANY, glob("x"))).outputs == {"o": []}
    code, line = failure(place, script("touch found.txt", ONE, glob("*.csv", "x")))
    assert code == "FWF4003"
    assert "nothing matches '*.csv' or 'x' (the folder holds 'found.txt')" in line


def test_several_matches_for_one_file(place: Any) -> None:
    code, line = failure(place, script("touch a b", ONE, glob("*")))
    assert code == "FWF4018"
    assert "one file is wanted, 2 match: 'a', 'b'" in line


def test_a_folder_where_a_file_is_wanted(place: Any) -> None:
    code, _ = failure(place, script("mkdir d", ONE, glob("d")))
    assert code == "FWF4018"


def test_folders_are_listed_when_asked(place: Any) -> None:
    body = "mkdir -p d/e; printf 1 > d/e/f"
    plain = place.run(script(body, DirectoryType(), glob("d"))).outputs["o"]
    assert plain.listing is None
    deep = place.run(script(body, DirectoryType(), glob("d", load_listing="deep"))).outputs["o"]
    assert deep.listing[0].listing[0].checksum.startswith("sha1$")


def test_standard_streams(place: Any) -> None:
    out = place.run(script("echo out; echo err >&2", ONE, Stdout())).outputs["o"]
    assert (out.size, out.nameext) == (4, ".stdout")
    err = place.run(script("echo error >&2", ONE, Stderr(), stderr=text("log"))).outputs["o"]
    assert (err.size, err.basename) == (6, "log")


@pytest.mark.parametrize(
    "body",
    [
        "ln -s /etc/passwd o",
        "ln -s /etc o",
        "mkdir o; ln -s /etc/passwd o/x",
        "ln -s ../../.. o",
        "ln -s nowhere o",
        "ln -s b o; ln -s /etc/hosts b",
    ],
)
def test_links_out_of_the_folder_are_refused(place: Any, body: str) -> None:
    code, _ = failure(place, script(body, AnyType(), glob("o")))
    assert code in ("FWF4014", "FWF4018")


def test_links_to_the_inputs_are_allowed(place: Any) -> None:
    path = place.file("in.txt", "hello")
    process = script(
        "ln -s ../../data/in.txt linked",
        ONE,
        glob("linked"),
        inputs=(InputPort(id="f", type=ONE),),
    )
    file = place.run(process, {"f": File(path="in.txt")}).outputs["o"]
    assert (file.basename, file.location) == ("linked", path.as_uri())


def test_files_that_a_document_stages_lie_beside_it_and_may_be_outputs(place: Any) -> None:
    path = place.file("doc/notes.txt", "hello")
    notes = File(location="notes.txt")
    origins = Origins()
    origins.set(notes, Span(str(path.with_name("tool.cwl")), 1, 1, 1, 2))
    process = script("", ONE, glob("notes.txt"), staging=(StagedItem(value=notes),))
    assert place.run(process, origins=origins).outputs["o"].location == path.as_uri()


def test_pipes_are_no_outputs(place: Any) -> None:
    code, line = failure(place, script("mkfifo o", ONE, glob("o")))
    assert code == "FWF4018"
    assert "neither a file nor a folder" in line


@pytest.mark.parametrize("name", ["a b", "-rf", "ünï", "a\nb", "'", "%41", "#x?"])
def test_hostile_names_survive(place: Any, name: str) -> None:
    quoted = "'" + name.replace("'", "'\\''") + "'"
    ran = place.run(script(f"printf x > ./{quoted}", ONE, glob("*")))
    file = ran.outputs["o"]
    assert file.basename == name
    read = Evaluator().evaluate(
        Call(function="read_text", args=(file,)),
        _Nothing(),
    )
    assert read == "x"


class _Nothing:
    def resolve(self, reference: object) -> Any:
        raise AssertionError(reference)

    def demand_path(self, path: str) -> Any:
        raise AssertionError(path)

    def readable(self, value: Any) -> Any:
        return value


# --- secondary files, formats, contents, expressions ------------------------------------------


def test_secondary_files_of_outputs_are_optional_unless_said(place: Any) -> None:
    from fairwf.ir.expressions import BoolLit

    patterns = (SecondaryFile(pattern=text(".idx")), SecondaryFile(pattern=text("^.no")))
    process = script("touch a.x a.x.idx", ONE, glob("a.x"), secondary=patterns)
    (index,) = place.run(process).outputs["o"].secondary
    assert index.basename == "a.x.idx"
    assert index.checksum is not None
    needed = (SecondaryFile(pattern=text("^.no"), required=BoolLit(value=True)),)
    code, line = failure(place, script("touch a.x", ONE, glob("a.x"), secondary=needed))
    assert code == "FWF4003"
    assert "'a.no'" in line


def test_formats_are_noted(place: Any) -> None:
    iri = "http://edamontology.org/format_2330"
    process = script("touch a", MANY, glob("a"), format=(text(iri),))
    assert place.run(process).outputs["o"][0].format == iri


def test_an_expression_computes_from_the_matches_and_the_exit_code(place: Any) -> None:
    contents = Attr(of=Index(of=Local(name="self"), by=IntLit(value=0)), name="contents")
    number = Call(function="to_int", args=(contents,))
    total = Call(function="add", args=(number, Runtime(name="exitCode")))
    how = glob("n", load_contents=True, evaluate=total)
    process = script("printf 40 > n; exit 2", IntType(), how, exit_codes=ExitCodes(success=(2,)))
    assert place.run(process).outputs == {"o": 42}


def test_an_expression_sees_the_checksum_of_what_was_found(place: Any) -> None:
    checksum = Attr(of=Index(of=Local(name="self"), by=IntLit(value=0)), name="checksum")
    process = script("printf abc > a.txt", StringType(), glob("a.txt", evaluate=checksum))
    assert place.run(process).outputs["o"] == f"sha1${hashlib.sha1(b'abc').hexdigest()}"


def test_large_contents_are_refused(place: Any) -> None:
    how = glob("n", load_contents=True, evaluate=IntLit(value=1))
    code, line = failure(place, script("head -c 65537 /dev/zero > n", IntType(), how))
    assert code == "FWF4018"
    assert "65536" in line


def test_no_match_for_an_expression_is_an_empty_array(place: Any) -> None:
    how = glob("x", evaluate=Call(function="length", args=(Local(name="self"),)))
    assert place.run(script("", IntType(), how)).outputs == {"o": 0}


def test_files_that_an_expression_names_must_lie_inside(place: Any) -> None:
    def named(path: str) -> Script:
        file = File(path=path)
        return script("printf 1 > mine", ONE, Evaluated(value=file))

    assert place.run(named("mine")).outputs["o"].size == 1
    assert failure(place, named("/etc/passwd"))[0] == "FWF4014"
    assert failure(place, named("../logs/script"))[0] == "FWF4014"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("", ".."),
        ("mkdir sub", "sub/../.."),
        ("ln -s .. up", "up"),
        ("mkdir sub; ln -s ../.. sub/up", "sub/up"),
    ],
)
def test_no_folder_above_is_handed_out(place: Any, body: str, path: str) -> None:
    process = script(body, DirectoryType(), Evaluated(value=Directory(path=path)))
    code, line = failure(place, process)
    assert code == "FWF4014"
    assert "leads out of the task's folder, to" in line


def test_an_expression_may_give_a_literal_file(place: Any) -> None:
    literal = script("", ONE, Evaluated(value=File(contents="abc", basename="l")))
    file = place.run(literal).outputs["o"]
    assert (file.size, file.location) == (3, None)


def test_records_are_collected_member_by_member(place: Any) -> None:
    type_ = RecordType(
        fields=(
            RecordField(name="bam", type=ONE),
            RecordField(name="logs", type=MANY),
        )
    )
    how = CollectRecord(fields={"bam": glob("*.bam"), "logs": glob("*.log")})
    fields = {"bam": FieldFiles(secondary=(SecondaryFile(pattern=text(".bai")),))}
    process = script("touch a.bam a.bam.bai", type_, how, fields=fields)
    record = place.run(process).outputs["o"]
    assert record["bam"].secondary[0].basename == "a.bam.bai"
    assert record["logs"] == []


def test_an_output_must_have_its_type(place: Any) -> None:
    code, line = failure(place, script("", IntType(), Evaluated(value=text("x"))))
    assert code == "FWF4018"
    assert "output 'o': expected a whole number, found the text 'x'" in line
    ok = place.run(script("", FloatType(), Evaluated(value=IntLit(value=1)))).outputs["o"]
    assert type(ok) is float


# --- the outputs file -------------------------------------------------------------------------


def told(body: str, type_: Type = ONE) -> Script:
    return script(body, type_, None, outputs_file="out.json")


def test_a_task_can_tell_its_outputs_itself(place: Any) -> None:
    body = """printf 12 > made
cat > out.json <<'END'
{"o": {"class": "File", "path": "made"}, "more": 1}
END
"""
    outputs, prepared, _ = place.run(told(body))
    assert set(outputs) == {"o"}
    assert (outputs["o"].size, outputs["o"].basename) == (2, "made")
    (warning,) = prepared.warnings
    assert warning.code == "FWF4051" and "'more', which is no output" in warning.message


@pytest.mark.parametrize(
    ("json", "code"),
    [
        ('{"o": {"class": "File", "path": "/etc/passwd"}}', "FWF4014"),
        ('{"o": {"class": "File", "path": "../../x"}}', "FWF4018"),
        ('{"o": {"class": "File", "location": "https://example.org/"}}', "FWF4018"),
        ('{"o": 1}', "FWF4018"),
        ("{}", "FWF4003"),
        ("[]", "FWF4018"),
        ("{", "FWF4018"),
    ],
)
def test_what_a_task_tells_is_checked(place: Any, json: str, code: str) -> None:
    assert failure(place, told(f"cat > out.json <<'END'\n{json}\nEND\n"))[0] == code


def test_a_number_too_large_for_a_float_is_not_dropped(place: Any) -> None:
    body = "cat > out.json <<'END'\n{\"o\": [1e999, 2]}\nEND\n"
    assert place.run(told(body, AnyType())).outputs["o"] == [math.inf, 2]


def test_the_outputs_file_may_be_absent(place: Any) -> None:
    process = script("touch a", ONE, glob("a"), outputs_file="out.json")
    assert place.run(process).outputs["o"].basename == "a"


# --- ends -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "codes", "temporary"),
    [
        (1, ExitCodes(), False),
        (7, ExitCodes(temporary_failure=(7,)), True),
        (0, ExitCodes(permanent_failure=(0,)), False),
        (0, ExitCodes(temporary_failure=(0,)), True),
    ],
)
def test_exit_codes_that_fail(place: Any, code: int, codes: ExitCodes, temporary: bool) -> None:
    process = script(f"echo why >&2; exit {code}", MANY, glob("x"), exit_codes=codes)
    with pytest.raises(TaskFailed) as caught:
        place.run(process)
    assert caught.value.temporary is temporary
    assert caught.value.task_exit_code == code
    (found,) = caught.value.report
    assert found.code == "FWF4001"
    assert f"ended with exit code {code}" in found.message
    assert found.hint is not None
    assert found.hint.endswith("why")


def test_messages_of_programs_cannot_write_on_the_terminal(place: Any) -> None:
    _, line = failure(place, script(r"printf '\033[2Jboo\n' >&2; exit 1", MANY, glob("x")))
    assert "\033" not in line
    assert "boo" in line


def test_time_limit_and_signal(place: Any) -> None:
    from fairwf.ir.expressions import FloatLit
    from fairwf.ir.resources import Resources

    slow = script("sleep 600", MANY, glob("x"), resources=Resources(time=FloatLit(value=0.2)))
    assert failure(place, slow)[0] == "FWF4007"
    code, line = failure(place, script("kill -9 $$", MANY, glob("x")))
    assert code == "FWF4001"
    assert "signal 9" in line


# --- pure processes ---------------------------------------------------------------------------


def pure(result: Expr, type_: Type) -> Pure:
    inputs = (InputPort(id="a", type=ArrayType(items=IntType())),)
    return Pure(inputs=inputs, outputs=(OutputPort(id="o", type=type_),), result=result)


def test_pure_processes_compute_their_outputs() -> None:
    doubled = Each(
        name="x",
        over=Input(name="a"),
        body=Call(function="multiply", args=(Local(name="x"), IntLit(value=2))),
    )
    process = pure(Record(fields={"o": doubled, "more": text("x")}), ArrayType(items=FloatType()))
    assert repr(compute(process, {"a": [1, 2]}, Evaluator())) == "{'o': [2.0, 4.0]}"


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (Record(fields={"o": text("x")}), "FWF4018"),
        (Record(fields={}), "FWF4018"),
        (text("x"), "FWF4018"),
        (Record(fields={"o": Index(of=Input(name="a"), by=IntLit(value=5))}), "FWF4002"),
        (Record(fields={"o": File(location="/no/such/file")}), "FWF4018"),
    ],
)
def test_pure_processes_that_give_something_else_fail(result: Expr, code: str) -> None:
    with pytest.raises(TaskFailed) as caught:
        compute(pure(result, IntType()), {"a": [1]}, Evaluator())
    assert caught.value.report.errors[0].code == code


def test_a_command_that_needs_no_shell_gets_no_shell(place: Any) -> None:
    process = Command(
        arguments=tuple(Argument(value=text(word)) for word in ("echo", "$HOME", "`id`", "a;b")),
        outputs=(OutputPort(id="o", type=ONE, collect=Stdout()),),
        stdout=text("o"),
    )
    ran = place.run(process)
    assert (Path(ran.request.folder) / "o").read_text() == "$HOME `id` a;b\n"
    assert [entry.name for entry in Path(ran.request.folder).iterdir()] == ["o"]
    assert isinstance(ran.outputs["o"], File)
