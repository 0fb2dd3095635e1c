"""Counts elsewhere over HTTP: noted with their day by the shop, a consultant or an officer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Now, ShortText, Shown
from chassis.idempotency import Answer, Attempt
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import forbidden, invalid
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere import counts, shops
from services.campaigns.elsewhere.domain import FoundCount, Measure, Source, implausible
from services.campaigns.elsewhere.record import correct_count, record_count
from services.campaigns.elsewhere.shops import READERS, WRITERS
from services.campaigns.platforms.catalogue import platforms
from services.campaigns.profiles import storage as profiles

router = APIRouter(prefix="/api/v1/elsewhere", tags=["elsewhere"])
Writer = Annotated[Access, may(*WRITERS)]
Reader = Annotated[Access, may(*READERS)]
Figure = Annotated[float, Field(ge=0, le=1e9)]


class CountNoted(Body):
    """A figure as the platform shows it on that day."""

    platform: Annotated[str, Field(max_length=40)]
    measure: Measure
    day: date = Field(description="Of the calendar in Brussels; not in the future.")
    figure: Figure
    profile_id: UUID | None = Field(
        None, description="Which of the shop's profiles there, if it has several."
    )


class CountCorrected(Body):
    figure: Figure


class CountShown(Shown):
    """A figure of one day, elsewhere: with its source, and never a part of our own figures."""

    id: UUID
    merchant_id: UUID
    platform: str
    profile_id: UUID | None
    measure: Measure
    day: date
    figure: float
    scale: int | None
    """Of a mean: the best there is."""
    source: Source
    via: str
    noted_at: datetime
    version: int
    """Above 1: it was corrected."""


class VersionShown(Shown):
    """What a count was; None: it was taken back."""

    version: int
    figure: float | None
    at: datetime


@router.post(
    "/merchants/{merchant_id}/counts", status_code=201, response_model=CountShown, responses=problems(409)
)
async def note_count(
    merchant_id: UUID, body: CountNoted, who: Writer, attempt: Attempt, now: Now
) -> Response:
    """Note what the platform shows of the shop on a day. Noted again for the same day, it is corrected."""

    async def work(tx: Transaction) -> Answer:
        shop = await shops.listed(tx, merchant_id)
        source = shops.speaks_as(who, shop)
        if body.profile_id is not None:
            await _must_be_theirs(tx, body, merchant_id)
        recorded = await record_count(tx, merchant_id, _found(body, source), now(), who.person_id)
        stored = await counts.find(tx, recorded.id)
        headers = {"Location": f"{router.prefix}/counts/{recorded.id}", "ETag": etag(recorded.version)}
        return Answer(201, _shown(stored), headers)

    return await attempt.once(work)


@router.get("/merchants/{merchant_id}/counts", response_model=Listing[CountShown])
async def read_counts(
    merchant_id: UUID,
    *,
    measure: Annotated[Measure | None, Query(description="Of this alone.")] = None,
    platform: Annotated[ShortText | None, Query(max_length=40, description="On this alone.")] = None,
    who: Reader,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """A shop's counts elsewhere, the newest day first."""
    async with database.scoped(who.cities) as connection:
        shops.must_reach(who, await shops.listed(connection, merchant_id))
        wanted, after = counts.of(measure, platform), paging.after(tuple[date, UUID])
        rows = await counts.series(connection, merchant_id, wanted, after, paging.limit + 1)
    found = page(request, response, rows, paging.limit, lambda row: (row["day"], row["id"]))
    return {**found, "items": [_shown(row) for row in found["items"]]}


@router.get("/counts/{count_id}", response_model=CountShown)
async def read_count(count_id: UUID, who: Reader, database: Db, response: Response) -> dict[str, Any]:
    """One count."""
    async with database.scoped(who.cities) as connection:
        found = await counts.find(connection, count_id)
        shops.must_reach(who, await shops.listed(connection, found["merchant_id"]))
    response.headers["ETag"] = etag(found["version"])
    return _shown(found)


@router.get("/counts/{count_id}/versions", response_model=list[VersionShown])
async def read_versions(count_id: UUID, who: Reader, database: Db) -> list[dict[str, Any]]:
    """What was noted before a count was corrected, the first first."""
    async with database.scoped(who.cities) as connection:
        found = await counts.find(connection, count_id)
        shops.must_reach(who, await shops.listed(connection, found["merchant_id"]))
        rows = await counts.versions(connection, count_id)
    return [{name: row[name] for name in VersionShown.model_fields} for row in rows]


@router.patch("/counts/{count_id}", response_model=CountShown)
async def correct(
    count_id: UUID,
    body: CountCorrected,
    *,
    who: Writer,
    expected: IfMatch,
    database: Db,
    now: Now,
    response: Response,
) -> dict[str, Any]:
    """Correct a figure; what was noted before is kept."""
    async with database.transaction() as tx:
        found = dict(await _own(tx, who, count_id))
        expected.check(found["version"])
        corrected = FoundCount(
            found["platform"],
            Measure(found["measure"]),
            found["day"],
            body.figure,
            Source(found["source"]),
            found["scale"],
        )
        if (wrong := implausible(corrected, brussels_day(now()))) is not None:
            raise invalid(*wrong)
        await correct_count(tx, found, (body.figure, found["scale"]), now(), who.person_id)
        stored = await counts.find(tx, count_id)
    response.headers["ETag"] = etag(stored["version"])
    return _shown(stored)


@router.delete("/counts/{count_id}", status_code=204)
async def take_back(count_id: UUID, who: Writer, database: Db, now: Now) -> None:
    """Take back a count that should not have been noted."""
    async with database.transaction() as tx:
        found = dict(await _own(tx, who, count_id))
        await correct_count(tx, found, (None, found["scale"]), now(), who.person_id)


async def _own(tx: Transaction, who: Access, count_id: UUID) -> Mapping[Any, Any]:
    """What others noted, officers alone correct."""
    found = await counts.locked(tx, count_id)
    source = shops.speaks_as(who, await shops.listed(tx, found["merchant_id"]))
    if source not in (Source.OFFICER, Source(found["source"])):
        raise forbidden("Somebody else noted this. Note what you saw yourself, or tell the city's officers.")
    return found


async def _must_be_theirs(tx: Transaction, body: CountNoted, merchant_id: UUID) -> None:
    rows = await profiles.of_merchant(tx, merchant_id)
    if not any(row["id"] == body.profile_id and row["platform"] == body.platform for row in rows):
        raise invalid("profile_id", "is none of the shop's profiles there")


def _found(body: CountNoted, source: Source) -> FoundCount:
    platform = platforms().get(body.platform)
    if platform is None:
        raise invalid("platform", f"is none of: {', '.join(platforms())}")
    if body.measure not in platform.measures:
        shown = ", ".join(platform.measures) or "nothing"
        raise invalid("measure", f"is not what {platform.name} shows, which is: {shown}")
    scale = platform.scale if body.measure is Measure.MEAN else None
    return FoundCount(
        body.platform, body.measure, body.day, body.figure, source, scale, profile_id=body.profile_id
    )


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in CountShown.model_fields}
