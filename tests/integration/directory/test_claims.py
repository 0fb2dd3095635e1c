"""A shop is claimed with the code of its letter, or by somebody who knows; a second claim is disputed."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.directory.v1 import MerchantClaimed
from services.directory.claims.tries import OF_A_NETWORK, OF_A_PERSON
from tests.support.claims import invite, long_ago
from tests.support.directory import DirectoryUnderTest, extract, feature

WRONG = "0000-0000-0000-0000"


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    return await directory.city()


@pytest.fixture
async def shops(directory: DirectoryUnderTest, habay: str) -> list[str]:
    found = extract(
        *(feature(f"node/{number}", name=f"Shop {number}", shop="bakery") for number in range(1, 4))
    )
    return [each["merchant_id"] for each in (await directory.imported(habay, found))["items"]]


async def claimed(directory: DirectoryUnderTest) -> list[tuple[UUID, int]]:
    facts = [event.fact for event in await directory.events()]
    return [(fact.merchant_id, fact.version) for fact in facts if isinstance(fact, MerchantClaimed)]


async def owners(directory: DirectoryUnderTest, shop: str) -> set[str]:
    async with directory.database.connection() as connection:
        rows = await connection.execute(
            text("SELECT person_id FROM role_grant WHERE merchant_id = :shop AND role = 'merchant'"),
            {"shop": UUID(shop)},
        )
        return {str(person) for person in rows.scalars()}


async def how_claimed(directory: DirectoryUnderTest, shop: str) -> list[tuple[str, bool]]:
    async with directory.database.connection() as connection:
        rows = await connection.execute(
            text("SELECT how, confirmed_by IS NOT NULL FROM claim WHERE merchant_id = :shop ORDER BY id"),
            {"shop": UUID(shop)},
        )
        return [tuple(row) for row in rows]


async def test_who_has_the_code_runs_the_shop(directory: DirectoryUnderTest, shops: list[str]) -> None:
    code, path = await invite(directory, shops[0]), f"/merchants/{shops[0]}/claim"

    first = await directory.call("POST", path, "marc", json={"code": code.lower().replace("-", " ")})
    again = await directory.call("POST", path, "marc", json={"code": code})

    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert first.json()["claimed"] is True
    assert await owners(directory, shops[0]) == {await directory.person_id("marc")}
    assert await claimed(directory) == [(UUID(shops[0]), 2)]
    assert await how_claimed(directory, shops[0]) == [("code", False)]


async def test_a_code_opens_one_shop_alone(directory: DirectoryUnderTest, shops: list[str]) -> None:
    code = await invite(directory, shops[0])
    other = await directory.call("POST", f"/merchants/{shops[1]}/claim", "marc", json={"code": code})
    assert (other.status_code, other.json()["field"]) == (422, "code")
    assert await claimed(directory) == []


async def test_an_expired_code_says_so(directory: DirectoryUnderTest, shops: list[str]) -> None:
    code = await invite(directory, shops[0], prepared_at=long_ago())
    answer = await directory.call("POST", f"/merchants/{shops[0]}/claim", "marc", json={"code": code})
    assert answer.status_code == 422
    assert "expired" in answer.json()["detail"]
    assert await owners(directory, shops[0]) == set()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": None},
        {"code": "x" * 500},
        {"code": "\x00"},
        {"code": "\ud800"},
        {"code": 5},
        {"code": ["A"]},
        {"code": "AAAA-AAAA-AAAA-AAAA", "person_id": "01890000-0000-7000-8000-00000000c17e"},
        {"person_id": "x"},
        {"person_id": "01890000-0000-7000-8000-00000000c17e", "how": "rumour"},
        {"code": "' OR 1=1 --"},
        [],
    ],
)
async def test_what_is_no_claim_is_refused(
    directory: DirectoryUnderTest, shops: list[str], body: object
) -> None:
    answer = await directory.call(
        "POST",
        f"/merchants/{shops[0]}/claim",
        "marc",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await owners(directory, shops[0]) == set()


async def test_a_mistyped_code_costs_no_try_and_says_what_is_wrong(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    code, path = await invite(directory, shops[0]), f"/merchants/{shops[0]}/claim"
    mistyped = code[:-1] + ("A" if code[-1] != "A" else "B")
    for _ in range(OF_A_PERSON.most + 1):
        answer = await directory.call("POST", path, "marc", json={"code": mistyped})
        assert "mistyped" in answer.json()["detail"]
    assert (await directory.call("POST", path, "marc", json={"code": code})).status_code == 200


async def test_a_person_who_guesses_is_stopped_whatever_shop_they_try(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    code = await invite(directory, shops[2])
    for number in range(OF_A_PERSON.most):
        path = f"/merchants/{shops[number % 2]}/claim"
        assert (await directory.call("POST", path, "marc", json={"code": WRONG})).status_code == 422

    path = f"/merchants/{shops[2]}/claim"
    stopped = await directory.call("POST", path, "marc", json={"code": code})
    somebody_else = await directory.call("POST", path, "nele", json={"code": code})

    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) > 0
    assert somebody_else.status_code == 200


async def test_a_network_that_guesses_is_stopped_and_the_next_one_is_not(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    async def guessed(number: int, address: str) -> int:
        answer = await directory.call(
            "POST",
            f"/merchants/{shops[number % 3]}/claim",
            f"ambassador-{1 + number // 5}",  # whose own limit is not reached
            json={"code": WRONG},
            headers={"X-Forwarded-For": address},
        )
        return answer.status_code

    inside = [await guessed(n, "203.0.113.200") for n in range(OF_A_NETWORK.most)]
    assert inside == [422] * OF_A_NETWORK.most
    assert await guessed(OF_A_NETWORK.most, "203.0.113.200") == 429
    assert await guessed(OF_A_NETWORK.most, "198.51.100.1") == 422


async def test_guesses_side_by_side_are_counted_one_by_one(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    await invite(directory, shops[0])
    token = await directory.token("marc")

    def guess(shop: str) -> object:
        return directory.call("POST", f"/merchants/{shop}/claim", token=token, json={"code": WRONG})

    answers = await asyncio.gather(*map(guess, shops * 8))  # type: ignore[call-overload]
    statuses = [each.status_code for each in answers]
    assert (statuses.count(422), statuses.count(429)) == (OF_A_PERSON.most, 24 - OF_A_PERSON.most)


async def test_wrong_codes_of_others_keep_nobody_from_claiming_with_the_right_one(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    code, path = await invite(directory, shops[0]), f"/merchants/{shops[0]}/claim"
    for number in range(1, 5):
        stranger, network = (
            await directory.token(f"ambassador-{number}"),
            {"X-Forwarded-For": f"192.0.2.{number}"},
        )
        for _ in range(OF_A_PERSON.most + 1):
            await directory.call("POST", path, token=stranger, headers=network, json={"code": WRONG})

    own = {"X-Forwarded-For": "198.51.100.7"}
    answer = await directory.call("POST", path, "marc", headers=own, json={"code": code})

    assert answer.status_code == 200, answer.text
    assert await owners(directory, shops[0]) == {await directory.person_id("marc")}


async def test_twenty_claims_with_one_code_give_one_owner_and_one_dispute(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    code = await invite(directory, shops[0])
    tokens = [await directory.token(f"ambassador-{number}") for number in range(1, 21)]

    def attempt(token: str) -> object:
        return directory.call("POST", f"/merchants/{shops[0]}/claim", token=token, json={"code": code})

    answers = await asyncio.gather(*map(attempt, tokens))  # type: ignore[call-overload]
    statuses = [each.status_code for each in answers]

    assert (statuses.count(200), statuses.count(202), statuses.count(409)) == (1, 1, 18)
    assert len(await owners(directory, shops[0])) == 1
    assert await claimed(directory) == [(UUID(shops[0]), 2)]


async def test_wrong_tries_are_kept_under_no_name(directory: DirectoryUnderTest, shops: list[str]) -> None:
    await directory.call("POST", f"/merchants/{shops[0]}/claim", "marc", json={"code": WRONG})
    async with directory.database.connection() as connection:
        counted = text("SELECT who::text, count FROM limit_count WHERE what LIKE 'wrong codes %'")
        rows = (await connection.execute(counted)).all()
    assert [wrong for _, wrong in rows] == [1, 1]
    marc = UUID(await directory.person_id("marc")).hex
    assert not any(marc in key or UUID(shops[0]).hex in key for key, _ in rows)


async def test_an_officer_and_a_consultant_confirm_and_it_is_noted_how(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    marc = await directory.person_id("marc")

    async def confirm(shop: str, by: str, how: str) -> int:
        body = {"person_id": marc, "how": how}
        return (await directory.call("POST", f"/merchants/{shop}/claim", by, json=body)).status_code

    assert await confirm(shops[0], "anna", "enterprise_number") == 403
    assert await confirm(shops[0], "anna", "code") == 403
    assert await confirm(shops[0], "anna", "visit") == 200
    assert await confirm(shops[1], "claire", "enterprise_number") == 200
    assert await how_claimed(directory, shops[0]) == [("visit", True)]
    assert await how_claimed(directory, shops[1]) == [("enterprise_number", True)]


async def test_an_officer_of_another_city_confirms_nothing(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    elsewhere = await directory.officer(await directory.city("81001"))
    body = {"person_id": await directory.person_id("marc"), "how": "enterprise_number"}
    answer = await directory.call("POST", f"/merchants/{shops[0]}/claim", token=elsewhere, json=body)
    assert answer.status_code == 403
    assert await owners(directory, shops[0]) == set()


async def test_a_closed_shop_is_not_claimed(directory: DirectoryUnderTest, shops: list[str]) -> None:
    code = await invite(directory, shops[0])
    await directory.call("POST", f"/merchants/{shops[0]}/close", "claire")
    answer = await directory.call("POST", f"/merchants/{shops[0]}/claim", "marc", json={"code": code})
    assert answer.status_code == 410


async def test_a_shop_whose_owner_left_is_claimed_again_with_a_new_code(
    directory: DirectoryUnderTest, shops: list[str]
) -> None:
    path, old = f"/merchants/{shops[0]}/claim", await invite(directory, shops[0])
    await directory.call("POST", path, "marc", json={"code": old})
    async with directory.database.transaction() as tx:
        await tx.execute(text("DELETE FROM role_grant WHERE role = 'merchant'"))

    spent = await directory.call("POST", path, "nele", json={"code": old})
    new = await directory.call("POST", path, "nele", json={"code": await invite(directory, shops[0])})

    assert (spent.status_code, new.status_code) == (422, 200)
    assert await owners(directory, shops[0]) == {await directory.person_id("nele")}
    assert await claimed(directory) == [(UUID(shops[0]), 2), (UUID(shops[0]), 3)]
