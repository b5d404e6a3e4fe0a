"""Texts and tables taken apart and put together, as operators of channels do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairwf.ir.expressions import Attr, Expr
from fairwf.ir.types import AnyType, ArrayType, StringType
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning.build import Names, at, call, javascript, known, literal, text
from fairwf_nextflow.meaning.symbols import Kind, UntranslatedError, Value

# A field in quotes may hold separators and, doubled, quotes.
_CSV = """(() => {
  const row = line => {
    const out = []; let field = '', quoted = false;
    for (let i = 0; i < line.length; i++) {
      const c = line[i];
      if (quoted) { if (c === '"' && line[i + 1] === '"') { field += '"'; i++; } else if (c === '"') quoted = false; else field += c; }
      else if (c === '"') quoted = true;
      else if (c === sep) { out.push(field); field = ''; }
      else field += c;
    }
    out.push(field); return out;
  };
  let lines = content.split(/\\r?\\n/).slice(skip).filter(l => l.length > 0);
  if (header === null || header === false) return lines.map(row);
  const names = header === true ? row(lines.shift() || '') : header;
  return lines.map(l => { const r = row(l), m = {}; names.forEach((n, i) => { m[n] = r[i] === undefined ? null : r[i]; }); return m; });
})()"""
_PIECES = """(() => {
  const lines = content.split('\\n'); const last = lines.pop(); const all = lines.map(l => l + '\\n');
  if (last) all.push(last + '\\n');
  const out = []; for (let i = 0; i < all.length; i += by) out.push(all.slice(i, i + by).join(''));
  return out;
})()"""


def csv_rows(
    read: Callable[[Expr], Expr], options: Mapping[str, Value | None], node: tree.Node
) -> tuple[Callable[[Expr], Expr], Kind]:
    """Return what makes rows of a table (as maps, where it has a header), and their kind.

    Raises:
        UntranslatedError: rows are grouped.
    """
    if options.get("by") is not None:
        raise UntranslatedError(node, "rows of a table are grouped")
    header, sep, skip = options.get("header"), options.get("sep"), options.get("skip")

    def rows(x: Expr) -> Expr:
        return javascript(
            _CSV,
            ArrayType(items=AnyType()),
            content=read(x),
            header=header.expr if header else literal(None),
            sep=sep.expr if sep else text(","),
            skip=skip.expr if skip else literal(0),
        )

    maps = header is not None and known(header.expr)[1] is not False
    return rows, "map" if maps else "list"


def text_pieces(read: Callable[[Expr], Expr], by: Value | None) -> Callable[[Expr], Expr]:
    """Return what makes pieces of so many lines of a text."""
    size = by.expr if by else literal(1)
    return lambda x: javascript(_PIECES, ArrayType(items=StringType()), content=read(x), by=size)


def files_by_name(names: Names, files: Expr) -> Expr:
    """Return, for each name that files have, one file of their texts."""
    from fairwf.ir.expressions import Array

    pairs = names.each(files, lambda x: Array(items=(Attr(of=x, name="basename"), x)))

    def made(group: Expr) -> Expr:
        texts = names.each(at(group, 1), lambda x: call("read_text", x))
        return call("literal_file", at(group, 0), call("join", texts, text("")))

    return names.each(call("group_by_key", pairs), made)
