"""POSIX extended regular expressions (IEEE 1003.1, chapter 9) that no pattern can slow down.

Patterns come from documents of strangers. A backtracking matcher takes exponential time on some of
them, so this one follows all alternatives at once (Thompson) and remembers the sets of places it
has been in (a lazy deterministic automaton). Its time is bounded by the length of the text times
that of the pattern for each start, and by a budget of steps in all. The match is the leftmost and,
of those, the longest, as POSIX says. There are no back references: POSIX has none here.

Beside POSIX: ``\\d \\w \\s`` and their capitals as in GNU and Perl, ``\\t`` and ``\\n``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from fairwf.engine.evaluate.errors import FunctionError

MAX_PATTERN = 10_000
MAX_PLACES = 20_000
MAX_REPEAT = 255
MAX_STEPS = 10_000_000
_MAX_SETS = 2_000
_MAX_DEPTH = 100

Test = Callable[[str], bool]

_CLASSES: dict[str, Test] = {
    "alpha": str.isalpha,
    "digit": lambda c: "0" <= c <= "9",
    "alnum": lambda c: c.isalpha() or "0" <= c <= "9",
    "upper": str.isupper,
    "lower": str.islower,
    "space": lambda c: c in " \t\n\r\f\v",
    "blank": lambda c: c in " \t",
    "punct": lambda c: c.isascii() and c.isprintable() and not c.isalnum() and c != " ",
    "print": str.isprintable,
    "graph": lambda c: c.isprintable() and not c.isspace(),
    "cntrl": lambda c: ord(c) < 32 or ord(c) == 127,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}
_SHORT: dict[str, Test] = {
    "d": _CLASSES["digit"],
    "s": _CLASSES["space"],
    "w": lambda c: c == "_" or c.isalnum(),
}


class _Place:
    """A place in the automaton: it consumes a character, asserts an end, or splits."""

    __slots__ = ("anchor", "number", "test", "to")

    def __init__(self, number: int) -> None:
        self.number = number
        self.test: Test | None = None
        self.anchor: str | None = None
        self.to: list[_Place] = []


# A parsed pattern: ("test", f) | ("anchor", c) | ("seq", [..]) | ("alt", [..]) | ("rep", n, lo, hi)
_Tree = tuple[Any, ...]


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def fail(self, why: str) -> FunctionError:
        return FunctionError(
            f"the regular expression {self.pattern!r:.80} is malformed at character "
            f"{self.at + 1}: {why}"
        )

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def parse(self) -> _Tree:
        tree = self.alternatives()
        if self.at < len(self.pattern):
            raise self.fail("')' without '('")
        return tree

    def alternatives(self) -> _Tree:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.fail("nested too deeply")
        branches = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence(self) -> _Tree:
        parts: list[_Tree] = []
        while (c := self.peek()) and c not in "|)":
            part = self.atom()
            while self.peek() and self.peek() in "*+?{":
                bounds = self.repetition()
                if bounds is None:
                    break
                part = ("rep", part, *bounds)
            parts.append(part)
        return ("seq", parts)

    def repetition(self) -> tuple[int, int | None] | None:
        c = self.peek()
        if c != "{":
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[c]
        end = self.pattern.find("}", self.at)
        inside = self.pattern[self.at + 1 : end] if end > 0 else ""
        low, comma, high = inside.partition(",")
        if not (low.isascii() and low.isdigit() and (not high or high.isdigit())):
            raise self.fail("'{' must be followed by n}, n,} or n,m}; write \\{ for the character")
        least, most = int(low[:6]), int(high[:6]) if high else (None if comma else int(low[:6]))
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise self.fail(f"repetitions go from 0 to {MAX_REPEAT}, the smaller first")
        self.at = end + 1
        return least, most

    def atom(self) -> _Tree:
        c = self.peek()
        if c in "*+?":
            raise self.fail(f"{c!r} repeats nothing; write \\{c} for the character")
        if c == "(":
            self.at += 1
            inside = self.alternatives()
            if self.peek() != ")":
                raise self.fail("'(' without ')'")
            self.at += 1
            return inside
        if c == "[":
            return ("test", self.bracket())
        self.at += 1
        if c == ".":
            return ("test", lambda _: True)
        if c in "^$":
            return ("anchor", c)
        if c == "\\":
            return ("test", self.escape())
        return ("test", lambda x, c=c: x == c)

    def escape(self) -> Test:
        c = self.peek()
        if not c:
            raise self.fail("nothing follows the last backslash")
        self.at += 1
        if c in _SHORT:
            return _SHORT[c]
        if c.lower() in _SHORT:
            inside = _SHORT[c.lower()]
            return lambda x: not inside(x)
        if c.isalnum() and c not in "tn":
            raise self.fail(f"\\{c} means nothing in POSIX extended regular expressions")
        c = {"t": "\t", "n": "\n"}.get(c, c)
        return lambda x: x == c

    def bracket(self) -> Test:
        start = self.at
        self.at += 1
        negated = self.peek() == "^"
        self.at += negated
        tests: list[Test] = []
        singles: set[str] = set()
        first = True
        while first or self.peek() != "]":
            if not self.peek():
                self.at = start
                raise self.fail("'[' without ']'")
            first = False
            low = self.member(tests)
            if low is None:
                continue
            if self.peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.member(tests)
                if high is None or high < low:
                    raise self.fail("a range goes from a smaller to a larger character")
                tests.append(lambda c, low=low, high=high: low <= c <= high)  # type: ignore[misc]
            else:
                singles.add(low)
        self.at += 1
        return lambda c: (c in singles or any(test(c) for test in tests)) is not negated

    def member(self, tests: list[Test]) -> str | None:
        """One character of a bracket; a class goes to ``tests`` and gives None."""
        two = self.pattern[self.at : self.at + 2]
        if two in ("[:", "[=", "[."):
            end = self.pattern.find(two[1] + "]", self.at + 2)
            name = self.pattern[self.at + 2 : end] if end > 0 else ""
            if two == "[:":
                if name not in _CLASSES:
                    raise self.fail(f"there is no class [:{name:.20}:]")
                tests.append(_CLASSES[name])
            elif len(name) != 1:
                raise self.fail("only single characters are collating elements")
            self.at = end + 2
            return None if two == "[:" else name
        if two[:1] == "\\" and two[1:] in _SHORT:
            # A backslash is ordinary here in POSIX; every other dialect means the class.
            tests.append(_SHORT[two[1:]])
            self.at += 2
            return None
        if two[:1] == "\\" and two[1:] and two[1:] in "\\]tn[^-":
            self.at += 2
            return {"t": "\t", "n": "\n"}.get(two[1], two[1])
        self.at += 1
        return two[0]


class Pattern:
    """A compiled pattern. Offsets count code points."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise FunctionError(f"the regular expression has more than {MAX_PATTERN} characters")
        self._count = 0
        self._end = self._place()
        self._start = self._build(_Parser(pattern).parse(), self._end)
        self._moves: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._places: dict[int, _Place] = {}
        self._index(self._start)
        self._steps = 0

    def _place(self) -> _Place:
        self._count += 1
        if self._count > MAX_PLACES:
            raise FunctionError("the regular expression is too large when repetitions are counted")
        return _Place(self._count)

    def _build(self, tree: _Tree, after: _Place) -> _Place:
        kind = tree[0]
        if kind == "seq":
            for part in reversed(tree[1]):
                after = self._build(part, after)
            return after
        place = self._place()
        if kind == "test":
            place.test, place.to = tree[1], [after]
        elif kind == "anchor":
            place.anchor, place.to = tree[1], [after]
        elif kind == "alt":
            place.to = [self._build(branch, after) for branch in tree[1]]
        else:
            _, inside, least, most = tree
            if most is None:
                place.to = [self._build(inside, place), after]
                first = place
            else:
                first = after
                for _ in range(most - least):
                    split = self._place()
                    split.to = [self._build(inside, first), after]
                    first = split
            for _ in range(least):
                first = self._build(inside, first)
            return first
        return place

    def _index(self, start: _Place) -> None:
        todo = [start, self._end]
        while todo:
            place = todo.pop()
            if place.number not in self._places:
                self._places[place.number] = place
                todo += place.to

    def _closed(self, places: list[_Place], first: bool, last: bool) -> frozenset[int]:
        """All places reached without a character, at (or not at) the ends of the text."""
        seen: set[int] = set()
        todo = list(places)
        while todo:
            place = todo.pop()
            if place.number in seen:
                continue
            seen.add(place.number)
            self._spend(1)
            holds = place.anchor is None or (first if place.anchor == "^" else last)
            if place.test is None and holds:
                todo += place.to
        return frozenset(seen)

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise FunctionError("the regular expression takes too long on this text")

    def _step(self, places: frozenset[int], c: str, last: bool) -> frozenset[int]:
        key = (places, c)
        known = None if last else self._moves.get(key)
        if known is not None:
            self._spend(1)
            return known
        self._spend(len(places))
        to = []
        for number in places:
            place = self._places[number]
            if place.test is not None and place.test(c):
                to += place.to
        result = self._closed(to, False, last)
        if not last:
            if len(self._moves) >= _MAX_SETS:
                self._moves.clear()
            self._moves[key] = result
        return result

    def _longest(self, text: str, start: int) -> int | None:
        length = len(text)
        places = self._closed([self._start], start == 0, start == length)
        end = start if self._end.number in places else None
        for at in range(start, length):
            places = self._step(places, text[at], at + 1 == length)
            if not places:
                break
            if self._end.number in places:
                end = at + 1
        return end

    def first_match(self, text: str) -> tuple[int, int] | None:
        """Return start and end of the leftmost, longest match.

        Raises:
            FunctionError: it takes too long.
        """
        return next(self._matches(text), None)

    def all_matches(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of all matches that do not overlap.

        Raises:
            FunctionError: it takes too long.
        """
        return list(self._matches(text))

    def occurs_in(self, text: str) -> bool:
        """Tell whether the pattern matches somewhere in the text."""
        return self.first_match(text) is not None

    def matches_whole(self, text: str) -> bool:
        """Tell whether the pattern matches the text from its beginning to its end."""
        self._steps = 0
        return self._longest(text, 0) == len(text)

    def ends(self, text: str, start: int) -> list[int]:
        """Return all ends of a match that begins at ``start``, the longest first.

        ``^`` holds at the start and ``$`` at each end.

        Raises:
            FunctionError: it takes too long.
        """
        self._steps = 0
        found = []
        if self._end.number in self._closed([self._start], True, True):
            found.append(start)
        places = self._closed([self._start], True, False)
        for at in range(start, len(text)):
            if self._end.number in self._step(places, text[at], True):
                found.append(at + 1)
            places = self._step(places, text[at], False)
            if not places:
                break
        return found[::-1]

    def _matches(self, text: str) -> Iterator[tuple[int, int]]:
        self._steps = 0
        at, ended = 0, -1
        while at <= len(text):
            end = self._longest(text, at)
            if end is None or (end == at == ended):
                at += 1
                continue
            yield at, end
            ended = end
            at = end if end > at else at + 1


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Pattern:
    """Return the compiled pattern.

    Raises:
        FunctionError: it is malformed or too large.
    """
    return Pattern(pattern)
