"""CommandLineTools, ExpressionTools and Operations in the IR."""

from typing import Any

import pytest

from fairwf.ir import types as ty
from fairwf.ir.canonical import same, to_plain
from fairwf.ir.command import Argument, Rendering, Words
from fairwf.ir.expressions import (
    Attr,
    BoolLit,
    Call,
    Directory,
    File,
    Index,
    Input,
    IntLit,
    Local,
    Opaque,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import CollectRecord, Evaluated, Glob, Stderr, Stdout
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Command, Operation, Pure, Script

INT, FILE, STRING = ty.IntType(bits=32), ty.FileType(), ty.StringType()


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("int", INT),
        ("long", ty.IntType(bits=64)),
        ("float", ty.FloatType(bits=32)),
        ("double", ty.FloatType(bits=64)),
        ("boolean", ty.BoolType()),
        ("Any", ty.AnyType()),
        ('"null"', ty.NoneType()),
        ("Directory", ty.DirectoryType()),
        ("File?", ty.OptionalType(item=FILE)),
        ("'int[]'", ty.ArrayType(items=INT)),
        ("'string[]?'", ty.OptionalType(item=ty.ArrayType(items=STRING))),
        ('["null", int, string]', ty.OptionalType(item=ty.UnionType(members=(INT, STRING)))),
        ('[int, "null"]', ty.OptionalType(item=INT)),
        ("{type: array, items: [File, 'null']}", ty.ArrayType(items=ty.OptionalType(item=FILE))),
        ("{type: enum, symbols: [a, b]}", ty.EnumType(symbols=("a", "b"))),
        ("{type: enum, name: n, symbols: ['#n/a']}", ty.EnumType(symbols=("a",), name="n")),
        (
            "{type: record, name: r, fields: {a: int, b: {type: File, doc: d}}}",
            ty.RecordType(
                name="r",
                fields=(
                    ty.RecordField(name="a", type=INT),
                    ty.RecordField(name="b", type=FILE, doc="d"),
                ),
            ),
        ),
    ],
)  # fmt: skip
def test_types(cwl: Any, text: str, type_: Any) -> None:
    tool = cwl.tool(f"inputs: [{{id: x, type: {text}}}]")
    assert same(tool.inputs[0].type, type_)


def test_named_types_come_from_schema_def_requirement_and_from_files(cwl: Any) -> None:
    cwl.file("types.yml", "- {name: colour, type: enum, symbols: [red, blue]}\n")
    tool = cwl.tool(
        "requirements:\n  SchemaDefRequirement:\n    types:\n"
        "      - $import: types.yml\n      - {name: pair, type: record, fields: {c: colour}}\n"
        "inputs: {a: colour, b: 'pair[]', c: types.yml#colour}\n"
    )
    colour = ty.EnumType(symbols=("red", "blue"), name="colour")
    assert same(tool.inputs[0].type, colour)
    assert tool.inputs[1].type.items.fields[0].type.symbols == ("red", "blue")
    assert same(tool.inputs[2].type, colour)


def _words(tool: Any) -> list[str]:
    """The arguments in order: texts, or the names of inputs."""
    arguments = tool.body[0].arguments if isinstance(tool, Script) else tool.arguments
    return [a.value.value if isinstance(a.value, StringLit) else a.value.name for a in arguments]


def test_the_command_line_is_sorted_by_position_then_arguments_then_name(cwl: Any) -> None:
    tool = cwl.tool(
        "baseCommand: [prog, sub]\n"
        "arguments: [first, {position: 2, valueFrom: later}, {position: -1, valueFrom: early}]\n"
        "inputs:\n"
        "  b: {type: string, inputBinding: {}}\n"
        "  a: {type: string, inputBinding: {position: 0}}\n"
        "  z: {type: string, inputBinding: {position: -5}}\n"
        "  unbound: string\n"
    )
    assert isinstance(tool, Command)
    assert _words(tool) == ["prog", "sub", "z", "early", "first", "a", "b", "later"]


