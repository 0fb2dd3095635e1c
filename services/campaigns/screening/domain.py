"""When a person looks at a contribution before it is published. Pure: each rule is a function of its own.

A hit is a reason and a place in the queue; it drops nothing and refuses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.campaigns.contributions.domain import Kind, Standing, Tie
from services.campaigns.screening.fingerprint import folded, is_copy, pieces
from services.campaigns.screening.links import has_link

_EARTH_KM = 6371.0


class Rule(StrEnum):
    """What can be found. Its name is the reason that the author and the officer see."""

    DUPLICATE = "duplicate"
    LINK = "link"
    LANGUAGE = "language"
    INSULT = "insult"
    BURST = "burst"
    DEVICE = "one-device"
    NETWORK = "one-network"
    TIED = "tied"
    TOO_FAST = "too-far-too-fast"
    REMOVED_BEFORE = "removed-before"


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From where on something is worth a look. Each is a setting (`thresholds.py`), and says why it is so.

    None decides: what is beyond waits for a person, and an honest author loses some hours. They are set so
    that a busy Saturday of a campaign passes, and what somebody organised does not.
    """

    compared_from: int = 80
    """Characters. Of shorter praise many say the same by chance."""
    similar: float = 0.6
    """Share of pieces of five characters in common: two copies of 25 words in which each changed two others
    have so many, and two texts of their own hardly any (`python -m bench screening`)."""
    understood_from: int = 40
    """Letters. The language of less is not told reliably."""
    burst_reviews: int = 20
    """Of one shop within `burst_minutes`, or so many photos or videos. Small shops get them in months."""
    burst_minutes: int = 60
    """Whoever asks a group to write has it done in an evening."""
    people_per_device: int = 4
    """Others, on two days. A family shares a computer; a tablet on a counter is put to more."""
    people_per_network: int = 40
    """Others, on two days. A school, a town hall, a mobile provider: each is one address."""
    far_km: float = 30
    """Within a town and its neighbours nobody is too fast."""
    fast_kmh: float = 130
    """The fastest road of the country allows 120."""


@dataclass(frozen=True)
class Place:
    longitude: float
    latitude: float


NOWHERE = Place(0, 0)
"""For rules about texts alone."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A review, photos or a video of the author's from before, withdrawn or not."""

    kind: Kind = Kind.REVIEW
    merchant_id: UUID
    place: Place | None
    posted_at: datetime
    standing: Standing
    tie: Tie


@dataclass(frozen=True, kw_only=True)
class Written:
    """A review, photos or a video, and what is known around it at that moment."""

    kind: Kind = Kind.REVIEW
    merchant_id: UUID
    place: Place
    now: datetime
    text: str = ""
    """The review; of photos, what is written beside them."""
    is_understood: bool = True
    """Whether a review's text was recognised to be in one of the country's languages."""
    insults: Sequence[str] = ()
    """Words of the list that it holds."""
    tie: Tie = Tie.NONE
    alike: Sequence[str] = ()
    """Texts of others and of the author's that share a band with it."""
    of_merchant: int = 0
    """How many of its kind the merchant had in the last `burst_minutes`."""
    others_on_device: int = 0
    others_on_network: int = 0
    device_of_tied: bool = False
    """Whether somebody who declared a tie to the merchant wrote from the same device."""
    earlier: Sequence[Earlier] = ()
    """The newest first."""


def duplicate(written: Written, limits: Thresholds) -> bool:
    """It says what another review says, or nearly."""
    if not written.alike or not is_compared(written.text, limits):
        return False
    own = pieces(folded(written.text))
    return any(is_copy(own, folded(other), limits.similar) for other in written.alike)


def link(written: Written, limits: Thresholds) -> bool:  # noqa: ARG001 - as the others
    """It leads somewhere else, as advertising does."""
    return has_link(written.text)


def language(written: Written, limits: Thresholds) -> bool:
    """It is in none of the country's languages, or in none at all, and long enough to tell."""
    letters = sum(map(str.isalpha, written.text))
    return letters >= limits.understood_from and not written.is_understood


