"""Web push: to the browsers in which somebody asked to be told. A push service is whatever a browser names.

So none of them is trusted, and none is "the provider": one that hangs or refuses is tried again with its own
message, and holds up nobody else's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple
from uuid import UUID

from chassis.database import Database, is_infrastructure_error
from chassis.fetching import AddressRefused, Limits, NotFetched, Outside
from chassis.mail import printable
from chassis.retry_after import retry_after
from chassis.smtp import RefusedForGood, RefusedForNow
from services.notifications.channels.channel import Suppressed
from services.notifications.delivery.choices import PUSH
from services.notifications.delivery.domain import REFUSED_FOR, is_given_up
from services.notifications.delivery.queue import BATCH, LEASE, Due
from services.notifications.delivery.settling import RETRY_NOTE_SECONDS
from services.notifications.devices.arrivals import (
    Arrival,
    arrivals_of,
    failed,
    forget_failing,
    refused,
    taken,
)
from services.notifications.devices.storage import Device, devices_of, forget
from services.notifications.devices.webpush import PushKey, encrypted, headers
from services.notifications.languages import language_or_default
from services.notifications.mails.digest import content_of

LIMITS = Limits(seconds=8, size=10_000, redirects=0)
_GONE = {404, 410}
"""RFC 8030, 7.3: the subscription is over."""
_LATER = {408, 425, 429}
OTHERS_TRIED_FOR = timedelta(hours=6)
"""Once a message arrived in one browser: whoever saw it on a telephone needs it on no desk tomorrow."""
_TITLE, _TEXT = 120, 400
"""Characters; what is longer is cut by telephones, too."""


class Browsers(NamedTuple):
    """Where a message is to go, and whether it arrived somewhere already."""

    left: Sequence[Device]
    was_taken: bool


class _Outcome(Enum):
    taken = auto()
    gone = auto()
    later = auto()
    refused = auto()


class _Answer(NamedTuple):
    device: Device
    outcome: _Outcome
    wait: timedelta = timedelta(0)
    """How long the push service asks to be left alone."""


class PushChannel:
    """Each message goes to all browsers of its recipient, side by side and once.

    It is sent once one took it and the others did so too, refused, or kept us waiting for OTHERS_TRIED_FOR.
    """

    name = PUSH
    at_once = BATCH

    def __init__(self, database: Database, outside: Outside, key: PushKey) -> None:
        self._database = database
        self._outside = outside
        self._key = key

    async def targets(self, due: Sequence[Due], _now: datetime) -> Mapping[UUID, Browsers]:
        async with self._database.connection() as connection:
            devices = await devices_of(connection, sorted({each.recipient for each in due}))
            arrivals = await arrivals_of(connection, due)
        found = {each.id: _browsers(each, devices, arrivals) for each in due}
        return {delivery: browsers for delivery, browsers in found.items() if browsers is not None}

    async def send(self, due: Due, target: Browsers, now: datetime) -> None:
        pushes = [self._push(due, device, now) for device in target.left]
        came = await asyncio.gather(*pushes, return_exceptions=True)  # none is left under way
        answers = [each for each in came if isinstance(each, _Answer)]
        for failure in came:
            if isinstance(failure, BaseException):
                raise failure
        outcomes = {each.outcome for each in answers}
        was_taken = target.was_taken or _Outcome.taken in outcomes
        waits = [each.wait for each in answers if each.outcome is _Outcome.later]
        patience = OTHERS_TRIED_FOR if was_taken else REFUSED_FOR
        if waits and not is_given_up(due.refused_since or now, now, patience):
            raise RefusedForNow("a push service is busy or away", min(waits))
        missed = [each.device for each in answers if each.outcome in {_Outcome.later, _Outcome.refused}]
        if missed:
            async with self._database.transaction() as tx:
                await forget_failing(tx, missed, now)
        if was_taken:
            return
        if waits:
            raise RefusedForGood("refused-too-long")
        if _Outcome.gone in outcomes and _Outcome.refused not in outcomes:
            raise Suppressed("device-gone")
        raise RefusedForGood("push-refused")

    async def rest(self) -> None:
        """Nothing is held open between messages."""

    async def _push(self, due: Due, device: Device, now: datetime) -> _Answer:
        """Ask its push service, unless that wants to be left alone, and note what it said."""
        if device.not_before is not None and device.not_before > now:
            return _Answer(device, _Outcome.later, device.not_before - now)
        answer = await self._asked(due, device, now)
        give_up = asyncio.get_running_loop().time() + LEASE.total_seconds()
        while True:
            try:
                await self._note(due, answer, now)
                return answer
            except Exception as error:  # what arrived and is noted nowhere would arrive again
                if not is_infrastructure_error(error) or asyncio.get_running_loop().time() > give_up:
                    raise
            await asyncio.sleep(RETRY_NOTE_SECONDS)

    async def _note(self, due: Due, answer: _Answer, now: datetime) -> None:
        async with self._database.transaction() as tx:
            match answer.outcome:
                case _Outcome.taken:
                    await taken(tx, due, answer.device, now)
                case _Outcome.refused:
                    await refused(tx, due, answer.device, now)
                case _Outcome.later:
                    await failed(tx, answer.device, now, answer.wait)
                case _Outcome.gone:
                    await forget(tx, answer.device.device_id)

    async def _asked(self, due: Due, device: Device, now: datetime) -> _Answer:
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
            return _Answer(device, _Outcome.refused)
        except NotFetched:
            return _Answer(device, _Outcome.later)
        wait = retry_after(answer.headers.get("retry-after"), now)
        return _Answer(device, _outcome(answer.status), wait or timedelta(0))


def _browsers(due: Due, devices: Sequence[Device], arrivals: Sequence[Arrival]) -> Browsers | None:
    """None where it never had any. One that refused is asked again when all is sent again (`replay`)."""
    own = [device for device in devices if device.recipient == due.recipient]
    known = [each for each in arrivals if each.delivery_id == due.id and (each.taken or due.refused_since)]
    if not own and not known:
        return None
    ended = {each.device_id for each in known}
    left = [device for device in own if device.device_id not in ended]
    return Browsers(left, any(each.taken for each in known))


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
