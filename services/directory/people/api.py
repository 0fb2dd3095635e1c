"""People over HTTP: who am I, who owns these merchants."""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import MAY_PERSON, may_service
from chassis.database import Transaction
from chassis.http import UNSET, Body, Db, Now, ShortText, Shown
from chassis.identity import Principal, Role
from chassis.problems import forbidden, invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Detail
from services.directory.merchants.shown import Address
from services.directory.people import storage
from services.directory.people.storage import Contact

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/api/v1", tags=["people"])

MOST_CONTACTS = 500
DisplayName = Annotated[ShortText, StringConstraints(max_length=80)]


class GrantShown(Shown):
    """A role and its scope; null is not restricted."""

    role: str
    city_id: UUID | None
    merchant_id: UUID | None
    district_id: UUID | None


class Me(Shown):
    """The signed-in person, with the roles they have now (those in their token may be older)."""

    person_id: UUID
    display_name: str | None
    """Null for somebody who has not said yet what to be called."""
    language: str
    grants: list[GrantShown]


class ReviseMe(Body):
    """What changes; a field that is not sent stays as it is. A name that is null is taken back."""

    display_name: DisplayName | None = None
    language: Literal["fr", "nl", "de", "en"] = UNSET
    """In which mails are written."""


class Purpose(StrEnum):
    """What an address is asked for. Another use is another purpose, and asks for its own legal ground."""

    MERCHANT_MAIL = "merchant_mail"
    """A mail to a merchant who agreed to be written to."""
    PERSON_MAIL = "person_mail"
    """A mail to a person about what they did, or decide, here."""
    CALL_LIST = "call_list"
    """Shown to who calls the merchant, who asked for a training or a visit and agreed to be contacted."""


PURPOSES = {
    "notifications": frozenset({Purpose.MERCHANT_MAIL, Purpose.PERSON_MAIL}),
    "assessment": frozenset({Purpose.CALL_LIST}),
}
"""By service, what it may ask addresses for (docs/privacy.md)."""


class AskContacts(Body):
    """Merchants whose owners are to be written to, and why."""

    purpose: Purpose
    merchant_ids: Annotated[list[UUID], Field(max_length=MOST_CONTACTS)]
    shown_to: UUID | None = None
    """The person who is to see them, of whom the audit log says so; nobody, where a machine alone does."""

    def check(self) -> None:
        """Raise 422 where it is not said who sees the addresses, or said though nobody may."""
        if self.purpose is Purpose.CALL_LIST and self.shown_to is None:
            raise invalid("shown_to", "a call list is shown to somebody")
        if self.purpose is Purpose.MERCHANT_MAIL and self.shown_to is not None:
            raise invalid("shown_to", "nobody sees the address of a mail")


class ContactShown(Shown):
    """Where one owner of one merchant is reached."""

    merchant_id: UUID
    merchant_name: str
    email: str
    language: str
    person_name: str | None = None
    phone: str | None = None
    address: Address | None = None
    """This and what stands before it: on a call list. A mail needs none of it."""


class Contacts(Shown):
    """Owners of those merchants that are claimed and listed; the others are left out."""

    items: list[ContactShown]


class AskAddresses(Body):
    """People who are to be written to."""

    purpose: Literal[Purpose.PERSON_MAIL]
    person_ids: Annotated[list[UUID], Field(max_length=MOST_CONTACTS)]


class AddressOfPerson(Shown):
    """Where one person is reached; the name is null for somebody who has not said what to be called."""

    person_id: UUID
    person_name: str | None
    email: str
    language: str


class Addresses(Shown):
    """Those of the people who have an account; the others are left out."""

    items: list[AddressOfPerson]


class AskHolders(Body):
    """Cities whose people in a role are to be told something."""

    city_ids: Annotated[list[UUID], Field(max_length=MOST_CONTACTS)]
    roles: Annotated[
        list[Literal[Role.city_officer, Role.association_officer, Role.consultant]], Field(max_length=3)
    ]


class Holder(Shown):
    """A person who has that role in that city; a consultant of all cities has it in each."""

    city_id: UUID
    role: str
    person_id: UUID


