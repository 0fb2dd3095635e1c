"""What notifications knows about a person, how they see it, and what an erasure leaves of it.

What a person is told themselves goes with them. Everything else is about a shop: personal data where that is
a sole trader's, and it goes with a shop that is closed with its owner. A shop that goes on keeps its audience
and its feed, and loses what its owner agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, cut, deleted, nothing, own_merchants, rows
from services.notifications.advice.tables import advice
from services.notifications.audience import slots
from services.notifications.delivery.preferences import end_agreements
from services.notifications.delivery.tables import decision, delivery, preference, replay_log
from services.notifications.devices.tables import delivery_device, device
from services.notifications.elsewhere.tables import seen_elsewhere
from services.notifications.feed.tables import feed, notification
from services.notifications.merchants.erased import remember
from services.notifications.metadata import metadata
from services.notifications.milestones.tables import milestone, milestone_contribution, milestone_count
from services.notifications.people.answered import answer
from services.notifications.recipients import Recipient, to_merchant, to_person

_HIDDEN = {"traceparent", "unsubscribe_token", "endpoint", "p256dh", "auth"}
"""Of no meaning to the person, or a key to somebody's subscription or browser."""
_SHOWN_OF_A_DEVICE = [each for each in device.c if each.name not in _HIDDEN]


def _of_shops(name: str, *tables: Table) -> Holding:
    """Rows about shops: the first table's are shown to their owner, all are deleted with a closed shop."""
    first, *_ = tables

    async def show(connection: AsyncConnection, principal: Principal) -> Rows:
        shown = [column for column in first.c if column.name not in _HIDDEN]
        own = select(*shown).where(first.c.merchant_id.in_(own_merchants(principal)))
        return await rows(connection, own.order_by(*first.primary_key))

    async def erase(tx: Transaction, asked: Erasure) -> None:
        for table in tables:
            await tx.execute(delete(table).where(table.c.merchant_id.in_(asked.closed_merchants)))

    return Holding(name, (), show, erase)


def _of_recipients(name: str, *tables: Table) -> Holding:
    """Rows about who is told: shown to the person and to the owner of a shop, deleted with either."""
    first, *_ = tables

    async def show(connection: AsyncConnection, principal: Principal) -> Rows:
        shown = [column for column in first.c if column.name not in _HIDDEN]
        own = [to_person(principal.person_id), *map(to_merchant, own_merchants(principal))]
        found = select(*shown).where(_are_about(first, own))
        return await rows(connection, found.order_by(*first.primary_key))

    async def erase(tx: Transaction, asked: Erasure) -> None:
        gone = [to_person(asked.person_id), *map(to_merchant, asked.closed_merchants)]
        for table in tables:
            await tx.execute(delete(table).where(_are_about(table, gone)))

    return Holding(name, tuple(table.c.recipient_id for table in tables), show, erase)


def _are_about(table: Table, recipients: Sequence[Recipient]) -> ColumnElement[bool]:
    whose = tuple_(table.c.recipient_kind, table.c.recipient_id)
    return whose.in_([(each.kind.value, each.id) for each in recipients])


async def _stay_forgotten(tx: Transaction, asked: Erasure) -> None:
    if asked.closed_merchants:
        await remember(tx, asked.closed_merchants)


async def _end_agreements(tx: Transaction, asked: Erasure) -> None:
    await end_agreements(tx, dict.fromkeys(asked.left_merchants, utc_now()))


HOLDINGS = (
    Holding("shops closed with the person", (), nothing, _stay_forgotten),
    Holding("agreements for shops that go on", (), nothing, _end_agreements),
    _of_recipients("preferences", preference),
    deleted("browsers to be told in", device.c.person_id, *_SHOWN_OF_A_DEVICE),
    _of_recipients("browsers of a shop that closes", device),
    _of_recipients("messages in browsers", delivery_device),
    _of_recipients("mails", delivery),
    _of_recipients("what was decided about mails", decision),
    _of_recipients("feed", notification, feed),
    cut("messages sent again", replay_log.c.by_person, replay_log.c.at, replay_log.c.deliveries),
    _of_shops("first step", advice),
    _of_shops("answered reviews", answer),
    _of_shops("seen elsewhere", seen_elsewhere),
    _of_shops("milestones", milestone, milestone_count, milestone_contribution),
    *(
        _of_shops(
            f"audience ({slot})",
            *(metadata.tables[name] for name in (slot.days, slot.contributions, slot.visits)),
        )
        for slot in slots.Slot
    ),
)
"""What is to stay forgotten comes first: it holds back whoever is counting."""
