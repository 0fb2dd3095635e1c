"""What a campaign came to, and whether its city goes on."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.campaigns.evaluation.domain import Figure, GoIf, Verdict, evaluated
from services.campaigns.lifecycle.domain import IllegalTransition, InvalidPlan, State
from tests.unit.campaigns.test_lifecycle import AFTER, BEFORE, END, a_campaign, a_plan

NOTHING = dict.fromkeys(Figure, 0)


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ({Figure.REVIEWS: 30, Figure.MERCHANTS_REACHED: 10}, Verdict.GO),
        ({Figure.REVIEWS: 31, Figure.MERCHANTS_REACHED: 11}, Verdict.GO),
        ({Figure.REVIEWS: 29, Figure.MERCHANTS_REACHED: 50}, Verdict.NO_GO),
        ({Figure.REVIEWS: 500, Figure.MERCHANTS_REACHED: 9}, Verdict.NO_GO),
        ({}, Verdict.NO_GO),
    ],
)
def test_a_city_goes_on_where_every_condition_holds(figures: Mapping[Figure, int], verdict: Verdict) -> None:
    rule = [GoIf(Figure.REVIEWS, 30), GoIf(Figure.MERCHANTS_REACHED, 10)]
    found = evaluated({**NOTHING, **figures}, rule, "A great success!", AFTER)
    assert (found.verdict, found.conclusion, found.at) == (verdict, "A great success!", AFTER)


def test_where_no_rule_was_set_beforehand_none_is_made_up() -> None:
    assert evaluated(NOTHING, [], "", AFTER).verdict is Verdict.NO_RULE


def test_only_what_ran_and_is_over_is_evaluated_once() -> None:
    done = a_campaign(State.ENDED).evaluated(NOTHING, "x", AFTER)
    assert (done.state, done.version, done.ended_at) == (State.EVALUATED, 5, END)
    called_off = a_campaign(State.SCHEDULED).ended(BEFORE)
    for campaign in (done, called_off, *map(a_campaign, (State.DRAFT, State.SCHEDULED, State.RUNNING))):
        with pytest.raises(IllegalTransition):
            campaign.evaluated(NOTHING, "x", AFTER)
    assert done.due(AFTER) is None


def test_a_pilot_is_announced_with_a_rule_for_going_on_or_not_at_all() -> None:
    pilot = replace(a_plan(), question="Do people take part?")
    with pytest.raises(InvalidPlan) as refused:
        replace(a_campaign(), plan=pilot).scheduled(BEFORE)
    assert refused.value.field == "go_if"
    ruled = replace(pilot, go_if=(GoIf(Figure.AMBASSADORS, 20),))
    ruled.check()
    assert replace(a_campaign(), plan=ruled).scheduled(BEFORE).state is State.SCHEDULED


@pytest.mark.parametrize(
    ("question", "go_if", "field"),
    [
        (None, (GoIf(Figure.REVIEWS, 1),), "question"),
        ("Why?", (GoIf(Figure.REVIEWS, 1), GoIf(Figure.REVIEWS, 2)), "go_if"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    question: str | None, go_if: tuple[GoIf, ...], field: str
) -> None:
    with pytest.raises(InvalidPlan) as refused:
        replace(a_plan(), question=question, go_if=go_if).check()
    assert refused.value.field == field
