"""Keeps when and where campaigns run, in any order. The reaction fills it, and it is never rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.received import Received
from contracts.campaigns.v1 import CampaignEnded, CampaignExtended, CampaignStarted
from contracts.envelope import Fact

TYPES: tuple[type[Fact], ...] = (CampaignStarted, CampaignExtended, CampaignEnded)


async def keep_periods(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
    """Keep what these events tell of campaigns, in the order of their ids; other events are passed over."""
    rows: dict[UUID, dict[str, Any]] = {}
    for event in events:
        fact = event.fact
        if not isinstance(fact, CampaignStarted | CampaignExtended | CampaignEnded):
            continue
        row = rows.setdefault(
            fact.campaign_id, {"campaign_id": fact.campaign_id, "city_id": fact.city_id, "version": 0}
        )
        if isinstance(fact, CampaignEnded):
            row["ended_at"] = fact.ended_at
            continue
        if isinstance(fact, CampaignStarted):
            row |= {
                "city_ids": [fact.city_id, *fact.city_ids],
                "district_ids": fact.district_ids,
                "kinds": fact.kinds,
                "merchant_ids": fact.merchant_ids,
                "starts_at": fact.starts_at,
            }
        if fact.version > row["version"]:
            row |= {"version": fact.version, "ends_at": fact.ends_at}
    if rows:
        ordered = [rows[each] for each in sorted(rows)]
        await tx.execute(_KEEP, {"rows": msgspec.json.encode(ordered).decode()})


class Around(msgspec.Struct, frozen=True):
    """Whether campaigns were around a merchant in a span of time."""

    running: bool
    """One ran at the end of it."""
    over: bool
    """One ended within it."""


async def campaigns_around(
    connection: AsyncConnection, merchant: UUID, since: datetime, until: datetime
) -> Around:
    """Of the campaigns whose area the merchant lies in."""
    columns = {"merchant": merchant, "since": since, "until": until}
    return Around(*(await connection.execute(_AROUND, columns)).one())


AREA = """merchant.city_id = ANY(campaign.city_ids)
    AND (campaign.district_ids = '{}' OR merchant.district_ids && campaign.district_ids)
    AND (campaign.kinds = '{}' OR merchant.kind = ANY(campaign.kinds))
    AND (campaign.merchant_ids = '{}' OR merchant.merchant_id = ANY(campaign.merchant_ids))"""
"""SQL: whether a merchant lies where a campaign runs."""
OVER_AT = "coalesce(campaign.ended_at, campaign.ends_at)"
"""SQL: when it is over, or was to be."""

_KEEP = text("""
    INSERT INTO campaign AS known
        (campaign_id, city_id, version, city_ids, district_ids, kinds, merchant_ids, starts_at, ends_at,
         ended_at)
    SELECT campaign_id, city_id, version, city_ids, district_ids, kinds, merchant_ids, starts_at, ends_at,
           ended_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS told (campaign_id uuid, city_id uuid, version integer, city_ids uuid[], district_ids uuid[],
                  kinds text[], merchant_ids uuid[], starts_at timestamptz, ends_at timestamptz,
                  ended_at timestamptz)
    ON CONFLICT (campaign_id) DO UPDATE SET
        city_ids = coalesce(known.city_ids, excluded.city_ids),
        district_ids = coalesce(known.district_ids, excluded.district_ids),
        kinds = coalesce(known.kinds, excluded.kinds),
        merchant_ids = coalesce(known.merchant_ids, excluded.merchant_ids),
        starts_at = coalesce(known.starts_at, excluded.starts_at),
        ends_at = CASE WHEN excluded.version > known.version THEN excluded.ends_at ELSE known.ends_at END,
        ended_at = coalesce(known.ended_at, excluded.ended_at),
        version = greatest(known.version, excluded.version)
""").bindparams(bindparam("rows", type_=Text))
_AROUND = text(f"""
    SELECT coalesce(bool_or(starts_at < :until AND {OVER_AT} >= :until), false),
           coalesce(bool_or({OVER_AT} > :since AND {OVER_AT} < :until), false)
    FROM merchant JOIN campaign ON {AREA}
    WHERE merchant.merchant_id = :merchant
""")  # noqa: S608  constants
