"""A plan is one page, however long it is, and says in one language what to do first."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics

from chassis.languages import labelled
from chassis.paper import PLAIN
from services.assessment.advice import words
from services.assessment.advice.catalogue import load
from services.assessment.advice.domain.plan import Candidate, Later, Means, Plan, Reason, Step
from services.assessment.advice.paper import drawn
from services.assessment.advice.shown_plan import PlanInWords, ShownPlan
from services.assessment.questionnaires.catalogue import load as load_questionnaires
from services.assessment.questionnaires.domain.questions import LANGUAGES

WORDS = words.load()
QUESTIONNAIRES = load_questionnaires()
CATALOGUE = load(QUESTIONNAIRES)
FULL = QUESTIONNAIRES.published("full-assessment", 1)
ANSWERED_AT = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
REASONS: tuple[Reason, ...] = ("hours", "budget", "waits")


ASSESSMENT_ID = UUID("01890000-0000-7000-8000-0000000000a5")


def shown(steps: int, later: int, language: str, budget: int | None = None) -> ShownPlan:
    """A plan of so many actions, and so many later ones."""
    candidates = [
        Candidate(CATALOGUE.actions[each.key], (), 12, 120.5, 1200) for each in FULL.recommendations
    ]
    plan = Plan(
        score=9,
        steps=tuple(Step(each, 87, 10, 12) for each in candidates[:steps]),
        later=tuple(
            Later(each, REASONS[place % 3]) for place, each in enumerate(candidates[steps : steps + later])
        ),
    )
    in_words = PlanInWords(FULL, CATALOGUE, WORDS, language)
    return in_words.plan(ASSESSMENT_ID, plan, Means(40, budget), ())


def pages_of(plan: ShownPlan) -> list[str]:
    pdf = drawn(plan, WORDS.page, ANSWERED_AT)
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("steps", range(len(FULL.recommendations) + 1))
def test_the_longest_plan_stays_on_one_page_with_any_part_for_later(language: str, steps: int) -> None:
    plan = shown(steps, len(FULL.recommendations) - steps, language, 1_000_000)
    (text,) = pages_of(plan)
    assert all(each.title in text for each in [*plan.actions, *plan.later])
    assert text.endswith(plan.order)  # the last line is on it, too


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_when_it_was_answered_and_what_to_do_first_on_monday(language: str) -> None:
    plan = shown(3, 1, language)
    (text,) = pages_of(plan)
    day = "27.11.2026" if language == "de" else "27/11/2026"  # in Brussels it is past midnight
    assert f"{WORDS.page.answered.into(language)} {day}" in text
    assert f"{WORDS.page.monday.into(language)} {plan.actions[0].monday}" in text
    assert text.count(plan.actions[0].monday) == 1
    assert plan.actions[1].monday in text
    budget, no_limit = WORDS.page.budget.into(language), WORDS.page.no_limit.into(language)
    assert labelled(budget, no_limit, language).replace("\u00a0", " ") in text.replace("\u00a0", " ")
    assert f"{plan.later[0].title} (+12): {plan.later[0].reason.text}" in text
    assert plan.as_if_done in text
    assert ("361.5" if language == "en" else "361,5") in text
    for other in {*LANGUAGES} - {language}:
        assert WORDS.page.title.into(other) not in text


def test_where_nothing_is_called_for_it_says_so() -> None:
    (text,) = pages_of(shown(0, 0, "fr"))
    assert "Vos réponses n'appellent aucune action." in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_font_has_every_character_of_the_page(language: str) -> None:
    (text,) = pages_of(shown(15, 0, language))
    glyphs = pdfmetrics.getFont(PLAIN).face.charToGlyph
    assert {char for char in text if ord(char) not in glyphs} == set()
    assert all(
        ord(char) in glyphs for each in CATALOGUE.actions.values() for char in each.monday.into(language)
    )
