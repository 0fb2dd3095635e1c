"""How a campaign moves, and what the clock makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaigns.evaluation.domain import Figure
from services.campaigns.goals.domain import Goal
from services.campaigns.lifecycle.domain import (
    LONGEST,
    Campaign,
    IllegalTransition,
    InvalidPlan,
    Plan,
    PlanHolds,
    State,
)
from services.campaigns.policy.domain import Action, Ask, Platform

BRUSSELS = ZoneInfo("Europe/Brussels")
START = datetime(2026, 9, 1, 8, tzinfo=UTC)
END = datetime(2026, 9, 30, 18, tzinfo=UTC)
BEFORE, WITHIN, AFTER = START - timedelta(days=3), START + timedelta(days=3), END + timedelta(days=3)


def a_plan(starts_at: datetime = START, ends_at: datetime = END) -> Plan:
    return Plan(name="A month", description="", languages=("fr",), starts_at=starts_at, ends_at=ends_at)


def a_plan_with(**changed: Any) -> Plan:
    return replace(a_plan(), **changed)


def a_campaign(state: State = State.DRAFT) -> Campaign:
    campaign = Campaign(id=uuid4(), city_id=uuid4(), plan=a_plan())
    if state is State.DRAFT:
        return campaign
    campaign = campaign.scheduled(BEFORE)
    if state is State.SCHEDULED:
        return campaign
    campaign = campaign.started(START)
    return campaign if state is State.RUNNING else campaign.ended(END)


def test_a_campaign_goes_from_draft_to_ended_with_a_version_for_each_step() -> None:
    ended = a_campaign(State.ENDED)
    assert (ended.state, ended.version) == (State.ENDED, 4)
    assert (ended.started_at, ended.ended_at) == (START, END)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (State.DRAFT, State.RUNNING),
        (State.DRAFT, State.ENDED),
        (State.SCHEDULED, State.SCHEDULED),
        (State.RUNNING, State.SCHEDULED),
        (State.RUNNING, State.RUNNING),
        (State.ENDED, State.SCHEDULED),
        (State.ENDED, State.RUNNING),
        (State.ENDED, State.ENDED),
        (State.RUNNING, State.DRAFT),
    ],
)
def test_a_step_that_is_none_is_refused(state: State, wanted: State) -> None:
    with pytest.raises(IllegalTransition):
        a_campaign(state).moved_to(wanted, WITHIN)


def test_a_scheduled_campaign_can_be_called_off() -> None:
    called_off = a_campaign(State.SCHEDULED).ended(BEFORE)
    assert called_off.state is State.ENDED
    assert called_off.started_at is None


def test_a_draft_is_changed_as_its_city_likes_and_what_is_over_no_more() -> None:
    later = a_plan_with(kinds=("shop=books",), ends_at=END - timedelta(days=1))
    assert a_campaign().revised(later).version == 2
    with pytest.raises(IllegalTransition):
        a_campaign(State.ENDED).revised(later)


@pytest.mark.parametrize("state", [State.SCHEDULED, State.RUNNING])
@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"name": "Another"}, None),
        ({"description": "More"}, None),
        ({"goals": (Goal(Figure.REVIEWS, 5),)}, None),
        ({"ends_at": END + timedelta(days=1)}, None),
        ({"ends_at": END - timedelta(days=1)}, "ends_at"),
        ({"starts_at": START + timedelta(days=1)}, "starts_at"),
        ({"languages": ("nl",)}, "languages"),
        ({"district_ids": (uuid4(),)}, "district_ids"),
        ({"kinds": ("shop=books",)}, "kinds"),
        ({"merchant_ids": (uuid4(),)}, "merchant_ids"),
        ({"question": "Why?"}, "question"),
        ({"asks": (Ask(Platform.HERE, Action.REVIEW),)}, "asks"),
        ({"legal_ground": "None"}, "legal_ground"),
    ],
)
def test_of_what_is_announced_texts_goals_and_a_later_end_may_change(
    state: State, changed: dict[str, Any], refused: str | None
) -> None:
    campaign = a_campaign(state)
    if refused is None:
        assert campaign.revised(replace(campaign.plan, **changed)).version == campaign.version + 1
        return
    with pytest.raises(PlanHolds) as held:
        campaign.revised(replace(campaign.plan, **changed))
    assert held.value.field == refused


def test_a_campaign_is_not_extended_beyond_the_longest() -> None:
    with pytest.raises(InvalidPlan):
        a_campaign(State.RUNNING).revised(a_plan(ends_at=START + LONGEST + timedelta(seconds=1)))


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "hours"),
    [
        ("2026-03-28T18:00", "2026-03-29T18:00", 23),  # clocks go forward at 2:00 on the 29th
        ("2026-10-24T18:00", "2026-10-25T18:00", 25),  # and back at 3:00 on the 25th
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", 1),  # the hour that there is twice
    ],
)
def test_a_campaign_starts_and_ends_by_the_clock_on_the_wall(
    starts_at: str, ends_at: str, hours: int
) -> None:
    start, end = (
        at if (at := datetime.fromisoformat(text)).tzinfo else at.replace(tzinfo=BRUSSELS)
        for text in (starts_at, ends_at)
    )
    plan = a_plan(start.astimezone(UTC), end.astimezone(UTC))
    plan.check()
    scheduled = Campaign(id=uuid4(), city_id=uuid4(), plan=plan).scheduled(plan.starts_at - timedelta(days=1))
    moment = timedelta(milliseconds=1)
    assert scheduled.due(plan.starts_at - moment) is None
    assert scheduled.due(plan.starts_at) is State.RUNNING
    running = scheduled.started(plan.starts_at)
    assert running.due(plan.ends_at - moment) is None
    assert running.due(plan.ends_at) is State.ENDED
    assert plan.ends_at - plan.starts_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [(END, START), (START, START), (START, START + timedelta(days=400)), (START.replace(tzinfo=None), END)],
)
def test_a_plan_that_makes_no_sense_is_refused(starts_at: datetime, ends_at: datetime) -> None:
    with pytest.raises(InvalidPlan):
        a_plan(starts_at, ends_at).check()


def test_nothing_is_announced_or_started_once_its_time_is_over() -> None:
    with pytest.raises(IllegalTransition):
        a_campaign().scheduled(END)
    with pytest.raises(IllegalTransition):
        a_campaign(State.SCHEDULED).started(END)


def test_a_person_may_start_it_before_its_time() -> None:
    assert a_campaign(State.SCHEDULED).started(BEFORE).started_at == BEFORE


@pytest.mark.parametrize(
    ("state", "now", "due"),
    [
        (State.DRAFT, AFTER, None),
        (State.SCHEDULED, START - timedelta(milliseconds=1), None),
        (State.SCHEDULED, START, State.RUNNING),
        (State.RUNNING, END - timedelta(milliseconds=1), None),
        (State.RUNNING, END, State.ENDED),
        (State.ENDED, AFTER, None),
    ],
)
def test_the_clock_moves_what_is_due_and_nothing_else(state: State, now: datetime, due: State | None) -> None:
    assert a_campaign(state).due(now) is due


def test_a_campaign_whose_time_went_by_unattended_ends_without_beginning() -> None:
    assert a_campaign(State.SCHEDULED).due(AFTER) is State.ENDED


@given(steps=st.lists(st.sampled_from(list(State)), max_size=12))
def test_whatever_is_asked_a_campaign_never_goes_back(steps: list[State]) -> None:
    order = list(State)
    campaign = a_campaign()
    for step in steps:
        before = campaign
        try:
            campaign = campaign.moved_to(step, WITHIN)
        except IllegalTransition:
            assert campaign is before
        else:
            assert order.index(campaign.state) > order.index(before.state)
            assert campaign.version == before.version + 1
