"""A form that somebody handed in without an account becomes that of their shop, by the secret they got.

The secret is made of the idempotency key, which the telephone chose and of which a hash alone is stored, and
of the form's id, which the server chose: a repeated request is given it again, and it stands in no copy of
the database. What is stored is its digest.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, insert, update

from chassis.access import Access
from chassis.database import Transaction
from chassis.outbox import record
from chassis.problems import not_found
from services.assessment.assessments.submission import Assessment, found, merchant_of
from services.assessment.assessments.tables import assessments, form_secrets

KEPT = timedelta(days=30)
"""Long enough to claim a shop by letter, and to come back to it. Then a form stays what it is: nobody's."""


def secret_of(key: UUID, assessment_id: UUID) -> str:
    """By the request's idempotency key. 256 bits: nobody guesses it."""
    made = hmac.digest(key.bytes, assessment_id.bytes, "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()


async def let_attach(tx: Transaction, form: Assessment, secret: str, now: datetime) -> None:
    """From now on, whoever has the secret can give the form to their shop."""
    row = {"assessment_id": form.id, "city_id": form.city_id, "digest": _digest(secret), "made_at": now}
    await tx.execute(insert(form_secrets), row)


@dataclass(frozen=True)
class AttachForm:
    assessment_id: UUID
    secret: str
    merchant_id: UUID


async def attach(tx: Transaction, command: AttachForm, by: Access, now: datetime) -> Assessment:
    """Give a form to a shop, once, and tell of it.

    It belongs to the shop's city from then on, and still counts in its session (decision 0026).
    Raises Problem: 404 without the right secret, or where it was used or is too old; otherwise as
    `submit_assessment` does.
    """
    merchant = await merchant_of(tx, command.merchant_id, by)
    secrets = form_secrets.c
    mine = secrets.assessment_id == command.assessment_id, secrets.digest == _digest(command.secret)
    # Two who come at once wait for each other here, and the second finds nothing.
    if not (await tx.execute(delete(form_secrets).where(*mine, secrets.made_at > now - KEPT))).rowcount:
        raise not_found("form with this secret")
    form = assessments.c.id == command.assessment_id
    whose = {"merchant_id": merchant.merchant_id, "city_id": merchant.city_id}
    await tx.execute(update(assessments).where(form).values(completed_by=by.person_id, **whose))
    attached = await found(tx, command.assessment_id)
    await record(tx, attached.event())
    return attached


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
