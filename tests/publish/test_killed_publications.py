"""`kill -9` at any moment of a publication: the next call continues it, and there is one record.

The process is killed by the server, before or after it has done what a request asks for, or it
kills itself at the n-th thing that it asks of the file system.
"""

import os
import shutil
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates.packing import make_bag
from fairwf.publish import Order, Patience, publish
from fairwf.report import Report
from tests.publish.conftest import Deposit
from tests.publish.laws import check_deposit, check_nothing_is_left, check_registered
from tests.publish.servers.contract import ContractServer
from tests.publish.servers.invenio import Invenio
from tests.publish.servers.workflowhub import WorkflowHub

EVENTS = ("open", "os.rename", "os.mkdir", "os.remove", "shutil.copyfile")
REQUESTS = 15
GATE = 4
"""The gate takes every fourth point."""


def spread(number: int) -> list[Any]:
    return [pytest.param(n, marks=() if n % GATE == 0 else pytest.mark.long) for n in range(number)]


def in_child(crate: Path, to: str, die_at: int | None = None, **options: Any) -> "Child":
    """Publish in a process of its own, which dies at the n-th thing it asks of the disk."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the server's threads stay behind
        pid = os.fork()
    if pid == 0:
        seen = 0

        def count(event: str, arguments: Any) -> None:
            nonlocal seen
            if event in EVENTS and str(crate) in str(arguments[0]):
                seen += 1
                if seen == die_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            os.close(reader)
            os.read(0, 0)
            if die_at is not None:
                sys.addaudithook(count)
            publish(crate, to, Order(patience=Patience(5), **options), Report())
            os.write(writer, str(seen).encode())
        finally:
            os._exit(0)
    os.close(writer)
    return Child(pid, reader)


class Child:
    def __init__(self, pid: int, reader: int) -> None:
        self.pid, self._reader = pid, reader

    def ended(self) -> int:
        """The events it saw, or -9 where it was killed."""
        _, status = os.waitpid(self.pid, 0)
        told = os.read(self._reader, 100)
        os.close(self._reader)
        if os.WIFSIGNALED(status):
            return -os.WTERMSIG(status)
        assert told, "the child failed"
        return int(told)


def killed_by(server: ContractServer, number: int, when: str) -> None:
    """Let the server kill the process whose request it is, found by the process's own name."""

    def kill(seen: int) -> None:
        if seen == number:
            os.kill(server.client, signal.SIGKILL)  # type: ignore[attr-defined]

    setattr(server, when, kill)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", spread(REQUESTS))
def test_a_kill_between_two_requests_leaves_what_the_next_call_continues(
    crate: Path, invenio: Invenio, deposit: Deposit, number: int, when: str
) -> None:
    killed_by(invenio, number, when)
    child = in_child(crate, "zenodo", url=invenio.url, make_public=True)
    invenio.client = child.pid  # type: ignore[attr-defined]
    assert child.ended() == -signal.SIGKILL
    deposit(crate, invenio.url, make_public=True)
    check_deposit(invenio, crate, public=True)


@pytest.mark.parametrize("kind", ["folder", "zip", "bag"])
def test_a_kill_at_any_point_on_the_disk_leaves_what_the_next_call_continues(
    made_crate: Path, tmp_path: Path, tokens: None, deposit: Deposit, kind: str
) -> None:
    at, killed = 1, 0
    while True:
        place = tmp_path / f"at{at}"
        place.mkdir()
        crate = subject = Path(shutil.copytree(made_crate, place / "crate"))
        if kind == "zip":
            subject = Path(shutil.make_archive(str(place / "crate"), "zip", crate))
        if kind == "bag":
            make_bag(crate, "Trends", "2026-11-27")
        with Invenio() as server:
            child = in_child(subject, "zenodo", die_at=at, url=server.url, make_public=True)
            ended = child.ended()
            deposit(subject, server.url, make_public=True)
            if kind == "folder":
                check_deposit(server, crate, public=True)
            elif kind == "zip":
                assert server.all[0].files["crate.zip"].content == subject.read_bytes()
            else:
                pytest.importorskip("bagit").Bag(str(crate)).validate()
            assert len(server.all) == 1
            check_nothing_is_left(subject)
        shutil.rmtree(place)
        if ended != -signal.SIGKILL:
            break
        killed += 1
        at += 4
    assert killed > 5


@pytest.mark.parametrize("versioned", [True, False])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(3))
def test_a_workflow_is_registered_once_whenever_the_process_is_killed(
    crate: Path, hub: WorkflowHub, deposit: Deposit, number: int, when: str, versioned: bool
) -> None:
    from tests.publish.test_workflowhub import edit

    if versioned:
        edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    options: dict[str, Any] = {"project": "42", "make_public": True}
    killed_by(hub, number, when)
    child = in_child(crate, "workflowhub", url=hub.url, **options)
    hub.client = child.pid  # type: ignore[attr-defined]
    child.ended()
    deposit(crate, hub.url, to="workflowhub", **options)
    check_registered(hub, crate, "download")