def insult(written: Written, limits: Thresholds) -> bool:  # noqa: ARG001
    """It calls people names."""
    return bool(written.insults)


def burst(written: Written, limits: Thresholds) -> bool:
    """The shop had too many just now, as from people who were asked to."""
    return written.of_merchant >= limits.burst_reviews


def one_device(written: Written, limits: Thresholds) -> bool:
    """Too many people wrote from the same device."""
    return written.others_on_device >= limits.people_per_device


def one_network(written: Written, limits: Thresholds) -> bool:
    """Too many people wrote from the same network."""
    return written.others_on_network >= limits.people_per_network


def tied(written: Written, limits: Thresholds) -> bool:  # noqa: ARG001
    """It declares no tie, but its author declared one before, or somebody did on the same device.

    A tie that is declared is labelled beside the review, and needs no look.
    """
    if written.tie is not Tie.NONE:
        return False
    before = any(
        each.tie is not Tie.NONE for each in written.earlier if each.merchant_id == written.merchant_id
    )
    return before or written.device_of_tied


def too_far_too_fast(written: Written, limits: Thresholds) -> bool:
    """Nobody gets from the shop reviewed before to this one in that time."""
    return any(
        _is_too_fast(written, each.place, each.posted_at, limits)
        for each in written.earlier
        if each.place is not None and each.kind is Kind.REVIEW
    )


def removed_before(written: Written, limits: Thresholds) -> bool:  # noqa: ARG001
    """One of its kind, of the same shop by the same author, was removed: it could be brought again."""
    return any(
        each.standing is Standing.REMOVED
        for each in written.earlier
        if each.merchant_id == written.merchant_id and each.kind is written.kind
    )


RULES: Mapping[Rule, Callable[[Written, Thresholds], bool]] = {
    Rule.DUPLICATE: duplicate,
    Rule.LINK: link,
    Rule.LANGUAGE: language,
    Rule.INSULT: insult,
    Rule.BURST: burst,
    Rule.DEVICE: one_device,
    Rule.NETWORK: one_network,
    Rule.TIED: tied,
    Rule.TOO_FAST: too_far_too_fast,
    Rule.REMOVED_BEFORE: removed_before,
}
_OF_WHOM = frozenset({Rule.BURST, Rule.DEVICE, Rule.NETWORK, Rule.TIED, Rule.REMOVED_BEFORE})
RULES_OF = {
    Kind.REVIEW: frozenset(Rule),
    # What is written beside pictures is short, and pictures of many shops are sent at once from home.
    Kind.PHOTO: _OF_WHOM | {Rule.LINK, Rule.INSULT},
    Kind.VIDEO: _OF_WHOM,
    # Shown to nobody, and no text: what it brings is counted where visitors come.
    Kind.SHARE: frozenset[Rule](),
}
_ASKED = {
    kind: tuple((rule, asks) for rule, asks in RULES.items() if rule in rules)
    for kind, rules in RULES_OF.items()
}
OF_TEXT = frozenset({Rule.DUPLICATE, Rule.LINK, Rule.LANGUAGE, Rule.INSULT})
"""What an edit can bring; the others are about who wrote it when."""


def hits(written: Written, limits: Thresholds) -> tuple[Rule, ...]:
    """The rules for its kind that ask for a look, in the order of RULES."""
    return tuple(rule for rule, asks in _ASKED[written.kind] if asks(written, limits))


def is_compared(text: str, limits: Thresholds) -> bool:
    """Whether a text is long enough to be compared with others."""
    return len(text) >= limits.compared_from


def _is_too_fast(written: Written, before: Place, at: datetime, limits: Thresholds) -> bool:
    distance = kilometres(before, written.place)
    hours = abs((written.now - at).total_seconds()) / 3600
    return distance > limits.far_km and distance > limits.fast_kmh * hours


def kilometres(one: Place, other: Place) -> float:
    """As the crow flies (haversine)."""
    lat_one, lat_other = math.radians(one.latitude), math.radians(other.latitude)
    half_lon = math.radians(other.longitude - one.longitude) / 2
    half_lat = (lat_other - lat_one) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_one) * math.cos(lat_other) * math.sin(half_lon) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))
