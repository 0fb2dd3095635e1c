"""Reads contributions from the events of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Protocol
from uuid import UUID

from chassis.consumer import Refused
from chassis.received import Received
from contracts.campaigns.moderation import ContributionModerated, ContributionReinstated
from contracts.campaigns.v1 import (
    AmbassadorPhotoPosted,
    AmbassadorReviewPosted,
    AmbassadorShared,
    AmbassadorVideoPosted,
    ContributionWithdrawn,
    MerchantAnswered,
    MerchantAnswerRemoved,
    MerchantFollowed,
    MerchantUnfollowed,
)
from contracts.envelope import Fact
from services.notifications.contributions.domain import (
    ANSWER,
    FOLLOW,
    KIND_PATTERN,
    PHOTO,
    REVIEW,
    SHARE,
    VIDEO,
    Contribution,
    gather,
    local_day,
)

POSTED: dict[type[Fact], str] = {
    AmbassadorReviewPosted: REVIEW,
    AmbassadorPhotoPosted: PHOTO,
    AmbassadorVideoPosted: VIDEO,
    AmbassadorShared: SHARE,
}
"""Kind of contribution by the event that posts it."""
TYPES: tuple[type[Fact], ...] = (
    *POSTED,
    ContributionWithdrawn,
    ContributionModerated,
    ContributionReinstated,
    MerchantFollowed,
    MerchantUnfollowed,
)
"""What people do for a shop, and what becomes of it."""
ANSWERS: tuple[type[Fact], ...] = (MerchantAnswered, MerchantAnswerRemoved)


def contributions_in(events: Sequence[Received[Fact]]) -> list[Contribution]:
    """What `events` tell of contributions, merged, in key order; other events are passed over.

    A following counts from its day until it is over: so what is counted are those who follow at present.
    Raises Refused naming every event whose kind is no kind.
    """
    seen: list[Contribution] = []
    unfit: dict[UUID, str] = {}
    for event in events:
        match event.fact:
            case (
                AmbassadorReviewPosted()
                | AmbassadorPhotoPosted()
                | AmbassadorVideoPosted()
                | AmbassadorShared()
            ) as fact:
                posted = _begun(fact, fact.contribution_id, POSTED[type(fact)], event)
                seen.append(posted._replace(author=_author(fact.merchant_id, fact.contributor_id)))
            case MerchantFollowed() as fact:
                seen.append(_begun(fact, fact.following_id, FOLLOW, event))
            case MerchantUnfollowed() as fact:
                seen.append(_over(fact, fact.following_id, FOLLOW))
            case ContributionWithdrawn() as fact if KIND_PATTERN.fullmatch(fact.kind):
                seen.append(_over(fact, fact.contribution_id, fact.kind))
            case ContributionModerated() | ContributionReinstated() as fact if KIND_PATTERN.fullmatch(
                fact.kind
            ):
                seen.append(_restood(fact))
            case ContributionWithdrawn() | ContributionModerated() | ContributionReinstated():
                unfit[event.id] = "kind is not a lower-case word"
    if unfit:
        raise Refused(unfit)
    return gather(seen)


def answers_in(events: Sequence[Received[Fact]]) -> list[Contribution]:
    """The shop's own answers, which count from their day until they are removed; in key order."""
    seen: list[Contribution] = []
    for event in events:
        match event.fact:
            case MerchantAnswered() as fact:
                seen.append(_begun(fact, fact.answer_id, ANSWER, event))
            case MerchantAnswerRemoved() as fact:
                seen.append(_over(fact, fact.answer_id, ANSWER))
    return gather(seen)


def _author(merchant: UUID, contributor: UUID) -> int:
    """Sixty-four bits of a hash of both, so that no two shops' rows are seen to be one person's."""
    hashed = blake2b(contributor.bytes, key=merchant.bytes, digest_size=8).digest()
    return int.from_bytes(hashed, signed=True)


class _OfMerchant(Protocol):
    @property
    def merchant_id(self) -> UUID: ...
    @property
    def city_id(self) -> UUID: ...


def _begun(fact: _OfMerchant, its_id: UUID, kind: str, event: Received[Fact]) -> Contribution:
    return Contribution(fact.merchant_id, its_id, fact.city_id, kind, local_day(event.time), withdrawn=False)


def _over(fact: _OfMerchant, its_id: UUID, kind: str) -> Contribution:
    return Contribution(fact.merchant_id, its_id, fact.city_id, kind, None, withdrawn=True)


def _restood(fact: ContributionModerated | ContributionReinstated) -> Contribution:
    removed = isinstance(fact, ContributionModerated)
    said = _over(fact, fact.contribution_id, fact.kind)
    return said._replace(withdrawn=False, standing_version=fact.version, removed=removed)


def _is_kind(kind: str) -> bool:
    return KIND_PATTERN.fullmatch(kind) is not None
