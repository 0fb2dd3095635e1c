"""The moderation queue over HTTP: officers of a city, and for appeals those of the city that it named."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import any_, delete, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access
from chassis.database import Transaction
from chassis.http import Db, Listing, Now, Token
from chassis.idempotency import Answer, Attempt
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import conflict, invalid, not_found
from services.campaigns.moderation import decide, queue, storage
from services.campaigns.moderation.deciders import Officer, must_decide
from services.campaigns.moderation.domain import Case, Refused
from services.campaigns.moderation.forms import (
    CaseShown,
    DecisionShown,
    DecisionWritten,
    DeputyNamed,
    DeputyShown,
    QueueFigures,
    decision_shown,
)
from services.campaigns.moderation.tables import is_open, moderation_case, moderation_deputy

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])

OfCity = Annotated[UUID, Query(alias="city", description="Contributions to merchants of this city.")]
_case = moderation_case.c


@router.get("/cases", response_model=Listing[CaseShown])
async def cases(
    *,
    city: OfCity,
    who: Officer,
    kind: Annotated[Literal["first", "appeal"] | None, Query()] = None,
    reason: Annotated[Token | None, Query(description="Held or reported for this.")] = None,
    overdue: Annotated[bool, Query(description="Only those whose time is over.")] = False,
    untaken: Annotated[bool, Query(description="Only those nobody is about to decide.")] = False,
    paging: Paging,
    database: Db,
    now: Now,
    language: ReadersLanguage,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """What waits for a decision, the oldest first. Officers of a deputy city see appeals alone."""
    wanted = is_open & (_case.city_id == city)
    if kind is not None:
        wanted &= _case.appeal_of.is_not(None) if kind == "appeal" else _case.appeal_of.is_(None)
    if reason is not None:
        wanted &= literal(reason) == any_(_case.reasons)
    if overdue:
        wanted &= _case.due_at < now()
    if untaken:
        wanted &= _case.taken_until.is_(None) | (_case.taken_until <= now())
    if (last := paging.after(UUID)) is not None:
        wanted &= _case.id > last
    async with database.scoped({city}) as connection:
        if not await _is_of(connection, who, city):
            wanted &= _case.appeal_of.is_not(None)
        reader = queue.Reader(officer=who.person_id, now=now(), language=language)
        found = await queue.cases(connection, wanted, paging.limit + 1, reader)
    return page(request, response, found, paging.limit, lambda each: each["id"])


@router.get("/figures", response_model=QueueFigures)
async def figures(city: OfCity, who: Officer, database: Db, now: Now) -> dict[str, Any]:
    """How much waits in a city, since when, how much of it too long; of appeals alone for a deputy city."""
    async with database.scoped({city}) as connection:
        wanted = is_open & (_case.city_id == city)
        if not await _is_of(connection, who, city):
            wanted &= _case.appeal_of.is_not(None)
        return await queue.figures(connection, wanted, now())


@router.get("/cases/{case_id}", response_model=CaseShown)
async def read(
    case_id: UUID, who: Officer, database: Db, now: Now, language: ReadersLanguage
) -> dict[str, Any]:
    """One case, decided ones too."""
    reader = queue.Reader(officer=who.person_id, now=now(), language=language)
    async with database.connection() as connection:
        found = await queue.cases(connection, _case.id == case_id, 1, reader)
        if not found:
            raise not_found("case")
        await must_decide(connection, who, found[0]["city_id"], is_appeal=found[0]["appeal"] is not None)
    return found[0]


@router.put("/cases/{case_id}/lease", status_code=204, responses=problems(409))
async def take(case_id: UUID, who: Officer, database: Db, now: Now) -> None:
    """Keep the case for oneself for a quarter of an hour, so that no two decide it."""
    async with database.transaction() as tx:
        found = await _locked(tx, case_id, who)
        with refusals():
            await decide.take(tx, found, who.person_id, now())


@router.delete("/cases/{case_id}/lease", status_code=204)
async def give_back(case_id: UUID, who: Officer, database: Db) -> None:
    """Let others take it."""
    async with database.transaction() as tx:
        await decide.give_back(tx, await _locked(tx, case_id, who), who.person_id)


@router.post(
    "/cases/{case_id}/decision", status_code=201, response_model=DecisionShown, responses=problems(409)
)
async def decide_case(
    case_id: UUID,
    body: DecisionWritten,
    *,
    who: Officer,
    attempt: Attempt,
    now: Now,
    language: ReadersLanguage,
) -> Response:
    """Publish or remove, with the reasons that author and reporters are told; taken before or not."""

    async def work(tx: Transaction) -> Answer:
        found, about = await storage.locked_case(tx, case_id)
        await must_decide(tx, who, found.city_id, is_appeal=found.is_appeal)
        with refusals():
            made = await decide.decide(tx, found, about, body.decided(), by=who.person_id, now=now())
        told = DecisionShown(**decision_shown(made, language, to_officers=True)).model_dump(mode="json")
        return Answer(201, told, {"Content-Language": language})

    return await attempt.once(work)


@router.get("/deputies/{city_id}", response_model=DeputyShown)
async def deputy(city_id: UUID, who: Officer, database: Db) -> dict[str, Any]:
    """Which city's officers decide this one's appeals too."""
    who.within(city_id=city_id)
    async with database.connection() as connection:
        return {"city_id": city_id, "deputy_city_id": await storage.deputy_of(connection, city_id)}


@router.put("/deputies/{city_id}", response_model=DeputyShown)
async def name_deputy(city_id: UUID, body: DeputyNamed, who: Officer, database: Db) -> dict[str, Any]:
    """Name the city whose officers decide appeals where this one has nobody who did not decide before."""
    who.within(city_id=city_id)
    if body.deputy_city_id == city_id:
        raise invalid("deputy_city_id", "this is the city itself: a deputy is of another one")
    named = {"city_id": city_id, "deputy_city_id": body.deputy_city_id}
    async with database.transaction() as tx:
        added = insert(moderation_deputy).values(named)
        changed = {"deputy_city_id": body.deputy_city_id}
        await tx.execute(added.on_conflict_do_update(index_elements=["city_id"], set_=changed))
    return named


@router.delete("/deputies/{city_id}", status_code=204)
async def withdraw_deputy(city_id: UUID, who: Officer, database: Db) -> None:
    """Nobody elsewhere decides this city's appeals from now on."""
    who.within(city_id=city_id)
    async with database.transaction() as tx:
        await tx.execute(delete(moderation_deputy).where(moderation_deputy.c.city_id == city_id))


@contextmanager
def refusals() -> Iterator[None]:
    """What a rule forbids, as the problem 409."""
    try:
        yield
    except Refused as refused:
        raise conflict(refused.why, str(refused)) from refused


async def _locked(tx: Transaction, case_id: UUID, who: Access) -> Case:
    found, _ = await storage.locked_case(tx, case_id)
    await must_decide(tx, who, found.city_id, is_appeal=found.is_appeal)
    return found


async def _is_of(connection: AsyncConnection, who: Access, city_id: UUID) -> bool:
    """Whether they see all of the city; False where they are of its deputy. Raises the problem 403."""
    if who.has(city_id=city_id):
        return True
    await must_decide(connection, who, city_id, is_appeal=True)
    return False
