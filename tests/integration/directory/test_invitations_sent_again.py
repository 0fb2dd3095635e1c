"""Invitations end, are sent again and made anew, and flood nobody."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.retention import enforce
from services.directory.invitations.flood import OF_A_SENDER, OF_A_SENDER_TO_AN_ADDRESS, TO_AN_ADDRESS
from services.directory.retention import RULES
from tests.integration.directory.test_invitations import ZOE, age, answer, invite, invited, tokens
from tests.support.directory import DirectoryUnderTest


async def test_an_invitation_ends_after_seven_days_unless_it_is_sent_again(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    sent, first = await invited(directory, "claire", city_id=city)
    await age(directory, timedelta(days=7, seconds=1))

    assert await answer(directory, "accept", first, "tom") == 410
    (shown,) = (await directory.call("GET", f"/cities/{city}/invitations", "claire")).json()["items"]
    assert shown["state"] == "expired"
    again, second = await invited(directory, "claire", city_id=city)
    assert again == sent
    assert await answer(directory, "accept", first, "tom") == 404
    assert await answer(directory, "accept", second, "tom") == 204


async def test_sending_again_makes_the_link_before_worthless_and_waits_between_two(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    sent, first = await invited(directory, "claire", city_id=city)
    path = f"/invitations/{sent}/resend"

    soon = await directory.call("POST", path, "claire")
    await age(directory, timedelta(minutes=11))
    later = await directory.call("POST", path, "claire")

    assert (soon.status_code, later.status_code) == (429, 200)
    assert "retry-after" in soon.headers
    both = await tokens(directory)
    assert both[0] == first
    assert await answer(directory, "accept", first, "tom") == 404
    assert await answer(directory, "accept", both[1], "tom") == 204
    assert (await directory.call("POST", path, "claire")).status_code == 409
    for who in ("tom", "anna", "sophie"):
        assert (await directory.call("DELETE", f"/invitations/{sent}", who)).status_code in {403, 409}
    assert (await directory.call("DELETE", f"/invitations/{new_id()}", "claire")).status_code == 404


async def test_an_invitation_can_be_declined_without_signing_in_and_then_made_anew(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    sent, token = await invited(directory, "claire", city_id=city)

    assert await answer(directory, "decline", token) == 204
    assert await answer(directory, "decline", token) == 204
    assert await answer(directory, "accept", token, "tom") == 410
    assert (await directory.call("DELETE", f"/invitations/{sent}", "claire")).status_code == 204
    (shown,) = (await directory.call("GET", f"/cities/{city}/invitations", "claire")).json()["items"]
    assert (shown["state"], shown["email"]) == ("declined", None)
    anew, second = await invited(directory, "claire", city_id=city)
    assert anew != sent
    assert await answer(directory, "accept", second, "tom") == 204


async def test_an_address_that_never_answered_is_forgotten_in_time(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await invited(directory, "claire", city_id=city)
    _, token = await invited(directory, "claire", city_id=city, email="y@home.example")
    await answer(directory, "accept", token, "tom")

    async def left(after: timedelta) -> int:
        await enforce(directory.database, RULES, utc_now() + after)
        listed = await directory.call("GET", f"/cities/{city}/invitations", "otto")
        return len(listed.json()["items"])

    assert await left(timedelta(days=36)) == 2
    assert await left(timedelta(days=38)) == 1


@pytest.mark.slow
async def test_nobody_floods_strangers_with_invitations(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    token = await directory.token("claire")

    async def once(number: int) -> Any:
        body = {"role": "consultant", "email": f"a{number}@home.example", "language": "fr", "city_id": city}
        return await directory.call("POST", "/invitations", token=token, json=body)

    assert {(await once(number)).status_code for number in range(OF_A_SENDER.most)} == {201}
    refused = await once(OF_A_SENDER.most)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    directory.service.clock = lambda: utc_now() + timedelta(days=1)
    assert (await once(OF_A_SENDER.most)).status_code == 201


async def test_mails_sent_again_are_counted_for_whoever_sends_them_and_for_whoever_gets_them(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    sent, _ = await invited(directory, "claire", city_id=city)

    async def resent(token: str) -> Any:
        await age(directory, timedelta(minutes=11))
        return await directory.call("POST", f"/invitations/{sent}/resend", token=token)

    claire = await directory.token("claire")
    statuses = [(await resent(claire)).status_code for _ in range(OF_A_SENDER_TO_AN_ADDRESS.most)]
    assert statuses == [200] * (OF_A_SENDER_TO_AN_ADDRESS.most - 1) + [429]
    last = await resent(claire)
    assert 0 < int(last.headers["retry-after"]) <= 86_400

    # Others may still write to the address, all of them together so often and no more.
    mails = OF_A_SENDER_TO_AN_ADDRESS.most
    for number in range(1, 5):
        await directory.given(f"ambassador-{number}", Grant(Role.city_officer, UUID(city)))
        colleague = await directory.token(f"ambassador-{number}")
        while (await resent(colleague)).status_code == 200:
            mails += 1
    assert mails == TO_AN_ADDRESS.most
    assert len(await directory.mails(ZOE)) == mails


async def test_withdrawing_and_inviting_anew_sends_no_more_mails_than_sending_again(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    statuses = []
    for _ in range(OF_A_SENDER_TO_AN_ADDRESS.most + 1):
        answered = await invite(directory, "claire", city_id=city)
        statuses.append(answered.status_code)
        if answered.status_code == 201:
            await directory.call("DELETE", f"/invitations/{answered.json()['id']}", "claire")

    assert statuses == [201] * OF_A_SENDER_TO_AN_ADDRESS.most + [429]
    assert len(await directory.mails(ZOE)) == OF_A_SENDER_TO_AN_ADDRESS.most
