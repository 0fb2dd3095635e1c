"""Two people say that a shop is theirs: the first keeps it until an officer of its city has decided."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from contracts.directory.v1 import MerchantClaimed
from tests.support.claims import invite
from tests.support.directory import DirectoryUnderTest, extract, feature


@dataclass
class Disputed:
    """A shop that marc runs and nele claims."""

    directory: DirectoryUnderTest
    city: str
    shop: str
    dispute: str

    @property
    def path(self) -> str:
        return f"/merchants/{self.shop}/disputes/{self.dispute}"

    async def owner(self) -> str:
        async with self.directory.database.connection() as connection:
            found = await connection.execute(
                text("SELECT person_id FROM role_grant WHERE merchant_id = :shop AND role = 'merchant'"),
                {"shop": UUID(self.shop)},
            )
            return str(found.scalar_one())

    async def decide(
        self, outcome: str, by: str = "claire", reason: str = "Seen in the register"
    ) -> httpx.Response:
        body = {"outcome": outcome, "reason": reason}
        return await self.directory.call("POST", f"{self.path}/decision", by, json=body)


@pytest.fixture
async def disputed(directory: DirectoryUnderTest) -> Disputed:
    city = await directory.city()
    rigaux = extract(feature(name="Rigaux", shop="bakery"))
    shop = (await directory.imported(city, rigaux))["items"][0]["merchant_id"]
    await directory.call(
        "POST", f"/merchants/{shop}/claim", "anna", json={"person_id": await directory.person_id("marc")}
    )
    answer = await directory.call(
        "POST", f"/merchants/{shop}/claim", "nele", json={"code": await invite(directory, shop)}
    )
    assert answer.status_code == 202, answer.text
    return Disputed(directory, city, shop, answer.json()["id"])


async def test_while_it_is_open_the_first_owner_keeps_the_shop(disputed: Disputed) -> None:
    directory = disputed.directory
    assert await disputed.owner() == await directory.person_id("marc")
    shown = (await directory.call("GET", disputed.path, "nele")).json()
    assert (shown["outcome"], shown["how"]) == (None, "code")
    grants = (await directory.call("GET", "/people/me", "nele")).json()["grants"]
    assert grants == []


async def test_both_sides_and_the_city_see_it_and_nobody_else(disputed: Disputed) -> None:
    seen = [
        (await disputed.directory.call("GET", disputed.path, person)).status_code
        for person in ("nele", "marc", "claire", "sophie", "anna")
    ]
    assert seen == [200, 200, 200, 403, 403]
    elsewhere = await disputed.directory.officer(await disputed.directory.city("81001"))
    assert (await disputed.directory.call("GET", disputed.path, token=elsewhere)).status_code == 403
    assert (await disputed.directory.call("GET", disputed.path)).status_code == 401


async def test_both_sides_are_told_of_the_dispute_and_of_its_outcome(disputed: Disputed) -> None:
    async def told(kind: str) -> list[tuple[str, str | None]]:
        async with disputed.directory.database.connection() as connection:
            rows = await connection.execute(
                text("SELECT recipient, data->>'reason' FROM mail WHERE kind = :kind ORDER BY recipient"),
                {"kind": kind},
            )
            return [tuple(row) for row in rows]

    assert await told("dispute-opened") == [("marc@example.be", None), ("nele@example.be", None)]
    await disputed.decide("shop_changes_hands", reason="Sold in October")
    assert await told("dispute-decided") == [
        ("marc@example.be", "Sold in October"),
        ("nele@example.be", "Sold in October"),
    ]


async def test_the_owner_may_stay(disputed: Disputed) -> None:
    decided = await disputed.decide("owner_stays", reason="Marc is in the register")
    assert decided.status_code == 200, decided.text
    assert (decided.json()["outcome"], decided.json()["reason"]) == ("owner_stays", "Marc is in the register")
    assert await disputed.owner() == await disputed.directory.person_id("marc")


async def test_the_shop_may_change_hands_and_is_told_as_claimed_again(disputed: Disputed) -> None:
    assert (await disputed.decide("shop_changes_hands")).status_code == 200
    assert await disputed.owner() == await disputed.directory.person_id("nele")
    facts = [event.fact for event in await disputed.directory.events()]
    assert [fact.version for fact in facts if isinstance(fact, MerchantClaimed)] == [2, 3]


async def test_who_worked_for_the_losing_side_works_there_no_more_and_is_told(disputed: Disputed) -> None:
    directory = disputed.directory
    at_the_shop = Grant(Role.merchant_staff, UUID(disputed.city), UUID(disputed.shop))
    await directory.given("dieter", at_the_shop)
    await directory.given("nele", at_the_shop)  # who claims it, and owns it then
    dieter, old = await directory.person_id("dieter"), await directory.token("dieter")

    assert (await disputed.decide("shop_changes_hands")).status_code == 200

    people = (await directory.call("GET", f"/merchants/{disputed.shop}/roles", "nele")).json()["items"]
    assert [(each["display_name"], each["role"]) for each in people] == [("Nele Peeters", "merchant")]
    assert (await directory.call("GET", f"/merchants/{disputed.shop}/roles", token=old)).status_code == 401
    log = (await directory.call("GET", f"/cities/{disputed.city}/audit", "claire")).json()["items"]
    (withdrawn,) = [
        each for each in log if (each["action"], each["subject_id"]) == ("role_withdrawn", dieter)
    ]
    assert withdrawn["details"] == {"role": "merchant_staff", "merchant_id": disputed.shop}
    assert withdrawn["actor_name"] == "Claire Lambert"
    told = [str(mail["Subject"]) for mail in await directory.mails("dieter@example.be")]
    assert told == ["CoCoCity: Eine Ihrer Rollen ist beendet"]


async def test_who_works_for_the_owner_goes_on_where_the_owner_stays(disputed: Disputed) -> None:
    directory = disputed.directory
    at_the_shop = Grant(Role.merchant_staff, UUID(disputed.city), UUID(disputed.shop))
    await directory.given("dieter", at_the_shop)

    await disputed.decide("owner_stays")

    people = (await directory.call("GET", f"/merchants/{disputed.shop}/roles", "marc")).json()["items"]
    assert {each["display_name"] for each in people} == {"Marc Dubois", "Dieter Schmitz"}


async def test_only_the_citys_officers_decide(disputed: Disputed) -> None:
    for person in ("nele", "marc", "anna", "otto"):
        assert (await disputed.decide("shop_changes_hands", by=person)).status_code == 403
    elsewhere = await disputed.directory.officer(await disputed.directory.city("81001"))
    body = {"outcome": "owner_stays", "reason": "x"}
    refused = await disputed.directory.call("POST", f"{disputed.path}/decision", token=elsewhere, json=body)
    assert refused.status_code == 403
    assert (await disputed.directory.call("GET", disputed.path, "claire")).json()["outcome"] is None


async def test_two_officers_at_once_decide_once(disputed: Disputed) -> None:
    answers = await asyncio.gather(
        *(disputed.decide(outcome) for outcome in ("owner_stays", "shop_changes_hands") * 3)
    )
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409, 409, 409]
    (decided,) = [each.json()["outcome"] for each in answers if each.status_code == 200]
    expected = "marc" if decided == "owner_stays" else "nele"
    assert await disputed.owner() == await disputed.directory.person_id(expected)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"outcome": "owner_stays"},
        {"outcome": "maybe", "reason": "x"},
        {"outcome": "owner_stays", "reason": ""},
    ],
)
async def test_a_decision_says_what_and_why(disputed: Disputed, body: dict[str, str]) -> None:
    answer = await disputed.directory.call("POST", f"{disputed.path}/decision", "claire", json=body)
    assert answer.status_code == 422


async def test_a_third_claim_waits_for_the_decision(disputed: Disputed) -> None:
    directory, path = disputed.directory, f"/merchants/{disputed.shop}/claim"
    third = {"person_id": await directory.person_id("dieter")}
    assert (await directory.call("POST", path, "claire", json=third)).status_code == 409
    await disputed.decide("owner_stays")
    assert (await directory.call("POST", path, "claire", json=third)).status_code == 202


async def test_an_officer_lists_the_disputes_of_their_city(disputed: Disputed) -> None:
    directory = disputed.directory
    arlon = await directory.city("81001")
    path = f"/cities/{disputed.city}/disputes"
    listed = (await directory.call("GET", path, "claire")).json()["items"]
    assert [each["id"] for each in listed] == [disputed.dispute]
    elsewhere = await directory.officer(arlon)
    assert (await directory.call("GET", path, token=elsewhere)).status_code == 403
    assert (await directory.call("GET", f"/cities/{arlon}/disputes", token=elsewhere)).json()["items"] == []
    await disputed.decide("owner_stays")
    assert (await directory.call("GET", f"{path}?undecided=true", "claire")).json()["items"] == []


async def test_a_dispute_is_found_under_its_own_shop_alone(disputed: Disputed) -> None:
    nowhere = "01890000-0000-7000-8000-00000000c17e"
    for path in (
        f"/merchants/{nowhere}/disputes/{disputed.dispute}",
        f"/merchants/{disputed.shop}/disputes/{nowhere}",
    ):
        assert (await disputed.directory.call("GET", path, "claire")).status_code == 404
        body = {"outcome": "owner_stays", "reason": "x"}
        assert (
            await disputed.directory.call("POST", f"{path}/decision", "claire", json=body)
        ).status_code == 404
