"""Posts a contribution of any kind. The hot path of the whole system: six statements besides the key's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis import outbox
from chassis.database import Transaction
from chassis.ids import deterministic_id, new_id
from chassis.problems import Problem, conflict, forbidden, invalid
from contracts.envelope import Event
from services.campaigns.contributions import facts, standing, storage
from services.campaigns.contributions.domain import (
    Contribution,
    Details,
    Kind,
    Share,
    Standing,
    Tie,
    counting,
)
from services.campaigns.contributions.look_up import Surroundings, look_up
from services.campaigns.contributors import contributor_of
from services.campaigns.moderation.cases import open_case
from services.campaigns.places.domain import Setting
from services.campaigns.points import ledger
from services.campaigns.screening.domain import Place
from services.campaigns.screening.screen import UNSEEN, Screening, Seen, screen


async def post(
    tx: Transaction,
    person_id: UUID,
    merchant_id: UUID,
    details: Details,
    now: datetime,
    *,
    seen: Seen = UNSEEN,
) -> Contribution:
    """Store what the person contributes to the merchant; publish and tell it, or hold it for a look.

    Raises the problems 422 for an unknown merchant, 409 for a closed one and for a second contribution
    where one is all there can be; 403 where whoever shares declared a tie to it.
    """
    surroundings = await look_up(tx, person_id, merchant_id, details.kind, now)
    setting = open_setting(surroundings)
    assert surroundings is not None
    details = _with_declared(details, surroundings.tie)
    new = Contribution(
        id=deterministic_id(now, new_id()),
        city_id=surroundings.merchant.city_id,
        merchant_id=merchant_id,
        contributor_id=surroundings.contributor_id or await contributor_of(tx, person_id),
        details=details,
        counting=counting(setting, surroundings.candidates, details.tie, now),
        posted_at=now,
        published_at=now,
    )
    reasons = await _screened(tx, new, setting, seen)
    if reasons:
        new = replace(new, standing=Standing.HELD, published_at=None)
    if not await storage.add(tx, new):
        raise _once_only(details.kind, await storage.holder_of_slot(tx, new))
    if reasons:
        await standing.note(tx, new, standing.Why(reasons), now)
        await open_case(tx, new, reasons, now)
    await ledger.settle(tx, new, now)
    if new.was_told:
        await outbox.record(tx, Event.of(facts.posted(new), now))
    return new


async def _screened(tx: Transaction, new: Contribution, setting: Setting, seen: Seen) -> tuple[str, ...]:
    """Why somebody is to look at it first. Of a share there is nothing to look at."""
    if isinstance(new.details, Share):
        return ()
    return await screen(
        tx,
        Screening(
            contribution_id=new.id,
            contributor_id=new.contributor_id,
            merchant_id=new.merchant_id,
            place=Place(setting.longitude, setting.latitude),
            details=new.details,
            seen=seen,
            now=new.posted_at,
        ),
    )


def open_setting(surroundings: Surroundings | None) -> Setting:
    """Where the merchant is that something is posted to. Raises the problems 422 and 409 as `post` does."""
    if surroundings is None or surroundings.merchant.setting is None:
        raise invalid("merchant_id", "no merchant of this id is listed")
    if surroundings.merchant.closed:
        raise conflict("merchant-closed", "This merchant is closed, or not listed any more.")
    return surroundings.merchant.setting


def _with_declared(details: Details, tie: Tie) -> Details:
    """A tie that was declared at joining binds, also where it is not declared again."""
    if tie is Tie.NONE or details.tie is not Tie.NONE:
        return details
    if isinstance(details, Share):
        raise forbidden("You declared a tie to this shop: only what others share of it counts.")
    return replace(details, tie=tie)


def _once_only(kind: Kind, existing: UUID | None) -> Problem:
    slug, detail = {
        Kind.REVIEW: (
            "already-reviewed",
            "You have already reviewed this merchant. "
            "Withdraw that review to write another; one that was removed keeps its place.",
        ),
        Kind.PHOTO: (
            "already-photographed",
            "You have already sent photos of this merchant today, or with this review. Withdraw those first.",
        ),
        Kind.VIDEO: ("already-linked", "You have already linked this video."),
        Kind.SHARE: ("already-shared", "You have already shared this merchant over this channel today."),
    }[kind]
    return conflict(slug, detail, contribution_id=str(existing) if existing else None)
