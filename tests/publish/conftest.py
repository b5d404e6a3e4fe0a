"""Crates to publish, and a patience that does not make tests slow."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import PackageOptions
from fairwf.ir.metadata import Agent
from fairwf.publish import Order, Patience, Publication, publish
from fairwf.report import Report
from tests.publish.servers.contract import TOKEN
from tests.publish.servers.invenio import Invenio
from tests.publish.servers.workflowhub import WorkflowHub

ADA = Agent(name="Ada Lovelace", id="https://orcid.org/0000-0002-1825-0097")


@pytest.fixture(scope="session")
def made_crate(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The crate of the quickstart's workflow, as `fairwf package` makes it."""
    from fairwf import api

    folder = tmp_path_factory.mktemp("made") / "crate"
    document = api.load(repository / "examples/quickstart/main.cwl")
    options = PackageOptions(name="Trends", agent=ADA, license="CC-BY-4.0", published="2026-11-27")
    api.package(document, folder, options=options)
    return folder


@pytest.fixture
def crate(made_crate: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(made_crate, tmp_path / "crate"))


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's tokens, in the environment."""
    for name in ("INVENIO", "ZENODO", "WORKFLOWHUB"):
        monkeypatch.setenv(f"FAIRWF_{name}_TOKEN", TOKEN)


@pytest.fixture
def invenio(tokens: None) -> Iterator[Invenio]:
    """An InvenioRDM repository."""
    with Invenio() as server:
        yield server


@pytest.fixture
def hub(tokens: None) -> Iterator[WorkflowHub]:
    """A WorkflowHub."""
    with WorkflowHub() as server:
        yield server


Deposit = Callable[..., Publication]


@pytest.fixture
def deposit() -> Deposit:
    """Publish with a patience of so many seconds, none of which is really waited."""

    def call(
        crate: Path,
        url: str,
        *,
        to: str = "zenodo",
        seconds: float = 60,
        report: Report | None = None,
        **options: Any,
    ) -> Publication:
        patience = Patience(seconds, sleep=lambda seconds: None)
        order = Order(url=url, patience=patience, **options)
        return publish(crate, to, order, report if report is not None else Report())

    return call
