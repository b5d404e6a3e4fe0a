"""Hostile values, names and texts that mutations put into documents."""

from __future__ import annotations

from typing import Any

PATHS = (
    "/etc/passwd", "file:///etc/passwd", "../../../../../../etc/passwd", "..", ".", "/", "//",
    "~", "a/../../b", "http://127.0.0.1:9/x", "https://example.invalid/a.cwl", "ftp://h/x",
    "file://host/x", "file:", "#", "#main", "x#y#z", "%2e%2e/%2e%2e", "a\nb", "a\0b", "/dev/null",
    "CON", ".git/config", "-rf", "--", "$HOME", "`id`", "$(id)", "a b", "\u202etxt.exe",
)  # fmt: skip

EXPRESSIONS = (
    "$(inputs)", "$(inputs.)", "$(inputs.x.y.z)", "$(inputs['x'])", "$(inputs[\"x\"][0])", "$(",
    "$()", "${", "${}", "${return}", "${return inputs;}", "$(self)", "$(runtime.outdir)", "$(null)",
    "$(inputs.x.length)", "$((1+2)*3)", "$(\"\\u0000\")", "\\$(inputs.x)", "\\\\$(inputs.x)",
    "$(inputs.x)$(inputs.y)", "a$(inputs.x)b${return 1;}c", "$(inputs.constructor)",
    "$(inputs.__proto__)", "$(Array(3))", "${return {class: 'File', location: '/etc/passwd'};}",
    "${return {class: 'File', basename: '../x', contents: 'y'};}", "${throw 1;}",
    "${return [[[[]]]];}", "${return 2**53+1;}", "${return 1/0;}", "${return NaN;}",
    "${return undefined;}", "${return function(){};}", "${return 10n**1000n;}", "$(1e400)",
    "${var a=[];a[0]=a;return a;}", "${return 'x'.repeat(1e6);}", "${return new Date(NaN);}",
    "${return Symbol();}", "${return new Proxy({}, {});}", "$(inputs.x ? 1 : 2)", "$(\"a\" + 1)",
)  # fmt: skip

TEXTS = (
    "", " ", "\0", "\t", "\n", "\x1b[2J\x1b]0;x\x07", "\u202e", "\ufeff", "\ud800", "\U0010ffff",
    "null", "true", "~", "0", "-0", "1e999", "0x", "1_000", "12:30:00", "2001-01-01", "=", "<<",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "]]>", "${{x}}", "{{x}}",
    "a" * 5000, "\u0301" * 200, "é", "\u2028", "string?", "string[]", "File[][]?", "?", "[]",
    "string[" * 30, "main", "stdin", "stdout", "v1.2", "v1.0", "v1.3.0-dev1", "draft-3", "File",
    "CommandLineTool", "Workflow", "ExpressionTool", "Operation", "record", "enum", "array", "Any",
    "dotproduct", "flat_crossproduct", "nested_crossproduct", "merge_flattened", "all_non_null",
    "*", "**", "[", "[!", "[[:alpha:]]*", "?" * 50, "*" * 60, "(a+)+$", "(((((", "{1,999}",
    *PATHS,
    *EXPRESSIONS,
)  # fmt: skip

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2, 255, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 1.5, -0.0, 1e308,
    1e-320, float("inf"), float("-inf"), float("nan"),
)  # fmt: skip

