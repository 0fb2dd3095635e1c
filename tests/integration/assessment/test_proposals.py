"""A shop that is not listed yet is proposed from a draft, and the draft is handed in for it once it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text

from chassis import as_service
from chassis.as_service import AsService
from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.retention import enforce
from chassis.service import Service
from contracts.directory.v1 import MerchantProposalDecided
from services.assessment import merchants
from services.assessment.drafts.use_cases import KEPT
from services.assessment.proposals import api, use_cases
from services.assessment.proposals.sending import AWAY_FOR, FULL_FOR, Sending
from services.assessment.retention import RULES
from services.assessment.settings import AssessmentSettings
from services.directory.proposals import use_cases as of_the_directory
from tests.integration.assessment.conftest import ANSWERS, listed, news, owner_of
from tests.support.directory import DirectoryUnderTest, migrated_template, running_directory
from tests.support.servers import Postgres

PATH = "/api/v1/assessment-drafts"
BEGUN = {"questionnaire": "digital-maturity", "version": 1, "answers": ANSWERS}
SHOP = {"name": "Chez Zoé", "street": "Grand-Rue", "postcode": "6720", "kind": "shop=bakery"}
HERE = {"longitude": 5.64, "latitude": 49.72}


@pytest_asyncio.fixture
async def directory(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DirectoryUnderTest]:
    """A real one, which the assessment asks."""
    template = await migrated_template(postgres)
    async with running_directory(postgres, template, tmp_path) as directory:
        monkeypatch.setattr(as_service, "neighbour_client", lambda **_: directory.client)
        yield directory


@pytest_asyncio.fixture
async def draft(client: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await client.post(PATH, json=BEGUN)).json())


async def propose(
    client: httpx.AsyncClient, draft: dict[str, Any], city: object, **changes: Any
) -> httpx.Response:
    body = {"city_id": str(city), **SHOP, **changes}
    headers = {"Draft-Secret": draft["secret"]}
    return await client.put(f"{PATH}/{draft['id']}/proposal", json=body, headers=headers)


async def shown(client: httpx.AsyncClient, draft: dict[str, Any]) -> dict[str, Any]:
    headers = {"Draft-Secret": draft["secret"]}
    return dict((await client.get(f"{PATH}/{draft['id']}/proposal", headers=headers)).json())


def sending(service: Service, later: timedelta = timedelta()) -> Sending:
    assert isinstance(service.settings, AssessmentSettings)
    return Sending(service.database, AsService(service.settings), lambda: utc_now() + later)


async def hear_from(service: Service, directory: DirectoryUnderTest) -> None:
    """What the directory told of proposals."""
    told = [each.fact for each in await directory.events() if isinstance(each.fact, MerchantProposalDecided)]
    async with service.database.transaction() as tx:
        await use_cases.apply(tx, [news(fact) for fact in told])


async def test_from_a_draft_to_a_listed_shop_and_an_assessment(
    directory: DirectoryUnderTest, client: httpx.AsyncClient, service: Service, draft: dict[str, Any]
) -> None:
    city = await directory.city()
    made = await propose(client, draft, city)
    assert (made.status_code, made.json()["state"]) == (200, "waiting")
    assert made.json()["shop"] == {"city_id": city, **SHOP}
    for _ in range(2):
        await sending(service).send_due()
    path = f"/cities/{city}/merchant-proposals"
    (waiting,) = (await directory.call("GET", path, "claire")).json()["items"]
    assert (waiting["id"], waiting["name"]) == (made.json()["id"], "Chez Zoé")
    assert draft["id"] not in str(waiting)

    accept = f"/merchant-proposals/{waiting['id']}/accept"
    accepted = await directory.call("POST", accept, "claire", json=HERE)
    for _ in range(2):
        await hear_from(service, directory)
    now = await shown(client, draft)
    merchant = UUID(accepted.json()["merchant_id"])
    assert (now["state"], now["merchant_id"]) == ("listed", str(merchant))
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(merchant))])
    headers = {**owner_of(merchant), "Draft-Secret": draft["secret"], "Idempotency-Key": str(new_id())}
    body = {"merchant_id": now["merchant_id"]}
    handed_in = await client.post(f"{PATH}/{draft['id']}/assessment", json=body, headers=headers)
    assert handed_in.status_code == 201, handed_in.text
    async with service.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM draft_proposals")) == 0


async def test_a_refused_one_says_why_and_another_may_be_proposed(
    directory: DirectoryUnderTest, client: httpx.AsyncClient, service: Service, draft: dict[str, Any]
) -> None:
    city = await directory.city()
    first = (await propose(client, draft, city)).json()
    again = await propose(client, draft, city)
    assert (again.status_code, again.json()["type"]) == (409, "urn:cococity:problem:already-proposed")
    await sending(service).send_due()
    refuse = f"/merchant-proposals/{first['id']}/refuse"
    await directory.call("POST", refuse, "claire", json={"reason": "elsewhere"})
    await hear_from(service, directory)
    now = await shown(client, draft)
    assert (now["state"], now["reason"], now["merchant_id"]) == ("refused", "elsewhere", None)
    second = await propose(client, draft, city, street="Rue Neuve")
    assert (second.json()["state"], second.json()["reason"]) == ("waiting", None)
    await hear_from(service, directory)
    assert (await shown(client, draft))["state"] == "waiting", "what was decided about the first stays there"


async def test_what_the_directory_cannot_take_is_refused_with_a_reason(
    directory: DirectoryUnderTest, client: httpx.AsyncClient, service: Service, draft: dict[str, Any]
) -> None:
    await propose(client, draft, new_id())
    await sending(service).send_due()
    now = await shown(client, draft)
    assert (now["state"], now["reason"]) == ("refused", "not_acceptable")


async def test_a_directory_that_is_away_gets_it_later(
    directory: DirectoryUnderTest, client: httpx.AsyncClient, service: Service, draft: dict[str, Any]
) -> None:
    city = await directory.city()
    await propose(client, draft, city)
    assert isinstance(service.settings, AssessmentSettings)
    nobody = AsService(service.settings.model_copy(update={"service_secret": SecretStr("of nobody")}))
    await Sending(service.database, nobody, utc_now).send_due()
    path = f"/cities/{city}/merchant-proposals"
    for later, there in ((timedelta(), 0), (AWAY_FOR, 1), (AWAY_FOR, 1)):
        await sending(service, later).send_due()
        assert len((await directory.call("GET", path, "claire")).json()["items"]) == there


async def test_a_city_with_too_many_gets_it_when_there_is_room(
    directory: DirectoryUnderTest,
    client: httpx.AsyncClient,
    service: Service,
    draft: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(of_the_directory, "MOST_WAITING", 0)
    city = await directory.city()
    await propose(client, draft, city)
    await sending(service).send_due()
    assert (await shown(client, draft))["state"] == "waiting"
    monkeypatch.undo()
    monkeypatch.setattr(as_service, "neighbour_client", lambda **_: directory.client)
    path = f"/cities/{city}/merchant-proposals"
    for later, there in ((AWAY_FOR, 0), (FULL_FOR, 1)):
        await sending(service, later).send_due()
        assert len((await directory.call("GET", path, "claire")).json()["items"]) == there


async def test_nobody_sees_or_makes_a_proposal_without_the_drafts_secret(
    client: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    other = (await client.post(PATH, json=BEGUN)).json()
    wrong = {**draft, "secret": other["secret"]}
    assert (await propose(client, wrong, new_id())).status_code == 404
    await propose(client, draft, new_id())
    path = f"{PATH}/{draft['id']}/proposal"
    assert (await client.get(path, headers={"Draft-Secret": other["secret"]})).status_code == 404
    assert (await client.get(path)).status_code == 422
    mine = {"Draft-Secret": other["secret"]}
    assert (await client.get(f"{PATH}/{other['id']}/proposal", headers=mine)).status_code == 404
    seen = await client.get(path, headers={"Draft-Secret": draft["secret"]})
    assert seen.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("limit", ["PROPOSED_IN_AN_HOUR", "PROPOSED_IN_A_DAY"])
async def test_one_network_proposes_only_so_many(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(api, limit, replace(getattr(api, limit), most=2))
    drafts = [(await client.post(PATH, json=BEGUN)).json() for _ in range(3)]
    statuses = [(await propose(client, each, new_id())).status_code for each in drafts]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"postcode": "F-54400"}, "postcode"),
        ({"kind": "shop"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"street": "a\x00b"}, "street"),
        ({"city_id": "Habay"}, "city_id"),
        ({"merchant_id": str(new_id())}, "merchant_id"),
    ],
)
async def test_a_bad_field_is_named(
    client: httpx.AsyncClient, draft: dict[str, Any], changes: dict[str, str], field: str
) -> None:
    answer = await propose(client, draft, changes.pop("city_id", new_id()), **changes)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_proposal_keeps_its_draft_for_a_month_and_goes_with_it(
    client: httpx.AsyncClient, service: Service, draft: dict[str, Any]
) -> None:
    service.clock = lambda: utc_now() + timedelta(days=20)
    await propose(client, draft, new_id())
    for days, left in ((KEPT.days + 19, 1), (KEPT.days + 21, 0)):
        await enforce(service.database, RULES, utc_now() + timedelta(days=days))
        async with service.database.connection() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM draft_proposals")) == left
