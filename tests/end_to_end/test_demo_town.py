"""The town of `make run`: four weeks behind it, the same every time, and each role finds something to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo import stray, weeks
from demo import town as demo_town
from demo.gateway import Gateway
from demo.pictures import shop_front
from deploy.one_machine.system import System
from tests.end_to_end.journeys import city_id, until
from tests.end_to_end.test_command_line import CommandLine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_a_month_of_ambassadors_lies_behind_it_and_each_role_finds_something(gateway: Gateway) -> None:
    city, officer = await city_id(gateway), demo_town.OFFICER
    (shop,) = (await gateway.token_of(demo_town.ASSESSED)).merchants[:1]

    (campaign,) = [
        each
        async for each in gateway.read_all("/api/v1/campaigns", person=officer, city=city)
        if each["name"] == demo_town.CAMPAIGN
    ]
    began = datetime.fromisoformat(campaign["started_at"])
    assert campaign["state"] == "running"
    assert timedelta(weeks=4) <= datetime.now(UTC) - began < timedelta(weeks=4, days=2)

    audience = await gateway.read(f"/api/v1/audience/{shop}", person=demo_town.ASSESSED)
    days = {each["day"] for each in audience["days"]}
    assert len(days) > 10
    assert {"review", "share", "photo", "follow"} <= audience["totals"].keys()

    cases = await gateway.read("/api/v1/moderation/cases", person=officer, city=city)
    held, reported = len(weeks.told()["held"]), len(weeks.told()["reported"])
    assert len(cases["items"]) >= held + reported

    scores = [
        each["score"]
        for each in (await gateway.read("/api/v1/assessments", person=demo_town.ASSESSED, merchant=shop))[
            "items"
        ]
    ]
    assert len(scores) == 2, "loaded a second time, it was assessed again"
    assert scores[0] > scores[1]
    sessions = (await gateway.read("/api/v1/town-sessions", city=city))["items"]
    assert [each["state"] for each in sessions] == ["held", "announced"]


async def test_an_operator_finds_one_message_that_nobody_can_apply(
    town: System, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COCOCITY_NATS_URL", "COCOCITY_SECRETS"):
        monkeypatch.delenv(name, raising=False)
    (shop,) = (await gateway.token_of(demo_town.ASSESSED)).merchants[:1]
    assert not await stray.leave(await city_id(gateway), shop), "there is no bus to be reached from here"
    cococity = CommandLine(town)
    for name in ("COCOCITY_NATS_URL", "COCOCITY_SECRETS"):
        monkeypatch.setenv(name, cococity.environment[name])
    assert await stray.leave(await city_id(gateway), shop)

    async def dead() -> list[Any]:
        found: list[Any] = json.loads(cococity("dead-letters", "list", "--json"))
        return found

    (first, *_) = await until(dead, bool, "the message is set aside")
    assert "chanel" in json.loads(cococity("dead-letters", "show", first["id"]))["body"]
    await until(dead, lambda found: len(found) >= 3, "by each of its readers")
    cococity("dead-letters", "discard", "--all", "--yes")


def test_what_is_planned_is_the_same_every_time() -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    merchants = {name: name for name in demo_town.source_ids() if name}
    plans = [weeks.plan(merchants, "c", now - timedelta(weeks=4), now) for _ in range(2)]
    assert plans[0] == plans[1]
    assert {action.at < now for action in plans[0]} == {True}
    assert shop_front("Au Pain Doré") == shop_front("Au Pain Doré") != shop_front("Pas à Pas")
