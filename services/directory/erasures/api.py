"""Being forgotten, over HTTP: asked for, confirmed, and how far it is."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis import replay
from chassis.access import MAY_PERSON, PUBLIC, Access, may
from chassis.database import Transaction
from chassis.history import history
from chassis.http import Body, Db, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.problems import not_found
from services.directory.erasures import storage, use_cases
from services.directory.erasures.consumers import OWNERS
from services.directory.erasures.domain import CONFIRMED_WITHIN, Erasure
from services.directory.erasures.facts import REQUESTS

router = APIRouter(prefix="/api/v1/people", tags=["erasure"])

Signed = Annotated[Principal, MAY_PERSON]
Operator = Annotated[Access, may(Role.operator)]


class AskErasure(Body):
    """What becomes of the shops that nobody else runs: closed with the person, or without an account."""

    close_shops: bool = False


class ConfirmErasure(Body):
    """The request that is meant."""

    erasure_id: UUID


class Part(Shown):
    """One owner, and when it was done."""

    owner: str
    done_at: datetime | None


class ErasureShown(Shown):
    """How far an erasure is. Its id is the receipt: nothing here says whose it was."""

    id: UUID
    state: str
    requested_at: datetime
    confirm_before: datetime
    confirmed_at: datetime | None
    completed_at: datetime | None
    parts: list[Part]


class Erasures(Shown):
    """Erasures, oldest first; `next` is the `after` of the next page."""

    items: list[ErasureShown]
    next: UUID | None


class ToldAgain(Shown):
    """How many erasures every owner is told of once more."""

    queued: int


@router.post("/me/erasure", status_code=201, response_model=ErasureShown, responses=problems(404, 409))
async def ask_erasure(asked: AskErasure, principal: Signed, attempt: Attempt, now: Now) -> Response:
    """Ask to be forgotten. Nothing happens before it is confirmed, with the id of the answer."""

    async def work(tx: Transaction) -> Answer:
        made = await use_cases.ask(tx, principal.person_id, closes_shops=asked.close_shops, now=now())
        return Answer(201, _shown(made).model_dump(mode="json"), {"Location": _address(made)})

    return await attempt.once(work)


@router.post(
    "/me/erasure/confirmation",
    status_code=202,
    response_model=ErasureShown,
    responses=problems(403, 404, 409, 410),
)
async def confirm_erasure(
    asked: ConfirmErasure, principal: Signed, db: Db, now: Now, response: Response
) -> ErasureShown:
    """Be forgotten by every service; it cannot be undone. `Location` shows how far it is, to anybody.

    Within ten minutes of giving a second factor, or of signing in for whoever has none: a stolen session
    erases nobody. The last officer of a city and the last operator have somebody else named first (409).

    Needs no Idempotency-Key: confirmed twice, nothing more happens.
    """
    async with db.transaction() as tx:
        confirmed = await use_cases.confirm(tx, principal, asked.erasure_id, now())
    response.headers["Location"] = _address(confirmed)
    return _shown(confirmed)


@router.get("/me/erasure", response_model=ErasureShown)
async def show_my_erasure(principal: Signed, db: Db) -> ErasureShown:
    """What one asked for last, while one's token lasts."""
    async with db.connection() as connection:
        found = await storage.newest_of(connection, principal.person_id)
    return _shown(_known(found))


@router.get("/erasures", response_model=Erasures)
async def list_erasures(
    _operator: Operator,
    db: Db,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Erasures:
    """Confirmed erasures and which owners are not done (operators)."""
    async with db.connection() as connection:
        found = await storage.confirmed(connection, after, limit)
    return Erasures(
        items=[_shown(each) for each in found], next=found[-1].id if len(found) == limit else None
    )


@router.get("/erasures/{erasure_id}", response_model=ErasureShown, dependencies=[PUBLIC])
async def show_erasure(erasure_id: UUID, db: Db) -> ErasureShown:
    """How far an erasure is, for whoever has its id: the person has no account any more."""
    async with db.connection() as connection:
        return _shown(_known(await storage.find(connection, erasure_id)))


@router.post("/erasures/again", response_model=ToldAgain)
async def tell_again(_operator: Operator, db: Db) -> ToldAgain:
    """Tell every owner of every erasure once more: to be done whenever a database was restored (operators).

    Whoever has erased a person already takes no notice; repeated, it changes nothing.
    """
    counts = [so_far async for so_far in replay.republish(db, history(REQUESTS))]
    return ToldAgain(queued=counts[-1])


def _known(found: Erasure | None) -> Erasure:
    if found is None:
        raise not_found("erasure")
    return found


def _address(of: Erasure) -> str:
    return f"{router.prefix}/erasures/{of.id}"


def _shown(of: Erasure) -> ErasureShown:
    values: dict[str, Any] = {
        "id": of.id,
        "state": of.state(OWNERS).value,
        "requested_at": of.requested_at,
        "confirm_before": of.requested_at + CONFIRMED_WITHIN,
        "confirmed_at": of.confirmed_at,
        "completed_at": of.completed_at(OWNERS),
        "parts": [Part(owner=owner, done_at=of.parts.get(owner)) for owner in OWNERS],
    }
    return ErasureShown(**values)
