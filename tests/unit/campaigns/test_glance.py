"""What moved elsewhere: only what is compared is subtracted, and only counts are added up."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.campaigns.elsewhere.domain import Measure, Source
from services.campaigns.elsewhere.glance import Figure, movements
from services.campaigns.suggestions.pacing import pacing, week_of

SHOP, OTHER = UUID(int=1), UUID(int=2)
NOW, THEN = date(2026, 11, 26), date(2026, 10, 29)


def figure(
    merchant: UUID,
    value: float,
    day: date = NOW,
    measure: Measure = Measure.REVIEWS,
    profile: UUID | None = None,
) -> Figure:
    scale = 5 if measure is Measure.MEAN else None
    return Figure(merchant, "google", measure, profile, day, value, scale, Source.MERCHANT)


def test_a_movement_is_of_those_alone_that_have_a_figure_from_before() -> None:
    latest = [figure(SHOP, 20), figure(OTHER, 100, date(2026, 11, 20))]
    (moved,) = movements(latest, [figure(SHOP, 12, THEN)])
    assert (moved.figure, moved.shops, moved.day) == (120, 2, NOW)
    assert (moved.before, moved.moved, moved.compared) == (12, 8, 1)


def test_without_a_figure_from_before_nothing_is_said_to_have_moved() -> None:
    (moved,) = movements([figure(SHOP, 20)], [])
    assert (moved.before, moved.moved, moved.compared) == (None, None, 0)


def test_means_are_shown_of_one_profile_and_never_added_up() -> None:
    mean = figure(SHOP, 4.6, measure=Measure.MEAN)
    (alone,) = movements([mean], [figure(SHOP, 4.4, THEN, Measure.MEAN)])
    assert (alone.figure, alone.moved, alone.scale) == (4.6, 0.2, 5)
    assert movements([mean, figure(OTHER, 4.0, measure=Measure.MEAN)], []) == []


def test_two_profiles_of_a_shop_are_one_shop() -> None:
    two = [figure(SHOP, 20, profile=UUID(int=3)), figure(SHOP, 5, profile=UUID(int=4))]
    (moved,) = movements(two, [figure(SHOP, 4, THEN, profile=UUID(int=4))])
    assert (moved.figure, moved.shops, moved.moved, moved.compared) == (25, 1, 1, 1)


def test_a_week_begins_on_monday_and_the_pace_is_read_from_its_file() -> None:
    assert week_of(NOW) == week_of(date(2026, 11, 23)) == date(2026, 11, 23)
    assert week_of(date(2026, 11, 29)) == date(2026, 11, 23)
    assert (pacing().people_a_week, pacing().shops_a_week) == (3, 2)
