"""Statements, and the definitions of a script: processes, workflows, functions, includes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fairwf.report import InvalidError
from fairwf_nextflow.grammar.expressions import ASSIGNS, ExpressionParser
from fairwf_nextflow.grammar.sections import process, workflow
from fairwf_nextflow.grammar.source_text import Text
from fairwf_nextflow.grammar.tokens import tokens
from fairwf_nextflow.grammar.tree import (
    Assign,
    Block,
    Call,
    Case,
    Conditional,
    Entry,
    Evaluate,
    Expression,
    Function,
    Guarded,
    Include,
    Included,
    Label,
    Leave,
    Name,
    ParamDeclaration,
    Params,
    Property,
    Repeat,
    Script,
    Statement,
    Switch,
    TupleOf,
)
from fairwf_nextflow.grammar.tree import Other as Ignored

_LEAVE = frozenset({"return", "throw", "assert", "break", "continue"})
_SKIPPED = frozenset({"class", "enum", "record", "interface", "trait"})
_STARTS = ("name", "string", "int", "float")
_DSL1 = ("into", "from")
_NO_ARGUMENT = frozenset({"in", "instanceof", "as", "else"})


def parse(text: Text) -> Script:
    """Return the tree of a script.

    Raises:
        InvalidError: FWF1601 the first thing that is wrong; FWF1009 it is nested too deeply.
    """
    try:
        parser = Parser(text, tokens(text))
        found = parser.statements("")
    except RecursionError:
        message = "the script is nested too deeply"
        raise InvalidError.of("FWF1009", message, file=text.name) from None
    return Script(tuple(found))


T = TypeVar("T")


class Parser(ExpressionParser):
    """Parses a script, or the statements of a part of it."""

    def until(self, close: str, one: Callable[[], T]) -> list[T]:
        """Parse one after another up to a brace, or (``""``) to the end."""
        found: list[T] = []
        while True:
            while self.accept(";"):
                pass
            if self.token.kind == "end":
                if close:
                    self.unexpected(f"expected {close!r}")
                return found
            if close and self.sees(close):
                return found
            found.append(one())

    def statements(self, close: str) -> list[Statement]:
        """Parse statements up to a brace, or (``""``) to the end."""
        return self.until(close, self._whole_statement)

    def _whole_statement(self) -> Statement:
        found, token = self.statement(), self.token
        ends = token.line or token.kind == "end" or self.sees(";", "}")
        if not (isinstance(found, Label) or ends):
            self.unexpected("expected the end of the statement")
        return found

    def statement(self) -> Statement:
        """Parse one statement."""
        token = self.token
        if token.kind == "name":
            method = getattr(self, f"_{token.text}_statement", None)
            if method is not None:
                found: Statement | None = method()
                if found is not None:
                    return found
            after = self.look()
            if after.text == ":" and after.kind == "op" and token.text != "default":
                self.take()
                self.take()
                return Label(token.start, self.behind, token.text)
            if token.text in _LEAVE:
                return self._leave()
            if token.text in _SKIPPED and after.kind == "name":
                return self._skip_definition()
            if (declared := self._declaration()) is not None:
                return declared
        elif token.text == "@" and token.kind == "op":
            self.take()
            name = self.word("the name of an annotation").text
            if self.sees("(") and not self.token.line:
                self.take()
                self.arguments(")")
                self.need(")")
            return (
                Ignored(token.start, self.behind, f"@{name}")
                if self.token.line
                else self.statement()
            )
        elif token.text == "{" and token.kind == "op":
            closure = self.closure()
            if closure.parameters is None:
                return Block(closure.start, closure.end, closure.body)
            return Evaluate(closure.start, closure.end, closure)
        return self._expression_statement()

    def block(self) -> tuple[Statement, ...]:
        """Parse statements in braces, or one without."""
        if self.accept("{"):
            found = self.statements("}")
            self.need("}")
            return tuple(found)
        return (self.statement(),)

    # --- control

    def _if_statement(self) -> Statement:
        start = self.take().start
        self.need("(", " after if")
        test = self.expression()
        self.need(")")
        then = self.block()
        otherwise: tuple[Statement, ...] = ()
        self.accept(";") if self.look().text == "else" else None
        if self.accept("else"):
            otherwise = self.block()
        return Conditional(start, self.behind, test, then, otherwise)

    def _for_statement(self) -> Statement:
        start = self.take().start
        self.need("(", " after for")
        kept = self.at
        while self.token.kind == "name" and self.look().kind == "name" and self.look().text != "in":
            self.take()
        name: str | None = None
        over: Expression | None = None
        if self.token.kind == "name" and self.look().text in ("in", ":"):
            name = self.take().text
            self.take()
            over = self.expression()
        else:
            self.at = kept
            while not self.sees(")"):
                if not self.accept(";"):
                    self.statement()
        self.need(")")
        body = self.block()
        return Repeat(start, self.behind, name, over, body)

    def _while_statement(self) -> Statement:
        start = self.take().start
        self.need("(", " after while")
        test = self.expression()
        self.need(")")
        return Repeat(start, self.behind, None, test, self.block())

    def _try_statement(self) -> Statement:
        start = self.take().start
        body = self.block()
        handlers: list[tuple[Statement, ...]] = []
        finally_: tuple[Statement, ...] = ()
        while self.accept("catch"):
            self.need("(")
            while not self.sees(")"):
                self.take()
            self.need(")")
            handlers.append(self.block())
        if self.accept("finally"):
            finally_ = self.block()
        return Guarded(start, self.behind, body, tuple(handlers), finally_)

    def _switch_statement(self) -> Statement:
        start = self.take().start
        self.need("(", " after switch")
        value = self.expression()
        self.need(")")
        self.need("{")
        cases: list[Case] = []
        while not self.sees("}"):
            at = self.token.start
            test = None
            if self.accept("case"):
                test = self.binary(0)
            else:
                self.need("default", " or 'case'")
            if not self.accept("->"):
                self.need(":")
            body: list[Statement] = []
            while not self.sees("case", "default", "}"):
                if not self.accept(";"):
                    body.append(self.statement())
            cases.append(Case(at, self.behind, test, tuple(body)))
        self.need("}")
        return Switch(start, self.behind, value, tuple(cases))

    def _leave(self) -> Statement:
        token = self.take()
        value: Expression | None = None
        if not (self.token.line or self.sees(";", "}") or self.token.kind == "end"):
            value = self._command(self.expression())
            if token.text == "assert" and (self.accept(":") or self.accept(",")):
                self.expression()
        return Leave(token.start, self.behind, token.text, value)

    # --- declarations

    def _def_statement(self) -> Statement:
        start = self.take().start
        if self.accept("("):
            names: list[Expression] = []
            while not self.sees(")"):
                one = self._parameter()
                names.append(Name(one.start, one.end, one.name))
                if not self.accept(","):
                    break
            self.need(")")
            self.need("=", " after the names that are declared")
            value = self.expression()
            target = TupleOf(start, self.behind, tuple(names))
            return Assign(start, self.behind, target, "=", value, True)
        if (function := self._function(start)) is not None:
            return function
        return self._declared(start)

    _final_statement = _def_statement
    _static_statement = _def_statement
    _private_statement = _def_statement
    _public_statement = _def_statement

    def _function(self, start: int) -> Statement | None:
        """Parse a function from behind its ``def``, if it is one."""
        kept = self.at
        if self.token.kind != "name":
            return None
        if not (self.look().text == "(" and self.look().kind == "op"):
            try:
                self.type_name()
            except InvalidError:
                self.at = kept
                return None
            if not (self.named() and self.look().text == "(" and not self.token.line):
                self.at = kept
                return None
        name = self.take().text
        try:
            self.need("(")
            parameters = self.parameters(")")
            self.need(")")
            if self.accept("->"):
                self.type_name()
            self.need("{")
        except InvalidError:
            self.at = kept
            return None
        body = self.statements("}")
        self.need("}")
        return Function(start, self.behind, name, tuple(parameters), tuple(body))

    def _declaration(self) -> Statement | None:
        """Parse ``Type name = value`` or ``Type name(...) {``, if it is one."""
        token, after = self.token, self.look()
        if after.line or not (after.kind == "name" or after.text in ("<", "[", ".")):
            return None
        if after.kind == "name" and self.look(2).text not in ("=", "("):
            return None
        start = self.at
        try:
            self.type_name()
        except InvalidError:
            self.at = start
            return None
        if (
            self.token.kind == "name"
            and not self.token.line
            and self.token.text not in _NO_ARGUMENT
        ):
            if self.look().text == "=" and self.look().kind == "op":
                self.at = start
                return self._declared(token.start)
            if self.look().text == "(":
                self.at = start
                if (function := self._function(token.start)) is not None:
                    return function
        self.at = start
        return None

    def _declared(self, start: int) -> Statement:
        type_ = None
        if (self.look().kind == "name" and not self.look().line) or self.look().text in ("<", "["):
            type_ = self.type_name()
        word = self.word("the name of a variable")
        if self.accept(":"):
            type_ = self.type_name()
        target = Name(word.start, word.end, word.text)
        value: Expression | None = None
        if self.accept("="):
            value = self._command(self.expression())
            while self.accept("="):
                value = self.expression()
        else:
            while self.accept(","):
                self.word("the name of a variable")
        return Assign(start, self.behind, target, "=", value, True, type_)

    def _expression_statement(self) -> Statement:
        start = self.token.start
        value = self._command(self.expression())
        if self.token.kind == "op" and self.token.text in ASSIGNS:
            operator = self.take().text
            given = self._command(self.expression())
            while self.sees(*ASSIGNS):
                self.take()
                given = self.expression()
            return Assign(start, self.behind, value, operator, given)
        return Evaluate(start, self.behind, value)

    def _command(self, value: Expression) -> Expression:
        """Parse what follows as arguments without brackets, if it is some."""
        token = self.token
        bare = isinstance(value, Name) or (isinstance(value, Property) and value.mark == ".")
        if bare and not token.line and self._argument(token.kind, token.text):
            args, named = self.arguments(None)
            called = Call(value.start, self.behind, value, tuple(args), tuple(named), True)
            return self._chained(called)
        if isinstance(value, Call) and not value.command and token.kind == "name":
            return self._chained(value)
        if isinstance(value, Call) and self.sees(",") and not value.command:
            # qualifier(x), emit: y
            self.take()
            args, named = self.arguments(None)
            both = (*value.args, *args), (*value.named, *named)
            return self._chained(Call(value.start, self.behind, value.function, *both, True))
        return value

    def _chained(self, value: Expression) -> Expression:
        """Parse a chain of commands: ``a b c d`` is ``a(b).c(d)``."""
        while self.token.kind == "name" and not self.token.line:
            after = self.look()
            word = self.token.text
            if word in _NO_ARGUMENT or word in _DSL1 or after.line or after.kind == "op":
                break
            said = self.take()
            method = Property(value.start, said.end, value, said.text)
            args, named = self.arguments(None)
            value = Call(value.start, self.behind, method, tuple(args), tuple(named), True)
        return value

    def _argument(self, kind: str, text: str) -> bool:
        if kind == "name":
            return text not in _NO_ARGUMENT
        if text == "!" and kind == "op":
            return self.look().text not in _NO_ARGUMENT
        return kind in _STARTS or (kind == "op" and text in ("~", "["))

    # --- definitions

    def _process_statement(self) -> Statement | None:
        if self.look().kind not in ("name", "string") or self.look(2).text != "{":
            return None
        start = self.take().start
        name = self.take()
        self.need("{")
        body = self.statements("}")
        self.need("}")
        shown = name.text or "".join(part for part in name.parts if isinstance(part, str))
        return process(self.text, start, self.behind, shown, body)

    def _workflow_statement(self) -> Statement | None:
        after = self.look()
        if after.text != "{" and not (after.kind == "name" and self.look(2).text == "{"):
            return None
        start = self.take().start
        name = self.take().text if self.token.kind == "name" else None
        self.need("{")
        body = self.statements("}")
        self.need("}")
        return workflow(self.text, start, self.behind, name, body)

    def _output_statement(self) -> Statement | None:
        if self.look().text != "{":
            return None
        start = self.take().start
        self.need("{")
        body = self.statements("}")
        self.need("}")
        return Ignored(start, self.behind, "output", tuple(body))

    def _params_statement(self) -> Statement | None:
        if self.look().text != "{":
            return None
        start = self.take().start
        self.need("{")
        found: list[ParamDeclaration] = []
        while not self.sees("}"):
            word = self.word("the name of a parameter")
            type_ = self.type_name() if self.accept(":") else None
            default = self.expression() if self.accept("=") else None
            found.append(ParamDeclaration(word.start, self.behind, word.text, type_, default))
            self.accept(";")
        self.need("}")
        return Params(start, self.behind, tuple(found))

    def _include_statement(self) -> Statement | None:
        after = self.look()
        if after.text != "{" and after.kind not in ("name", "string"):
            return None
        start = self.take().start
        names: list[Included] = []
        if self.accept("{"):
            while not self.sees("}"):
                if self.accept(";") or self.accept(","):
                    continue
                names.append(self._included())
            self.need("}")
        elif self.token.kind == "name":
            names.append(self._included())
        if names:
            self.need("from", " and the file that is included")
        if self.token.kind != "string":
            self.unexpected("expected the path of a script in quotes")
        path = self.string()
        shown, folder = path.plain, ""
        match path.parts:
            case (Name(name=("projectDir" | "baseDir" | "moduleDir") as folder), str(rest)):
                shown = f".{rest}" if rest.startswith("/") else None
        if shown is None:
            shown = ""
            message = "the path of an include is computed"
            self.text.fail(path.start, path.end, message, "write the path in single quotes")
        added: list[Entry] = []
        while self.sees("addParams", "params") and not self.token.line:
            self.take()
            self.need("(")
            _, named = self.arguments(")")
            self.need(")")
            added += named
        of_project = folder in ("projectDir", "baseDir")
        return Include(start, self.behind, tuple(names), shown, tuple(added), of_project)

    def _included(self) -> Included:
        word = self.word("a name to include")
        alias = self.word("an alias").text if self.accept("as") else word.text
        return Included(word.start, self.behind, word.text, alias)

    def _import_statement(self) -> Statement:
        start = self.take().start
        line = self.at
        while self.at == line or not (
            self.token.line or self.sees(";") or self.token.kind == "end"
        ):
            self.take()
        return Ignored(start, self.behind, "import")

    _package_statement = _import_statement

    def _skip_definition(self) -> Statement:
        token = self.take()
        while not self.sees("{"):
            if self.take().kind == "end":
                self.unexpected("expected '{'")
        depth = 0
        while True:
            inner = self.take()
            if inner.kind == "op":
                depth += {"{": 1, "}": -1}.get(inner.text, 0)
            if depth == 0 or inner.kind == "end":
                return Ignored(token.start, self.behind, token.text)
