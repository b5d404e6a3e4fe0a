"""The JSON-LD contexts of RO-Crate, Workflow Run and Workflow Testing RO-Crate, without a network.

The files are made from a term table (``tools/contexts.py``). No other context is known: a crate
that names one is refused by whoever needs its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

_VERSIONS = ("1.1", "1.2", "1.3")

WORKFLOW_RUN = "https://w3id.org/ro/terms/workflow-run/context"
WORKFLOW_TEST = "https://w3id.org/ro/terms/test"


def _places() -> dict[str, str]:
    files = {
        WORKFLOW_RUN: "workflow-run.jsonld",
        "https://w3id.org/ro/terms/workflow-run": "workflow-run.jsonld",
        WORKFLOW_TEST: "workflow-test.jsonld",
        "https://w3id.org/ro/terms/test/context": "workflow-test.jsonld",
    }
    for version in _VERSIONS:
        for url in (
            f"https://w3id.org/ro/crate/{version}/context",
            f"http://w3id.org/ro/crate/{version}/context",
            f"https://www.researchobject.org/ro-crate/{version}/context.jsonld",
            f"https://www.researchobject.org/ro-crate/specification/{version}/context.jsonld",
        ):
            files[url] = f"ro-crate-{version}.jsonld"
    return files


PLACES: Mapping[str, str] = _places()
"""The file of each context by the URLs that it is known under."""


def ro_crate(version: str) -> str:
    """Return the IRI of RO-Crate's context of a version."""
    return f"https://w3id.org/ro/crate/{version}/context"


def folder() -> Path:
    """Return the folder of the context files: of the checkout, or of the installed package."""
    root = Path(__file__).resolve().parent.parent
    checkout = root / "schemas" / "contexts"
    return checkout if checkout.is_dir() else root / "fairwf_schemas" / "contexts"


@cache
def context_bytes(url: str) -> bytes:
    """Return a context document.

    Raises:
        KeyError: no context of this URL is known.
    """
    return (folder() / PLACES[url]).read_bytes()


@cache
def terms(url: str) -> Mapping[str, str]:
    """Return a context's terms and their IRIs.

    Raises:
        KeyError: no context of this URL is known.
    """
    document: dict[str, Any] = msgspec.json.decode(context_bytes(url))
    found: dict[str, str] = document["@context"]
    return found


def inline(context: Any) -> Any:
    """Return a ``@context`` value with the contents of known contexts in place of their URLs.

    Raises:
        KeyError: it names a context that is not known; nothing is fetched.
    """
    if isinstance(context, str):
        return dict(terms(context.rstrip("/")))
    if isinstance(context, list):
        return [inline(item) for item in context]
    return context
