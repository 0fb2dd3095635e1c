"""Badges: which of them a campaign offers, and which of these somebody has. Pure, but for reading the file.

A badge is counted anew from what stands, and stored nowhere: what is withdrawn or removed takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec.yaml
from msgspec import Struct

from services.campaigns.contributions.domain import brussels_day
from services.campaigns.points.domain import Deed
from services.campaigns.policy.domain import Action, Words

FILE = Path(__file__).with_name("badges.yaml")
_PICTURES = frozenset({Action.PHOTO, Action.VIDEO})
_EVERY_DAY = _PICTURES | {Action.SHARE}
"""What one can do on each day of a campaign, whatever was done before."""


class Measure(StrEnum):
    """What is counted for a badge."""

    DEEDS = "deeds"
    MERCHANTS = "merchants"
    DAYS = "days"
    REVIEWS = "reviews"
    PICTURES = "pictures"


class Badge(Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    measure: Measure
    at_least: int
    title: Words
    told: Words
    """To whoever has it."""


class BadBadges(ValueError):
    """Says what is wrong with the file."""


@cache
def badges() -> tuple[Badge, ...]:
    """All, in the order of the file. Raises BadBadges."""
    return read(FILE.read_bytes())


def read(body: bytes) -> tuple[Badge, ...]:
    """Raises BadBadges where a field is missing or misspelt, a key comes twice, or nothing is asked."""
    try:
        found = msgspec.yaml.decode(body, type=tuple[Badge, ...])
    except msgspec.DecodeError as error:
        raise BadBadges(str(error)) from error
    if len({badge.key for badge in found}) < len(found):
        raise BadBadges("a key comes twice")
    for badge in found:
        texts = (*msgspec.structs.astuple(badge.title), *msgspec.structs.astuple(badge.told))
        if badge.at_least < 1 or not all(map(str.strip, texts)):
            raise BadBadges(f"{badge.key}: asks for nothing, or lacks its words in a language")
    return found


def offered(
    known: Iterable[Badge], actions: frozenset[Action], merchants: int, days: int
) -> tuple[Badge, ...]:
    """Those that an ambassador can earn who does what the campaign gives points for.

    `merchants` are in its area, and it lasts `days` in Brussels. A shop is reviewed once in a campaign; one's
    link to it, or to the campaign, brings visits once a day; of pictures there is no such end. How much there
    is to correct nobody knows: for that alone nothing is offered, though it counts.
    """
    if not actions or not merchants:
        return ()
    endless = bool(actions & _PICTURES)
    reviews = merchants if Action.REVIEW in actions else 0
    shares = (merchants + 1) * days if Action.SHARE in actions else 0
    most = {
        Measure.DEEDS: None if endless else reviews + shares,
        Measure.MERCHANTS: merchants if actions - {Action.CORRECTION} else 0,
        Measure.DAYS: days if actions & _EVERY_DAY else min(days, reviews),
        Measure.REVIEWS: reviews,
        Measure.PICTURES: None if endless else 0,
    }
    return tuple(
        badge for badge in known if (limit := most[badge.measure]) is None or badge.at_least <= limit
    )


def earned(offer: Iterable[Badge], deeds: Sequence[Deed], actions: frozenset[Action]) -> tuple[Badge, ...]:
    """Those of `offer` that what stands of these deeds comes to."""
    standing = [deed for deed in deeds if deed.stands and deed.action in actions]
    counts = {
        Measure.DEEDS: len(standing),
        Measure.MERCHANTS: len({deed.merchant_id for deed in standing} - {None}),
        Measure.DAYS: len({brussels_day(deed.at) for deed in standing}),
        Measure.REVIEWS: sum(deed.action is Action.REVIEW for deed in standing),
        Measure.PICTURES: sum(deed.action in _PICTURES for deed in standing),
    }
    return tuple(badge for badge in offer if counts[badge.measure] >= badge.at_least)
