"""A seeded sample of the fuzzing (``python -m tests.fuzz`` runs any number), and its oracle."""

import select
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz import journey
from tests.fuzz.campaign import Worker, campaign
from tests.fuzz.case import OWN, Case, load_seeds
from tests.fuzz.guard import Guard
from tests.fuzz.journey import Traveller

SAMPLE = 900
LONG_SAMPLE = 10_000


def held(cases: int, seed: int, jobs: int) -> None:
    result = campaign(cases, seed, jobs)
    assert result.cases == cases
    text = "\n".join(result.lines())
    assert not result.found, f"python -m tests.fuzz --cases {cases} --seed {seed}\n{text}"
    # A fuzzer whose cases all stop at the door finds nothing.
    assert len(result.stages) >= 8, text
    assert len(result.codes) >= 15, text
    assert max(result.stages.values()) < 0.6 * cases, text


def test_a_sample_of_cases_ends_in_success_or_diagnostics() -> None:
    held(SAMPLE, seed=20, jobs=1)


@pytest.mark.long
def test_many_cases_end_in_success_or_diagnostics() -> None:
    held(LONG_SAMPLE, seed=int(time.time()), jobs=2)


# --- the oracle can fail


def case(data: bytes, kind: Any = "document") -> Case:
    return Case(kind, "x", data, OWN / "x.cwl")


TOOL = b'{"cwlVersion": "v1.2", "class": "CommandLineTool", "inputs": {}, "outputs": {}}'


SLOW = case(b"cwlVersion: v1.2\nx: [" + b"a," * 1_000_000 + b"]")


def test_a_traceback_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(journey, "features_of", broken)
    ending = Traveller().take(case(TOOL))
    assert ending.finding is not None
    assert ending.finding.signature.startswith("KeyError")


def test_a_diagnostic_without_its_place_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    from fairwf.report import InvalidError

    for keys, lacks in (({}, "no file"), ({"file": "x"}, "no line")):

        def broken(*arguments: object, keys: Any = keys) -> None:
            raise InvalidError.of("FWF1101", "wrong", **keys)

        monkeypatch.setattr(journey, "features_of", broken)
        ending = Traveller().take(case(TOOL))
        assert ending.finding is not None
        assert lacks in ending.finding.signature


def test_a_case_that_takes_too_long_is_a_mistake(tmp_path: Path) -> None:
    worker = Worker(0, False, tmp_path, cpu_s=0.2)
    try:
        worker.give(SLOW, 0)
        while (answer := worker.answer()) is None:
            select.select([worker.answers], [], [], 0.05)
    finally:
        worker.kill()
    assert answer["finding"][0].startswith("hang at")


def test_a_worker_that_dies_is_a_mistake(tmp_path: Path) -> None:
    worker = Worker(0, False, tmp_path)
    worker.give(SLOW, 0)
    worker.process.kill()
    worker.process.wait()
    while (answer := worker.answer()) is None:
        select.select([worker.answers], [], [], 0.05)
    assert answer["finding"][0].startswith("crash")


@pytest.mark.parametrize(
    ("event", "arguments", "breach"),
    [
        ("open", ("/etc/hostname", "r", 0), True),
        ("open", ("@/x", "w", 0), False),
        ("open", ("@/../x", "w", 0), True),
        ("open", (str(OWN / "data.txt"), "r", 0), False),
        ("open", (str(OWN / "data.txt"), "a", 0), True),
        ("os.remove", ("/tmp/x", -1), True),
        ("os.symlink", ("/etc/passwd", "@/x", -1), False),
        ("os.rename", ("@/x", "/tmp/x", -1, -1), True),
        ("socket.connect", (None, ("127.0.0.1", 9)), True),
        ("socket.getaddrinfo", ("example.invalid", 80), True),
        ("subprocess.Popen", ("sh", ["sh", "-c", "id"], None, None), True),
        ("os.system", (b"id",), True),
    ],
)
def test_a_breach_of_the_sandbox_is_seen(
    tmp_path: Path, event: str, arguments: tuple[Any, ...], breach: bool
) -> None:
    guard = Guard()
    told = tuple(
        each.replace("@", str(tmp_path)) if isinstance(each, str) else each for each in arguments
    )
    with guard.watching(tmp_path):
        guard._hear(event, told)
    assert bool(guard.breaches) is breach


def test_every_kind_of_case_has_seeds_of_our_own() -> None:
    seeds = load_seeds(published=False)
    assert {kind for kind, cases in seeds.by_kind.items() if cases} == {
        "document", "job", "run", "expression", "crate",
    }  # fmt: skip
