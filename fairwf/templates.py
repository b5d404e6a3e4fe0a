"""Workflows to begin with: the examples of ``examples/motifs``, which a wheel holds too."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fairwf.atomic import write_files
from fairwf.report import EnvironmentFault, UsageFault
from fairwf.source import did_you_mean

MAIN = "workflow.ir.yml"
JOB = "job.yml"


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow to begin with. ``title`` is the heading of its README."""

    name: str
    title: str


def templates() -> list[Template]:
    """Return all templates, in order of their names."""
    return [
        Template(name=path.parent.name, title=_title(path.parent / "README.md"))
        for path in sorted(_folder().glob(f"*/{MAIN}"))
    ]


def copy_template(name: str, target: Path) -> None:
    """Put a copy of a template into a new folder, or into one that is empty.

    Raises:
        UsageFault: FWF9001, there is no such template, or something lies there.
        EnvironmentFault: FWF9002, the folder cannot be written.
    """
    known = [template.name for template in templates()]
    if name not in known:
        hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
        raise UsageFault.of("FWF9001", f"no template {name!r:.40}", hint=hint)
    try:
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise UsageFault.of("FWF9001", "is there, and no folder", file=str(target))
        if target.is_dir() and any(target.iterdir()):
            hint = "name a folder that does not exist yet"
            raise UsageFault.of("FWF9001", "is not empty", file=str(target), hint=hint)
        source = _folder() / name
        paths = [path for path in source.rglob("*") if path.is_file()]
        files = {path.relative_to(source).as_posix(): path.read_bytes() for path in paths}
        write_files(target, {n: data for n, data in files.items() if not n.endswith(".pyc")})
    except OSError as error:
        raise EnvironmentFault.refused(error, file=str(target)) from None


def _folder() -> Path:
    root = Path(__file__).resolve().parent.parent
    checkout = root / "examples" / "motifs"
    return checkout if checkout.is_dir() else root / "fairwf_templates"


def _title(readme: Path) -> str:
    with readme.open(encoding="utf-8") as text:
        return text.readline().lstrip("# ").rstrip()
