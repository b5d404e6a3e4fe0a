"""YAML that 1.1 and 1.2 read alike: gxformat2 and Galaxy read YAML 1.1, we read 1.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fairwf.source import printable_json


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write a text in quotes wherever one of the versions would read another value."""
    if "\n" in text and printable_json(text) == text and not text.startswith((" ", "\n")):
        lines = text.split("\n")
        if all(line == line.rstrip() for line in lines) and "\t" not in text:
            return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    style = None if text and _plain(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _plain(text: str) -> bool:
    first = text[0]
    return (first.isalpha() or first in "$_") and text.lower() not in _WORDS


_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})

_Dumper.add_representer(str, _text)


def yaml_text(value: Any) -> bytes:
    """Return a value of JSON as YAML in UTF-8, in the order that it has."""
    text = yaml.dump(
        _bare(value),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=False,
    )
    return text.encode()


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _bare(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_bare(item) for item in value]
    return value
