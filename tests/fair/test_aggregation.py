"""The score: weighted in each sub-principle, averaged, with bounds for what is not known."""

from fairwf.fair.outcome import Evidence, Level, Outcome, assessed, not_applicable, not_assessed
from fairwf.fair.score import Finding, maturity, score_of, todo

HERE = Evidence(file="a", value="x")
UNKNOWN = not_assessed("network", "no network")


def at(level: Level) -> Outcome:
    return assessed(level, "because", HERE)


def finding(id: str, priority: str, outcome: Outcome) -> Finding:
    return Finding(
        id=id,
        question="?",
        principle=id.rsplit("-", 1)[0],
        priority=priority,  # type: ignore[arg-type]
        outcome=outcome,
        levels=("1", "2", "3"),
        fix="Do it.",
        crosswalk=(),
        rule_version="1",
        facts_from="files",
    )


def test_weights_are_four_two_one_in_a_sub_principle() -> None:
    card = score_of(
        "x",
        (
            finding("F1-1", "essential", at(3)),
            finding("F1-2", "important", at(0)),
            finding("F1-3", "useful", at(3)),
        ),
    )
    assert card.score.value == round(100 * 5 / 7, 2)
    assert card.score == card.principles["F"] == card.sub_principles["F1"]


def test_sub_principles_and_letters_count_alike_however_many_indicators_they_have() -> None:
    card = score_of(
        "x",
        (
            finding("F1-1", "essential", at(3)),
            finding("F2-1", "useful", at(0)),
            finding("F2-2", "useful", at(0)),
            finding("R1-1", "useful", at(3)),
        ),
    )
    assert card.principles["F"].value == 50
    assert card.score.value == 75


def test_bounds_take_the_unknown_as_0_and_as_3_and_what_does_not_apply_counts_nowhere() -> None:
    card = score_of(
        "x",
        (
            finding("F1-1", "essential", at(3)),
            finding("F1-2", "essential", UNKNOWN),
            finding("F1-3", "essential", not_applicable("no such thing")),
        ),
    )
    assert (card.score.lower, card.score.value, card.score.upper) == (50, 100, 100)
    assert card.coverage == 0.5


def test_a_group_of_which_nothing_is_known_counts_in_the_bounds_alone() -> None:
    card = score_of(
        "x", (finding("F1-1", "essential", at(3)), finding("F4-2", "important", UNKNOWN))
    )
    assert (card.score.lower, card.score.value, card.score.upper) == (50, 100, 100)


def test_maturity_tests_the_lower_bound() -> None:
    def of(*outcomes: tuple[str, Outcome]) -> str:
        return maturity(tuple(finding(f"F1-{n}", p, o) for n, (p, o) in enumerate(outcomes)))

    assert of(("essential", at(1)), ("essential", at(0))) == "M0"
    assert of(("essential", at(3)), ("essential", UNKNOWN)) == "M0"
    assert of(("essential", at(1)), ("essential", not_applicable("-"))) == "M1"
    important = [("important", at(1))] * 3 + [("important", at(0))] * 2
    assert of(("essential", at(2)), *important) == "M2"
    assert of(("essential", at(2)), *important, ("important", UNKNOWN)) == "M1"
    good = [("important", at(2))] * 4 + [("important", at(0))]
    assert of(("essential", at(3)), *good) == "M3"
    assert of(("essential", at(3)), *good, ("important", at(1))) == "M2"


def test_a_gain_is_what_the_score_would_rise_by() -> None:
    before = (
        finding("F1-1", "essential", at(1)),
        finding("F1-2", "useful", at(0)),
        finding("A1-1", "important", at(0)),
        finding("A1-2", "important", UNKNOWN),
    )
    card = score_of("x", before)
    assert [f.id for f in todo(card)] == ["A1-1", "F1-1", "F1-2"]
    for done in todo(card):
        after = tuple(finding(f.id, f.priority, at(3)) if f.id == done.id else f for f in before)
        rise = score_of("x", after).score.value - card.score.value
        assert abs(rise - done.gain) < 0.02
