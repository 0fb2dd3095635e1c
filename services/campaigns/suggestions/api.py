"""Suggestions over HTTP: whose shops could use a word this week, and where one may be asked for it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.access import MAY_PERSON
from chassis.database import Transaction
from chassis.http import Body, Db, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Principal, Role
from chassis.languages import ReadersLanguage
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.platforms.catalogue import platforms
from services.campaigns.profiles.api import ButtonShown
from services.campaigns.profiles.buttons import button_of
from services.campaigns.suggestions.use_cases import Asking, draw, of_this_week

router = APIRouter(prefix="/api/v1/elsewhere/suggestions", tags=["elsewhere"])
Signed = Annotated[Principal, MAY_PERSON]


class SuggestionsWanted(Body):
    city_id: UUID


class SuggestionShown(Shown):
    """A shop that could use a word there. Whoever writes it gets nothing for it, whatever it says."""

    merchant_id: UUID
    platform: str
    name: str
    button: ButtonShown
    week: date
    """Its Monday."""


class SuggestionsShown(Shown):
    items: list[SuggestionShown]


@router.post("", status_code=201, response_model=SuggestionsShown)
async def ask_for_suggestions(
    body: SuggestionsWanted, principal: Signed, attempt: Attempt, now: Now, language: ReadersLanguage
) -> Response:
    """Ask for this week's suggestions in a city. They are few, so that no shop gets a burst anywhere."""

    async def work(tx: Transaction) -> Answer:
        today = brussels_day(now())
        await draw(tx, Asking(principal.person_id, body.city_id, _own_shops(principal)), today)
        return Answer(201, await _shown(tx, principal.person_id, today, language))

    return await attempt.once(work)


@router.get("", response_model=SuggestionsShown)
async def read_suggestions(
    principal: Signed, database: Db, now: Now, language: ReadersLanguage
) -> dict[str, Any]:
    """This week's, as they were given."""
    async with database.connection() as connection:
        return await _shown(connection, principal.person_id, brussels_day(now()), language)


async def _shown(tx: Transaction, person_id: UUID, today: date, language: str) -> dict[str, Any]:
    shown = []
    for row in await of_this_week(tx, person_id, today):
        button = button_of(row["platform"], row["url"], language)
        shown.append(
            {
                "merchant_id": row["merchant_id"],
                "platform": row["platform"],
                "name": platforms()[row["platform"]].name,
                "button": {"address": button.address, "label": button.label, "asks": button.asks},
                "week": row["week"],
            }
        )
    return {"items": shown}


def _own_shops(principal: Principal) -> frozenset[UUID]:
    works_at = Role.merchant, Role.merchant_staff
    return frozenset(
        grant.merchant_id
        for grant in principal.grants
        if grant.role in works_at and grant.merchant_id is not None
    )
