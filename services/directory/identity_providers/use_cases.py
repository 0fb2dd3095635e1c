"""Somebody leaves for their city's identity provider, comes back, and is who they were the last time."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database, Transaction
from chassis.ids import new_id
from chassis.problems import conflict
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.identity_providers.client import Departure
from services.directory.identity_providers.configured import IdentityProvider
from services.directory.identity_providers.domain import LONGEST_SIGN_IN, Identity
from services.directory.identity_providers.tables import external_identity, provider_sign_in
from services.directory.people import storage as people
from services.directory.people.tables import person

_TICKET_BYTES = 32
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:issuer || ' ' || :subject, 0))")


class UnderWay(NamedTuple):
    """A sign-in that somebody came back from."""

    nonce: str
    code_verifier: str
    person_id: UUID | None


async def note_departure(
    tx: Transaction, provider: IdentityProvider, left: Departure, by: UUID | None, at: datetime
) -> str:
    """Remember the sign-in for its time; returns the ticket that the browser keeps until it comes back.

    `by` is who is signed in already; somebody who was erased since is nobody.
    """
    known = by is not None and await people.person_by_id(tx, by) is not None
    ticket = secrets.token_urlsafe(_TICKET_BYTES)
    await tx.execute(
        insert(provider_sign_in).values(
            ticket_hash=_hashed(ticket),
            city_id=provider.city_id,
            provider=provider.name,
            state=left.state,
            nonce=left.nonce,
            code_verifier=left.code_verifier,
            person_id=by if known else None,
            expires_at=at + LONGEST_SIGN_IN,
        )
    )
    return ticket


async def take_departure(
    database: Database, provider: IdentityProvider, ticket: str, state: str, at: datetime
) -> UnderWay | None:
    """The sign-in of this ticket and state, once: whoever is first has it, whatever becomes of it then."""
    known = provider_sign_in.c
    taking = (
        delete(provider_sign_in)
        .where(known.ticket_hash == _hashed(ticket), known.provider == provider.name, known.expires_at > at)
        .returning(known.state, known.nonce, known.code_verifier, known.person_id)
    )
    async with database.transaction() as tx:
        row = (await tx.execute(taking)).one_or_none()
    if row is None or not secrets.compare_digest(row.state.encode(), state.encode("utf-8", "replace")):
        return None
    return UnderWay(row.nonce, row.code_verifier, row.person_id)


async def person_of(
    tx: Transaction, provider: IdentityProvider, identity: Identity, by: UUID | None, at: datetime
) -> UUID:
    """Who this is here: by issuer and subject, never by their mail address.

    Somebody new is connected with the account they were signed in to (`by`), or gets one of their own. Raises
    409 where the subject is somebody else's, another account has the address, or the provider does not
    give out such addresses.
    """
    await tx.execute(_ONE_AT_A_TIME, {"issuer": identity.issuer, "subject": identity.subject})
    known = await _known(tx, identity, at)
    if known is not None:
        if by is not None and by != known:
            raise conflict("identity-taken", "This account of the provider belongs to somebody else here.")
        return known
    person_id = by or await _add_person(tx, provider, identity, at)
    await tx.execute(
        insert(external_identity).values(
            issuer=identity.issuer,
            subject=identity.subject,
            city_id=provider.city_id,
            person_id=person_id,
            linked_at=at,
            last_used_at=at,
        )
    )
    await audit.record(
        tx, Action.IDENTITY_CONNECTED, person_id, by=person_id, city_id=provider.city_id, at=at
    )
    return person_id


async def _known(tx: Transaction, identity: Identity, at: datetime) -> UUID | None:
    using = (
        update(external_identity)
        .where(external_identity.c.issuer == identity.issuer, external_identity.c.subject == identity.subject)
        .values(last_used_at=at)
        .returning(external_identity.c.person_id)
    )
    found: UUID | None = (await tx.execute(using)).scalar_one_or_none()
    return found


async def _add_person(tx: Transaction, provider: IdentityProvider, identity: Identity, at: datetime) -> UUID:
    """Without any role: those are given here, by somebody of the city.

    Only with an address that the provider's city gives out: with another one, somebody could have an account
    here before whoever the address belongs to, who would share it with them later.
    """
    if not provider.gives_out(identity.email):
        detail = "Your provider does not vouch for this mail address. Sign in by mail, then connect it."
        raise conflict("sign-in-first", detail)
    values = {
        "id": new_id(),
        "display_name": identity.name,
        "email": identity.email.lower(),  # the one form of an address (people/addresses.py)
        "language": identity.language,
        "created_at": at,
    }
    adding = insert(person).values(values).on_conflict_do_nothing().returning(person.c.id)
    added: UUID | None = (await tx.execute(adding)).scalar_one_or_none()
    if added is None:
        detail = (
            "There is an account with your mail address already. Sign in to it, then connect the provider."
        )
        raise conflict("sign-in-first", detail)
    return added


def _hashed(ticket: str) -> bytes:
    """Of 256 random bits, so one round is enough (see keys/use_cases.py)."""
    return sha256(ticket.encode("utf-8", "replace")).digest()
