"""Merges the directory's news into the tables. The newer version of each part wins, whatever comes first.

The tables are always locked in this order, and rows in the order of their ids, so that any number of
workers can apply batches side by side without deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, Self, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, text

from chassis.database import Transaction
from contracts.directory.v1 import (
    CityJoined,
    CommuneMerged,
    DistrictDrawn,
    DistrictRemoved,
    MerchantClosed,
    MerchantListed,
    MerchantUpdated,
)
from contracts.envelope import Fact
from services.campaigns.places.domain import City, District, Merchant, Setting

FACTS = (
    CityJoined,
    CommuneMerged,
    DistrictDrawn,
    DistrictRemoved,
    MerchantListed,
    MerchantUpdated,
    MerchantClosed,
)


class Place(Protocol):
    @property
    def id(self) -> UUID: ...
    def merged(self, news: Self) -> Self: ...


P = TypeVar("P", bound=Place)


def place_of(fact: Fact) -> City | District | Merchant:
    """What a fact says, as a place of which only that much is known."""
    match fact:
        case CityJoined() | CommuneMerged():
            return City(fact.city_id, fact.version, fact.nis_code)
        case DistrictDrawn():
            return District(fact.district_id, fact.city_id, fact.version, fact.polygon)
        case DistrictRemoved():
            return District(fact.district_id, fact.city_id, 0, (), removed=True)
        case MerchantListed() | MerchantUpdated():
            setting = Setting(fact.version, fact.kind, fact.longitude, fact.latitude, fact.district_ids)
            return Merchant(fact.merchant_id, fact.city_id, setting)
        case MerchantClosed():
            return Merchant(fact.merchant_id, fact.city_id, closed_version=fact.version)
    raise TypeError(f"{fact.TYPE} says nothing about a place")


def merged(places: Iterable[P]) -> list[P]:
    """One place per id with the newest of everything, in the order of their ids."""
    known: dict[UUID, P] = {}
    for place in places:
        known[place.id] = known[place.id].merged(place) if place.id in known else place
    return sorted(known.values(), key=lambda place: place.id)


async def learn(tx: Transaction, facts: Iterable[Fact]) -> None:
    """Merge what `facts` say into what is known."""
    places = [place_of(fact) for fact in facts]
    if cities := merged(place for place in places if isinstance(place, City)):
        await tx.execute(_LEARN_CITIES, {"rows": _json(cities)})
    if districts := merged(place for place in places if isinstance(place, District)):
        await tx.execute(_LEARN_DISTRICTS, {"rows": _json(districts)})
    if merchants := merged(place for place in places if isinstance(place, Merchant)):
        await tx.execute(_LEARN_MERCHANTS, {"rows": _json([_row(merchant) for merchant in merchants])})


def _json(rows: Iterable[object]) -> str:
    return msgspec.json.encode(list(rows)).decode()


def _row(merchant: Merchant) -> dict[str, object]:
    setting = merchant.setting
    return {
        "id": merchant.id,
        "city_id": merchant.city_id,
        "setting_version": setting and setting.version,
        "kind": setting and setting.kind,
        "longitude": setting and setting.longitude,
        "latitude": setting and setting.latitude,
        "district_ids": setting and setting.district_ids,
        "closed_version": merchant.closed_version,
    }


_ROWS = bindparam("rows", type_=Text)

_LEARN_CITIES = text("""
    INSERT INTO known_city AS known (id, version, nis_code)
    SELECT id, version, nis_code
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS news (id uuid, version bigint, nis_code text)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, nis_code = excluded.nis_code
    WHERE excluded.version > known.version
""").bindparams(_ROWS)

_LEARN_DISTRICTS = text("""
    INSERT INTO known_district AS known (id, city_id, version, polygon, removed)
    SELECT id, city_id, version, polygon, removed
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS news (id uuid, city_id uuid, version bigint, polygon jsonb, removed boolean)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
        version = greatest(excluded.version, known.version),
        polygon = CASE WHEN excluded.version > known.version THEN excluded.polygon ELSE known.polygon END,
        removed = excluded.removed OR known.removed
    WHERE excluded.version > known.version OR excluded.removed
""").bindparams(_ROWS)

# One statement for both parts of a merchant: two would lock its rows in two passes, and deadlock.
_LEARN_MERCHANTS = text("""
    INSERT INTO known_merchant AS known
        (id, city_id, setting_version, kind, longitude, latitude, district_ids, closed_version)
    SELECT id, city_id, setting_version, kind, longitude, latitude, district_ids, closed_version
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS news (id uuid, city_id uuid, setting_version bigint, kind text, longitude double precision,
                  latitude double precision, district_ids uuid[], closed_version bigint)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
        (setting_version, kind, longitude, latitude, district_ids) = (
            SELECT newer.* FROM (VALUES
                (excluded.setting_version, excluded.kind, excluded.longitude, excluded.latitude,
                 excluded.district_ids),
                (known.setting_version, known.kind, known.longitude, known.latitude, known.district_ids)
            ) AS newer (setting_version, kind, longitude, latitude, district_ids)
            ORDER BY newer.setting_version DESC NULLS LAST LIMIT 1
        ),
        closed_version = greatest(excluded.closed_version, known.closed_version)
""").bindparams(_ROWS)
