"""What every page stands on: forms come from this site alone, people stay signed in, parts fail alone."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from fastapi import Request
from fastapi.routing import APIRoute

from chassis.secret_cookie import SecretCookie
from services.portal import neighbours as neighbours_module
from services.portal.neighbours import Neighbours, NotThere, Unanswered, part
from services.portal.sessions import Sessions
from tests.integration.portal.conftest import portal
from tests.integration.portal.stand_ins import StandIn, a_running_campaign
from tests.integration.portal.test_invitation_page import REFRESH, SESSION

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
COOKIE = SecretCookie("cococity-refresh", is_secure=False)


class Campaign(msgspec.Struct):
    name: str
    ends_at: datetime


class Campaigns(msgspec.Struct):
    items: list[Campaign]


def a_browser(secret: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"{COOKIE.name}={secret}".encode())]})


async def test_no_form_is_sent_by_another_site(addresses: dict[str, str]) -> None:
    app = portal(addresses)
    paths = [each.path for each in app.routes if isinstance(each, APIRoute) and each.methods == {"POST"}]
    paths = [re.sub(r"\{\w+\}", "add", path) for path in paths]
    assert len(paths) > 4
    foreign = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
        for path in (path for path in paths if not path.startswith("/api/")):
            refused = [(await client.post(path, headers=headers)).status_code for headers in foreign]
            assert refused == [403] * len(foreign), path
        own = await client.post("/sign-in", headers={"Origin": "http://portal"})
        assert own.status_code == 200


@pytest.mark.usefixtures("impatient")
async def test_a_part_that_nobody_tells_leaves_the_others(
    addresses: dict[str, str], town: dict[str, StandIn]
) -> None:
    neighbours = Neighbours(addresses)
    town["notifications"].delay = 5
    town["assessment"].answers["/odd"] = {"items": "none"}
    campaigns, slow, gone, odd = await asyncio.gather(
        part(neighbours.read("campaigns", "/api/v1/campaigns", Campaigns, state="running", cursor=None)),
        part(neighbours.read("notifications", "/slow", Campaigns)),
        part(neighbours.read("directory", "/gone", Campaigns)),
        part(neighbours.read("assessment", "/odd", Campaigns)),
    )
    assert campaigns is not None
    assert campaigns.items[0].name == a_running_campaign()["items"][0]["name"]
    assert (slow, gone, odd) == (None, None, None)
    assert dict(town["campaigns"].asked[-1].query_params) == {"state": "running"}
    with pytest.raises(NotThere):
        await neighbours.get("directory", "/gone")
    with pytest.raises(Unanswered):
        await neighbours.read("notifications", "/slow", Campaigns)
    await neighbours.close()


async def test_what_a_page_is_about_is_waited_for_longer_than_a_part_of_it(
    addresses: dict[str, str], town: dict[str, StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours_module, "PART_SECONDS", 0.2)
    asked = Neighbours(addresses)
    town["campaigns"].delay = 1
    path = "/api/v1/campaigns"
    assert await part(asked.read("campaigns", path, Campaigns, state="running")) is None
    assert (await asked.read("campaigns", path, Campaigns, state="running")).items
    await asked.close()


async def test_a_token_serves_for_its_time_and_a_new_role_is_fetched_at_once(
    addresses: dict[str, str], town: dict[str, StandIn]
) -> None:
    neighbours = Neighbours(addresses)
    sessions = Sessions(neighbours, COOKIE)
    town["directory"].answers[REFRESH] = SESSION | {"expires_at": (NOW + timedelta(minutes=15)).isoformat()}

    first = await sessions.of(a_browser("before"), NOW)
    assert first is not None
    again = await sessions.of(a_browser(first.refresh_token), NOW + timedelta(minutes=14))
    assert again is first
    assert len(town["directory"].asked) == 1

    assert await sessions.of(a_browser(first.refresh_token), NOW + timedelta(minutes=15)) is not None
    assert await sessions.renewed(first) is not None
    assert len(town["directory"].asked) == 3
    assert await sessions.of(Request({"type": "http", "headers": []}), NOW) is None
    await neighbours.close()


@pytest.mark.parametrize(
    ("after", "to"),
    [
        ("/merchants/01890000-0000-7000-8000-00000000c17e?done=1", None),
        ("https://elsewhere.example/", "/account?lang=en"),
        ("//elsewhere.example/", "/account?lang=en"),
        ("/\\elsewhere.example", "/account?lang=en"),
        ("/\nSet-Cookie: a=b", "/account?lang=en"),
    ],
)
async def test_whoever_signs_in_goes_on_to_what_they_came_for_and_never_elsewhere(
    client: httpx.AsyncClient, town: dict[str, StandIn], after: str, to: str | None
) -> None:
    town["directory"].answers["/api/v1/sign-in/code"] = SESSION
    form = {"do": "code", "code": "AB23CD", "browser_secret": "x", "email": "zoe@home.example"}
    answer = await client.post("/sign-in", params={"next": after, "lang": "en"}, data=form)
    assert answer.status_code == 303
    assert answer.headers["location"] == (to or after)
