"""The published Montage instance of 58 tasks runs for real on a sky that is known."""

from pathlib import Path

import pytest

from tests.examples.mosaics import concrete, mosaicked


@pytest.mark.long
def test_the_mosaics_show_the_sky_that_went_in(corpora: Path, tmp_path: Path) -> None:
    mosaicked(concrete(corpora, tmp_path / "sky"), tmp_path / "run", cores=2)
