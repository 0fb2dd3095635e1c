"""The call list over HTTP: a page as JSON, all of it as CSV."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.access import Access, may
from chassis.as_service import Unreachable
from chassis.csv_file import csv_file
from chassis.http import Db, Listing, Shown, Token
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import Problem, forbidden, unavailable
from services.assessment.advice.domain.entries import Dimension
from services.assessment.requests.call_list import Asker, Contact, Contacts, Wanted, askers
from services.assessment.requests.use_cases import CallOutcome

_BRUSSELS = ZoneInfo("Europe/Brussels")
MOST_ROWS = 5_000
"""Of a file. Nobody calls more."""
COLUMNS = (
    "request", "merchant", "wish", "language", "asked_on", "weak_dimension", "score", "districts",
    "called_on", "outcome", "next_on",
    "name", "person", "telephone", "email", "street", "house_number", "postcode", "place",
)  # fmt: skip

Caller = Annotated[Access, may(Role.consultant, Role.city_officer)]
"""A consultant sees where a shop is weak. An officer sees who asked for what, and of no shop the answers."""


class ShownWeakness(Shown):
    dimension: str
    score: int


class ShownCall(Shown):
    """The latest call about a request."""

    outcome: CallOutcome
    at: datetime
    next_on: date | None
    """To call again, or of the visit."""


class ShownContact(Shown):
    """An owner, as the directory knows them now."""

    merchant_name: str
    person_name: str | None
    email: str
    language: str
    phone: str | None
    address: dict[str, str]


class ShownAsker(Shown):
    """Somebody to be called about what they asked for."""

    id: UUID
    """Of the request."""
    merchant_id: UUID
    wish: str
    language: str
    requested_at: datetime
    district_ids: list[UUID]
    weak: ShownWeakness | None
    """The weakest dimension of the latest assessment; for consultants alone, else null."""
    call: ShownCall | None
    contacts: list[ShownContact] | None
    """Null where they were not asked for (`contacts=true`)."""


async def _wanted(
    *,
    city: UUID,
    district: UUID | None = None,
    wish: Annotated[Token | None, Query(description="The key of a training, or `visit`.")] = None,
    language: Literal["fr", "nl", "de", "en"] | None = None,
    dimension: Annotated[
        Dimension | None, Query(description="The weakest of the latest assessment; for consultants.")
    ] = None,
    due_on: Annotated[
        date | None, Query(description="Without those with whom a later day was agreed.")
    ] = None,
) -> Wanted:
    return Wanted(city, district, wish, language, dimension, due_on)


Filters = Annotated[Wanted, Depends(_wanted)]
WithContacts = Annotated[
    bool, Query(description="With names and addresses. Each look-up stands in the directory's audit log.")
]


def router(directory: Contacts) -> APIRouter:
    """The routes, with this way to names and addresses."""
    routes = APIRouter(prefix="/api/v1", tags=["assessments"])

    @routes.get("/call-list", responses=problems(503))
    async def show_call_list(
        *,
        wanted: Filters,
        who: Caller,
        database: Db,
        paging: Paging,
        request: Request,
        response: Response,
        contacts: WithContacts = False,
    ) -> Listing[ShownAsker]:
        """Who asked for a training or a visit and may be contacted, oldest first (consultants, officers)."""
        is_confidant = _authorised(who, wanted)
        async with database.scoped(who.cities) as connection:
            found = await askers(connection, wanted, paging.limit + 1, paging.after(UUID))
        listed = page(request, response, found, paging.limit, lambda each: each.id)
        known = await _looked_up(directory, listed["items"], who) if contacts else None
        listed["items"] = [_shown(each, is_confidant, known) for each in listed["items"]]
        response.headers["Cache-Control"] = "no-store"
        return Listing(**listed)

    @routes.get("/call-list.csv", response_class=Response, responses={**_CSV, **problems(503)})
    async def download_call_list(
        wanted: Filters, who: Caller, database: Db, contacts: WithContacts = False
    ) -> Response:
        """The same in one file, for a spreadsheet: 5,000 at most, who asked first first."""
        is_confidant = _authorised(who, wanted)
        async with database.scoped(who.cities) as connection:
            found = await askers(connection, wanted, MOST_ROWS)
        known = await _looked_up(directory, found, who) if contacts else {}
        rows = (_row(each, is_confidant, known.get(each.merchant_id, ())) for each in found)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="call-list.csv"',
        }
        return Response(csv_file(COLUMNS, rows), headers=headers, media_type="text/csv; charset=utf-8")

    return routes


_CSV: dict[int | str, dict[str, Any]] = {200: {"description": "A line each.", "content": {"text/csv": {}}}}


def _authorised(who: Access, wanted: Wanted) -> bool:
    """Whether the caller may see where shops are weak. Raises 403 elsewhere, and for asking for it."""
    who.within(city_id=wanted.city_id)
    is_confidant = who.has(Role.consultant, city_id=wanted.city_id)
    if wanted.dimension is not None and not is_confidant:
        raise forbidden("Where a shop is weak is between it and its consultants: ask without a dimension.")
    return is_confidant


async def _looked_up(directory: Contacts, found: Sequence[Asker], who: Access) -> dict[UUID, list[Contact]]:
    try:
        return await directory.of([each.merchant_id for each in found], shown_to=who.person_id)
    except Unreachable as error:
        raise _away() from error


def _away() -> Problem:
    return unavailable("Names and addresses cannot be looked up just now. Try again, or ask without them.")


def _shown(asker: Asker, is_confidant: bool, known: Mapping[UUID, Sequence[Contact]] | None) -> ShownAsker:
    weak = ShownWeakness(**vars(asker.weak)) if asker.weak and is_confidant else None
    contacts = (
        None if known is None else [ShownContact(**vars(each)) for each in known.get(asker.merchant_id, ())]
    )
    call = ShownCall(**vars(asker.call)) if asker.call else None
    return ShownAsker(**{**vars(asker), "weak": weak, "call": call, "contacts": contacts})


def _row(asker: Asker, is_confidant: bool, known: Sequence[Contact]) -> list[object]:
    """A shop with several owners is called at its first one's, as it is written to."""
    weak = asker.weak if is_confidant else None
    contact = next(iter(known), None)
    lies = contact.address if contact else {}
    return [
        asker.id,
        asker.merchant_id,
        asker.wish,
        asker.language,
        asker.requested_at.astimezone(_BRUSSELS).date(),
        weak.dimension if weak else None,
        weak.score if weak else None,
        " ".join(str(district) for district in asker.district_ids),
        asker.call.at.astimezone(_BRUSSELS).date() if asker.call else None,
        asker.call.outcome.value if asker.call else None,
        asker.call.next_on if asker.call else None,
        *(
            (contact.merchant_name, contact.person_name, contact.phone, contact.email)
            if contact
            else (None,) * 4
        ),
        *(lies.get(name) for name in ("street", "house_number", "postcode", "place")),
    ]
