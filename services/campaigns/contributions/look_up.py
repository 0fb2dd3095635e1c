"""All that posting needs to know, in one round trip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, and_, bindparam, cast, exists, func, select
from sqlalchemy.dialects.postgresql import array

from chassis.compiled import Compiled
from chassis.database import Transaction
from services.campaigns.cities.storage import runs_in
from services.campaigns.contributions.domain import Candidate, Kind, Tie
from services.campaigns.contributions.tables import contribution, holds_slot
from services.campaigns.contributors import contributor
from services.campaigns.enrolments.tables import declared_tie, enrolment
from services.campaigns.lifecycle.tables import campaign, is_running
from services.campaigns.places.domain import Area, Merchant
from services.campaigns.places.storage import merchant_of_row
from services.campaigns.places.tables import known_district, known_merchant


@dataclass(frozen=True)
class Surroundings:
    """The merchant, its city's running campaigns, and the author's part in them."""

    merchant: Merchant
    contributor_id: UUID | None
    tie: Tie
    """What the author declared of the merchant when they joined a campaign."""
    candidates: tuple[Candidate, ...]


# The campaigns are read without a lock: one that ends in this very moment may still count what was posted
# before. Locking it would make all ambassadors of a campaign queue for one row.
_campaigns = campaign.c.id.label("campaign_id"), campaign.c.started_at, campaign.c.ends_at
_outlines = (
    select(func.jsonb_object_agg(cast(known_district.c.id, Text), known_district.c.polygon))
    .where(known_district.c.id == func.any(campaign.c.district_ids), known_district.c.version > 0)
    .correlate(campaign)
    .scalar_subquery()
)
_chosen = (func.cardinality(campaign.c.merchant_ids) == 0) | (
    known_merchant.c.id == func.any(campaign.c.merchant_ids)
)
_opted_out = known_merchant.c.opted_out_of.bool_op("&&")(array([campaign.c.id, known_merchant.c.city_id]))
_tie = (
    select(declared_tie.c.tie)
    .where(
        declared_tie.c.contributor_id == contributor.c.contributor_id,
        declared_tie.c.merchant_id == known_merchant.c.id,
    )
    .scalar_subquery()
)
_taken = exists().where(
    contribution.c.contributor_id == contributor.c.contributor_id,
    contribution.c.merchant_id == known_merchant.c.id,
    contribution.c.kind == bindparam("kind", type_=Text),
    contribution.c.slot == cast(campaign.c.id, Text),
    holds_slot,
)
_surroundings = (
    select(
        known_merchant,
        contributor.c.contributor_id,
        _tie.label("declared_tie"),
        *_campaigns,
        campaign.c.district_ids.label("area_districts"),
        campaign.c.kinds.label("area_kinds"),
        _outlines.label("outlines"),
        _chosen.label("chosen"),
        _opted_out.label("opted_out"),
        enrolment.c.id.is_not(None).label("enrolled"),
        _taken.label("taken"),
    )
    .select_from(known_merchant)
    .outerjoin(contributor, contributor.c.person_id == bindparam("person_id", type_=Uuid))
    .outerjoin(
        campaign,
        and_(
            runs_in(known_merchant.c.city_id),
            is_running,
            campaign.c.ends_at > bindparam("now", type_=DateTime(timezone=True)),
        ),
    )
    .outerjoin(
        enrolment,
        and_(
            enrolment.c.campaign_id == campaign.c.id,
            enrolment.c.contributor_id == contributor.c.contributor_id,
            enrolment.c.approved_at.is_not(None),
        ),
    )
    .where(known_merchant.c.id == bindparam("merchant_id", type_=Uuid))
    # Posts do not wait for each other; an opt-out waits for them, and is seen by those that waited for it.
    .with_for_update(of=known_merchant, read=True)
)
_LOOK_UP = Compiled(_surroundings)


async def look_up(
    tx: Transaction, person_id: UUID, merchant_id: UUID, kind: Kind, now: datetime
) -> Surroundings | None:
    """None where nothing was ever heard of the merchant."""
    asked = {"person_id": person_id, "merchant_id": merchant_id, "kind": kind.value, "now": now}
    rows = await _LOOK_UP.rows(tx, asked)
    if not rows:
        return None
    return Surroundings(
        merchant=merchant_of_row(rows[0]),
        contributor_id=rows[0]["contributor_id"],
        tie=Tie(rows[0]["declared_tie"] or Tie.NONE),
        candidates=tuple(_candidate(row) for row in rows if row["campaign_id"] is not None),
    )


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        campaign_id=row["campaign_id"],
        started_at=row["started_at"],
        ends_at=row["ends_at"],
        area=Area(frozenset(row["area_districts"]), frozenset(row["area_kinds"])),
        outlines={UUID(district): polygon for district, polygon in (row["outlines"] or {}).items()},
        chosen=row["chosen"],
        opted_out=row["opted_out"],
        enrolled=row["enrolled"],
        taken=row["taken"],
    )
