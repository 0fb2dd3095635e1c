"""Audiences of many merchants at once, for the directory: it prints them on letters to unclaimed shops."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from chassis.access import may_service
from chassis.http import Body, Db, Shown
from services.notifications.audience.figures import sums_of

router = APIRouter(prefix="/api/v1/audience", tags=["audience"])

MOST_MERCHANTS = 500


class AskFigures(Body):
    """Whose audience is asked for."""

    merchant_ids: Annotated[list[UUID], Field(max_length=MOST_MERCHANTS)]


class Figures(Shown):
    """What counts for a merchant, since the day of the first of it (Europe/Brussels)."""

    merchant_id: UUID
    totals: dict[str, int]
    since: date


class ManyFigures(Shown):
    """Merchants that nobody has contributed to are left out."""

    items: list[Figures]


@router.post("/figures", response_model=ManyFigures, dependencies=[may_service("directory")])
async def list_figures(asked: AskFigures, database: Db) -> ManyFigures:
    """Totals by kind of up to 500 merchants (directory alone)."""
    sums = await sums_of(database, asked.merchant_ids)
    return ManyFigures(
        items=[
            Figures(merchant_id=merchant, totals=dict(sorted(totals.items())), since=since)
            for merchant, (totals, since) in sums.items()
        ]
    )
