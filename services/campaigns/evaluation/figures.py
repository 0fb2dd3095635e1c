"""Counts a campaign's figures from the facts themselves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import distinct, func, select

from chassis.database import Transaction
from services.campaigns.contributions.domain import Kind
from services.campaigns.contributions.tables import contribution
from services.campaigns.enrolments.tables import enrolment
from services.campaigns.evaluation.domain import Figure


async def figures_of(tx: Transaction, campaign_id: UUID) -> dict[Figure, int]:
    """All of them, as of now. Reads all contributions: once for each campaign, by a person."""
    of_kind = contribution.c.kind
    counted = await tx.execute(
        select(
            func.count(distinct(contribution.c.contributor_id)),
            func.count().filter(of_kind == Kind.REVIEW.value),
            func.count().filter(of_kind == Kind.SHARE.value),
            func.count(distinct(contribution.c.merchant_id)),
        ).where(contribution.c.campaign_id == campaign_id, contribution.c.withdrawn_at.is_(None))
    )
    active, reviews, shares, merchants = counted.one()
    joined = await tx.scalar(
        select(func.count()).select_from(enrolment).where(enrolment.c.campaign_id == campaign_id)
    )
    return {
        Figure.AMBASSADORS: joined or 0,
        Figure.ACTIVE_AMBASSADORS: active,
        Figure.REVIEWS: reviews,
        Figure.SHARES: shares,
        Figure.MERCHANTS_REACHED: merchants,
    }
