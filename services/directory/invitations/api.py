"""Invitations over HTTP: sent by who gives the role, answered by who has the token of the mail."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints
from sqlalchemy import ColumnElement, and_

from chassis.access import MAY_PERSON, PUBLIC, Access, may
from chassis.database import Database, Transaction
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.pagination import PageRequest, Paging, page
from chassis.problems import not_found
from services.directory.cities import storage as cities
from services.directory.invitations import answers, storage, use_cases
from services.directory.invitations.domain import Invitation
from services.directory.invitations.places import grant_in
from services.directory.invitations.tables import invitation
from services.directory.people.addresses import EmailAddress
from services.directory.roles import letters

router = APIRouter(prefix="/api/v1", tags=["invitations"])

Inviting = Annotated[Access, may(Role.operator, Role.city_officer, Role.merchant)]


InvitationToken = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Invite(Body):
    """Whom to invite to which role, and where: the place that the role needs."""

    role: Role
    email: EmailAddress
    language: Literal["fr", "nl", "de", "en"]
    city_id: UUID | None = None
    district_id: UUID | None = None
    merchant_id: UUID | None = None
    hands_over: bool = False
    """Whether the inviting person loses the role to whoever accepts."""


class WithToken(Body):
    """The token of the mail: the last part of its link."""

    token: InvitationToken


class InvitationShown(Shown):
    """An invitation, as who sends invitations there sees it."""

    id: UUID
    role: str
    city_id: UUID | None
    merchant_id: UUID | None
    district_id: UUID | None
    email: str | None
    """Null once it is answered or withdrawn."""
    language: str
    state: str
    """`open`, `expired`, `void` (whoever sent it may not give the role any more), `accepted`, `declined`
    or `withdrawn`."""
    hands_over: bool
    invited_by: UUID | None
    """Null for the first operator, whom the server's command line invites."""
    created_at: datetime
    expires_at: datetime
    accepted_by: UUID | None


class Offer(Shown):
    """An invitation, as the invited person sees it."""

    role: str
    city_id: UUID | None
    merchant_id: UUID | None
    district_id: UUID | None
    city_name: dict[str, str] | None
    place_name: str | None
    """Of the shop or district, where it is for one."""
    invited_by_name: str | None
    """Null for the first operator."""
    hands_over: bool
    expires_at: datetime


@router.post("/invitations", status_code=201, response_model=InvitationShown, responses=problems(410, 429))
async def invite(asked: Invite, who: Inviting, now: Now, attempt: Attempt) -> Response:
    """Ask by mail whether somebody wants a role (whoever gives it there). Asked twice, it is one."""

    async def work(tx: Transaction) -> Answer:
        grant = await grant_in(tx, asked.role, asked.city_id, asked.district_id, asked.merchant_id)
        who.within(city_id=grant.city_id, merchant_id=grant.merchant_id)
        wanted = use_cases.Asked(grant, asked.email, asked.language, asked.hands_over)
        sent = await use_cases.invite(tx, wanted, by=who.person_id, carried=who.principal.grants, at=now())
        return Answer(201, _shown(sent, "open").model_dump(mode="json"))

    return await attempt.once(work)


@router.get("/cities/{city_id}/invitations", response_model=Listing[InvitationShown])
async def list_invitations_of_city(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: Annotated[Access, may(Role.city_officer, Role.operator)],
    db: Db,
    now: Now,
    paging: Paging,
) -> dict[str, Any]:
    """Who was invited to act for the city (its officers, operator)."""
    who.within(city_id=city_id)
    async with db.connection() as connection:
        if await cities.city_by_id(connection, city_id) is None:
            raise not_found("city")
    of_shops = (Role.merchant.value, Role.merchant_staff.value)
    of_city = and_(invitation.c.city_id == city_id, invitation.c.role.not_in(of_shops))
    return await _page(request, response, db, paging, place=of_city, now=now())


@router.get("/merchants/{merchant_id}/invitations", response_model=Listing[InvitationShown])
async def list_invitations_of_shop(
    *,
    merchant_id: UUID,
    request: Request,
    response: Response,
    who: Annotated[Access, may(Role.merchant)],
    db: Db,
    now: Now,
    paging: Paging,
) -> dict[str, Any]:
    """Who was invited to work at the shop, or to take it over (its owner)."""
    who.within(city_id=None, merchant_id=merchant_id)
    of_shops = (Role.merchant.value, Role.merchant_staff.value)
    of_shop = and_(invitation.c.merchant_id == merchant_id, invitation.c.role.in_(of_shops))
    return await _page(request, response, db, paging, place=of_shop, now=now())


