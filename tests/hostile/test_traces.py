"""Traces of other engines, damaged at random: a diagnostic or a run, never a traceback."""

import contextlib
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from fairwf.crates import package_run
from fairwf.foreign import read_run, recognised
from fairwf.report import FairwfError, Report
from fairwf.trace import instance_of
from tests.converters.nextflow.launch import DEFAULT, HUMAN, launched, table
from tests.converters.nextflow.test_nf_prov_crates import graph, written
from tests.converters.parsl.test_parsl_traces import recorded
from tests.converters.pegasus.submitted import database, submitted
from tests.converters.snakemake.test_snakemake_traces import EXAMPLE


def stampede(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return database(folder / "run.stampede.db", "file:///nowhere").parent


TRACES: dict[str, Callable[[Path], Path]] = {
    "nextflow": lambda folder: launched(folder / "run", table(DEFAULT, HUMAN)),
    "nf-prov": lambda folder: written(folder / "run", graph()),
    "parsl": lambda folder: recorded(folder / "run"),
    "pegasus": lambda folder: submitted(folder / "run"),
    "snakemake": lambda folder: shutil.copytree(EXAMPLE, folder / "run"),
    "stampede": lambda folder: stampede(folder / "run"),
}
READERS = {"nf-prov": "nextflow", "stampede": "pegasus"}
ROUNDS = 30


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Change octets, cut, repeat, or put in what texts are broken by."""
    if not data:
        return chance.randbytes(20)
    at = chance.randrange(len(data))
    match chance.randrange(6):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + chance.randbytes(chance.randrange(1, 9)) + data[at + 4 :]
        case 2:
            return data[:at] + data[at // 2 :]
        case 3:
            odd = [b"\0", b"../../../etc/passwd", b"9" * 400, b"[" * 3000, b"\xff\xfe", b"1e999"]
            return data[:at] + chance.choice(odd) + data[at:]
        case 4:
            words = data.split()
            one, other = chance.choice(words), chance.choice(words)
            return data.replace(one, other, 1)
        case _:
            changed = bytearray(data)
            for _ in range(8):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return bytes(changed)


@pytest.mark.parametrize("name", TRACES)
def test_damaged_traces_end_in_diagnostics(name: str, tmp_path: Path) -> None:
    whole = TRACES[name](tmp_path / "whole")
    chance = random.Random(name)
    files = sorted(p.relative_to(whole) for p in whole.rglob("*") if p.is_file())
    told = 0
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder, symlinks=True)
        path = folder / chance.choice(files)
        if path.is_symlink():
            continue
        path.write_bytes(damaged(path.read_bytes(), chance))
        recognised(folder)
        source = folder / "run.stampede.db" if name == "stampede" else folder
        report = Report()
        try:
            run = read_run(str(source), report, READERS.get(name, name))
            if number % 10 == 0:
                package_run(run, tmp_path / "crate", report=report)
        except FairwfError as error:
            told += 1
            assert error.report.errors
        shutil.rmtree(folder)
    assert told < ROUNDS  # not every scratch makes a trace useless


@pytest.mark.parametrize("odd", ["²", "9" * 5000, "--5", "1e999"])
@pytest.mark.parametrize("name", sorted(set(TRACES) - {"parsl", "stampede"}))
def test_what_is_no_number_ends_in_diagnostics(name: str, odd: str, tmp_path: Path) -> None:
    whole = TRACES[name](tmp_path / "whole")
    texts = [p for p in sorted(whole.rglob("*")) if p.is_file() and not p.is_symlink()]
    for path in texts:
        text = path.read_text()
        path.write_text(re.sub(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", odd, text))
        try:
            package_run(read_run(str(whole), Report(), READERS.get(name, name)), tmp_path / "crate")
        except FairwfError as error:
            assert error.report.errors
        path.write_text(text)


@pytest.mark.parametrize("odd", ["9e999", "'²'", "x'ff'", "'file://[x'", "-1"])
@pytest.mark.parametrize("name", ["parsl", "stampede"])
def test_odd_cells_end_in_diagnostics(name: str, odd: str, tmp_path: Path) -> None:
    folder = TRACES[name](tmp_path / "whole")
    (place,) = folder.rglob("*.db")
    data = place.read_bytes()
    with sqlite3.connect(place) as whole:
        columns = whole.execute(
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
        ).fetchall()
    whole.close()
    for table_name, column in columns:
        place.write_bytes(data)
        connection = sqlite3.connect(place)
        with contextlib.suppress(sqlite3.IntegrityError):  # what the database itself refuses
            connection.execute(f'UPDATE OR IGNORE "{table_name}" SET "{column}" = {odd}')
        connection.commit()
        connection.close()
        try:
            instance_of(read_run(str(folder), Report(), READERS.get(name, name)))
        except FairwfError as error:
            assert error.report.errors


@pytest.mark.parametrize("name", ["nextflow", "snakemake", "pegasus"])
def test_links_out_of_a_trace_bring_nothing_in(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret of another user")
    folder = TRACES[name](tmp_path / "whole")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix in (".txt", ".nf", ".smk"):
            path.unlink()
            path.symlink_to(secret)
    report = Report()
    try:
        package_run(read_run(str(folder), report, name), tmp_path / "crate", report=report)
    except FairwfError as error:
        assert error.report.errors
        return
    for path in (tmp_path / "crate").rglob("*"):
        if path.is_file():
            assert b"the secret of another user" not in path.read_bytes(), path


def test_a_folder_that_may_not_be_looked_into_is_no_trace(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0)
    try:
        if os.access(folder, os.R_OK):
            pytest.skip("root may look into everything")
        assert recognised(folder) is None
    finally:
        folder.chmod(0o700)
