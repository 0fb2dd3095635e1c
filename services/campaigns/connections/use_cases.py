"""Connecting an account, choosing the shop's place in it, and taking it back."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select, update

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.sealing import Seal
from services.campaigns.connections.domain import Grant, Location, State
from services.campaigns.connections.tables import connection, connection_request
from services.campaigns.links.targets import listed_shop

REQUEST_FOR = timedelta(minutes=10)
"""So long somebody may take to give their leave."""


async def depart(
    tx: Transaction, merchant_id: UUID, connector: str, *, person_id: UUID, seal: Seal, now: datetime
) -> tuple[str, str]:
    """State and code verifier of a request, which `arrive` takes once, from the same person.

    Raises the problems 404 and 409 for a shop that is not listed.
    """
    city_id = (await listed_shop(tx, merchant_id)).city_id
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    row = {
        "state_hash": sha256(state.encode()).digest(),
        "city_id": city_id,
        "merchant_id": merchant_id,
        "connector": connector,
        "person_id": person_id,
        "sealed_verifier": seal.seal(verifier, person_id),
        "asked_at": now,
    }
    await tx.execute(insert(connection_request).values(row))
    return state, verifier


async def take_request(
    tx: Transaction, state: str, merchant_id: UUID, connector: str, *, person_id: UUID, now: datetime
) -> dict[str, Any] | None:
    """The request that somebody comes back with: theirs, for this shop, not too old, and once."""
    asked = connection_request.c
    mine = (
        (asked.state_hash == sha256(state.encode()).digest())
        & (asked.merchant_id == merchant_id)
        & (asked.connector == connector)
        & (asked.person_id == person_id)
        & (asked.asked_at > now - REQUEST_FOR)
    )
    taking = delete(connection_request).where(mine).returning(connection_request)
    row = (await tx.execute(taking)).mappings().first()
    return dict(row) if row is not None else None


async def connect(
    tx: Transaction,
    request: dict[str, Any],
    grant: Grant,
    location: Location | None,
    *,
    seal: Seal,
    now: datetime,
) -> None:
    """Keep what the merchant gave leave for, in place of an earlier leave.

    With a place it is read from now on; without one, that is to be chosen. The earlier token is deleted and
    not given back: Google takes that for all leaves of the account, the new one too.
    """
    merchant_id, connector = request["merchant_id"], request["connector"]
    of = (connection.c.merchant_id == merchant_id) & (connection.c.connector == connector)
    # Two that come back at once: the second replaces the first.
    await tx.execute(select(func.pg_advisory_xact_lock(merchant_id.int & (2**63 - 1))))
    await tx.execute(delete(connection).where(of))
    row_id = new_id()
    row = {
        "id": row_id,
        **{name: request[name] for name in ("city_id", "merchant_id", "connector", "person_id")},
        "state": (State.CONNECTED if location else State.CHOOSING).value,
        "sealed_token": seal.seal(grant.refresh_token, row_id),
        **_place(location),
        "connected_at": now,
        "due_at": now if location else None,
        "failures": 0,
    }
    await tx.execute(insert(connection).values(row))


async def choose(tx: Transaction, row: dict[str, Any], location: Location, now: datetime) -> None:
    """The shop is this place of the account."""
    chosen = {"state": State.CONNECTED.value, **_place(location), "due_at": now}
    await tx.execute(update(connection).where(connection.c.id == row["id"]).values(chosen))


async def leave(tx: Transaction, which: Any, now: datetime) -> int:
    """Take connections back: what opens the account is given back within seconds, and all of it deleted.

    How many there were.
    """
    ended = connection.c.state == State.DISCONNECTED.value
    gone = await tx.execute(delete(connection).where(which, ended))
    leaving = {
        "state": State.LEAVING.value,
        **dict.fromkeys(("location", "title", "link", "trouble")),
        "due_at": now,
        "failures": 0,
    }
    open_ones = which & (connection.c.state != State.LEAVING.value)
    return gone.rowcount + (await tx.execute(update(connection).where(open_ones).values(leaving))).rowcount


async def is_used_beside(tx: Transaction, row: dict[str, Any]) -> bool:
    """Whether the person's leave is used for another shop: given back, it would end for that one as well."""
    others = (
        (connection.c.id != row["id"])
        & (connection.c.person_id == row["person_id"])
        & (connection.c.connector == row["connector"])
        & connection.c.state.in_([State.CONNECTED.value, State.CHOOSING.value])
    )
    return bool(await tx.scalar(select(exists().where(others))))


async def found(tx: Transaction, merchant_id: UUID, connector: str) -> dict[str, Any] | None:
    """The shop's connection; none that is being taken back."""
    query = select(connection).where(
        connection.c.merchant_id == merchant_id,
        connection.c.connector == connector,
        connection.c.state != State.LEAVING.value,
    )
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row is not None else None


def _place(location: Location | None) -> dict[str, str | None]:
    if location is None:
        return {"location": None, "title": None, "link": None}
    said = asdict(location)
    return {"location": said["name"], "title": said["title"], "link": said["link"] or None}
