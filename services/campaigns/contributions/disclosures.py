"""What readers are told beside a contribution: the disclosures of the campaign it counts for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.contributions.domain import Contribution, Kind
from services.campaigns.lifecycle.tables import campaign
from services.campaigns.policy.domain import Action, Judgement, Platform, Verdict, Words

Disclosures: TypeAlias = Mapping[UUID, Mapping[Action, tuple[Words, ...]]]
_ACTIONS = {
    Kind.REVIEW: Action.REVIEW,
    Kind.PHOTO: Action.PHOTO,
    Kind.VIDEO: Action.VIDEO,
    Kind.SHARE: Action.SHARE,
}
_MOST = 1_000
"""Campaigns that are remembered; beyond that, all are forgotten and read again."""
# What was said of a campaign when it was announced never changes, and contributions only count for announced
# ones: read once in each process, so that posting needs no statement more.
_known: dict[UUID, dict[Action, tuple[Words, ...]]] = {}


async def disclosures_of(connection: AsyncConnection, contributions: Iterable[Contribution]) -> Disclosures:
    """Of the campaigns these count for."""
    wanted = {each.counting.campaign_id for each in contributions} - {None}
    found = {each: _known[each] for each in wanted if each in _known}
    if missing := wanted - found.keys():
        query = select(campaign.c.id, campaign.c.policy).where(campaign.c.id.in_(missing))
        read = {row.id: _disclosed(row.policy) for row in await connection.execute(query)}
        if len(_known) + len(read) > _MOST:
            _known.clear()
        _known.update(read)
        found |= read
    return found


def _disclosed(policy: Any) -> dict[Action, tuple[Words, ...]]:
    return {
        each.ask.action: tuple(rule.text for rule in each.rules)
        for each in msgspec.convert(policy or (), tuple[Judgement, ...])
        if each.ask.platform is Platform.HERE and each.verdict is Verdict.DISCLOSED
    }


def told_beside(contribution: Contribution, disclosures: Disclosures, language: str) -> list[str]:
    """The words of each rule."""
    campaign_id = contribution.counting.campaign_id
    if campaign_id is None:
        return []
    said = disclosures.get(campaign_id, {}).get(_ACTIONS[contribution.details.kind], ())
    return [words.into(language) for words in said]
