"""Roles are seen and withdrawn by who may, where they may, and the last one stays."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.problems import Problem
from services.directory.roles import use_cases
from tests.support.directory import DirectoryUnderTest, extract, feature, square


async def roles(directory: DirectoryUnderTest, path: str, person: str) -> set[tuple[str, str]]:
    """Who is what, in a list that `person` reads."""
    answer = await directory.call("GET", f"{path}/roles", person)
    assert answer.status_code == 200, answer.text
    return {(each["display_name"], each["role"]) for each in answer.json()["items"]}


async def role_id(directory: DirectoryUnderTest, path: str, reader: str, name: str) -> str:
    items = (await directory.call("GET", f"{path}/roles", reader)).json()["items"]
    (found,) = [each["id"] for each in items if each["display_name"] == name]
    return str(found)


async def withdraw(directory: DirectoryUnderTest, who: str, role: str) -> int:
    return (await directory.call("DELETE", f"/roles/{role}", who)).status_code


async def a_shop(directory: DirectoryUnderTest, city: str, number: int = 1) -> str:
    report = await directory.imported(city, extract(feature(f"node/{number}")))
    return str(report["items"][0]["merchant_id"])


async def a_claimed_shop(directory: DirectoryUnderTest, city: str, owner: str, number: int = 1) -> str:
    shop, person = await a_shop(directory, city, number), await directory.person_id(owner)
    claimed = await directory.call("POST", f"/merchants/{shop}/claim", "claire", json={"person_id": person})
    assert claimed.status_code == 200
    return shop


async def test_a_city_sees_who_acts_for_it_and_none_of_another_city(directory: DirectoryUnderTest) -> None:
    city, arlon = await directory.city(), await directory.city("81001")
    await a_claimed_shop(directory, city, "marc")
    drawing = {"name": "Centre", "polygon": square(5.64, 49.72)}
    district = (await directory.call("POST", f"/cities/{city}/districts", "otto", json=drawing)).json()["id"]
    await directory.given("nele", Grant(Role.association_officer, UUID(city), district_id=UUID(district)))
    await directory.given("dieter", Grant(Role.consultant, UUID(arlon)))
    await directory.given("tom", Grant(Role.city_officer, UUID(arlon)))
    await directory.token("anna")  # a consultant of all cities

    assert await roles(directory, f"/cities/{city}", "claire") == {
        ("Claire Lambert", "city_officer"),
        ("Nele Peeters", "association_officer"),
        ("Anna Maes", "consultant"),
    }
    assert await roles(directory, f"/cities/{arlon}", "otto") == {
        ("Tom Janssens", "city_officer"),
        ("Dieter Schmitz", "consultant"),
        ("Anna Maes", "consultant"),
    }
    assert await roles(directory, "", "otto") == {("Otto Weber", "operator"), ("Anna Maes", "consultant")}
    for who, path in (("tom", f"/cities/{city}"), ("nele", f"/cities/{city}"), ("anna", f"/cities/{city}")):
        assert (await directory.call("GET", f"{path}/roles", who)).status_code == 403
    assert (await directory.call("GET", "/roles", "claire")).status_code == 403
    assert (await directory.call("GET", f"/cities/{new_id()}/roles", "otto")).status_code == 404


async def test_addresses_at_a_shop_are_shown_to_its_owner_and_its_city_alone(
    directory: DirectoryUnderTest,
) -> None:
    city, arlon = await directory.city(), await directory.city("81001")
    shop = await a_claimed_shop(directory, city, "marc")
    other = await a_claimed_shop(directory, city, "dieter", number=2)
    await directory.given("nele", Grant(Role.merchant_staff, UUID(city), UUID(shop)))
    of_arlon = await directory.officer(arlon)

    async def addresses(person: str) -> list[Any]:
        items = (await directory.call("GET", f"/merchants/{shop}/roles", person)).json()["items"]
        assert {each["display_name"] for each in items} == {"Marc Dubois", "Nele Peeters"}
        return sorted({each["email"] for each in items}, key=str)

    assert await addresses("marc") == await addresses("claire") == ["marc@example.be", "nele@example.be"]
    assert await addresses("nele") == [None]
    for person in ("dieter", "anna", "sophie"):
        assert (await directory.call("GET", f"/merchants/{shop}/roles", person)).status_code == 403
    assert (await directory.call("GET", f"/merchants/{shop}/roles", token=of_arlon)).status_code == 403
    assert (await directory.call("GET", f"/merchants/{other}/roles", "marc")).status_code == 403
    assert (await directory.call("GET", f"/merchants/{new_id()}/roles", "claire")).status_code == 403


async def test_a_role_is_withdrawn_by_who_gives_it_there(directory: DirectoryUnderTest) -> None:
    city, arlon = UUID(await directory.city()), UUID(await directory.city("81001"))
    shop = UUID(await a_claimed_shop(directory, str(city), "marc"))
    await directory.given("tom", Grant(Role.city_officer, arlon))
    staff = await directory.given("nele", Grant(Role.merchant_staff, city, shop))
    consultant = await directory.given("dieter", Grant(Role.consultant, city))
    officer = await directory.given("lea", Grant(Role.city_officer, city))
    association = await directory.given("sophie", Grant(Role.association_officer, city, shop))

    for who in ("claire", "tom", "otto", "dieter", "sophie"):
        assert await withdraw(directory, who, staff) == 403, who
    for who in ("tom", "marc", "anna", "sophie"):
        assert await withdraw(directory, who, consultant) == 403, who
        assert await withdraw(directory, who, officer) == 403, who
    assert await withdraw(directory, "otto", association) == 403
    assert await withdraw(directory, "marc", staff) == 204
    assert await withdraw(directory, "marc", staff) == 404
    assert await withdraw(directory, "claire", consultant) == 204
    assert await withdraw(directory, "claire", officer) == 204
    assert await withdraw(directory, "claire", association) == 204
    assert (await directory.call("DELETE", f"/roles/{consultant}")).status_code == 401
    assert await roles(directory, f"/merchants/{shop}", "marc") == {("Marc Dubois", "merchant")}
    everywhere = await directory.call("GET", "/roles", "otto")
    anna = [each["id"] for each in everywhere.json()["items"] if each["display_name"] == "Anna Maes"]
    assert await withdraw(directory, "claire", anna[0]) == 403, "of all cities: no city's to withdraw"
    assert await withdraw(directory, "otto", anna[0]) == 204


async def test_a_role_is_laid_down_by_its_holder_except_a_shop(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city())
    shop = UUID(await a_claimed_shop(directory, str(city), "marc"))
    own = await role_id(directory, f"/merchants/{shop}", "marc", "Marc Dubois")
    mine = [
        await directory.given("nele", Grant(Role.merchant_staff, city, shop)),
        await directory.given("nele", Grant(Role.association_officer, city, shop)),
        await directory.given("nele", Grant(Role.consultant, city)),
        await directory.given("nele", Grant(Role.city_officer, city)),
    ]

    assert [await withdraw(directory, "nele", each) for each in mine] == [204, 204, 204, 204]
    refused = await directory.call("DELETE", f"/roles/{own}", "marc")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:not-laid-down")
    assert (await directory.call("GET", "/people/me", "nele")).json()["grants"] == []


async def test_the_last_officer_of_a_city_is_withdrawn_by_an_operator_alone(
    directory: DirectoryUnderTest,
) -> None:
    city, arlon = await directory.city(), UUID(await directory.city("81001"))
    await directory.token("claire")
    await directory.given("tom", Grant(Role.city_officer, arlon))  # no officer of this city
    last = await role_id(directory, f"/cities/{city}", "claire", "Claire Lambert")

    refused = await directory.call("DELETE", f"/roles/{last}", "claire")

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:last-officer")
    assert await withdraw(directory, "otto", last) == 204


async def test_somebody_always_operates(directory: DirectoryUnderTest) -> None:
    await directory.token("otto")
    otto = await role_id(directory, "", "otto", "Otto Weber")

    refused = await directory.call("DELETE", f"/roles/{otto}", "otto")

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:last-operator")
    await directory.given("lea", Grant(Role.operator))
    assert await withdraw(directory, "lea", otto) == 204


async def test_two_officers_who_withdraw_each_other_at_once_leave_one(directory: DirectoryUnderTest) -> None:
    for number, code in enumerate(("81001", "62063", "85009", "81004")):
        city = UUID(await directory.city(code))
        one, two = f"ambassador-{2 * number + 1}", f"ambassador-{2 * number + 2}"
        first = await directory.given(one, Grant(Role.city_officer, city))
        second = await directory.given(two, Grant(Role.city_officer, city))

        outcomes = await asyncio.gather(withdraw(directory, one, second), withdraw(directory, two, first))

        assert sorted(outcomes) == [204, 403]
        assert len(await roles(directory, f"/cities/{city}", "otto")) == 1


async def test_two_officers_who_leave_at_once_leave_one(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city("81001"))
    first = await directory.given("tom", Grant(Role.city_officer, city))
    second = await directory.given("lea", Grant(Role.city_officer, city))

    outcomes = await asyncio.gather(withdraw(directory, "tom", first), withdraw(directory, "lea", second))

    assert sorted(outcomes) == [204, 409]


async def test_who_lost_a_role_cannot_use_the_old_token_to_take_others(
    directory: DirectoryUnderTest,
) -> None:
    city = UUID(await directory.city())
    await directory.token("claire")
    toms = await directory.given("tom", Grant(Role.city_officer, city))
    consultant = await directory.given("dieter", Grant(Role.consultant, city))
    old = await directory.token("tom")
    assert await withdraw(directory, "claire", toms) == 204

    answer = await directory.call("DELETE", f"/roles/{consultant}", token=old)

    assert answer.status_code == 401, "the directory takes no token of roles that are gone"


async def test_each_change_of_a_role_is_in_the_log(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city())
    shop = UUID(await a_claimed_shop(directory, str(city), "marc"))
    staff = await directory.given("nele", Grant(Role.merchant_staff, city, shop))
    await directory.given("nele", Grant(Role.merchant_staff, city, shop))
    await withdraw(directory, "marc", staff)

    items = (await directory.call("GET", f"/cities/{city}/audit", "claire")).json()["items"]
    nele, marc = await directory.person_id("nele"), await directory.person_id("marc")

    at_the_shop = {"merchant_id": str(shop)}
    assert [
        (each["action"], each["subject_id"], each["actor_name"], each["details"])
        for each in items
        if each["details"].get("merchant_id") == str(shop)
    ] == [
        ("role_withdrawn", nele, "Marc Dubois", {"role": "merchant_staff", **at_the_shop}),
        ("role_given", nele, None, {"role": "merchant_staff", **at_the_shop}),
        ("role_given", marc, "Claire Lambert", {"role": "merchant", **at_the_shop}),
    ]


async def test_an_owner_of_a_shop_works_there_no_longer_as_staff(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city())
    shop = UUID(await a_shop(directory, str(city)))
    await directory.given("marc", Grant(Role.merchant_staff, city, shop))

    marc = await directory.person_id("marc")
    await directory.call("POST", f"/merchants/{shop}/claim", "claire", json={"person_id": marc})

    assert await roles(directory, f"/merchants/{shop}", "claire") == {("Marc Dubois", "merchant")}


async def test_a_role_that_the_session_was_too_weak_for_takes_none_from_others(
    directory: DirectoryUnderTest,
) -> None:
    city = UUID(await directory.city())
    consultant = await directory.given("dieter", Grant(Role.consultant, city))
    claire = UUID(await directory.person_id("claire"))

    async with directory.database.transaction() as tx:
        with pytest.raises(Problem) as refused:
            await use_cases.withdraw(tx, UUID(str(consultant)), by=claire, carried=(), at=utc_now())
    assert refused.value.status == 403
    assert await withdraw(directory, "claire", consultant) == 204
