"""What tests of every area share: where the repository and the published documents lie."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent

# Machines that run tests are shared and slow at times: how long an example takes is no finding.
# The examples are the same each time, so that a red gate is repeatable; `make test-all` draws anew.
EXPLORE = bool(os.environ.get("FAIRWF_EXPLORE"))
settings.register_profile(
    "fairwf",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not EXPLORE,
    database=settings.get_profile("default").database if EXPLORE else None,
)
settings.load_profile("fairwf")


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Verdicts of `validate` are kept apart from those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root folder of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of workflow documents that others published; not part of the repository.

    Named by the variable FAIRWF_CORPORA (relative names count from the root of the repository),
    by default `../shared/corpora`. Tests that need it are skipped where it is absent.
    """
    named = os.environ.get("FAIRWF_CORPORA")
    folder = (REPOSITORY / (named or "../shared/corpora")).resolve()
    if folder.is_dir():
        return folder
    if named:
        pytest.fail(f"FAIRWF_CORPORA names {named}, which is not a folder")
    pytest.skip("published test documents are absent; name their folder in FAIRWF_CORPORA")


@pytest.fixture(scope="session")
def cwltool() -> Path:
    """The program of cwltool, the reference runner of CWL; skipped where it cannot run.

    It is installed with the extra `test`, and evaluates JavaScript with Node.js, which is not.
    """
    program = Path(sys.executable).with_name("cwltool")
    if not program.is_file():
        pytest.skip("cwltool is not installed beside this Python: pip install cwltool")
    if shutil.which("node") is None and shutil.which("nodejs") is None:
        pytest.skip("cwltool needs Node.js for JavaScript: apt-get install nodejs")
    return program
