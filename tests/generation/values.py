"""Names, literals and types, the awkward ones among them."""

from hypothesis import strategies as st

from fairwf.ir.expressions import (
    Array,
    BoolLit,
    BytesLit,
    Directory,
    Expr,
    File,
    FloatLit,
    IntLit,
    NoneLit,
    Record,
    StringLit,
)
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    BytesType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    MapType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
    UnionType,
)

AWKWARD_INTS = (0, 1, -1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63))
AWKWARD_FLOATS = (0.0, -0.0, 1.0, 0.1, 1e308, 5e-324, 2.0**53, float("inf"), float("-inf"))
NAN = float("nan")
STRANGE_IDS = ("a/b", "~1", "a.b", "über", "步骤", "x y", "🧬", "on", "010", "1e3", "#", "$(x)")

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
plain_ids = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True)
any_ids = st.one_of(plain_ids, st.sampled_from(STRANGE_IDS), texts.filter(bool))

ints = st.one_of(st.sampled_from(AWKWARD_INTS), st.integers(-(2**63), 2**63 - 1))
floats = st.one_of(st.sampled_from((*AWKWARD_FLOATS, NAN)), st.floats(width=64))

bool_lits = st.booleans().map(lambda v: BoolLit(value=v))
int_lits = ints.map(lambda v: IntLit(value=v))
float_lits = floats.map(lambda v: FloatLit(value=v))
string_lits = texts.map(lambda v: StringLit(value=v))
bytes_lits = st.binary(max_size=6).map(lambda v: BytesLit(value=v))
file_lits = st.builds(
    lambda name, contents: File(basename=name, contents=contents),
    plain_ids.map(lambda name: f"{name}.txt"),
    texts,
)
directory_lits = st.builds(
    lambda name, inside: Directory(basename=name, listing=tuple(inside)),
    plain_ids,
    st.lists(file_lits, max_size=2),
)


@st.composite
def typed_values(draw: st.DrawFn, depth: int = 1, bytes_too: bool = True) -> tuple[Type, Expr]:
    """Draw a type and a literal of it."""
    kinds = ["bool", "int", "float", "string", "file", "directory", "enum", "none"]
    kinds += ["bytes"] if bytes_too else []
    kinds += ["array", "record", "map", "optional", "union"] if depth > 0 else []
    kind = draw(st.sampled_from(kinds))
    inner = typed_values(depth=depth - 1, bytes_too=bytes_too)
    match kind:
        case "bool":
            return BoolType(), draw(bool_lits)
        case "int":
            return IntType(), draw(int_lits)
        case "float":
            return FloatType(), draw(float_lits)
        case "string":
            return StringType(), draw(string_lits)
        case "bytes":
            return BytesType(), draw(bytes_lits)
        case "file":
            return FileType(), draw(file_lits)
        case "directory":
            return DirectoryType(), draw(directory_lits)
        case "enum":
            symbols = draw(st.lists(plain_ids, min_size=1, max_size=3, unique=True))
            # a text is no symbol for certain, so the checker would warn: no value is given
            return OptionalType(item=EnumType(symbols=tuple(symbols))), NoneLit()
        case "array":
            type_, value = draw(inner)
            return ArrayType(items=type_), Array(items=(value,) if draw(st.booleans()) else ())
        case "record":
            names = draw(st.lists(plain_ids, min_size=1, max_size=2, unique=True))
            parts = {name: draw(inner) for name in names}
            fields = tuple(RecordField(name=n, type=t) for n, (t, _) in parts.items())
            values = {name: value for name, (_, value) in parts.items()}
            return RecordType(fields=fields), Record(fields=values)
        case "map":
            type_, value = draw(inner)
            return MapType(keys=StringType(), values=type_), Record(fields={draw(plain_ids): value})
        case "union":
            type_, value = draw(inner)
            return UnionType(members=(type_, StringType())), value
        case "optional":
            type_, value = draw(inner)
            return OptionalType(item=type_), value
        case _:
            type_, _ = draw(typed_values(depth=0, bytes_too=bytes_too))
            type_ = type_ if isinstance(type_, OptionalType) else OptionalType(item=type_)
            return type_, NoneLit()
