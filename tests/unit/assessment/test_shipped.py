"""The questionnaires that are shipped: what they ask, and how it counts."""

import pytest

from services.assessment.questionnaires.catalogue import load
from services.assessment.questionnaires.domain.answers import read_answers, visible
from services.assessment.questionnaires.domain.definition import Questionnaire, band_of
from services.assessment.questionnaires.domain.questions import LANGUAGES, Choice, Raw, Text
from services.assessment.questionnaires.domain.scoring import assess

CATALOGUE = load()
BOTH = ("session-form", "full-assessment")
# Words read by somebody who is not hurried, and seconds to decide and tap: three minutes are enough.
WORDS_A_SECOND, SECONDS_A_QUESTION = 3.0, 6.0

IN_THE_HALL: dict[str, Raw] = {
    "maps-profile": ["not-mine"],
    "search-rank": ["not-there"],
    "review-watch": ["by-chance"],
    "customer-news": ["list-only"],
    "website": ["old"],
    "posts": [2],
    "ease": [2],
    "training-wish": ["group"],
}


def known(name: str, version: int = 1) -> Questionnaire:
    return CATALOGUE.published(name, version)


def test_a_session_form_gets_its_score_and_its_first_steps() -> None:
    form = known("session-form")
    outcome = assess(form, read_answers(form, IN_THE_HALL))
    assert outcome.dimensions == {
        "visibility": 10,  # (3 × 20 + 3 × 0) / 6
        "reputation": 20,
        "customers": 50,
        "website": 50,
        "social": 40,
        "skills": 25,
    }
    assert outcome.score == 33  # 195 / 6 = 32.5
    assert outcome.eu == {
        "data-management-and-security": 50,
        "digital-business-strategy": 40,
        "digital-readiness": 20,  # (3 × 20 + 3 × 0 + 2 × 50) / 8
        "human-centric-digitalisation": 22,  # (3 × 20 + 2 × 25) / 5
    }
    band = band_of(form.bands, outcome.score)
    assert band is not None
    assert band.title.fr == "Lancé"
    assert [advice.key for advice in outcome.advice] == [
        "claim-google-profile",
        "e-reputation-watch",
        "seo-basics",
        "training",
        "first-newsletter",
        "website-refresh",
        "social-first-steps",
    ]


def test_the_wish_for_training_moves_no_score() -> None:
    form = known("session-form")
    outcomes = [
        assess(form, read_answers(form, {**IN_THE_HALL, "training-wish": [wish]}))
        for wish in ("group", "visit", "not-now")
    ]
    assert len({outcome.score for outcome in outcomes}) == 1
    assert form.questions[-1].key == "training-wish"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_form_takes_less_than_three_minutes(language: str) -> None:
    form = known("session-form")
    texts: list[Text] = []
    for question in form.questions:
        texts.append(question.text)
        texts += [option.text for option in question.options] if isinstance(question, Choice) else []
    words = sum(len(text.into(language).split()) for text in texts)
    assert words / WORDS_A_SECOND + len(form.questions) * SECONDS_A_QUESTION < 180


def test_the_full_assessment_asks_about_all_eight_fields_and_all_six_of_the_eu() -> None:
    full = known("full-assessment")
    assert 28 <= len(full.questions) <= 35
    assert [dimension.key for dimension in full.dimensions] == [
        "visibility",
        "reputation",
        "customers",
        "website",
        "social",
        "tools",
        "security",
        "skills",
    ]
    assert len({question.eu for question in full.questions}) == 6
    assert {question.kind for question in full.questions} == {"single", "multiple", "scale", "number"}


def test_the_figures_are_asked_only_of_who_has_an_hour() -> None:
    full = known("full-assessment")
    for hours, asked in ((0, False), (1, True)):
        shown = {question.key for question in visible(full, {"hours": hours})}
        assert ("figures" in shown) is asked


@pytest.mark.parametrize("name", BOTH)
def test_every_score_has_its_words(name: str) -> None:
    questionnaire = known(name)
    assert [band.at_least for band in questionnaire.bands] == [0, 25, 50, 70]
    assert all(dimension.bands for dimension in questionnaire.dimensions)


@pytest.mark.parametrize("name", BOTH)
def test_the_same_step_has_the_same_name_and_words_as_in_the_first_questionnaire(name: str) -> None:
    first = {step.key: step for step in known("digital-maturity").recommendations}
    steps = known(name).recommendations
    assert all(first[step.key] == step for step in steps)
    most_recommended = {"seo-basics", "e-reputation-watch", "customer-file", "website-refresh"}
    assert most_recommended <= {step.key for step in steps}


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_options_of_a_question_read_the_same(name: str, language: str) -> None:
    for question in known(name).questions:
        if isinstance(question, Choice):
            texts = [option.text.into(language) for option in question.options]
            assert len({*texts}) == len(texts), question.key
