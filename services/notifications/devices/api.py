"""Browsers to be told in, over HTTP: a merchant's by its owner, a person's by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import StringConstraints

from chassis.access import MAY_PERSON, PUBLIC, Access, may
from chassis.fetching import AddressRefused, Outside
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.problems import Problem, invalid, not_found
from chassis.writing import refuse_the_erased
from services.notifications.devices.storage import Device, Subscription, add, devices_of, remove
from services.notifications.devices.webpush import PushKey, is_public_key, is_secret
from services.notifications.merchants.claimed import city_of
from services.notifications.recipients import Recipient, to_merchant, to_person

DeviceId = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of the endpoint, in hexadecimal digits."""
Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Owner = Annotated[Access, may(Role.merchant)]
Person = Annotated[Principal, MAY_PERSON]


class Keys(Body):
    """As the browser's `PushSubscription.toJSON()` has them: base64url."""

    p256dh: Key
    auth: Key


class NewDevice(Body):
    """A browser's subscription, and the language it is told in."""

    endpoint: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    keys: Keys
    language: Literal["fr", "nl", "de", "en"]


class ShownDevice(Shown):
    """`service` is the host of its maker's push service."""

    id: str
    service: str
    language: str
    since: datetime


class ShownDevices(Shown):
    items: list[ShownDevice]


class ShownPushKey(Shown):
    """What browsers subscribe with (`applicationServerKey`), base64url."""

    key: str


async def _owned(merchant_id: UUID, who: Owner) -> UUID:
    who.within(city_id=None, merchant_id=merchant_id)
    return merchant_id


Owned = Annotated[UUID, Depends(_owned)]


def router(key: PushKey | None, outside: Outside) -> APIRouter:
    """The routes; without a key of this installation nobody can subscribe."""
    routes = APIRouter(prefix="/api/v1", tags=["preferences"])

    @routes.get("/notifications/push-key", dependencies=[PUBLIC], responses=problems(503))
    async def push_key() -> ShownPushKey:
        """The public key of this installation towards push services (RFC 8292)."""
        if key is None:
            raise Problem(503, "push-off", "Push is off", "This installation has no key for push messages.")
        return ShownPushKey(key=key.public)

    _add_merchants(routes, outside)
    _add_own(routes, outside)
    return routes


def _add_merchants(routes: APIRouter, outside: Outside) -> None:
    @routes.get("/notifications/devices/{merchant_id}")
    async def devices(merchant: Owned, who: Owner, database: Db) -> ShownDevices:
        """The browsers in which the shop is told."""
        async with database.scoped(who.cities) as connection:
            return _shown(await devices_of(connection, [to_merchant(merchant)]))

    @routes.put("/notifications/devices/{merchant_id}")
    async def add_device(
        *, merchant: Owned, who: Owner, device: NewDevice, database: Db, now: Now
    ) -> ShownDevice:
        """Tell the shop's news in this browser too; doing it again renews it."""
        subscription = _checked(device, outside)
        async with database.transaction() as tx:
            await refuse_the_erased(tx, str(who.person_id))
            city = await city_of(tx, merchant)
            if city is None:
                raise not_found("merchant")
            await add(
                tx,
                to_merchant(merchant),
                subscription,
                city=city,
                person=who.person_id,
                language=device.language,
                now=now(),
            )
        return _shown_one(subscription, device.language, now())

    @routes.delete("/notifications/devices/{merchant_id}/{device_id}", status_code=204)
    async def remove_device(merchant: Owned, device_id: DeviceId, database: Db) -> None:
        """No more in this browser: at once, also what waits."""
        async with database.transaction() as tx:
            if not await remove(tx, to_merchant(merchant), device_id):
                raise not_found("device")


def _add_own(routes: APIRouter, outside: Outside) -> None:
    def mine(principal: Principal) -> Recipient:
        return to_person(principal.person_id)

    @routes.get("/people/me/notification-devices")
    async def my_devices(principal: Person, database: Db) -> ShownDevices:
        """The browsers in which the person is told."""
        async with database.connection() as connection:
            return _shown(await devices_of(connection, [mine(principal)]))

    @routes.put("/people/me/notification-devices")
    async def add_my_device(*, principal: Person, device: NewDevice, database: Db, now: Now) -> ShownDevice:
        """Tell the person in this browser too; doing it again renews it."""
        subscription = _checked(device, outside)
        async with database.transaction() as tx:
            person = principal.person_id
            await refuse_the_erased(tx, str(person))
            me, language = mine(principal), device.language
            await add(tx, me, subscription, city=None, person=person, language=language, now=now())
        return _shown_one(subscription, device.language, now())

    @routes.delete("/people/me/notification-devices/{own_device_id}", status_code=204)
    async def remove_my_device(principal: Person, own_device_id: DeviceId, database: Db) -> None:
        """No more in this browser: at once, also what waits."""
        async with database.transaction() as tx:
            if not await remove(tx, mine(principal), own_device_id):
                raise not_found("device")


def _checked(device: NewDevice, outside: Outside) -> Subscription:
    """Raises 422 for what no push service gives out: somebody else chose the address we are to speak to."""
    try:
        endpoint = outside.check(device.endpoint)
    except AddressRefused as error:
        raise invalid("endpoint", str(error)) from error
    if not endpoint.startswith("https://"):
        raise invalid("endpoint", "push services are spoken to by https alone")
    if not is_public_key(device.keys.p256dh):
        raise invalid("keys.p256dh", "this is no key of a browser (P-256)")
    if not is_secret(device.keys.auth):
        raise invalid("keys.auth", "this is no secret of a browser (16 bytes)")
    return Subscription(endpoint, device.keys.p256dh, device.keys.auth)


def _shown(found: list[Device]) -> ShownDevices:
    return ShownDevices(items=[_shown_one(each.subscription, each.language, each.since) for each in found])


def _shown_one(subscription: Subscription, language: str, since: datetime) -> ShownDevice:
    host = urlsplit(subscription.endpoint).hostname or ""
    return ShownDevice(id=subscription.device_id, service=host, language=language, since=since)
