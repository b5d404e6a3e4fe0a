"""Every published document gets the reference runner's verdict, or a reason from the spec."""

from pathlib import Path

from tests.conformance.accepted import DISAGREEMENTS, verdicts


def test_published_documents_get_the_verdict_of_the_reference_runner(corpora: Path) -> None:
    found = list(verdicts(corpora))
    apart = {verdict.path for verdict in found if not verdict.agrees}
    print(f"{len(found) - len(apart)} of {len(found)} agree")
    assert len(found) > 1_000
    assert apart == set(DISAGREEMENTS)
    for verdict in found:
        for error in verdict.report.errors:
            assert error.file and error.line and error.column, verdict.path
