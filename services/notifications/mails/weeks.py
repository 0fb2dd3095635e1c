"""The chart of a digest: what people did for a shop in each of the last eight whole weeks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from chassis.database import Database
from services.notifications.audience.slots import Slot
from services.notifications.audience.state import read_state
from services.notifications.contributions.domain import ANSWER, VISIT
from services.notifications.growth.domain import monday_of
from services.notifications.languages import number, short_day, translations
from services.notifications.mails.content import Chart

WEEKS = 8
_LOCAL = ZoneInfo("Europe/Brussels")

Weeks = Sequence[tuple[date, int]]
"""The Monday of each week and its count, oldest first."""


async def weeks_of(database: Database, merchants: Collection[UUID], now: datetime) -> dict[UUID, Weeks]:
    """Of each of the merchants for whom somebody did something in these weeks; none for the others."""
    if not merchants:
        return {}
    this_week = monday_of(now.astimezone(_LOCAL).date())
    weeks = [this_week - timedelta(weeks=before) for before in range(WEEKS, 0, -1)]
    asked = {"merchants": list(merchants), "since": weeks[0], "until": this_week, "others": [ANSWER, VISIT]}
    found: dict[UUID, dict[date, int]] = {}
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        for merchant, week, amount in await connection.execute(_WEEKS[live], asked):
            found.setdefault(merchant, {})[week] = amount
    return {merchant: [(week, counts.get(week, 0)) for week in weeks] for merchant, counts in found.items()}


def chart_of(weeks: Weeks, language: str) -> Chart:
    """These weeks as a mail shows them; counts stay counts."""
    said = translations(language)
    *before, (_, last) = weeks
    low, high = min(count for _, count in before), max(count for _, count in before)
    summary = said.ungettext(
        "{last} contribution last week; in the weeks before {low} to {high} a week.",
        "{last} contributions last week; in the weeks before {low} to {high} a week.",
        last,
    )
    numbers = {"last": last, "low": low, "high": high}
    return Chart(
        title=str(said.ugettext("What people did for your shop, week by week")),
        summary=summary.format(**{name: number(each, language) for name, each in numbers.items()}),
        points=tuple((short_day(week, language), count) for week, count in weeks),
    )


_WEEKS = {
    slot: text(f"""
        SELECT merchant_id, CAST(date_trunc('week', day) AS date) AS week, CAST(sum(count) AS integer)
        FROM {slot.days}
        WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND day >= :since AND day < :until
          AND kind <> ALL(CAST(:others AS text[]))
        GROUP BY merchant_id, week
        HAVING sum(count) > 0
    """)  # noqa: S608  one of two names of ours
    for slot in Slot
}
