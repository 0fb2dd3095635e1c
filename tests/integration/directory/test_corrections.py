"""Corrections are suggested by anybody, decided once by who may, put in with their source, and put back."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from contracts.directory.v1 import MerchantCorrectionAccepted
from services.directory.corrections import use_cases
from services.directory.main import HISTORY
from tests.support.delivered import deliver
from tests.support.directory import DirectoryUnderTest, extract, feature
from tests.support.erasures import erasure_of

SEEN = {"phone": "+32 63 11 22 33"}
RIGHT = {"phone": "+32 63 42 00 00"}


async def a_shop(directory: DirectoryUnderTest, *, more: int = 0) -> tuple[str, list[str]]:
    """A city, and ids of shops in it, each a kilometre from the last."""
    city = await directory.city()
    features = [
        feature(f"node/{n + 1}", 5.64 + n / 100, name=f"Chez {n}", shop="bakery", phone=SEEN["phone"])
        for n in range(1 + more)
    ]
    await directory.imported(city, extract(*features))
    listed = (await directory.call("GET", "/merchants", params={"city": city})).json()["items"]
    return city, [str(each["id"]) for each in sorted(listed, key=lambda each: str(each["name"]))]


async def suggest(
    directory: DirectoryUnderTest, shop: str, person: str = "ambassador-1", **changed: Any
) -> Any:
    body = {"field": "phone", "suggested": RIGHT, "seen": SEEN, "note": "Vu sur la vitrine"} | changed
    return await directory.call("POST", f"/merchants/{shop}/corrections", person, json=body)


async def decide(
    directory: DirectoryUnderTest, answer: Any, how: str, person: str = "claire", **body: Any
) -> Any:
    path = f"/merchant-corrections/{answer.json()['id']}/{how}"
    return await directory.call("POST", path, person, json=None if how == "revert" else body)


async def told(directory: DirectoryUnderTest) -> list[tuple[int, bool]]:
    facts = [event.fact for event in await directory.events()]
    return [(f.version, f.stands) for f in facts if isinstance(f, MerchantCorrectionAccepted)]


async def phone(directory: DirectoryUnderTest, shop: str) -> str:
    return str((await directory.call("GET", f"/merchants/{shop}")).json()["phone"])


async def test_an_accepted_one_changes_the_shop_names_its_source_and_can_be_put_back(
    directory: DirectoryUnderTest,
) -> None:
    city, (shop,) = await a_shop(directory)
    made = await suggest(directory, shop)
    assert made.status_code == 201, made.text
    queue = (await directory.call("GET", f"/cities/{city}/merchant-corrections", "claire")).json()["items"]
    assert [(e["seen"], e["suggested"], e["now"], e["changed_meanwhile"]) for e in queue] == [
        (SEEN, RIGHT, SEEN, False)
    ]
    assert not {"receipt_id", "person_id"} & queue[0].keys(), "who suggested it is nobody's business"

    accepted = await decide(directory, made, "accept")
    assert (accepted.status_code, await phone(directory, shop)) == (200, RIGHT["phone"])
    again = await decide(directory, made, "refuse", reason="unfit")
    assert (again.status_code, again.json()["type"]) == (409, "urn:cococity:problem:decided-before")
    log = await directory.call(
        "GET", f"/cities/{city}/audit", "claire", params={"action": "correction_accepted"}
    )
    (entry,) = log.json()["items"]
    assert entry["details"] == {"correction": made.json()["id"], "field": "phone"}

    reverted = await decide(directory, made, "revert")
    assert (reverted.json()["state"], await phone(directory, shop)) == ("reverted", SEEN["phone"])
    own = (await directory.call("GET", "/people/me/corrections", "ambassador-1")).json()["items"]
    assert [(e["state"], e["receipt_id"]) for e in own] == [("reverted", made.json()["receipt_id"])]
    assert await told(directory) == [(1, True), (2, False)]
    async with directory.database.connection() as connection:
        history = {event.id: event async for event in HISTORY(connection)}
    assert history == {event.id: event for event in await directory.events()}


async def test_what_changed_meanwhile_is_shown_and_overwritten_only_where_that_is_said(
    directory: DirectoryUnderTest,
) -> None:
    _, (shop,) = await a_shop(directory)
    stale = await suggest(directory, shop, seen={"phone": "+32 63 99 99 99"})
    assert (stale.status_code, stale.json()["now"]) == (409, SEEN)
    made = await suggest(directory, shop)
    etag = (await directory.call("GET", f"/merchants/{shop}")).headers["ETag"]
    body, headers = {"phone": "+32 63 55 55 55"}, {"If-Match": etag}
    await directory.call("PATCH", f"/merchants/{shop}", "claire", json=body, headers=headers)

    refused = await decide(directory, made, "accept")
    accepted = await decide(directory, made, "accept", anyway=True)

    assert (refused.status_code, refused.json()["now"]) == (409, body)
    assert (accepted.status_code, await phone(directory, shop)) == (200, RIGHT["phone"])


async def test_an_owner_decides_about_what_an_owner_changes_and_nobody_about_their_own(
    directory: DirectoryUnderTest,
) -> None:
    city, (shop, other) = await a_shop(directory, more=1)
    await directory.given("ambassador-2", Grant(Role.merchant, UUID(city), UUID(shop)))
    mine, name, elsewhere = (
        await suggest(directory, shop),
        await suggest(directory, shop, field="name", suggested={"name": "Zoé"}, seen={"name": "Chez 0"}),
        await suggest(directory, other),
    )
    own = await suggest(directory, shop, "claire")
    statuses = [
        (await decide(directory, each, "accept", who)).status_code
        for each, who in (
            (name, "ambassador-2"),
            (elsewhere, "ambassador-2"),
            (mine, "ambassador-1"),
            (own, "claire"),
            (mine, "ambassador-2"),
        )
    ]
    assert statuses == [403, 403, 403, 409, 200]
    place = (await directory.call("GET", f"/merchants/{shop}")).json()
    carried = await decide(directory, own, "accept", "ambassador-2", longitude=5.7, latitude=49.7)
    stays = (await directory.call("GET", f"/merchants/{shop}")).json()
    assert (carried.status_code, carried.json()["field"], stays) == (422, "longitude", place)
    refused = await decide(directory, name, "refuse", reason="right_as_it_is")
    seen = (await directory.call("GET", "/people/me/corrections", "ambassador-1")).json()["items"]
    assert refused.status_code == 200
    assert [each["reason"] for each in seen if each["field"] == "name"] == ["right_as_it_is"]
    queue = await directory.call("GET", f"/merchants/{shop}/corrections", "ambassador-2")
    assert [each["id"] for each in queue.json()["items"]] == [own.json()["id"]]


async def test_closed_moved_and_listed_twice_do_what_an_officer_would(directory: DirectoryUnderTest) -> None:
    _, (closed, moved, twin, kept) = await a_shop(directory, more=3)
    gone = await suggest(directory, closed, field="closed", suggested={}, seen={})
    street = {"street": "Rue Neuve"}
    away = await suggest(directory, moved, field="moved", suggested=street, seen={})
    double = await suggest(directory, twin, field="duplicate", suggested={"duplicate_of": kept}, seen={})
    there = (await directory.call("GET", f"/merchants/{moved}")).json()
    before = (there["address"]["street"], there["longitude"], there["latitude"])
    nowhere = await decide(directory, away, "accept")
    answers = [
        await decide(directory, gone, "accept"),
        await decide(directory, away, "accept", longitude=5.7, latitude=49.7),
        await decide(directory, double, "accept"),
    ]
    shown = [(await directory.call("GET", f"/merchants/{each}")) for each in (closed, moved, twin, kept)]

    assert (nowhere.status_code, nowhere.json()["field"]) == (422, "longitude")
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [each.status_code for each in shown] == [410, 200, 410, 200]
    assert (shown[1].json()["address"]["street"], shown[1].json()["longitude"]) == ("Rue Neuve", 5.7)

    await decide(directory, away, "revert")
    back = (await directory.call("GET", f"/merchants/{moved}")).json()
    assert (back["address"]["street"], back["longitude"], back["latitude"]) == before


async def test_one_waits_for_a_person_shop_and_field_and_so_many_come_a_day(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (shop,) = await a_shop(directory)
    answers = await asyncio.gather(*(suggest(directory, shop) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (made,) = [answer for answer in answers if answer.status_code == 201]
    path = f"/people/me/corrections/{made.json()['id']}"
    back = [(await directory.call("DELETE", path, who)).status_code for who in ("claire", "ambassador-1")]
    assert back == [404, 204]
    decided = [await suggest(directory, shop, who) for who in ("ambassador-1", "ambassador-3")]
    outcomes = await asyncio.gather(
        *(decide(directory, decided[0], "accept") for _ in range(2)),
        *(decide(directory, decided[0], "refuse", reason="unfit") for _ in range(2)),
    )
    assert sorted(answer.status_code for answer in outcomes) == [200, 409, 409, 409]
    monkeypatch.setattr(use_cases, "MOST_OPEN", 1)
    full = await suggest(directory, shop, "ambassador-4", seen={"phone": await phone(directory, shop)},
                         suggested={"phone": "+32 63 77 77 77"})  # fmt: skip
    assert (full.status_code, full.headers["Retry-After"]) == (429, "86400")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"suggested": {"phone": "javascript:alert(1)"}}, "suggested.phone"),
        ({"suggested": {"website": "https://example.org"}}, None),
        ({"suggested": {}}, None),
        ({"field": "website", "suggested": {"website": "http://a@b"}, "seen": {}}, "suggested.website"),
        ({"field": "duplicate", "suggested": {}, "seen": {}}, None),
        ({"note": "\u202egnihton"}, "note"),
        ({"field": "owner"}, "field"),
        ({"seen": {"email": "x"}}, None),
        ({"field": "moved", "suggested": {"longitude": 2.35, "latitude": 48.85}, "seen": {}},
         "suggested.longitude"),
        ({"field": "name", "suggested": {"name": None}, "seen": {}}, None),
    ],
)  # fmt: skip
async def test_hostile_suggestions_are_refused_and_leave_nothing(
    directory: DirectoryUnderTest, changed: dict[str, Any], field: str | None
) -> None:
    _, (shop,) = await a_shop(directory)
    answer = await suggest(directory, shop, **changed)
    assert answer.status_code == 422, answer.text
    assert field is None or answer.json()["field"].startswith(field)
    async with directory.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM merchant_correction")) == 0


async def test_an_erasure_leaves_what_changed_a_shop_and_nobody_who_saw_it(
    directory: DirectoryUnderTest,
) -> None:
    _, (shop, other) = await a_shop(directory, more=1)
    accepted = await suggest(directory, shop)
    await decide(directory, accepted, "accept")
    await suggest(directory, other)
    person = UUID(await directory.person_id("ambassador-1"))
    data = (await directory.call("GET", "/people/me/data/directory", "ambassador-1")).json()["data"]
    assert [each["state"] for each in data["suggested corrections"]] == ["accepted", "open"]

    await deliver(directory.service, erasure_of(person))

    async with directory.database.connection() as connection:
        left = (await connection.execute(text("SELECT id, person_id, note FROM merchant_correction"))).all()
    assert left == [(UUID(accepted.json()["id"]), None, None)]
