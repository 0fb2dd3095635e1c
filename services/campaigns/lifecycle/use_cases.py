"""What people and the clock do with campaigns. Each runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, RowMapping, Uuid, func, select

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from contracts.campaigns.v1 import CampaignEnded, CampaignExtended, CampaignScheduled, CampaignStarted
from contracts.envelope import Event, Fact
from services.campaigns.cities.storage import accepted, not_declined
from services.campaigns.cities.tables import campaign_city
from services.campaigns.evaluation.figures import figures_of
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import Campaign, InvalidPlan, Plan, State
from services.campaigns.lifecycle.tables import campaign, campaign_change
from services.campaigns.places.storage import is_closed
from services.campaigns.places.tables import known_district, known_merchant
from services.campaigns.policy.catalogue import rules
from services.campaigns.study.plans import freeze


async def draft(tx: Transaction, city_id: UUID, plan: Plan, *, by: UUID, now: datetime) -> Campaign:
    """Begin a campaign. Raises InvalidPlan."""
    plan.check()
    await _check_places(tx, (city_id,), plan)
    new = Campaign(id=new_id(), city_id=city_id, plan=plan)
    await storage.add(tx, new, by, now)
    return new


async def revise(tx: Transaction, campaign: Campaign, plan: Plan, *, by: UUID, now: datetime) -> Campaign:
    """Change the plan of a locked campaign; a later end of one that is announced is told.

    Raises InvalidPlan, PlanHolds or IllegalTransition.
    """
    revised = campaign.revised(plan)
    if plan == campaign.plan:
        return campaign
    if campaign.state is State.DRAFT:
        await _check_places(tx, (campaign.city_id, *await not_declined(tx, campaign.id)), plan)
    changes = await storage.save(tx, campaign, revised, by, now)
    if campaign.state is not State.DRAFT and "ends_at" in changes:
        await outbox.record(tx, Event.of(extended(revised, revised.version), now))
    return revised


async def move(tx: Transaction, campaign: Campaign, to: State, *, by: UUID | None, now: datetime) -> Campaign:
    """Take a locked campaign to its next state and tell everybody. `by` is none for the clock.

    What is announced is judged before, and keeps the judgement; whom a study compares is fixed at the start.
    Raises IllegalTransition or PolicyRefuses.
    """
    moved = campaign.moved_to(to, now)
    if to is State.SCHEDULED:
        moved = moved.checked(rules())
        await _check_places(tx, (campaign.city_id, *await accepted(tx, campaign.id)), campaign.plan)
    await storage.save(tx, campaign, moved, by, now)
    if to is State.RUNNING:
        await freeze(tx, moved)
    cities = await accepted(tx, campaign.id)
    await outbox.record(tx, Event.of(fact_of(moved, cities, moved.state, moved.version, now), now))
    return moved


async def evaluate(
    tx: Transaction, campaign: Campaign, conclusion: str, *, by: UUID, now: datetime
) -> Campaign:
    """Count what a locked campaign came to, and hold it against its rule. Raises IllegalTransition."""
    evaluated = campaign.evaluated(await figures_of(tx, campaign.id), conclusion, now)
    await storage.save(tx, campaign, evaluated, by, now)
    return evaluated


def fact_of(campaign: Campaign, cities: Sequence[UUID], state: State, version: int, at: datetime) -> Fact:
    """What is told of a campaign that came to `state` with `version` at that time.

    Of its plan as it was by then: of what is told, only the end can change afterwards.
    """
    if state is State.ENDED:
        return CampaignEnded(city_id=campaign.city_id, campaign_id=campaign.id, version=version, ended_at=at)
    told = CampaignScheduled if state is State.SCHEDULED else CampaignStarted
    return told(
        city_id=campaign.city_id,
        campaign_id=campaign.id,
        version=version,
        starts_at=campaign.plan.starts_at,
        ends_at=campaign.plan.ends_at,
        district_ids=campaign.plan.district_ids,
        kinds=campaign.plan.kinds,
        merchant_ids=campaign.plan.merchant_ids,
        city_ids=tuple(cities),
    )


def extended(campaign: Campaign, version: int) -> CampaignExtended:
    """What is told of a campaign whose end became later with `version`."""
    return CampaignExtended(
        city_id=campaign.city_id, campaign_id=campaign.id, version=version, ends_at=campaign.plan.ends_at
    )


def _as_told(row: RowMapping) -> Campaign:
    known = storage.of_row(row)
    return replace(known, plan=replace(known.plan, ends_at=row["told_ends_at"]))


def _moved(row: RowMapping) -> Event[Fact]:
    moved = fact_of(_as_told(row), row["cities"], State(row["told_state"]), row["told_version"], row["at"])
    return Event.of(moved, row["at"])


def _extended(row: RowMapping) -> Event[Fact]:
    return Event.of(extended(_as_told(row), row["told_version"]), row["at"])


_CITIES = func.array(
    select(campaign_city.c.city_id)
    .where(campaign_city.c.campaign_id == campaign.c.id, campaign_city.c.accepted)
    .order_by(campaign_city.c.city_id)
    .scalar_subquery(),
    type_=ARRAY(Uuid),
)
_TOLD = (
    select(
        campaign,
        campaign_change.c.state.label("told_state"),
        campaign_change.c.version.label("told_version"),
        campaign_change.c.ends_at.label("told_ends_at"),
        campaign_change.c.at,
        _CITIES.label("cities"),
    )
    .join_from(campaign_change, campaign)
    .where(campaign_change.c.state.not_in([State.DRAFT.value, State.EVALUATED.value]))
    .order_by(campaign_change.c.at, campaign_change.c.version)
)
HISTORY = (
    Source(_TOLD.where(campaign_change.c.changes == {}), _moved),
    Source(_TOLD.where(campaign_change.c.changes.has_key("ends_at")), _extended),
)


async def _check_places(tx: Transaction, cities: Sequence[UUID], plan: Plan) -> None:
    """What is not known yet passes: the directory's news may still be on its way."""
    if plan.district_ids:
        await _check_districts(tx, cities, plan)
    if plan.merchant_ids:
        await _check_merchants(tx, cities, plan)


async def _check_districts(tx: Transaction, cities: Sequence[UUID], plan: Plan) -> None:
    known = known_district.c
    wrong = select(known.id, known.removed).where(
        known.id.in_(plan.district_ids), known.city_id.not_in(cities) | known.removed
    )
    for row in await tx.execute(wrong.limit(1)):
        why = "was removed" if row.removed else "belongs to another city"
        raise InvalidPlan("district_ids", f"district {row.id} {why}")


async def _check_merchants(tx: Transaction, cities: Sequence[UUID], plan: Plan) -> None:
    known = known_merchant.c
    closed = is_closed(known.id).label("closed")
    wrong = select(known.id, closed).where(
        known.id.in_(plan.merchant_ids), known.city_id.not_in(cities) | closed
    )
    for row in await tx.execute(wrong.limit(1)):
        why = "is closed" if row.closed else "belongs to another city"
        raise InvalidPlan("merchant_ids", f"merchant {row.id} {why}")
