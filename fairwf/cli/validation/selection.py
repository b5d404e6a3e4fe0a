"""Which findings count: sets by name, codes, places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fairwf.cli.validation.configuration import NOTHING, Configuration, Names
from fairwf.document import Document
from fairwf.report import Diagnostic, Report

RULES = ("references", "reachability", "unused", "shell", "containers", "paths", "secrets")
"""The sets of rules, as :mod:`fairwf.check.rules` has them."""

ON_DEMAND = ("portability",)
"""Sets that count only where they are named."""

DEPRECATED = frozenset({"FWF1114", "FWF1410"})
"""The codes with which readers tell of constructs that their languages discourage."""

SETS = (
    *("syntax", "names", "links", "types", "outputs", "files", "cycles", "crate"),
    *("deprecated", *RULES, *ON_DEMAND),
)
"""What can be selected: what readers find, the sets of :mod:`fairwf.check`, crates, rules."""

_NOT_CHECKS = frozenset({"syntax", "crate", "deprecated", *ON_DEMAND})


@dataclass(frozen=True)
class Selection:
    """Which findings count: sets by name, and prefixes of codes; no selection is all of them.

    That a document cannot be read always counts, unless its code is ignored by name. A
    configuration adds what it says; what the command line selects counts instead of its.
    """

    selected: Names = NOTHING
    ignored: Names = NOTHING
    strict: bool = False
    configuration: Configuration | None = None

    def under(self, configuration: Configuration | None) -> Selection:
        """Return the selection where a configuration is in force."""
        if configuration is None:
            return self
        return Selection(
            selected=self.selected if self.selected != NOTHING else configuration.select,
            ignored=self.ignored.plus(configuration.ignore),
            strict=self.strict,
            configuration=configuration,
        )

    @property
    def every(self) -> bool:
        """True where nothing is selected, so that everything is, but for what is on demand."""
        return self.selected == NOTHING

    def read(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return those of a reader's findings that count."""
        return [
            d
            for d in found
            if (d.severity == "error" or self._reads(d) or self._named(d))
            and not d.code.startswith(self.ignored.codes or "-")
        ]

    def check(self, document: Document) -> list[Diagnostic]:
        """Check a document and return the findings that count."""
        from fairwf.check import RULES, SETS

        sets = [name for name in (*SETS, *RULES) if self.every or name in self.selected.sets]
        found = self._found(document, sets)
        if self._wants("portability") or self._names("FWF2110"):
            from fairwf.portability import check_portability

            check_portability(document, report := Report())
            found += report
        if self.selected.codes:
            known = set(found)
            everything = self._found(document, [*SETS, *RULES])
            found += [d for d in everything if self._named(d) and d not in known]
        return [d for d in found if not d.code.startswith(self.ignored.codes or "-")]

    def _found(self, document: Document, sets: Sequence[str]) -> list[Diagnostic]:
        """Return what sets of checks find and no file's own entry leaves out.

        The code alone does not tell which set found something, so where files leave out sets, the
        checks run set by set.
        """
        from fairwf.check import check

        if not self._sets_by_file():
            return list(check(document, Report(), select=sets, ignore=self.ignored.sets))
        found: dict[Diagnostic, None] = {}
        for name in sets:
            told = check(document, Report(), select=[name], ignore=self.ignored.sets)
            found.update((d, None) for d in told if name not in self._ignored_in(d).sets)
        return list(found)

    def crate(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return those of the findings about a crate that count; what is unsafe always does."""
        return [
            d
            for d in found
            if (self._wants("crate") or d.code == "FWF5006" or self._named(d))
            and not d.code.startswith(self.ignored.codes or "-")
        ]

    def counts(self, diagnostic: Diagnostic) -> bool:
        """Tell whether a finding counts where it stands (``per-file-ignores``)."""
        ignored = self._ignored_in(diagnostic)
        if diagnostic.code.startswith(ignored.codes or "-"):
            return False
        return not ignored.sets or set_of(diagnostic.code) not in ignored.sets

    def _ignored_in(self, diagnostic: Diagnostic) -> Names:
        if self.configuration is None or diagnostic.file is None:
            return NOTHING
        return self.configuration.ignored_in(diagnostic.file)

    def _sets_by_file(self) -> bool:
        configuration = self.configuration
        return configuration is not None and any(names.sets for _, names in configuration.per_file)

    def _reads(self, diagnostic: Diagnostic) -> bool:
        name = "deprecated" if diagnostic.code in DEPRECATED else "syntax"
        return self._wants(name) and name not in self._ignored_in(diagnostic).sets

    def _wants(self, name: str) -> bool:
        if name in self.ignored.sets:
            return False
        return name in self.selected.sets or (self.every and name not in ON_DEMAND)

    def _names(self, code: str) -> bool:
        return bool(self.selected.codes) and code.startswith(self.selected.codes)

    def _named(self, diagnostic: Diagnostic) -> bool:
        return self._names(diagnostic.code)


_SETS_BY_CODE = {
    **dict.fromkeys(("FWF2001", "FWF2002", "FWF2011"), "names"),
    **dict.fromkeys(("FWF2005", "FWF2006"), "links"),
    **dict.fromkeys(("FWF2003", "FWF2007", "FWF2008", "FWF2013", "FWF2014"), "types"),
    "FWF2004": "cycles",
    "FWF2009": "outputs",
    "FWF2015": "links",
    "FWF2101": "references",
    "FWF2102": "reachability",
    "FWF2103": "reachability",
    "FWF2104": "unused",
    "FWF2105": "shell",
    "FWF2106": "containers",
    "FWF2107": "paths",
    "FWF2108": "secrets",
    "FWF2110": "portability",
    **dict.fromkeys(DEPRECATED, "deprecated"),
}


def set_of(code: str) -> str:
    """Return the set that a code tells, ``syntax`` for readers'; none for one of several sets."""
    if code.startswith(("FWF50", "FWF51")):
        return "crate"
    return _SETS_BY_CODE.get(code, "syntax" if code.startswith("FWF1") else "")


def names_of(texts: Sequence[str]) -> Names:
    """Return sets and codes from texts; several may stand in one, with commas between.

    Raises:
        ValueError: one is neither; the message says what is known.
    """
    from fairwf.codes import CODES
    from fairwf.source import did_you_mean

    sets: list[str] = []
    codes: list[str] = []
    for name in (part.strip() for text in texts for part in text.split(",")):
        if name == "links":
            sets += ["names", "links"]  # a link to what does not exist is a name that is unknown
        elif name in SETS:
            sets.append(name)
        elif name.upper().startswith("FWF"):
            if not any(code.startswith(name.upper()) for code in CODES):
                near = did_you_mean(name.upper(), CODES)
                raise ValueError(f"no code {name!r:.40}; {near or '`fairwf explain` lists all'}")
            codes.append(name.upper())
        else:
            near = did_you_mean(name, SETS)
            known = f"known: {', '.join(SETS)}, or FWF…"
            raise ValueError(f"unknown set {name!r:.40}; {f'{near} ' if near else ''}{known}")
    return Names(tuple(sets), tuple(codes))
