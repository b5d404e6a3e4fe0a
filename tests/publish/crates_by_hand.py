"""Looking into a crate, and changing its root, as a user does by hand."""

import json
from pathlib import Path
from typing import Any

from fairwf.crates import open_crate


def root_of(crate: Path) -> Any:
    with open_crate(crate) as opened:
        return opened.root


def edit(crate: Path, **changes: Any) -> None:
    """Change the root of a crate by hand."""
    path = crate / "ro-crate-metadata.json"
    document = json.loads(path.read_text())
    root = next(entity for entity in document["@graph"] if entity["@id"] == "./")
    for key, value in changes.items():
        root[key] = value
        if value is None:
            del root[key]
    path.write_text(json.dumps(document, indent=2))
