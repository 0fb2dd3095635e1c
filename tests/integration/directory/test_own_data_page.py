"""The download of the account page, before the real directory and the real campaigns."""

from __future__ import annotations

import httpx
import pytest

from services.portal import main as portal_main
from services.portal.neighbours import Neighbours
from tests.integration.portal.conftest import portal
from tests.support.campaigns import campaigns_service
from tests.support.directory import DirectoryUnderTest
from tests.support.servers import Nats, Postgres
from tests.support.signing_in import signed_in

ZOE = "zoe@home.example"


def holds_nothing(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"service": request.url.host, "data": {}})


async def test_what_one_wrote_and_who_one_is_come_in_one_document(
    directory: DirectoryUnderTest, postgres: Postgres, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = await signed_in(directory)
    async with campaigns_service(postgres, nats, keys=directory.service.keys) as campaigns:
        review = await campaigns.post(
            "contributions/reviews",
            {"Authorization": f"Bearer {tokens['token']}"},
            {"merchant_id": str(await campaigns.a_merchant()), "rating": 5, "text": "Très bon pain"},
        )
        assert review.status_code == 201, review.text
        behind = {
            "http://directory": directory.client._transport,
            "http://campaigns": campaigns.client._transport,
            "http://assessment": httpx.MockTransport(holds_nothing),
            "http://notifications": httpx.MockTransport(holds_nothing),
        }

        def beside_them(addresses: dict[str, str]) -> Neighbours:
            made = Neighbours({name: f"http://{name}" for name in addresses})
            made._client = httpx.AsyncClient(mounts=behind)
            return made

        monkeypatch.setattr(portal_main, "Neighbours", beside_them)
        app = httpx.ASGITransport(portal({}))
        async with httpx.AsyncClient(transport=app, base_url="http://portal") as browser:
            browser.cookies.set("cococity-refresh", tokens["refresh_token"])
            document = await browser.get("/account/data")
            to_read = await browser.get("/account/data?format=html&lang=fr")

    assert document.status_code == 200, document.text
    held = document.json()["services"]
    assert held["directory"]["account"][0]["email"] == ZOE
    assert [each["text"] for each in held["campaigns"]["contributions"]] == ["Très bon pain"]
    assert all(each in to_read.text for each in (ZOE, "Très bon pain", "Ce que CoCoCity sait de moi"))
