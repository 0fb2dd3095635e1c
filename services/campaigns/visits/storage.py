"""Adds what processes counted to what was counted before, and has the salt of a day for all of them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text

from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.visits import sketch
from services.campaigns.visits.domain import Subject
from services.campaigns.visits.sketch import Sketch


@dataclass
class Counted:
    """Visits of one thing on one day, not yet in the database."""

    subject: Subject
    day: date
    visits: int = 0
    visitors: Sketch = field(default_factory=sketch.empty)


async def salts(tx: Transaction, days: Collection[date]) -> dict[date, bytes]:
    """The salt of each of the days, the same for every process, made by whoever comes first."""
    for day in sorted(days):
        await tx.execute(_MAKE_SALT, {"day": day, "salt": secrets.token_bytes(32)})
    return {day: bytes(salt) for day, salt in await tx.execute(_SALTS, {"days": sorted(days)})}


async def add(tx: Transaction, batch: Sequence[Counted]) -> None:
    """Add visits, and the visitors that were not among those of the same day before.

    Rows are made and locked in the order of their keys, so that processes never wait for each other in a
    circle.
    """
    counted = {(each.subject.id, each.day): each for each in batch}
    ordered = [counted[key] for key in sorted(counted)]
    keys = {"subjects": [each.subject.id for each in ordered], "days": [each.day for each in ordered]}
    await tx.execute(_MAKE, keys | _columns(ordered))
    sketches, estimates = [], []
    for subject_id, day, stored in (await tx.execute(_LOCK, keys)).all():
        both, visitors = sketch.united(stored, counted[subject_id, day].visitors)
        sketches.append(both)
        estimates.append(visitors)
    more = [each.visits for each in ordered]
    await tx.execute(_ADD, keys | {"more": more, "sketches": sketches, "visitors": estimates})


def _columns(ordered: Sequence[Counted]) -> dict[str, list[object]]:
    subjects = [each.subject for each in ordered]
    return {
        "ids": [new_id() for _ in ordered],
        "kinds": [each.kind.value for each in subjects],
        "cities": [each.city_id for each in subjects],
        "merchants": [each.merchant_id for each in subjects],
        "campaigns": [each.campaign_id for each in subjects],
    }


_MAKE_SALT = text("INSERT INTO visit_salt (day, salt) VALUES (:day, :salt) ON CONFLICT DO NOTHING")
_SALTS = text("SELECT day, salt FROM visit_salt WHERE day = ANY(CAST(:days AS date[]))")
_MAKE = text("""
    INSERT INTO visit_day (subject_id, day, id, kind, city_id, merchant_id, campaign_id,
                           visits, visitors, told_visits, told_visitors, told_version)
    SELECT *, 0, 0, 0, 0, 0
    FROM unnest(CAST(:subjects AS uuid[]), CAST(:days AS date[]), CAST(:ids AS uuid[]),
                CAST(:kinds AS text[]), CAST(:cities AS uuid[]), CAST(:merchants AS uuid[]),
                CAST(:campaigns AS uuid[]))
    ON CONFLICT DO NOTHING
""")
_LOCK = text("""
    SELECT subject_id, day, sketch FROM visit_day
    WHERE (subject_id, day) IN (
        SELECT * FROM unnest(CAST(:subjects AS uuid[]), CAST(:days AS date[])))
    ORDER BY subject_id, day FOR UPDATE
""")
# An estimate may be above the visits, and below what it was once its sketch is gone: neither is shown.
_ADD = text("""
    UPDATE visit_day AS known SET
        visits = known.visits + seen.more,
        visitors = least(greatest(known.visitors, seen.visitors), known.visits + seen.more),
        sketch = seen.sketch
    FROM unnest(CAST(:subjects AS uuid[]), CAST(:days AS date[]), CAST(:more AS bigint[]),
                CAST(:visitors AS bigint[]), CAST(:sketches AS bytea[]))
         AS seen (subject_id, day, more, visitors, sketch)
    WHERE known.subject_id = seen.subject_id AND known.day = seen.day
""")
