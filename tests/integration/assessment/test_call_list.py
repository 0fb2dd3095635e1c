"""Who asked for a training or a visit is called: by whom, about what, and not after a change of mind."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from chassis import as_service
from chassis.ids import new_id
from chassis.service import Service
from contracts.directory.v1 import MerchantListed, MerchantUpdated
from services.assessment import merchants, places
from services.assessment.requests import call_list
from tests.integration.assessment.conftest import (
    CITY,
    closed,
    listed,
    news,
    owner_of,
    submission,
    token,
)
from tests.support.delivered import deliver
from tests.support.directory import (
    DirectoryUnderTest,
    extract,
    feature,
    migrated_template,
    running_directory,
)
from tests.support.erasures import erasure_of
from tests.support.servers import Postgres

PATH = "/api/v1/call-list"
CONSULTANT = token({"role": "consultant", "city": str(CITY)})
OFFICER = token({"role": "city_officer", "city": str(CITY)})
DISTRICT = new_id()

Asks = Callable[..., Any]


@pytest.fixture
def asks(client: httpx.AsyncClient, service: Service) -> Asks:
    """A shop that asks: the id of the request and of the shop."""

    async def asks(
        merchant: UUID | None = None, wish: str = "visit", language: str = "fr"
    ) -> tuple[str, UUID]:
        if merchant is None:
            merchant = new_id()
            async with service.database.transaction() as tx:
                await merchants.apply(tx, [news(listed(merchant))])
        body = {"merchant_id": str(merchant), "wish": wish, "language": language, "may_be_contacted": True}
        headers = {**owner_of(merchant), "Idempotency-Key": str(new_id())}
        made = await client.post("/api/v1/training-requests", json=body, headers=headers)
        assert made.status_code == 201, made.text
        return made.json()["id"], merchant

    return asks


async def on_the_list(
    client: httpx.AsyncClient, who: dict[str, str] = CONSULTANT, **asked: str
) -> list[dict[str, Any]]:
    answer = await client.get(PATH, params={"city": str(CITY), **asked}, headers=who)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def lies_in(service: Service, merchant: UUID, *districts: UUID, version: int = 1) -> None:
    fact = listed(merchant, version)
    placed = MerchantListed(
        **{**{name: getattr(fact, name) for name in fact.__struct_fields__}, "district_ids": districts}
    )
    async with service.database.transaction() as tx:
        await places.apply(tx, [news(placed)])


async def test_a_consultant_finds_them_by_wish_language_district_and_where_they_are_weak(
    client: httpx.AsyncClient, service: Service, asks: Asks, submit: Asks
) -> None:
    visit, shop = await asks()
    seo, other = await asks(wish="natural-search-ranking", language="nl")
    await submit(submission(shop), owner_of(shop))
    await lies_in(service, other, DISTRICT)

    assert [each["id"] for each in await on_the_list(client)] == [visit, seo]
    (first,) = await on_the_list(client, dimension="customers")
    assert (first["merchant_id"], first["wish"]) == (str(shop), "visit")
    assert first["weak"]["dimension"] == "customers"
    assert await on_the_list(client, dimension="social") == []
    for asked in ({"wish": "natural-search-ranking"}, {"language": "nl"}, {"district": str(DISTRICT)}):
        (found,) = await on_the_list(client, CONSULTANT, **asked)
        assert (found["id"], found["weak"], found["district_ids"]) == (seo, None, [str(DISTRICT)])


async def test_it_is_the_weakest_dimension_of_the_newest_answers(
    client: httpx.AsyncClient, asks: Asks, submit: Asks
) -> None:
    _, shop = await asks()
    first = (await submit(submission(shop), owner_of(shop))).json()
    weakest = min(first["dimensions"], key=lambda each: (each["score"], each["key"]))
    (asker,) = await on_the_list(client)
    assert asker["weak"] == {"dimension": weakest["key"], "score": weakest["score"]}
    answers = submission(shop)["answers"] | {"customer-list": "digital", "website": "none"}
    second = await submit(submission(shop, answers=answers, corrects=first["id"]), owner_of(shop))
    weakest = min(second.json()["dimensions"], key=lambda each: (each["score"], each["key"]))
    (asker,) = await on_the_list(client)
    assert asker["weak"] == {"dimension": weakest["key"], "score": weakest["score"]}


async def test_an_officer_sees_who_asked_and_not_where_they_are_weak(
    client: httpx.AsyncClient, asks: Asks, submit: Asks
) -> None:
    asked, shop = await asks()
    await submit(submission(shop), owner_of(shop))
    (seen,) = await on_the_list(client, OFFICER)
    assert (seen["id"], seen["weak"]) == (asked, None)
    filtered = await client.get(PATH, params={"city": str(CITY), "dimension": "customers"}, headers=OFFICER)
    assert filtered.status_code == 403
    (line,) = read(await client.get(f"{PATH}.csv", params={"city": str(CITY)}, headers=OFFICER))
    assert (line["weak_dimension"], line["score"]) == ("", "")


async def test_nobody_else_sees_it(client: httpx.AsyncClient, asks: Asks) -> None:
    _, shop = await asks()
    elsewhere = {"city": str(new_id())}
    for path in (PATH, f"{PATH}.csv"):
        here = {"city": str(CITY)}
        assert (await client.get(path, params=here)).status_code == 401
        assert (await client.get(path, params=here, headers=owner_of(shop))).status_code == 403
        for who in (CONSULTANT, OFFICER):
            assert (await client.get(path, params=elsewhere, headers=who)).status_code == 403
        of_others = token({"role": "consultant", "city": elsewhere["city"]})
        assert (await client.get(path, params=here, headers=of_others)).status_code == 403


@pytest.mark.parametrize("how", ["withdrawn", "closed", "erased", "left"])
async def test_who_is_not_to_be_called_any_more_is_gone_at_once(
    client: httpx.AsyncClient, service: Service, asks: Asks, how: str
) -> None:
    asked, shop = await asks()
    stays, _ = await asks()
    match how:
        case "withdrawn":
            await client.delete(f"/api/v1/training-requests/{asked}", headers=owner_of(shop))
        case "closed":
            async with service.database.transaction() as tx:
                await merchants.apply(tx, [news(closed(shop))])
        case "erased":
            await deliver(service, erasure_of(new_id(), closed=[shop]))
        case _:
            await deliver(service, erasure_of(new_id(), left=[shop]))
    assert [each["id"] for each in await on_the_list(client)] == [stays]
    lines = read(await client.get(f"{PATH}.csv", params={"city": str(CITY)}, headers=CONSULTANT))
    assert [line["request"] for line in lines] == [stays]


async def test_who_was_served_is_off_the_list_and_can_ask_again(
    client: httpx.AsyncClient, service: Service, asks: Asks
) -> None:
    request, shop = await asks()
    path = f"/api/v1/training-requests/{request}/served"
    call, later = path.replace("served", "call"), {"outcome": "not_reached", "next_on": "2126-11-30"}
    assert (await client.put(call, json=later, headers=owner_of(shop))).status_code == 403
    for unclear in ({"outcome": "visit_agreed"}, {"outcome": "no_interest", "next_on": "2126-11-30"}):
        answer = await client.put(call, json=unclear, headers=CONSULTANT)
        assert (answer.status_code, answer.json()["field"]) == (422, "next_on")
    assert (await client.put(call, json=later, headers=CONSULTANT)).status_code == 204
    (called,) = await on_the_list(client)
    assert {name: called["call"][name] for name in later} == later
    assert await on_the_list(client, due_on="2126-11-29") == []
    assert len(await on_the_list(client, due_on="2126-11-30")) == 1
    assert (await client.put(path, headers=owner_of(shop))).status_code == 403
    told_before = await _told(service)
    served = [await client.put(path, headers=CONSULTANT) for _ in range(2)]
    assert [each.status_code for each in served] == [204, 204]
    assert await _told(service) == told_before
    assert await on_the_list(client) == []

    listed_of_shop = await client.get(
        "/api/v1/training-requests", params={"merchant": str(shop)}, headers=owner_of(shop)
    )
    (known,) = listed_of_shop.json()["items"]
    assert known["served_at"] is not None
    again, _ = await asks(shop)
    assert [each["id"] for each in await on_the_list(client)] == [again]

    withdrawn = await client.delete(f"/api/v1/training-requests/{again}", headers=owner_of(shop))
    assert withdrawn.status_code == 204
    refused = await client.put(f"/api/v1/training-requests/{again}/served", headers=CONSULTANT)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:request-withdrawn")
    another, _ = await asks()
    said_no = f"/api/v1/training-requests/{another}/call"
    answers = [await client.put(said_no, json={"outcome": "no_interest"}, headers=CONSULTANT) for _ in "ab"]
    assert [each.status_code for each in answers] == [204, 409]
    assert await on_the_list(client) == []
    unknown = await client.put(f"/api/v1/training-requests/{new_id()}/served", headers=CONSULTANT)
    assert unknown.status_code == 404


async def _told(service: Service) -> int:
    async with service.database.connection() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM outbox")) or 0)


async def test_pages_follow_each_other_without_a_gap(client: httpx.AsyncClient, asks: Asks) -> None:
    asked = [(await asks())[0] for _ in range(5)]
    seen: list[str] = []
    following: dict[str, str] = {}
    while True:
        params = {"city": str(CITY), "limit": "2", **following}
        answer = (await client.get(PATH, params=params, headers=CONSULTANT)).json()
        seen += [each["id"] for each in answer["items"]]
        if answer["next"] is None:
            break
        following = {"cursor": answer["next"]}
    assert seen == asked


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"city": "Habay"}, "city"),
        ({"dimension": "shoe-size"}, "dimension"),
        ({"language": "lb"}, "language"),
        ({"wish": "' OR 1=1"}, "wish"),
        ({"district": "centre"}, "district"),
        ({"contacts": "perhaps"}, "contacts"),
    ],
)
async def test_a_bad_filter_is_named(client: httpx.AsyncClient, asked: dict[str, str], field: str) -> None:
    for path in (PATH, f"{PATH}.csv"):
        answer = await client.get(path, params={"city": str(CITY), **asked}, headers=CONSULTANT)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_where_a_shop_lies_is_its_newest_version_in_any_order(
    client: httpx.AsyncClient, service: Service, asks: Asks
) -> None:
    _, shop = await asks()
    old, new = DISTRICT, new_id()
    known = {"city_id": CITY, "merchant_id": shop, "kind": "shop=bakery", "longitude": 5.6, "latitude": 49.7}
    moved = MerchantUpdated(**known, version=3, district_ids=(new,))
    begun = MerchantListed(**known, version=1, district_ids=(old,))
    for facts in ([moved], [begun], [begun, moved], [moved]):
        async with service.database.transaction() as tx:
            await places.apply(tx, [news(fact) for fact in facts])
        assert await on_the_list(client, district=str(old)) == []
        assert len(await on_the_list(client, district=str(new))) == 1


# --- with names and addresses, which a real directory has ---


@pytest_asyncio.fixture
async def directory(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built_anew: None
) -> AsyncIterator[DirectoryUnderTest]:
    template = await migrated_template(postgres)
    async with running_directory(postgres, template, tmp_path) as directory:
        monkeypatch.setattr(as_service, "neighbour_client", lambda **_: directory.client)
        monkeypatch.setattr(call_list, "LOOKED_UP_AT_ONCE", 1)
        yield directory


async def of_anna(directory: DirectoryUnderTest, name: str) -> UUID:
    """A shop of that name, claimed by somebody."""
    city = await directory.city()
    shop = feature("node/7", name=name, shop="bakery", phone="+32 63 12 34 56", addr_street="Grand-Rue")
    report = await directory.imported(city, extract(shop))
    merchant = report["items"][0]["merchant_id"]
    claim = {"person_id": await directory.person_id("marc")}
    claimed = await directory.call("POST", f"/merchants/{merchant}/claim", "claire", json=claim)
    assert claimed.is_success, claimed.text
    return UUID(merchant)


async def test_names_and_addresses_are_looked_up_when_asked_for_and_each_look_up_is_logged(
    directory: DirectoryUnderTest, client: httpx.AsyncClient, service: Service, asks: Asks
) -> None:
    shop = await of_anna(directory, "Boulangerie Rigaux")
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(shop))])
    await asks(shop)
    _, unknown = await asks()

    (without, _) = await on_the_list(client)
    assert without["contacts"] is None
    consultant = new_id()
    who = token({"role": "consultant", "city": str(CITY)}, person=consultant)
    (first, second) = await on_the_list(client, who, contacts="true")
    (contact,) = first["contacts"]
    assert contact["merchant_name"] == "Boulangerie Rigaux"
    assert contact["email"] == "marc@example.be"
    assert contact["phone"].startswith("+32")
    assert contact["address"]["street"] == "Grand-Rue"
    assert (second["merchant_id"], second["contacts"]) == (str(unknown), [])

    entries = (await directory.call("GET", "/audit", "otto", params={"action": "contacts_looked_up"})).json()[
        "items"
    ]
    assert {entry["actor_id"] for entry in entries} == {str(consultant)}
    assert sum(entry["details"]["addresses"] for entry in entries) == 1
    assert {entry["details"]["purpose"] for entry in entries} == {"call_list"}


async def test_a_name_that_is_a_formula_is_text_in_the_file(
    directory: DirectoryUnderTest, client: httpx.AsyncClient, service: Service, asks: Asks
) -> None:
    name = '=HYPERLINK("https://evil.example","Chez Paul")'
    shop = await of_anna(directory, name)
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(shop))])
    await asks(shop)
    asked = {"city": str(CITY), "contacts": "true"}
    answer = await client.get(f"{PATH}.csv", params=asked, headers=CONSULTANT)
    (line,) = read(answer)
    assert line["name"] == f"'{name}"
    assert line["telephone"].startswith("'+32")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="call-list.csv"'


async def test_a_directory_that_is_away_is_said_and_the_list_without_names_is_there(
    client: httpx.AsyncClient, asks: Asks
) -> None:
    await asks()
    for path in (PATH, f"{PATH}.csv"):
        answer = await client.get(path, params={"city": str(CITY), "contacts": "true"}, headers=CONSULTANT)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:cococity:problem:unavailable")
    assert len(await on_the_list(client)) == 1


def read(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