@router.get("/invitations", response_model=Listing[InvitationShown], dependencies=[may(Role.operator)])
async def list_invitations_everywhere(
    request: Request, response: Response, db: Db, now: Now, paging: Paging
) -> dict[str, Any]:
    """Who was invited to operate, or to be a consultant of all cities (operator)."""
    return await _page(request, response, db, paging, place=invitation.c.city_id.is_(None), now=now())


@router.post(
    "/invitations/{invitation_id}/resend", response_model=InvitationShown, responses=problems(409, 429)
)
async def send_again(
    invitation_id: UUID, who: Annotated[Principal, MAY_PERSON], db: Db, now: Now
) -> InvitationShown:
    """Another mail with a new link; the one before is worth nothing (whoever gives the role there)."""
    async with db.transaction() as tx:
        sent = await use_cases.send_again(tx, invitation_id, by=who.person_id, carried=who.grants, at=now())
    return _shown(sent, "open")


@router.delete("/invitations/{invitation_id}", status_code=204, responses=problems(409))
async def withdraw_invitation(
    invitation_id: UUID, who: Annotated[Principal, MAY_PERSON], db: Db, now: Now
) -> Response:
    """The invitation is worth nothing any more (whoever gives the role there)."""
    async with db.transaction() as tx:
        await use_cases.withdraw(tx, invitation_id, by=who.person_id, carried=who.grants, at=now())
    return Response(status_code=204)


@router.post("/invitations/read", response_model=Offer, responses=problems(404, 410), dependencies=[PUBLIC])
async def read_invitation(asked: WithToken, db: Db, now: Now) -> Offer:
    """What the holder of this token is invited to. The token is in the body: it stays out of logs."""
    async with db.connection() as connection:
        found = await answers.read(connection, asked.token, at=now())
        about = await letters.about(connection, storage.grant_of(found), found.invited_by)
    city_name = {"fr": about["city_fr"], "nl": about["city_nl"]} if about["city_fr"] else None
    return Offer(
        role=found.role,
        city_id=found.city_id,
        merchant_id=found.merchant_id,
        district_id=found.district_id,
        city_name=city_name,
        place_name=about["part"],
        invited_by_name=about["by"],
        hands_over=found.handed_over_by is not None,
        expires_at=found.expires_at,
    )


@router.post("/invitations/accept", status_code=204, responses=problems(404, 409, 410))
async def accept_invitation(
    asked: WithToken, who: Annotated[Principal, MAY_PERSON], db: Db, now: Now
) -> Response:
    """The signed-in person has the role from now on. Needs no Idempotency-Key: twice is once.

    A token of theirs that was given before does not know the role yet: it is to be refreshed.
    """
    async with db.transaction() as tx:
        await answers.accept(tx, asked.token, person_id=who.person_id, at=now())
    return Response(status_code=204)


@router.post("/invitations/decline", status_code=204, responses=problems(404, 410), dependencies=[PUBLIC])
async def decline_invitation(asked: WithToken, db: Db, now: Now) -> Response:
    """The person does not want the role; nobody needs to sign in to say no."""
    async with db.transaction() as tx:
        await answers.decline(tx, asked.token, at=now())
    return Response(status_code=204)


async def _page(
    request: Request,
    response: Response,
    db: Database,
    paging: PageRequest,
    *,
    place: ColumnElement[bool],
    now: datetime,
) -> dict[str, Any]:
    async with db.connection() as connection:
        found = await storage.page_of(connection, place, paging.after(UUID), paging.limit + 1)
        stands = await use_cases.standing(connection, found)
    items = [_shown(each, each.seen_as(now, stands=each.id in stands)) for each in found]
    return page(request, response, items, paging.limit, lambda shown: shown.id)


def _shown(found: Invitation, state: str) -> InvitationShown:
    return InvitationShown(
        id=found.id,
        role=found.role,
        city_id=found.city_id,
        merchant_id=found.merchant_id,
        district_id=found.district_id,
        email=found.email,
        language=found.language,
        state=state,
        hands_over=found.handed_over_by is not None,
        invited_by=found.invited_by,
        created_at=found.created_at,
        expires_at=found.expires_at,
        accepted_by=found.accepted_by,
    )
