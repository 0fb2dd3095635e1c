"""How far a campaign is, over HTTP: for everybody who sees the campaign."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from chassis.access import PUBLIC
from chassis.http import Db, Shown
from chassis.identity import MaybeSignedIn
from services.campaigns.evaluation.domain import Figure
from services.campaigns.goals.progress import progress_of, reached_of
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.visible import must_be_visible

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])


class GoalProgress(Shown):
    """A goal, and how far it is."""

    figure: Figure
    target: int
    counted: int
    reached_at: datetime | None
    """When the target was reached for the first time."""


class Progress(Shown):
    """How far a campaign is: what is counted, and its goals."""

    figures: dict[Figure, int]
    goals: list[GoalProgress]


@router.get("/{campaign_id}/progress", dependencies=[PUBLIC])
async def progress(campaign_id: UUID, principal: MaybeSignedIn, database: Db) -> Progress:
    """How far a campaign is, as of now."""
    async with database.connection() as connection:
        found = await storage.find(connection, campaign_id)
        must_be_visible(principal, found)
        figures = await progress_of(connection, campaign_id)
        reached = await reached_of(connection, campaign_id)
    return Progress(
        figures=figures,
        goals=[
            GoalProgress(
                figure=goal.figure,
                target=goal.target,
                counted=figures[goal.figure],
                reached_at=reached.get(goal),
            )
            for goal in found.plan.goals
        ],
    )
