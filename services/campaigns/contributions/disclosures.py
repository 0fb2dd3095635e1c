"""What readers are told beside a contribution: the disclosures of the campaign it counts for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.contributions.domain import Contribution, Kind
from services.campaigns.lifecycle.announced import announced
from services.campaigns.policy.domain import Action, Judgement, Platform, Verdict, Words

Disclosures: TypeAlias = Mapping[UUID, Mapping[Action, tuple[Words, ...]]]
_ACTIONS = {
    Kind.REVIEW: Action.REVIEW,
    Kind.PHOTO: Action.PHOTO,
    Kind.VIDEO: Action.VIDEO,
    Kind.SHARE: Action.SHARE,
}


async def disclosures_of(connection: AsyncConnection, contributions: Iterable[Contribution]) -> Disclosures:
    """Of the campaigns these count for."""
    wanted = {each.counting.campaign_id for each in contributions if each.counting.campaign_id is not None}
    found = await announced(connection, wanted)
    return {each: _disclosed(judgements) for each, judgements in found.items()}


def _disclosed(judgements: Iterable[Judgement]) -> dict[Action, tuple[Words, ...]]:
    return {
        each.ask.action: tuple(rule.text for rule in each.rules)
        for each in judgements
        if each.ask.platform is Platform.HERE and each.verdict is Verdict.DISCLOSED
    }


def told_beside(contribution: Contribution, disclosures: Disclosures, language: str) -> list[str]:
    """The words of each rule."""
    campaign_id = contribution.counting.campaign_id
    if campaign_id is None:
        return []
    said = disclosures.get(campaign_id, {}).get(_ACTIONS[contribution.details.kind], ())
    return [words.into(language) for words in said]
