"""A city's officers register endpoints, rotate their secrets, and have messages sent again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, text, update

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict, not_found
from chassis.sealing import Seal
from services.campaigns.webhooks import domain
from services.campaigns.webhooks.catalogue import TEST, encoded
from services.campaigns.webhooks.domain import OVERLAP, Disabled
from services.campaigns.webhooks.queue import add, delivery
from services.campaigns.webhooks.tables import webhook_delivery, webhook_endpoint

MOST_ENDPOINTS = 20
"""Of one city."""
MOST_REPLAYED = 10_000
"""Messages at once: the rest is asked for by another span."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an endpoint is to be told, and where."""

    city_id: UUID
    url: str
    types: Sequence[str]
    description: str


def new_secret() -> str:
    """As it is shown, once."""
    return domain.written(secrets.token_bytes(domain.SECRET_BYTES))


async def register(
    tx: Transaction, wanted: Wanted, sealed: tuple[UUID, bytes], *, by: UUID, now: datetime
) -> RowMapping:
    """An endpoint of that id with that sealed secret. Raises 409 where the city has very many."""
    await tx.execute(_ONE_AT_A_TIME, {"city": str(wanted.city_id)})
    known = select(func.count()).where(webhook_endpoint.c.city_id == wanted.city_id)
    if ((await tx.scalar(known)) or 0) >= MOST_ENDPOINTS:
        raise conflict("too-many-endpoints", f"A city has {MOST_ENDPOINTS} endpoints at most. Remove one.")
    row = {
        "id": sealed[0],
        "city_id": wanted.city_id,
        "url": wanted.url,
        "description": wanted.description,
        "types": sorted(set(wanted.types)),
        "made_by": by,
        "made_at": now,
        "secret": sealed[1],
        "failures": 0,
    }
    made = webhook_endpoint.insert().values(row).returning(webhook_endpoint)
    added: RowMapping = (await tx.execute(made)).mappings().one()
    return added


async def find(tx: Transaction, endpoint_id: UUID, *, to_change: bool = False) -> RowMapping:
    """The endpoint; locked where it is to be changed. Raises 404."""
    query = select(webhook_endpoint).where(webhook_endpoint.c.id == endpoint_id)
    row = (await tx.execute(query.with_for_update() if to_change else query)).mappings().one_or_none()
    if row is None:
        raise not_found("webhook endpoint")
    return row


async def change(tx: Transaction, found: RowMapping, changes: Mapping[str, Any]) -> RowMapping:
    """Another address, other types, on or off. Switched on again, it begins as if it had never failed."""
    values = {name: value for name, value in changes.items() if name != "enabled"}
    if changes.get("enabled") is True or "url" in values:
        values |= {"failures": 0, "failing_since": None, "rests_until": None}
    if changes.get("enabled") is True:
        values["disabled"] = None
    elif changes.get("enabled") is False:
        values["disabled"] = found["disabled"] or Disabled.BY_OFFICER.value
    if not values:
        return found
    changed = update(webhook_endpoint).where(webhook_endpoint.c.id == found["id"]).values(values)
    changed_row: RowMapping = (await tx.execute(changed.returning(webhook_endpoint))).mappings().one()
    return changed_row


async def rotate(tx: Transaction, found: RowMapping, sealed: bytes, now: datetime) -> RowMapping:
    """Another secret; the former one signs as well for a day, so that nothing is refused meanwhile."""
    values = {"secret": sealed, "former_secret": found["secret"], "former_until": now + OVERLAP}
    changed = update(webhook_endpoint).where(webhook_endpoint.c.id == found["id"]).values(values)
    changed_row: RowMapping = (await tx.execute(changed.returning(webhook_endpoint))).mappings().one()
    return changed_row


async def test(tx: Transaction, found: RowMapping, now: datetime) -> UUID:
    """Queue a message that says nothing, for this endpoint alone; the delivery to look at."""
    _require_on(found)
    body = encoded(TEST, now, {"endpoint_id": found["id"], "city_id": found["city_id"]})
    said = {"id": new_id(), "city_id": found["city_id"], "type": TEST, "at": now, "body": body}
    queued = delivery(found["id"], found["city_id"], said["id"], now)
    await add(tx, [said], [queued])
    asked: UUID = queued["id"]
    return asked


async def send_again(tx: Transaction, found: RowMapping, delivery_id: UUID, now: datetime) -> int:
    """One message once more, whatever became of it. Raises 404, and 409 for an endpoint that is off."""
    _require_on(found)
    known = webhook_delivery.c
    again = (
        update(webhook_delivery)
        .where(known.id == delivery_id, known.endpoint_id == found["id"])
        .values(state="pending", attempts=0, next_attempt_at=now)
    )
    if (await tx.execute(again)).rowcount == 0:
        raise not_found("delivery")
    return 1


async def replay(tx: Transaction, found: RowMapping, since: datetime, until: datetime, now: datetime) -> int:
    """Everything of its types that happened from `since` to before `until` once more, under the same ids.

    What was never queued as well, because the endpoint was off or did not ask for it then. Returns how
    many; the oldest MOST_REPLAYED.
    """
    _require_on(found)
    span = {
        "endpoint": found["id"],
        "city": found["city_id"],
        "types": list(found["types"]),
        "since": since,
        "until": until,
        "most": MOST_REPLAYED,
        "now": now,
    }
    ids = list((await tx.execute(_IN_SPAN, span)).scalars())
    if ids:
        rows = [delivery(found["id"], found["city_id"], each, now) for each in ids]
        await tx.execute(_QUEUE_AGAIN, rows)
    return len(ids)


def seal(keys: Seal, secret: str) -> tuple[UUID, bytes]:
    """For an endpoint that is to be made: its id, and the secret sealed for it alone."""
    endpoint_id = new_id()
    return endpoint_id, keys.seal(secret, endpoint_id)


def _require_on(found: RowMapping) -> None:
    if found["disabled"] is not None:
        raise conflict("endpoint-disabled", "This endpoint is switched off. Switch it on first.")


# Officers who register at the same moment are counted one after the other.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('webhook ' || :city, 0))")
_IN_SPAN = text("""
    SELECT id FROM webhook_message
    WHERE city_id = :city AND at >= :since AND at < :until AND type = ANY(CAST(:types AS text[]))
    ORDER BY at, id LIMIT :most
""")
_QUEUE_AGAIN = text("""
    INSERT INTO webhook_delivery
        (id, city_id, endpoint_id, message_id, state, attempts, queued_at, next_attempt_at)
    VALUES (:id, :city_id, :endpoint_id, :message_id, :state, :attempts, :queued_at, :next_attempt_at)
    ON CONFLICT (endpoint_id, message_id) DO UPDATE SET
        state = excluded.state, attempts = 0, next_attempt_at = excluded.next_attempt_at
""")
