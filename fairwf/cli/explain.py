"""``fairwf explain``."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from fairwf.cli.examples_of_codes import examples_of
from fairwf.cli.options import examples, output_format
from fairwf.cli.outputs import CodeEntry, CodeExamples, CodeList, encode
from fairwf.codes import CODES


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    begun = incomplete.upper()
    return [
        CompletionItem(code, help=entry.title)
        for code, entry in CODES.items()
        if code.startswith(begun) or code.removeprefix("FWF").startswith(begun)
    ]


@click.command(epilog=examples("fairwf explain FWF2001", "fairwf explain --format json"))
@click.argument("code", required=False, shell_complete=_complete)
@output_format("text", "json")
def explain(code: str | None, format_: str) -> None:
    """Say what a diagnostic code means, with examples; without CODE, list all codes."""
    chosen = list(CODES)
    if code is not None:
        chosen = [_known(code)]
    entries = [
        CodeEntry(
            code=name,
            severity=CODES[name].severity,
            title=CODES[name].title,
            explanation=CODES[name].explanation,
            fate=CODES[name].fate,
            examples=_examples(name) if code is not None else None,
        )
        for name in chosen
    ]
    if format_ == "json":
        click.echo(encode(CodeList(codes=entries)))
    elif code is None:
        click.echo("\n".join(f"{e.code}  {e.severity:8}{e.title}" for e in entries))
    else:
        entry = entries[0]
        fate = f", {entry.fate}" if entry.fate else ""
        click.echo(f"{entry.code}: {entry.title} ({entry.severity}{fate})\n")
        click.echo(click.wrap_text(entry.explanation, 80))
        if (shown := examples_of(entry.code)) is not None:
            click.echo(f"\n{shown.render()}")


def _examples(code: str) -> CodeExamples | None:
    shown = examples_of(code)
    if shown is None:
        return None
    wrong, right = dict(shown.files("wrong")), dict(shown.files("right"))
    return CodeExamples(command=shown.command, wrong=wrong, right=right)


def _known(code: str) -> str:
    name = code.upper()
    name = name if name.startswith("FWF") else f"FWF{name}"
    if name not in CODES:
        raise click.BadParameter(f"no code {code!r:.40}; `fairwf explain` lists all")
    return name
