"""Passwords and keys that stand in the document for everybody to read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from fairwf.check.findings import Findings
from fairwf.check.rules.tasks import own_nodes
from fairwf.check.sites import placed
from fairwf.ir.command import Text
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import BytesLit, File, StringLit
from fairwf.ir.ports import InputPort
from fairwf.ir.workflow import Process, Step

_KEYS = {
    "a key of Amazon Web Services": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b",
    "a token of GitLab": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a password in an address": r"[a-z][a-z0-9+.-]*://[^\s/:@'\"<>${}]+:[^\s/:@'\"<>${}]{4,}@[\w.-]+",
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _KEYS.items()}
_NAMES = re.compile(
    r"(?:^|[_.-])(?:passwd|password|passphrase|secret|api_?key|secret_?key|access_?key|"
    r"(?:auth|access|api|bearer)_?token)$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\A(?:<.*>|\$.*|\{.*\}|x+|\*+|(?:my|your|the|change|some|dummy|example|test|todo|none|null|"
    r"secret|password|passwd|token|key).*)\Z",
    re.IGNORECASE,
)
_SHORTEST = 6


def check_secrets(root: Process, findings: Findings) -> None:
    """Tell of texts that are keys by their form, and of values of what is named like a secret.

    The message never shows the secret. Placeholders (``<token>``, ``changeme``) are not told of.
    """
    for place in placed(root):
        for node in own_nodes(place.process):
            for what, at in _secrets(node):
                findings.tell(
                    "FWF2108",
                    at,
                    f"{what} stands in the document in plain text",
                    "take it out and revoke it; make it an input that is a secret",
                )


def _secrets(node: msgspec.Struct) -> Iterator[tuple[str, msgspec.Struct]]:
    text = None
    if isinstance(node, StringLit):
        text = node.value
    elif isinstance(node, Text):
        text = node.text
    elif isinstance(node, File):
        text = node.contents
    elif isinstance(node, BytesLit):
        text = node.value.decode("latin-1")
    if text:
        yield from ((what, node) for what, known in _PATTERNS.items() if known.search(text))
    if isinstance(node, InputPort) and _is_secret(node.id, node.default):
        assert node.default is not None
        yield f"the value of {node.id!r:.60}", node.default
    elif isinstance(node, Environment):
        for name, value in node.variables.items():
            if _is_secret(name, value):
                yield f"the value of {name!r:.60}", value
    elif isinstance(node, Step):
        for name, value in node.inputs.items():
            if _is_secret(name, value):
                yield f"the value of {name!r:.60}", value


def _is_secret(name: str, value: object) -> bool:
    return (
        isinstance(value, StringLit)
        and _NAMES.search(name) is not None
        and len(value.value) >= _SHORTEST
        and not _PLACEHOLDER.match(value.value)
        and " " not in value.value
    )
