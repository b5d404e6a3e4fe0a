"""Snakefiles to syntax trees, by the tokens of Python; nothing of them is executed.

Snakemake's grammar (https://snakemake.readthedocs.io/, "Writing Workflows", "Grammar") is that of
Python with more statements. Those are cut out, so that Python's own parser reads the rest; the
arguments of a directive are read as the arguments of a call.
"""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from collections.abc import Sequence

from fairwf.ir.origins import Span
from fairwf.report import InvalidError
from fairwf_snakemake.snakefile.nodes import (
    Construct,
    Directive,
    Module,
    Rule,
    Snakefile,
    UseRule,
)

MAX_BYTES = 8 * 1024 * 1024
"""The largest Snakefile that is read: a hundred times the largest known."""

NO_FILE = "/dev/null"
"""Where Python looks for the line of a syntax error: nowhere."""
MARK = "__snakemake__"

BLOCKS = frozenset({"run", "onstart", "onsuccess", "onerror"})
NAMES = frozenset({"localrules", "ruleorder"})
GLOBALS = frozenset(
    [
        "include",
        "workdir",
        "configfile",
        "pepfile",
        "pepschema",
        "report",
        "ruleorder",
        "singularity",
        "container",
        "containerized",
        "envvars",
        "wildcard_constraints",
        "localrules",
        "onsuccess",
        "onerror",
        "onstart",
        "scattergather",
        "storage",
        "resource_scopes",
        "conda",
        "pathvars",
        "inputflags",
        "outputflags",
    ]
)
RULES = frozenset({"rule", "checkpoint"})
IN_RULES = frozenset(
    [
        "name",
        "input",
        "output",
        "params",
        "threads",
        "resources",
        "retries",
        "priority",
        "log",
        "message",
        "benchmark",
        "conda",
        "singularity",
        "container",
        "containerized",
        "envmodules",
        "wildcard_constraints",
        "shadow",
        "group",
        "cache",
        "default_target",
        "handover",
        "localrule",
        "run",
        "shell",
        "script",
        "notebook",
        "wrapper",
        "template_engine",
        "cwl",
        "version",
        "pathvars",
    ]
)
IN_MODULES = frozenset(
    [
        "snakefile",
        "meta_wrapper",
        "config",
        "skip_validation",
        "replace_prefix",
        "prefix",
        "name",
        "pathvars",
    ]
)
IN_SUBWORKFLOWS = frozenset({"snakefile", "workdir", "configfile"})

_BLANK = frozenset(
    {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}
)


def decoded(data: bytes, name: str) -> str:
    """Return a Snakefile's text.

    Raises:
        InvalidError: FWF1003 it is not UTF-8, FWF1009 it is too large.
    """
    if len(data) > MAX_BYTES:
        hint = "a Snakefile is written by people; what is this one?"
        message = f"a Snakefile of more than {MAX_BYTES} bytes is not read"
        raise InvalidError.of("FWF1009", message, file=name, hint=hint)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError.of("FWF1003", f"is not UTF-8: {error.reason}", file=name) from None
    if "\0" in text:
        raise InvalidError.of("FWF1003", "holds NUL characters", file=name)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str, name: str) -> Snakefile:
    """Return the syntax tree of a Snakefile; ``name`` is what places call it.

    Raises:
        InvalidError: FWF1501 it is no Snakefile at the place shown, FWF1009 it is nested too
            deeply.
    """
    return _Parser(text, name).file()


