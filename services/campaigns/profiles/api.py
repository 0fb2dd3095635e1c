"""Shops' profiles elsewhere over HTTP: kept by who runs the shop, read by everybody, with a button each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import invalid
from services.campaigns.elsewhere import shops
from services.campaigns.elsewhere.shops import WRITERS
from services.campaigns.platforms.addresses import LONGEST, Address
from services.campaigns.platforms.catalogue import platforms
from services.campaigns.printed.town import Town
from services.campaigns.profiles import storage
from services.campaigns.profiles.buttons import button_of
from services.campaigns.profiles.named import named_by_the_directory, profile_at

BASE = "/api/v1/elsewhere"
Writer = Annotated[Access, may(*WRITERS)]
Link = Annotated[str, StringConstraints(max_length=LONGEST)]


class ProfileStated(Body):
    """Where the shop shows itself."""

    url: Link = Field(description="https, on a known platform, or the shop's own site.")


class ButtonShown(Shown):
    address: str
    label: str
    """In the reader's language."""
    asks: bool
    """Whether it asks for a review: only where the platform lets shops ask. Never on Yelp."""


class ProfileShown(Shown):
    """A shop's profile elsewhere."""

    id: UUID | None
    """None of what the directory says, which is kept there."""
    platform: str
    name: str
    """What the platform calls itself."""
    url: str
    button: ButtonShown
    stated_by: str
    """`merchant`, `consultant`, `officer`, or `directory` for what the directory says of the shop."""
    checked_at: datetime | None
    """When somebody last looked at it."""
    checked_by: str | None


class ProfilesShown(Shown):
    merchant_id: UUID
    items: list[ProfileShown]


def router(town: Town) -> APIRouter:
    """The routes; `town` says what the directory knows of profiles."""
    routes = APIRouter(prefix=BASE, tags=["elsewhere"])

    @routes.get("/merchants/{merchant_id}/profiles", response_model=ProfilesShown, dependencies=[PUBLIC])
    async def read_profiles(merchant_id: UUID, database: Db, language: ReadersLanguage) -> dict[str, Any]:
        """A shop's profiles elsewhere, with a button each; those that the directory names come last."""
        async with database.connection() as connection:
            await shops.listed(connection, merchant_id)
            kept = [shown(row, language) for row in await storage.of_merchant(connection, merchant_id)]
        named = await _named(town, merchant_id, language, {each["url"] for each in kept})
        return {"merchant_id": merchant_id, "items": kept + named}

    @routes.post(
        "/merchants/{merchant_id}/profiles",
        status_code=201,
        response_model=ProfileShown,
        responses=problems(409),
    )
    async def state_profile(
        merchant_id: UUID,
        body: ProfileStated,
        *,
        who: Writer,
        attempt: Attempt,
        now: Now,
        language: ReadersLanguage,
    ) -> Response:
        """Add a profile of a shop that one runs, advises or answers for. It is never fetched."""
        at = _asked_for(body.url)

        async def work(tx: Transaction) -> Answer:
            shop = await shops.listed(tx, merchant_id)
            source = shops.speaks_as(who, shop)
            row = await storage.state(tx, shop, at, source, person_id=who.person_id, now=now())
            return Answer(201, shown(row, language), {"Location": f"{BASE}/profiles/{row['id']}"})

        return await attempt.once(work)

    @routes.put("/profiles/{profile_id}/check", response_model=ProfileShown)
    async def check_profile(
        profile_id: UUID, who: Writer, database: Db, now: Now, language: ReadersLanguage
    ) -> dict[str, Any]:
        """Say that one looked, and it is the shop's profile still."""
        async with database.transaction() as tx:
            found = await storage.find(tx, profile_id)
            source = shops.speaks_as(who, await shops.listed(tx, found["merchant_id"]))
            return shown(await storage.look_at(tx, profile_id, source, now()), language)

    @routes.delete("/profiles/{profile_id}", status_code=204)
    async def take_out_profile(profile_id: UUID, who: Writer, database: Db) -> None:
        """Take a profile out: it is not the shop's, or is no more."""
        async with database.transaction() as tx:
            found = await storage.find(tx, profile_id)
            shops.must_reach(who, await shops.listed(tx, found["merchant_id"]))
            await storage.take_out(tx, profile_id)

    return routes


async def _named(
    town: Town, merchant_id: UUID, language: str, known: Collection[str]
) -> list[dict[str, Any]]:
    """Those that the directory names and nobody stated here."""
    return [
        shown({"platform": at.platform, "url": at.url, "stated_by": "directory"}, language)
        for at in await named_by_the_directory(town, merchant_id, language)
        if at.url not in known
    ]


def shown(row: Mapping[Any, Any], language: str) -> dict[str, Any]:
    """As `ProfileShown`."""
    button = button_of(row["platform"], row["url"], language)
    return {
        "id": row.get("id"),
        "platform": row["platform"],
        "name": platforms()[row["platform"]].name,
        "url": row["url"],
        "button": {"address": button.address, "label": button.label, "asks": button.asks},
        "stated_by": row["stated_by"],
        "checked_at": row.get("checked_at"),
        "checked_by": row.get("checked_by"),
    }


def _asked_for(url: str) -> Address:
    try:
        return profile_at(url)
    except ValueError as error:
        raise invalid("url", str(error)) from None
