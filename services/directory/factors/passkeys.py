"""Passkeys (WebAuthn Level 3): added, renamed, removed, and what they prove.

The person is always verified (by PIN, finger or face) by what keeps the key, and the key can always be found
without a name being typed: so that each signs in by itself, and then counts as two factors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chassis.database import Database, Transaction
from chassis.identity import Principal
from chassis.ids import new_id
from chassis.problems import Problem, conflict, not_found
from services.directory.audit.domain import Action
from services.directory.factors import challenges, gate, passkey_storage, recovery
from services.directory.factors.challenges import Purpose
from services.directory.factors.domain import CHALLENGE_FOR, KEYS, MOST_PASSKEYS, MULTI, Factor, key_method
from services.directory.factors.relying_party import RelyingParty
from services.directory.factors.telling import tell
from services.directory.people import storage as people
from services.directory.sessions import use_cases as sessions

NAME = "CoCoCity"
_VERIFIED = UserVerificationRequirement.REQUIRED
_TIMEOUT = int(CHALLENGE_FOR.total_seconds() * 1000)

Credential = Mapping[str, Any]
"""What the browser made of a passkey's answer: its `toJSON()`."""

log = structlog.get_logger(__name__)


async def ask_to_add(tx: Transaction, principal: Principal, party: RelyingParty, at: datetime) -> Any:
    """The options with which a browser makes a passkey for the person."""
    session = await gate.may_change(tx, principal, at)
    known = await passkey_storage.of_person(tx, principal.person_id)
    if len(known) >= MOST_PASSKEYS:
        raise conflict("too-many-passkeys", f"There are {MOST_PASSKEYS} already. Remove one first.")
    person = await people.person_by_id(tx, principal.person_id)
    assert person is not None  # it is locked
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=principal.person_id.bytes,
        user_name=person["email"],
        user_display_name=person["display_name"] or person["email"],
        challenge=await challenges.make(tx, Purpose.ADD, session["id"], at),
        timeout=_TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row["credential_id"]) for row in known],
    )
    return options_to_json_dict(options)


async def add(
    database: Database,
    principal: Principal,
    party: RelyingParty,
    *,
    credential: Credential,
    name: str,
    at: datetime,
) -> tuple[sessions.Open, Sequence[str] | None]:
    """The passkey counts, in this session too. With the first factor come recovery codes.

    Raises 403 for one that is not made for here, 409 for one that is somebody's, 410 for an old challenge.
    """
    challenge = await challenges.take(database, Purpose.ADD, principal.session_id, credential, at)
    made = _verified_new(party, credential, challenge)
    is_synced = made.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    person_id = principal.person_id
    values = {
        "id": new_id(),
        "person_id": person_id,
        "credential_id": made.credential_id,
        "public_key": made.credential_public_key,
        "sign_count": made.sign_count,
        "is_synced": is_synced,
        "name": name,
        "added_at": at,
    }
    async with database.transaction() as tx:
        session = await gate.may_change(tx, principal, at)
        if not await passkey_storage.add(tx, values):
            raise conflict("passkey-known", "This passkey was added before.")
        codes = await recovery.make_first(tx, person_id, at)
        await tell(tx, Action.FACTOR_ADDED, person_id, by=person_id, at=at, factor=Factor.PASSKEY)
        return await sessions.strengthen(tx, session, [key_method(is_synced=is_synced)], at), codes


async def ask_to_sign_in(tx: Transaction, party: RelyingParty, at: datetime) -> Any:
    """The options with which a browser offers the passkeys it has for here, whosever they are."""
    return _options(party, await challenges.make(tx, Purpose.SIGN_IN, None, at))


async def sign_in(
    database: Database, party: RelyingParty, credential: Credential, device: str | None, at: datetime
) -> sessions.Open:
    """A session of whoever has the passkey, with two factors: the key, and what unlocked it."""
    challenge = await challenges.take(database, Purpose.SIGN_IN, None, credential, at)
    async with database.transaction() as tx:
        used = await _use(tx, party, credential, challenge, at)
        methods = [key_method(is_synced=used["is_synced"]), MULTI]
        return await sessions.begin(tx, used["person_id"], methods, device, at)