def test_a_computed_position_is_kept_with_all_others(cwl: Any) -> None:
    tool = cwl.tool(
        "requirements: {InlineJavascriptRequirement: {}}\n"
        "baseCommand: prog\n"
        "arguments: [{position: 3, valueFrom: three}]\n"
        "inputs:\n  x: {type: int, inputBinding: {position: $(self)}}\n"
        "  y: {type: int, inputBinding: {}}\n"
    )
    positions = [a.position for a in tool.arguments]
    assert [p if p is None else to_plain(p) for p in positions] == [
        {"kind": "int_lit", "value": -(2**31)},
        {"kind": "int_lit", "value": 3},
        {"kind": "input", "name": "x"},
        None,
    ]


def test_bindings_inside_arrays_records_and_unions_nest(cwl: Any) -> None:
    tool = cwl.tool(
        "inputs:\n"
        "  joined: {type: 'int[]', inputBinding: {prefix: -j,"
        " itemSeparator: ',', separate: false}}\n"
        "  each:\n"
        "    type: {type: array, items: string, inputBinding: {prefix: -e}}\n"
        "    inputBinding: {position: 1, prefix: --all}\n"
        "  either:\n"
        "    inputBinding: {position: 2}\n"
        "    type:\n"
        "      - {type: enum, symbols: [a]}\n"
        "      - {type: array, items: string, inputBinding: {prefix: -s}}\n"
        "  wrapped:\n"
        "    inputBinding: {position: 3, prefix: -r}\n"
        "    type:\n"
        "      type: record\n"
        "      fields:\n"
        "        p: {type: int, inputBinding: {position: 2, prefix: -p}}\n"
        "        q: {type: int, inputBinding: {position: 1, prefix: -q}}\n"
        "        n: int\n"
    )
    joined, each, either, wrapped = (a.rendering for a in tool.arguments)
    assert (joined.prefix, joined.item_separator, joined.separate) == ("-j", ",", False)
    assert each.prefix == "--all"
    assert each.items is not None and each.items.prefix == "-e"
    assert [type(case.type).__name__ for case in either.cases] == ["EnumType", "ArrayType"]
    assert [(f.name, f.rendering.prefix) for f in wrapped.fields] == [("q", "-q"), ("p", "-p")]


def test_members_of_a_record_without_binding_stand_among_the_other_arguments(cwl: Any) -> None:
    tool = cwl.tool(
        "arguments: [{position: 1, valueFrom: middle}]\n"
        "inputs:\n"
        "  r:\n"
        "    type:\n"
        "      type: record\n"
        "      fields:\n"
        "        last: {type: int, inputBinding: {position: 2}}\n"
        "        first: {type: int, inputBinding: {position: 0}}\n"
        "  s:\n"
        "    type:\n"
        "      - 'null'\n"
        "      - {type: record, fields: {o: {type: int, inputBinding: {position: 3}}}}\n"
    )
    values = [a.value for a in tool.arguments]
    assert same(values[0], Attr(of=Input(name="r"), name="first"))
    assert same(values[1], StringLit(value="middle"))
    assert same(values[2], Attr(of=Input(name="r"), name="last"))
    assert same(values[3], Call(function="get", args=(Input(name="s"), StringLit(value="o"))))


def test_value_from_of_a_binding_computes_from_self(cwl: Any) -> None:
    tool = cwl.tool("inputs:\n  f: {type: File, inputBinding: {valueFrom: $(self.nameroot).x}}\n")
    expected = Template(parts=(Attr(of=Local(name="self"), name="nameroot"), StringLit(value=".x")))
    assert same(tool.arguments[0].value, Input(name="f"))
    assert tool.arguments[0].rendering.value is not None
    assert same(tool.arguments[0].rendering.value, expected)


