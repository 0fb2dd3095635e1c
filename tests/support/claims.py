"""Shops with the code of a letter, without a letter."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.clock import utc_now
from chassis.ids import new_id
from services.directory.claims import codes
from services.directory.claims.domain import VALID_FOR
from services.directory.claims.tables import invitation, invitation_run
from services.directory.merchants.tables import merchant
from tests.support.directory import DirectoryUnderTest

KEY = b"a key that codes are made of...."


async def invite(
    directory: DirectoryUnderTest, merchant_id: str, *, prepared_at: datetime | None = None
) -> str:
    """The code to claim with on a letter that this shop was given."""
    return codes.claim_code(KEY, await _letter(directory, UUID(merchant_id), prepared_at or utc_now()))


async def told_how_to_object(
    directory: DirectoryUnderTest, merchant_id: str, *, prepared_at: datetime | None = None
) -> str:
    """The code to object with on a letter that this shop was given."""
    return codes.objection_code(KEY, await _letter(directory, UUID(merchant_id), prepared_at or utc_now()))


async def _letter(directory: DirectoryUnderTest, shop: UUID, at: datetime) -> UUID:
    """It takes the place of an earlier one, as in a run."""
    run, paper = new_id(), new_id()
    async with directory.database.transaction() as tx:
        found = await tx.execute(select(merchant.c.city_id).where(merchant.c.id == shop))
        city_id = found.scalar_one()
        counted = {"state": "done", "total": 1, "done": 1}
        kind = {"language": "fr", "form": "letter"}
        await tx.execute(
            insert(invitation_run).values(id=run, city_id=city_id, asked_at=at, **counted, **kind)
        )
        earlier = (invitation.c.merchant_id == shop, invitation.c.revoked_at.is_(None))
        await tx.execute(update(invitation).where(*earlier).values(revoked_at=at))
        await tx.execute(
            insert(invitation).values(
                id=paper,
                run_id=run,
                city_id=city_id,
                merchant_id=shop,
                prepared_at=at,
                code_digest=codes.code_digest(shop, codes.claim_code(KEY, paper)),
                page_digest=codes.page_digest(codes.page_secret(KEY, paper)),
                objection_digest=codes.objection_digest(codes.objection_code(KEY, paper)),
                expires_at=at + VALID_FOR,
            )
        )
    return paper


def long_ago() -> datetime:
    """When a letter was printed whose code has expired."""
    return utc_now() - VALID_FOR - timedelta(hours=1)
