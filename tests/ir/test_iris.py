"""Locations as IRIs and as paths of this machine."""

import pytest

from fairwf.ir.iris import file_path


@pytest.mark.parametrize(
    ("location", "path"),
    [("file:///a/b%20c", "/a/b c"), ("file://localhost/a", "/a"), ("file://elsewhere/a", None),
     ("file://[x", None), ("file:", None), ("/a", None), ("https://example.org/a", None)],
)  # fmt: skip
def test_the_path_of_a_file_uri(location: str, path: str | None) -> None:
    assert file_path(location) == path
