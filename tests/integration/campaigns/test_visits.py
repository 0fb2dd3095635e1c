"""Visits: counted by day without whose they were, by many processes, and while nothing can be written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from chassis import retention
from chassis.identity import Grant, Role
from chassis.service import create_app
from contracts.directory.v1 import MerchantClosed
from services.campaigns.main import build
from services.campaigns.retention import RULES
from services.campaigns.visits import counter as counting
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Kind, Subject
from tests.support.campaigns import Campaigns, campaigns_service
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.servers import Nats, Postgres
from tests.unit.campaigns.test_visits import PHONE

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
VISITS = "/api/v1/visits"


def a_visitor(number: int = 1) -> dict[str, str]:
    return {"User-Agent": PHONE, "X-Forwarded-For": f"203.0.113.{number}"}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written down at once, and tried again soon."""
    monkeypatch.setattr(counting, "FLUSH_SECONDS", 0.02)
    monkeypatch.setattr(counting, "LONGEST_WAIT", 0.1)


async def look(campaigns: Campaigns, shop: UUID, headers: dict[str, str]) -> httpx.Response:
    body = {"merchant_id": str(shop), "kind": "page"}
    return await campaigns.client.post(VISITS, json=body, headers=headers)


async def days_of(campaigns: Campaigns, shop: UUID, **period: str) -> list[dict[str, Any]]:
    owner = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, shop))
    answer = await campaigns.client.get(f"{VISITS}/merchants/{shop}", headers=owner, params=period)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["days"]
    return found


async def counted(campaigns: Campaigns, shop: UUID, visits: int) -> dict[str, tuple[int, int]]:
    """By way, visits and visitors, once all are written down."""
    async with asyncio.timeout(60):
        while True:
            days = await days_of(campaigns, shop)
            if sum(day["visits"] for day in days) >= visits:
                return {day["kind"]: (day["visits"], day["visitors"]) for day in days}
            await asyncio.sleep(0.02)


