"""Patterns of steps."""

import pytest

from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.engine.backends.sites.binding import Bindings, Pattern, steps_of
from fairwf.engine.expansion.world import segments
from tests.engine.backends.sites.test_sites_in_deployments import nested


@pytest.mark.parametrize(
    "pattern, key, fits",
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", "ab", False),
        ("a*", "ab", True),
        ("?b", "ab", True),
        ("a", "a/b", True),
        ("b", "a/b", False),
        ("*/b", "a/b", True),
        ("**/b", "a/c/b", True),
        ("**/b", "b", True),
        ("**/b", "a/c", False),
        ("**", "a/c", True),
        ("a/**", "a/c/d", True),
        ("a/**", "b/c", False),
        ("a/**/d", "a/d", True),
        ("a", "a#3/b[7]", True),
        ("a/b", "a#3/b[7]", True),
        ("a/b[7]", "a#3/b[7]", True),
        ("a/b[7]", "a#3/b[77]", False),
        ("a/b[*]", "a#3/b[77]", True),
        ("a/b[7]", "a/b[7][2]", True),
        ("a/b[*][2]", "a/b[7][2]", True),
        ("a[1]/b", "a[1]/b[0]", True),
        ("a[1]/b", "a[2]/b[0]", False),
        ("a{n=1}", "a{n=1}", True),
        ("a{n=1}", "a{n=2}", False),
        ("a b", "a b", True),
        ("50%", "50%25", True),
        ("a.b", "axb", False),
    ],
)
def test_a_pattern_names_a_step_and_what_is_inside_of_it(
    pattern: str, key: str, fits: bool
) -> None:
    assert Pattern(pattern).fits(list(segments(key))) is fits


def test_the_first_that_fits_counts() -> None:
    sites = {name: SiteSettings() for name in "abc"}
    said = Deployment(sites=sites, default="c", steps={"rounds/train[0]": "a", "rounds/train": "b"})
    bindings = Bindings(said)
    assert bindings.site("rounds#4/train[0]") == "a"
    assert bindings.site("rounds#4/train[1]") == "b"
    assert bindings.site("rounds#4/average") == "c"
    assert list(bindings.sites(("rounds", "train"))) == ["a", "b"]
    assert Bindings(Deployment(sites=sites)).site("x") == "a"


def test_steps_are_named_by_their_paths() -> None:
    paths = ["/".join(path) for path, _ in steps_of(nested())]
    assert paths == ["rounds", "rounds/train", "rounds/average", "last"]
