"""Documents of every IR version are read, unknown versions are named."""

import json
from pathlib import Path

import pytest

from fairwf.document import Document
from fairwf.ir.migrations import IR_VERSION, STEPS, UnknownVersionError, migrate

FROZEN = Path(__file__).parent / "frozen"


def test_every_version_has_a_frozen_document() -> None:
    versions = {json.loads(p.read_text())["fairwf_ir"] for p in FROZEN.glob("*.json")}
    assert versions == {*STEPS, IR_VERSION}


@pytest.mark.parametrize("path", sorted(FROZEN.glob("*.json")), ids=lambda p: p.stem)
def test_a_frozen_document_reads_and_keeps_its_hash(path: Path) -> None:
    plain = json.loads(path.read_text())
    document = Document.from_plain(plain)
    if plain["fairwf_ir"] == IR_VERSION:
        assert document.hash == path.with_suffix(".hash").read_text().strip()


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(UnknownVersionError, match="'99' is not known"):
        migrate({}, "99")


def test_migrations_are_pure_steps_to_the_next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STEPS, "0", (IR_VERSION, lambda plain: plain | {"moved": True}))
    before = {"fairwf_ir": "0"}
    assert migrate(before, "0") == {"fairwf_ir": "0", "moved": True}
    assert before == {"fairwf_ir": "0"}