def test_shell_command_requirement_makes_a_script_of_words(cwl: Any) -> None:
    tool = cwl.tool(
        "requirements: {ShellCommandRequirement: {}}\nbaseCommand: echo\n"
        "arguments: [{shellQuote: false, valueFrom: '| cat'}]\n"
    )
    assert isinstance(tool, Script)
    assert (tool.interpreter, tool.delivery) == (("/bin/sh", "-c"), "argument")
    words = tool.body[0]
    assert isinstance(words, Words)
    assert same(words.arguments[0], Argument(value=StringLit(value="echo")))
    assert same(words.arguments[1].rendering, Rendering(quote=False))


def test_standard_streams(cwl: Any) -> None:
    tool = cwl.tool(
        "inputs: {in: stdin}\noutputs: {o: stdout, e: stderr}\nstdout: $(inputs.in.basename)\n"
    )
    assert same(tool.inputs[0].type, FILE)
    assert same(tool.stdin, Attr(of=Input(name="in"), name="path"))
    assert same(tool.stdout, Attr(of=Input(name="in"), name="basename"))
    assert tool.stderr is None
    assert isinstance(tool.outputs[0].collect, Stdout)
    assert isinstance(tool.outputs[1].collect, Stderr)


def test_outputs_are_collected_by_glob_by_expression_and_by_member(cwl: Any) -> None:
    tool = cwl.tool(
        "requirements: {InlineJavascriptRequirement: {}}\n"
        "inputs: {n: int}\n"
        "outputs:\n"
        "  g: {type: 'File[]', outputBinding: {glob: ['*.a', '$(inputs.n).b']}}\n"
        "  e: {type: int, outputBinding: {outputEval: $(inputs.n)}}\n"
        "  s: {type: Any, outputBinding: {outputEval: $(self)}}\n"
        "  c:\n"
        "    type: string\n"
        "    outputBinding: {glob: o, loadContents: true, outputEval: '$(self[0].contents)'}\n"
        "  r:\n"
        "    type:\n"
        "      type: record\n"
        "      fields:\n"
        "        a: {type: File, outputBinding: {glob: a}}\n"
        "        b: {type: Directory, outputBinding: {glob: b, loadListing: deep_listing}}\n"
        "  none: string?\n"
    )
    by_id = {port.id: port.collect for port in tool.outputs}
    assert isinstance(by_id["g"], Glob) and len(by_id["g"].patterns) == 2
    assert same(by_id["e"], Evaluated(value=Input(name="n")))
    assert same(by_id["s"], Glob(patterns=(), evaluate=Local(name="self")))
    first = Call(function="get", args=(Local(name="self"), IntLit(value=0)))
    assert by_id["c"].load_contents
    assert same(by_id["c"].evaluate, Attr(of=first, name="contents"))
    assert isinstance(by_id["r"], CollectRecord)
    assert by_id["r"].fields["b"].load_listing == "deep"
    assert by_id["none"] is None


def test_secondary_files_in_all_their_forms(cwl: Any) -> None:
    tool = cwl.tool(
        "inputs:\n"
        "  a: {type: File, secondaryFiles: .fai}\n"
        "  b: {type: File, secondaryFiles: [^.dict, .idx?]}\n"
        "  c: {type: File, secondaryFiles: {pattern: .x, required: false}}\n"
        "  d: {type: File, secondaryFiles: [{pattern: $(self.basename).y,"
        " required: $(inputs.n)}]}\n"
        "  n: boolean\n"
        "  r: {type: {type: record, fields: {f: {type: File, secondaryFiles: .z,"
        " format: 'x:1'}}}}\n"
        "  e: {type: File, secondaryFiles: $(self.basename).y?}\n"
        "$namespaces: {x: http://x/}\n"
    )
    a, b, c, d, _, r, e = tool.inputs
    assert [to_plain(s) for s in a.secondary] == [
        {"pattern": {"kind": "string_lit", "value": ".fai"}}
    ]
    assert (b.secondary[0].pattern.value, b.secondary[0].required) == ("^.dict", None)
    assert b.secondary[1].pattern.value == ".idx"
    assert same(b.secondary[1].required, BoolLit(value=False))
    assert same(c.secondary[0].required, BoolLit(value=False))
    assert same(d.secondary[0].required, Input(name="n"))
    assert isinstance(d.secondary[0].pattern, Template)
    assert same(e.secondary[0].pattern, d.secondary[0].pattern)
    assert same(e.secondary[0].required, BoolLit(value=False))
    assert r.fields["f"].secondary[0].pattern.value == ".z"
    assert same(r.fields["f"].format[0], StringLit(value="http://x/1"))


