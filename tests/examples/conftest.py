"""Both engines, fairwf and cwltool, as functions that give the output object of a run."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

Run = Callable[..., dict[str, Any]]

COMPARED = ("class", "basename", "checksum", "size", "format")
"""What two engines must agree on about a File."""


def cli(*arguments: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Call fairwf as a user would; the caller looks at the exit code."""
    return subprocess.run(
        [sys.executable, "-m", "fairwf", *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def comparable(value: Any) -> Any:
    """An output object without what differs between machines and folders."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class") == "File":
        kept = {key: value[key] for key in COMPARED if key in value}
        if value.get("secondaryFiles"):
            beside = [comparable(item) for item in value["secondaryFiles"]]
            kept["secondaryFiles"] = sorted(beside, key=lambda item: str(item["basename"]))
        return kept
    return {key: comparable(item) for key, item in value.items()}


def files_in(value: Any) -> Iterator[dict[str, Any]]:
    """All Files of an output object, secondary files too."""
    if isinstance(value, list):
        for item in value:
            yield from files_in(item)
    elif isinstance(value, dict):
        if value.get("class") == "File":
            yield value
            value = value.get("secondaryFiles", [])
        yield from files_in(list(value.values()) if isinstance(value, dict) else value)


def path_of(file: dict[str, Any]) -> Path:
    """Where a File of an output object lies."""
    location = urlsplit(file["location"])
    return Path(unquote(location.path)) if location.scheme == "file" else Path(file["location"])


def check_on_disk(outputs: dict[str, Any], outdir: Path) -> None:
    """What the output object says about its files is true of the files themselves."""
    for file in files_in(outputs):
        path = path_of(file)
        assert path.resolve().is_relative_to(outdir.resolve())
        data = path.read_bytes()
        assert path.name == file["basename"]
        assert file["size"] == len(data)
        digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        assert file["checksum"] == f"sha1${digest}"


@pytest.fixture(scope="session")
def fairwf_run() -> Run:
    """Run a document with fairwf; the run must succeed."""

    def run(document: Path, job: Path, outdir: Path, *options: str) -> dict[str, Any]:
        done = cli("run", document, job, "--outdir", outdir, "--quiet", *options)
        assert done.returncode == 0, done.stderr
        outputs: dict[str, Any] = json.loads(done.stdout)
        check_on_disk(outputs, outdir)
        return outputs

    return run


@pytest.fixture(scope="session")
def cwltool_run(cwltool: Path) -> Run:
    """Run a document with cwltool, the reference."""

    def run(document: Path, job: Path, outdir: Path, *options: str) -> dict[str, Any]:
        done = subprocess.run(
            [cwltool, "--no-container", "--quiet", *options, "--outdir", outdir, document, job],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NO_COLOR": "1"},
        )
        assert done.returncode == 0, done.stderr
        outputs: dict[str, Any] = json.loads(done.stdout)
        return outputs

    return run


@pytest.fixture(scope="session", name="fairwf")
def fairwf_command() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Call fairwf as a user would; the test looks at the exit code."""
    return cli


@pytest.fixture(scope="session", name="comparable")
def comparable_outputs() -> Callable[[Any], Any]:
    """What two engines must agree on about an output object."""
    return comparable
