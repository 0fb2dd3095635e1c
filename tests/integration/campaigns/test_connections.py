"""A shop's Google Business Profile: connected, read, ended and taken back, against Google's interfaces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import select, text, update

from chassis.clock import utc_now
from chassis.fetching import Outside
from chassis.identity import Grant, Role
from chassis.personal_data import Erasure
from chassis.sealing import Seal
from chassis.service import create_app
from contracts.campaigns.v1 import SeenElsewhere
from contracts.directory.v1 import MerchantClosed
from services.campaigns.connections import api, personal_data
from services.campaigns.connections.clock import Connections
from services.campaigns.connections.google import DECLARED, Google
from services.campaigns.connections.pace import MINUTE, counted
from services.campaigns.connections.tables import connection, connection_request
from services.campaigns.main import CampaignsSettings
from tests.support.campaigns import Campaigns
from tests.support.google import CLIENT, SECRET, GoogleServer
from tests.support.web import outside, site

KEY = DECLARED.key


@dataclass
class Shop:
    """A shop, who runs it, and Google."""

    campaigns: Campaigns
    client: httpx.AsyncClient
    google: GoogleServer
    worker: Connections
    merchant: UUID
    owner: UUID

    async def ask(
        self, method: str, path: str, body: Any = None, person: UUID | None = None
    ) -> httpx.Response:
        headers = self.campaigns.issuer.headers(
            person or self.owner, Grant(Role.merchant, merchant_id=self.merchant, city_id=self.campaigns.city)
        )
        url = f"/api/v1/elsewhere/merchants/{self.merchant}/connections{path}"
        return await self.client.request(method, url, json=body, headers=headers)

    async def connect(self) -> dict[str, Any]:
        begun = await self.ask("POST", f"/{KEY}/departures")
        assert begun.status_code == 200, begun.text
        state, code = self.google.gives_leave(begun.json()["url"])
        arrived = await self.ask("POST", f"/{KEY}/arrivals", {"state": state, "code": code})
        assert arrived.status_code == 200, arrived.text
        shown: dict[str, Any] = arrived.json()
        return shown

    async def state(self) -> dict[str, Any]:
        (shown,) = (await self.ask("GET", "")).json()
        return dict(shown)

    async def look(self) -> None:
        """As if all were due."""
        async with self.campaigns.database.transaction() as tx:
            due = update(connection).where(connection.c.due_at.is_not(None))
            await tx.execute(due.values(due_at=self.campaigns.time()))
        await self.worker.look_once(self.campaigns.time())

    async def figures(self) -> dict[str, float | None]:
        told = await self.campaigns.recorded(SeenElsewhere)
        return {event.fact.what: event.fact.figure for event in told if isinstance(event.fact, SeenElsewhere)}

    async def rows(self) -> list[dict[str, Any]]:
        async with self.campaigns.database.connection() as found:
            return [dict(row) for row in (await found.execute(select(connection))).mappings()]


@pytest.fixture
async def shop(campaigns: Campaigns) -> AsyncIterator[Shop]:
    google = GoogleServer()
    async with site(google.answer) as server, outside() as fetcher:
        connectors = {KEY: a_connector(campaigns, fetcher, google, server.url)}
        seal = Seal.of(Fernet.generate_key().decode())
        app = create_app(campaigns.service)
        app.router.routes[:0] = api.router(connectors, seal).routes
        worker = Connections(campaigns.database, connectors, seal, campaigns.time)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://campaigns"
        ) as client:
            yield Shop(campaigns, client, google, worker, await campaigns.a_merchant(), uuid4())


def a_connector(campaigns: Campaigns, fetcher: Outside, google: GoogleServer, url: str) -> Google:
    return Google(
        fetcher,
        client_id=CLIENT,
        client_secret=SECRET,
        redirect_uri="https://cococity.example/connect",
        count=counted(campaigns.database, DECLARED, campaigns.time),
        addresses=google.addresses(url),
    )


async def test_an_account_with_one_place_is_connected_and_its_counts_are_read(shop: Shop) -> None:
    shown = await shop.connect()
    assert (shown["state"], shown["title"]) == ("connected", "Boulangerie")
    assert shown["link"] == "https://maps.google.com/?cid=1"
    await shop.look()
    assert await shop.figures() == {"reviews": 57, "mean": 4.37}
    assert (await shop.state())["looked_at"] is not None
    (row,) = await shop.rows()
    assert row["due_at"] > shop.campaigns.time() + timedelta(hours=20)
    assert b"refresh-" not in bytes(row["sealed_token"])


async def test_where_there_are_several_places_the_owner_says_which(shop: Shop) -> None:
    shop.google.places = [*shop.google.places, {"name": "locations/3", "title": "Dépôt"}]
    assert (await shop.connect())["state"] == "choosing"
    listed = (await shop.ask("GET", f"/{KEY}/locations")).json()
    assert [each["location"] for each in listed] == ["accounts/1/locations/2", "accounts/1/locations/3"]
    wrong = await shop.ask("PUT", f"/{KEY}/location", {"location": "accounts/7/locations/7"})
    assert (wrong.status_code, "location" in wrong.text) == (422, True)
    chosen = await shop.ask("PUT", f"/{KEY}/location", {"location": "accounts/1/locations/3"})
    assert (chosen.json()["state"], chosen.json()["title"]) == ("connected", "Dépôt")


async def test_a_departure_is_taken_once_and_by_whoever_began_it(shop: Shop) -> None:
    begun = await shop.ask("POST", f"/{KEY}/departures")
    state, code = shop.google.gives_leave(begun.json()["url"])
    body = {"state": state, "code": code}
    assert (await shop.ask("POST", f"/{KEY}/arrivals", body, person=uuid4())).status_code == 410
    assert (await shop.ask("POST", f"/{KEY}/arrivals", {**body, "state": "x"})).status_code == 410
    assert (await shop.ask("POST", f"/{KEY}/arrivals", body)).status_code == 200
    assert (await shop.ask("POST", f"/{KEY}/arrivals", body)).status_code == 410
    begun = await shop.ask("POST", f"/{KEY}/departures")
    state, code = shop.google.gives_leave(begun.json()["url"])
    async with shop.campaigns.database.transaction() as tx:
        await tx.execute(
            update(connection_request).values(asked_at=shop.campaigns.time() - timedelta(minutes=11))
        )
    assert (await shop.ask("POST", f"/{KEY}/arrivals", {"state": state, "code": code})).status_code == 410


async def test_a_leave_that_is_not_what_was_asked_for_connects_nothing(shop: Shop) -> None:
    shop.google.scope = "openid"
    begun = await shop.ask("POST", f"/{KEY}/departures")
    state, code = shop.google.gives_leave(begun.json()["url"])
    refused = await shop.ask("POST", f"/{KEY}/arrivals", {"state": state, "code": code})
    assert (refused.status_code, "not given" in refused.text) == (403, True)
    begun = await shop.ask("POST", f"/{KEY}/departures")
    state, _ = shop.google.gives_leave(begun.json()["url"])
    assert (await shop.ask("POST", f"/{KEY}/arrivals", {"state": state, "code": "stolen"})).status_code == 403
    assert (await shop.state())["state"] is None


async def test_a_token_that_is_refused_is_renewed_once(shop: Shop) -> None:
    await shop.connect()
    shop.google.refuses_access = 1
    await shop.look()
    assert await shop.figures() == {"reviews": 57, "mean": 4.37}
    shop.google.refuses_access = 2
    await shop.look()
    assert (await shop.state())["state"] == "disconnected"


async def test_a_leave_that_google_ended_is_told_to_the_shop_and_nothing_of_it_stays(shop: Shop) -> None:
    await shop.connect()
    shop.google.refresh_tokens.clear()  # the merchant took it back there
    await shop.look()
    state = await shop.state()
    assert (state["state"], state["reason"]) == ("disconnected", "The leave was taken back, or has expired.")
    assert [row["sealed_token"] for row in await shop.rows()] == [None]
    assert (await shop.ask("GET", f"/{KEY}/locations")).status_code == 409
    assert (await shop.connect())["state"] == "connected"  # and it can begin again
    assert (await shop.state())["reason"] is None


@pytest.mark.parametrize("answered", [429, 503])
async def test_google_is_left_alone_for_as_long_as_it_asks(shop: Shop, answered: int) -> None:
    await shop.connect()
    shop.google.misbehaves = web.json_response({}, status=answered, headers={"Retry-After": "172800"})
    await shop.look()
    state, (row,) = await shop.state(), await shop.rows()
    assert (state["state"], str(answered) in state["trouble"]) == ("connected", True)
    assert row["due_at"] >= shop.campaigns.time() + timedelta(days=1, hours=23)


async def test_a_full_minute_lets_no_request_more_through_whoever_asks_and_the_next_one_does(
    shop: Shop,
) -> None:
    shop.campaigns.now = utc_now().replace(second=0, microsecond=0)
    await shop.connect()
    made = shop.google.asked
    async with shop.campaigns.database.transaction() as tx:
        counts = (await tx.execute(text("SELECT count FROM limit_count"))).scalars().all()
        assert counts == [made]  # each request of connecting is one
        await tx.execute(text("UPDATE limit_count SET count = :so_far"), {"so_far": DECLARED.per_minute - 1})
    await shop.look()
    refused = await shop.ask("GET", f"/{KEY}/locations")
    assert (refused.status_code, "in a minute" in refused.text) == (503, True)
    assert shop.google.asked == made + 1
    state, (row,) = await shop.state(), await shop.rows()
    assert (state["trouble"], row["failures"]) == (None, 0)
    assert row["due_at"] == shop.campaigns.time() + MINUTE
    shop.campaigns.now += MINUTE
    await shop.look()
    assert await shop.figures() == {"reviews": 57, "mean": 4.37}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<html>", b'{"totalReviewCount": "many"}', b'{"averageRating": []}']
)
async def test_an_answer_that_is_not_as_documented_is_trouble_and_nothing_is_noted(
    shop: Shop, body: bytes
) -> None:
    await shop.connect()
    shop.google.misbehaves = web.Response(body=body, content_type="application/json")
    await shop.look()
    assert (await shop.state())["trouble"] is not None
    assert await shop.figures() == {}


async def test_a_place_without_reviews_has_no_mean(shop: Shop) -> None:
    await shop.connect()
    shop.google.reviews = {}
    await shop.look()
    assert await shop.figures() == {"reviews": 0}


async def test_what_is_taken_back_is_given_back_and_deleted(shop: Shop) -> None:
    await shop.connect()
    assert (await shop.ask("DELETE", f"/{KEY}")).status_code == 204
    assert (await shop.ask("DELETE", f"/{KEY}")).status_code == 404
    assert (await shop.state())["state"] is None
    await shop.look()
    assert (shop.google.refresh_tokens, await shop.rows()) == (set(), [])


async def test_an_erased_person_and_a_closed_shop_are_disconnected(shop: Shop) -> None:
    await shop.connect()
    now = shop.campaigns.time()
    erasure = Erasure(id=uuid4(), person_id=shop.owner, asked_at=now, at=now)
    async with shop.campaigns.database.transaction() as tx:
        for _ in range(2):
            for holding in personal_data.HOLDINGS:
                await holding.erase(tx, erasure)
    await shop.look()
    assert (shop.google.refresh_tokens, await shop.rows()) == (set(), [])
    await shop.connect()
    await shop.campaigns.learn(
        MerchantClosed(city_id=shop.campaigns.city, merchant_id=shop.merchant, version=2)
    )
    await shop.look()
    await shop.look()
    assert (shop.google.refresh_tokens, await shop.rows()) == (set(), [])


def test_a_client_of_google_needs_its_secret_and_keys_to_seal_with() -> None:
    complete = {"google_client_id": "x", "google_client_secret": SecretStr("y")}
    with pytest.raises(ValueError, match="SEALING_KEYS"):
        CampaignsSettings.model_validate(complete)
    with pytest.raises(ValueError, match="GOOGLE_CLIENT_SECRET"):
        CampaignsSettings.model_validate({"google_client_id": "x"})
    keys = SecretStr(Fernet.generate_key().decode())
    assert CampaignsSettings.model_validate(complete | {"sealing_keys": keys}).seal() is not None


async def test_a_figure_that_cannot_be_right_puts_the_account_off(shop: Shop) -> None:
    await shop.connect()
    shop.google.reviews = {"totalReviewCount": 10**12}
    await shop.look()
    assert "cannot be kept" in (await shop.state())["trouble"]
    (row,) = await shop.rows()
    assert row["failures"] == 1