def test_defaults_and_their_files_are_relative_to_the_main_document(cwl: Any) -> None:
    cwl.file(
        "tools/t.cwl",
        "cwlVersion: v1.2\nclass: CommandLineTool\noutputs: []\ninputs:\n"
        "  f: {type: File, default: {class: File, location: ../data/a%20b.txt, format: e:1}}\n"
        "  d: {type: Directory, default: {class: Directory, path: sub%20x}}\n"
        "  n: {type: long, default: 9007199254740993}\n"
        "  r: {type: Any, default: {k: [1, 2.0, null]}}\n"
        "$namespaces: {e: http://e/}\n",
    )
    workflow = cwl.document(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\n"
        "steps: {s: {run: tools/t.cwl, in: {}, out: []}}\n"
    ).workflow
    file, folder, number, record = workflow.steps[0].run.inputs
    assert same(file.default, File(location="data/a b.txt", format="http://e/1"))
    assert same(folder.default, Directory(location="tools/sub%20x"))
    assert number.default.number == 2**53 + 1
    assert to_plain(record.default)["fields"]["k"]["items"] == [
        {"kind": "int_lit", "value": 1},
        {"kind": "float_lit", "value": 2.0},
        {"kind": "none_lit"},
    ]


def test_requirements_of_the_environment(cwl: Any) -> None:
    tool = cwl.tool(
        "requirements:\n"
        "  DockerRequirement: {dockerPull: 'debian@sha256:00', dockerOutputDirectory: /out}\n"
        "  EnvVarRequirement: {envDef: {A: $(inputs.n), B: text}}\n"
        "  ToolTimeLimit: {timelimit: 60}\n"
        "  NetworkAccess: {networkAccess: true}\n"
        "  WorkReuse: {enableReuse: false}\n"
        "  InplaceUpdateRequirement: {inplaceUpdate: true}\n"
        "  InitialWorkDirRequirement:\n"
        "    listing:\n"
        "      - $(inputs.f)\n"
        "      - {entryname: x.txt, entry: ' $(inputs.n) ', writable: true}\n"
        "      - {class: File, basename: lit, contents: hi}\n"
        "hints:\n"
        "  ResourceRequirement: {coresMin: 2, ramMin: $(inputs.n), tmpdirMax: 5, outdirMin: 1.5}\n"
        "  SoftwareRequirement: {packages: {awk: {version: ['1'],"
        " specs: [http://a]}, sed: [http://s]}}\n"
        "inputs: {n: int, f: File}\n"
    )
    assert tool.environment.container.image.value == "debian@sha256:00"
    assert tool.environment.container.digest == "sha256:00"
    assert tool.environment.container.output_directory == "/out"
    assert same(tool.environment.variables["A"], Input(name="n"))
    assert [p.name for p in tool.environment.packages] == ["awk", "sed"]
    assert not tool.environment.packages_required
    assert tool.environment.packages[1].specs == ("http://s",)
    assert (tool.network, tool.cacheable, tool.in_place) == ("outgoing", False, True)
    assert same(tool.resources.time, IntLit(value=60))
    assert same(tool.resources.cores.min, IntLit(value=2))
    assert same(tool.resources.memory.min, Input(name="n"))
    assert same(tool.resources.tmp_space.max, IntLit(value=5))
    assert tool.resources.out_space.min.number == 1.5
    assert not tool.resources.required
    bare, text, literal = tool.staging
    assert same(bare.value, Input(name="f")) and bare.name is None
    assert same(
        text.value,
        Template(parts=(StringLit(value=" "), Input(name="n"), StringLit(value=" "))),
    )
    assert same(text.name, StringLit(value="x.txt")) and text.writable
    assert same(literal.value, File(basename="lit", contents="hi"))


