"""``nextflow.config``: scopes, settings, selectors, includes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from fairwf.report import InvalidError
from fairwf_nextflow.grammar.expressions import ASSIGNS
from fairwf_nextflow.grammar.source_text import Text
from fairwf_nextflow.grammar.statements import Parser
from fairwf_nextflow.grammar.tokens import tokens
from fairwf_nextflow.grammar.tree import Expression, Name, Node, Property, Statement


@dataclass(slots=True, frozen=True)
class Setting(Node):
    """``a.b = value``; ``also`` are the other paths of ``a.b = c.d = value``."""

    path: tuple[str, ...]
    value: Expression
    also: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True, frozen=True)
class Scope(Node):
    """``name { ... }``; ``selector`` of ``withName: 'x' { }`` is its pattern."""

    name: str
    selector: str | None
    body: tuple[ConfigStatement, ...]


@dataclass(slots=True, frozen=True)
class ConfigInclude(Node):
    """``includeConfig 'file'``."""

    path: Expression


@dataclass(slots=True, frozen=True)
class Code(Node):
    """Groovy that is run where the configuration is read."""

    statement: Statement


@dataclass(slots=True, frozen=True)
class Either(Node):
    """``if (test) { ... } else { ... }`` around settings and scopes."""

    test: Expression
    then: tuple[ConfigStatement, ...]
    otherwise: tuple[ConfigStatement, ...]


ConfigStatement = Union[Setting, Scope, ConfigInclude, Code, Either]
_SELECTORS = ("withName", "withLabel")
_WORDS = frozenset({"try", "if", "else", "for", "while", "switch", "def", "return", "import"})


def parse_config(text: Text) -> tuple[ConfigStatement, ...]:
    """Return the tree of a configuration.

    Raises:
        InvalidError: FWF1601 the first thing that is wrong; FWF1009 it is nested too deeply.
    """
    try:
        return tuple(_ConfigParser(text, tokens(text)).config(""))
    except RecursionError:
        message = "the configuration is nested too deeply"
        raise InvalidError.of("FWF1009", message, file=text.name) from None


class _ConfigParser(Parser):
    def config(self, close: str) -> list[ConfigStatement]:
        """Parse settings up to a brace, or (``""``) to the end."""
        return self.until(close, self._config_statement)

    def _config_statement(self) -> ConfigStatement:
        token, after = self.token, self.look()
        if token.kind == "name" and token.text == "if":
            return self._either()
        if token.text == "includeConfig" and after.text != "=":
            self.take()
            path = self.expression()
            return ConfigInclude(token.start, self.behind, path)
        if token.text in _SELECTORS and after.text == ":":
            self.take()
            self.take()
            pattern = self._pattern()
            return self._scope(token.start, token.text, pattern)
        if token.kind == "string" and after.text == "{":
            name = self.string().plain or ""
            return self._scope(token.start, name, None)
        if token.kind == "name" and after.text == "{" and token.text not in _WORDS:
            self.take()
            return self._scope(token.start, token.text, None)
        own = token.kind == "string" or (token.kind == "name" and token.text not in _WORDS)
        if own and (setting := self._setting()) is not None:
            return setting
        statement = self.statement()
        return Code(statement.start, statement.end, statement)

    def _either(self) -> Either:
        start = self.take().start
        self.need("(", " after if")
        test = self.expression()
        self.need(")")
        then = self._branch()
        if self.sees(";") and self.look().text == "else":
            self.take()
        otherwise = self._branch() if self.accept("else") else ()
        return Either(start, self.behind, test, then, otherwise)

    def _branch(self) -> tuple[ConfigStatement, ...]:
        if not self.accept("{"):
            return (self._config_statement(),)
        body = self.config("}")
        self.need("}")
        return tuple(body)

    def _pattern(self) -> str:
        token = self.token
        if token.kind == "string":
            return self.string().plain or ""
        start = token.start
        while not (self.sees("{") or self.token.kind == "end"):
            self.take()
        return self.text.text[start : self.behind].strip()

    def _scope(self, start: int, name: str, selector: str | None) -> Scope:
        self.need("{")
        body = self.config("}")
        self.need("}")
        return Scope(start, self.behind, name, selector, tuple(body))

    def _named_path(self, target: Expression) -> tuple[str, ...]:
        if isinstance(target, Property) and target.mark == "." and target.computed is None:
            return (*self._named_path(target.of), target.name)
        if not isinstance(target, Name):
            self.text.fail(target.start, target.end, "this is no setting that takes a value")
        return (target.name,)

    def _setting(self) -> Setting | Scope | None:
        """Parse ``a.'b'.c = value``, or ``a.b { }``, if that is what comes."""
        start, kept = self.token.start, self.at
        path: list[str] = []
        while self.token.kind in ("name", "string"):
            if self.token.kind == "string":
                plain = self.string().plain
                if plain is None:
                    break
                path.append(plain)
            else:
                path.append(self.take().text)
            while self.sees("[") and self.look().kind == "string" and self.look(2).text == "]":
                self.take()
                path.append(self.string().plain or "")
                self.take()
            if not self.sees(".") or self.token.line:
                break
            self.take()
        if self.token.kind == "op" and self.token.text in ASSIGNS and path:
            self.take()
            value = self._command(self.expression())
            also: list[tuple[str, ...]] = []
            while self.accept("="):
                also.append(self._named_path(value))
                value = self.expression()
            return Setting(start, self.behind, tuple(path), value, tuple(also))
        if self.sees("{") and path and not self.token.line:
            self.need("{")
            body = self.config("}")
            self.need("}")
            inner: Scope = Scope(start, self.behind, path[-1], None, tuple(body))
            for name in reversed(path[:-1]):
                inner = Scope(start, self.behind, name, None, (inner,))
            return inner
        if path and self.token.kind in ("string", "int") and not self.token.line:
            value = self.expression()  # a setting without its sign, as old files have
            return Setting(start, self.behind, tuple(path), value)
        self.at = kept
        return None
