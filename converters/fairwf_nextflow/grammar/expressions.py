"""Expressions, by precedence climbing (Groovy's, as the strict syntax of Nextflow 25 has it)."""

from __future__ import annotations

from fairwf_nextflow.grammar.source_text import Text
from fairwf_nextflow.grammar.tokens import Token
from fairwf_nextflow.grammar.tree import (
    Binary,
    Call,
    Closure,
    Constant,
    Entry,
    Evaluate,
    Expression,
    ListOf,
    MapOf,
    Name,
    New,
    Parameter,
    Property,
    Range,
    Statement,
    Str,
    Subscript,
    Ternary,
    TupleOf,
    TypeName,
    Unary,
)

ASSIGNS = frozenset(
    {"=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "?=", "|=", "&=", "^="}
)
_POWERS = {
    "||": 2, "&&": 3, "|": 4, "^": 5, "&": 6,
    "==": 7, "!=": 7, "<=>": 7, "===": 7, "!==": 7, "=~": 7, "==~": 7,
    "<": 8, "<=": 8, ">": 8, ">=": 8, "in": 8, "instanceof": 8, "as": 8, "!in": 8,
    "!instanceof": 8,
    "<<": 9, ">>": 9, ">>>": 9, "..": 9, "..<": 9,
    "+": 10, "-": 10, "*": 11, "/": 11, "%": 11, "**": 13,
}  # fmt: skip
_WORDS = frozenset({"in", "instanceof", "as"})
_NOT_AFTER_LINE = frozenset({"+", "-"})
_UNARY = 12
RESERVED = frozenset(
    {"if", "else", "for", "while", "return", "def", "switch", "case", "try", "throw"}
)


_DSL1 = (
    "channels within processes are DSL1, which Nextflow gave up in 22.12: hand them over in a "
    "workflow block (DSL2)"
)


class ExpressionParser:
    """Parses a list of tokens; what it meets first that is wrong, it refuses (FWF1601)."""

    def __init__(self, text: Text, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    # --- tokens

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    @property
    def behind(self) -> int:
        """The offset at which the last token ended."""
        return self.tokens[self.at - 1].end if self.at else 0

    def look(self, ahead: int = 1) -> Token:
        """Return a token further on."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Return the next token, and go on."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def sees(self, *texts: str) -> bool:
        """Tell whether the next token is one of these operators or words."""
        return self.token.kind in ("op", "name") and self.token.text in texts

    def accept(self, text: str) -> bool:
        """Take an operator or word if it comes next."""
        if self.sees(text):
            self.at += 1
            return True
        return False

    def need(self, text: str, why: str = "") -> Token:
        """Take an operator or word that must come next."""
        if not self.sees(text):
            self.unexpected(f"expected {text!r}{why}")
        return self.take()

    def word(self, what: str) -> Token:
        """Take a name."""
        if self.token.kind != "name":
            self.unexpected(f"expected {what}")
        return self.take()

    def named(self) -> bool:
        """Tell whether the next token is a name."""
        return self.token.kind == "name"

    def unexpected(self, wanted: str) -> None:
        """Refuse the next token."""
        token = self.token
        shown = self.text.text[token.start : token.end][:40]
        found = "the end" if token.kind == "end" else repr(shown)
        hint = _DSL1 if shown in ("into", "from") else None
        end = max(token.end, token.start + 1)
        self.text.fail(token.start, end, f"{wanted}, found {found}", hint)

    # --- expressions

    def expression(self) -> Expression:
        """Parse an expression."""
        if self.token.kind == "name" and self.look().text == "->" and self.look().kind == "op":
            return self._lambda()
        if self.token.text == "(" and self.token.kind == "op" and self._before_arrow():
            return self._lambda()
        test = self.binary(0)
        if self.sees("?"):
            self.take()
            then = self.expression()
            self.need(":", " of the choice that '?' began")
            otherwise = self.expression()
            return Ternary(test.start, otherwise.end, test, then, otherwise)
        if self.sees("?:"):
            self.take()
            otherwise = self.expression()
            return Ternary(test.start, otherwise.end, test, None, otherwise)
        return test

    def _before_arrow(self) -> bool:
        """Tell whether brackets with names alone come, and an arrow behind them."""
        ahead = self.at + 1
        while self.tokens[ahead].kind == "name" or self.tokens[ahead].text == ",":
            ahead += 1
        return self.tokens[ahead].text == ")" and self.tokens[ahead + 1].text == "->"

    def _lambda(self) -> Expression:
        start = self.token.start
        if self.accept("("):
            found = self.parameters(")")
            self.need(")")
        else:
            word = self.word("the name of a parameter")
            found = [Parameter(word.start, word.end, word.text)]
        self.need("->")
        if self.sees("{"):
            closure = self.closure()
            return Closure(start, closure.end, tuple(found), closure.body)
        value = self.expression()
        return Closure(start, value.end, tuple(found), (Evaluate(value.start, value.end, value),))

    def binary(self, least: int) -> Expression:
        """Parse operands joined by operators that bind at least so strongly."""
        left = self.unary()
        while True:
            token = self.token
            if token.kind not in ("op", "name"):
                return left
            word = token.text
            if word == "!" and self.look().text in ("in", "instanceof") and not token.line:
                word = "!" + self.look().text
            power = _POWERS.get(word)
            if power is None or power < least or (token.kind == "name" and word not in _WORDS):
                return left
            if token.line and word in _NOT_AFTER_LINE:
                return left
            self.take()
            if word.startswith("!") and word != "!=" and word != "!==":
                self.take()
            right: Expression
            if word in ("as", "instanceof", "!instanceof"):
                right = self.type_name()
            else:
                right = self.binary(power if word == "**" else power + 1)
            if word in ("..", "..<"):
                left = Range(left.start, right.end, left, right, word == "..<")
            else:
                left = Binary(left.start, right.end, word, left, right)

    def unary(self) -> Expression:
        """Parse an operand with what stands before it."""
        token = self.token
        if token.kind == "op" and token.text in ("!", "-", "+", "~", "++", "--"):
            self.take()
            # what a power binds stronger than
            operand = self.binary(_UNARY)
            return Unary(token.start, operand.end, token.text, operand)
        if token.text == "(" and (cast := self._cast()) is not None:
            return cast
        return self.postfix(self.primary())

    def _cast(self) -> Expression | None:
        """Parse ``(Type) value``."""
        name, close, after = self.look(1), self.look(2), self.look(3)
        if not (name.kind == "name" and close.text == ")" and close.kind == "op"):
            return None
        if not (name.text[0].isupper() or name.text in ("int", "long", "double", "float")):
            return None
        if after.line or not (
            after.kind in ("name", "int", "float", "string") or after.text in "(["
        ):
            return None
        if after.text in _WORDS:
            return None
        start = self.take().start
        type_ = self.type_name()
        self.need(")")
        operand = self.unary()
        return Binary(start, operand.end, "as", operand, type_)

    def postfix(self, value: Expression) -> Expression:
        """Parse what follows an operand: members, indexes, arguments, closures."""
        while True:
            token = self.token
            if token.kind != "op":
                return value
            if token.text in (".", "?.", "*.", ".&", "::", ".@"):
                value = self._member(value)
            elif token.text == "[" and not token.line:
                self.take()
                items = self._items("]")
                self.need("]")
                value = Subscript(value.start, self.behind, value, tuple(items))
            elif token.text == "(" and not token.line:
                value = self._call(value)
            elif token.text == "{" and not token.line and self._takes_closure(value):
                closure = self.closure()
                value = Call(value.start, closure.end, value, (closure,))
            elif token.text in ("++", "--") and not token.line:
                self.take()
                value = Unary(value.start, token.end, f"x{token.text}", value)
            else:
                return value

    def _takes_closure(self, value: Expression) -> bool:
        return isinstance(value, (Name, Property))

    def _member(self, of: Expression) -> Expression:
        mark = self.take().text
        token = self.token
        computed: Expression | None = None
        name = ""
        if token.kind == "name":
            name = self.take().text
        elif token.kind == "string":
            text = self.string()
            if text.plain is None:
                computed = text
            else:
                name = text.plain
        elif token.text == "(":
            self.take()
            computed = self.expression()
            self.need(")")
        else:
            self.unexpected("expected the name of a member")
        return Property(of.start, self.behind, of, name, mark, computed)

    def _call(self, function: Expression) -> Expression:
        self.need("(")
        args, named = self.arguments(")")
        self.need(")", " after the arguments")
        if self.token.text == "{" and not self.token.line and self.token.kind == "op":
            args.append(self.closure())
        return Call(function.start, self.behind, function, tuple(args), tuple(named))

    def arguments(self, close: str | None) -> tuple[list[Expression], list[Entry]]:
        """Parse arguments up to a bracket, or (None) to the end of the statement."""
        args: list[Expression] = []
        named: list[Entry] = []
        while close is None or not self.sees(close):
            entry = self._entry()
            if entry is not None:
                named.append(entry)
            else:
                args.append(self._item() if close is None else self._assigned(self._item()))
            if not self.accept(","):
                break
        return args, named

    def _assigned(self, target: Expression) -> Expression:
        """Parse ``= value`` behind what stands in brackets: in Groovy an assignment is a value."""
        if not (self.token.kind == "op" and self.token.text in ASSIGNS):
            return target
        operator = self.take().text
        value = self._assigned(self.expression())
        return Binary(target.start, value.end, operator, target, value)

    def _item(self) -> Expression:
        token = self.token
        if token.text == "*" and token.kind == "op":
            self.take()
            value = self.expression()
            return Unary(token.start, value.end, "*", value)
        return self.expression()

    def _items(self, close: str) -> list[Expression]:
        items = []
        while not self.sees(close):
            items.append(self._item())
            if not self.accept(","):
                break
        return items

    def _entry(self) -> Entry | None:
        """Parse ``key: value`` if that is what comes."""
        token, after = self.token, self.look()
        key: Expression | None
        if token.text == "*" and token.kind == "op" and after.text == ":" and after.kind == "op":
            self.take()
            key = None
        elif token.kind in ("name", "int", "string") and after.text == ":" and after.kind == "op":
            key = (
                self.string()
                if token.kind == "string"
                else Str(token.start, self.take().end, (token.text,), "'")
            )
        elif token.text == "(" and token.kind == "op":
            start = self.at
            depth = 0
            ahead = self.at
            while self.tokens[ahead].kind != "end":
                depth += (
                    {"(": 1, ")": -1}.get(self.tokens[ahead].text, 0)
                    if self.tokens[ahead].kind == "op"
                    else 0
                )
                ahead += 1
                if depth == 0:
                    break
            if not (self.tokens[ahead].kind == "op" and self.tokens[ahead].text == ":"):
                return None
            self.at = start
            self.take()
            key = self.expression()
            self.need(")")
        else:
            return None
        self.need(":")
        value = self.expression()
        return Entry(token.start, value.end, key, value)

    def primary(self) -> Expression:
        """Parse an operand alone."""
        token = self.token
        if token.kind == "string":
            return self.string()
        if token.kind in ("int", "float"):
            self.take()
            return Constant(token.start, token.end, _number(token.text))
        if token.kind == "name":
            return self._named()
        if token.text == "(":
            self.take()
            first = self._assigned(self.expression())
            if self.sees(","):
                items = [first]
                while self.accept(","):
                    items.append(self.expression())
                self.need(")")
                return TupleOf(token.start, self.behind, tuple(items))
            self.need(")")
            return first
        if token.text == "[":
            return self._list()
        if token.text == "{":
            return self.closure()
        self.unexpected("expected a value")
        raise AssertionError

    def _named(self) -> Expression:
        token = self.take()
        if token.text in ("true", "false"):
            return Constant(token.start, token.end, token.text == "true")
        if token.text == "null":
            return Constant(token.start, token.end, None)
        if token.text == "new" and self.token.kind == "name":
            type_ = self.type_name()
            args: list[Expression] = []
            if self.accept("("):
                given, named = self.arguments(")")
                args = given + ([MapOf(token.start, self.behind, tuple(named))] if named else [])
                self.need(")")
            return New(token.start, self.behind, type_, tuple(args))
        if token.text in RESERVED:
            self.at -= 1
            self.unexpected("expected a value")
        return Name(token.start, token.end, token.text)

    def _list(self) -> Expression:
        start = self.need("[").start
        if self.sees(":"):
            self.take()
            self.need("]")
            return MapOf(start, self.behind, ())
        args, named = self.arguments("]")
        self.need("]", " or a comma")
        if named and args:
            self.text.fail(start, self.behind, "a list and a map in one", "write [a: b] or [a, b]")
        if named:
            return MapOf(start, self.behind, tuple(named))
        return ListOf(start, self.behind, tuple(args))

    def string(self) -> Str:
        """Parse a text."""
        token = self.take()
        parts: list[str | Expression] = []
        for part in token.parts:
            if isinstance(part, str):
                if part:
                    parts.append(part)
                continue
            parts.append(self._inner(part))
        return Str(token.start, token.end, tuple(parts), token.quote)

    def _inner(self, tokens: list[Token]) -> Expression:
        kept = self.tokens, self.at
        self.tokens, self.at = tokens, 0
        try:
            if self.accept("->"):
                value = self.expression()
            elif self.token.kind == "end":
                value = Constant(self.token.start, self.token.start, None)
            else:
                value = self.expression()
            if self.token.kind != "end":
                self.unexpected("expected the end of the expression in a text")
            return value
        finally:
            self.tokens, self.at = kept

    # --- closures and types

    def closure(self) -> Closure:
        """Parse ``{ a, b -> ... }``."""
        start = self.need("{").start
        parameters = self._closure_parameters()
        body = self.statements("}")
        self.need("}")
        return Closure(start, self.behind, parameters, tuple(body))

    def _closure_parameters(self) -> tuple[Parameter, ...] | None:
        start, depth, ahead = self.at, 0, self.at
        while True:
            token = self.tokens[ahead]
            if token.kind == "end" or (token.text in ("{", "}", ";") and token.kind == "op"):
                return None
            if token.kind == "op":
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
                if token.text == "->" and depth == 0:
                    break
                if depth < 0:
                    return None
            ahead += 1
            if ahead - start > 200:
                return None
        found = self.parameters("->")
        self.need("->")
        return tuple(found)

    def parameters(self, close: str) -> list[Parameter]:
        """Parse parameters up to a bracket or arrow."""
        found: list[Parameter] = []
        while not self.sees(close):
            found.append(self._parameter())
            if not self.accept(","):
                break
        return found

    def _parameter(self) -> Parameter:
        start = self.token.start
        if self.accept("("):
            several = self.parameters(")")
            self.need(")")
            return Parameter(start, self.behind, "", several=tuple(several))
        type_: TypeName | None = None
        while self.token.text in ("final", "def") and self.look().kind == "name":
            self.take()
        after = self.look()
        if (
            after.kind == "name"
            or after.text in ("<", "[")
            or (after.text == "." and after.kind == "op")
        ):
            type_ = self.type_name()
        if self.sees("..."):
            self.take()
        name = self.word("the name of a parameter").text
        if self.accept(":"):
            type_ = self.type_name()
        default = self.expression() if self.accept("=") else None
        return Parameter(start, self.behind, name, type_, default)

    def type_name(self) -> TypeName:
        """Parse a type."""
        token = self.word("a type")
        name = token.text
        while self.sees(".") and self.look().kind == "name":
            self.take()
            name += "." + self.take().text
        arguments: list[TypeName] = []
        if self.sees("<") and not self.token.line:
            self.take()
            while not self.sees(">", ">>", ">>>"):
                arguments.append(
                    TypeName(self.take().start, self.behind, "?")
                    if self.sees("?")
                    else self.type_name()
                )
                if not self.accept(","):
                    break
            self._close_angle()
        while self.sees("[") and self.look().text == "]":
            self.take()
            self.take()
            name += "[]"
        optional = self.sees("?") and not self.token.apart and self.accept("?")
        return TypeName(token.start, self.behind, name, tuple(arguments), bool(optional))

    def _close_angle(self) -> None:
        token = self.token
        if token.text in (">>", ">>>") and token.kind == "op":
            self.tokens[self.at] = token._replace(text=token.text[1:], start=token.start + 1)
            return
        self.need(">", " after the arguments of a type")

    def statements(self, close: str) -> list[Statement]:
        """Parse statements up to a brace (:mod:`fairwf_nextflow.grammar.statements`)."""
        raise NotImplementedError


def _number(text: str) -> int | float:
    bare = text.replace("_", "")
    if bare[:2].lower() in ("0x", "0b"):
        return int(bare.rstrip("lLiIgG"), 0)
    if set(bare) & set(".eEfFdD"):
        return float(bare.rstrip("fFdDgG"))
    return int(bare.rstrip("lLiIgG")[:400])