async def ask_for_second_factor(
    tx: Transaction, principal: Principal, party: RelyingParty, at: datetime
) -> Any:
    """The options with which a browser asks for one of the person's passkeys. Raises 409 without any."""
    session = await sessions.current(tx, principal, at)
    known = await passkey_storage.of_person(tx, principal.person_id)
    if not known:
        raise conflict("no-passkey", "No passkey was added.")
    challenge = await challenges.make(tx, Purpose.SECOND_FACTOR, session["id"], at)
    return _options(party, challenge, [row["credential_id"] for row in known])


async def give(
    database: Database, principal: Principal, party: RelyingParty, credential: Credential, at: datetime
) -> sessions.Open:
    """The session is strong by a passkey of its person."""
    challenge = await challenges.take(database, Purpose.SECOND_FACTOR, principal.session_id, credential, at)
    async with database.transaction() as tx:
        session = await gate.own_session(tx, principal, at)
        used = await _use(tx, party, credential, challenge, at, of=principal.person_id)
        return await sessions.strengthen(tx, session, [key_method(is_synced=used["is_synced"])], at)


async def rename(tx: Transaction, passkey_id: UUID, principal: Principal, name: str) -> None:
    """Raises 404 where it is none of theirs."""
    if not await passkey_storage.rename(tx, passkey_id, principal.person_id, name):
        raise not_found("passkey")


async def remove(tx: Transaction, passkey_id: UUID, principal: Principal, at: datetime) -> None:
    """Raises 404 where it is none of theirs, 409 for a last factor of staff."""
    person_id = principal.person_id
    await gate.may_change(tx, principal, at)
    if not await passkey_storage.remove(tx, passkey_id, person_id):
        raise not_found("passkey")
    await gate.after_removal(tx, person_id, KEYS, at)
    await tell(tx, Action.FACTOR_REMOVED, person_id, by=person_id, at=at, factor=Factor.PASSKEY)


def _options(party: RelyingParty, challenge: bytes, allowed: Sequence[bytes] = ()) -> Any:
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_TIMEOUT,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in allowed],
        user_verification=_VERIFIED,
    )
    return options_to_json_dict(options)


def _verified_new(party: RelyingParty, credential: Credential, challenge: bytes) -> Any:
    try:
        return verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except Exception as error:  # the library raises what its decoders do
        raise _refused(str(error)) from None


async def _use(
    tx: Transaction,
    party: RelyingParty,
    credential: Credential,
    challenge: bytes,
    at: datetime,
    *,
    of: UUID | None = None,
) -> RowMapping:
    """The passkey that answered, its counter moved on. Raises 403 where it is unknown, or the answer wrong.

    A counter that does not grow is a copy of the key somewhere, or an old answer (WebAuthn, section 6.1.1).
    """
    credential_id, handle = _named(credential)
    known = await passkey_storage.lock(tx, credential_id)
    if known is None or of not in {None, known["person_id"]}:
        raise _refused("it is not known here, or somebody else's")
    if handle not in {None, known["person_id"].bytes}:
        raise _refused("it names another person")
    try:
        answer = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=known["public_key"],
            credential_current_sign_count=known["sign_count"],
            require_user_verification=True,
        )
    except Exception as error:  # the library raises what its decoders do
        raise _refused(str(error)) from None
    await passkey_storage.used(tx, known["id"], answer.new_sign_count, at)
    return known


def _named(credential: Credential) -> tuple[bytes, bytes | None]:
    """The id of the credential, and whom it names (its user handle, where it has one)."""
    try:
        handle = credential["response"].get("userHandle")
        named = None if handle is None else base64url_to_bytes(handle)
        return base64url_to_bytes(credential["rawId"]), named
    except Exception as error:
        raise _refused(str(error)) from None


def _refused(reason: str) -> Problem:
    # What the library quotes is what the client sent, and is left out.
    log.warning("passkey refused", reason=reason.partition('"')[0][:100])
    detail = "This passkey was not accepted. Sign in another way, and add it again."
    return Problem(403, "passkey-refused", "Not accepted", detail, field="credential")
