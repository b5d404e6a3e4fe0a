"""FAIRness of workflows: indicators that read the IR and the files around it, with evidence."""

from fairwf.fair.indicators import INDICATORS
from fairwf.fair.network import Network
from fairwf.fair.score import Finding, Interval, Scorecard, assess
from fairwf.fair.subject import Subject, subject_at

__all__ = [
    "INDICATORS",
    "Finding",
    "Interval",
    "Network",
    "Scorecard",
    "Subject",
    "assess",
    "score",
    "subject_at",
]


def score(
    source: str,
    format: str | None = None,
    main: str | None = None,
    network: Network | None = None,
    linters: bool = False,
) -> Scorecard:
    """Return the scorecard of a workflow file, repository folder or crate.

    ``main`` names the workflow in a folder that holds several, relative to the folder; ``network``
    is asked what files cannot tell; with ``linters`` a language's own is started as a program.

    Raises:
        FairwfError: the source cannot be found or read.
    """
    return assess(subject_at(source, format, main, network, linters))
