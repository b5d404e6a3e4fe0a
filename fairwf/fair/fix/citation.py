"""CITATION.cff (CFF 1.2.0): a new one, or keys added to one that is there."""

from __future__ import annotations

import json
from typing import Any

from fairwf.fair.fix.facts import Facts


def citation(facts: Facts, old: str | None, tree: dict[str, Any] | None) -> str | None:
    """Return the text of CITATION.cff, None where nothing can be written.

    Text that is there stays as it is: keys are added at the end, and none that is there is changed.
    """
    fields: list[tuple[str, str]] = []
    if facts.description:
        fields.append(("abstract", _quoted(facts.description)))
    if facts.version:
        fields.append(("version", _quoted(facts.version)))
    if facts.doi:
        fields.append(("doi", _quoted(facts.doi)))
    if facts.licence:
        fields.append(("license", facts.licence))
    if facts.repository:
        fields.append(("repository-code", _quoted(facts.repository)))
    if facts.keywords:
        fields.append(("keywords", "[" + ", ".join(_quoted(word) for word in facts.keywords) + "]"))
    if old is not None:
        return _added(old, tree, fields)
    if not (facts.title and facts.authors):
        return None  # CFF requires both
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this workflow, please cite it as below.",
        "type: software",
        f"title: {_quoted(facts.title)}",
        "authors:",
    ]
    for author in facts.authors:
        if author.given and author.family:
            lines.append(f"  - family-names: {_quoted(author.family)}")
            lines.append(f"    given-names: {_quoted(author.given)}")
        else:
            lines.append(f"  - name: {_quoted(author.name)}")
        if author.orcid:
            lines.append(f"    orcid: {_quoted(author.orcid)}")
        if author.affiliation and author.given and author.family:
            lines.append(f"    affiliation: {_quoted(author.affiliation)}")
    lines += [f"{key}: {value}" for key, value in fields]
    return "\n".join(lines) + "\n"


def _added(old: str, tree: dict[str, Any] | None, fields: list[tuple[str, str]]) -> str | None:
    if tree is None or old.lstrip().startswith("{") or old.rstrip().endswith("..."):
        return None
    lacking = [(key, value) for key, value in fields if key not in tree]
    if not lacking:
        return None
    end = "" if old.endswith("\n") else "\n"
    return old + end + "".join(f"{key}: {value}\n" for key, value in lacking)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
