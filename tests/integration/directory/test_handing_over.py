"""A role is handed over to whoever is invited, and never to nobody."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from chassis.identity import Grant, Role
from tests.integration.directory.test_invitations import (
    a_shop_of_marc,
    answer,
    invite,
    invited,
    log,
    roles_of,
    subjects,
)
from tests.support.directory import DirectoryUnderTest


async def test_an_invitation_is_worth_what_its_sender_may_still_give(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await directory.token("claire")
    toms = await directory.given("tom", Grant(Role.city_officer, UUID(city)))
    _, token = await invited(directory, "tom", city_id=city)
    old = await directory.token("tom")
    assert (await directory.call("DELETE", f"/roles/{toms}", "claire")).status_code == 204

    assert await answer(directory, "accept", token, "lea") == 410
    (shown,) = (await directory.call("GET", f"/cities/{city}/invitations", "claire")).json()["items"]
    assert shown["state"] == "void"
    asked = {"role": "city_officer", "email": "l@home.example", "language": "fr", "city_id": city}
    assert (await directory.call("POST", "/invitations", token=old, json=asked)).status_code == 401
    assert await subjects(directory, "tom@example.be") == ["CoCoCity: een van uw rollen is beëindigd"]


async def test_an_officer_hands_over_loses_the_role_and_both_are_told(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    _, token = await invited(directory, "claire", city_id=city, hands_over=True)

    assert await answer(directory, "accept", token, "tom") == 204

    officers = (await directory.call("GET", f"/cities/{city}/roles", "otto")).json()["items"]
    assert [each["display_name"] for each in officers if each["role"] == "city_officer"] == ["Tom Janssens"]
    assert await subjects(directory, "claire@example.be") == ["CoCoCity : un de vos rôles a pris fin"]
    assert await subjects(directory, "tom@example.be") == ["CoCoCity: u hebt een nieuwe rol"]
    assert (await log(directory, city))[-3:] == ["role_withdrawn", "role_given", "invitation_accepted"]


async def test_a_shop_is_handed_over_to_one_of_two_and_never_to_nobody(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop = await a_shop_of_marc(directory, city)
    await directory.given("nele", Grant(Role.merchant_staff, UUID(city), UUID(shop)))
    offers = {}
    for person in ("nele", "dieter"):
        asked = {
            "role": "merchant",
            "merchant_id": shop,
            "hands_over": True,
            "email": f"{person}@home.example",
        }
        _, offers[person] = await invited(directory, "marc", **asked)

    answers = await asyncio.gather(*(answer(directory, "accept", offers[who], who) for who in offers))

    assert sorted(answers) == [204, 410]
    shown = (await directory.call("GET", f"/merchants/{shop}/roles", "claire")).json()["items"]
    assert [each["role"] for each in shown].count("merchant") == 1
    new = next(each for each in shown if each["role"] == "merchant")
    assert new["display_name"] != "Marc Dubois"
    assert sum(each["person_id"] == new["person_id"] for each in shown) == 1, "staff no longer"
    async with directory.database.connection() as connection:
        claims = "SELECT count(*) FROM outbox WHERE subject LIKE 'directory.merchant-claimed.%'"
        assert await connection.scalar(text(claims)) == 2, "everybody hears that somebody else holds the shop"
    assert await roles_of(directory, "marc") == []


async def test_staff_invite_nobody_and_nobody_joins_a_closed_shop(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop = await a_shop_of_marc(directory, city)
    sent, token = await invited(directory, "marc", role="merchant_staff", merchant_id=shop)
    path = f"/merchants/{shop}/invitations"
    for who in ("claire", "nele", "otto"):
        assert (await directory.call("GET", path, who)).status_code == 403
    assert [each["id"] for each in (await directory.call("GET", path, "marc")).json()["items"]] == [sent]
    of_city = await directory.call("GET", f"/cities/{city}/invitations", "claire")
    assert of_city.json()["items"] == [], "whom a shop invites is the shop's"

    await directory.call("POST", f"/merchants/{shop}/close", "marc")

    assert await answer(directory, "accept", token, "nele") == 410
    again = await invite(directory, "marc", role="merchant_staff", merchant_id=shop, email="b@home.example")
    assert again.status_code == 410
