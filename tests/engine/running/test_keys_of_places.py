"""A key tells its steps again, whatever they are called."""

from hypothesis import given
from hypothesis import strategies as st

from fairwf.engine.expansion.world import Place, Segment, path_of, quote, segments

names = st.text(alphabet=st.sampled_from("ab %/[]#{}!=,é\n"), min_size=1)
items = st.sampled_from(["", "[3]", "[0,2]", f"{{n={quote('a/b')}}}"])
turns = st.sampled_from(["", "#2", "!retry3", "!made", "#2!0"])


@given(st.lists(st.builds(Segment, names, items, turns), min_size=1, max_size=4))
def test_the_steps_of_a_key(parts: list[Segment]) -> None:
    place = Place()
    for part in parts:
        place = place.enter(part.step).at(part.item, part.item).at(part.turn, part.turn)
    assert list(segments(place.key)) == parts
    assert path_of(place.key) == "/".join(quote(part.step) for part in parts)
