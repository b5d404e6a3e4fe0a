"""How many JavaScript expressions of published CWL are read as neutral expressions.

    python benchmarks/cwl/expressions.py [FOLDER]

Reads every `*.cwl` below a folder (default: `cwl` of the corpora, see CONTRIBUTING.md), counts each
JavaScript text once (one line of one file), and prints the share that is translated and the
reasons that keep most of the others JavaScript. Parameter references are not counted.
"""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from fairwf.conversion import read_document
from fairwf.formats import Source
from fairwf.ir.expressions import Opaque
from fairwf.report import FairwfError, Report
from fairwf_cwl import expressions
from fairwf_cwl.translate import Untranslated, translate


def main() -> None:
    """Print the counts."""
    corpora = Path(os.environ.get("FAIRWF_CORPORA", "../shared/corpora"))
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else corpora / "cwl"
    if not folder.is_dir():
        sys.exit(f"{folder} is not there; name a folder with CWL documents")
    outcomes: dict[tuple[str, int, str], str | None] = {}
    original = expressions.ExpressionReader._opaque

    def counted(self: Any, piece: Any, span: Any, names: Any) -> Any:
        found = original(self, piece, span, names)
        if names.javascript:
            why: str | None = None
            if isinstance(found, Opaque):
                why = "it stands in a loop"
                if names.typed:
                    try:
                        translate(piece.text, found.form, names)
                    except Untranslated as reason:
                        why = str(reason)
            key = (str(Path(folder / span.file).resolve()), span.line, piece.text)
            outcomes[key] = why
        return found

    expressions.ExpressionReader._opaque = counted  # type: ignore[method-assign]
    documents = 0
    for path in sorted(folder.rglob("*.cwl")):
        try:
            read_document(Source.at(str(path)), Report(), "cwl")
            documents += 1
        except FairwfError:
            continue
    reasons = Counter(why for why in outcomes.values() if why is not None)
    total, kept = len(outcomes), sum(reasons.values())
    print(f"{documents} documents, {total} JavaScript texts")
    print(f"translated: {total - kept} ({100 * (total - kept) / max(total, 1):.1f} %)")
    print("what keeps most of the others:")
    for why, count in reasons.most_common(10):
        print(f"{count:5}  {why}")


if __name__ == "__main__":
    main()
