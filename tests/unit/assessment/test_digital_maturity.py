"""The first questionnaire, as a shopkeeper meets it."""

import pytest

from services.assessment.questionnaires.catalogue import load
from services.assessment.questionnaires.domain.answers import read_answers, visible
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.questions import InvalidAnswer
from services.assessment.questionnaires.domain.scoring import assess

GIVEN = {
    "maps-profile": ["not-mine"],
    "free-listings": ["city-site"],
    "search-rank": ["not-there"],
    "review-watch": ["by-chance"],
    "review-asking": ["not-yet"],
    "customer-list": ["none"],
    "website": ["old"],
    "website-qualities": ["essentials"],
    "distance-orders": ["by-telephone"],
    "social-networks": ["facebook"],
    "payments": ["card"],
    "protection": ["updates"],
    "help": ["relatives"],
}


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    found = load().find("digital-maturity", 1)
    assert found is not None
    return found


def test_a_typical_shop_gets_its_score_and_a_free_first_step(questionnaire: Questionnaire) -> None:
    outcome = assess(questionnaire, read_answers(questionnaire, GIVEN))
    assert outcome.score == 29  # the mean of the eight below, before they are rounded
    assert outcome.dimensions == {
        "visibility": 16,  # (3 × 20 + 2 × 35 + 3 × 0) / 8
        "reputation": 15,
        "customers": 0,
        "website": 38,
        "social": 50,
        "tools": 50,
        "security": 15,
        "skills": 50,
    }
    assert [advice.key for advice in outcome.advice] == [
        "claim-google-profile",
        "e-reputation-watch",
        "free-visibility-tools",
        "seo-basics",
        "website-refresh",
        "customer-file",
        "security-basics",
        "fair-reviews",
        "training",
        "order-and-book",
    ]
    assert outcome.unanswered == ()


def test_mailing_is_asked_only_of_those_who_keep_addresses(questionnaire: Questionnaire) -> None:
    without = read_answers(questionnaire, GIVEN | {"mailing": ["monthly"]})
    assert "mailing" not in without
    with_addresses = {**without, "customer-list": frozenset({"paper"})}
    assert "mailing" in {question.key for question in visible(questionnaire, with_addresses)}


@pytest.mark.parametrize(
    ("field", "answers"),
    [
        ("maps-profile", {"maps-profile": ["nowhere"]}),
        ("maps-profile", {"maps-profile": ["nothing", "not-mine"]}),
        ("payments", {"payments": ["cash-only", "card"]}),
        ("shoe-size", {"shoe-size": ["44"]}),
        ("", {key: [] for key in GIVEN}),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_name(
    questionnaire: Questionnaire, field: str, answers: dict[str, list[str]]
) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        read_answers(questionnaire, GIVEN | answers)
    assert refused.value.field == field


def test_skipping_is_allowed_up_to_half(questionnaire: Questionnaire) -> None:
    half = dict(list(GIVEN.items())[:8])
    assert len(read_answers(questionnaire, half)) == 8
    with pytest.raises(InvalidAnswer, match="half"):
        read_answers(questionnaire, dict(list(GIVEN.items())[:5]))
