"""The program that works at a site, and what is believed of what it says."""

import ast
import os
from pathlib import Path

import pytest

from fairwf.engine.backends.deployment import SiteSettings
from fairwf.engine.backends.sites.arrival import Strange, findings, missing, settle
from fairwf.engine.backends.sites.link import Link, LinkLost, Refused, quoted
from fairwf.engine.task.view import View

AGENT = Path("fairwf/engine/backends/sites/agent.py")


def test_it_is_one_file_of_python_3_6_and_the_standard_library() -> None:
    tree = ast.parse(AGENT.read_text(), feature_version=(3, 6))
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert names <= {
        "hashlib", "json", "os", "platform", "queue", "select", "shutil", "signal", "stat",
        "subprocess", "sys", "threading", "time", "zlib",
    }  # fmt: skip


def test_it_writes_below_one_folder_alone(tmp_path: Path) -> None:
    link = Link(SiteSettings(), "python3", tmp_path / "log", lambda _: None, None)
    try:
        base = str(tmp_path / "base")
        link.ask("hello", base=base, worker="", script="", shell=["/bin/sh"])
        (tmp_path / "victim").write_text("x")
        for path in (str(tmp_path / "victim"), f"{base}/../victim", f"{base}x/y"):
            with pytest.raises(Refused, match="does not lie below"):
                link.ask("remove", paths=[path])
            with pytest.raises(Refused, match="does not lie below"):
                link.ask("lay", folders=[path], links=[])
        assert (tmp_path / "victim").read_text() == "x"
        # A file gets its name when it is whole, and not before.
        (tmp_path / "base" / "came").write_text("hello")
        refused = link.ask("accept", files=[[f"{base}/came", f"{base}/a/b", "0" * 64, False]])
        assert refused == [f"{base}/a/b"]
        assert not os.path.lexists(f"{base}/a/b") and not os.path.lexists(f"{base}/came")
    finally:
        link.close()


def test_a_program_that_is_no_agent_is_told(tmp_path: Path) -> None:
    for python in ("/bin/false", "/bin/cat", str(tmp_path / "none")):
        with pytest.raises(LinkLost):
            link = Link(SiteSettings(), python, tmp_path / "log", lambda _: None, None)
            try:
                link.ask("hello", base="/x", worker="", script="", shell=[])
            finally:
                link.close()


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a//b", ".", "a\0b"])
def test_a_name_that_leaves_the_folder_is_not_believed(name: str) -> None:
    with pytest.raises(Strange):
        findings([[name, "file", 1, "0" * 64, "", False, ""]])


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    victim, folder, came = tmp_path / "victim", tmp_path / "folder", tmp_path / "came"
    for each in (victim, folder, came / "link"):
        each.mkdir(parents=True)
    (came / "link" / "x").write_text("evil")
    found = findings(
        [
            ["link", "link", 0, "", "", False, str(victim)],
            ["link/x", "file", 4, "0" * 64, "", False, ""],
        ]
    )
    with pytest.raises(Strange, match="no folder"):
        settle(str(folder), found, came, missing(str(folder), found), View())
    assert not any(victim.iterdir())


def test_words_with_quotes_reach_ssh_as_they_are() -> None:
    assert quoted(["ssh", "-i", "it's a key"]) == "'ssh' '-i' 'it''s a key'"
