"""Campaigns over HTTP: officers run those of their city or districts, everybody reads what is announced."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select

from chassis.access import PUBLIC, Access, may
from chassis.clock import Clock
from chassis.database import Database, Transaction
from chassis.http import Db, Listing, Now
from chassis.idempotency import Answer, Attempt
from chassis.identity import MaybeSignedIn, Role
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.preconditions import Expected, IfMatch, etag
from chassis.problems import conflict, invalid
from services.campaigns.cities.storage import not_declined, runs_in
from services.campaigns.lifecycle import storage, use_cases
from services.campaigns.lifecycle.changes import check_expected
from services.campaigns.lifecycle.domain import (
    Campaign,
    IllegalTransition,
    InvalidPlan,
    PlanHolds,
    PolicyRefuses,
    State,
)
from services.campaigns.lifecycle.forms import (
    CampaignDraft,
    CampaignRevision,
    CampaignShown,
    Concluding,
    shown,
)
from services.campaigns.lifecycle.runners import Runner, must_be_free_to_plan, must_run
from services.campaigns.lifecycle.tables import campaign
from services.campaigns.lifecycle.visible import must_be_visible, visible_to
from services.campaigns.places.tables import known_city
from services.campaigns.policy.shown import policy_refused

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])


@router.post("", status_code=201, response_model=CampaignShown)
async def draft(
    body: CampaignDraft, who: Runner, attempt: Attempt, now: Now, language: ReadersLanguage
) -> Response:
    """Begin a campaign, of a city or of an association in its districts; none but officers see it yet."""
    plan = body.plan()
    must_be_free_to_plan(who, body.city_id, plan)

    async def work(tx: Transaction) -> Answer:
        with _refusals():
            new = await use_cases.draft(tx, body.city_id, plan, by=who.person_id, now=now())
        headers = {
            "Location": f"{router.prefix}/{new.id}",
            "ETag": etag(new.version),
            "Content-Language": language,
        }
        return Answer(201, shown(new, language), headers)

    return await attempt.once(work)


@router.patch("/{campaign_id}", response_model=CampaignShown, responses=problems(409))
async def revise(
    campaign_id: UUID,
    body: CampaignRevision,
    *,
    who: Runner,
    expected: IfMatch,
    database: Db,
    now: Now,
    response: Response,
    language: ReadersLanguage,
) -> dict[str, Any]:
    """Change the plan; of what is announced, its texts, its goals, or to a later end."""
    async with database.transaction() as tx:
        found = await _find_to_change(tx, campaign_id, who)
        await check_expected(tx, expected, found)
        plan = body.applied_to(found.plan)
        must_be_free_to_plan(who, found.city_id, plan, found.plan)
        with _refusals():
            revised = await use_cases.revise(tx, found, plan, by=who.person_id, now=now())
    return _with_etag(revised, response, language)


@router.get("", response_model=Listing[CampaignShown], dependencies=[PUBLIC])
async def browse(
    *,
    principal: MaybeSignedIn,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
    language: ReadersLanguage,
    city: Annotated[UUID | None, Query(description="Of this city only.")] = None,
    nis_code: Annotated[
        str | None, Query(pattern=r"^\d{5}$", description="Of the city of this code.")
    ] = None,
    state: Annotated[State | None, Query(description="In this state only.")] = None,
) -> dict[str, Any]:
    """Campaigns, newest first. Drafts are there for those alone who run them or are asked to join in."""
    visible = visible_to(principal)
    if city is not None:
        visible &= runs_in(city)
    if nis_code is not None:
        visible &= campaign.c.city_id.in_(select(known_city.c.id).where(known_city.c.nis_code == nis_code))
    if state is not None:
        visible &= campaign.c.state == state.value
    if (last := paging.after(UUID)) is not None:
        visible &= campaign.c.id < last
    query = select(campaign).where(visible).order_by(campaign.c.id.desc()).limit(paging.limit + 1)
    async with database.connection() as connection:
        rows = (await connection.execute(query)).mappings().all()
    found = [shown(storage.of_row(row), language) for row in rows]
    return page(request, response, found, paging.limit, lambda each: each["id"])


@router.get("/{campaign_id}", response_model=CampaignShown, dependencies=[PUBLIC])
async def read(
    campaign_id: UUID,
    principal: MaybeSignedIn,
    database: Db,
    response: Response,
    language: ReadersLanguage,
) -> dict[str, Any]:
    """One campaign."""
    async with database.connection() as connection:
        found = await storage.find(connection, campaign_id)
        asked = await not_declined(connection, campaign_id)
    must_be_visible(principal, found, asked)
    return _with_etag(found, response, language)


async def _if_match(request: Request) -> Expected:
    # Optional here, and therefore not the declared header that other changes require: the campaign's
    # state alone keeps a transition from happening twice.
    tags = request.headers.get("if-match", "*").split(",")
    return Expected(frozenset(tag.strip() for tag in tags))


IfGiven = Annotated[Expected, Depends(_if_match)]


async def _moving(campaign_id: UUID, who: Runner, database: Db, now: Now, expected: IfGiven) -> "_Moving":
    return _Moving(campaign_id, who, database, now, expected)


@dataclass(frozen=True)
class _Moving:
    """Somebody's wish to move a campaign on that they run."""

    campaign_id: UUID
    who: Access
    database: Database
    now: Clock
    expected: Expected

    async def to(self, state: State) -> Campaign:
        async with self.database.transaction() as tx:
            found = await _find_to_change(tx, self.campaign_id, self.who)
            await check_expected(tx, self.expected, found)
            with _refusals():
                return await use_cases.move(tx, found, state, by=self.who.person_id, now=self.now())


