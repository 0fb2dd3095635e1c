"""Corrections of the directory earn points once they are accepted there, and lose them if they are reverted.

The directory tells no one who suggested a correction. Its author was given a number with it, and hands that
in here; the directory's news carry the same number. Either may come first, and come again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from chassis import limits
from chassis.database import Transaction
from chassis.problems import conflict
from contracts.directory.v1 import MerchantCorrectionAccepted
from services.campaigns.contributions.domain import Counting, Kind, Tie, brussels_day, counting
from services.campaigns.contributions.look_up import look_up
from services.campaigns.contributions.use_cases.post import open_setting
from services.campaigns.contributors import contributor_of
from services.campaigns.corrections.tables import correction_receipt
from services.campaigns.points.ledger import Account, bring, rewarded_by
from services.campaigns.points.tables import deed
from services.campaigns.policy.domain import Action

A_DAY = limits.Limit("corrections handed in", 40, timedelta(days=1))
_R = correction_receipt.c


async def hand_in(
    tx: Transaction, receipt_id: UUID, *, person_id: UUID, merchant_id: UUID, tie: Tie, now: datetime
) -> Counting:
    """Say that the correction of that number is the person's; tells for which campaign it counts, if any.

    What counts for none is not kept. Handed in twice, it is once. Raises the problems of `open_setting`,
    409 where somebody else or another shop was named, 429 where it is too often.
    """
    await limits.take(tx, [(A_DAY, str(person_id))], now)
    surroundings = await look_up(tx, person_id, merchant_id, Kind.REVIEW, now)
    setting = open_setting(surroundings)
    assert surroundings is not None
    paying = [
        each
        for each in surroundings.candidates
        if Action.CORRECTION in await rewarded_by(tx, each.campaign_id)
    ]
    bound = tie if tie is not Tie.NONE else surroundings.tie
    counts = counting(setting, paying, bound, now)
    if counts.campaign_id is None:
        return counts
    contributor_id = surroundings.contributor_id or await contributor_of(tx, person_id)
    new = insert(correction_receipt).values(
        receipt_id=receipt_id,
        city_id=surroundings.merchant.city_id,
        merchant_id=merchant_id,
        contributor_id=contributor_id,
        campaign_id=counts.campaign_id,
        handed_in_at=now,
        version=0,
    )
    kept = {
        name: func.coalesce(_R[name], new.excluded[name])
        for name in ("contributor_id", "campaign_id", "handed_in_at")
    }
    held = new.on_conflict_do_update(index_elements=["receipt_id"], set_=kept).returning(correction_receipt)
    row = (await tx.execute(held)).mappings().one()
    if (row["contributor_id"], row["merchant_id"]) != (contributor_id, merchant_id):
        raise conflict("handed-in-before", "This is a correction of somebody else, or of another shop.")
    await _settle(tx, [row], now)
    return Counting(campaign_id=row["campaign_id"])


async def learn(tx: Transaction, facts: Sequence[MerchantCorrectionAccepted], now: datetime) -> None:
    """Keep what the directory tells, the newest of each, and book what it means for its author."""
    newest = {}
    for fact in sorted(facts, key=lambda each: (each.receipt_id, each.version)):
        newest[fact.receipt_id] = fact
    if not newest:
        return
    rows = [
        {
            "receipt_id": fact.receipt_id,
            "city_id": fact.city_id,
            "merchant_id": fact.merchant_id,
            "correction_id": fact.correction_id,
            "version": fact.version,
            "stands": fact.stands,
        }
        for fact in newest.values()
    ]
    new = insert(correction_receipt).values(rows)
    told = {name: new.excluded[name] for name in ("correction_id", "version", "stands")}
    newer = new.on_conflict_do_update(
        index_elements=["receipt_id"],
        set_=told,
        where=(_R.version < new.excluded.version) & (_R.merchant_id == new.excluded.merchant_id),
    )
    changed = (await tx.execute(newer.returning(correction_receipt))).mappings().all()
    await _settle(tx, changed, now)


async def _settle(tx: Transaction, receipts: Sequence[RowMapping], now: datetime) -> None:
    """Book those that were both handed in and told of."""
    both = [row for row in receipts if row["contributor_id"] is not None and row["version"] > 0]
    for row in sorted(both, key=_account):
        done = insert(deed).values(
            **vars(_account(row)),
            id=row["correction_id"],
            merchant_id=row["merchant_id"],
            action=Action.CORRECTION.value,
            at=row["handed_in_at"],
            stands=row["stands"],
        )
        await tx.execute(done.on_conflict_do_update(index_elements=["id"], set_={"stands": row["stands"]}))
        await bring(tx, _account(row), Action.CORRECTION, brussels_day(row["handed_in_at"]), now)


def _account(row: RowMapping) -> Account:
    return Account(row["campaign_id"], row["contributor_id"], row["city_id"])


def of_contributor(whose: Select[tuple[UUID]]) -> Select[Any]:
    """What they handed in, as a query."""
    shown = _R.city_id, _R.merchant_id, _R.campaign_id, _R.handed_in_at, _R.stands
    return select(*shown).where(_R.contributor_id.in_(whose)).order_by(_R.receipt_id)
