"""What the directory knows about a person, how they see it, and what an erasure leaves of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, cut, deleted, kept, nothing, referring, rows
from services.directory.audit.tables import audit_entry
from services.directory.cities.tables import city
from services.directory.claims.tables import claim, claim_dispute, invitation, invitation_run
from services.directory.consents.tables import consent
from services.directory.corrections.tables import IS_OPEN, merchant_correction
from services.directory.erasures import domain, storage
from services.directory.erasures.tables import erasure
from services.directory.erasures.use_cases import is_run_by_others
from services.directory.factors.tables import authenticator, passkey, recovery_code
from services.directory.identity_providers.tables import external_identity, provider_sign_in
from services.directory.imports.jobs import storage as reports
from services.directory.imports.jobs.tables import import_job
from services.directory.invitations.tables import invitation as role_invitation
from services.directory.keys.tables import api_key
from services.directory.mails.tables import mail
from services.directory.merchants import objections
from services.directory.merchants import storage as merchants
from services.directory.merchants.use_cases import close_merchant, release_merchant
from services.directory.people.tables import person, role_grant
from services.directory.proposals.tables import merchant_proposal
from services.directory.sessions.tables import session
from services.directory.sign_in.tables import sign_in_request

_OF_INVITATION = (
    role_invitation.c.created_at,
    role_invitation.c.role,
    role_invitation.c.city_id,
    role_invitation.c.merchant_id,
    role_invitation.c.state,
)


async def _show_audit(connection: AsyncConnection, principal: Principal) -> Rows:
    known = audit_entry.c
    own = (known.actor_id == principal.person_id) | (known.subject_id == principal.person_id)
    found = select(known.at, known.city_id, known.action, known.actor_id, known.subject_id, known.details)
    return await rows(connection, found.where(own).order_by(known.id))


def _to_address(name: str, address: Column[str], *shown: Column[Any]) -> Holding:
    """Rows that have the person's mail address and not their id: shown, and deleted."""

    def of_person(person_id: UUID) -> ColumnElement[bool]:
        return address.in_(select(person.c.email).where(person.c.id == person_id))

    async def show(connection: AsyncConnection, principal: Principal) -> Rows:
        return await rows(connection, select(*shown).where(of_person(principal.person_id)).order_by(*shown))

    async def erase(tx: Transaction, asked: Erasure) -> None:
        await tx.execute(delete(address.table).where(of_person(asked.person_id)))

    return Holding(name, (), show, erase)


async def _show_erasures(connection: AsyncConnection, principal: Principal) -> Rows:
    columns = (erasure.c.id, erasure.c.requested_at, erasure.c.confirmed_at, erasure.c.closes_shops)
    return await rows(connection, select(*columns).where(erasure.c.person_id == principal.person_id))


async def _keep_in_mind(tx: Transaction, asked: Erasure) -> None:
    """The request itself stays: after a restore everybody is told again from it. So does this one's part."""
    known = domain.Erasure(
        id=asked.id,
        person_id=asked.person_id,
        requested_at=asked.asked_at,
        closes_shops=bool(asked.closed_merchants),
        confirmed_at=asked.asked_at,
        closed_merchant_ids=tuple(asked.closed_merchants),
        left_merchant_ids=tuple(asked.left_merchants),
    )
    await storage.remember(tx, known)
    await storage.add_parts(tx, "directory", [(asked.id, asked.at)])


async def _close_shops(tx: Transaction, asked: Erasure) -> None:
    """Their rows stay, with what and where they were alone, and who they were in hashes: no import, of
    whatever source, lists them again."""
    for merchant_id in sorted(asked.closed_merchants):
        shop = await merchants.lock_one(tx, merchant_id)
        if shop is None:
            continue
        if not shop.closed:  # the database was restored from before it was closed
            await close_merchant(tx, shop, by=asked.person_id, at=asked.at)
        await objections.remember(tx, shop, asked.at)
        await merchants.forget_details(tx, shop)
        await reports.forget_rows(tx, shop)


async def _release_shops(tx: Transaction, asked: Erasure) -> None:
    """Those that go on without an account are listed like any other: somebody else can claim them."""
    for merchant_id in sorted(asked.left_merchants):
        shop = await merchants.lock_one(tx, merchant_id)
        if shop is not None and not await is_run_by_others(tx, merchant_id, asked.person_id):
            await release_merchant(tx, shop, by=asked.person_id, at=asked.at)


async def _show_corrections(connection: AsyncConnection, principal: Principal) -> Rows:
    hidden = {"person_id", "decided_by", "receipt_id"}
    shown = select(*(column for column in merchant_correction.c if column.name not in hidden))
    own = merchant_correction.c.person_id == principal.person_id
    return await rows(connection, shown.where(own).order_by(merchant_correction.c.id))


async def _erase_corrections(tx: Transaction, asked: Erasure) -> None:
    """What nobody decided about goes; what was is the shop's, without its author and what they wrote."""
    own = merchant_correction.c.person_id == asked.person_id
    await tx.execute(delete(merchant_correction).where(own, IS_OPEN))
    await tx.execute(update(merchant_correction).where(own).values(person_id=None, note=None))


def _named_in_public(name: str, whose: Column[Any]) -> Holding:
    """The name that a city shows of somebody: taken away, so that the city names another."""
    prefix = whose.name.removesuffix("person_id")
    called, function = city.c[f"{prefix}name"], city.c[f"{prefix}role"]

    async def show(connection: AsyncConnection, principal: Principal) -> Rows:
        mine = whose == principal.person_id
        return await rows(connection, select(city.c.id, called, function).where(mine).order_by(city.c.id))

    async def erase(tx: Transaction, asked: Erasure) -> None:
        gone = {called: None, function: None, whose: None, city.c.version: city.c.version + 1}
        await tx.execute(update(city).where(whose == asked.person_id).values(gone))

    return Holding(name, (whose,), show, erase)


