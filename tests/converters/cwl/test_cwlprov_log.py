"""cwltool's log in a research object: commands, streams and times, as it writes them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairwf_cwl.cwlprov.engine_log import EngineLog, read_log

WHEN = "2026-11-27T16:13:24,5.000000Z"


def read(folder: Path, text: str) -> EngineLog:
    (folder / "metadata/logs").mkdir(parents=True)
    (folder / "metadata/logs/engine.1.txt").write_text(text)
    return read_log(folder)


@pytest.mark.parametrize(
    ("line", "command", "streams"),
    [
        ("sh \\\n    -c \\\n    'echo a > b'", ("sh", "-c", "echo a > b"), {}),
        ("sh \\\n    -c \\\n    'a > b' > /t/o 2> /t/e", ("sh", "-c", "a > b"),
         {">": "/t/o", "2>": "/t/e"}),
        ("cat < /t/with space.txt > /t/o", ("cat",), {"<": "/t/with space.txt", ">": "/t/o"}),
        ("echo 'it'\"'\"'s' > /t/o", ("echo", "it's"), {">": "/t/o"}),
        ("echo 'it", (), {}),
        ("echo > ", ("echo",), {}),
        ("a" + " > b" * 200_000, ("a",), {">": "b"}),
    ],
)  # fmt: skip
def test_commands_end_where_their_streams_begin(
    line: str, command: tuple[str, ...], streams: dict[str, str], tmp_path: Path
) -> None:
    job = read(tmp_path, f"[{WHEN}] [job x] /t$ {line}\n").jobs["x"]
    assert (job.command, job.streams) == (command, streams)


def test_milliseconds_are_a_number_and_odd_times_are_passed_over(tmp_path: Path) -> None:
    odd = "[2026-99-99T99:99:99,1Z] [job x] completed success"
    late = f"[{WHEN}] [job x] exited with status: {'9' * 5000}"
    log = read(tmp_path, f"{odd}\n{late}\n[{WHEN}] [job x] exited with status: 3\n")
    assert log.began == datetime(2026, 11, 27, 16, 13, 24, 5000, tzinfo=UTC)
    assert log.jobs["x"].exit_code == 3
