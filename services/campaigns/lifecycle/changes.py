"""What was changed in a campaign, by whom and when: for those who run it, and for who came second."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from chassis.database import Transaction
from chassis.http import Db, Listing, Shown
from chassis.pagination import Paging, page
from chassis.preconditions import Expected
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import Campaign, State
from services.campaigns.lifecycle.runners import Runner, must_run
from services.campaigns.lifecycle.tables import campaign_change

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

_MOST_TOLD = 50


class Change(Shown):
    """A field before and after."""

    before: Any
    after: Any


class ChangeShown(Shown):
    """One version of a campaign."""

    version: int
    state: State
    at: datetime
    person_id: UUID | None
    """Who did it; none: the clock, or somebody who is named no longer."""
    changes: dict[str, Change]
    """By field of the plan; none where only the state changed."""


@router.get("/{campaign_id}/changes", response_model=Listing[ChangeShown])
async def changes(
    *,
    campaign_id: UUID,
    who: Runner,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Every version of a campaign, the newest first."""
    async with database.connection() as connection:
        found = await storage.find(connection, campaign_id)
        must_run(who, found)
        wanted = campaign_change.c.campaign_id == campaign_id
        if (last := paging.after(int)) is not None:
            wanted &= campaign_change.c.version < last
        query = select(campaign_change).where(wanted).order_by(campaign_change.c.version.desc())
        rows = (await connection.execute(query.limit(paging.limit + 1))).mappings().all()
    return page(request, response, [dict(row) for row in rows], paging.limit, lambda each: each["version"])


async def check_expected(tx: Transaction, expected: Expected, found: Campaign) -> None:
    """Raises the problem 412 for whoever read an older version, with what changed since."""
    if expected.includes(found.version):
        return
    query = (
        select(
            campaign_change.c.version,
            campaign_change.c.state,
            campaign_change.c.at,
            campaign_change.c.changes,
        )
        .where(campaign_change.c.campaign_id == found.id, campaign_change.c.version > expected.newest())
        .order_by(campaign_change.c.version.desc())
        .limit(_MOST_TOLD)
    )
    meanwhile = [dict(row) for row in (await tx.execute(query)).mappings()]
    expected.check(found.version, meanwhile=meanwhile)
