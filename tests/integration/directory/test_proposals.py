"""A shop that is missed in the directory is proposed, and its city's officers decide, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import utc_now
from chassis.retention import enforce
from contracts.directory.v1 import MerchantProposalDecided
from services.directory.main import HISTORY
from services.directory.proposals import use_cases
from services.directory.retention import PROPOSALS_KEPT, RULES
from tests.support.directory import DirectoryUnderTest, extract, feature

HERE = {"longitude": 5.64, "latitude": 49.72}


async def propose(
    directory: DirectoryUnderTest, city: str, number: str | None = None, **changes: Any
) -> tuple[str, int, Any]:
    body = {"city_id": city, "name": "Chez Zoé", "street": "Grand-Rue", "postcode": "6720"}
    body |= {"kind": "shop=bakery", **changes}
    token = await directory.service_token("assessment")
    number = number or str(uuid4())
    answer = await directory.call("PUT", f"/merchant-proposals/{number}", token=token, json=body)
    return number, answer.status_code, answer


async def decide(directory: DirectoryUnderTest, number: str, how: str, **body: Any) -> Any:
    return await directory.call("POST", f"/merchant-proposals/{number}/{how}", "claire", json=body)


async def listed(directory: DirectoryUnderTest, city: str, state: str = "proposed") -> list[dict[str, Any]]:
    path = f"/cities/{city}/merchant-proposals"
    return list((await directory.call("GET", path, "claire", params={"state": state})).json()["items"])


async def test_an_accepted_one_is_a_listed_merchant_and_its_words_are_kept_nowhere_else(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    number, _, _ = await propose(directory, city)
    assert [each["name"] for each in await listed(directory, city)] == ["Chez Zoé"]
    accepted = await decide(directory, number, "accept", **HERE, house_number="7")
    assert accepted.status_code == 200, accepted.text
    merchant = (await directory.call("GET", f"/merchants/{accepted.json()['merchant_id']}")).json()
    assert (merchant["name"], merchant["kind"]) == ("Chez Zoé", "shop=bakery")
    assert merchant["address"] == {
        "street": "Grand-Rue", "house_number": "7", "postcode": "6720", "place": None
    }  # fmt: skip
    assert await listed(directory, city) == []
    (kept,) = await listed(directory, city, "accepted")
    assert {kept[name] for name in ("name", "street", "house_number", "postcode", "kind")} == {None}
    facts = [event.fact for event in await directory.events()]
    assert (
        MerchantProposalDecided(
            city_id=UUID(city), proposal_id=UUID(number), merchant_id=UUID(merchant["id"])
        )
        in facts
    )
    async with directory.database.connection() as connection:
        told = [event async for event in HISTORY(connection)]
    assert {event.id: event for event in told} == {event.id: event for event in await directory.events()}
    log = await directory.call(
        "GET", f"/cities/{city}/audit", "claire", params={"action": "merchant_proposal_decided"}
    )
    (entry,) = log.json()["items"]
    assert entry["details"] == {"merchant": merchant["id"]}


async def test_one_that_is_listed_already_is_recognised(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop = extract(feature("node/1", name="Chez Zoé", shop="bakery"))
    known = (await directory.imported(city, shop))["items"][0]["merchant_id"]
    number, _, _ = await propose(directory, city)
    refused = await decide(directory, number, "accept", **HERE)
    assert (refused.status_code, refused.json()["merchant_id"]) == (409, known)
    stranger = await decide(directory, number, "recognise", merchant_id=str(uuid4()))
    assert (stranger.status_code, stranger.json()["field"]) == (422, "merchant_id")
    recognised = await decide(directory, number, "recognise", merchant_id=known)
    assert (recognised.json()["state"], recognised.json()["merchant_id"]) == ("accepted", known)


async def test_a_refusal_says_why_and_is_told_as_a_code(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    number, _, _ = await propose(directory, city)
    wrong = await decide(directory, number, "refuse", reason="I do not like it")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "reason")
    assert (await decide(directory, number, "refuse", reason="not_found")).status_code == 200
    (fact,) = [e.fact for e in await directory.events() if isinstance(e.fact, MerchantProposalDecided)]
    assert (fact.merchant_id, fact.reason) == (None, "not_found")
    for how, body in (("refuse", {"reason": "closed"}), ("accept", HERE)):
        again = await decide(directory, number, how, **body)
        assert (again.status_code, again.json()["type"]) == (409, "urn:cococity:problem:decided-before")


async def test_two_officers_at_once_decide_once(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    number, _, _ = await propose(directory, city)
    answers = await asyncio.gather(
        *(decide(directory, number, "accept", **HERE) for _ in range(3)),
        *(decide(directory, number, "refuse", reason="closed") for _ in range(3)),
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert len([e for e in await directory.events() if isinstance(e.fact, MerchantProposalDecided)]) == 1


async def test_brought_twice_it_is_one_and_too_many_wait_elsewhere(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_cases, "MOST_WAITING", 2)
    city = await directory.city()
    number, status, _ = await propose(directory, city)
    assert status == 204
    assert (await propose(directory, city, number))[1] == 204
    assert (await propose(directory, city))[1] == 204
    _, status, refused = await propose(directory, city)
    assert (status, refused.headers["retry-after"]) == (429, "600")
    assert (await propose(directory, city, number))[1] == 204, "what it has, it has"
    assert len(await listed(directory, city)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"city_id": str(uuid4())}, "city_id"),
        ({"kind": "shop"}, "kind"),
        ({"name": "\u202e"}, "name"),
        ({"street": "x" * 121}, "street"),
        ({"telephone": "0470"}, "telephone"),
    ],
)
async def test_a_bad_field_is_named(
    directory: DirectoryUnderTest, changes: dict[str, str], field: str
) -> None:
    city = await directory.city()
    _, status, answer = await propose(directory, city, **changes)
    assert (status, answer.json()["field"]) == (422, field)


async def test_a_place_abroad_is_no_place_of_a_shop(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    number, _, _ = await propose(directory, city)
    swapped = await decide(directory, number, "accept", longitude=49.72, latitude=5.64)
    assert (swapped.status_code, swapped.json()["field"]) == (422, "longitude")
    assert len(await listed(directory, city)) == 1


async def test_only_the_assessment_proposes_and_only_the_citys_officers_see_and_decide(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    number, _, _ = await propose(directory, city)
    other = await directory.city("81001")
    elsewhere = await directory.officer(other)
    path = f"/merchant-proposals/{number}"
    notifications = await directory.service_token("notifications")
    for token in (elsewhere, notifications):
        assert (await directory.call("PUT", path, token=token, json={})).status_code == 403
    for person in ("sophie", "marc"):
        assert (await directory.call("GET", f"/cities/{city}/merchant-proposals", person)).status_code == 403
    assert (
        await directory.call("GET", f"/cities/{city}/merchant-proposals", token=elsewhere)
    ).status_code == 403
    for how, body in (
        ("accept", HERE),
        ("refuse", {"reason": "closed"}),
        ("recognise", {"merchant_id": city}),
    ):
        answer = await directory.call("POST", f"{path}/{how}", token=elsewhere, json=body)
        assert answer.status_code == 403
    assert (await decide(directory, str(uuid4()), "refuse", reason="closed")).status_code == 404


async def test_what_nobody_decides_about_is_gone_after_ninety_days(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await propose(directory, city)
    decided, _, _ = await propose(directory, city)
    await decide(directory, decided, "refuse", reason="closed")
    for later, left in ((PROPOSALS_KEPT - timedelta(hours=1), 1), (PROPOSALS_KEPT + timedelta(hours=1), 0)):
        await enforce(directory.database, RULES, utc_now() + later)
        assert len(await listed(directory, city)) == left
    assert len(await listed(directory, city, "refused")) == 1
