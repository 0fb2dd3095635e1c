"""People over HTTP: who am I, who owns these merchants."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from chassis.access import MAY_PERSON, may_service
from chassis.http import Body, Db, Shown
from chassis.identity import Principal
from chassis.problems import not_found
from services.directory.people import storage

router = APIRouter(prefix="/api/v1", tags=["people"])

MOST_CONTACTS = 500


class GrantShown(Shown):
    """A role and its scope; null is not restricted."""

    role: str
    city_id: UUID | None
    merchant_id: UUID | None
    district_id: UUID | None


class Me(Shown):
    """The signed-in person, with the roles they have now (those in their token may be older)."""

    person_id: UUID
    display_name: str
    language: str
    grants: list[GrantShown]


class AskContacts(Body):
    """Merchants whose owners are to be written to."""

    merchant_ids: Annotated[list[UUID], Field(max_length=MOST_CONTACTS)]


class ContactShown(Shown):
    """Where one owner of one merchant is reached."""

    merchant_id: UUID
    merchant_name: str
    email: str
    language: str


class Contacts(Shown):
    """Owners of those merchants that are claimed and listed; the others are left out."""

    items: list[ContactShown]


@router.get("/people/me", response_model=Me)
async def show_me(principal: Annotated[Principal, MAY_PERSON], db: Db) -> Me:
    """Who the token speaks for."""
    async with db.connection() as connection:
        person = await storage.person_by_id(connection, principal.person_id)
        grants = await storage.grants_of(connection, principal.person_id)
    if person is None:
        raise not_found("person")
    return Me(
        person_id=person["id"],
        display_name=person["display_name"],
        language=person["language"],
        grants=[GrantShown(**asdict(each)) for each in grants],
    )


@router.post("/people/contacts", response_model=Contacts, dependencies=[may_service("notifications")])
async def list_contacts(asked: AskContacts, db: Db) -> Contacts:
    """Addresses for the moment of sending (notifications alone; nobody else holds them)."""
    async with db.connection() as connection:
        found = await storage.contacts(connection, asked.merchant_ids)
    return Contacts(items=[ContactShown(**vars(contact)) for contact in found])
