"""What was said of a campaign's asks when it was announced, for what looks it up at every contribution."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.lifecycle.tables import campaign
from services.campaigns.policy.domain import Judgement

_MOST = 1_000
"""Campaigns that are remembered; beyond that, all are forgotten and read again."""
# What was said never changes once a campaign is announced, and contributions only count for announced ones:
# read once in each process, so that posting needs no statement more.
_known: dict[UUID, tuple[Judgement, ...]] = {}


async def announced(
    connection: AsyncConnection, campaigns: Collection[UUID]
) -> Mapping[UUID, tuple[Judgement, ...]]:
    """Of each of these campaigns, every ask with what became of it."""
    found = {each: _known[each] for each in campaigns if each in _known}
    if missing := set(campaigns) - found.keys():
        query = select(campaign.c.id, campaign.c.policy).where(campaign.c.id.in_(missing))
        read = {
            row.id: msgspec.convert(row.policy or (), tuple[Judgement, ...])
            for row in await connection.execute(query)
        }
        if len(_known) + len(read) > _MOST:
            _known.clear()
        _known.update(read)
        found |= read
    return found
