"""Letters or cards for many shops: a run is begun, prepared in small steps, printed, and sent or revoked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Role
from chassis.ids import new_id
from chassis.problems import conflict, invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Action, Detail
from services.directory.cities import storage as cities
from services.directory.cities.tables import district
from services.directory.claims.tables import invitation, invitation_run
from services.directory.merchants.shown import REGISTER
from services.directory.merchants.tables import IS_PUBLIC, merchant
from services.directory.people.tables import role_grant

MOST_LETTERS = 500
"""Of one run: what is laid out at once stays small, and the next run takes the shops that are left."""


LETTERS_A_PART = 100
"""Of a PDF: a letter takes some 64 ms to draw, and the gateway waits for an answer for 30 s."""


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """What was prepared can be printed all the same; the others are free for another run."""
    REVOKED = "revoked"


UNFINISHED = (State.WAITING.value, State.RUNNING.value)


@dataclass(frozen=True)
class Wanted:
    """Which shops of a city get which paper."""

    city_id: UUID
    district_id: UUID | None
    merchant_ids: Sequence[UUID]
    language: str
    form: str
    again: bool
    """Also those that were written to before."""
    register_cleared: bool
    """Also those that are known from the enterprise register alone: the city answers for it."""


def may_be_written_to() -> ColumnElement[bool]:
    """A shop that is listed and that nobody runs."""
    owned = exists().where(
        role_grant.c.merchant_id == merchant.c.id, role_grant.c.role == Role.merchant.value
    )
    return and_(IS_PUBLIC, ~owned)


def _was_written_to() -> ColumnElement[bool]:
    return exists().where(
        invitation.c.merchant_id == merchant.c.id,
        invitation.c.revoked_at.is_(None),
        invitation.c.left_out.is_(None),
    )


async def begin(tx: Transaction, wanted: Wanted, by: UUID, at: datetime) -> UUID:
    """The id of a new run. Raises 404 for the city, 422 for what is not in it, 409 for nobody to write to.

    The city is locked: of two runs over the same street, the second finds its shops written to.
    """
    if await cities.lock(tx, wanted.city_id) is None:
        raise not_found("city")
    rows = await tx.execute(await _chosen(tx, wanted))
    shops = list(rows.scalars())
    if not shops:
        detail = "Every shop there is claimed, was written to, objects, or is known from the register alone."
        raise conflict("nobody-to-write-to", detail)
    run_id = new_id()
    values = {"city_id": wanted.city_id, "district_id": wanted.district_id, "language": wanted.language}
    counts = {"state": State.WAITING.value, "total": len(shops), "done": 0}
    await tx.execute(
        insert(invitation_run).values(
            id=run_id, form=wanted.form, **values, **counts, asked_by=by, asked_at=at
        )
    )
    papers = [
        {"id": new_id(), "run_id": run_id, "city_id": wanted.city_id, "merchant_id": shop} for shop in shops
    ]
    await tx.execute(insert(invitation), papers)
    await audit.record(
        tx,
        Action.INVITATIONS_BEGUN,
        run_id,
        by=by,
        city_id=wanted.city_id,
        at=at,
        details={
            "district": wanted.district_id,
            "letters": len(shops),
            "register_cleared": wanted.register_cleared,
        },
    )
    return run_id


async def _chosen(tx: Transaction, wanted: Wanted) -> Select[tuple[UUID]]:
    place = (merchant.c.postcode, merchant.c.street, merchant.c.house_number, merchant.c.id)
    chosen = select(merchant.c.id).where(merchant.c.city_id == wanted.city_id, may_be_written_to())
    if wanted.district_id is not None:
        ours = (district.c.id == wanted.district_id, district.c.city_id == wanted.city_id)
        if (await tx.execute(cities.present_districts().where(*ours))).first() is None:
            raise invalid("district_id", "is no district of this city")
        chosen = chosen.where(merchant.c.district_ids.contains([wanted.district_id]))
    else:
        ids = set(wanted.merchant_ids)
        known = select(func.count()).where(merchant.c.city_id == wanted.city_id, merchant.c.id.in_(ids))
        if (await tx.execute(known)).scalar_one() != len(ids):
            raise invalid("merchant_ids", "holds a merchant that is not of this city")
        chosen = chosen.where(merchant.c.id.in_(ids))
    if not wanted.again:
        chosen = chosen.where(~_was_written_to())
    if not wanted.register_cleared:
        # Of natural persons it may not be used for marketing (royal decree of 28 March 2014).
        chosen = chosen.where(~merchant.c.source.startswith(REGISTER, autoescape=True))
    return chosen.order_by(*place).limit(MOST_LETTERS)


async def lock_run(tx: Transaction, city_id: UUID, run_id: UUID) -> Row[Any]:
    """The run, locked. Raises 404."""
    run = invitation_run.c
    wanted = select(invitation_run).where(run.id == run_id, run.city_id == city_id).with_for_update()
    row = (await tx.execute(wanted)).first()
    if row is None:
        raise not_found("run")
    return row


async def note_sent(tx: Transaction, city_id: UUID, run_id: UUID, by: UUID, at: datetime) -> None:
    """The letters are on their way: from now on nobody prints them again. Noted twice, the first stays."""
    run = await lock_run(tx, city_id, run_id)
    if run.state not in {State.DONE, State.FAILED}:
        raise conflict("not-printed", f"A run that is {run.state} has no letters to send.")
    if run.sent_at is None:
        noting = update(invitation_run).where(invitation_run.c.id == run_id)
        await tx.execute(noting.values(sent_at=at, sent_by=by))
        await audit.record(tx, Action.INVITATIONS_SENT, run_id, by=by, city_id=city_id, at=at)


async def revoke(tx: Transaction, city_id: UUID, run_id: UUID, by: UUID, at: datetime) -> None:
    """Codes and pages of the run open nothing from now on, and its shops may be written to again."""
    run = await lock_run(tx, city_id, run_id)
    if run.state == State.REVOKED:
        return
    ending = {"revoked_at": func.coalesce(invitation.c.revoked_at, at), "objection_digest": None}
    await tx.execute(update(invitation).where(invitation.c.run_id == run_id).values(ending))
    closing = update(invitation_run).where(invitation_run.c.id == run_id)
    await tx.execute(closing.values(state=State.REVOKED.value, finished_at=at))
    await audit.record(tx, Action.INVITATIONS_REVOKED, run_id, by=by, city_id=city_id, at=at)


async def revoke_letter(
    tx: Transaction, city_id: UUID, run_id: UUID, merchant_id: UUID, *, by: UUID, at: datetime
) -> None:
    """Codes and page of one letter open nothing from now on: it was lost, or brought to another shop.

    The others of its run stay. Raises 404 where the run has none to this shop, 409 while it is prepared.
    """
    run = await lock_run(tx, city_id, run_id)
    if run.state in UNFINISHED:
        raise conflict("not-prepared", f"{run.done} of {run.total} letters are prepared. Ask again.")
    its = and_(invitation.c.run_id == run_id, invitation.c.merchant_id == merchant_id)
    found = (await tx.execute(select(invitation.c.revoked_at).where(its).with_for_update())).first()
    if found is None:
        raise not_found("letter")
    ending = {"revoked_at": func.coalesce(invitation.c.revoked_at, at), "objection_digest": None}
    await tx.execute(update(invitation).where(its).values(ending))
    if found.revoked_at is None:
        details: dict[str, Detail] = {"run": run_id}
        revoking = Action.LETTER_REVOKED
        await audit.record(tx, revoking, merchant_id, by=by, city_id=city_id, at=at, details=details)


def parts_of(total: int) -> int:
    """In how many parts the letters of a run are drawn."""
    return -(-total // LETTERS_A_PART)


async def to_print(connection: AsyncConnection, run_id: UUID, part: int) -> Sequence[Row[Any]]:
    """The papers of a part with their shops: not those that were closed or claimed, or object, meanwhile, nor
    those that ended long ago, and whose figures are deleted (`services/directory/retention.py`).

    A part is the same letters each time: those that are left out move no others from one part to another.
    """
    paper = invitation.c
    of_part = (
        select(paper.id)
        .where(paper.run_id == run_id)
        .order_by(paper.id)
        .offset((part - 1) * LETTERS_A_PART)
        .limit(LETTERS_A_PART)
    )
    prepared = and_(paper.code_digest.is_not(None), paper.figures.is_not(None))
    fresh = and_(paper.id.in_(of_part), prepared, paper.revoked_at.is_(None))
    wanted = (
        select(
            paper.id.label("invitation_id"),
            paper.figures,
            paper.code_digest,
            paper.objection_digest,
            paper.expires_at,
            merchant,
        )
        .join(merchant, merchant.c.id == paper.merchant_id)
        .where(fresh, paper.used_at.is_(None), may_be_written_to())
        .order_by(paper.id)
    )
    return (await connection.execute(wanted)).all()


async def eligible_among(tx: Transaction, merchants: Collection[UUID]) -> set[UUID]:
    """Those that may still be written to."""
    wanted = select(merchant.c.id).where(merchant.c.id.in_(merchants), may_be_written_to())
    return set((await tx.execute(wanted)).scalars())


def is_unprepared() -> ColumnElement[bool]:
    """Papers that a run has still to do."""
    return and_(invitation.c.prepared_at.is_(None), invitation.c.left_out.is_(None))


def opens(at: datetime) -> ColumnElement[bool]:
    """Whether the page of an invitation is shown."""
    return and_(invitation.c.revoked_at.is_(None), invitation.c.expires_at > at)
