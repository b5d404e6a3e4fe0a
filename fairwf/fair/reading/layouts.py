"""How communities lay out a repository: the parts that each expects.

Sources: nf-core "files_exist"; Snakemake "Distribution and Reproducibility"; IWC's guide; Dockstore
"Best practices"; CWL's recommended practices.
"""

from __future__ import annotations

import re
from pathlib import Path

_README, _LICENCE = r"readme(\.\w+)?", r"(licen[cs]e|copying)(\.\w+)?"

LAYOUTS: dict[str, dict[str, str]] = {
    "CWL": {
        "README": _README,
        "LICENSE": _LICENCE,
        "a main document": r"(main|workflow|packed)\.(cwl|ir\.(json|ya?ml))|workflows?/[^/]+\.cwl",
        "tools in files of their own": r"(tools?|steps?|commandlinetools?)/.*\.cwl",
        "a job file": r"(.*/)?[^/]*(job|inputs?|test|example)[^/]*\.(ya?ml|json)",
        "CITATION.cff or codemeta.json": r"citation\.cff|codemeta\.json",
    },
    "Snakemake": {
        "README": _README,
        "LICENSE": _LICENCE,
        "workflow/Snakefile": r"workflow/snakefile",
        "workflow/rules": r"workflow/rules/.*\.smk",
        "workflow/envs": r"workflow/envs/.*\.ya?ml",
        "config": r"config/.*\.ya?ml",
        ".test": r"\.tests?/.*",
    },
    "nf-core": {
        "README": _README,
        "LICENSE": _LICENCE,
        "main.nf": r"main\.nf",
        "nextflow.config": r"nextflow\.config",
        "nextflow_schema.json": r"nextflow_schema\.json",
        "CHANGELOG.md": r"changelog\.md",
        "conf/test.config": r"conf/test\.config",
        "docs": r"docs/(usage|output)\.md",
        "modules.json": r"modules\.json",
    },
    "IWC": {
        "README": _README,
        "CHANGELOG": r"changelog\.md",
        ".dockstore.yml": r"\.dockstore\.yml",
        "a workflow": r"[^/]+\.ga",
        "a test": r"[^/]+-tests?\.ya?ml",
    },
    "WDL": {
        "README": _README,
        "LICENSE": _LICENCE,
        "a main document": r"(main|[^/]+)\.wdl|(pipes|pipelines|workflows)/.*\.wdl",
        "tasks in files of their own": r"tasks?/.*\.wdl",
        "inputs": r"(.*/)?[^/]*inputs?[^/]*\.json",
        ".dockstore.yml": r"\.dockstore\.yml",
    },
}
"""Patterns of paths, in small letters, by what each is called."""


def best_layout(files: list[Path], main: str) -> tuple[str, list[Path], list[str]]:
    """Return the layout that fits best: its name, a file for each part, the parts not there.

    Of a language that has a layout of its own only that one is looked at.
    """
    own = {".cwl": "CWL", ".wdl": "WDL", ".smk": "Snakemake", ".nf": "nf-core", ".ga": "IWC"}
    suffix = own.get(Path(main).suffix)
    best: tuple[float, str, list[Path], list[str]] | None = None
    names = [(path.as_posix().lower(), path) for path in files]
    for name, parts in LAYOUTS.items():
        if suffix is not None and name != suffix:
            continue
        there: list[Path] = []
        missing: list[str] = []
        for part, pattern in parts.items():
            match = re.compile(pattern)
            found = next((path for text, path in names if match.fullmatch(text)), None)
            if found is None and part == "a main document" and name == "CWL" and main:
                found = next((path for _, path in names if path.as_posix() == main), None)
            if found is None:
                missing.append(part)
            else:
                there.append(found)
        share = len(there) / len(parts)
        if best is None or share > best[0]:
            best = (share, name, there, missing)
    assert best is not None
    return best[1:]