def test_exit_codes_listings_and_contents(cwl: Any) -> None:
    tool = cwl.tool(
        "requirements: {LoadListingRequirement: {loadListing: shallow_listing}}\n"
        "inputs:\n"
        "  d: Directory\n"
        "  e: {type: Directory, loadListing: no_listing}\n"
        "  f: {type: File, loadContents: true, streamable: true}\n"
        "successCodes: [0, 3]\ntemporaryFailCodes: [4]\npermanentFailCodes: [5]\n"
    )
    assert [port.load_listing for port in tool.inputs] == ["shallow", "none", None]
    assert tool.inputs[2].load_contents and tool.inputs[2].streamable
    assert tool.exit_codes.success == (0, 3)
    assert tool.exit_codes.temporary_failure == (4,)
    assert tool.exit_codes.permanent_failure == (5,)


def test_defaults_of_older_versions(cwl: Any) -> None:
    old = cwl.tool("inputs: {d: Directory}\n", "v1.0")
    new = cwl.tool("inputs: {d: Directory}\n", "v1.1")
    assert (old.network, old.inputs[0].load_listing) == ("outgoing", "deep")
    assert (new.network, new.inputs[0].load_listing) == ("none", None)


def test_an_expression_tool_is_pure_and_keeps_its_library(cwl: Any) -> None:
    pure = cwl.document(
        "cwlVersion: v1.2\nclass: ExpressionTool\n"
        "requirements: {InlineJavascriptRequirement: {expressionLib: ['var one = 1;']}}\n"
        "inputs: {a: int}\noutputs: {b: int}\nexpression: '${ return {b: inputs.a + one}; }'\n"
    ).workflow
    assert isinstance(pure, Pure)
    assert isinstance(pure.result, Opaque)
    assert (pure.result.language, pure.result.form) == ("javascript", "body")
    assert [library.text for library in pure.libraries] == ["var one = 1;"]


def test_an_operation_keeps_what_it_asks_for(cwl: Any) -> None:
    operation = cwl.document(
        "cwlVersion: v1.2\nclass: Operation\ninputs: {a: File}\noutputs: {b: File}\n"
        "hints: {ResourceRequirement: {coresMin: 2}}\n"
    ).workflow
    assert isinstance(operation, Operation)
    assert operation.extensions["cwl"]["hints"] == {"ResourceRequirement": {"coresMin": 2}}


def test_descriptions_and_metadata_are_read_and_kept(cwl: Any) -> None:
    tool = cwl.tool(
        "id: '#tool'\nlabel: L\ndoc: [one, two]\nintent: [e:operation_1]\n"
        "inputs: {x: {type: File, label: l, doc: d, format: e:format_1, s:note: kept}}\n"
        "$namespaces: {s: https://schema.org/, e: http://edamontology.org/}\n"
        "$schemas: [http://example.org/schema.rdf]\n"
        "s:author: [{class: s:Person, s:name: Ada,"
        " s:identifier: https://orcid.org/0000-0001-0000-0009,"
        " s:email: 'mailto:a@b.c'}]\n"
        "s:license: https://spdx.org/licenses/MIT\ns:keywords: [a, b]\ns:version: '2'\n"
        "s:about: [{s:url: e:topic_1}]\n"
    )
    assert (tool.id, tool.label, tool.doc) == ("tool", "L", "one\ntwo")
    assert tool.intent == ("http://edamontology.org/operation_1",)
    assert same(tool.inputs[0].format[0], StringLit(value="http://edamontology.org/format_1"))
    assert tool.inputs[0].extensions == {"cwl": {"s:note": "kept"}}
    kept = tool.extensions["cwl"]
    assert kept["$namespaces"]["s"] == "https://schema.org/"
    assert kept["$schemas"] == ["http://example.org/schema.rdf"]
    assert kept["s:license"] == "https://spdx.org/licenses/MIT"
    said = tool.metadata
    assert (said.creators[0].name, said.creators[0].email) == ("Ada", "a@b.c")
    assert said.creators[0].id == "https://orcid.org/0000-0001-0000-0009"
    assert (said.license, said.version) == ("https://spdx.org/licenses/MIT", "2")
    assert said.keywords == ("a", "b")
    assert said.topics == ("http://edamontology.org/topic_1",)