class _Parser:
    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines = text.split("\n")
        self.constructs: list[Construct] = []
        self.tokens = self._tokens(text)

    def _tokens(self, text: str) -> list[tokenize.TokenInfo]:
        try:
            return list(tokenize.generate_tokens(io.StringIO(text).readline))
        except tokenize.TokenError as error:
            message, (line, column) = error.args
            if opened := self._opened(text):
                message, (line, column) = f"{opened.string!r} is not closed", opened.start
            raise self.fault(str(message), line, column + 1) from None
        except SyntaxError as error:  # IndentationError
            raise self.fault(error.msg, error.lineno or 1, error.offset or 1) from None

    @staticmethod
    def _opened(text: str) -> tokenize.TokenInfo | None:
        """Return the first bracket that is still open where the text ends, if one is."""
        open_: list[tokenize.TokenInfo] = []
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                if token.type == tokenize.OP and token.string in "([{":
                    open_.append(token)
                elif token.type == tokenize.OP and token.string in ")]}" and open_:
                    open_.pop()
        except (tokenize.TokenError, SyntaxError):
            return open_[0] if open_ else None
        return None

    # --- faults and places ------------------------------------------------------------------------

    def fault(self, message: str, line: int, column: int, hint: str | None = None) -> InvalidError:
        line, column = max(line, 1), max(column, 1)
        span = Span(self.name, line, column, line, column + 1)
        return InvalidError.of("FWF1501", message, span=span, hint=hint)

    def fault_at(self, index: int, message: str, hint: str | None = None) -> InvalidError:
        line, column = self.tokens[index].start
        return self.fault(message, line, column + 1, hint)

    def span(self, first: int, last: int) -> Span:
        start, end = self.tokens[first].start, self.tokens[last].end
        return Span(self.name, start[0], start[1] + 1, end[0], end[1] + 1)

    # --- where things end -------------------------------------------------------------------------

    def _newline(self, index: int) -> int:
        """Return the index of the token that ends the logical line at ``index``."""
        while self.tokens[index].type not in (tokenize.NEWLINE, tokenize.ENDMARKER):
            index += 1
        return index

    def _block(self, newline: int) -> int:
        """Return the index behind the indented block that follows a logical line, if one does."""
        index = newline + 1
        while index < len(self.tokens) and self.tokens[index].type in (
            tokenize.NL,
            tokenize.COMMENT,
        ):
            index += 1
        if index >= len(self.tokens) or self.tokens[index].type != tokenize.INDENT:
            return min(newline + 1, len(self.tokens) - 1)
        depth = 0
        while index < len(self.tokens):
            kind = self.tokens[index].type
            depth += (kind == tokenize.INDENT) - (kind == tokenize.DEDENT)
            index += 1
            if depth == 0:
                return index
        return len(self.tokens) - 1

    def _last(self, first: int, end: int) -> int:
        """Return the index of the last token that says something, of those before ``end``."""
        last = end - 1
        while last > first and self.tokens[last].type in _BLANK:
            last -= 1
        return last

    def _skip(self, index: int, end: int) -> int:
        while index < end and self.tokens[index].type in _BLANK:
            index += 1
        return index

    def _is(self, index: int, text: str) -> bool:
        return index < len(self.tokens) and self.tokens[index].string == text

    def _is_name(self, index: int) -> bool:
        return index < len(self.tokens) and self.tokens[index].type == tokenize.NAME

    # --- the file ---------------------------------------------------------------------------------

    def file(self) -> Snakefile:
        """Return the whole."""
        python = list(self.lines)
        index, end = 0, len(self.tokens)
        fresh = True
        while index < end:
            token = self.tokens[index]
            if token.type in _BLANK:
                fresh = fresh or token.type == tokenize.NEWLINE
                index += 1
                continue
            behind = self._construct(index) if fresh and token.type == tokenize.NAME else None
            if behind is None:
                # `if x: include: "y"` is the only way for a construct to follow on a line.
                fresh = token.string in (":", ";")
                index += 1
                continue
            self._cut(python, index, self._last(index, behind))
            index, fresh = behind, True
        tree = self._python("\n".join(python) + "\n")
        return Snakefile(self.name, tree, tuple(self.constructs), tuple(self.lines))

    def _cut(self, python: list[str], first: int, last: int) -> None:
        (line, column), (end, end_column) = self.tokens[first].start, self.tokens[last].end
        tail = python[end - 1][end_column:]
        head = python[line - 1][:column]
        for number in range(line - 1, end):
            python[number] = ""
        comment = tail if tail.lstrip().startswith("#") else ""
        python[line - 1] = f"{head}{MARK}({len(self.constructs) - 1}){comment}"

    def _construct(self, index: int) -> int | None:
        """Read the construct that begins at a token; return the index behind it, None for none."""
        word = self.tokens[index].string
        if word in RULES:
            if self._is(index + 1, ":"):
                return self._rule(index, index + 1, None)
            if self._is_name(index + 1) and self._is(index + 2, ":"):
                return self._rule(index, index + 2, self.tokens[index + 1].string)
        elif word in ("module", "subworkflow"):
            named = self._is_name(index + 1)
            colon = index + 1 + named
            if self._is(colon, ":"):
                name = self.tokens[index + 1].string if named else ""
                known = IN_MODULES if word == "module" else IN_SUBWORKFLOWS
                end, _, found = self._directives(colon, known, word)
                span = self.span(index, colon)
                if word == "subworkflow":
                    self.constructs.append(Directive("subworkflow", span, names=(name,)))
                else:
                    self.constructs.append(Module(name, span, found))
                return end
        elif word == "use" and self._is(index + 1, "rule"):
            return self._use(index)
        elif word in GLOBALS:
            tagged = word == "storage" and self._is_name(index + 1)
            if self._is(index + 1 + tagged, ":"):
                end = self._block(self._newline(index))
                self.constructs.append(self._directive(index, end, index + 1 + tagged))
                return end
        return None

    def _rule(self, index: int, colon: int, name: str | None) -> int:
        end, doc, found = self._directives(colon, IN_RULES, "rule")
        checkpoint = self.tokens[index].string == "checkpoint"
        self.constructs.append(Rule(name, self.span(index, colon), checkpoint, doc, found))
        return end

    def _directives(
        self, colon: int, known: frozenset[str], what: str
    ) -> tuple[int, str | None, dict[str, Directive]]:
        end = self._block(self._newline(colon))
        found: dict[str, Directive] = {}
        doc: str | None = None
        index = self._skip(colon + 1, end)
        while index < end and self.tokens[index].type != tokenize.ENDMARKER:
            token = self.tokens[index]
            if token.type == tokenize.STRING and not found:
                value = self._expression(index, self._newline(index))
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    doc = textwrap.dedent(value.value).strip()
                index = self._skip(self._newline(index), end)
                continue
            if token.type != tokenize.NAME or not self._is(index + 1, ":"):
                text = f"expected a keyword with a colon in a {what}, not {token.string!r:.60}"
                raise self.fault_at(index, text)
            if token.string not in known:
                text = f"{token.string!r:.60} is no keyword of a {what}"
                raise self.fault_at(index, text, self._meant(token.string, known))
            newline = self._newline(index)
            same_line = self.tokens[index].start[0] == self.tokens[colon].start[0]
            behind = newline + 1 if same_line else self._block(newline)
            found[token.string] = self._directive(index, min(behind, end))
            index = self._skip(behind, end)
        return end, doc, found

    @staticmethod
    def _meant(name: str, known: frozenset[str]) -> str | None:
        from fairwf.source import did_you_mean

        return did_you_mean(name, known)

    def _directive(self, index: int, end: int, colon: int | None = None) -> Directive:
        name = self.tokens[index].string
        colon = index + 1 if colon is None else colon
        last = self._last(index, end)
        span = self.span(index, last)
        if last <= colon:
            raise self.fault_at(index, f"nothing stands after {name + ':'!r}")
        if name in BLOCKS:
            first = self._skip(colon + 1, end)
            return Directive(name, span, body=self._text(first, last), line=self._line(first))
        if name in NAMES:
            words = [t.string for t in self.tokens[colon + 1 : last + 1]]
            return Directive(name, span, names=tuple(w for w in words if w.isidentifier()))
        return Directive(name, span, call=self._call(self._skip(colon + 1, end), last))

    def _line(self, index: int) -> int:
        return self.tokens[index].start[0]

    def _text(self, first: int, last: int) -> str:
        (line, column), (end, end_column) = self.tokens[first].start, self.tokens[last].end
        rows = self.lines[line - 1 : end]
        rows[-1] = rows[-1][:end_column]
        before = rows[0][:column]
        rows[0] = (" " * column if before.strip() else before) + rows[0][column:]
        if len(rows) > 1 and self.lines[line - 1][:column].strip():
            rows[0] = rows[0].lstrip()  # the block begins on the line of its keyword
            return "\n".join([rows[0], textwrap.dedent("\n".join(rows[1:]))])
        return textwrap.dedent("\n".join(rows))

    def _use(self, index: int) -> int:
        start, newline = index, self._newline(index)
        index += 2
        words: list[str] = []
        while index < newline and not self._is(index, ":"):
            token = self.tokens[index]
            if token.type in (tokenize.NAME, tokenize.OP):
                words.append(token.string)
            index += 1
        sections: dict[str, list[str]] = {"rules": []}
        key = "rules"
        for word in words:
            if word in ("from", "as", "exclude", "with"):
                key = word
                sections[key] = []
            elif word != ",":
                sections[key].append(word)
        names = tuple(name for name in sections["rules"] if name != "*")
        module = sections.get("from", [None])
        alias = "".join(sections.get("as", [])) or None
        if not sections["rules"] or ("from" in sections and not module):
            raise self.fault_at(start, "expected `use rule NAMES [from MODULE] [as NAME] [with:]`")
        found: dict[str, Directive] = {}
        end = self._block(newline)
        if self._is(index, ":"):
            end, _, found = self._directives(index, IN_RULES, "rule")
        self.constructs.append(
            UseRule(
                names,
                self.span(start, max(start, newline - 1)),
                module[0] if module else None,
                alias,
                tuple(sections.get("exclude", [])),
                found,
            )
        )
        return end

    # --- Python -----------------------------------------------------------------------------------

    def _call(self, first: int, last: int) -> ast.Call:
        (line, column), (end, end_column) = self.tokens[first].start, self.tokens[last].end
        rows = list(self.lines[line - 1 : end])
        rows[-1] = rows[-1][:end_column]
        rows[0] = " " * column + rows[0][column:]
        tree = self._python("_(\n" + "\n".join(rows) + "\n)\n", line - 2)
        statement = tree.body[0] if len(tree.body) == 1 else None
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            raise self.fault("expected arguments, as of a call", line, column + 1)
        return statement.value

    def _expression(self, first: int, newline: int) -> ast.expr | None:
        call = self._call(first, self._last(first, newline))
        return call.args[0] if len(call.args) == 1 else None

    def _python(self, text: str, offset: int = 0) -> ast.Module:
        try:
            tree = ast.parse(text, NO_FILE)
        except SyntaxError as error:
            line = (error.lineno or 1) + offset
            raise self.fault(f"Python: {error.msg}", line, error.offset or 1) from None
        except (MemoryError, RecursionError):
            raise InvalidError.of(
                "FWF1009", "the Python of the Snakefile is nested too deeply", file=self.name
            ) from None
        except ValueError as error:
            raise self.fault(f"Python: {error}", 1 + offset, 1) from None
        if offset:
            try:
                ast.increment_lineno(tree, offset)
            except RecursionError:
                raise InvalidError.of(
                    "FWF1009", "the Python of the Snakefile is nested too deeply", file=self.name
                ) from None
        return tree


def span_of(node: ast.AST, name: str) -> Span:
    """Return the place of a piece of Python."""
    line = getattr(node, "lineno", 1)
    column = getattr(node, "col_offset", 0) + 1
    end_line = getattr(node, "end_lineno", None) or line
    end = (getattr(node, "end_col_offset", None) or 0) + 1
    if (end_line, end) <= (line, column):
        end_line, end = line, column + 1
    return Span(name, max(line, 1), column, max(end_line, 1), end)


def constructs_in(tree: Sequence[ast.stmt]) -> list[int]:
    """Return the numbers of the constructs below statements, in order."""
    found = []
    for statement in tree:
        for node in ast.walk(statement):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == MARK
            ):
                found.append(int(getattr(node.args[0], "value", 0)))
    return found
