"""The feed: a sequence without holes for its reader, live, resumable, and its owner's alone."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis import sse
from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.service import Mode
from contracts.envelope import Decoder, Event, encode
from contracts.notifications.v1 import NotificationOpened
from services.notifications.feed.notify import Notice, notify
from services.notifications.main import HISTORY
from services.notifications.recipients import to_merchant, to_person
from tests.support.notifications import Notifications


def notice(city: UUID, merchant: UUID, reason: str) -> Notice:
    data = {"kind": "review", "threshold": 1, "count": 1}
    return Notice(city, to_merchant(merchant), "milestone", reason, data, utc_now(), None)


async def tell(notifications: Notifications, merchant: UUID, reason: str) -> None:
    async with notifications.database.transaction() as tx:
        await notify(tx, [notice(notifications.city, merchant, reason)])


async def messages(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """Events of a stream; comments are passed over."""
    fields: dict[str, str] = {}
    async for line in lines:
        if not line and "data" in fields:
            data = json.loads(fields["data"])
            assert int(fields["id"]) == data["sequence"]
            yield data
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


@asynccontextmanager
async def stream(
    notifications: Notifications, client: httpx.AsyncClient, merchant: UUID, after: int | None = None
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    headers = notifications.owner(merchant) | ({} if after is None else {"Last-Event-ID": str(after)})
    path, who = "/api/v1/notifications/stream", {"merchant": str(merchant)}
    async with client.stream("GET", path, params=who, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 1000"  # it is open from here on
        yield messages(lines)


async def test_concurrent_writers_leave_no_hole_for_a_reader_who_resumes(
    notifications: Notifications,
) -> None:
    merchant, city = new_id(), notifications.city

    async def write(number: int) -> None:
        async with notifications.database.transaction() as tx:
            await notify(tx, [notice(city, merchant, f"{number}")])
            await asyncio.sleep(0.01 * (number % 4))
            if number % 5 == 0:
                await tx.rollback()

    async def read() -> list[int]:
        seen: list[int] = []
        while not writing.done() or seen[-1:] != [await last()]:
            after = seen[-1] if seen else 0
            rows = await notifications.rows(
                "SELECT sequence FROM notification WHERE recipient_id = :id AND sequence > :after "
                "ORDER BY sequence",
                id=merchant,
                after=after,
            )
            seen += [row[0] for row in rows]
        return seen

    async def last() -> int:
        return int(await notifications.value("SELECT coalesce(max(sequence), 0) FROM notification"))

    writing = asyncio.gather(*(write(number) for number in range(60)), return_exceptions=True)
    seen = await asyncio.wait_for(read(), 30)
    await writing
    written = [row[0] for row in await notifications.rows("SELECT sequence FROM notification ORDER BY 1")]
    assert len(written) == 48
    assert seen == written


async def test_the_stream_tells_at_once_and_resumes_without_loss(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        async with stream(notifications, client, merchant) as live:
            await notifications.publish(notifications.review(merchant))
            first = await asyncio.wait_for(anext(live), 60)
            assert first["title"] == "1 avis sur votre commerce"
        for number in range(120):
            await tell(notifications, merchant, f"missed-{number}")
        async with stream(notifications, client, merchant, first["sequence"]) as live:
            missed = [(await asyncio.wait_for(anext(live), 60))["sequence"] for _ in range(120)]
            await tell(notifications, merchant, "fresh")
            fresh = await asyncio.wait_for(anext(live), 60)
        assert [*missed, fresh["sequence"]] == list(range(first["sequence"] + 1, first["sequence"] + 122))


async def test_a_reader_who_is_ahead_of_a_restored_feed_is_told_what_comes(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        await tell(notifications, merchant, "before")
        async with stream(notifications, client, merchant, after=1_000) as live:
            await tell(notifications, merchant, "fresh")
            assert (await asyncio.wait_for(anext(live), 60))["sequence"] == 2


async def test_streams_are_limited_per_person_and_freed_when_they_end(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        path, who = "/api/v1/notifications/stream", {"merchant": str(merchant)}
        async with asyncio.TaskGroup() as group:
            close = asyncio.Event()

            async def hold(opened: asyncio.Event) -> None:
                async with stream(notifications, client, merchant):
                    opened.set()
                    await close.wait()

            doors = [asyncio.Event() for _ in range(5)]
            for door in doors:
                group.create_task(hold(door))
            for door in doors:
                await door.wait()
            refused = await client.get(path, params=who, headers=notifications.owner(merchant))
            assert refused.status_code == 429
            assert refused.json()["type"] == "urn:cococity:problem:too-many-streams"
            close.set()

        async def free() -> bool:
            async with client.stream(
                "GET", path, params=who, headers=notifications.owner(merchant)
            ) as answer:
                return answer.status_code == 200

        assert await notifications.eventually(free)


async def test_a_quiet_stream_says_that_it_is_alive(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.6)
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        path, who = "/api/v1/notifications/stream", {"merchant": str(merchant)}
        async with client.stream("GET", path, params=who, headers=notifications.owner(merchant)) as answer:
            lines = [line async for line, _ in _numbered(answer.aiter_lines(), 5)]
        assert ": still here" in lines


async def _numbered(lines: AsyncIterator[str], most: int) -> AsyncIterator[tuple[str, int]]:
    for number in range(most):
        yield await asyncio.wait_for(anext(lines), 60), number


async def test_an_open_stream_ends_when_the_process_is_told_to_stop(notifications: Notifications) -> None:
    async with notifications.running():
        merchant = await notifications.a_merchant()
    async with httpx.AsyncClient(timeout=10, trust_env=False) as outside:
        async with notifications.running(Mode.api) as client:
            url = f"{client.base_url}/api/v1/notifications/stream?merchant={merchant}".replace("0//", "0/")
            request = outside.build_request("GET", url, headers=notifications.owner(merchant))
            answer = await outside.send(request, stream=True)
            assert answer.status_code == 200
            before = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - before < 5
        await answer.aclose()


async def test_unread_is_counted_and_reading_is_noted_once(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        headers, who = notifications.owner(merchant), {"merchant": str(merchant)}
        for reason in ("one", "two", "three"):
            await tell(notifications, merchant, reason)

        async def unread() -> int:
            answer = await client.get("/api/v1/notifications/unread", params=who, headers=headers)
            return int(answer.json()["unread"])

        assert await unread() == 3
        first = (await notifications.feed(client, merchant))[0]
        read = [
            await client.post(f"/api/v1/notifications/{first['id']}/read", headers=headers) for _ in range(2)
        ]
        assert [each.status_code for each in read] == [200, 200]
        assert read[0].json()["read_at"] == read[1].json()["read_at"] is not None
        assert await unread() == 2
    (told,) = await told_opened(notifications)
    assert (str(told.fact.notification_id), told.time.isoformat()[:19]) == (
        first["id"], read[0].json()["read_at"][:19],
    )  # fmt: skip


async def told_opened(notifications: Notifications) -> list[Event[Any]]:
    """What the outbox holds of notifications that were opened; history tells the same to the byte."""
    decoder = Decoder({NotificationOpened.TYPE: NotificationOpened})
    async with notifications.database.connection() as connection:
        bodies = [
            bytes(body) for body in await connection.scalars(text("SELECT body FROM outbox ORDER BY id"))
        ]
        told = {body: event for body in bodies if (event := decoder.decode(body))}
        again = [event async for event in HISTORY(connection) if isinstance(event.fact, NotificationOpened)]
    assert [encode(event) for event in again] == [*told]
    return [*told.values()]


async def test_a_feed_is_paged_newest_first(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        headers = notifications.owner(merchant)
        for number in range(5):
            await tell(notifications, merchant, f"{number}")
        url, seen = f"/api/v1/notifications?merchant={merchant}&limit=2", []
        while url:
            answer = await client.get(url, headers=headers)
            seen += [each["sequence"] for each in answer.json()["items"]]
            url = answer.links["next"]["url"] if "next" in answer.links else ""
        assert seen == [5, 4, 3, 2, 1]


async def test_a_forged_place_in_a_feed_is_refused(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        for place in (b"9" * 40, b"-9223372036854775809", b'"1"', b"null"):
            answer = await client.get(
                "/api/v1/notifications",
                params={"merchant": str(merchant), "cursor": urlsafe_b64encode(place).decode()},
                headers=notifications.owner(merchant),
            )
            assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


async def test_the_readers_language_is_used_else_the_merchants(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        await notifications.agree(client, merchant, "de", "zoe@shop.example")
        await tell(notifications, merchant, "one")
        path, headers = f"/api/v1/notifications?merchant={merchant}", notifications.owner(merchant)

        async def language(wished: str) -> str:
            answer = await client.get(path, headers=headers | {"Accept-Language": wished})
            return str(answer.headers["Content-Language"])

        assert await language("nl-BE,fr;q=0.5") == "nl"
        assert await language("pt") == "de"
        assert await language("") == "de"


async def test_nobody_reads_somebody_elses_feed(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant, other = await notifications.a_merchant(), await notifications.a_merchant()
        await tell(notifications, merchant, "one")
        entry = (await notifications.feed(client, merchant))[0]
        stranger = notifications.owner(other)
        for path in ("", "/unread", "/stream"):
            url = f"/api/v1/notifications{path}?merchant={merchant}"
            assert (await client.get(url)).status_code == 401
            assert (await client.get(url, headers=stranger)).status_code == 403
        url = f"/api/v1/notifications/{entry['id']}/read"
        assert (await client.post(url, headers=stranger)).status_code == 404
        url = f"/api/v1/notifications/preferences/{merchant}"
        assert (await client.get(url, headers=stranger)).status_code == 403


async def test_a_person_reads_what_they_are_told_themselves_and_nobody_else_does(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        person, merchant = uuid4(), await notifications.a_merchant()
        headers = notifications.issuer.headers(person)
        data = {"kind": "review", "threshold": 1, "count": 1}
        told = Notice(notifications.city, to_person(person), "milestone", "one", data, utc_now(), None)
        async with notifications.database.transaction() as tx:
            (told_id,) = await notify(tx, [told])
        await tell(notifications, merchant, "of the shop")

        mine = "/api/v1/people/me/notifications"
        feed = (await client.get(mine, headers=headers)).json()["items"]
        assert [each["id"] for each in feed] == [str(told_id)]
        assert (await client.get(f"{mine}/unread", headers=headers)).json() == {
            "merchant_id": None,
            "unread": 1,
        }
        grant = Grant(Role.city_officer, notifications.city)
        for stranger in (notifications.owner(merchant), notifications.somebody(grant)):
            assert (await client.get(mine, headers=stranger)).json()["items"] == []
            for url in (f"{mine}/{told_id}/read", f"/api/v1/notifications/{told_id}/read"):
                assert (await client.post(url, headers=stranger)).status_code in (403, 404)
        assert (await client.post(f"{mine}/{told_id}/read", headers=headers)).status_code == 200
        assert (await client.get(f"{mine}/unread", headers=headers)).json()["unread"] == 0
    assert await told_opened(notifications) == [], "what a person reads is told to nobody"
    async with notifications.database.scoped({notifications.city}) as connection:
        shown = await connection.scalars(text("SELECT recipient_id FROM notification"))
        assert list(shown) == [merchant], "what a person was told is not the city's to see"
