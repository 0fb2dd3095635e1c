"""A plan keeps to what the merchant has, promises what re-scoring says alone, and follows its rule."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.assessment.advice.catalogue import load
from services.assessment.advice.domain.actions import Action
from services.assessment.advice.domain.plan import WEEKS, Candidate, Means, Plan, make_plan
from services.assessment.advice.domain.rescoring import as_if_done
from services.assessment.questionnaires.catalogue import load as load_questionnaires
from services.assessment.questionnaires.domain.answers import visible
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.questions import Answers
from services.assessment.questionnaires.domain.scoring import assess
from tests.unit.assessment.questionnaires import STEPS, WORDS, answers_to, questionnaires

QUESTIONNAIRES = load_questionnaires()
ACTIONS = load(QUESTIONNAIRES).actions
MATURITY = QUESTIONNAIRES.published("digital-maturity", 1)
SESSION = QUESTIONNAIRES.published("session-form", 1)
FULL = QUESTIONNAIRES.published("full-assessment", 1)
ANY_ACTIONS = {
    key: Action(key=key, hours=2 + place, hours_with_tool=1, euros=10 * place, monday=WORDS)
    for place, key in enumerate(STEPS)
}
PLENTY = Means(hours_per_week=40)


def only_shown(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """As answers are stored."""
    return {each.key: answers[each.key] for each in visible(questionnaire, answers) if each.key in answers}


def means() -> st.SearchStrategy[Means]:
    keys = st.frozensets(st.sampled_from([*ACTIONS, *STEPS]))
    return st.builds(Means, st.integers(1, 40), st.none() | st.integers(0, 400), keys)


def candidates_of(plan: Plan) -> list[Candidate]:
    return [step.candidate for step in plan.steps] + [each.candidate for each in plan.later]


def check(questionnaire: Questionnaire, answers: Answers, actions: dict[str, Action], wanted: Means) -> None:
    now = assess(questionnaire, answers)
    plan = make_plan(questionnaire, answers, actions, wanted)
    assert sorted(each.key for each in candidates_of(plan)) == sorted(each.key for each in now.advice)
    assert all(each.gain >= 0 for each in candidates_of(plan))
    scores = [plan.score, *(step.score_after for step in plan.steps)]
    assert scores == sorted(scores)
    assert plan.score == now.score <= plan.score_after <= 100
    assert plan.hours <= wanted.hours_per_week * WEEKS
    assert wanted.budget is None or plan.euros <= wanted.budget
    assert all(1 <= step.first_week <= step.last_week <= WEEKS for step in plan.steps)
    assert all(one.last_week <= next_one.first_week + 1 for one, next_one in pairwise(plan.steps))


@given(st.data())
def test_any_questionnaire_gives_a_plan_within_means_whose_points_only_rise(data: st.DataObject) -> None:
    questionnaire = data.draw(questionnaires())
    answers = only_shown(questionnaire, data.draw(answers_to(questionnaire)))
    check(questionnaire, answers, ANY_ACTIONS, data.draw(means()))


@pytest.mark.slow
@pytest.mark.parametrize("questionnaire", QUESTIONNAIRES.every(), ids=lambda each: each.name)
@settings(max_examples=50)
@given(data=st.data())
def test_so_does_every_published_one(questionnaire: Questionnaire, data: st.DataObject) -> None:
    answers = only_shown(questionnaire, data.draw(answers_to(questionnaire)))
    check(questionnaire, answers, ACTIONS, data.draw(means()))


@pytest.mark.slow
@settings(max_examples=50)
@given(st.data())
def test_the_order_is_that_of_points_an_hour_unless_an_action_builds_on_another(data: st.DataObject) -> None:
    answers = only_shown(FULL, data.draw(answers_to(FULL)))
    plan = make_plan(FULL, answers, ACTIONS, PLENTY)
    place = {step.candidate.key: number for number, step in enumerate(plan.steps)}
    for one, other in pairwise(step.candidate for step in plan.steps):
        if one.key not in other.action.after:
            assert Fraction(one.gain) / Fraction(one.hours) >= Fraction(other.gain) / Fraction(other.hours)
    for step in plan.steps:
        for before in step.candidate.action.after:
            assert place.get(before, -1) < place[step.candidate.key]


def changed(questionnaire: Questionnaire, answers: dict[str, Any], action: str) -> dict[str, Any]:
    done = as_if_done(questionnaire, answers, ACTIONS[action])
    return {key: value for key, value in done.items() if answers[key] != value}


@pytest.mark.parametrize(
    ("questionnaire", "answers", "action", "after"),
    [
        (MATURITY, {"maps-profile": frozenset({"nothing"})}, "claim-google-profile", {"mine-and-current"}),
        (MATURITY, {"review-watch": frozenset({"never"})}, "e-reputation-watch", {"read-only"}),
        (MATURITY, {"free-listings": frozenset({"nowhere"})}, "free-visibility-tools", {"open-maps"}),
        (
            MATURITY,
            {"protection": frozenset({"updates"})},
            "security-basics",
            {"updates", "backup", "two-steps"},
        ),
        (MATURITY, {"payments": frozenset({"cash-only"})}, "digital-payment", {"card"}),
        (MATURITY, {"website": frozenset({"social-page"})}, "simple-website", {"current"}),
        (SESSION, {"customer-news": frozenset({"none"})}, "customer-file", {"list-only"}),
        (SESSION, {"posts": 2}, "social-first-steps", 4),
        (SESSION, {"ease": 1}, "training", 3),
        (FULL, {"review-answers": 1, "review-watch": frozenset({"read-and-answer"})}, "answer-reviews", 6),
        (FULL, {"till": frozenset({"paper"})}, "training", {"digital-till"}),
    ],
)
def test_an_action_leads_to_the_answer_that_calls_for_it_no_longer(
    questionnaire: Questionnaire, answers: dict[str, Any], action: str, after: Any
) -> None:
    (value,) = changed(questionnaire, answers, action).values()
    assert value == after


def test_what_was_answered_well_or_not_at_all_stays_as_it_is() -> None:
    answers = {"maps-profile": frozenset({"mine-and-current"}), "website": frozenset({"old"})}
    assert changed(MATURITY, answers, "claim-google-profile") == {}
    assert changed(MATURITY, answers, "website-refresh") == {"website": {"current"}}


POOR: Answers = {
    "maps-profile": frozenset({"nothing"}),
    "review-watch": frozenset({"read-only"}),
    "customer-list": frozenset({"paper"}),
    "mailing": frozenset({"never"}),
    "website": frozenset({"none"}),
    "payments": frozenset({"cash-only"}),
    "protection": frozenset({"nothing"}),
}


def reasons(plan: Plan) -> dict[str, str]:
    return {each.candidate.key: each.reason for each in plan.later}


def test_without_a_budget_what_costs_something_comes_later_and_says_why() -> None:
    plan = make_plan(MATURITY, POOR, ACTIONS, Means(hours_per_week=40, budget=0))
    assert reasons(plan) == {"simple-website": "budget", "digital-payment": "budget"}
    assert plan.euros == 0


def test_with_an_hour_a_week_the_long_action_comes_later_and_what_builds_on_it_waits() -> None:
    actions = {**ACTIONS}
    for key, hours in (("customer-file", 200), ("simple-website", 12.5)):
        old = ACTIONS[key]
        actions[key] = Action(key=key, hours=hours, hours_with_tool=1, euros=0, monday=old.monday)
    later = reasons(make_plan(MATURITY, POOR, actions, Means(hours_per_week=1)))
    assert (later["customer-file"], later["first-newsletter"]) == ("hours", "waits")
    assert later["simple-website"] == "hours"


def test_a_tool_in_use_saves_its_hours_and_its_price() -> None:
    without = {each.key: each for each in candidates_of(make_plan(MATURITY, POOR, ACTIONS, PLENTY))}
    equipped = Means(hours_per_week=40, equipped={"simple-website"})
    with_it = {each.key: each for each in candidates_of(make_plan(MATURITY, POOR, ACTIONS, equipped))}
    assert (without["simple-website"].hours, without["simple-website"].euros) == (16, 120)
    assert (with_it["simple-website"].hours, with_it["simple-website"].euros) == (8, 0)
    assert with_it["customer-file"] == without["customer-file"]


def test_weeks_follow_from_the_hours_of_a_week() -> None:
    plan = make_plan(SESSION, {"maps-profile": frozenset({"nothing"}), "ease": 1}, ACTIONS, Means(2))
    assert [(step.candidate.key, step.first_week, step.last_week) for step in plan.steps] == [
        ("claim-google-profile", 1, 1),
        ("training", 2, 3),
    ]


def test_all_in_order_needs_no_plan() -> None:
    plan = make_plan(MATURITY, {"maps-profile": frozenset({"mine-and-current"})}, ACTIONS, PLENTY)
    assert (plan.score, plan.score_after, plan.steps, plan.later) == (100, 100, (), ())
