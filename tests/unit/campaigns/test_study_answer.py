"""What is said of an outcome, and when nothing is claimed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from bench.study import Design, panels
from services.campaigns.policy.domain import Action, Ask, Platform, Reward
from services.campaigns.study.domain.answer import Panel, Takes, Verdict, answered
from services.campaigns.study.domain.funnel import Step, funnel
from services.campaigns.study.domain.outcomes import SOLICITED, Fact, Outcome, solicited
from services.campaigns.study.domain.plan import StudyPlan

PLAN = StudyPlan((Outcome.ASSESSMENT,), (), 4, 4, least_merchants=10, least_counted=20, worth_percent=20)
BEGAN = date(2026, 9, 7)


def panel(effect: float, units: int = 24, shops: int = 1) -> Panel:
    """`shops` in each unit, with the same counts."""
    of = next(panels(Design("", units, units // 2, weeks=4), 1, effect))
    counts = np.repeat(np.hstack([of.before, of.after]), shops, axis=0)
    names = [str(unit) for unit in range(units) for _ in range(shops)]
    return Panel(counts, np.repeat(of.treated, shops), names)


@pytest.mark.parametrize(("effect", "verdict"), [(4.0, Verdict.ROSE), (0.0, Verdict.NOT_SHOWN)])
def test_an_effect_is_told_where_the_data_show_one(effect: float, verdict: Verdict) -> None:
    found = answered(Outcome.ASSESSMENT, PLAN, panel(effect), 4, solicited=False)
    assert found.verdict is verdict
    assert found.effect is not None
    assert found.placebo is not None
    assert (found.takes is None) == (verdict is Verdict.ROSE)
    if found.takes:
        assert found.takes.units is not None
        assert found.takes.units > 24  # a fifth more of three a week is too little for two dozen shops


def test_a_loss_is_told_as_plainly() -> None:
    of = panel(0.0)
    of.counts[~of.treated, 4:] += 5
    assert answered(Outcome.CLAIM, PLAN, of, 4, solicited=False).verdict is Verdict.FELL


@pytest.mark.parametrize(
    ("of", "weeks_over", "is_solicited", "verdict", "takes"),
    [
        (panel(4.0), 3, False, Verdict.TOO_EARLY, None),
        (panel(4.0), 4, True, Verdict.SOLICITED, None),
        (panel(4.0, units=6, shops=5), 4, False, Verdict.TOO_FEW, Takes(units=8)),
        (panel(4.0, units=12), 4, False, Verdict.TOO_FEW, Takes(merchants=10)),
        (Panel(np.zeros((20, 8)), np.arange(20) < 10, [*map(str, range(20))]), 4, False, Verdict.TOO_FEW,
         Takes(counted=20)),
    ],
)  # fmt: skip
def test_what_cannot_be_known_leads_with_what_happened(
    of: Panel, weeks_over: int, is_solicited: bool, verdict: Verdict, takes: Takes | None
) -> None:
    found = answered(Outcome.ASSESSMENT, PLAN, of, weeks_over, solicited=is_solicited)
    assert (found.verdict, found.takes, found.effect) == (verdict, takes, None)
    assert found.campaign.weekly is not None
    assert len(found.campaign.weekly) == 4 + weeks_over


def test_groups_that_parted_before_get_no_effect() -> None:
    of = panel(4.0)
    of.counts[of.treated, 2:] += 6
    found = answered(Outcome.ASSESSMENT, PLAN, of, 4, solicited=False)
    assert (found.verdict, found.effect) == (Verdict.PARTED_BEFORE, None)


def test_shops_of_one_district_are_one_piece_of_evidence() -> None:
    one, ten = (
        answered(Outcome.CLAIM, PLAN, panel(4.0, shops=shops), 4, solicited=False) for shops in (1, 10)
    )
    assert one.effect == ten.effect
    assert (one.campaign.merchants, ten.campaign.merchants) == (12, 120)


def test_nothing_is_said_of_fewer_than_five_shops() -> None:
    of = panel(4.0, units=8)
    few = Panel(of.counts, np.arange(8) < 4, of.units)
    assert answered(Outcome.CLAIM, PLAN, few, 4, solicited=False).campaign.weekly is None


def test_what_a_campaign_asks_for_is_no_effect_of_it() -> None:
    asks = [Ask(Platform.HERE, Action.FOLLOW, Reward.NONE)]
    assert solicited(["review", "assessment"], asks) == ["review"]
    assert solicited(["follow"], asks) == ["follow"]
    assert solicited(["follow"], []) == []
    there = [Ask(Platform.GOOGLE, Action.REVIEW, Reward.NONE)]
    assert solicited(["reviews-elsewhere", "follow"], there) == ["reviews-elsewhere"]
    assert solicited(["reviews-elsewhere"], asks) == []
    assert not SOLICITED & {each.value for each in Outcome}


def test_the_funnel_counts_shops_in_the_order_of_time() -> None:
    def happened(shop: UUID, *days: tuple[Fact, int]) -> list[tuple[UUID, Fact, date]]:
        return [(shop, fact, BEGAN + timedelta(days=day)) for fact, day in days]

    told, opened, assessed, trained = (
        (Fact.TOLD, 2), (Fact.OPENED, 2), (Fact.ASSESSMENT, 3), (Fact.TRAINED, 5),
    )  # fmt: skip
    first = [told, opened, assessed]
    ways = [
        *[[*first, trained, (Fact.ASSESSMENT, 31)]] * 5,
        *[[*first, (Fact.ASSESSMENT, 20)]] * 5,
        *[[(Fact.ASSESSMENT, 1), told]] * 5,
        *[[trained]] * 5,
        *[[*first, trained, (Fact.ASSESSMENT, 6)]] * 2,
        *[[(Fact.OPENED, 1), told, assessed]] * 5,
    ]
    shops = [uuid4() for _ in ways]
    facts = [each for shop, way in zip(shops, ways, strict=True) for each in happened(shop, *way)]
    expected = {
        Step.REACHED: 27, Step.TOLD: 22, Step.OPENED: 12, Step.ASSESSED: 12, Step.TRAINED: 7,
        Step.REASSESSED: 5,
    }  # fmt: skip
    reached = dict.fromkeys(shops, BEGAN)
    for order in (facts, [*reversed(facts)]):
        assert {each.step: each.merchants for each in funnel(reached, order)} == expected
    few = dict.fromkeys(shops[:4], BEGAN)
    assert {each.merchants for each in funnel(few, facts)} == {None}
