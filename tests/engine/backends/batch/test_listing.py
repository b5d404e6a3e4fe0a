"""What schedulers answer. Slurm's and Grid Engine's texts were recorded from these programs;
those of PBS Pro, LSF and Cobalt are as their documentation shows them, and were tried on no such
system."""

import json

import pytest

from fairwf.engine.backends.batch.listing import QUERIES, Listed


def test_slurm() -> None:
    text = (
        "8|PENDING|fwabc-4\n7|RUNNING|a|b c\n6|COMPLETED|fwabc-2\n5|CANCELLED|fwabc-1\n"
        "4|NODE_FAIL|x\n3|TIMEOUT|x\n2|COMPLETING|x\n1|REQUEUED|x\n9|SUSPENDED|x\n"
        "10|SPECIAL_EXIT|x\n"
    )
    assert QUERIES["slurm"].parse(text) == [
        Listed("8", "fwabc-4", "queued"),
        Listed("7", "a|b c", "running"),
        Listed("6", "fwabc-2", "ended"),
        Listed("5", "fwabc-1", "ended", "it was cancelled"),
        Listed("4", "x", "ended", "its node failed"),
        Listed("3", "x", "ended", "it reached the time limit of the job"),
        Listed("2", "x", "running"),
        Listed("1", "x", "queued"),
        Listed("9", "x", "running"),
        Listed("10", "x", "ended", "it is held with a special exit", held=True),
    ]
    assert QUERIES["slurm"].parse("") == []


def test_grid_engine() -> None:
    job = (
        "<job_list state='x'><JB_job_number>{}</JB_job_number><JB_name>fwabc-{}</JB_name>"
        "<state>{}</state></job_list>"
    )
    states = ["r", "t", "qw", "hqw", "Eqw", "dr", "s", "S", "T", "Rr", "Rq"]
    text = "<?xml version='1.0'?><job_info><queue_info>{}</queue_info><job_info/></job_info>"
    jobs = "".join(job.format(n, n, state) for n, state in enumerate(states))
    found = QUERIES["sge"].parse(text.format(jobs))
    assert [one.state for one in found] == [
        "running", "running", "queued", "queued", "ended", "ended",
        "running", "running", "running", "running", "queued",
    ]  # fmt: skip
    assert found[3] == Listed("3", "fwabc-3", "queued")
    assert found[4].reason == "Grid Engine could not start it (state Eqw)"
    assert [one.id for one in found if one.held] == ["4"]
    with pytest.raises(ValueError):
        QUERIES["sge"].parse("error: commlib error: got select error (Connection refused)")


def test_pbs_pro() -> None:
    jobs = {
        "1.pbs": {"Job_Name": "fwabc-1", "job_state": "Q"},
        "2.pbs": {"Job_Name": "fwabc-2", "job_state": "R"},
        "3.pbs": {"Job_Name": "fwabc-3", "job_state": "F", "Exit_status": 0},
        "4.pbs": {"Job_Name": "fwabc-4", "job_state": "F", "Exit_status": 271},
        "5.pbs": {"Job_Name": "fwabc-5", "job_state": "S"},
        "6.pbs": {"Job_Name": "fwabc-6", "job_state": "U"},
        "7.pbs": {"Job_Name": "fwabc-7", "job_state": "H"},
    }
    found = QUERIES["pbs"].parse(json.dumps({"timestamp": 1, "Jobs": jobs}))
    assert [one.state for one in found] == [
        "queued", "running", "ended", "ended", "running", "running", "queued",
    ]  # fmt: skip
    assert found[2].reason is None
    assert found[3].reason == "it was deleted, or reached the time limit of the job"
    assert QUERIES["pbs"].parse('{"timestamp": 1}') == QUERIES["pbs"].parse("") == []


def test_lsf() -> None:
    records = [
        {"JOBID": "101", "STAT": "PEND", "EXIT_REASON": "", "JOB_NAME": "fwabc-1"},
        {"JOBID": "102", "STAT": "RUN", "EXIT_REASON": "", "JOB_NAME": "fwabc-2"},
        {"JOBID": "103", "STAT": "EXIT", "EXIT_REASON": "TERM_RUNLIMIT: job killed after reaching "
         "LSF run time limit", "JOB_NAME": "fwabc-3"},
        {"JOBID": "104", "ERROR": "Job <104> is not found"},
        {"JOBID": "105", "STAT": "SSUSP", "JOB_NAME": "fwabc-5"},
    ]  # fmt: skip
    text = json.dumps({"COMMAND": "bjobs", "JOBS": 5, "RECORDS": records})
    found = QUERIES["lsf"].parse(text)
    assert [one.state for one in found] == ["queued", "running", "ended", "running"]
    assert "run time limit" in str(found[2].reason)


def test_cobalt() -> None:
    text = (
        "JobID: 1234\n    JobName           : fwabc-1\n    State             : queued\n\n"
        "JobID: 1235\n    JobName           : N/A\n    State             : running\n"
    )
    assert QUERIES["cobalt"].parse(text) == [
        Listed("1234", "fwabc-1", "queued"),
        Listed("1235", "N/A", "running"),
    ]


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_one_query_is_for_all_jobs(name: str) -> None:
    assert len(QUERIES[name].command(["1", "2"])) >= 2
    if name != "pbs":  # which has no other way to ask for few
        assert QUERIES[name].command(["1", "2"]) == QUERIES[name].command([])
