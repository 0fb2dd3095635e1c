"""Coaching groups: proposed, made by two consultants at once, edited by hand, told once, and held."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.assessment.v1 import CoachingGroupFormed
from contracts.envelope import encode
from services.assessment.main import HISTORY
from tests.integration.assessment.coaching_room import (
    CONSULTANT,
    GROUPS,
    OTHER_CONSULTANT,
    SEATS,
    SEO,
    Asking,
    asks,
    group,
    group_body,
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
from tests.integration.assessment.conftest import CITY, owner_of, submission, token

__all__ = ["asks", "seven"]


async def test_groups_are_proposed_by_weak_dimension_language_and_time(
    client: httpx.AsyncClient, asks: Asking, submit: Callable[..., Any]
) -> None:
    (first, shop), (second, _), (alone, _) = await asks(), await asks(), await asks(half_days=("fri-pm",))
    await asks(language="nl")
    await asks(wish="visit")
    answer = await client.get("/api/v1/coaching-proposals", params={"city": str(CITY)}, headers=CONSULTANT)
    (proposed,) = answer.json()["items"]
    assert (proposed["dimension"], proposed["language"], proposed["half_day"]) == (
        "visibility",
        "fr",
        "tue-am",
    )
    assert [each["request_id"] for each in proposed["asks"]] == [first, second]
    assert alone not in answer.text

    # An assessment says where the shop is weak, whatever it asked for: these two have nothing in common now.
    weakest = (await submit(submission(shop), owner_of(shop))).json()["dimensions"]
    assert min(weakest, key=lambda each: (each["score"], each["key"]))["key"] != "visibility"
    answer = await client.get("/api/v1/coaching-proposals", params={"city": str(CITY)}, headers=CONSULTANT)
    assert answer.json()["items"] == []


async def test_who_is_in_a_group_or_in_line_is_not_proposed_again(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    await opened(client, seven[:6])
    answer = await client.get("/api/v1/coaching-proposals", params={"city": str(CITY)}, headers=CONSULTANT)
    assert answer.json()["items"] == []


async def test_a_group_is_told_once_with_how_many_and_again_to_the_byte(
    client: httpx.AsyncClient, service: Service, seven: list[str]
) -> None:
    known = await opened(client, seven)
    await take(client, known["seats"][0])
    few = await step(client, known, "formation")
    assert (few.status_code, few.json()["type"]) == (409, "urn:cococity:problem:too-few")
    await take(client, known["seats"][1])
    answers = await asyncio.gather(*(step(client, known, "formation") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert await told(service, CoachingGroupFormed) == [
        CoachingGroupFormed(
            city_id=CITY, group_id=UUID(known["id"]), dimension="visibility", language="fr", participants=2
        )
    ]
    # Seats that are free yet are offered on.
    await leave(client, (await group(client, known))["seats"][2])
    assert seat_of(await group(client, known), seven[5])["state"] == "offered"
    async with service.database.connection() as connection:
        bodies = (await connection.execute(text("SELECT body FROM outbox"))).scalars()
        assert sorted([encode(event) async for event in HISTORY(connection)]) == sorted(map(bytes, bodies))


async def test_of_two_consultants_at_one_group_the_second_is_told(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await made(client, seven[:3])
    path, tag = f"{GROUPS}/{known['id']}", f'"{known["version"]}"'
    line = {"request_ids": [seven[6], seven[0]]}
    edits = (
        client.patch(path, json={"place": "Bibliothèque"}, headers={**CONSULTANT, "If-Match": tag}),
        client.put(f"{path}/line", json=line, headers={**OTHER_CONSULTANT, "If-Match": tag}),
    )
    answers = await asyncio.gather(*edits)
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert (await client.patch(path, json={}, headers=CONSULTANT)).status_code == 428


async def test_the_line_is_edited_by_hand_and_five_stay_five(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await opened(client, seven[:5])
    await take(client, known["seats"][0])
    path = f"{GROUPS}/{known['id']}/line"
    line = {"request_ids": [seven[6], seven[5], *seven[:4]]}
    edited = await client.put(path, json=line, headers={**CONSULTANT, "If-Match": "*"})
    assert edited.status_code == 200, edited.text
    now = edited.json()
    assert seat_of(now, seven[4])["state"] == "removed"
    assert [seat_of(now, each)["state"] for each in seven[:4]] == ["taken"] + ["offered"] * 3
    assert (seat_of(now, seven[6])["state"], seat_of(now, seven[5])["state"]) == ("offered", "waiting")
    again = await client.put(path, json={"request_ids": seven[4:5]}, headers={**CONSULTANT, "If-Match": "*"})
    assert Counter(states(again.json())) == {"offered": 1, "removed": 7}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dimension": "shoe-size"}, "dimension"),
        ({"language": "lb"}, "language"),
        ({"starts_at": "2020-01-01T10:00:00Z"}, "starts_at"),
        ({"ends_at": "2020-01-01T10:00:00Z"}, "ends_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"place": "a\x00b"}, "place"),
        ({"place": ""}, "place"),
        ({"request_ids": [str(new_id())]}, "request_ids.0"),
        ({"request_ids": [str(new_id())] * 51}, "request_ids"),
        ({"seats": 6}, "seats"),
    ],
)
async def test_a_bad_field_is_named(client: httpx.AsyncClient, changes: dict[str, Any], field: str) -> None:
    starts_at = utc_now() + timedelta(days=9)
    body = {"city_id": str(CITY), "dimension": "social", "language": "fr", "place": "Ici"}
    body |= {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
    headers = {**CONSULTANT, "Idempotency-Key": str(new_id())}
    answer = await client.post(GROUPS, json=body | changes, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_only_open_requests_for_a_training_of_the_city_are_in_a_group(
    client: httpx.AsyncClient, asks: Asking, seven: list[str]
) -> None:
    visit, _ = await asks(wish="visit")
    gone, shop = await asks()
    await client.delete(f"/api/v1/training-requests/{gone}", headers=owner_of(shop))
    known = await made(client, seven[:1])
    path, headers = f"{GROUPS}/{known['id']}/line", {**CONSULTANT, "If-Match": "*"}
    for wrong, at in (([visit], 0), ([gone], 0), ([seven[0], seven[0]], 1)):
        answer = await client.put(path, json={"request_ids": wrong}, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (422, f"request_ids.{at}")
    with_visit = await join(client, await opened(client, []), visit, shop)
    assert with_visit.status_code == 403


async def test_a_group_of_another_city_is_nobodys_here(client: httpx.AsyncClient, seven: list[str]) -> None:
    known = await made(client, seven[:2])
    elsewhere = token({"role": "consultant", "city": str(new_id())})
    officer = token({"role": "city_officer", "city": str(CITY)})
    path = f"{GROUPS}/{known['id']}"
    for who, status in ((elsewhere, 404), (officer, 403), ({}, 401)):
        assert (await client.get(path, headers=who)).status_code == status
    for name in ("offers", "formation", "cancellation"):
        headers = {**elsewhere, "If-Match": "*"}
        assert (await client.post(f"{path}/{name}", headers=headers)).status_code == 403


async def test_no_group_is_made_in_a_city_that_takes_no_part(client: httpx.AsyncClient) -> None:
    headers = {**token({"role": "consultant"}), "Idempotency-Key": str(new_id())}
    refused = await client.post(GROUPS, json=group_body([], city_id=str(new_id())), headers=headers)
    assert (refused.status_code, refused.json()["field"]) == (422, "city_id")


async def test_attendance_is_noted_once_it_has_begun_and_who_came_is_called_no_more(
    client: httpx.AsyncClient, service: Service, seven: list[str]
) -> None:
    known = await opened(client, seven[:2])
    for seat in known["seats"]:
        await take(client, seat)
    await step(client, known, "formation")
    path, headers = f"{GROUPS}/{known['id']}/attendance", {**CONSULTANT, "If-Match": "*"}
    early = await client.put(path, json={"came": []}, headers=headers)
    assert early.status_code == 409
    service.clock = lambda: datetime.fromisoformat(known["ends_at"])
    stranger = await client.put(path, json={"came": [seven[5]]}, headers=headers)
    assert (stranger.status_code, stranger.json()["field"]) == (422, "came.0")
    noted = await client.put(path, json={"came": seven[:1]}, headers=headers)
    assert (noted.status_code, noted.json()["state"]) == (200, "held")
    assert [seat["attended"] for seat in noted.json()["seats"]] == [True, False]
    assert (await leave(client, known["seats"][0])).status_code == 409
    listed = await client.get("/api/v1/call-list", params={"city": str(CITY)}, headers=CONSULTANT)
    assert [each["id"] for each in listed.json()["items"]] == seven[1:]
    no_interest = {"outcome": "no_interest"}
    call = f"/api/v1/training-requests/{seven[0]}/call"
    refused = await client.put(call, json=no_interest, headers=CONSULTANT)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:request-over")
    own = owner_of(UUID(known["seats"][0]["merchant_id"]))
    asked = {"merchant": known["seats"][0]["merchant_id"]}
    (shown,) = (await client.get("/api/v1/training-requests", params=asked, headers=own)).json()["items"]
    assert shown["served_at"] == known["ends_at"], "the shop sees that it was given"
    taken_back = await client.delete(f"/api/v1/training-requests/{seven[0]}", headers=own)
    assert (taken_back.status_code, taken_back.json()["type"]) == (409, "urn:cococity:problem:request-served")
    for seat, status in zip(noted.json()["seats"], (201, 409), strict=True):
        shop = UUID(seat["merchant_id"])
        body = {"merchant_id": str(shop), "wish": SEO, "language": "fr", "may_be_contacted": True}
        headers = {**owner_of(shop), "Idempotency-Key": str(new_id())}
        again = await client.post("/api/v1/training-requests", json=body, headers=headers)
        assert again.status_code == status, "who was there may ask again"


async def test_a_cancelled_group_frees_its_shops_for_others(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await opened(client, seven)
    await take(client, known["seats"][0])
    assert (await step(client, known, "cancellation")).json()["state"] == "cancelled"
    assert (await step(client, known, "cancellation")).status_code == 200
    assert (await take(client, known["seats"][1])).status_code == 409
    prepared = await made(client, seven)
    assert (await step(client, prepared, "cancellation")).json()["state"] == "cancelled"
    another = await opened(client, seven)
    assert (await take(client, another["seats"][0])).status_code == 200
    shop = known["seats"][0]["merchant_id"]
    own = await client.get(SEATS, params={"merchant": shop}, headers=owner_of(UUID(shop)))
    groups = [each["group_id"] for each in own.json()["items"]]
    assert groups == [another["id"], known["id"]], "one given up in preparation is not told"
