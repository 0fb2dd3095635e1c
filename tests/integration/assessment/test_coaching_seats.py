"""Seats of coaching groups: five at most, whatever happens at once; offers that go on to the next in line."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.assessment.v1 import CoachingSeatOffered
from services.assessment.coaching.passing_on import PassingOn
from tests.integration.assessment.coaching_room import (
    CONSULTANT,
    GROUPS,
    SEATS,
    Asking,
    asks,
    group,
    join,
    leave,
    made,
    opened,
    seat_of,
    seven,
    states,
    step,
    take,
    told,
)
from tests.integration.assessment.conftest import owner_of
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

__all__ = ["asks", "seven"]


async def test_five_are_offered_a_seat_and_told_until_when(
    client: httpx.AsyncClient, service: Service, seven: list[str]
) -> None:
    draft = await made(client, seven)
    assert states(draft) == ["waiting"] * 7
    assert await told(service, CoachingSeatOffered) == []
    known = (await step(client, draft, "offers")).json()
    assert states(known) == ["offered"] * 5 + ["waiting"] * 2
    assert [seat["request_id"] for seat in known["seats"]] == seven
    assert sorted(seat["seat"] for seat in known["seats"][:5]) == [1, 2, 3, 4, 5]
    offers = [
        fact for fact in await told(service, CoachingSeatOffered) if isinstance(fact, CoachingSeatOffered)
    ]
    assert {str(fact.request_id) for fact in offers} == set(seven[:5])
    assert {fact.expires_at for fact in offers} == {
        datetime.fromisoformat(seat["expires_at"]) for seat in known["seats"][:5]
    }
    assert (await step(client, draft, "offers")).status_code == 409


@pytest.mark.slow
async def test_of_forty_that_join_at_once_five_have_a_seat_and_the_others_are_in_line(
    client: httpx.AsyncClient, service: Service, asks: Asking
) -> None:
    known = await opened(client, [])
    asked = [await asks() for _ in range(40)]
    answers = await asyncio.gather(*(join(client, known, *each) for each in asked))
    assert {answer.status_code for answer in answers} == {200}
    assert Counter(answer.json()["state"] for answer in answers) == {"taken": 5, "waiting": 35}
    assert Counter(states(await group(client, known))) == {"taken": 5, "waiting": 35}
    # The same again, while those with a seat give it back: never a sixth, nobody lost, no seat unused.
    taken = [seat for seat in (await group(client, known))["seats"] if seat["state"] == "taken"]
    again = [join(client, known, *each) for each in asked]
    answers = await asyncio.gather(*again, *(leave(client, seat) for seat in taken))
    assert {answer.status_code for answer in answers} == {200}
    async with service.database.connection() as connection:
        numbered = "SELECT seat FROM coaching_seats WHERE seat IS NOT NULL ORDER BY 1"
        assert list((await connection.execute(text(numbered))).scalars()) == [1, 2, 3, 4, 5]


async def test_the_database_itself_refuses_a_sixth(
    service: Service, client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await opened(client, seven)
    waiting = seat_of(known, seven[6])["id"]
    for number in (1, 6):
        with pytest.raises(Exception, match=r"coaching_seats_(numbers|five)"):
            async with service.database.transaction() as tx:
                await tx.execute(
                    text("UPDATE coaching_seats SET seat = :n, state = 'taken' WHERE id = :id"),
                    {"n": number, "id": UUID(waiting)},
                )


async def test_an_offer_nobody_answers_goes_to_the_next_in_line_after_two_working_days(
    client: httpx.AsyncClient, service: Service, seven: list[str]
) -> None:
    known = await opened(client, seven)
    await take(client, known["seats"][0])
    ends = datetime.fromisoformat(known["seats"][1]["expires_at"])
    for moment, expected in (
        (ends - timedelta(seconds=1), ["taken"] + ["offered"] * 4 + ["waiting"] * 2),
        (ends, ["taken", "offered", "offered"] + ["expired"] * 4),
    ):
        job = PassingOn(service.database, lambda moment=moment: moment)  # type: ignore[misc]
        await asyncio.gather(job.once(), job.once())
        assert states(await group(client, known)) == expected
    service.clock = lambda: ends
    late = await take(client, known["seats"][1])
    assert (late.status_code, late.json()["type"]) == (409, "urn:cococity:problem:not-offered")
    assert len(await told(service, CoachingSeatOffered)) == 7


async def test_an_offer_that_is_over_is_not_taken_though_nobody_ended_it_yet(
    client: httpx.AsyncClient, service: Service, seven: list[str]
) -> None:
    known = await opened(client, seven)
    ends = datetime.fromisoformat(known["seats"][0]["expires_at"])
    service.clock = lambda: ends
    assert (await take(client, known["seats"][0])).status_code == 409


@pytest.mark.parametrize("how", ["declined", "given back", "withdrawn", "served"])
async def test_a_seat_that_is_free_is_offered_to_the_next_in_line_at_once(
    client: httpx.AsyncClient, seven: list[str], how: str
) -> None:
    known = await opened(client, seven)
    first = known["seats"][0]
    match how:
        case "declined":
            assert (await leave(client, first)).json()["state"] == "declined"
        case "given back":
            await take(client, first)
            assert (await leave(client, first)).json()["state"] == "left"
        case "served":
            await take(client, first)
            path = f"/api/v1/training-requests/{first['request_id']}/served"
            assert (await client.put(path, headers=CONSULTANT)).status_code == 204
            again = await join(client, known, first["request_id"], UUID(first["merchant_id"]))
            assert (again.status_code, again.json()["type"]) == (409, "urn:cococity:problem:request-served")
        case _:
            await take(client, first)
            who = owner_of(UUID(first["merchant_id"]))
            gone = await client.delete(f"/api/v1/training-requests/{first['request_id']}", headers=who)
            assert gone.status_code == 204
    now = await group(client, known)
    assert seat_of(now, seven[5])["state"] == "offered"
    assert seat_of(now, seven[6])["state"] == "waiting"
    assert (await leave(client, first)).status_code == 200, "done twice, the first time stays"


async def test_who_is_erased_has_no_seat_and_the_next_in_line_is_offered_it(
    client: httpx.AsyncClient, service: Service, seven: list[str]
) -> None:
    known = await opened(client, seven)
    gone = UUID(known["seats"][0]["merchant_id"])
    await deliver(service, erasure_of(new_id(), closed=[gone]))
    await PassingOn(service.database, utc_now).once()
    now = await group(client, known)
    assert str(gone) not in str(now)
    assert seat_of(now, seven[5])["state"] == "offered"


async def test_a_request_in_two_lines_takes_one_seat_and_leaves_the_other(
    client: httpx.AsyncClient, asks: Asking, seven: list[str]
) -> None:
    both, shop = await asks()
    one = await opened(client, [both, *seven[:3]])
    two = await opened(client, [both, *seven[2:]])
    assert seat_of(two, seven[6])["state"] == "waiting"
    answers = await asyncio.gather(take(client, seat_of(one, both)), take(client, seat_of(two, both)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    one, two = await group(client, one), await group(client, two)
    assert sorted((seat_of(one, both)["state"], seat_of(two, both)["state"])) == ["left", "taken"]
    if seat_of(two, both)["state"] == "left":
        assert seat_of(two, seven[6])["state"] == "offered"
    held = await client.get(SEATS, params={"merchant": str(shop)}, headers=owner_of(shop))
    assert sorted(seat["state"] for seat in held.json()["items"]) == ["left", "taken"]


async def test_a_shop_sees_where_its_group_meets_once_seats_are_offered(
    client: httpx.AsyncClient, asks: Asking
) -> None:
    request, shop = await asks()

    async def own() -> list[dict[str, Any]]:
        answer = await client.get(SEATS, params={"merchant": str(shop)}, headers=owner_of(shop))
        return list(answer.json()["items"])

    known = await made(client, [request])
    assert await own() == [], "nobody hears of a group in preparation"
    await step(client, known, "offers")
    (seat,) = await own()
    assert (seat["state"], seat["group"]["place"]) == ("offered", "Hôtel de ville, salle 2")
    assert "seats" not in seat["group"], "who else is in it is not for it"


async def test_two_wishes_of_a_shop_keep_each_its_line(client: httpx.AsyncClient, asks: Asking) -> None:
    first, shop = await asks()
    second, _ = await asks(shop, wish="better-website")
    one, two = await opened(client, [first]), await opened(client, [second])
    assert (await take(client, one["seats"][0])).status_code == 200
    assert states(await group(client, two)) == ["offered"]


async def test_taken_twice_it_is_one_seat_and_nobody_else_takes_it(
    client: httpx.AsyncClient, asks: Asking, seven: list[str]
) -> None:
    known = await opened(client, seven)
    answers = await asyncio.gather(*(take(client, known["seats"][0]) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    _, stranger = await asks()
    path = f"{SEATS}/{known['seats'][1]['id']}"
    for who in (owner_of(stranger), CONSULTANT):
        assert (await client.post(f"{path}/acceptance", headers=who)).status_code == 403
        assert (await client.delete(path, headers=who)).status_code == 403
    assert (
        await client.post(f"{SEATS}/{new_id()}/acceptance", headers=owner_of(stranger))
    ).status_code == 404


async def test_a_shop_finds_the_groups_it_can_join_and_not_who_is_in_them(
    client: httpx.AsyncClient, asks: Asking, seven: list[str]
) -> None:
    known = await opened(client, seven[:2])
    await made(client, seven[:2])
    _, shop = await asks()
    answer = await client.get(f"{GROUPS}/open", params={"merchant": str(shop)}, headers=owner_of(shop))
    assert [each["id"] for each in answer.json()["items"]] == [known["id"]]
    assert "seats" not in answer.text
