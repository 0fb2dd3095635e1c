"""Which contribution counts for which campaign, and how often one can be made."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaigns.contributions.domain import (
    Candidate,
    Channel,
    Reason,
    Review,
    Share,
    Tie,
    brussels_day,
    counting,
    plain_text,
)
from services.campaigns.places.domain import Area, Setting

BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
CENTRE, HARBOUR = uuid4(), uuid4()
BAKERY = Setting(1, "shop=bakery", 5.65, 49.72, (CENTRE,))
SQUARE = (((5.6, 49.7), (5.7, 49.7), (5.7, 49.8), (5.6, 49.8), (5.6, 49.7)),)


def a_campaign(
    *, enrolled: bool = True, taken: bool = False, days: int = 10, area: Area | None = None
) -> Candidate:
    return Candidate(
        campaign_id=uuid4(),
        started_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=days),
        area=area or Area(),
        enrolled=enrolled,
        taken=taken,
    )


def counts_for(*candidates: Candidate, tie: Tie = Tie.NONE, now: datetime = NOW) -> UUID | Reason | None:
    found = counting(BAKERY, candidates, tie, now)
    assert (found.campaign_id is None) == (found.reason is not None)
    return found.campaign_id or found.reason


def test_it_counts_for_the_running_campaign_its_author_joined() -> None:
    campaign = a_campaign()
    assert counts_for(campaign) == campaign.campaign_id


def test_without_a_campaign_it_says_so() -> None:
    assert counts_for() is Reason.NO_RUNNING_CAMPAIGN


def test_who_has_not_joined_is_told() -> None:
    assert counts_for(a_campaign(enrolled=False)) is Reason.NOT_ENROLLED


def test_a_declared_tie_never_counts() -> None:
    assert counts_for(a_campaign(), tie=Tie.FAMILY) is Reason.DECLARED_TIE


@pytest.mark.parametrize(
    ("area", "inside"),
    [
        (Area(), True),
        (Area(frozenset({CENTRE})), True),
        (Area(frozenset({HARBOUR})), False),
        (Area(frozenset({HARBOUR, CENTRE})), True),
        (Area(kinds=frozenset({"shop=bakery", "shop=books"})), True),
        (Area(kinds=frozenset({"shop=books"})), False),
        (Area(frozenset({CENTRE}), frozenset({"shop=books"})), False),
    ],
)
def test_it_counts_within_districts_and_kinds_where_none_means_all(area: Area, inside: bool) -> None:
    campaign = a_campaign(area=area)
    assert counts_for(campaign) == (campaign.campaign_id if inside else Reason.OUTSIDE_AREA)


def test_the_outline_of_a_district_rules_over_the_older_list_of_the_merchant() -> None:
    moved_away = (((6.0, 49.7), (6.1, 49.7), (6.1, 49.8), (6.0, 49.8), (6.0, 49.7)),)
    centre = replace(a_campaign(area=Area(frozenset({CENTRE}))), outlines={CENTRE: moved_away})
    harbour = replace(a_campaign(area=Area(frozenset({HARBOUR}))), outlines={HARBOUR: SQUARE})
    assert counts_for(centre) is Reason.OUTSIDE_AREA
    assert counts_for(harbour) == harbour.campaign_id


def test_a_campaign_counts_from_its_first_moment_to_the_one_before_its_end() -> None:
    campaign = a_campaign()
    moment = timedelta(milliseconds=1)
    assert counts_for(campaign, now=campaign.started_at) == campaign.campaign_id
    assert counts_for(campaign, now=campaign.ends_at - moment) == campaign.campaign_id
    assert counts_for(campaign, now=campaign.started_at - moment) is Reason.NO_RUNNING_CAMPAIGN
    assert counts_for(campaign, now=campaign.ends_at) is Reason.NO_RUNNING_CAMPAIGN


def test_of_several_campaigns_the_one_that_ends_first_and_is_still_open_to_it_is_chosen() -> None:
    soon, late = a_campaign(days=2), a_campaign(days=9)
    assert counts_for(late, soon) == soon.campaign_id
    assert counts_for(late, replace(soon, taken=True)) == late.campaign_id
    assert counts_for(replace(late, taken=True), replace(soon, taken=True)) == soon.campaign_id
    assert counts_for(late, replace(soon, enrolled=False)) == late.campaign_id


def test_the_last_sunday_of_october_has_one_share_a_day_over_its_25_hours() -> None:
    share = Share(Channel.WHATSAPP)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=BRUSSELS).astimezone(UTC)
    last = first + timedelta(hours=24)
    assert brussels_day(last) == date(2026, 10, 25)
    assert share.slot(None, first) == share.slot(None, last)
    assert share.slot(None, last) != share.slot(None, last + timedelta(minutes=30))


def test_the_last_sunday_of_march_ends_after_23_hours() -> None:
    midnight = datetime(2026, 3, 29, 0, 0, tzinfo=BRUSSELS).astimezone(UTC)
    assert brussels_day(midnight + timedelta(hours=22, minutes=59)) == date(2026, 3, 29)
    assert brussels_day(midnight + timedelta(hours=23)) == date(2026, 3, 30)


def test_a_campaign_over_the_change_of_clocks_ends_at_its_hour_on_the_wall() -> None:
    ends_at = datetime(2026, 10, 25, 18, 0, tzinfo=BRUSSELS).astimezone(UTC)
    assert ends_at.hour == 17
    campaign = replace(a_campaign(), ends_at=ends_at)
    at_half_past_five = datetime(2026, 10, 25, 17, 30, tzinfo=BRUSSELS).astimezone(UTC)
    assert counts_for(campaign, now=at_half_past_five) == campaign.campaign_id
    assert counts_for(campaign, now=ends_at) is Reason.NO_RUNNING_CAMPAIGN


def test_a_review_has_a_slot_in_each_campaign_and_one_outside() -> None:
    review, campaign, other = Review(4, "", None), uuid4(), uuid4()
    assert len({review.slot(campaign, NOW), review.slot(other, NOW), review.slot(None, NOW)}) == 3


def test_shares_have_a_slot_for_each_channel_whatever_the_campaign() -> None:
    assert Share(Channel.MAIL).slot(None, NOW) != Share(Channel.SMS).slot(None, NOW)
    assert Share(Channel.MAIL).slot(uuid4(), NOW) == Share(Channel.MAIL).slot(None, NOW)


@given(st.text())
def test_stored_text_has_no_character_that_a_database_or_a_reader_would_choke_on(text: str) -> None:
    stored = plain_text(text)
    assert "\x00" not in stored
    assert "\u202e" not in stored
    assert plain_text(stored) == stored
    stored.encode()


def test_what_looks_like_markup_is_kept_as_it_was_written() -> None:
    assert plain_text("<script>alert('1')</script> & <b>Très bon!</b>\r\n👩‍🍳") == (
        "<script>alert('1')</script> & <b>Très bon!</b>\n👩‍🍳"
    )


def test_it_counts_for_no_campaign_that_names_other_merchants_or_that_the_merchant_left() -> None:
    campaign = a_campaign()
    assert counts_for(replace(campaign, chosen=False)) is Reason.OUTSIDE_AREA
    assert counts_for(replace(campaign, opted_out=True)) is Reason.OPTED_OUT
    assert counts_for(replace(campaign, opted_out=True, enrolled=False)) is Reason.OPTED_OUT
    assert counts_for(replace(campaign, opted_out=True), a_campaign(enrolled=False)) is Reason.NOT_ENROLLED


def test_of_two_campaigns_at_once_the_one_that_takes_the_merchant_counts() -> None:
    everywhere, chosen = a_campaign(days=9), a_campaign(days=2)
    assert counts_for(everywhere, chosen) == chosen.campaign_id
    assert counts_for(everywhere, replace(chosen, chosen=False)) == everywhere.campaign_id
    assert counts_for(everywhere, replace(chosen, opted_out=True)) == everywhere.campaign_id
    books = Area(kinds=frozenset({"shop=books"}))
    assert counts_for(everywhere, replace(chosen, area=books)) == everywhere.campaign_id


def test_of_two_campaigns_that_end_together_it_is_always_the_same_one() -> None:
    one, other = a_campaign(), a_campaign()
    assert counts_for(one, other) == counts_for(other, one) == min(one.campaign_id, other.campaign_id)
