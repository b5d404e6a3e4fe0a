"""Neutral expressions as WDL's (specification 1.2, "Expressions")."""

from __future__ import annotations

from fairwf.ir.expressions import (
    Array,
    Attr,
    BodyOutput,
    BoolLit,
    BytesLit,
    Call,
    Directory,
    Each,
    Expr,
    File,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    NoneLit,
    Opaque,
    Output,
    Record,
    Runtime,
    State,
    StepInput,
    StringLit,
    Template,
)
from fairwf.ir.types import (
    ArrayType,
    FloatType,
    IntType,
    MapType,
    NoneType,
    RecordField,
    RecordType,
    StringType,
    Type,
)
from fairwf_wdl.write.composed import Composed
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.functions import (
    SPEAKERS,
    STRINGS,
    dirname,
    nameext,
    nameroot,
    pairs_of_entries,
)
from fairwf_wdl.write.patterns import (
    affixed,
    arguments,
    bare,
    let,
    paired,
    unordered,
)
from fairwf_wdl.write.places import Place
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.several import holds_others, several
from fairwf_wdl.write.strings import literal
from fairwf_wdl.write.types import (
    BOOL,
    DIRECTORY,
    FILE,
    FLOAT,
    INT,
    PATHS,
    STRING,
    is_optional,
    item_of,
    member_names,
    optional,
    required,
)

LITERALS = (NoneLit, BoolLit, IntLit, FloatLit, StringLit, BytesLit, File, Directory)


