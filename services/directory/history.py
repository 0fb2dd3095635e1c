"""Every fact of this service from its own tables: in order, with its original id and time."""

from sqlalchemy import RowMapping, text

from chassis.history import Source
from contracts.directory.v1 import DistrictDrawn, DistrictRemoved
from contracts.envelope import Event, Fact
from services.directory.cities.facts import named
from services.directory.merchants.domain import Change, Version

# A city comes before its districts and these before merchants that happened in the same millisecond.
_EVERYTHING = text("""
    SELECT 1 AS rank, at, city_id AS aggregate_id, version, city_id,
           nis_code, valid_from, lag(nis_code) OVER (PARTITION BY city_id ORDER BY version) AS previous,
           NULL::jsonb AS polygon, false AS removed, NULL AS change, NULL AS kind,
           NULL::float8 AS longitude, NULL::float8 AS latitude, NULL::uuid[] AS district_ids
      FROM city_nis_code
    UNION ALL
    SELECT 2, drawn_at, id, drawn_version, city_id, NULL, NULL, NULL,
           polygon, false, NULL, NULL, NULL, NULL, NULL
      FROM district
    UNION ALL
    SELECT 2, drawn_at, district_id, version, city_id, NULL, NULL, NULL,
           polygon, false, NULL, NULL, NULL, NULL, NULL
      FROM former_outline
    UNION ALL
    SELECT 2, removed_at, id, version, city_id, NULL, NULL, NULL,
           NULL, true, NULL, NULL, NULL, NULL, NULL
      FROM district WHERE removed_at IS NOT NULL
    UNION ALL
    SELECT 3, at, merchant_id, version, city_id, NULL, NULL, NULL, NULL, false,
           change, kind, longitude, latitude, district_ids
      FROM merchant_version
    ORDER BY at, rank, aggregate_id, version
""")


def _event(row: RowMapping) -> Event[Fact]:
    if row["nis_code"] is not None:
        return Event.of(
            named(row["city_id"], row["version"], row["nis_code"], row["valid_from"], row["previous"]),
            row["at"],
        )
    if row["removed"]:
        removed = DistrictRemoved(
            city_id=row["city_id"], district_id=row["aggregate_id"], version=row["version"]
        )
        return Event.of(removed, row["at"])
    if row["polygon"] is not None:
        rings = tuple(tuple((point[0], point[1]) for point in ring) for ring in row["polygon"])
        drawn = DistrictDrawn(
            city_id=row["city_id"], district_id=row["aggregate_id"], version=row["version"], polygon=rings
        )
        return Event.of(drawn, row["at"])
    return Version(
        city_id=row["city_id"],
        merchant_id=row["aggregate_id"],
        version=row["version"],
        at=row["at"],
        change=Change(row["change"]),
        kind=row["kind"],
        longitude=row["longitude"],
        latitude=row["latitude"],
        district_ids=tuple(row["district_ids"]),
    ).event()


HISTORY = (Source(_EVERYTHING, _event),)
