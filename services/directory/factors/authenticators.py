"""An authenticator (TOTP, RFC 6238): set up, confirmed by its first code, asked for a code, removed."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pyotp
import structlog
from sqlalchemy import RowMapping

from chassis import limits
from chassis.database import Database, Transaction
from chassis.identity import Principal
from chassis.ids import new_id
from chassis.limits import Limit
from chassis.problems import Problem, conflict
from chassis.sealing import Seal, Unsealable
from services.directory.audit.domain import Action
from services.directory.factors import gate, recovery, storage
from services.directory.factors.domain import OTP, SET_UP_WITHIN, Factor, steps_around
from services.directory.factors.refusals import worthless
from services.directory.factors.telling import tell
from services.directory.people import storage as people
from services.directory.sessions import use_cases as sessions

ISSUER = "CoCoCity"
"""How authenticators call us."""
TRIES = Limit("codes of an authenticator, by person", 20, timedelta(days=1))
"""Of a million codes three are good at a time: with twenty tries a day, one in 16,000 days hits."""

log = structlog.get_logger(__name__)


class SetUp(NamedTuple):
    """What the person's authenticator is given, once."""

    secret: str
    url: str
    confirm_before: datetime


async def set_up(tx: Transaction, principal: Principal, seal: Seal, at: datetime) -> SetUp:
    """A new secret, which counts once a code of it was given; one that counts does so until then."""
    await gate.may_change(tx, principal, at)
    person_id, secret = principal.person_id, pyotp.random_base32()
    values = {"id": new_id(), "person_id": person_id, "sealed_secret": seal.seal(secret, person_id)}
    await storage.set_up(tx, values | {"set_up_at": at})
    person = await people.person_by_id(tx, person_id)
    assert person is not None  # it is locked
    url = pyotp.TOTP(secret).provisioning_uri(name=person["email"], issuer_name=ISSUER)
    return SetUp(secret, url, at + SET_UP_WITHIN)


async def confirm(
    database: Database, principal: Principal, code: str, seal: Seal, at: datetime
) -> tuple[sessions.Open, Sequence[str] | None]:
    """The authenticator counts, in place of a former one; the session is strong.

    With the first factor come recovery codes. Raises 410 for a wrong code, or where nothing is being set up.
    """
    person_id = principal.person_id
    await limits.count(database, TRIES, str(person_id), at)
    async with database.transaction() as tx:
        session = await gate.may_change(tx, principal, at)
        row = await storage.pending(tx, person_id, at)
        step = None if row is None else _step_of(_opened(row, seal), code, at)
        if row is None or step is None:
            raise worthless()
        if await storage.confirm(tx, row, step, at):
            await sessions.weaken(tx, person_id, [OTP], at, but=session["id"])
        codes = await recovery.make_first(tx, person_id, at)
        await tell(tx, Action.FACTOR_ADDED, person_id, by=person_id, at=at, factor=Factor.AUTHENTICATOR)
        return await sessions.strengthen(tx, session, [OTP], at), codes


async def give(
    database: Database, principal: Principal, code: str, seal: Seal, at: datetime
) -> sessions.Open:
    """The session is strong by a code that was not given before. Raises 410 for any other."""
    person_id = principal.person_id
    await limits.count(database, TRIES, str(person_id), at)
    async with database.transaction() as tx:
        session = await gate.own_session(tx, principal, at)
        row = await storage.confirmed(tx, person_id)
        if row is None:
            raise _none()
        secret = _opened(row, seal)
        step = _step_of(secret, code, at)
        # Sealed again with today's key, so that a former one is needed no more some day.
        if step is None or not await storage.take_step(tx, row["id"], step, seal.seal(secret, person_id)):
            raise worthless()
        return await sessions.strengthen(tx, session, [OTP], at)


async def remove(tx: Transaction, principal: Principal, at: datetime) -> None:
    """The person has no authenticator any more. Raises 409 without one, and for a last factor of staff."""
    person_id = principal.person_id
    await gate.may_change(tx, principal, at)
    if not await storage.remove(tx, person_id):
        raise _none()
    await gate.after_removal(tx, person_id, [OTP], at)
    await tell(tx, Action.FACTOR_REMOVED, person_id, by=person_id, at=at, factor=Factor.AUTHENTICATOR)


def _none() -> Problem:
    return conflict("no-authenticator", "No authenticator is set up.")


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The newest time step around now that has this code."""
    typed, totp = "".join(code.split()), pyotp.TOTP(secret)
    hits = [step for step in steps_around(at) if hmac.compare_digest(totp.generate_otp(step), typed)]
    return max(hits, default=None)


def _opened(row: RowMapping, seal: Seal) -> str:
    try:
        return seal.open(row["sealed_secret"], row["person_id"])
    except Unsealable:
        log.exception("an authenticator's secret cannot be read", person_id=str(row["person_id"]))
        detail = "Your authenticator cannot be read any more. Use another factor, then set it up again."
        raise conflict("authenticator-unreadable", detail) from None
