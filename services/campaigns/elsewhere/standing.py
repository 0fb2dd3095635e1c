"""Whether anything still stands for a post: it is shown as long as one does."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from chassis.database import Transaction
from services.campaigns.handed_in.tables import hand_in
from services.campaigns.watch.tables import watched_item
from services.campaigns.webmentions.tables import webmention


async def stands(tx: Transaction, post_id: UUID) -> bool:
    """Whether a watched source shows it, a page that mentions the shop is it, or somebody handed it in.

    Asked with the post locked, after one's own is gone: of two that go at once, the last hides it.
    """
    shown_by_source = exists().where(watched_item.c.post_id == post_id)
    shown_as_mention = exists().where(webmention.c.post_id == post_id)
    handed_in = exists().where(hand_in.c.post_id == post_id, hand_in.c.withdrawn_at.is_(None))
    return bool(await tx.scalar(select(shown_by_source | shown_as_mention | handed_in)))