def test_what_types_say_of_themselves_is_kept(cwl: Any) -> None:
    tool = cwl.tool(
        "inputs: {x: {type: {type: array, doc: D, items: {type: enum, label: E, symbols: [a]}}}}\n"
    )
    assert tool.inputs[0].extensions["cwl"]["types"] == {"": {"doc": "D"}, "items": {"label": "E"}}


def test_unknown_hints_are_kept_with_a_warning(cwl: Any) -> None:
    tool = cwl.tool("hints: [{class: 'http://x/Special', level: 3}]\n")
    assert tool.extensions["cwl"]["hints"] == {"http://x/Special": {"level": 3}}
    assert [d.code for d in cwl.report] == ["FWF1107"]


def test_cuda_requirement_of_cwltool_becomes_gpus(cwl: Any) -> None:
    tool = cwl.tool(
        "$namespaces: {cwltool: http://commonwl.org/cwltool#}\n"
        "hints: {'cwltool:CUDARequirement': {cudaVersionMin: '11.4', cudaDeviceCountMin: 2,"
        " cudaComputeCapability: ['8.0']}}\n"
    )
    assert tool.resources.gpu.cuda_version_min == "11.4"
    assert same(tool.resources.gpu.count.min, IntLit(value=2))


def test_every_node_has_an_origin_and_ids_point_at_their_key(cwl: Any) -> None:
    document = cwl.document(
        "cwlVersion: v1.2\nclass: CommandLineTool\ninputs:\n  reads:\n    type: File\noutputs: []\n"
        "arguments: [$(runtime.cores), '$(inputs.reads.secondaryFiles[0])']\n"
    )
    assert all(node in document.origins for _, node in walk(document.workflow))
    span = document.origins.get(document.workflow.inputs[0], "id")
    assert (span.line, span.column) == (4, 3)
    cores, file = (a.value for a in document.workflow.arguments)
    assert same(cores, Runtime(name="cores"))
    assert same(file, Index(of=Attr(of=Input(name="reads"), name="secondary"), by=IntLit(value=0)))


def test_comments_belong_to_the_node_that_follows(cwl: Any) -> None:
    document = cwl.document(
        "#!/usr/bin/env cwl-runner\n# About it all.\ncwlVersion: v1.2\nclass: CommandLineTool\n"
        "inputs:\n  # The reads.\n  # Two lines.\n  reads: File\n"
        "  other:\n    type: string\n    doc: |\n      text\n      # no comment\n"
        "outputs: []\n# At the end.\n"
    )
    assert document.comments["/inputs/reads"] == ("The reads.", "Two lines.")
    assert document.comments[""] == ("About it all.",)
    assert document.comments["/"] == ("At the end.",)
    assert not any("no comment" in text for texts in document.comments.values() for text in texts)


def test_null_values_say_nothing(cwl: Any) -> None:
    tool = cwl.tool(
        "label: null\nstdin: null\nbaseCommand: null\ninputs: {a: {type: int, default: null}}\n"
    )
    assert tool.label is None and tool.stdin is None and tool.arguments == ()
    assert tool.inputs[0].default is None
