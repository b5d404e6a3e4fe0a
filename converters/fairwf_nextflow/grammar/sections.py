"""The sections of processes and workflows, from their statements and labels."""

from __future__ import annotations

from collections.abc import Sequence

from fairwf_nextflow.grammar.directive_names import DIRECTIVES
from fairwf_nextflow.grammar.source_text import Text
from fairwf_nextflow.grammar.tree import (
    Assign,
    Call,
    Evaluate,
    Expression,
    Label,
    Name,
    Process,
    Statement,
    Str,
    WorkflowBlock,
)

BODIES = ("script", "shell", "exec")
_PROCESS = ("input", "output", "when", "stage", "topic", "stub", *BODIES)
_WORKFLOW = ("take", "main", "emit", "publish", "onComplete", "onError")


def process(text: Text, start: int, end: int, name: str, body: Sequence[Statement]) -> Process:
    """Return a process from the statements in its braces.

    Raises:
        InvalidError: FWF1601 a section is unknown.
    """
    sections: dict[str, list[Statement]] = {"directives": []}
    current = "directives"
    for statement in body:
        if (isinstance(statement, Label) and current not in (*BODIES, "stub")) or (
            isinstance(statement, Label) and statement.name in _PROCESS
        ):
            current = _begin(text, statement, sections, _PROCESS, "process")
        else:
            if _begins_script(statement) and current in ("directives", "input", "output", "topic"):
                current = "script"
            late = current in ("input", "output") and _is_directive(statement)
            sections.setdefault("directives" if late else current, []).append(statement)
    kinds = [kind for kind in BODIES if kind in sections]
    kind = kinds[0] if kinds else "script"
    return Process(
        start,
        end,
        name,
        tuple(sections["directives"]),
        tuple(sections.get("input", ())),
        tuple(sections.get("output", ())),
        _condition(sections.get("when", ())),
        kind,
        tuple(sections.get(kind, ())),
        tuple(sections.get("stub", ())),
        tuple(sections.get("topic", ())),
    )


def workflow(
    text: Text, start: int, end: int, name: str | None, body: Sequence[Statement]
) -> WorkflowBlock:
    """Return a workflow from the statements in its braces.

    Raises:
        InvalidError: FWF1601 a section is unknown.
    """
    sections: dict[str, list[Statement]] = {}
    current = "main"
    for statement in body:
        if isinstance(statement, Label):
            current = _begin(text, statement, sections, _WORKFLOW, "workflow")
        else:
            sections.setdefault(current, []).append(statement)
    parts = (tuple(sections.get(part, ())) for part in _WORKFLOW[:4])
    return WorkflowBlock(start, end, name, *parts)


def _begin(
    text: Text,
    label: Label,
    sections: dict[str, list[Statement]],
    known: Sequence[str],
    what: str,
) -> str:
    if label.name not in known:
        hint = f"a {what} has: {', '.join(known)}"
        text.fail(label.start, label.end, f"a {what} has no section {label.name!r}", hint)
    if label.name == "when" and "when" in sections:
        text.fail(label.start, label.end, "the section 'when' comes twice", "join both with &&")
    other = next((kind for kind in BODIES if kind in sections and kind != label.name), None)
    if label.name in BODIES and other is not None:
        message = f"a process that has {other!r} cannot have {label.name!r}"
        text.fail(label.start, label.end, message, "a process has one of these sections")
    sections.setdefault(label.name, [])
    return label.name


def _is_directive(statement: Statement) -> bool:
    """Tell whether a directive stands among inputs or outputs, where Nextflow takes it too."""
    match statement:
        case Evaluate(value=Call(function=Name(name=name))):
            return name in DIRECTIVES
    return False


def _begins_script(statement: Statement) -> bool:
    if isinstance(statement, Assign):
        return statement.declared and statement.value is not None
    return isinstance(statement, Evaluate) and isinstance(statement.value, Str)


def _condition(statements: Sequence[Statement]) -> Expression | None:
    for statement in statements:
        if isinstance(statement, Evaluate):
            return statement.value
    return None