class Sayer(Composed):
    """Says the expressions of one place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.version = place.version
        self._sure: list[Expr] = []
        self._holes = 0

    def say(self, node: Expr, wanted: Type | None = None) -> Said:
        """Return the expression, its value of the type that is wanted, if there is one.

        Raises:
            CannotSayError: WDL has no way to say it.
        """
        inner = let(node)
        if several(wanted) is not None and wanted is not None:
            return self.one_of_several(inner, wanted)
        said = self._known_file(inner)
        if said is None and wanted is not None:
            inner = bare(inner, wanted)
            said = self._known_file(inner)
        if said is None:
            said = self._said_or_computed(inner, wanted)
        if wanted is None:
            return said
        if several(said.type) is not None:
            return self.of_several(said, inner, wanted)
        if holds_others(said.type, wanted):
            return self.place.computed(inner, wanted)
        return self.fitted(said, wanted)

    def _said_or_computed(self, node: Expr, wanted: Type | None) -> Said:
        """Say an expression of WDL; where there is none, a program computes it."""
        try:
            return self._say(node, wanted)
        except CannotSayError as error:
            if wanted is None or isinstance(node, (Opaque, *LITERALS)):
                raise
            try:
                return self.place.computed(node, wanted)
            except CannotSayError:
                raise error from None

    def _known_file(self, node: Expr) -> Said | None:
        named = self.place.named(node)
        if named is not None:
            return named
        if isinstance(node, Call) and node.function == "if_exists":
            node = node.args[0]
        if isinstance(node, Call) and node.function == "to_file":
            return self.place.file_at(node)
        if isinstance(node, Template) and len(node.parts) == 2:
            file = self.place.file_at(Call(function="to_file", args=(node,)))
            return Said(f'"~{{{file.text}}}"', STRING) if file is not None else None
        return self.place.item(node) if isinstance(node, Index) else None

    def known(self, said: Said) -> Said:
        """Return a value that is not none."""
        if not is_optional(said.type):
            return said
        return Said(f"select_first([{said.text}])", required(said.type))

    def _say(self, node: Expr, wanted: Type | None) -> Said:
        match node:
            case NoneLit():
                return Said("None", optional(wanted) or NoneType())
            case BoolLit():
                return Said("true" if node.value else "false", BOOL)
            case IntLit():
                return self._int(node)
            case FloatLit():
                return self._float(node)
            case StringLit():
                return Said(literal(node.value), STRING)
            case File() | Directory():
                return self._file(node)
            case Template():
                return self.text(node)
            case Array():
                return self.array(node, wanted)
            case Record():
                return self.record(node, wanted)
            case If():
                return self._choice(node, wanted)
            case Each():
                return self._each(node, wanted)
            case Attr():
                return self._attribute(node)
            case Index():
                return self._item(node)
            case Call():
                return self._call(node, wanted)
            case Input() | Output() | Local() | StepInput() | Runtime():
                return self.place.lookup(node)
            case Opaque():
                return self.place.computed(node, wanted or node.gives)
            case Key() | State() | BodyOutput() | BytesLit():
                raise CannotSayError("WDL has no such value", node)

    # --- literals

    def _int(self, node: IntLit) -> Said:
        if not -(2**63) < node.number < 2**63:
            raise CannotSayError("WDL's whole numbers have 64 bits", node)
        return Said(str(node.number), INT, 0 if node.number >= 0 else 1)

    def _float(self, node: FloatLit) -> Said:
        number = node.number
        if number != number or number in (float("inf"), float("-inf")):
            raise CannotSayError("WDL has no literal for this number", node)
        return Said(repr(number), FLOAT, 1 if repr(number).startswith("-") else 0)

    def _file(self, node: File | Directory) -> Said:
        location = node.location if node.location is not None else node.path
        if location is None:
            raise CannotSayError("WDL has no literal for the contents of a file or folder", node)
        more = [
            name
            for name in ("basename", "dirname", "checksum", "size", "format", "contents",
                         "secondary", "listing")
            if getattr(node, name, None)
        ]  # fmt: skip
        if more and not (more == ["basename"] and node.basename == location.rsplit("/", 1)[-1]):
            raise CannotSayError(f"WDL's files have a path alone, no {more[0]}", node)
        return Said(literal(location), FILE if isinstance(node, File) else DIRECTORY)

    # --- parts

    def _choice(self, node: If, wanted: Type | None) -> Said:
        added = self.added(node) if self._holes and isinstance(node.otherwise, NoneLit) else None
        if added is not None:  # in a placeholder it is none where a part is
            return Said(added.text, optional(STRING), 1)
        test = self.say(node.test, BOOL)
        sure = arguments(node.test, "defined", 1)
        if sure is not None and isinstance(node.otherwise, NoneLit):
            same = bare(node.then, wanted or (STRING if self._holes else None))
            if same == sure[0]:
                return self.say(same, wanted)
        self._sure.extend(sure or ())
        then = self.say(node.then, wanted)
        del self._sure[len(self._sure) - len(sure or ()) :]
        otherwise = self.say(node.otherwise, wanted)
        type_ = wanted or self.common([then, otherwise])
        text = f"if {test.text} then {then.text} else {otherwise.text}"
        return Said(text, type_, 2)

    def _each(self, node: Each, wanted: Type | None) -> Said:
        both = paired(node)
        if both is not None:
            return self._pairs(both)
        if item_of(wanted) == INT and node.where is None:
            made = Call(function="to_int", args=(Local(name=node.name),))
            said = self.say(node.over) if node.body == made else None
            if said is not None and item_of(said.type) == STRING:
                return said
        pairs = pairs_of_entries(self, node)
        if pairs is not None:
            return pairs
        fixes = affixed(node)
        if fixes is not None:
            before, after = fixes
            items = self.texts(node.over).text
            if before is not None and after is not None:
                name = "squote" if before == StringLit(value="'") else "quote"
                return Said(f"{name}({items})", STRINGS)
            name, fix = ("prefix", before) if before is not None else ("suffix", after)
            text = self.say(fix, STRING).text if fix is not None else '""'
            return Said(f"{name}({text}, {items})", STRINGS)
        return self.place.repeated(node)

    def _pairs(self, node: Call) -> Said:
        left, right = (self.known(self.say(one)) for one in node.args)
        types = item_of(left.type), item_of(right.type)
        type_: Type | None = None
        if types[0] is not None and types[1] is not None:
            fields = (
                RecordField(name="left", type=types[0]),
                RecordField(name="right", type=types[1]),
            )
            type_ = ArrayType(items=RecordType(fields=fields))
        return Said(f"{node.function}({left.text}, {right.text})", type_)

    def _attribute(self, node: Attr) -> Said:
        said = self.known(self.say(node.of))
        kind = required(said.type)
        if isinstance(kind, RecordType):
            types = {field.name: field.type for field in kind.fields}
            if node.name not in types:
                raise CannotSayError(f"the record has no member {node.name!r:.60}", node)
            return Said(f"{said.operand}.{member_names(kind)[node.name]}", types[node.name])
        if isinstance(kind, PATHS):
            return self._of_file(node)
        if isinstance(kind, MapType):
            return Said(f"{said.operand}[{literal(node.name)}]", kind.values)
        if isinstance(kind, (ArrayType, StringType)) and node.name == "length":
            return Said(f"length({said.text})", INT)
        raise CannotSayError(f"WDL cannot tell the member {node.name!r:.60} of this value", node)

    def _of_file(self, node: Attr) -> Said:
        match node.name:
            case "path":
                return self.text(node)
            case "basename":
                return Said(f"basename({self.path(node.of).text})", STRING)
            case "nameroot":
                return nameroot(self, node.of)
            case "nameext":
                return nameext(self, node.of)
            case "dirname":
                return dirname(self, node.of)
            case "size":
                return Said(f"floor(size({self.known(self.say(node.of)).text}))", INT)
        raise CannotSayError(f"WDL knows no {node.name:.40} of a file", node)

    def _item(self, node: Index) -> Said:
        wanted = None
        if isinstance(node.of, Record) and node.of.fields:
            value = self.common([self.say(one) for one in node.of.fields.values()])
            wanted = MapType(keys=STRING, values=value) if value is not None else None
        said = self.known(self.say(node.of, wanted))
        kind = required(said.type)
        if isinstance(kind, MapType):
            return Said(f"{said.operand}[{self._key(node.by, kind)}]", kind.values)
        if isinstance(kind, ArrayType) or kind is None:
            return Said(f"{said.operand}[{self.say(node.by, INT).text}]", item_of(said.type))
        if isinstance(kind, RecordType) and isinstance(node.by, StringLit):
            return self._attribute(Attr(of=node.of, name=node.by.value))
        raise CannotSayError("WDL has items of arrays and maps alone", node)

    def _key(self, node: Expr, kind: MapType) -> str:
        return self.say(bare(node, STRING), kind.keys).text

    def _call(self, node: Call, wanted: Type | None) -> Said:
        speaker = SPEAKERS.get(node.function)
        if node.function == "concat":
            return self.text(node)
        if speaker is None:
            raise CannotSayError(
                f"WDL has no function for {node.function!r:.40} here",
                node,
                "compute it in a task's command, and read what that prints",
            )
        return speaker(self, node, wanted)

    def path(self, node: Expr) -> Said:
        """Return a file, or the text of a path."""
        inner = bare(node, FILE)
        if inner is node:
            inner = bare(node, STRING)
        return self.known(self.say(inner))

    def number(self, node: Expr) -> Said:
        """Return a number; one that a float is made of has its own type."""
        inner = bare(node, FLOAT)
        said = self.known(self.say(inner))
        if inner is not node and not isinstance(required(said.type), (IntType, FloatType)):
            return self.say(node)
        return said

    def compared(self, node: Expr) -> Said:
        """Return a value to compare."""
        inner = unordered(node)
        if isinstance(inner, Call) and inner.function in ("to_float",):
            return self.number(inner)
        if isinstance(inner, Call) and inner.function == "file_path":
            return self.say(inner.args[0])
        return self.say(inner)

    # --- files

    def as_file(self, node: Call, kind: Type) -> Said:
        """Return the file at a path, where no declaration says that it is one."""
        known = self.place.file_at(node)
        if known is not None:
            return known
        said = self.say(node.args[0], STRING)
        return Said(said.text, kind, said.level)

    def written(self, content: Expr, name: StringLit | None, node: Call) -> Said:
        """Return the file that holds a text."""
        return self.place.written(content, name, node)
