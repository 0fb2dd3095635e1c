"""What is counted of shops, from the events of all services. No person is in it.

Any order of delivery, and any repetition, gives the same rows; a lost table is filled again by reading the
streams from their start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, text

from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.assessment.v1 import AssessmentCompleted, TrainingAttendanceNoted, TrainingRequested
from contracts.directory.v1 import MerchantClaimed
from contracts.notifications.v1 import AudienceMilestoneReached, MerchantNotified, NotificationOpened
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.study.domain.outcomes import Fact

Read = (
    MerchantClaimed
    | AssessmentCompleted
    | TrainingAttendanceNoted
    | TrainingRequested
    | MerchantNotified
    | NotificationOpened
    | AudienceMilestoneReached
)


class Counted(NamedTuple):
    """That something happened to a shop, so many times on a day."""

    kind: Fact
    thing_id: UUID
    """Counted once for each day."""
    day: date
    city_id: UUID
    merchant_id: UUID
    counted: int = 1
    version: int = 1
    """Of what can be corrected, the newest holds."""


async def count(tx: Transaction, things: Iterable[Counted]) -> None:
    """Note what happened. Rows are locked in the order of their keys."""
    newest: dict[tuple[Fact, UUID, date], Counted] = {}
    for each in things:
        newest[each[:3]] = max(newest.get(each[:3], each), each, key=lambda one: one.version)
    if newest:
        rows = msgspec.json.encode([each._asdict() for each in newest.values()]).decode()
        await tx.execute(_COUNT, {"rows": rows})


async def forget(tx: Transaction, merchants: Collection[UUID]) -> None:
    """Forget these shops for good. Waits for whoever is counting now; later ones wait for this."""
    gone = {"merchants": sorted(merchants)}
    await tx.execute(_HOLD)
    for statement in (_REMEMBER, _FORGET_FACTS, _FORGET_MEMBERS):
        await tx.execute(statement, gone)


def consumers() -> list[Consumer]:
    """One for each stream. They may forget what they read: a row for each thing is remembered."""
    read: dict[str, Sequence[type[Read]]] = {
        "claims": (MerchantClaimed,),
        "maturity": (AssessmentCompleted, TrainingRequested, TrainingAttendanceNoted),
        "told": (MerchantNotified, NotificationOpened, AudienceMilestoneReached),
    }
    return [Consumer(f"campaigns__{name}", types, _learn, horizon=None) for name, types in read.items()]


async def _learn(tx: Transaction, events: Sequence[Received[Read]]) -> None:
    await count(tx, (_counted(event) for event in events))


def _counted(event: Received[Read]) -> Counted:
    match event.fact:
        case TrainingAttendanceNoted(seat_id=seat, attended=came, version=version) as noted:
            day = brussels_day(noted.began_at)
            return Counted(Fact.TRAINED, seat, day, noted.city_id, noted.merchant_id, int(came), version)
        case NotificationOpened():
            kind = Fact.OPENED
        case AssessmentCompleted():
            kind = Fact.ASSESSMENT
        case TrainingRequested():
            kind = Fact.TRAINING_REQUEST
        case MerchantClaimed():
            kind = Fact.CLAIM
        case _:
            kind = Fact.TOLD
    fact = event.fact
    return Counted(kind, event.id, brussels_day(event.time), fact.city_id, fact.merchant_id)


_ROWS = bindparam("rows", type_=Text)
_COUNT = text("""
    INSERT INTO outcome_fact AS known (kind, thing_id, day, city_id, merchant_id, counted, version)
    SELECT kind, thing_id, day,
           coalesce((SELECT city_id FROM known_merchant WHERE id = news.merchant_id), news.city_id),
           merchant_id, counted, version  -- the city of the shop: a training may be in another one
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS news
         (kind text, thing_id uuid, day date, city_id uuid, merchant_id uuid, counted int, version int)
    WHERE NOT EXISTS (SELECT FROM erased_merchant AS gone WHERE gone.merchant_id = news.merchant_id)
    ORDER BY kind, thing_id, day
    ON CONFLICT (kind, thing_id, day) DO UPDATE SET counted = excluded.counted, version = excluded.version
    WHERE excluded.version > known.version
""").bindparams(_ROWS)
# Whoever inserts waits here before it looks at who is to stay forgotten.
_HOLD = text("LOCK TABLE outcome_fact IN SHARE ROW EXCLUSIVE MODE")
_REMEMBER = text("""
    INSERT INTO erased_merchant SELECT unnest(CAST(:merchants AS uuid[])) ON CONFLICT DO NOTHING
""")
_FORGET_FACTS = text("DELETE FROM outcome_fact WHERE merchant_id = ANY(CAST(:merchants AS uuid[]))")
_FORGET_MEMBERS = text("DELETE FROM study_member WHERE merchant_id = ANY(CAST(:merchants AS uuid[]))")