HOLDINGS = (
    # Before the roles: whoever else changes who runs a shop locks it first, too.
    Holding("shops left by the person", (), nothing, _release_shops),
    deleted(
        "roles",
        role_grant.c.person_id,
        role_grant.c.role,
        role_grant.c.city_id,
        role_grant.c.district_id,
        role_grant.c.merchant_id,
        role_grant.c.granted_at,
    ),
    deleted(
        "sign-ins at a city's provider",
        external_identity.c.person_id,
        external_identity.c.issuer,
        external_identity.c.subject,
        external_identity.c.linked_at,
        external_identity.c.last_used_at,
    ),
    deleted(
        "sign-ins under way",
        provider_sign_in.c.person_id,
        provider_sign_in.c.provider,
        provider_sign_in.c.expires_at,
    ),
    deleted("claims", claim.c.person_id, claim.c.merchant_id, claim.c.at, claim.c.how),
    cut("claims confirmed", claim.c.confirmed_by, claim.c.merchant_id, claim.c.at, claim.c.how),
    deleted(
        "claims disputed",
        claim_dispute.c.claimant_id,
        claim_dispute.c.merchant_id,
        claim_dispute.c.opened_at,
        claim_dispute.c.how,
        claim_dispute.c.outcome,
        claim_dispute.c.reason,
        claim_dispute.c.decided_at,
    ),
    cut(
        "disputed claims confirmed",
        claim_dispute.c.confirmed_by,
        claim_dispute.c.merchant_id,
        claim_dispute.c.how,
    ),
    cut(
        "disputes decided",
        claim_dispute.c.decided_by,
        claim_dispute.c.merchant_id,
        claim_dispute.c.outcome,
        claim_dispute.c.reason,
        claim_dispute.c.decided_at,
    ),
    cut(
        "proposed shops decided",
        merchant_proposal.c.decided_by,
        merchant_proposal.c.city_id,
        merchant_proposal.c.state,
        merchant_proposal.c.decided_at,
    ),
    Holding(
        "suggested corrections", (merchant_correction.c.person_id,), _show_corrections, _erase_corrections
    ),
    cut(
        "suggested corrections decided",
        merchant_correction.c.decided_by,
        merchant_correction.c.merchant_id,
        merchant_correction.c.field,
        merchant_correction.c.state,
        merchant_correction.c.decided_at,
    ),
    cut(
        "invitations asked for",
        invitation_run.c.asked_by,
        invitation_run.c.city_id,
        invitation_run.c.asked_at,
    ),
    cut("invitations sent", invitation_run.c.sent_by, invitation_run.c.city_id, invitation_run.c.sent_at),
    cut("invitations used", invitation.c.used_by, invitation.c.merchant_id, invitation.c.used_at),
    cut("keys made", api_key.c.made_by, api_key.c.city_id, api_key.c.name, api_key.c.made_at),
    deleted(
        "sessions",
        session.c.person_id,
        session.c.device,
        session.c.began_at,
        session.c.used_at,
        session.c.ended_at,
        session.c.strengthened_at,
    ),
    deleted("roles offered", role_invitation.c.invited_by, *_OF_INVITATION),
    deleted("roles handed over", role_invitation.c.handed_over_by, *_OF_INVITATION),
    deleted("roles accepted", role_invitation.c.accepted_by, *_OF_INVITATION),
    _to_address("roles offered to the person", role_invitation.c.email, *_OF_INVITATION),
    deleted(
        "consents",
        consent.c.person_id,
        consent.c.given_at,
        consent.c.purpose,
        consent.c.version,
        consent.c.language,
        consent.c.age,
        consent.c.withdrawn_at,
    ),
    _to_address("mails on their way", mail.c.recipient, mail.c.created_at, mail.c.kind),
    _to_address(
        "requests to sign in",
        sign_in_request.c.email,
        sign_in_request.c.language,
        sign_in_request.c.expires_at,
    ),
    deleted(
        "authenticators", authenticator.c.person_id, authenticator.c.set_up_at, authenticator.c.confirmed_at
    ),
    deleted(
        "passkeys",
        passkey.c.person_id,
        passkey.c.name,
        passkey.c.is_synced,
        passkey.c.added_at,
        passkey.c.last_used_at,
    ),
    deleted("recovery codes", recovery_code.c.person_id, recovery_code.c.made_at, recovery_code.c.used_at),
    deleted(
        "account",
        person.c.id,
        person.c.id,
        person.c.display_name,
        person.c.email,
        person.c.language,
        person.c.created_at,
        person.c.last_used_at,
        person.c.warned_at,
    ),
    # After the account: whoever names the person meanwhile has its row locked (`cities/responsible.py`).
    _named_in_public("responsible person of a city", city.c.responsible_person_id),
    _named_in_public("deputy in a city", city.c.deputy_person_id),
    referring(
        "imports", import_job.c.created_by, import_job.c.city_id, import_job.c.created_at, import_job.c.source
    ),
    Holding("audit", (audit_entry.c.actor_id, audit_entry.c.subject_id), _show_audit, kept),
    Holding("erasures", (erasure.c.person_id,), _show_erasures, _keep_in_mind),
    Holding("shops closed with the person", (), nothing, _close_shops),
)
"""In the order in which they are erased: roles hang on the account, mails are found by its address."""