VALUES: tuple[Any, ...] = (
    None, True, False, *NUMBERS, [], {}, [[]], [None], [[[[]]]], {"": None}, {"a": {}},
    [1, "a", None, {}], {"class": "File"}, {"class": "Directory"}, {"class": "File", "path": 3},
    {"class": "File", "location": "file:///etc/passwd"}, {"class": "Workflow"}, {"class": []},
    {"class": "File", "basename": "../x", "contents": "y"}, {"$import": "/etc/passwd"},
    {"class": "File", "path": "data.txt"}, {"class": "File", "contents": "y"},
    {"class": "File", "location": "data.txt", "secondaryFiles": [{"class": "File"}]},
    {"class": "Directory", "basename": "..", "listing": []},
    {"class": "Directory", "basename": "d", "listing": [{"class": "File", "contents": 3}]},
    {"$import": "http://127.0.0.1:9/x"}, {"$include": "../../../../../../etc/passwd"},
    {"$import": "data.txt"}, {"$import": ""}, {"$import": "#x"}, {"$include": {}}, {"$mixin": "x"},
    {"$graph": []}, {"$graph": {}}, {"$graph": [{}]}, {"$graph": [{"id": "main"}]},
    {"type": "array", "items": "File"}, {"type": "record", "fields": []}, {"type": "array"},
    {"type": "record", "fields": {"a": "int"}}, {"type": "enum", "symbols": []},
    {"type": "enum", "symbols": ["a", "a", 1]}, ["null", "null"], ["null", "int", ["string"]],
    {"type": {"type": {"type": "int"}}}, {"kind": "input", "name": "x"}, {"kind": "int_lit"},
    {"kind": "none_lit"}, {"kind": "ref", "name": "x"}, {"kind": "workflow"}, {"kind": "array"},
    {"kind": "opaque", "language": "javascript", "text": "for(;;);"}, {"kind": "call"},
    {"kind": "call", "function": "join", "args": []}, {"kind": "output", "step": "a", "port": "b"},
    {"kind": "float_lit", "value": "nan"}, {"kind": "int_lit", "value": "9" * 30}, {"kind": 3},
    {"@id": "../../etc/passwd", "@type": "File"}, {"@id": "http://127.0.0.1:9/"}, {"@id": 3},
    {"@context": "http://127.0.0.1:9/context.jsonld"}, {"@graph": []}, [{"@id": "./"}],
    {"offsets": [0, 9], "values": [1]}, {"offsets": [], "values": []}, {"offsets": [0, -1]},
    {"pattern": ".bai", "required": "$(x)"}, {"glob": "../../*"}, {"entryname": "/x", "entry": "y"},
    {"ResourceRequirement": {"coresMin": 1e308}}, {"InlineJavascriptRequirement": {}},
    {"DockerRequirement": {}}, {"SchemaDefRequirement": {"types": []}},
)  # fmt: skip

KEYS = (
    "", " ", "class", "id", "type", "items", "fields", "symbols", "inputs", "outputs", "steps",
    "run", "in", "out", "scatter", "scatterMethod", "when", "source", "linkMerge", "pickValue",
    "default", "valueFrom", "requirements", "hints", "baseCommand", "arguments", "stdin", "stdout",
    "stderr", "inputBinding", "outputBinding", "glob", "outputEval", "loadContents", "loadListing",
    "secondaryFiles", "format", "streamable", "doc", "label", "cwlVersion", "$graph", "$import",
    "$include", "$mixin", "$namespaces", "$schemas", "expression", "position", "prefix", "location",
    "path", "basename", "dirname", "contents", "listing", "size", "checksum", "kind", "name",
    "value", "workflow", "fairwf_ir", "sources", "comments", "spans", "files", "extensions", "of",
    "args", "function", "body", "over", "tasks", "machines", "parents", "children", "schemaVersion",
    "specification", "execution", "@id", "@type", "@context", "@graph", "mainEntity", "hasPart",
    "instrument", "object", "result", "__proto__", "constructor", "toString", "cwl:requirements",
    "<<", "=", "\u202e", "\0", "a" * 300, "a/b", "a#b", "#", "http://x/y", "cwltool:Secrets", "on",
)  # fmt: skip

RAW_YAML = (
    "&a [*a]", "*undefined", "&x {<<: *x}", "!!python/object/apply:os.system ['id']", "!!binary AA",
    "!!set {a, b}", "!<tag:x> y", "!!int x", "!!float 1", "!!str 1", "!!null x", "!local x",
    "{? [a, b] : c}", "{a: 1, a: 2}", "{1: 2, true: 3, null: 4, 1.5: 6}", "[&l {a: 1}, *l, *l]",
    "{<<: {a: 1}, b: 2}", "{<<: [{a: 1}, {b: 2}]}", "1e999999999", "0x" + "f" * 500, "0o777",
    "-.inf", ".nan", "9" * 600, "1" + "0" * 400, "|-\n x", ">+\n\n x\n\n", "'", '"', '"\\ud800"',
    '"\\x00"', '"\\U00110000"', "\t", "- - - -", "%YAML 1.1", "---", "...", "--- a\n--- b",
    "{", "[", "}", "]", "{" * 300, "[" * 300, "- " * 300, "? " * 300, "[" * 5000, "# c", "@", "`",
    "%", "\ufeff", "\x85", "\x07", "\x1b", "yes", "on", "off", "0b1", "+1", ".5", "1.", "1:2:3",
    "2001-12-14t21:59",
)  # fmt: skip

TOKENS = (
    *TEXTS[:24], *PATHS, *EXPRESSIONS[:20], "{}", "[]", "null", ": ", "- ", "#", "$", "${", "$(",
    "}", ")", "\\", "'", '"', "../", "/*", "*/", "//", "`${x}`", "\r\n", "=>", "...", "?.", "0n",
)  # fmt: skip
