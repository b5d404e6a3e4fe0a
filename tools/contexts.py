"""Write the JSON-LD contexts into schemas/contexts/ from the term table in tools/terms/.

Nothing here is fetched: a published context is only a list of facts (this term means that IRI), and
the table holds them. A test compares what both make of real crates.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "terms" / "contexts.txt"
TARGET = ROOT / "schemas" / "contexts"

FILES = {
    "1.1": ("ro-crate-1.1.jsonld", "https://w3id.org/ro/crate/1.1/context"),
    "1.2": ("ro-crate-1.2.jsonld", "https://w3id.org/ro/crate/1.2/context"),
    "1.3": ("ro-crate-1.3.jsonld", "https://w3id.org/ro/crate/1.3/context"),
    "run": ("workflow-run.jsonld", "https://w3id.org/ro/terms/workflow-run/context"),
    "test": ("workflow-test.jsonld", "https://w3id.org/ro/terms/test"),
}


def terms(text: str) -> dict[str, dict[str, str]]:
    """Return for each context its terms and their IRIs.

    Raises:
        ValueError: a term stands before the first group, or means two things in one context.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in FILES}
    prefix, members = "", []
    for line in text.splitlines():
        if line.startswith("["):
            prefix, *members = line.strip("[]").split()
        elif line and not line.startswith("#"):
            for word in line.split():
                term, given, rest = word.partition("=")
                for member in members or _stray(word):
                    if term in found[member]:
                        raise ValueError(f"{term} stands twice in {member}")
                    found[member][term] = prefix + (rest if given else term)
    return found


def _stray(word: str) -> list[str]:
    raise ValueError(f"{word} stands before the first group")


def generated() -> dict[str, str]:
    """Return the text of every context by file name."""
    texts = {}
    for name, entries in terms(TABLE.read_text(encoding="utf-8")).items():
        file, iri = FILES[name]
        document = {"@id": iri, "@context": dict(sorted(entries.items()))}
        texts[file] = json.dumps(document, indent=0, ensure_ascii=False) + "\n"
    return texts


def main() -> int:
    """Write every context; return 0."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in generated().items():
        (TARGET / name).write_text(text, encoding="utf-8")
        print(TARGET / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
