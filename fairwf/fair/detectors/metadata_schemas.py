"""Whether a metadata file is valid by its format.

CITATION.cff is checked against the JSON Schema of CFF 1.2 that ``check-jsonschema`` carries;
codemeta.json, ro-crate-metadata.json and .zenodo.json for what their formats require (CodeMeta has
no schema; RO-Crate 1.1 section "RO-Crate Metadata"; Zenodo's deposit metadata).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fairwf.report import EnvironmentFault
from fairwf.source import plain

_REQUIRED = {
    "codemeta.json": ("@context", "name"),
    "ro-crate-metadata.json": ("@context", "@graph"),
    ".zenodo.json": ("title", "creators"),
}


def faults(name: str, tree: Any) -> list[str]:
    """Return what is wrong with a metadata file, by its name; empty where it is valid.

    Raises:
        EnvironmentFault: the extra ``fair`` is not installed.
    """
    if name == "CITATION.cff":
        return _cff(tree)
    required = _REQUIRED[name]
    hollow = [key for key in required if key in tree and tree[key] in ("", [], None, {})]
    found = [f"{key} is missing" for key in required if key not in tree]
    found += [f"{key} is empty" for key in hollow]
    if name == "codemeta.json" and "codemeta" not in str(tree.get("@context", "")).lower():
        found.append("@context is not CodeMeta's")
    return found


def _cff(tree: Any) -> list[str]:
    errors = sorted(_validator().iter_errors(plain(tree)), key=lambda e: [str(p) for p in e.path])
    shown = []
    for error in errors[:20]:
        place = "/".join(str(part) for part in error.absolute_path) or "the file"
        shown.append(f"{place}: {error.message:.120}")
    return shown


@lru_cache(maxsize=1)
def _validator() -> Any:
    try:
        import jsonschema
        from check_jsonschema.builtin_schemas import get_builtin_schema
    except ImportError:
        raise EnvironmentFault.of(
            "FWF5003",
            "CITATION.cff cannot be checked: check-jsonschema is not installed",
            hint="pip install 'fairwf[fair]'",
        ) from None
    schema = get_builtin_schema("vendor.citation-file-format")
    return jsonschema.Draft7Validator(schema)
