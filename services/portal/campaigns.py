"""A campaign as its page shows it: what is asked, by which rules, and how far it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import Neighbours, part
from services.portal.shops import City, read_city


class Rule(Struct):
    """Of the policy: why something is allowed, disclosed or refused."""

    key: str
    text: str


class Judgement(Struct):
    """What the policy says of one thing that is asked for."""

    platform: str
    action: str
    reward: str
    verdict: str
    rules: list[Rule]


class Campaign(Struct):
    id: UUID
    city_id: UUID
    name: str
    description: str
    starts_at: datetime
    ends_at: datetime
    approval: bool
    policy: list[Judgement]
    state: str

    @property
    def disclosures(self) -> list[str]:
        """What has to be said beside what is posted, each once."""
        told = (rule.text for each in self.policy if each.verdict != "allowed" for rule in each.rules)
        return list(dict.fromkeys(told))


class Goal(Struct):
    figure: str
    target: int
    counted: int


class Progress(Struct):
    figures: dict[str, int]
    goals: list[Goal]


class Place(Struct):
    rank: int
    name: str
    points: int


class Leaderboard(Struct):
    places: list[Place]


class PointsRule(Struct):
    action: str
    points: int
    a_day: int
    visitors: int | None


class Badge(Struct):
    title: str
    told: str


class Game(Struct):
    """What a campaign plays for."""

    points: list[PointsRule]
    badges: list[Badge]
    badges_on: bool
    leaderboard_on: bool


@dataclass(frozen=True)
class CampaignPage:
    """The campaign, and each part of its page; None where nobody tells."""

    campaign: Campaign
    city: City | None
    progress: Progress | None
    game: Game | None
    leaderboard: Leaderboard | None


async def read_campaign(neighbours: Neighbours, campaign_id: UUID, language: str) -> Campaign:
    """The campaign alone. Raises NotThere, Unanswered."""
    path = f"/api/v1/campaigns/{campaign_id}"
    return await neighbours.read("campaigns", path, Campaign, language=language)


async def read_campaign_page(neighbours: Neighbours, campaign_id: UUID, language: str) -> CampaignPage:
    """All of it. Raises NotThere and Unanswered for the campaign itself alone."""
    path, read = f"/api/v1/campaigns/{campaign_id}", neighbours.read
    (campaign, city), progress, game, leaderboard = await asyncio.gather(
        _with_city(neighbours, campaign_id, language),
        part(read("campaigns", f"{path}/progress", Progress)),
        part(read("campaigns", f"{path}/game", Game, language=language)),
        part(read("campaigns", f"{path}/leaderboard", Leaderboard)),
    )
    return CampaignPage(campaign, city, progress, game, leaderboard)


async def _with_city(
    neighbours: Neighbours, campaign_id: UUID, language: str
) -> tuple[Campaign, City | None]:
    campaign = await read_campaign(neighbours, campaign_id, language)
    return campaign, await part(read_city(neighbours, campaign.city_id))
