"""What a campaign asks of citizens, where, for what reward, and whether that is lawful. Pure.

Every rule of `rules.yaml` that applies to an ask has its say: one that refuses wins, then those that demand
a disclosure, then those that allow. What no rule speaks of is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import product

from msgspec import Struct


class Platform(StrEnum):
    """Where it is done."""

    HERE = "here"
    GOOGLE = "google"
    TRIPADVISOR = "tripadvisor"
    YELP = "yelp"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    MANGROVE = "mangrove"
    FEDIVERSE = "fediverse"
    OPENSTREETMAP = "openstreetmap"


class Action(StrEnum):
    """What is done."""

    REVIEW = "review"
    PHOTO = "photo"
    VIDEO = "video"
    SHARE = "share"
    """Here: a link of one's own whose visits are counted. A share itself cannot be verified."""
    FOLLOW = "follow"
    CORRECTION = "correction"
    """Of what a directory or a map says of a shop."""


class Reward(StrEnum):
    """What whoever does it gets."""

    NONE = "none"
    POINTS = "points"
    """With badges: a place in a game, which leads to nothing else."""
    BENEFIT = "benefit"
    """A voucher, a gift, a discount for each, or points that lead to one."""
    CONTEST = "contest"
    """A prize for the best, as a jury judges it."""
    PRIZE_DRAW = "prize-draw"
    """A prize by lot."""


class Condition(StrEnum):
    """What an ask may demand or rest on beside all that."""

    STAR_TARGET = "star-target"
    ONLY_SATISFIED = "only-satisfied"
    LEGAL_GROUND = "legal-ground"
    NO_LEGAL_GROUND = "no-legal-ground"


class Verdict(StrEnum):
    ALLOWED = "allowed"
    DISCLOSED = "allowed-with-disclosure"
    REFUSED = "refused"


_R, _P, _V, _S, _F, _C = Action
POSSIBLE: dict[Platform, tuple[Action, ...]] = {
    Platform.HERE: (_R, _P, _V, _S, _F, _C),
    Platform.GOOGLE: (_R, _P, _V, _F, _C),
    Platform.TRIPADVISOR: (_R, _P),
    Platform.YELP: (_R, _P),
    Platform.FACEBOOK: (_R, _P, _V, _S, _F),
    Platform.INSTAGRAM: (_P, _V, _F),
    Platform.TIKTOK: (_V, _F),
    Platform.MANGROVE: (_R, _P),
    Platform.FEDIVERSE: (_P, _V, _S, _F),
    Platform.OPENSTREETMAP: (_C,),
}
"""What can be done where."""


class Ask(Struct, frozen=True):
    """One thing that a campaign asks for."""

    platform: Platform
    action: Action
    reward: Reward = Reward.NONE
    least_stars: int | None = None
    """A rating that is hoped for."""
    only_satisfied: bool = False
    """Asked of those alone who are known to be content."""

    @property
    def is_possible(self) -> bool:
        return self.action in POSSIBLE[self.platform]


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    fr: str
    nl: str
    de: str
    en: str

    def into(self, language: str) -> str:
        return str(getattr(self, language))


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a rule comes from."""

    title: str
    address: str | None = None


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """Applies where all that it names fits; what it does not name fits always."""

    key: str
    verdict: Verdict
    text: Words
    """Why it is refused or allowed; of a disclosure, what is told to the readers."""
    sources: tuple[Source, ...]
    platforms: tuple[Platform, ...] | None = None
    actions: tuple[Action, ...] | None = None
    rewards: tuple[Reward, ...] | None = None
    condition: Condition | None = None

    def applies(self, ask: Ask, conditions: frozenset[Condition]) -> bool:
        return (
            (self.platforms is None or ask.platform in self.platforms)
            and (self.actions is None or ask.action in self.actions)
            and (self.rewards is None or ask.reward in self.rewards)
            and (self.condition is None or self.condition in conditions)
        )


class Judgement(Struct, frozen=True):
    """What becomes of an ask, and the rules that say so; none where no rule speaks of it."""

    ask: Ask
    verdict: Verdict
    rules: tuple[Rule, ...]


def judge(rules: Iterable[Rule], ask: Ask, legal_ground: str | None) -> Judgement:
    """By all rules. `legal_ground` is what a city rests a draw of lots on, in its own words."""
    conditions = _conditions(ask, legal_ground)
    applying = [rule for rule in rules if rule.applies(ask, conditions)]
    for verdict in (Verdict.REFUSED, Verdict.DISCLOSED, Verdict.ALLOWED):
        if deciding := tuple(rule for rule in applying if rule.verdict is verdict):
            return Judgement(ask, verdict, deciding)
    return Judgement(ask, Verdict.REFUSED, ())


def every_ask() -> list[Ask]:
    """Every platform with what can be done there, for every reward."""
    return [
        Ask(platform, action, reward)
        for platform, actions in POSSIBLE.items()
        for action, reward in product(actions, Reward)
    ]


def refused(judgements: Sequence[Judgement]) -> list[int]:
    """The places of those that are."""
    return [place for place, each in enumerate(judgements) if each.verdict is Verdict.REFUSED]


def _conditions(ask: Ask, legal_ground: str | None) -> frozenset[Condition]:
    return frozenset(
        condition
        for condition, holds in (
            (Condition.STAR_TARGET, ask.least_stars is not None),
            (Condition.ONLY_SATISFIED, ask.only_satisfied),
            (Condition.LEGAL_GROUND, bool(legal_ground)),
            (Condition.NO_LEGAL_GROUND, not legal_ground),
        )
        if holds
    )
