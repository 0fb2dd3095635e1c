"""Anybody reports a contribution, with an account or without; all reports until the decision are one case.

The Digital Services Act asks reporters for name and mail (article 16): who is signed in has given both. Who
is not can report all the same, and gets a secret by which the decision is read and appealed against.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import RowMapping, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.limits import Limit
from chassis.problems import conflict, not_found
from contracts.envelope import Event
from services.campaigns.contributions.storage import locked
from services.campaigns.contributors import contributor_of, known_contributor
from services.campaigns.moderation import facts
from services.campaigns.moderation.cases import open_case
from services.campaigns.moderation.domain import REPORTED
from services.campaigns.moderation.tables import report

BY_NETWORK = Limit("reports", 100, timedelta(hours=1))
"""A school reports a few; whoever floods the queue is stopped, account or not."""


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What somebody says of a contribution."""

    contribution_id: UUID
    ground: str
    text: str
    person_id: UUID | None
    key: UUID
    """The request's idempotency key, of which the secret is made where there is no account."""


async def add(tx: Transaction, of: Reported, now: datetime) -> RowMapping:
    """Store a report, see to it that somebody decides, and tell the shop of the first in a case.

    Raises the problems 404 for what is not public, and 409 for a second report by the same person.
    """
    about = await locked(tx, of.contribution_id)
    if not about.is_public:
        raise not_found("contribution")
    case_id = await open_case(tx, about, [REPORTED], now)
    reporter = await contributor_of(tx, of.person_id) if of.person_id else None
    if reporter is not None and (before := await _of_reporter(tx, case_id, reporter)):
        raise conflict("already-reported", "You have reported this already.", report_id=str(before))
    if not await tx.scalar(select(exists().where(report.c.case_id == case_id))):
        await outbox.record(tx, Event.of(facts.reported(case_id, about), now))
    new = new_id()
    row = {
        "id": new,
        "case_id": case_id,
        "city_id": about.city_id,
        "contribution_id": about.id,
        "ground": of.ground,
        "text": of.text,
        "at": now,
        "contributor_id": reporter,
        "secret_hash": None if reporter else digest(secret_of(of.key, new)),
    }
    stored: RowMapping = (await tx.execute(insert(report).values(row).returning(report))).mappings().one()
    return stored


async def find(
    connection: AsyncConnection, report_id: UUID, person_id: UUID | None, secret: str
) -> RowMapping:
    """The report of this person or secret. Raises the problem 404, for another's too."""
    query = select(report).where(report.c.id == report_id)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        raise not_found("report")
    if row["secret_hash"] is not None:
        is_theirs = hmac.compare_digest(bytes(row["secret_hash"]), digest(secret))
    else:
        own = await known_contributor(connection, person_id) if person_id else None
        is_theirs = own is not None and own == row["contributor_id"]
    if not is_theirs:
        raise not_found("report")
    return row


def secret_of(key: UUID, report_id: UUID) -> str:
    """256 bits; made again for who repeats the request, and in no copy of the database."""
    made = hmac.digest(key.bytes, report_id.bytes, "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


async def _of_reporter(tx: Transaction, case_id: UUID, reporter: UUID) -> UUID | None:
    same = report.c.case_id == case_id, report.c.contributor_id == reporter
    found: UUID | None = await tx.scalar(select(report.c.id).where(*same))
    return found