Moving = Annotated[_Moving, Depends(_moving)]


@router.post("/{campaign_id}/schedule", response_model=CampaignShown, responses=problems(409, 412))
async def schedule(moving: Moving, response: Response, language: ReadersLanguage) -> dict[str, Any]:
    """Announce it, once the policy check refuses nothing. Its plan holds from now on, by the clock."""
    return _with_etag(await moving.to(State.SCHEDULED), response, language)


@router.post("/{campaign_id}/start", response_model=CampaignShown, responses=problems(409, 412))
async def start(moving: Moving, response: Response, language: ReadersLanguage) -> dict[str, Any]:
    """Start it now, without waiting for the clock."""
    return _with_etag(await moving.to(State.RUNNING), response, language)


@router.post("/{campaign_id}/end", response_model=CampaignShown, responses=problems(409, 412))
async def end(moving: Moving, response: Response, language: ReadersLanguage) -> dict[str, Any]:
    """End it now; one that is only scheduled is called off."""
    return _with_etag(await moving.to(State.ENDED), response, language)


@router.post("/{campaign_id}/evaluate", response_model=CampaignShown, responses=problems(409, 412))
async def evaluate(
    campaign_id: UUID,
    body: Concluding,
    *,
    who: Annotated[Access, may(Role.city_officer)],
    expected: IfGiven,
    database: Db,
    now: Now,
    response: Response,
    language: ReadersLanguage,
) -> dict[str, Any]:
    """Say, as its city, what came of one that is over; its figures are counted, and held against its rule."""
    async with database.transaction() as tx:
        found = await storage.find(tx, campaign_id, to_change=True)
        who.within(city_id=found.city_id)
        await check_expected(tx, expected, found)
        with _refusals():
            evaluated = await use_cases.evaluate(tx, found, body.conclusion, by=who.person_id, now=now())
    return _with_etag(evaluated, response, language)


async def _find_to_change(tx: Transaction, campaign_id: UUID, who: Access) -> Campaign:
    """Locked, and only for whoever runs it."""
    found = await storage.find(tx, campaign_id, to_change=True)
    must_run(who, found)
    return found


def _with_etag(found: Campaign, response: Response, language: str) -> dict[str, Any]:
    response.headers["ETag"] = etag(found.version)
    return shown(found, language)


@contextmanager
def _refusals() -> Iterator[None]:
    """What the rules refuse, as problems."""
    try:
        yield
    except InvalidPlan as refused:
        raise invalid(refused.field, refused.detail) from refused
    except IllegalTransition as refused:
        detail = f"This is not possible: {refused}."
        raise conflict("illegal-transition", detail, state=refused.state.value) from refused
    except PlanHolds as refused:
        raise conflict("announced-plan-holds", f"{refused}.", field=refused.field) from refused
    except PolicyRefuses as refused:
        raise policy_refused(refused.judgements) from refused
