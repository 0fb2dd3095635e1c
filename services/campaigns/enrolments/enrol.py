"""Makes a person an ambassador of a campaign, once."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from chassis.problems import conflict
from contracts.campaigns.v1 import AmbassadorEnrolled
from contracts.envelope import Event
from services.campaigns.contributors import contributor_of
from services.campaigns.enrolments.tables import enrolment
from services.campaigns.lifecycle.domain import Campaign, State


@dataclass(frozen=True)
class Enrolment:
    """One ambassador's part in one campaign."""

    id: UUID
    city_id: UUID
    campaign_id: UUID
    contributor_id: UUID
    enrolled_at: datetime


async def enrol(
    tx: Transaction, campaign: Campaign, person_id: UUID, now: datetime
) -> tuple[Enrolment, bool]:
    """Make the person an ambassador of the campaign; tells whether that is new.

    Raises the problem 409 where somebody new comes before the campaign is announced or after its end.
    """
    contributor_id = await contributor_of(tx, person_id)
    if known := await find(tx, campaign.id, contributor_id):
        return known, False
    if campaign.state not in (State.SCHEDULED, State.RUNNING) or campaign.plan.ends_at <= now:
        raise conflict("campaign-not-open", "Ambassadors join a campaign that is scheduled or running.")
    new = Enrolment(new_id(), campaign.city_id, campaign.id, contributor_id, now)
    added = await tx.scalar(
        insert(enrolment).values(asdict(new)).on_conflict_do_nothing().returning(enrolment.c.id)
    )
    if added is None:  # by a request at the same time, which has committed
        found = await find(tx, campaign.id, contributor_id)
        assert found is not None
        return found, False
    await outbox.record(tx, Event.of(fact_of(new), now))
    return new, True


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
        select(enrolment).order_by(enrolment.c.enrolled_at),
        lambda row: Event.of(fact_of(Enrolment(**row)), row["enrolled_at"]),
    ),
)


async def find(tx: Transaction, campaign_id: UUID, contributor_id: UUID) -> Enrolment | None:
    """The contributor's part in the campaign, if any."""
    query = select(enrolment).where(
        enrolment.c.campaign_id == campaign_id, enrolment.c.contributor_id == contributor_id
    )
    row = (await tx.execute(query)).mappings().first()
    return Enrolment(**row) if row else None
