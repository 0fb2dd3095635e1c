"""Whose account is connected to which shop, and that an erasure takes it back."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, deleted, own_merchants, rows
from services.campaigns.connections.tables import connection, connection_request
from services.campaigns.connections.use_cases import leave


async def _show(db: AsyncConnection, principal: Principal) -> Rows:
    row = connection.c
    columns = row.merchant_id, row.connector, row.state, row.title, row.link, row.connected_at, row.looked_at
    of = (row.person_id == principal.person_id) | row.merchant_id.in_(own_merchants(principal))
    return await rows(db, select(*columns).where(of).order_by(row.id))


async def _take_back(tx: Transaction, asked: Erasure) -> None:
    """What opens the person's account is given back to the platform, and deleted."""
    shops = [*asked.closed_merchants, *asked.left_merchants]
    theirs = (connection.c.person_id == asked.person_id) | connection.c.merchant_id.in_(shops)
    await leave(tx, theirs, asked.at)
    await tx.execute(update(connection).where(theirs).values(person_id=None))


HOLDINGS = (
    Holding("accounts elsewhere that are connected", (connection.c.person_id,), _show, _take_back),
    deleted(
        "requests to connect an account",
        connection_request.c.person_id,
        connection_request.c.merchant_id,
        connection_request.c.asked_at,
    ),
)
