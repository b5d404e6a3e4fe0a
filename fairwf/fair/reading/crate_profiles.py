"""What RO-Crate 1.1 and Workflow RO-Crate 1.0 demand, as far as offline rules can tell.

The full conformance is for rocrate-validator; these are the rules on structure that it has as
MUST, and the SHOULDs of Workflow RO-Crate 1.0 ("Context", "Main Workflow", "README.md").
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.reading.crate import Crate

_MAIN_TYPES = ("File", "SoftwareSourceCode", "ComputationalWorkflow")


def base_faults(crate: Crate, folder: Path | None) -> list[str]:
    """Return which MUST of RO-Crate 1.1 a crate breaks."""
    found: list[str] = []
    root = crate.root
    if crate.descriptor is None:
        found.append("no entity describes ro-crate-metadata.json")
    elif not crate.refs(crate.descriptor, "conformsTo"):
        found.append("the metadata file does not say which RO-Crate it conforms to")
    if root is None:
        return [*found, "there is no root data entity"]
    if "Dataset" not in crate.types(root):
        found.append("the root is no Dataset")
    for key in ("name", "description", "datePublished", "license"):
        if not any(not is_placeholder(text) for text in crate.refs(root, key)):
            found.append(f"the root has no {key}")
    untyped = [name for name, entity in crate.entities.items() if not crate.types(entity)]
    if untyped:
        found.append(f"{untyped[0]!r:.60} has no @type")
    missing = _missing(crate, folder)
    if missing:
        found.append(f"{missing!r:.80} is listed but not there")
    return found


def _missing(crate: Crate, folder: Path | None) -> str | None:
    if folder is None:
        return None
    top = folder.resolve()
    for entity in crate.files():
        name = unquote(str(entity["@id"]))
        if name.startswith("#") or name == "ro-crate-metadata.json":
            continue
        try:
            path = (top / name).resolve()
            if not path.is_relative_to(top) or not path.exists():
                return name
        except (OSError, ValueError):
            return name
    return None


def workflow_must_faults(crate: Crate) -> list[str]:
    """Return which MUST of Workflow RO-Crate 1.0 a crate breaks."""
    main = crate.main
    if main is None:
        return ["the root has no mainEntity"]
    found = []
    lacking = [kind for kind in _MAIN_TYPES if kind not in crate.types(main)]
    if lacking:
        found.append(f"the main entity is no {lacking[0]}")
    if str(main["@id"]) not in crate.refs(crate.root, "hasPart"):
        found.append("the main entity is no part of the root")
    if not crate.linked(main, "programmingLanguage"):
        found.append("the main entity's programmingLanguage is no entity")
    return found


def workflow_should_faults(crate: Crate) -> list[str]:
    """Return which SHOULD of Workflow RO-Crate 1.0 a crate leaves out."""
    found = []
    profile = "workflowhub/workflow-ro-crate"
    if not any(profile in text for text in crate.profiles):
        found.append("the crate does not say that it conforms to Workflow RO-Crate")
    if not any(name.lower().startswith("readme") for name in crate.entities):
        found.append("the crate lists no README")
    if not crate.refs(crate.main, "license") and not crate.refs(crate.root, "license"):
        found.append("the workflow has no licence")
    for language in crate.linked(crate.main, "programmingLanguage"):
        if not crate.refs(language, "name") or not crate.refs(language, "url"):
            found.append("the language has no name or url")
    return found