async def test_page_qr_and_share_visits_are_counted_by_day_and_visitor(campaigns: Campaigns) -> None:
    shop, ambassador = await campaigns.a_merchant(), uuid4()
    permanent = (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()["code"]
    wanted = {"merchant_id": str(shop)}
    made = await campaigns.post("share-links", campaigns.as_person(ambassador), wanted)
    own = made.json()["code"]
    for number in (1, 1, 2):
        assert (await look(campaigns, shop, a_visitor(number))).status_code == 204
        await campaigns.client.get(f"/s/{own}", headers=a_visitor(number))
    await campaigns.client.get(f"/s/{permanent}", headers=a_visitor(3))
    for path in (f"/s/{own}", f"/s/{permanent}"):
        await campaigns.client.head(path, headers=a_visitor(4))
        await campaigns.client.get(path, headers=a_visitor(4) | {"Sec-Purpose": "prefetch"})
        await campaigns.client.get(path, headers={"User-Agent": "WhatsApp/2.24.9 A"})
    assert (await look(campaigns, shop, {"User-Agent": "curl/8.5.0"})).status_code == 204

    assert await counted(campaigns, shop, 7) == {"page": (3, 2), "shop": (1, 1), "share": (3, 2)}
    headers = campaigns.as_person(ambassador)
    listed = await campaigns.client.get("/api/v1/share-links", headers=headers)
    assert [(each["code"], each["visits"]) for each in listed.json()["items"]] == [(own, 3)]
    (day,) = (await campaigns.client.get(f"/api/v1/share-links/{own}", headers=headers)).json()["days"]
    assert (day["visits"], day["visitors"], day["kind"]) == (3, 2, "share")


async def test_only_pages_of_listed_shops_are_visited(campaigns: Campaigns) -> None:
    closed = await campaigns.a_merchant(closed=True)
    for shop in (closed, uuid4()):
        assert (await look(campaigns, shop, a_visitor())).status_code == 404
    body = {"merchant_id": str(closed), "kind": "share"}
    refused = await campaigns.client.post(VISITS, json=body, headers=a_visitor())
    assert (refused.status_code, refused.json()["field"]) == (422, "kind")


async def test_a_period_is_a_year_at_most_and_ends_after_it_begins(campaigns: Campaigns) -> None:
    shop = await campaigns.a_merchant()
    officer = campaigns.as_officer()
    for period, field in (
        ({"since": "2026-02-01", "until": "2026-01-01"}, "since"),
        ({"since": "2020-01-01", "until": "2026-01-01"}, "since"),
        ({"until": "0001-01-01"}, "until"),
    ):
        refused = await campaigns.client.get(f"{VISITS}/merchants/{shop}", headers=officer, params=period)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert await days_of(campaigns, shop, since="2026-01-01", until="2026-12-31") == []


async def test_processes_count_the_same_visitor_once_and_every_visit(campaigns: Campaigns) -> None:
    shop = Subject(uuid4(), Kind.PAGE, campaigns.city, merchant_id=uuid4())
    links = [Subject(uuid4(), Kind.SHARE, campaigns.city, merchant_id=shop.merchant_id) for _ in range(30)]
    processes = [VisitCounter(campaigns.database, lambda: DAY) for _ in range(4)]
    for process in processes:
        for visitor in range(10):
            for subject in (*links, shop) if visitor % 2 else (shop, *reversed(links)):
                process.count(subject, f"203.0.113.{visitor} {PHONE}")
    await asyncio.gather(*(process.close() for process in processes))
    async with campaigns.database.connection() as connection:
        rows = (await connection.execute(text("SELECT visits, visitors, day FROM visit_day"))).all()
    assert rows == [(40, 10, date(2026, 11, 26))] * 31


async def test_a_process_that_ends_writes_down_what_it_counted(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FLUSH_SECONDS", 60)
    shop, service = await campaigns.a_merchant(), build(campaigns.settings)
    service.keys = campaigns.issuer.keys()
    app = create_app(service)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://campaigns") as client,
    ):
        body = {"merchant_id": str(shop), "kind": "page"}
        assert (await client.post(VISITS, json=body, headers=a_visitor())).status_code == 204
        assert await days_of(campaigns, shop) == []
    assert [day["visits"] for day in await days_of(campaigns, shop)] == [1]


async def test_a_day_is_that_of_brussels(campaigns: Campaigns) -> None:
    page = Subject(uuid4(), Kind.PAGE, campaigns.city, merchant_id=uuid4())
    now = [datetime(2026, 7, 1, 21, 59, tzinfo=UTC)]
    counter = VisitCounter(campaigns.database, lambda: now[0])
    for _ in range(2):
        counter.count(page, "203.0.113.1 Safari")
        await counter.flush()
        now[0] += timedelta(minutes=2)
    await counter.close()
    async with campaigns.database.connection() as connection:
        rows = (
            await connection.execute(text("SELECT day, visits, visitors FROM visit_day ORDER BY day"))
        ).all()
        salts = (await connection.execute(text("SELECT day FROM visit_salt ORDER BY day"))).scalars().all()
    assert rows == [(date(2026, 7, 1), 1, 1), (date(2026, 7, 2), 1, 1)]
    assert salts == [date(2026, 7, 1), date(2026, 7, 2)]


async def test_when_the_day_is_over_nothing_tells_visitors_apart_any_more(campaigns: Campaigns) -> None:
    page = Subject(uuid4(), Kind.PAGE, campaigns.city, merchant_id=uuid4())
    counter = VisitCounter(campaigns.database, lambda: DAY)
    counter.count(page, "203.0.113.1 Safari")
    await counter.close()
    kept = text(
        "SELECT visits, visitors, sketch IS NOT NULL, (SELECT count(*) FROM visit_salt) FROM visit_day"
    )
    found = []
    for later in (timedelta(0), timedelta(days=2), timedelta(days=3 * 365 + 2)):
        await retention.enforce(campaigns.database, RULES, DAY + later)
        async with campaigns.database.connection() as connection:
            found.append([tuple(row) for row in await connection.execute(kept)])
    assert found == [[(1, 1, True, 1)], [(1, 1, False, 0)], []]


async def test_figures_of_a_shop_go_with_its_owner_who_was_shown_them(campaigns: Campaigns) -> None:
    shop, owner = await campaigns.a_merchant(), uuid4()
    await look(campaigns, shop, a_visitor())
    await counted(campaigns, shop, 1)
    headers = campaigns.issuer.headers(owner, Grant(Role.merchant, campaigns.city, shop))
    data = (await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=headers)).json()["data"]
    assert [(each["merchant_id"], each["visits"]) for each in data["visits of own shops"]] == [(str(shop), 1)]
    await deliver(campaigns.service, erasure_of(owner, closed=[shop]))
    assert await days_of(campaigns, shop) == []


@asynccontextmanager
async def gone(postgres: Postgres, name: str) -> AsyncIterator[None]:
    """The server lets nobody into that database, and then has none of that name."""
    admin = await asyncpg.connect(postgres.admin_url())
    try:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await admin.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_away"')
        yield
    finally:
        await admin.execute(f'ALTER DATABASE "{name}_away" RENAME TO "{name}"')
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await admin.close()


async def test_links_lead_on_while_the_database_is_gone_and_their_visits_are_written_down_later(
    postgres: Postgres, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.campaigns.remembered.FRESH_SECONDS", 0.05)
    async with campaigns_service(postgres, nats) as campaigns:
        shop = await campaigns.a_merchant()
        code = (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()["code"]
        await campaigns.client.get(f"/s/{code}", headers=a_visitor(1))
        await counted(campaigns, shop, 1)
        async with gone(postgres, str(campaigns.database.engine.url.database)):
            for number in (1, 2, 3):
                await asyncio.sleep(0.1)
                followed = await campaigns.client.get(f"/s/{code}", headers=a_visitor(number))
                assert followed.headers["location"].endswith(f"/merchants/{shop}")
            unknown = await campaigns.client.get("/s/23456789", headers=a_visitor())
            assert unknown.status_code == 503
        assert await counted(campaigns, shop, 4) == {"shop": (4, 3)}
        await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=shop, version=2))
        await asyncio.sleep(0.1)
        followed = await campaigns.client.get(f"/s/{code}", headers=a_visitor(4))
        assert followed.headers["location"].endswith("/towns/85046")
