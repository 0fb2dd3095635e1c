"""What persons of the town do and look at, in the words of the tests."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from secrets import randbelow
from typing import Any, TypeVar
from uuid import uuid4

from demo import town
from demo.effects import wait_until_published, wait_until_read
from demo.gateway import Gateway, accepted
from demo.load import MAIL_AT_ONCE

T = TypeVar("T")
EFFECT_SECONDS = 20.0


@dataclass(frozen=True)
class Shop:
    """A merchant of the town that `owner` runs."""

    id: str
    name: str
    owner: str


async def until(look: Callable[[], Awaitable[T]], happened: Callable[[T], object], what: str) -> T:
    """What `look` sees once it `happened`; fails the test after EFFECT_SECONDS."""
    deadline = time.monotonic() + EFFECT_SECONDS
    while not happened(seen := await look()):
        assert time.monotonic() < deadline, f"not seen in {EFFECT_SECONDS:.0f} s: {what}. Seen last: {seen}"
        await asyncio.sleep(0.1)
    return seen


async def city_id(gateway: Gateway) -> str:
    """The town's city."""
    (city,) = (await gateway.read("/api/v1/cities", nis_code=town.NIS_CODE))["items"]
    return str(city["id"])


async def fresh_shop(gateway: Gateway, owner: str, language: str, *, mail: bool = True) -> Shop:
    """A merchant listed just now, run by `owner`, who wants mail in that language or none."""
    merchant, name = await _list_merchant(gateway)
    shop = Shop(merchant, name, owner)
    claim = {"person_id": (await gateway.token_of(owner)).person_id}
    path = f"/api/v1/merchants/{merchant}/claim"
    accepted(await gateway.ask("POST", path, person=town.OFFICER, json=claim))
    gateway.forget_token_of(owner)
    await _claim_is_known(gateway)
    path = f"/api/v1/notifications/preferences/{merchant}"
    wanted = {"mail": mail, "language": language, "choices": MAIL_AT_ONCE}
    accepted(await gateway.ask("PUT", path, person=owner, json=wanted, headers={"If-Match": '"0"'}))
    return shop


async def unclaimed_shop(gateway: Gateway) -> Shop:
    """A merchant listed just now, whose account nobody runs."""
    merchant, name = await _list_merchant(gateway)
    await _claim_is_known(gateway)
    return Shop(merchant, name, owner="")


async def _list_merchant(gateway: Gateway) -> tuple[str, str]:
    """Id and name of a tea shop that nobody has contributed to yet."""
    number = randbelow(1 << 40)
    name = f"Théier {number}"
    feature = {
        "type": "Feature",
        "id": f"node/{number}",
        "properties": {"shop": "tea", "name": name},
        "geometry": {"type": "Point", "coordinates": [5.648, 49.728]},
    }
    extract = {"type": "FeatureCollection", "features": [feature]}
    path = f"/api/v1/cities/{await city_id(gateway)}/imports"
    report = accepted(await gateway.ask("POST", path, person=town.OFFICER, json=extract))
    return report["items"][0]["merchant_id"], name


async def _claim_is_known(gateway: Gateway) -> None:
    """Until campaigns and notifications have read all that directory has said."""
    await wait_until_published(gateway, "directory", EFFECT_SECONDS)
    for service, consumer in (("campaigns", "places"), ("notifications", "merchants")):
        await wait_until_read(gateway, service, f"{service}__{consumer}", EFFECT_SECONDS)


async def review(gateway: Gateway, person: str, shop: Shop, headers: dict[str, str] | None = None) -> Any:
    """The answer to a review."""
    body = {
        "merchant_id": shop.id,
        "rating": 4,
        "text": "Accueil chaleureux, choix réfléchi.",
        "language": "fr",
    }
    path = "/api/v1/contributions/reviews"
    return accepted(
        await gateway.ask("POST", path, person=person, key=str(uuid4()), json=body, headers=headers)
    )


async def share(gateway: Gateway, person: str, shop: Shop, channel: str = "whatsapp") -> Any:
    """The answer to a share."""
    body = {"merchant_id": shop.id, "channel": channel}
    path = "/api/v1/contributions/shares"
    return accepted(await gateway.ask("POST", path, person=person, key=str(uuid4()), json=body))


async def audience(gateway: Gateway, shop: Shop) -> Any:
    """Totals by kind, as the owner sees them."""
    return (await gateway.read(f"/api/v1/audience/{shop.id}", person=shop.owner))["totals"]


async def feed(gateway: Gateway, shop: Shop) -> list[Any]:
    """The owner's notifications, newest first."""
    return [
        each async for each in gateway.read_all("/api/v1/notifications", person=shop.owner, merchant=shop.id)
    ]


async def milestones(gateway: Gateway, shop: Shop) -> list[tuple[str, int]]:
    """Kind and threshold of those in the feed."""
    found = (each["data"] for each in await feed(gateway, shop) if each["kind"] in {"first", "milestone"})
    return sorted((data["kind"], data["threshold"]) for data in found)


async def mails_about(gateway: Gateway, shop: Shop) -> list[Any]:
    """Mails whose subject names the shop, in full."""
    listed = await gateway.read("/mails/api/messages", limit=1000)
    ids = [mail["id"] for mail in listed["items"] if shop.name in mail["subject"]]
    return [await gateway.read(f"/mails/api/messages/{each}") for each in ids]


async def live(
    gateway: Gateway, shop: Shop, last_event_id: int | None = None
) -> AsyncGenerator[tuple[int, Any], None]:
    """Sequence and content of what the live stream sends; it begins with (0, None) once it is open."""
    asked = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    sequence = 0
    async with aclosing(_lines(gateway, shop, f"notifications/stream?merchant={shop.id}", asked)) as lines:
        async for line in lines:
            if line.startswith("retry:"):
                yield 0, None
            elif line.startswith("id:"):
                sequence = int(line.removeprefix("id:"))
            elif line.startswith("data:"):
                yield sequence, json.loads(line.removeprefix("data:"))


async def live_audience(gateway: Gateway, shop: Shop) -> AsyncGenerator[dict[str, Any], None]:
    """What the shop's open audience page is shown."""
    async with aclosing(_lines(gateway, shop, f"audience/{shop.id}/stream", {})) as lines:
        async for line in lines:
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))


async def _lines(
    gateway: Gateway, shop: Shop, path: str, headers: dict[str, str]
) -> AsyncGenerator[str, None]:
    token = await gateway.token_of(shop.owner)
    headers = {"Authorization": f"Bearer {token.token}", **headers}
    async with (
        asyncio.timeout(EFFECT_SECONDS),
        gateway.client.get(f"/api/v1/{path}", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for received in answer.content:
            yield received.decode()
