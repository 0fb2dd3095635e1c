"""Counts a campaign's figures from the facts themselves."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import distinct, func, select

from chassis.database import Transaction
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.enrolments.tables import enrolment
from services.campaigns.evaluation.domain import KINDS, Figure


async def figures_of(tx: Transaction, campaign_id: UUID) -> dict[Figure, int]:
    """All of them, as of now. Reads the campaign's contributions from one index: once, by a person."""
    counted = contribution.c.campaign_id == campaign_id, is_public
    kinds = select(contribution.c.kind, func.count()).where(*counted).group_by(contribution.c.kind)
    by_kind: Mapping[str, int] = {row[0]: row[1] for row in await tx.execute(kinds)}
    people = select(
        func.count(distinct(contribution.c.contributor_id)), func.count(distinct(contribution.c.merchant_id))
    )
    active, merchants = (await tx.execute(people.where(*counted))).one()
    approved = enrolment.c.campaign_id == campaign_id, enrolment.c.approved_at.is_not(None)
    joined = await tx.scalar(select(func.count()).select_from(enrolment).where(*approved))
    return {
        **{figure: by_kind.get(kind, 0) for figure, kind in KINDS.items()},
        Figure.AMBASSADORS: joined or 0,
        Figure.ACTIVE_AMBASSADORS: active,
        Figure.MERCHANTS_REACHED: merchants,
    }
