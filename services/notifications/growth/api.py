"""Growth of a merchant's audience over HTTP: in numbers and in words."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from chassis.http import Db, Now, Shown
from chassis.languages import preferred
from chassis.problems import invalid
from services.notifications.audience.api import Readable
from services.notifications.contributions.domain import local_day
from services.notifications.growth.domain import LEVEL, Beside, Judged, Verdict, monday_of
from services.notifications.growth.figures import Growth, growth_of
from services.notifications.growth.wording import said_of, said_of_week
from services.notifications.languages import LANGUAGES

router = APIRouter(prefix="/api/v1/audience", tags=["audience"])

_EARLIEST = date(2000, 1, 3)


class ShownBeside(Shown):
    """Weeks that a count is held against. Counts alone, never a percentage."""

    weeks: int
    median: float
    total: int
    verdict: Verdict
    """`rise` and `fall`: beyond what chance gives (decision 0041). `after-campaign`: quieter than a campaign
    was that is over. `unknown`: too little to compare with."""


class ShownPeers(Shown):
    """Shops of the same kind that share a district with this one."""

    shops: int
    median: float
    """Of their counts in this week."""
    verdict: Verdict
    """Of their sum, beside their own eight weeks before."""


class ShownKind(Shown):
    """What happened of one kind in this week."""

    kind: str
    count: int
    own: ShownBeside
    """The eight weeks before, or those of them that are known."""
    last_year: ShownBeside | None
    """The same week a year ago and those beside it; null where they are not all known."""
    peers: ShownPeers | None
    """Null where there are fewer than five."""
    text: str


class ShownGrowth(Shown):
    """A week (Monday to Sunday in Europe/Brussels) of a merchant's audience, compared."""

    merchant_id: UUID
    first_day: date
    last_day: date
    level: float
    """In so many of all weeks, at most, a rise is called one by chance alone."""
    campaign_running: bool
    campaign_over: bool
    """One around this merchant ended in this week or the eight before it."""
    kinds: list[ShownKind]
    text: str


Asked = Annotated[
    date | None, Query(description="A day of the week asked for; without it, the last that is over.")
]


@router.get("/{merchant_id}/growth")
async def growth(
    *,
    merchant: Readable,
    database: Db,
    now: Now,
    response: Response,
    week: Asked = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> ShownGrowth:
    """How a week went beside the merchant's own usual week, the same time last year, and shops like it."""
    over = monday_of(local_day(now())) - timedelta(weeks=1)
    monday = over if week is None else monday_of(week)
    if not _EARLIEST <= monday <= over:
        raise invalid("week", "That week is not over yet, or too long ago.")
    language = preferred(accept_language, LANGUAGES)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    found = await growth_of(database, merchant, monday)
    return ShownGrowth(
        merchant_id=merchant,
        first_day=monday,
        last_day=monday + timedelta(days=6),
        level=LEVEL,
        campaign_running=found.around.running,
        campaign_over=found.around.over,
        kinds=[_shown(each, found, language) for each in found.kinds],
        text=said_of_week(found, language),
    )


def _shown(judged: Judged, found: Growth, language: str) -> ShownKind:
    peers = found.peers.get(judged.kind)
    return ShownKind(
        kind=judged.kind,
        count=judged.amount,
        own=_beside(judged.own),
        last_year=judged.last_year and _beside(judged.last_year),
        peers=peers and ShownPeers(shops=found.shops, **peers._asdict()),
        text=said_of(judged, found, language),
    )


def _beside(held: Beside) -> ShownBeside:
    return ShownBeside(**held._asdict())