class Holders(Shown):
    """Each once, with neither name nor address."""

    items: list[Holder]


@router.get("/people/me", response_model=Me)
async def show_me(principal: Annotated[Principal, MAY_PERSON], db: Db) -> Me:
    """Who the token speaks for."""
    async with db.connection() as connection:
        return await _shown(connection, principal.person_id)


@router.patch("/people/me", response_model=Me)
async def revise_me(asked: ReviseMe, principal: Annotated[Principal, MAY_PERSON], db: Db) -> Me:
    """Say what to be called and in which language, or take the name back (GDPR art. 16)."""
    async with db.transaction() as tx:
        await storage.revise(tx, principal.person_id, asked.model_dump(exclude_unset=True))
        return await _shown(tx, principal.person_id)


async def _shown(connection: AsyncConnection, person_id: UUID) -> Me:
    person = await storage.person_by_id(connection, person_id)
    if person is None:
        raise not_found("person")
    grants = await storage.grants_of(connection, person_id)
    return Me(
        person_id=person["id"],
        display_name=person["display_name"],
        language=person["language"],
        grants=[GrantShown(**asdict(each)) for each in grants],
    )


@router.post("/people/contacts", response_model=Contacts, response_model_exclude_none=True)
async def list_contacts(
    asked: AskContacts, principal: Annotated[Principal, may_service(*PURPOSES)], db: Db, now: Now
) -> Contacts:
    """Addresses for the moment of sending, or of showing a call list; no other service holds them.

    Each look-up is in the audit log with its purpose and numbers: without the entry there are no addresses.
    """
    if not any(principal.is_service(name) and asked.purpose in PURPOSES[name] for name in PURPOSES):
        raise forbidden("This service may not ask for addresses for this.")
    asked.check()
    async with db.transaction() as tx:
        found = await storage.contacts(tx, asked.merchant_ids)
        details: dict[str, Detail] = {
            "purpose": asked.purpose,
            "merchants": len(asked.merchant_ids),
            "addresses": len(found),
        }
        await _note_look_up(tx, principal, asked.shown_to, now(), details)
    return Contacts(items=[_contact_shown(each, asked.purpose) for each in found])


@router.post("/people/addresses", response_model=Addresses)
async def list_addresses(
    asked: AskAddresses, principal: Annotated[Principal, may_service("notifications")], db: Db, now: Now
) -> Addresses:
    """Addresses of people for the moment of sending, with an entry in the audit log as for contacts."""
    async with db.transaction() as tx:
        found = await storage.addresses(tx, asked.person_ids)
        details: dict[str, Detail] = {
            "purpose": asked.purpose,
            "people": len(asked.person_ids),
            "addresses": len(found),
        }
        await _note_look_up(tx, principal, None, now(), details)
    return Addresses(items=[AddressOfPerson(**each) for each in found])


@router.post("/people/holders", response_model=Holders, dependencies=[may_service("notifications")])
async def list_holders(asked: AskHolders, db: Db) -> Holders:
    """Who has a role in a city, by id alone: an address is asked for when something is sent."""
    async with db.connection() as connection:
        found = await storage.holders_of(connection, asked.city_ids, asked.roles)
    return Holders(items=[Holder(**each) for each in found])


async def _note_look_up(
    tx: Transaction, principal: Principal, shown_to: UUID | None, at: datetime, details: dict[str, Detail]
) -> None:
    action = audit.Action.CONTACTS_LOOKED_UP
    await audit.record(tx, action, principal.person_id, by=shown_to, city_id=None, at=at, details=details)
    log.info("contacts looked up", by=principal.subject, **details)


def _contact_shown(contact: Contact, purpose: Purpose) -> ContactShown:
    """What the purpose needs, and no more."""
    shown = ContactShown(
        merchant_id=contact.merchant_id,
        merchant_name=contact.merchant_name,
        email=contact.email,
        language=contact.language,
    )
    if purpose is Purpose.MERCHANT_MAIL:
        return shown
    lies = {name: getattr(contact, name) for name in Address.model_fields}
    called = {"person_name": contact.person_name, "phone": contact.phone, "address": Address(**lies)}
    return shown.model_copy(update=called)
