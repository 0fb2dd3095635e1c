"""Corrections over HTTP: suggested by anybody who is signed in, and one's own."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from chassis.access import MAY_PERSON
from chassis.database import Transaction
from chassis.http import Db, Listing, Now
from chassis.idempotency import Answer, Attempt
from chassis.identity import Principal
from chassis.ids import new_id
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import invalid
from services.directory.cities.country import is_in_belgium
from services.directory.corrections import use_cases
from services.directory.corrections.domain import Correction
from services.directory.corrections.forms import OwnCorrectionShown, Suggest, own_shown
from services.directory.corrections.tables import merchant_correction
from services.directory.merchants import use_cases as merchants

router = APIRouter(prefix="/api/v1", tags=["merchants"])
Signed = Annotated[Principal, MAY_PERSON]


@router.post(
    "/merchants/{merchant_id}/corrections",
    status_code=201,
    response_model=OwnCorrectionShown,
    responses=problems(404, 409, 410, 429),
)
async def suggest_correction(
    merchant_id: UUID, asked: Suggest, principal: Signed, now: Now, attempt: Attempt
) -> Response:
    """Suggest how something the directory says of a shop is put right; 409 shows what it says by now."""
    longitude, latitude = asked.suggested.longitude, asked.suggested.latitude
    if longitude is not None and latitude is not None and not is_in_belgium(longitude, latitude):
        raise invalid("suggested.longitude", f"{longitude:g}, {latitude:g} is not in Belgium")

    async def work(tx: Transaction) -> Answer:
        at = now()
        listed = await merchants.open_merchant(tx, merchant_id)
        new = Correction(
            id=new_id(),
            receipt_id=uuid4(),
            city_id=listed.city_id,
            merchant_id=listed.id,
            person_id=principal.person_id,
            field=asked.field,
            suggested=asked.values(),
            seen=asked.as_seen(listed.details),
            duplicate_of=asked.suggested.duplicate_of,
            note=asked.note,
            suggested_at=at,
        )
        await use_cases.suggest(tx, new, listed, at)
        return Answer(201, own_shown(new).model_dump(mode="json"))

    return await attempt.once(work)


@router.get("/people/me/corrections", response_model=Listing[OwnCorrectionShown])
async def list_own_corrections(
    request: Request, response: Response, principal: Signed, db: Db, paging: Paging
) -> dict[str, Any]:
    """What one suggested oneself, and what became of it, newest first."""
    known = merchant_correction.c
    wanted = select(merchant_correction).where(known.person_id == principal.person_id)
    if (last := paging.after(UUID)) is not None:
        wanted = wanted.where(known.id < last)
    async with db.connection() as connection:
        rows = await connection.execute(wanted.order_by(known.id.desc()).limit(paging.limit + 1))
        items = [own_shown(Correction.of_row(dict(row))) for row in rows.mappings()]
    return page(request, response, items, paging.limit, lambda each: each.id)


@router.delete("/people/me/corrections/{correction_id}", status_code=204, responses=problems(404))
async def take_back_correction(correction_id: UUID, principal: Signed, db: Db) -> Response:
    """Take back what nobody decided about yet; nothing of it is kept."""
    async with db.transaction() as tx:
        await use_cases.take_back(tx, correction_id, principal.person_id)
    return Response(status_code=204)
