"""Short links from and to their table."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.links.domain import ALPHABET, LENGTH, Kind, Link, Target
from services.campaigns.links.tables import share_link


def new_code() -> str:
    """Of chance alone: nobody finds other links by counting on from their own."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


async def link_to(
    tx: Transaction, kind: Kind, target: Target, contributor_id: UUID | None, now: datetime
) -> tuple[Link, bool]:
    """The one link of that kind to the target, made where there is none; tells whether it is new.

    However many ask at once, there is one: who comes second waits for the first one's commit.
    """
    while True:
        if known := await _find(tx, kind, target, contributor_id):
            return known, False
        new = Link(new_id(), new_code(), kind, target, contributor_id, now)
        if await _add(tx, new):
            return new, True
        # Somebody else has just made it, or the code is taken: both are settled by looking again.


async def by_code(tx: Transaction, code: str, *, to_change: bool = False) -> Link | None:
    """The link of that code, a withdrawn one too; locked until the end where it is to be changed."""
    query = select(share_link).where(share_link.c.code == code)
    row = (await tx.execute(query.with_for_update() if to_change else query)).mappings().first()
    return of_row(row) if row else None


async def withdraw(tx: Transaction, link: Link, now: datetime) -> None:
    """From now on it leads nowhere. Its code is never given again."""
    changed = update(share_link).where(share_link.c.code == link.code).values(withdrawn_at=now)
    await tx.execute(changed)


def of_row(row: Mapping[Any, Any]) -> Link:
    """The link in a row of its table."""
    target = Target(row["city_id"], row["merchant_id"], row["campaign_id"])
    return Link(
        id=row["id"],
        code=row["code"],
        kind=Kind(row["kind"]),
        target=target,
        contributor_id=row["contributor_id"],
        made_at=row["made_at"],
        withdrawn_at=row["withdrawn_at"],
    )


async def _find(tx: Transaction, kind: Kind, target: Target, contributor_id: UUID | None) -> Link | None:
    found = select(share_link).where(
        share_link.c.kind == kind.value,
        share_link.c.merchant_id.is_not_distinct_from(target.merchant_id),
        share_link.c.campaign_id.is_not_distinct_from(target.campaign_id),
        share_link.c.contributor_id.is_not_distinct_from(contributor_id),
        share_link.c.withdrawn_at.is_(None),
    )
    row = (await tx.execute(found)).mappings().first()
    return of_row(row) if row else None


async def _add(tx: Transaction, new: Link) -> bool:
    added = insert(share_link).values(
        code=new.code,
        id=new.id,
        city_id=new.target.city_id,
        kind=new.kind.value,
        merchant_id=new.target.merchant_id,
        campaign_id=new.target.campaign_id,
        contributor_id=new.contributor_id,
        made_at=new.made_at,
    )
    return (await tx.execute(added.on_conflict_do_nothing())).rowcount > 0
