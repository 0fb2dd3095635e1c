"""Ten codes for whoever lost what they prove with; each is good once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from chassis import limits
from chassis.database import Database, Transaction
from chassis.identity import Principal
from chassis.limits import Limit
from chassis.problems import conflict
from services.directory.audit.domain import Action
from services.directory.factors import gate, storage
from services.directory.factors.domain import OTP, RECOVERY_CODES, RECOVERY_LENGTH, as_shown
from services.directory.factors.refusals import worthless
from services.directory.factors.telling import tell
from services.directory.sessions import use_cases as sessions
from services.directory.sign_in.domain import ALPHABET, as_typed

TRIES = Limit("recovery codes, by person", 20, timedelta(days=1))


async def make(tx: Transaction, person_id: UUID, at: datetime) -> list[str]:
    """Ten new ones; those of before are worth nothing any more. They can be read here, and never again."""
    codes = {"".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)}
    await storage.remake_recovery_codes(tx, person_id, [_hash(code) for code in codes], at)
    return [as_shown(code) for code in codes]


async def make_first(tx: Transaction, person_id: UUID, at: datetime) -> list[str] | None:
    """With the first factor; None for whoever has some left."""
    left = await storage.recovery_codes_left(tx, person_id)
    return None if left else await make(tx, person_id, at)


async def remake(tx: Transaction, principal: Principal, at: datetime) -> list[str]:
    """Ten new ones, for somebody who has a factor that they recover from. Raises 409 without one."""
    await gate.may_change(tx, principal, at)
    if not await gate.can_prove(tx, principal.person_id):
        raise conflict("no-factor", "Set up a second factor first: these codes replace one that is lost.")
    codes = await make(tx, principal.person_id, at)
    await tell(tx, Action.RECOVERY_CODES_MADE, principal.person_id, by=principal.person_id, at=at)
    return codes


async def give(database: Database, principal: Principal, code: str, at: datetime) -> sessions.Open:
    """The session is strong by a code that was not given before. Raises 410 for any other."""
    person_id = principal.person_id
    await limits.count(database, TRIES, str(person_id), at)
    async with database.transaction() as tx:
        session = await gate.own_session(tx, principal, at)
        if not await storage.use_recovery_code(tx, person_id, _hash(as_typed(code)), at):
            raise worthless()
        left = await storage.recovery_codes_left(tx, person_id)
        await tell(tx, Action.RECOVERY_CODE_USED, person_id, by=person_id, at=at, left=left)
        return await sessions.strengthen(tx, session, [OTP], at)


def _hash(code: str) -> bytes:
    return sha256(code.encode("utf-8", "surrogatepass")).digest()
