"""Asking for a training or a visit over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy import func, select

from chassis.access import Access, may
from chassis.http import Body, Db, Listing, Now, Shown, Token
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.problems import not_found
from services.assessment import merchants
from services.assessment.advice.catalogue import Catalogue
from services.assessment.assessments.api import Confidant
from services.assessment.coaching.domain.proposing import HALF_DAYS, HalfDay
from services.assessment.coaching.tables import coaching_groups, coaching_seats
from services.assessment.requests.tables import training_requests
from services.assessment.requests.use_cases import CallOutcome, ask_for, note_call, serve, withdraw

OfTheShop = Annotated[Access, may(Role.merchant, Role.merchant_staff)]
"""Consent to be contacted is the shop's own: no consultant gives it for them."""


class AskFor(Body):
    merchant_id: UUID
    wish: Token
    """The key of a training, or `visit`."""
    language: Literal["fr", "nl", "de", "en"]
    """In which they want to be spoken to."""
    half_days: Annotated[list[HalfDay], Field(max_length=len(HALF_DAYS))] = Field(default_factory=list)
    """When they have time in a week (`tue-am`), for a group that suits them."""
    may_be_contacted: Literal[True]
    """Consent to be contacted about this request; without it there is none."""


class CallNoted(Body):
    """What came of a call."""

    outcome: CallOutcome
    next_on: date | None = Field(
        None, validate_default=True, description="The day to call again, or of the visit."
    )

    @field_validator("next_on")
    @classmethod
    def _a_day_where_there_is_one(cls, next_on: date | None, told: ValidationInfo) -> date | None:
        outcome = told.data.get("outcome")
        if outcome is CallOutcome.VISIT_AGREED and next_on is None:
            raise ValueError("say on which day the visit is")
        if outcome is CallOutcome.NO_INTEREST and next_on is not None:
            raise ValueError("who has no interest is not called again")
        return next_on


class ShownRequest(Shown):
    id: UUID
    merchant_id: UUID
    wish: str
    language: str
    half_days: list[HalfDay]
    requested_at: datetime
    withdrawn_at: datetime | None
    served_at: datetime | None
    """When a consultant said that it was: somebody came by, or the training was given, in a group too."""


_GIVEN_AT = (
    select(func.max(coaching_groups.c.ends_at))
    .join(coaching_seats, coaching_seats.c.group_id == coaching_groups.c.id)
    .where(coaching_seats.c.request_id == training_requests.c.id, coaching_seats.c.attended)
    .scalar_subquery()
    .label("given_at")
)
"""When the group in which the shop sat ended; None where there is none."""


def router(catalogue: Catalogue) -> APIRouter:
    """The routes, over the trainings of this catalogue."""
    routes = APIRouter(prefix="/api/v1/training-requests", tags=["assessments"])
    _add_writing(routes, catalogue)
    _add_serving(routes)

    @routes.get("", responses=problems(404))
    async def list_requests(merchant: UUID, who: Confidant, database: Db) -> Listing[ShownRequest]:
        """What a shop has asked for, the latest first (its people, or a consultant)."""
        known = training_requests.c
        query = select(training_requests, _GIVEN_AT).where(known.merchant_id == merchant)
        async with database.scoped(who.cities) as connection:
            found = await merchants.find(connection, merchant)
            if found is None:
                raise not_found("merchant")
            who.within(city_id=found.city_id, merchant_id=merchant)
            rows = (await connection.execute(query.order_by(known.id.desc()).limit(100))).mappings().all()
        return Listing(items=[_shown(row) for row in rows])

    return routes


def _add_writing(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post("", status_code=201, response_model=ShownRequest)
    async def ask_for_training(asked: AskFor, who: OfTheShop, attempt: Attempt, clock: Now) -> Response:
        """Ask for a training or a consultant's visit, with consent to be contacted about it."""

        async def work(tx: Any) -> Answer:
            made = await ask_for(
                tx,
                catalogue.trainings,
                asked.merchant_id,
                asked.wish,
                asked.language,
                half_days=sorted(set(asked.half_days), key=HALF_DAYS.index),
                by=who,
                now=clock(),
            )
            return Answer(201, _shown(vars(made)).model_dump(mode="json"))

        return await attempt.once(work)

    @routes.delete("/{request_id}", status_code=204, responses=problems(409))
    async def withdraw_request(request_id: UUID, who: OfTheShop, database: Db, clock: Now) -> None:
        """Take a request back, and with it the consent to be contacted; not one that was served."""
        async with database.transaction() as tx:
            await withdraw(tx, request_id, by=who, now=clock())


def _add_serving(routes: APIRouter) -> None:
    @routes.put("/{request_id}/served", status_code=204, responses=problems(409))
    async def note_served(
        request_id: UUID, who: Annotated[Access, may(Role.consultant)], database: Db, clock: Now
    ) -> None:
        """Take a request off the call list: somebody came by, or the training was given (a consultant)."""
        async with database.transaction() as tx:
            await serve(tx, request_id, by=who, now=clock())

    @routes.put("/{request_id}/call", status_code=204, responses=problems(409))
    async def note_latest_call(
        request_id: UUID,
        body: CallNoted,
        who: Annotated[Access, may(Role.consultant)],
        database: Db,
        clock: Now,
    ) -> None:
        """Say what came of the latest call; without interest, the request is taken back (a consultant)."""
        async with database.transaction() as tx:
            await note_call(tx, request_id, body.outcome, body.next_on, by=who, now=clock())


def _shown(row: Any) -> ShownRequest:
    served_at = row["served_at"] or row.get("given_at")
    return ShownRequest(**{**{name: row[name] for name in ShownRequest.model_fields}, "served_at": served_at})
