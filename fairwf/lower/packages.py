"""Conda packages, environment modules and Spack specs become required packages by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.environment import Environment, Package
from fairwf.ir.walk import escape
from fairwf.lower.context import Context
from fairwf.report import Fate

_FORM = {
    "conda": re.compile(r"(?P<name>[\w.+-]+)(?:\s*=+\s*(?P<version>[\w.+-]+).*)?"),
    "modules": re.compile(r"(?P<name>[^/]+)(?:/(?P<version>.+))?"),
    "spack": re.compile(r"(?P<name>[\w.-]+)(?:@(?P<version>[\w.-]+))?.*"),
}


@dataclass(frozen=True)
class ToPackages:
    """Each entry becomes a :class:`Package`: name and version stay, where it comes from goes.

    A conda environment known only by its file or name has no packages to say, and stays.
    """

    source: Literal["conda", "modules", "spack"]
    removes: Feature
    adds: frozenset[Feature] = frozenset({Feature.PACKAGES})
    fate: Fate = "approximated"

    @property
    def name(self) -> str:
        """``packages_of_`` and the source."""
        return f"packages_of_{self.source}"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with packages in place of these entries."""

        def visit(node: msgspec.Struct) -> msgspec.Struct:
            if not isinstance(node, Environment):
                return node
            entries = self._entries(node)
            packages = [package for entry in entries if (package := self._package(entry))]
            if not entries or len(packages) < len(entries):
                return node
            for entry in entries:
                place, part = (node, f"{self.source}/{escape(entry)}")
                if self.source == "conda" and node.conda is not None:
                    context.told(
                        "approximated",
                        node.conda,
                        f"{entry} is required by name: its channel is not said",
                        part=f"packages/{escape(entry)}",
                    )
                else:
                    text = f"{entry} is required by name, without its provider"
                    context.told("approximated", place, text, part=part)
            if self.source == "conda" and node.conda is not None:
                for channel in node.conda.channels:
                    text = f"the conda channel {channel} is left out"
                    context.told("lost", node.conda, text, part=f"channels/{escape(channel)}")
            changes: dict[str, object] = (
                {"conda": None} if self.source == "conda" else {self.source: ()}
            )
            return context.replace(node, packages=(*node.packages, *packages), **changes)

        return context.rewrite(workflow, visit)

    def _entries(self, node: Environment) -> Sequence[str]:
        if self.source == "conda":
            return node.conda.packages if node.conda is not None else ()
        return node.modules if self.source == "modules" else node.spack

    def _package(self, entry: str) -> Package | None:
        found = _FORM[self.source].fullmatch(entry.strip())
        if found is None:
            return None
        version = found["version"]
        return Package(name=found["name"], versions=(version,) if version else ())
