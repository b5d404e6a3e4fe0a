"""Where a workflow is from, as SEEK reads it in a crate.

It takes the id of the root if that is on the web, else the root's ``isBasedOn`` or ``url``, else
the ``url`` of the main workflow (``lib/overrides/ro_crate/workflow_crate.rb``), and refuses the
crate where the first of them is no text that is an address. A reference, which RO-Crate allows, is
none.
"""

from __future__ import annotations

from typing import Any

from fairwf.crates import open_crate
from fairwf.crates.rewrite import edited_metadata
from fairwf.entities.reading import Entity, values
from fairwf.ir.iris import is_web
from fairwf.publish.subject import Subject

_OF_ROOT, _OF_MAIN = ("isBasedOn", "url"), ("url",)


def source_of(subject: Subject) -> str | None:
    """Return where a crate is from; None where that or the version is not stated."""
    with open_crate(subject.path) as crate:
        root, main = crate.root, crate.main or {}
        places = [root.get("@id"), *map(root.get, _OF_ROOT), *map(main.get, _OF_MAIN)]
        found = next((a for a in map(_address, places) if a is not None), None)
        return found if values(root.get("version")) else None


def readable_by_hub(subject: Subject) -> dict[str, bytes]:
    """Return the metadata for the copy that is sent, where SEEK would refuse it as it is.

    References to the web become texts. A reference to a file of the crate, which says nothing of
    where it is from, is left out.
    """
    with open_crate(subject.path) as crate:
        changed: dict[str, Entity] = {}
        for entity, keys in ((crate.root, _OF_ROOT), (crate.main, _OF_MAIN)):
            plain = _plain(entity, keys) if entity is not None else None
            if entity is not None and plain != entity and plain is not None:
                changed[str(entity["@id"])] = plain
        return {crate.file: edited_metadata(crate, changed)} if changed else {}


def _plain(entity: Entity, keys: tuple[str, ...]) -> Entity:
    made = dict(entity)
    for key in keys:
        address = _address(made.get(key))
        if address is not None:
            made[key] = address
        else:
            made.pop(key, None)
    return made


def _address(value: Any) -> str | None:
    for item in values(value):
        text = item.get("@id") if isinstance(item, dict) else item
        if isinstance(text, str) and is_web(text):
            return text
    return None
