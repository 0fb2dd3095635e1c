"""What a passkey signs: made here, answered once, by whom it was given to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from webauthn.helpers import base64url_to_bytes, parse_client_data_json

from chassis.database import Database, Transaction
from chassis.problems import Problem, invalid
from services.directory.factors.domain import CHALLENGE_FOR
from services.directory.factors.tables import passkey_challenge

_BYTES = 32


class Purpose(StrEnum):
    """What is done with the answer; one for one purpose serves no other."""

    ADD = "add"
    SECOND_FACTOR = "second factor"
    SIGN_IN = "sign in"


async def make(tx: Transaction, purpose: Purpose, session_id: UUID | None, at: datetime) -> bytes:
    """A challenge for that session; without one to sign in."""
    challenge = secrets.token_bytes(_BYTES)
    values: dict[str, Any] = {"challenge": challenge, "purpose": purpose.value, "session_id": session_id}
    await tx.execute(insert(passkey_challenge).values(values | {"expires_at": at + CHALLENGE_FOR}))
    return challenge


async def take(
    database: Database,
    purpose: Purpose,
    session_id: UUID | None,
    credential: Mapping[str, Any],
    at: datetime,
) -> bytes:
    """The challenge that the credential answers, once: whoever is first has it, whatever becomes of it then.

    Raises 410 where it is none of ours, for something else, answered, or over.
    """
    challenge = _answered(credential)
    known = passkey_challenge.c
    taking = delete(passkey_challenge).where(
        known.challenge == challenge,
        known.purpose == purpose.value,
        known.session_id.is_not_distinct_from(session_id),
        known.expires_at > at,
    )
    async with database.transaction() as tx:
        if (await tx.execute(taking)).rowcount == 0:
            detail = "This was answered before, took too long, or began elsewhere. Begin again."
            raise Problem(410, "challenge-over", "Begin again", detail, field="credential")
    return challenge


def _answered(credential: Mapping[str, Any]) -> bytes:
    try:
        said = base64url_to_bytes(credential["response"]["clientDataJSON"])
        return parse_client_data_json(said).challenge
    except Exception:  # the library raises what its decoders do
        raise invalid("credential", "is no answer of a passkey") from None
