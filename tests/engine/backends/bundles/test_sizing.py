"""Ready tasks are put into few jobs that are about equally long."""

from hypothesis import given
from hypothesis import strategies as st

from fairwf.engine.backends.bundles.sizing import Estimates, Load, Shape, bundles, work_of
from fairwf.engine.backends.deployment import Deployment

LOADS = st.builds(
    Load,
    kind=st.sampled_from("abc"),
    cores=st.sampled_from([0.5, 1.0, 2.0, 8.0]),
    gpus=st.sampled_from([0, 1]),
    limit_s=st.sampled_from([None, 5.0]),
    ram_mib=st.sampled_from([0.0, 256.0, 3000.0]),
)


def of(kind: str, count: int, cores: float = 1) -> list[Load]:
    return [Load(kind, cores, 0, None, 256)] * count


@given(
    loads=st.lists(LOADS, min_size=1, max_size=60),
    free=st.integers(1, 12),
    size=st.integers(1, 30),
    seconds=st.floats(0.001, 5000),
    memory=st.sampled_from([None, 1024.0]),
)
def test_no_task_twice_no_job_too_many_no_mixed_kinds_of_job(
    loads: list[Load], free: int, size: int, seconds: float, memory: float | None
) -> None:
    said = Deployment(bundle_size=size, bundle_time=60, walltime=3600, cores=2, memory_mib=memory)
    known = Estimates(10)
    known.learn("a", seconds)
    made = bundles(loads, known, said, free)
    assert 1 <= len(made) <= free
    places = [place for bundle in made for place in bundle]
    assert len(places) == len(set(places))
    assert all(1 <= len(bundle) <= size for bundle in made)
    for bundle in made:
        assert len({loads[place].shape(said) for place in bundle}) == 1
        work = sum(known.of(loads[p]) * loads[p].share(said) for p in bundle)
        assert len(bundle) == 1 or work <= 0.8 * 3600 * 1.001


def test_short_tasks_share_one_job() -> None:
    known = Estimates(60)
    known.learn("a", 0.01)
    assert [len(b) for b in bundles(of("a", 400), known, Deployment(), 20)] == [400]


def test_long_tasks_are_spread_evenly() -> None:
    known = Estimates(60)
    known.learn("a", 600)
    made = bundles(of("a", 12), known, Deployment(bundle_time=1200, walltime="4h"), 20)
    assert [len(b) for b in made] == [2] * 6


def test_a_limit_of_the_task_bounds_the_guess() -> None:
    assert Estimates(60).of(Load("a", 1, 0, 5.0, 256)) == 5.0


def test_estimates_follow_what_is_seen() -> None:
    known = Estimates(60)
    for _ in range(30):
        known.learn("a", 2.0)
    known.learn("a", 4.0)
    assert 2.0 < known.of(Load("a", 1, 0, None, 256)) < 4.0


def test_a_wide_task_gets_a_job_as_wide() -> None:
    assert Load("a", 7.5, 0, None, 256).shape(Deployment(cores=4)) == Shape(8, 0, None)
    assert Load("a", 1, 0, None, 256).shape(Deployment(cores=4)) == Shape(4, 0, None)


def test_a_task_that_wants_more_memory_gets_a_job_with_as_much() -> None:
    said = Deployment(memory_mib=1024)
    assert Load("a", 1, 0, None, 3000).shape(said).memory_mib == 3000
    assert Load("a", 1, 0, None, 256).shape(said).memory_mib == 1024


def test_tasks_that_fill_the_memory_of_a_job_take_turns_whatever_cores_are_free() -> None:
    known = Estimates(60)
    said = Deployment(cores=8, memory_mib=1024)
    assert work_of([Load("a", 1, 0, None, 1024)] * 4, known, said) == 4 * 60
    assert work_of([Load("a", 1, 0, None, 64)] * 4, known, said) == 4 * 60 / 8


def test_where_jobs_start_at_once_the_rest_waits_for_better_estimates() -> None:
    said = Deployment(bundle_time=2)
    made = bundles(of("a", 500), Estimates(1), said, 4, later=True)
    assert [len(bundle) for bundle in made] == [2] * 4
    assert sum(map(len, bundles(of("a", 500), Estimates(1), said, 4))) == 500
