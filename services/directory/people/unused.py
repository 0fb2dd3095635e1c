"""Accounts that nobody uses: warned once, and erased as if their person had asked for it.

An account is used by signing in, by a session that goes on, and by a key of a city's system that its person
made. Sessions and keys say when; what forgotten sessions said is kept with the person (`last_used_at`).
Whoever has a role, or is named by a city, is warned too and stays: others rely on them, and withdraw it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.directory import mails
from services.directory.cities.tables import city
from services.directory.erasures import use_cases as erasures
from services.directory.erasures.tables import erasure
from services.directory.keys.tables import api_key
from services.directory.people.tables import person, role_grant
from services.directory.people.unused_words import UNUSED
from services.directory.roles.rights import GIVEN
from services.directory.sessions.tables import session

UNUSED_FOR = timedelta(days=3 * 365)
WARNED_BEFORE = timedelta(days=30)
MAIL_GOOD_FOR = timedelta(days=14)
"""A relay may be away for days; later than that, too little of the time to answer is left."""
MOST_WARNED = 500
"""In a round (an hour): the sender's name with mailbox providers suffers from floods."""

_LAST_USED = func.greatest(
    person.c.created_at,
    person.c.last_used_at,
    select(func.max(session.c.used_at)).where(session.c.person_id == person.c.id).scalar_subquery(),
    select(func.max(api_key.c.last_used_at)).where(api_key.c.made_by == person.c.id).scalar_subquery(),
)
_IS_RELIED_ON = or_(
    exists().where(
        role_grant.c.person_id == person.c.id, role_grant.c.role.in_([each.value for each in GIVEN])
    ),
    exists().where(or_(city.c.responsible_person_id == person.c.id, city.c.deputy_person_id == person.c.id)),
)
_IS_WARNED = and_(person.c.warned_at.is_not(None), person.c.warned_at >= _LAST_USED)


async def warn_and_erase(tx: Transaction, now: datetime, most: int) -> int:
    """One round; how many are erased from now on, of those who were warned in time."""
    await _warn(tx, now, min(most, MOST_WARNED))
    warned_in_time = person.c.warned_at <= now - WARNED_BEFORE
    forgotten = await _locked(
        tx, most, _is_unused(now - UNUSED_FOR), _IS_WARNED, warned_in_time, ~_IS_RELIED_ON
    )
    for each in forgotten:
        await erasures.forget_unused(tx, each.id, now)
    return len(forgotten)


async def count_kept(connection: AsyncConnection, now: datetime) -> int:
    """How many accounts are used by nobody, and stay because others rely on who has them."""
    kept = select(func.count()).select_from(person).where(_is_unused(now - UNUSED_FOR), _IS_RELIED_ON)
    return int(await connection.scalar(kept) or 0)


async def _warn(tx: Transaction, now: datetime, most: int) -> None:
    """Write to those whose time is over in 30 days; again only where they used it, and left it once more."""
    found = await _locked(tx, most, _is_unused(now - UNUSED_FOR + WARNED_BEFORE), not_(_IS_WARNED))
    day = (now + WARNED_BEFORE).date().isoformat()
    for each in found:
        data = {"day": day, "stays": each.is_relied_on}
        await mails.queue(
            tx,
            to=each.email,
            language=each.language,
            kind=UNUSED,
            data=data,
            now=now,
            good_for=MAIL_GOOD_FOR,
        )
    ids = [each.id for each in found]
    await tx.execute(update(person).where(person.c.id.in_(ids)).values(warned_at=now))


def _is_unused(since: datetime) -> ColumnElement[bool]:
    """Whoever is of the demonstration has no session that would tell; who is being erased is let go."""
    is_leaving = exists().where(erasure.c.person_id == person.c.id, erasure.c.confirmed_at.is_not(None))
    return and_(person.c.demo_name.is_(None), since >= _LAST_USED, ~is_leaving)


async def _locked(tx: Transaction, most: int, *wanted: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Persons of whom all that is so, locked against sign-ins and new roles, which hold their rows shared.

    Asked once more behind the lock: a session or a role that came in between is seen then. Whoever is signing
    in, or is in the hands of another worker, is left for the next round.
    """
    locking = select(person.c.id).where(*wanted).order_by(person.c.id).limit(most)
    ids = (await tx.execute(locking.with_for_update(of=person, skip_locked=True))).scalars().all()
    columns = (person.c.id, person.c.email, person.c.language, _IS_RELIED_ON.label("is_relied_on"))
    return (await tx.execute(select(*columns).where(person.c.id.in_(ids), *wanted))).all()
