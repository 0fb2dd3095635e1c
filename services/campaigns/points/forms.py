"""Points, badges and the leaderboard as they are written and read over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints

from chassis.http import Body, ShortText, Shown
from services.campaigns.points.badges import Badge
from services.campaigns.points.domain import LEAST_VISITORS, RULES, Rule, Why
from services.campaigns.points.game import Game
from services.campaigns.policy.domain import Action


class RuleShown(Shown):
    """What one thing done earns."""

    action: Action
    points: int
    a_day: int
    """So many of a day earn it; more are welcome and earn nothing."""
    visitors: int | None
    """Of a share: so many different visitors of one's link on one day make it count."""


class BadgeShown(Shown):
    key: str
    title: str
    told: str


class GameShown(Shown):
    """What a campaign plays for."""

    points: list[RuleShown]
    """None where it gives none."""
    badges: list[BadgeShown]
    """Those that can be earned in it."""
    badges_on: bool
    leaderboard_on: bool


class GameSwitched(Body):
    """What an officer wants."""

    badges_on: bool
    leaderboard_on: bool


class OwnPointsShown(Shown):
    """What somebody has in one campaign."""

    points: int
    badges: list[BadgeShown]


class EntryShown(Shown):
    """A line of one's own account."""

    id: UUID
    action: Action
    """The rule that it was made by: `points` of the campaign's game."""
    cause: UUID
    """What was done: a contribution, a day on which a link of one's own brought visits, a correction."""
    contribution_id: UUID | None
    """The same, where it is a contribution."""
    points: int
    """Negative where they are taken back."""
    why: Why
    at: datetime


Name = Annotated[ShortText, StringConstraints(pattern=r"^\w[\w .'’-]{0,28}[\w.]$")]
"""2 to 30 letters, digits, spaces and the like: no address, no link."""


class Listed(Body):
    """How somebody wants to be listed."""

    name: Name


class PlaceShown(Shown):
    """One of those who chose to be listed."""

    rank: int
    """Who has as many points has the same."""
    id: UUID
    name: str
    points: int


class LeaderboardShown(Shown):
    places: list[PlaceShown]


def game_shown(game: Game, language: str) -> dict[str, Any]:
    """The members of `GameShown`."""
    rules = [rule for action, rule in RULES.items() if action in game.actions]
    return {
        "points": [_rule_shown(each) for each in rules],
        "badges": badges_shown(game.offer, language),
        "badges_on": game.badges,
        "leaderboard_on": game.leaderboard,
    }


def _rule_shown(rule: Rule) -> dict[str, Any]:
    visitors = LEAST_VISITORS if rule.action is Action.SHARE else None
    return {"action": rule.action, "points": rule.points, "a_day": rule.a_day, "visitors": visitors}


def badges_shown(badges: Iterable[Badge], language: str) -> list[dict[str, str]]:
    """The members of each `BadgeShown`."""
    return [
        {"key": each.key, "title": each.title.into(language), "told": each.told.into(language)}
        for each in badges
    ]
