"""What somebody handed in or reported, and what was suggested to them. Addresses stay, of nobody."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, kept, rows
from services.campaigns.contributors import pseudonym_of
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.handed_in.tables import hand_in, post_report, suggestion


async def _show_hand_ins(connection: AsyncConnection, principal: Principal) -> Rows:
    columns = seen_post.c.merchant_id, hand_in.c.url, hand_in.c.handed_in_at, hand_in.c.withdrawn_at
    of = hand_in.c.contributor_id.in_(pseudonym_of(principal.person_id))
    query = select(*columns).join(hand_in, hand_in.c.post_id == seen_post.c.id)
    return await rows(connection, query.where(of).order_by(hand_in.c.id))


async def _show_reports(connection: AsyncConnection, principal: Principal) -> Rows:
    report = post_report.c
    columns = report.post_id, report.ground, report.text, report.at, report.decided_at
    of = report.contributor_id.in_(pseudonym_of(principal.person_id))
    return await rows(connection, select(*columns).where(of).order_by(report.id))


async def _show_suggestions(connection: AsyncConnection, principal: Principal) -> Rows:
    of = suggestion.c.contributor_id.in_(pseudonym_of(principal.person_id))
    columns = suggestion.c.merchant_id, suggestion.c.platform, suggestion.c.week
    return await rows(connection, select(*columns).where(of).order_by(suggestion.c.week))


async def _blank_reports(tx: Transaction, asked: Erasure) -> None:
    """Which decision was asked for stays, without whose words asked for it."""
    of = post_report.c.contributor_id.in_(pseudonym_of(asked.person_id))
    await tx.execute(update(post_report).where(of).values(text=None))


async def _forget_suggestions(tx: Transaction, asked: Erasure) -> None:
    of = suggestion.c.contributor_id.in_(pseudonym_of(asked.person_id))
    await tx.execute(delete(suggestion).where(of))


HOLDINGS = (
    Holding("posts elsewhere handed in", (), _show_hand_ins, kept),
    Holding("reports of posts elsewhere", (), _show_reports, _blank_reports),
    Holding("suggestions to write elsewhere", (), _show_suggestions, _forget_suggestions),
)
