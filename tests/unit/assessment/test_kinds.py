"""What may be answered to each kind of question, what it is worth, and when it leads to another."""

from typing import Any

import pytest

from services.assessment.questionnaires.domain.answers import read_answers, visible
from services.assessment.questionnaires.domain.definition import (
    AnyQuestion,
    Dimension,
    Questionnaire,
    ScoreBand,
    band_of,
)
from services.assessment.questionnaires.domain.faults import faults
from services.assessment.questionnaires.domain.numbers import Band, Number, Scale
from services.assessment.questionnaires.domain.questions import (
    Condition,
    InvalidAnswer,
    Option,
    SingleChoice,
)
from services.assessment.questionnaires.domain.scoring import assess
from tests.unit.assessment.questionnaires import WORDS


def asked(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "dimension": "skills", "weight": 1, "text": WORDS, **more}


def scale(**more: Any) -> Scale:
    return Scale(**{"low": WORDS, "high": WORDS, **asked("ease"), **more})


def number(*bands: tuple[int, int], **more: Any) -> Number:
    made = tuple(Band(at_least=start, points=points) for start, points in bands)
    return Number(**{"lowest": 0, "highest": 60, "unit": WORDS, "bands": made, **asked("posts"), **more})


def yes_or_no(**more: Any) -> SingleChoice:
    options = (Option(key="yes", text=WORDS, points=100), Option(key="no", text=WORDS))
    return SingleChoice(options=options, **asked("ready", **more))


def questionnaire(*questions: AnyQuestion, bands: tuple[ScoreBand, ...] = ()) -> Questionnaire:
    return Questionnaire(
        name="any",
        version=1,
        title=WORDS,
        introduction=WORDS,
        dimensions=(Dimension("skills", WORDS),),
        questions=questions,
        recommendations=(),
        bands=bands,
    )


@pytest.mark.parametrize(("place", "points"), [(1, 0), (2, 25), (3, 50), (4, 75), (5, 100)])
def test_the_points_of_a_scale_rise_evenly(place: int, points: int) -> None:
    assert assess(questionnaire(scale()), {"ease": place}).score == points


@pytest.mark.parametrize(("given", "points"), [(0, 0), (3, 0), (4, 40), (11, 40), (12, 100), (60, 100)])
def test_a_number_is_worth_the_points_of_its_band(given: int, points: int) -> None:
    posts = number((0, 0), (4, 40), (12, 100))
    assert assess(questionnaire(posts), {"posts": given}).score == points


@pytest.mark.parametrize("raw", [[0], [6], [1, 2], ["three"], [10**12]])
def test_what_is_no_place_on_the_scale_is_refused_by_name(raw: list[Any]) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        read_answers(questionnaire(scale()), {"ease": raw})
    assert refused.value.field == "ease"


@pytest.mark.parametrize("raw", [[-1], [61], ["12"], [1, 2]])
def test_a_number_beyond_its_bounds_is_refused_by_name(raw: list[Any]) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        read_answers(questionnaire(number((0, 100))), {"posts": raw})
    assert refused.value.field == "posts"


def test_an_option_is_never_a_number() -> None:
    with pytest.raises(InvalidAnswer, match="no option"):
        read_answers(questionnaire(yes_or_no()), {"ready": [1]})


@pytest.mark.parametrize(
    ("bounds", "shown_at"),
    [
        ({"at_least": 4}, {4, 5}),
        ({"at_most": 2}, {1, 2}),
        ({"at_least": 2, "at_most": 3}, {2, 3}),
    ],
)
def test_a_place_on_a_scale_leads_to_a_question(bounds: dict[str, Any], shown_at: set[int]) -> None:
    both = questionnaire(scale(), yes_or_no(shown_if=Condition(question="ease", **bounds)))
    found = {place for place in range(1, 6) if len(visible(both, {"ease": place})) == 2}
    assert found == shown_at
    assert [each.key for each in visible(both, {})] == ["ease"]


def test_a_low_place_and_a_low_number_call_for_their_steps() -> None:
    ease = scale(recommends=("training",), recommends_at_most=2)
    assert ease.calls_for(2) == {"training"}
    assert ease.calls_for(3) == set()
    posts = number((0, 0), (4, 100))
    with_steps = Number(
        lowest=0,
        highest=60,
        unit=WORDS,
        bands=(Band(0, 0, ("social-first-steps",)), *posts.bands[1:]),
        **asked("posts"),
    )
    assert with_steps.calls_for(3) == {"social-first-steps"}
    assert with_steps.calls_for(4) == set()


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        (scale(highest=4), "$.questions[0].highest: 100 points are not spread evenly over 3 steps"),
        (scale(highest=1), "$.questions[0].highest: 1 is not above 1"),
        (scale(recommends_at_most=2), "$.questions[0].recommends_at_most: goes together"),
        (scale(recommends=("a",), recommends_at_most=5), "$.questions[0].recommends_at_most: lies between"),
        (number((1, 100)), "$.questions[0].bands: the first begins at 1, not at 0"),
        (number((0, 0), (9, 50), (4, 100)), "$.questions[0].bands: each begins above the one before"),
        (number((0, 0), (61, 100)), "$.questions[0].bands: the last begins at 61"),
        (number((0, 0), (5, 80)), "$.questions[0]: the best answer brings 80 points, not 100"),
        (scale(weight=0), "$.questions: none that counts is asked of everybody"),
    ],
)
def test_a_question_that_cannot_be_scored_is_named(question: AnyQuestion, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(questionnaire(question)))


@pytest.mark.parametrize(
    "condition",
    [
        Condition(question="ease"),
        Condition(question="ease", any_of=("yes",)),
        Condition(question="ease", at_least=6),
        Condition(question="ease", at_least=4, at_most=2),
        Condition(question="later", at_least=2),
    ],
)
def test_a_condition_that_can_never_hold_is_named(condition: Condition) -> None:
    found = faults(questionnaire(scale(), yes_or_no(shown_if=condition)))
    assert any(fault.startswith("$.questions[1].shown_if") for fault in found)


def test_a_score_is_put_in_the_words_of_its_band() -> None:
    bands = tuple(ScoreBand(at_least=start, title=WORDS, text=WORDS) for start in (0, 50, 70))
    found = [band_of(bands, score) for score in (0, 49, 50, 70, 100)]
    assert [band.at_least for band in found if band] == [0, 0, 50, 70, 70]
    assert band_of((), 50) is None


@pytest.mark.parametrize("starts", [(10, 50), (0, 50, 50), (0, 70, 50)])
def test_bands_with_a_gap_or_out_of_order_are_named(starts: tuple[int, ...]) -> None:
    bands = tuple(ScoreBand(at_least=start, title=WORDS, text=WORDS) for start in starts)
    assert [*faults(questionnaire(scale(), bands=bands))] == [
        "$.bands: the first begins at 0, each other above the one before"
    ]
