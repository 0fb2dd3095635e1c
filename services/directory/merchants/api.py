"""Merchants over HTTP: read by anybody, listed and changed by officers and, in part, by their owner."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Db, Listing, Now, ShortText
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import forbidden, invalid, not_found
from services.directory.cities import storage as cities
from services.directory.merchants import reading, storage, use_cases
from services.directory.merchants.domain import OWN_FIELDS
from services.directory.merchants.forms import KindFilter, ListMerchant, ReviseMerchant, require_in_country
from services.directory.merchants.shown import MerchantShown, shown

router = APIRouter(prefix="/api/v1/merchants", tags=["merchants"])

OFFICERS = (Role.city_officer, Role.association_officer)
"""Who changes any detail; an owner changes OWN_FIELDS."""
Officer = Annotated[Access, may(*OFFICERS)]
SearchText = Annotated[ShortText, StringConstraints(max_length=100)]


@router.get("", response_model=Listing[MerchantShown], dependencies=[PUBLIC])
async def list_merchants(
    *,
    request: Request,
    response: Response,
    db: Db,
    paging: Paging,
    language: ReadersLanguage,
    now: Now,
    city: UUID | None = None,
    district: UUID | None = None,
    kind: KindFilter | None = None,
    q: Annotated[SearchText | None, Query(description="A part of the name.")] = None,
    opened: Annotated[
        Literal["now"] | None,
        Query(alias="open", description="Those open at this moment. A page may be short with a next one."),
    ] = None,
) -> dict[str, Any]:
    """Merchants that are listed, in the order they came."""
    at = now()
    wanted = reading.wanted(city, district, kind, q)
    async with db.connection() as connection:
        read = await reading.some(
            connection, wanted, paging.after(UUID), paging.limit + 1, open_at=at if opened else None
        )
    items = [shown(each, language, at) for each in read.merchants]
    return page(request, response, items, paging.limit, lambda each: each.id, read_to=read.to)


@router.post("", status_code=201, response_model=MerchantShown, responses=problems(409))
async def list_merchant(
    asked: ListMerchant, who: Officer, now: Now, language: ReadersLanguage, attempt: Attempt
) -> Response:
    """A merchant that no source has is listed by hand (officers of the city or of an association)."""
    details = asked.details()
    if not details.name:
        raise invalid("name", "a merchant has a name, be it in one language (names)")
    require_in_country(details)

    async def work(tx: Transaction) -> Answer:
        at = now()
        if not await cities.lock(tx, asked.city_id):
            raise invalid("city_id", "there is no such city")
        districts = await cities.districts(tx, asked.city_id)
        who.within(city_id=asked.city_id, districts=districts.around(details.longitude, details.latitude))
        listed = await use_cases.list_merchant(
            tx, asked.city_id, details, districts, owner_agrees=asked.owner_agrees, by=who.person_id, at=at
        )
        headers = {"Location": f"/api/v1/merchants/{listed.id}", "ETag": etag(listed.version)}
        return Answer(201, shown(listed, language, at).model_dump(mode="json"), headers)

    return await attempt.once(work)


@router.get("/{merchant_id}", response_model=MerchantShown, responses=problems(410), dependencies=[PUBLIC])
async def show_merchant(
    merchant_id: UUID, response: Response, db: Db, language: ReadersLanguage, now: Now
) -> MerchantShown:
    """One merchant; its ETag is what a change of it must match. 410 where it is listed no more."""
    async with db.connection() as connection:
        found = await reading.one(connection, merchant_id)
    if found is None:
        raise not_found("merchant")
    if not found.is_public:
        raise storage.gone()
    response.headers["ETag"] = etag(found.version)
    return shown(found, language, now())


@router.patch("/{merchant_id}", response_model=MerchantShown, responses=problems(409, 410))
async def revise_merchant(
    *,
    merchant_id: UUID,
    asked: ReviseMerchant,
    who: Annotated[Access, may(Role.city_officer, Role.association_officer, Role.merchant)],
    expected: IfMatch,
    response: Response,
    db: Db,
    language: ReadersLanguage,
    now: Now,
) -> MerchantShown:
    """Change details (officers; an owner: hours, languages and how to reach it). Null empties one."""
    changes, at = asked.changes(), now()
    async with db.transaction() as tx:
        found, districts = await use_cases.open_with_districts(tx, merchant_id)
        who.within(city_id=found.city_id, merchant_id=found.id, districts=found.district_ids)
        others = sorted(changes.keys() - OWN_FIELDS)
        if others and not who.has(
            *OFFICERS, city_id=found.city_id, merchant_id=found.id, districts=found.district_ids
        ):
            raise forbidden(f"An owner changes {', '.join(sorted(OWN_FIELDS))}; not {', '.join(others)}.")
        expected.check(found.version)
        revised = await use_cases.revise_merchant(tx, found, changes, districts, at)
        if {"longitude", "latitude"} & changes.keys():
            require_in_country(revised.details)
    response.headers["ETag"] = etag(revised.version)
    return shown(revised, language, at)


@router.post("/{merchant_id}/close", status_code=204)
async def close_merchant(
    merchant_id: UUID, who: Annotated[Access, may(Role.city_officer, Role.merchant)], db: Db, now: Now
) -> Response:
    """It exists no more (its city's officers, its owner). Asked twice: once."""
    async with db.transaction() as tx:
        found = await storage.lock_one(tx, merchant_id)
        if found is None:
            raise not_found("merchant")
        who.within(city_id=found.city_id, merchant_id=found.id)
        if not found.closed:
            await use_cases.close_merchant(tx, found, by=who.person_id, at=now())
    return Response(status_code=204)


@router.post("/{merchant_id}/delist", status_code=204)
async def delist_merchant(merchant_id: UUID, who: Officer, db: Db, now: Now) -> Response:
    """It exists and is shown no more: nothing about it is public (officers). Asked twice: once."""
    async with db.transaction() as tx:
        found = await storage.lock_one(tx, merchant_id)
        if found is None:
            raise not_found("merchant")
        who.within(city_id=found.city_id, merchant_id=found.id, districts=found.district_ids)
        await use_cases.delist_merchant(tx, found, by=who.person_id, at=now())
    return Response(status_code=204)


@router.post("/{merchant_id}/relist", response_model=MerchantShown, responses=problems(409))
async def relist_merchant(
    *, merchant_id: UUID, who: Officer, response: Response, db: Db, language: ReadersLanguage, now: Now
) -> MerchantShown:
    """A delisted merchant is shown again, with what was known of it (officers). Asked twice: once."""
    at = now()
    async with db.transaction() as tx:
        found, districts = await use_cases.any_with_districts(tx, merchant_id)
        who.within(city_id=found.city_id, merchant_id=found.id, districts=found.district_ids)
        relisted = await use_cases.relist_merchant(tx, found, districts, by=who.person_id, at=at)
    response.headers["ETag"] = etag(relisted.version)
    return shown(relisted, language, at)
