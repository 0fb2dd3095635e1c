"""Web push: to the browsers in which somebody asked to be told. A push service is whatever a browser names.

So none of them is trusted, and none is "the provider": one that hangs or refuses is tried again with its own
message, and holds up nobody else's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from chassis.database import Database
from chassis.fetching import AddressRefused, Limits, NotFetched, Outside
from chassis.mail import printable
from chassis.smtp import RefusedForGood, RefusedForNow
from services.notifications.channels.channel import Suppressed
from services.notifications.delivery.choices import PUSH
from services.notifications.delivery.queue import BATCH, Due
from services.notifications.devices.storage import Device, devices_of, forget, taken
from services.notifications.devices.webpush import PushKey, encrypted, headers
from services.notifications.languages import language_or_default
from services.notifications.mails.digest import content_of

LIMITS = Limits(seconds=8, size=10_000, redirects=0)
_GONE = {404, 410}
"""RFC 8030, 7.3: the subscription is over."""
_LATER = {408, 425, 429}
_TITLE, _TEXT = 120, 400
"""Characters; what is longer is cut by telephones, too."""


class _Outcome(Enum):
    taken = auto()
    gone = auto()
    later = auto()
    refused = auto()


class PushChannel:
    """Each message goes to all browsers of its recipient; one that took it is not sent it again."""

    name = PUSH
    at_once = BATCH

    def __init__(self, database: Database, outside: Outside, key: PushKey) -> None:
        self._database = database
        self._outside = outside
        self._key = key

    async def targets(self, due: Sequence[Due], _now: datetime) -> Mapping[UUID, Sequence[Device]]:
        async with self._database.connection() as connection:
            found = await devices_of(connection, sorted({each.recipient for each in due}))
        return {
            each.id: [device for device in found if device.recipient == each.recipient]
            for each in due
            if any(device.recipient == each.recipient for device in found)
        }

    async def send(self, due: Due, target: Sequence[Device], now: datetime) -> None:
        waiting = [device for device in target if device.last_delivery_id != due.id]
        outcomes = await asyncio.gather(*(self._push(due, device, now) for device in waiting))
        if _Outcome.later in outcomes:
            raise RefusedForNow("a push service is busy or away")
        if _Outcome.taken in outcomes or len(waiting) < len(target):
            return
        if _Outcome.refused in outcomes:
            raise RefusedForGood("push-refused")
        raise Suppressed("device-gone")

    async def rest(self) -> None:
        """Nothing is held open between messages."""

    async def _push(self, due: Due, device: Device, now: datetime) -> _Outcome:
        endpoint = device.subscription.endpoint
        try:
            answer = await self._outside.send(
                "POST",
                endpoint,
                content=encrypted(message(due, device.language, now), device.subscription),
                headers=headers(self._key, endpoint, due.id, now, urgent=due.is_binding),
                limits=LIMITS,
            )
        except AddressRefused:
            return _Outcome.refused
        except NotFetched:
            return _Outcome.later
        outcome = _outcome(answer.status)
        async with self._database.transaction() as tx:
            if outcome is _Outcome.gone:
                await forget(tx, device.device_id)
            elif outcome is _Outcome.taken:
                await taken(tx, device, due.id, now)
        return outcome


def _outcome(status: int) -> _Outcome:
    if 200 <= status < 300:
        return _Outcome.taken
    if status in _GONE:
        return _Outcome.gone
    return _Outcome.later if status in _LATER or status >= 500 else _Outcome.refused


def message(due: Due, language: str, now: datetime) -> bytes:
    """What the browser shows, as its service worker reads it (services/portal/static/service-worker.js)."""
    content = content_of(due, language_or_default(language), name="", now=now)
    said = " · ".join(each.title for each in content.items) or content.lead
    shop = due.recipient.merchant_id
    shown = {
        "id": str(due.id),
        "title": printable(content.title)[:_TITLE],
        "text": printable(said)[:_TEXT],
        "path": f"/shops/{shop}/feed" if shop else content.path,
        "language": content.language,
    }
    return json.dumps(shown, ensure_ascii=False).encode()
