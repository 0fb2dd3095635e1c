"""Letters and counter cards over HTTP: asked for, watched, printed, noted as sent, revoked."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import Row, select

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import invalid, not_found
from services.directory.claims import runs
from services.directory.claims.codes import INVITATIONS
from services.directory.claims.printing import pdf_of
from services.directory.claims.runs import MOST_LETTERS, State, Wanted
from services.directory.claims.tables import invitation_run
from services.directory.people.token_office import TokenOffice

OfTheCity = Annotated[Access, may(Role.city_officer)]
Part = Annotated[int, Query(ge=1, le=runs.parts_of(MOST_LETTERS))]
_PATH = "/cities/{city_id}/letters"
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The letters or cards.", "content": {"application/pdf": {}}},
    **problems(409, 410),
}


class BeginRun(Body):
    """A whole district, or single shops; shops that were written to before only where `again` is said."""

    district_id: UUID | None = None
    merchant_ids: Annotated[list[UUID], Field(max_length=MOST_LETTERS)] = Field(default_factory=list)
    language: Literal["fr", "nl", "de"]
    form: Literal["letter", "card"] = "letter"
    again: bool = False
    register_cleared: bool = False
    """Whether the city answers for writing to shops known from the enterprise register alone.

    Without it they are left out: data of natural persons there may not be used for marketing.
    """


class RunShown(Shown):
    """A run: `done` of `total` are prepared. Printable in parts once it is done, until it was sent."""

    id: UUID
    city_id: UUID
    district_id: UUID | None
    language: str
    form: str
    state: State
    total: int
    done: int
    parts: int
    """Of its PDF, some hundred letters each."""
    trouble: str | None
    asked_by: UUID | None
    asked_at: datetime
    finished_at: datetime | None
    sent_by: UUID | None
    sent_at: datetime | None


def _shown(row: Row[Any]) -> RunShown:
    return RunShown(**row._mapping, parts=runs.parts_of(row.total))


async def _run(tx: Transaction, city_id: UUID, run_id: UUID) -> RunShown:
    return _shown(await runs.lock_run(tx, city_id, run_id))


def routes(office: TokenOffice, public_url: str) -> APIRouter:
    """The routes of letters, for officers of their city alone."""
    router = APIRouter(prefix="/api/v1", tags=["letters"])
    _add_begin(router)
    _add_reading(router, office, public_url)
    _add_ends(router)
    return router


def _add_begin(router: APIRouter) -> None:
    @router.post(_PATH, status_code=201, response_model=RunShown)
    async def begin_letters(
        city_id: UUID, asked: BeginRun, who: OfTheCity, now: Now, attempt: Attempt
    ) -> Response:
        """Prepare letters or cards for unclaimed shops, up to 500 at once (the city's officers)."""
        who.within(city_id=city_id)
        if (asked.district_id is None) == (not asked.merchant_ids):
            raise invalid("district_id", "send either a district or single merchants")
        wanted = Wanted(city_id=city_id, **asked.model_dump())

        async def work(tx: Transaction) -> Answer:
            run_id = await runs.begin(tx, wanted, who.person_id, now())
            begun = await _run(tx, city_id, run_id)
            location = {"Location": f"/api/v1/cities/{city_id}/letters/{run_id}"}
            return Answer(201, begun.model_dump(mode="json"), location)

        return await attempt.once(work)


def _add_reading(router: APIRouter, office: TokenOffice, public_url: str) -> None:
    @router.get(_PATH, response_model=Listing[RunShown])
    async def list_letters(
        *, city_id: UUID, request: Request, response: Response, who: OfTheCity, db: Db, paging: Paging
    ) -> dict[str, Any]:
        """Runs of the city, in the order they were asked for (its officers)."""
        who.within(city_id=city_id)
        wanted = select(invitation_run).where(invitation_run.c.city_id == city_id)
        if (after := paging.after(UUID)) is not None:
            wanted = wanted.where(invitation_run.c.id > after)
        async with db.scoped(who.cities) as connection:
            rows = await connection.execute(wanted.order_by(invitation_run.c.id).limit(paging.limit + 1))
            found = [_shown(row) for row in rows]
        return page(request, response, found, paging.limit, lambda each: each.id)

    @router.get(_PATH + "/{run_id}", response_model=RunShown)
    async def show_letters(city_id: UUID, run_id: UUID, who: OfTheCity, db: Db) -> RunShown:
        """How far a run is (the city's officers)."""
        who.within(city_id=city_id)
        run = invitation_run.c
        wanted = select(invitation_run).where(run.id == run_id, run.city_id == city_id)
        async with db.scoped(who.cities) as connection:
            row = (await connection.execute(wanted)).first()
        if row is None:
            raise not_found("run")
        return _shown(row)

    @router.get(_PATH + "/{run_id}/pdf", response_class=Response, responses=_PDF)
    async def print_letters(city_id: UUID, run_id: UUID, who: OfTheCity, db: Db, part: Part = 1) -> Response:
        """A part of a run's letters as PDF, with their codes, until they are noted as sent (its officers)."""
        who.within(city_id=city_id)
        key = office.issuer.derived(INVITATIONS)
        async with db.connection() as connection:
            pdf = await pdf_of(connection, city_id, run_id, part, key=key, public_url=public_url)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="letters-{run_id}-{part}.pdf"',
        }
        return Response(pdf, headers=headers, media_type="application/pdf")


def _add_ends(router: APIRouter) -> None:
    @router.post(_PATH + "/{run_id}/sent", response_model=RunShown, responses=problems(409))
    async def note_letters_sent(city_id: UUID, run_id: UUID, who: OfTheCity, db: Db, now: Now) -> RunShown:
        """They are on their way: nobody prints them again (its officers). Noted twice, the first stays."""
        who.within(city_id=city_id)
        async with db.transaction() as tx:
            await runs.note_sent(tx, city_id, run_id, who.person_id, now())
            return await _run(tx, city_id, run_id)

    @router.post(_PATH + "/{run_id}/revocation", response_model=RunShown)
    async def revoke_letters(city_id: UUID, run_id: UUID, who: OfTheCity, db: Db, now: Now) -> RunShown:
        """Its codes and pages open nothing any more, and its shops may be written to again (its officers)."""
        who.within(city_id=city_id)
        async with db.transaction() as tx:
            await runs.revoke(tx, city_id, run_id, who.person_id, now())
            return await _run(tx, city_id, run_id)

    @router.post(
        _PATH + "/{run_id}/merchants/{merchant_id}/revocation", status_code=204, responses=problems(409)
    )
    async def revoke_letter(
        *, city_id: UUID, run_id: UUID, merchant_id: UUID, who: OfTheCity, db: Db, now: Now
    ) -> Response:
        """The one letter to this shop opens nothing any more (the city's officers). Asked twice: once."""
        who.within(city_id=city_id)
        async with db.transaction() as tx:
            await runs.revoke_letter(tx, city_id, run_id, merchant_id, by=who.person_id, at=now())
        return Response(status_code=204)
