"""Pages that mention somebody's shop."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, own_merchants, rows
from services.campaigns.webmentions.tables import webmention


async def _show(connection: AsyncConnection, principal: Principal) -> Rows:
    row = webmention.c
    columns = row.merchant_id, row.source, row.target, row.state, row.received_at
    return await rows(
        connection,
        select(*columns).where(row.merchant_id.in_(own_merchants(principal))).order_by(row.id),
    )


async def _delete(tx: Transaction, asked: Erasure) -> None:
    await tx.execute(delete(webmention).where(webmention.c.merchant_id.in_(asked.closed_merchants)))


HOLDINGS = (Holding("pages elsewhere that mention own shops", (), _show, _delete),)
