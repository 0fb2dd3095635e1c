"""Writes a campaign's analysis plan, and freezes whom it compares once the campaign starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, literal, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import Transaction
from chassis.problems import conflict, invalid, not_found
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.lifecycle.domain import Campaign, State
from services.campaigns.lifecycle.taking_part import taking_part
from services.campaigns.places.domain import Area, Merchant, Polygon
from services.campaigns.places.storage import merchant_of_row
from services.campaigns.places.tables import known_district, known_merchant
from services.campaigns.study.beside import MOST_MERCHANTS, cities_of, overlapping
from services.campaigns.study.domain.outcomes import RULE, solicited
from services.campaigns.study.domain.plan import StudyPlan
from services.campaigns.study.tables import study_member, study_plan


async def find(tx: Transaction, campaign_id: UUID) -> StudyPlan | None:
    """The plan, if one was written."""
    query = select(study_plan).where(study_plan.c.campaign_id == campaign_id)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    return msgspec.convert({name: row[name] for name in StudyPlan.__struct_fields__}, StudyPlan)


async def write(tx: Transaction, campaign: Campaign, plan: StudyPlan) -> StudyPlan:
    """Store the plan of a locked campaign, as its next version. Raises Problem: 409 once it began, 422."""
    if campaign.state not in (State.DRAFT, State.SCHEDULED):
        detail = "What is looked at is set before a campaign starts, and fixed once it does."
        raise conflict("study-plan-is-fixed", detail, state=campaign.state.value)
    if refused := solicited(plan.outcomes, campaign.plan.asks):
        raise invalid("outcomes", f"{refused[0]} {RULE}")
    await _check_districts(tx, campaign, plan.comparison_district_ids)
    columns = {**msgspec.to_builtins(plan), "city_id": campaign.city_id}
    columns["comparison_district_ids"] = list(plan.comparison_district_ids)
    stored = upsert(study_plan).values(campaign_id=campaign.id, **columns)
    await tx.execute(stored.on_conflict_do_update(index_elements=["campaign_id"], set_=columns))
    return plan


async def freeze(tx: Transaction, campaign: Campaign) -> None:
    """Store both groups of a campaign that starts, as they are now; nothing where it has no plan.

    A shop with another campaign in the time that is looked at is not compared with: what that one brings
    would be taken off this one's effect.
    """
    plan = await find(tx, campaign.id)
    if plan is None or campaign.started_at is None:
        return
    treated = frozenset(await taking_part(tx, campaign, None, MOST_MERCHANTS))
    began = brussels_day(campaign.started_at)
    others = [
        frozenset(await taking_part(tx, each, None, MOST_MERCHANTS))
        for each in await overlapping(tx, campaign, plan.first_day(began), plan.end(began))
    ]
    touched = frozenset[UUID]().union(*others)
    districts = {*campaign.plan.district_ids, *plan.comparison_district_ids}
    outlines = await _outlines(tx, await cities_of(tx, campaign))
    members = [
        {
            "campaign_id": campaign.id,
            "merchant_id": merchant.id,
            "city_id": merchant.city_id,
            "treated": merchant.id in treated,
            "unit": _unit(merchant, campaign, districts, outlines),
        }
        for merchant in await _open_merchants(tx, campaign)
        if merchant.id in treated
        or (merchant.id not in touched and _is_compared(merchant, campaign, plan, outlines))
    ]
    if members:
        await tx.execute(insert(study_member), members)


async def members(tx: Transaction, campaign_id: UUID) -> Mapping[UUID, tuple[bool, str]]:
    """By shop, whether it had the campaign, and the unit it is of. In the order of their ids."""
    found = study_member.c
    query = select(found.merchant_id, found.treated, found.unit).where(found.campaign_id == campaign_id)
    rows = await tx.execute(query.order_by(found.merchant_id))
    return {row.merchant_id: (row.treated, row.unit) for row in rows}


async def _open_merchants(tx: Transaction, campaign: Campaign) -> Iterable[Merchant]:
    """Of its cities. A shop that wants no part in campaigns is not compared with either."""
    known = known_merchant.c
    query = select(known_merchant).where(
        known.city_id.in_(await cities_of(tx, campaign)),
        known.setting_version.is_not(None),
        func.coalesce(known.closed_version, 0) < known.setting_version,
        ~known.opted_out_of.bool_op("&&")(array([literal(campaign.id), known.city_id])),
    )
    rows = (await tx.execute(query.order_by(known.id))).mappings()
    return [merchant_of_row(row) for row in rows]


def _is_compared(
    merchant: Merchant, campaign: Campaign, plan: StudyPlan, outlines: Mapping[UUID, Polygon]
) -> bool:
    """Outside of the campaign, where the plan says; and of its kinds, where it runs in districts."""
    assert merchant.setting is not None
    kinds = campaign.plan.kinds if campaign.plan.district_ids else ()
    area = Area(frozenset(plan.comparison_district_ids), frozenset(kinds))
    own = Area(frozenset(campaign.plan.district_ids), frozenset(campaign.plan.kinds))
    # A shop in its area that it was not chosen for may be compared with one that was; no other there.
    inside = own.includes(merchant.setting, outlines) and not campaign.plan.merchant_ids
    return not inside and area.includes(merchant.setting, outlines)


def _unit(
    merchant: Merchant, campaign: Campaign, districts: Iterable[UUID], outlines: Mapping[UUID, Polygon]
) -> str:
    """What was put into the campaign, or left out of it, as a whole."""
    assert merchant.setting is not None
    if campaign.plan.merchant_ids:
        return str(merchant.id)
    if campaign.plan.district_ids:
        return next(_districts_of(merchant, campaign, districts, outlines), "outside all districts")
    return merchant.setting.kind if campaign.plan.kinds else str(merchant.id)


def _districts_of(
    merchant: Merchant, campaign: Campaign, districts: Iterable[UUID], outlines: Mapping[UUID, Polygon]
) -> Iterator[str]:
    """Those of the campaign first, then those it is compared with, then any other."""
    assert merchant.setting is not None
    first = sorted(campaign.plan.district_ids)
    then = sorted({*districts} - {*first})
    for district in (*first, *then, *sorted({*outlines} - {*first, *then})):
        if Area(frozenset({district})).includes(merchant.setting, outlines):
            yield str(district)


async def _outlines(tx: Transaction, cities: Collection[UUID]) -> Mapping[UUID, Polygon]:
    known = known_district.c
    query = select(known.id, known.polygon).where(known.city_id.in_(cities), known.version > 0)
    return {row.id: row.polygon for row in await tx.execute(query)}


async def _check_districts(tx: Transaction, campaign: Campaign, district_ids: Iterable[UUID]) -> None:
    """They are known, of its cities, and none of the campaign's."""
    wanted, known = {*district_ids}, known_district.c
    if within := wanted.intersection(campaign.plan.district_ids):
        raise invalid("comparison_district_ids", f"the campaign itself runs in {min(within)}")
    cities = await cities_of(tx, campaign)
    query = select(known.id).where(known.city_id.in_(cities), ~known.removed, known.id.in_(wanted))
    if missing := wanted - set(await tx.scalars(query)):
        raise invalid("comparison_district_ids", f"the campaign's cities have no district {min(missing)}")


def must_exist(plan: StudyPlan | None) -> StudyPlan:
    """Raises the problem 404."""
    if plan is None:
        raise not_found("analysis plan")
    return plan
