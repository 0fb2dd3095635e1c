"""A city's API keys over HTTP. Officers make them in person: a key makes no key (`domain.SCOPES`)."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Moment, Now, ShortText, Shown, Token
from chassis.idempotency import REPLAYED_HEADER, Answer, Attempt
from chassis.identity import Role
from chassis.pagination import Paging, page
from services.directory.keys import storage, use_cases
from services.directory.keys.domain import SCOPES, ApiKey
from services.directory.keys.tables import api_key

router = APIRouter(prefix="/api/v1/cities/{city_id}/keys", tags=["keys"])
OfTheCity = Annotated[Access, may(Role.city_officer, Role.operator)]


def _known(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError(f"is none of {', '.join(sorted(SCOPES))}")
    return scope


class MakeKey(Body):
    """A key for one system of the city's, with no more scopes than it needs."""

    name: ShortText
    scopes: Annotated[
        list[Annotated[Token, AfterValidator(_known)]], Field(min_length=1, max_length=len(SCOPES))
    ]
    """An area (`campaigns`: reading and changing) or its reading alone (`campaigns:read`)."""
    district_id: UUID | None = None
    """For an association's system: it may do what the association's officer may in this district."""
    expires_at: Moment | None = None
    """A year from now where nothing is said; 400 days at most."""


class KeyShown(Shown):
    """A key without its secret."""

    id: UUID
    city_id: UUID
    name: str
    scopes: list[str]
    district_id: UUID | None
    made_by: UUID | None
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    """When it last got a token, which holds for a quarter of an hour."""


class NewKey(KeyShown):
    """A key that was just made. Its secret is shown now and never again: only its hash is kept."""

    secret: str | None
    """None where the request is repeated. Whoever lost it revokes the key and makes another."""


def _shown(key: ApiKey) -> KeyShown:
    return KeyShown.model_validate(asdict(key))


@router.post("", status_code=201, response_model=NewKey)
async def make_key(
    city_id: UUID, asked: MakeKey, who: Annotated[Access, may(Role.city_officer)], now: Now, attempt: Attempt
) -> Response:
    """Make a key (the city's officers). It signs in at `POST /api/v1/tokens/key`."""
    who.within(city_id=city_id)
    secret = use_cases.new_secret()
    wanted = use_cases.Wanted(**dict(asked))

    async def work(tx: Transaction) -> Answer:
        made = await use_cases.make_key(tx, city_id, wanted, secret, by=who.person_id, at=now())
        # Answers are stored for repetition, and a secret is not: it is added below.
        body = _shown(made).model_dump(mode="json") | {"secret": None}
        return Answer(201, body, {"Location": f"/api/v1/cities/{city_id}/keys/{made.id}"})

    answer = await attempt.once(work)
    if REPLAYED_HEADER in answer.headers:
        return answer
    made = json.loads(bytes(answer.body))
    headers = {"Location": answer.headers["Location"], "Cache-Control": "no-store"}
    return JSONResponse(made | {"secret": secret}, 201, headers)


@router.get("", response_model=Listing[KeyShown])
async def list_keys(
    *, city_id: UUID, who: OfTheCity, request: Request, response: Response, db: Db, paging: Paging
) -> dict[str, Any]:
    """The city's keys, newest first, with when each was last used (its officers, operator)."""
    who.within(city_id=city_id)
    wanted = storage.keys_of(city_id).limit(paging.limit + 1)
    if (before := paging.after(UUID)) is not None:
        wanted = wanted.where(api_key.c.id < before)
    async with db.connection() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    shown = [_shown(storage.of_row(row)) for row in rows]
    return page(request, response, shown, paging.limit, lambda each: each.id)


@router.delete("/{key_id}", status_code=204)
async def revoke_key(city_id: UUID, key_id: UUID, who: OfTheCity, db: Db, now: Now) -> None:
    """Revoke a key (the city's officers, operator). Tokens it has end by themselves, within 15 minutes."""
    who.within(city_id=city_id)
    async with db.transaction() as tx:
        await use_cases.revoke_key(tx, city_id, key_id, by=who.person_id, at=now())
