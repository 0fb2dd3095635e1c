"""A city makes a key for one of its systems, the system signs in with it, the city revokes it."""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from chassis.database import Database, Transaction
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.problems import conflict, invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import storage as cities
from services.directory.cities.tables import district
from services.directory.keys import storage
from services.directory.keys.domain import MOST_KEYS, USUAL_LIFE, ApiKey, Unusable, why_not_until

SECRET_PREFIX = "cococity_"  # noqa: S105  no secret: what scanners of source code know one by
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Wanted:
    """What somebody wants a key to be."""

    name: str
    scopes: Collection[str]
    district_id: UUID | None
    expires_at: datetime | None


def new_secret() -> str:
    """256 random bits, as a text that is known for what it is where it leaks."""
    return SECRET_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def hashed(secret: str) -> bytes:
    """What is stored of a secret.

    One round of SHA-256 is enough here: slow hashes make passwords hard to guess, and nobody guesses 256
    random bits. A slow one would only let anybody burn this service's processor.
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


async def make_key(
    tx: Transaction, city_id: UUID, wanted: Wanted, secret: str, *, by: UUID, at: datetime
) -> ApiKey:
    """A new key of the city.

    Raises 404 without the city, 422 for a district of another or a time that is none, 409 for one too many.
    """
    if await cities.lock(tx, city_id) is None:  # and so two officers do not both make the last one
        raise not_found("city")
    expires_at = wanted.expires_at or at + USUAL_LIFE
    if (wrong := why_not_until(expires_at, at)) is not None:
        raise invalid("expires_at", wrong)
    await _require_district(tx, city_id, wanted.district_id)
    if await storage.count_usable(tx, city_id, at) >= MOST_KEYS:
        raise conflict("too-many-keys", f"The city has {MOST_KEYS} keys in use. Revoke one first.")
    new = ApiKey(
        id=new_id(),
        city_id=city_id,
        name=wanted.name,
        scopes=tuple(sorted(set(wanted.scopes))),
        district_id=wanted.district_id,
        made_by=by,
        made_at=at,
        expires_at=expires_at,
    )
    await storage.add(tx, new, hashed(secret))
    await audit.record(tx, Action.KEY_MADE, new.id, by=by, city_id=city_id, at=at)
    return new


async def _require_district(tx: Transaction, city_id: UUID, district_id: UUID | None) -> None:
    if district_id is None:
        return
    # The city is locked, so that it is not removed at the same time.
    ours = (district.c.id == district_id, district.c.city_id == city_id)
    if (await tx.execute(cities.present_districts().where(*ours))).first() is None:
        raise invalid("district_id", "the city has no such district")


async def use_key(database: Database, key_id: UUID, secret: str, at: datetime) -> ApiKey:
    """The key, once its secret was shown; the use is recorded. Raises Unusable and TooManyTokens."""
    async with database.connection() as connection:
        stored = await storage.secret_hash_of(connection, key_id)
    # Before anything is locked: whoever knows an id alone must not hold up its key.
    same = hmac.compare_digest(stored or bytes(32), hashed(secret))
    if stored is None or not same:
        raise Unusable("No key has this id and secret.")
    async with database.transaction() as tx:
        found = await storage.lock(tx, key_id)
        if found is None:
            raise Unusable("No key has this id and secret.")
        used = found.used(at)
        await storage.record_use(tx, used)
    return used


async def revoke_key(tx: Transaction, city_id: UUID, key_id: UUID, *, by: UUID, at: datetime) -> None:
    """The key gets no more tokens; asked twice, it stays so. Raises 404 where the city has no such key."""
    found = await storage.lock(tx, key_id)
    if found is None or found.city_id != city_id:
        raise not_found("key")
    if found.revoked_at is None:
        await storage.record_revocation(tx, key_id, at)
        await audit.record(tx, Action.KEY_REVOKED, key_id, by=by, city_id=city_id, at=at)


def grant_of(key: ApiKey) -> Grant:
    """What a key may do: what an officer of its city may, or one of the association of its district."""
    if key.district_id is None:
        return Grant(Role.city_officer, key.city_id)
    return Grant(Role.association_officer, key.city_id, district_id=key.district_id)
