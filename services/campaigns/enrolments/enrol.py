"""Makes a person an ambassador of a campaign, once: at once, or when an officer approves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from chassis.problems import conflict, not_found
from contracts.campaigns.v1 import AmbassadorEnrolled
from contracts.envelope import Event
from services.campaigns.contributions.domain import Tie
from services.campaigns.contributors import contributor_of
from services.campaigns.enrolments.domain import Enrolment, Standing
from services.campaigns.enrolments.tables import declared_tie, enrolment
from services.campaigns.lifecycle.domain import Campaign, State


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What somebody says when they join."""

    pledge_version: int
    adult: bool
    language: str
    introduction: str | None = None
    ties: Mapping[UUID, Tie] = field(default_factory=dict)
    """By merchant."""


async def enrol(
    tx: Transaction, campaign: Campaign, person_id: UUID, declared: Declared, now: datetime
) -> tuple[Enrolment, bool]:
    """Give the person a part in the campaign, or let them wait for it; tells whether that is new.

    Raises the problem 409 where somebody new comes before the campaign is announced or after its end.
    """
    contributor_id = await contributor_of(tx, person_id)
    if known := await find(tx, campaign.id, contributor_id):
        return known, False
    if campaign.state not in (State.SCHEDULED, State.RUNNING) or campaign.plan.ends_at <= now:
        raise conflict("campaign-not-open", "Ambassadors join a campaign that is scheduled or running.")
    new = Enrolment(
        id=new_id(),
        city_id=campaign.city_id,
        campaign_id=campaign.id,
        contributor_id=contributor_id,
        enrolled_at=now,
        pledge_version=declared.pledge_version,
        adult=declared.adult,
        language=declared.language,
        introduction=declared.introduction,
    )
    if not campaign.plan.approval:
        new = new.approved(None, now)
    added = await tx.scalar(
        insert(enrolment).values(asdict(new)).on_conflict_do_nothing().returning(enrolment.c.id)
    )
    if added is None:  # by a request at the same time, which has committed
        found = await find(tx, campaign.id, contributor_id)
        assert found is not None
        return found, False
    await _keep_ties(tx, new, declared.ties)
    if new.approved_at is not None:
        await outbox.record(tx, Event.of(fact_of(new), new.approved_at))
    return new, True


async def decide(
    tx: Transaction,
    campaign_id: UUID,
    enrolment_id: UUID,
    *,
    refusal: str | None,
    by: UUID,
    now: datetime,
) -> Enrolment:
    """Approve who waits, or refuse them for a reason; who is approved is told. Once: then it stands.

    Raises the problems 404, and 409 where another officer decided otherwise.
    """
    query = select(enrolment).where(enrolment.c.id == enrolment_id, enrolment.c.campaign_id == campaign_id)
    row = (await tx.execute(query.with_for_update())).mappings().first()
    if row is None:
        raise not_found("enrolment")
    found = Enrolment(**row)
    wanted = Standing.APPROVED if refusal is None else Standing.REFUSED
    if found.standing is not Standing.PENDING:
        if found.standing is wanted:
            return found
        raise conflict("already-decided", "Another officer decided otherwise.", standing=found.standing)
    decided = found.approved(by, now) if refusal is None else found.refused(by, refusal, now)
    await tx.execute(update(enrolment).where(enrolment.c.id == found.id).values(asdict(decided)))
    if decided.approved_at is not None:
        await outbox.record(tx, Event.of(fact_of(decided), decided.approved_at))
    return decided


def fact_of(enrolled: Enrolment) -> AmbassadorEnrolled:
    """What is told of an enrolment."""
    return AmbassadorEnrolled(
        city_id=enrolled.city_id,
        enrolment_id=enrolled.id,
        campaign_id=enrolled.campaign_id,
        contributor_id=enrolled.contributor_id,
    )


HISTORY = (
    Source(
        select(enrolment).where(enrolment.c.approved_at.is_not(None)).order_by(enrolment.c.approved_at),
        lambda row: Event.of(fact_of(Enrolment(**row)), row["approved_at"]),
    ),
)


async def find(tx: Transaction, campaign_id: UUID, contributor_id: UUID) -> Enrolment | None:
    """The contributor's part in the campaign, if any."""
    query = select(enrolment).where(
        enrolment.c.campaign_id == campaign_id, enrolment.c.contributor_id == contributor_id
    )
    row = (await tx.execute(query)).mappings().first()
    return Enrolment(**row) if row else None


async def _keep_ties(tx: Transaction, new: Enrolment, ties: Mapping[UUID, Tie]) -> None:
    if not ties:
        return
    statement = insert(declared_tie).values(
        [
            {
                "contributor_id": new.contributor_id,
                "merchant_id": merchant_id,
                "city_id": new.city_id,
                "tie": ties[merchant_id].value,
                "declared_at": new.enrolled_at,
            }
            for merchant_id in sorted(ties)
        ]
    )
    newer = {"tie": statement.excluded.tie, "declared_at": statement.excluded.declared_at}
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["contributor_id", "merchant_id"], set_=newer)
    )
