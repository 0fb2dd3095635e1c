"""Sessions: announced, changed, called off, held; what is shown of them, and what is told."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import segno
from sqlalchemy import text, update

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.retention import enforce
from chassis.service import Service
from contracts.assessment.v1 import SessionHeld
from contracts.directory.v1 import CityJoined, CommuneMerged
from contracts.envelope import Decoder, Event, encode
from services.assessment.main import HISTORY
from services.assessment.sessions import storage
from services.assessment.sessions.domain import CODE_ALPHABET
from services.assessment.sessions.tables import sessions
from tests.integration.assessment.conftest import CITY, token
from tests.integration.assessment.hall import Hall, consultant, draft
from tests.integration.assessment.test_submission import outbox_bodies
from tests.support.delivered import deliver


async def test_a_consultant_announces_a_session_that_everybody_sees(
    hall: Hall, client: httpx.AsyncClient
) -> None:
    shown = (await client.get(hall.path)).json()
    assert shown["title"] == "Mon commerce en ligne"
    assert shown["state"] == "announced"
    assert "code" not in str(shown), "what opens the form is for the room"
    assert hall.session["questionnaire"] == "session-form"
    found = (await client.get("/api/v1/town-sessions", params={"city": str(CITY)})).json()["items"]
    assert [each["id"] for each in found] == [hall.session["id"]]


async def test_the_room_is_told_a_code_of_six_characters_and_where_to_go(
    hall: Hall, client: httpx.AsyncClient
) -> None:
    joining = (await client.get(f"{hall.path}/join", headers=consultant())).json()
    assert len(joining["code"]) == 6
    assert set(joining["code"]) <= set(CODE_ALPHABET)
    assert joining["address"] == f"http://127.0.0.1:8080/join/{joining['code']}"
    drawn = await client.get(f"{hall.path}/join.svg", headers=consultant())
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert modules_of(drawn.text) == {
        (x, y)
        for y, line in enumerate(segno.make_qr(joining["address"], error="m").matrix)
        for x, dark in enumerate(line)
        if dark
    }
    for path in ("join", "join.svg"):
        assert (await client.get(f"{hall.path}/{path}", headers=consultant(new_id()))).status_code == 403


def modules_of(svg: str) -> set[tuple[int, int]]:
    """The dark squares of a code drawn as lines: `M4 4.5h7` is seven in the first row, beside the border."""
    (path,) = re.findall(r' d="(M[^"]+)"', svg)
    x, y, dark = 0, 0, set[tuple[int, int]]()
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if command == "h":
            dark |= {(x + step - 4, y - 4) for step in range(int(first))}
            x += int(first)
        else:
            x, y = (int(first), int(float(second))) if command == "M" else (x + int(first), y + int(second))
    return dark


async def test_a_code_that_another_session_has_is_drawn_again(hall: Hall, service: Service) -> None:
    draws = iter([hall.code, hall.code, "222222"])
    async with service.database.transaction() as tx:
        other = await storage.find(tx, UUID(hall.session["id"]))
        added = await storage.add(tx, replace(other, id=new_id()), lambda: next(draws))
    assert added.join_code == "222222"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "training"}, "training"),
        ({"training": "free-visibility"}, "training"),
        ({"kind": "training", "training": "shoe-making"}, "training"),
        ({"ends_at": (utc_now() - timedelta(days=1)).isoformat()}, "ends_at"),
        ({"ends_at": (utc_now() + timedelta(days=2)).isoformat()}, "ends_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 2_001}, "capacity"),
        ({"title": " "}, "title"),
        ({"place": "a\u0000b"}, "place"),
        ({"language": "it"}, "language"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_naming_the_field(
    hall: Hall, changes: dict[str, Any], field: str
) -> None:
    fresh = Hall(hall.client, hall.service)
    answer = await fresh.announce(**changes)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


async def test_a_training_session_names_a_training_of_the_catalogue(hall: Hall) -> None:
    fresh = Hall(hall.client, hall.service)
    assert (await fresh.announce(kind="training", training="free-visibility")).status_code == 201


async def test_of_two_who_change_a_session_at_once_the_second_is_told(
    hall: Hall, client: httpx.AsyncClient
) -> None:
    tag = (await client.get(hall.path)).headers["etag"]
    headers = {**consultant(), "If-Match": tag}
    answers = await asyncio.gather(
        *(client.patch(hall.path, json={"capacity": most}, headers=headers) for most in (40, 50))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (changed,) = [answer for answer in answers if answer.status_code == 200]
    assert changed.json()["capacity"] == (await client.get(hall.path)).json()["capacity"]
    assert changed.headers["etag"] != tag


async def test_a_session_that_is_over_changes_no_more(hall: Hall) -> None:
    assert (await hall.post("/cancel")).json()["state"] == "cancelled"
    holding = hall.post("/hold", body={"participants": 1})
    for again in (hall.post("/cancel"), holding, hall.revise(capacity=9)):
        answer = await again
        assert answer.status_code == 409
        assert answer.json()["state"] == "cancelled"


async def test_a_session_that_has_not_begun_cannot_have_been_held(hall: Hall) -> None:
    begins = utc_now() + timedelta(days=1)
    await hall.revise(starts_at=begins.isoformat(), ends_at=(begins + timedelta(hours=1)).isoformat())
    assert (await hall.post("/hold", body={"participants": 3})).status_code == 409


async def test_that_it_was_held_is_told_with_counts_alone_and_told_again_byte_for_byte(
    hall: Hall, service: Service
) -> None:
    for _ in range(3):
        assert (await hall.hand_in()).status_code == 201
    answer = await hall.post("/hold", body={"participants": 5})
    assert answer.status_code == 200, answer.text
    assert answer.json() | {"participants": 5, "forms": 3} == answer.json()
    await hall.hand_in()  # later ones change nothing of what was told
    (body,) = await outbox_bodies(service)
    event = Decoder({SessionHeld.TYPE: SessionHeld}).decode(body)
    assert event is not None
    assert event.fact == SessionHeld(
        city_id=CITY,
        session_id=UUID(hall.session["id"]),
        kind="awareness",
        starts_at=(await storage_of(service, hall)).plan.starts_at,
        participants=5,
        forms=3,
    )
    async with service.database.connection() as connection:
        assert [encode(again) async for again in HISTORY(connection)] == [body]


async def storage_of(service: Service, hall: Hall) -> Any:
    async with service.database.connection() as connection:
        return await storage.find(connection, UUID(hall.session["id"]))


@pytest.mark.parametrize(
    "grant",
    [
        {"role": "consultant", "city": str(new_id())},
        {"role": "city_officer", "city": str(CITY)},
        {"role": "operator"},
        {"role": "merchant", "city": str(CITY), "merchant": str(new_id())},
    ],
)
async def test_only_consultants_of_the_city_decide_over_its_sessions(
    hall: Hall, client: httpx.AsyncClient, grant: dict[str, str]
) -> None:
    who = token(grant)
    headers = {**who, "Idempotency-Key": str(new_id())}
    answers = [
        await client.post("/api/v1/town-sessions", json=draft(), headers=headers),
        await hall.revise(who, capacity=9),
        await hall.post("/cancel", who),
        await hall.post("/hold", who, {"participants": 1}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


async def test_a_session_is_announced_in_a_city_that_takes_part_alone(
    client: httpx.AsyncClient, service: Service
) -> None:
    everywhere, merged, joined = token({"role": "consultant"}), new_id(), new_id()
    body, key = draft(), str(new_id())

    async def announce(city: UUID, who: dict[str, str] = everywhere) -> httpx.Response:
        headers = {**who, "Idempotency-Key": key}
        return await client.post("/api/v1/town-sessions", json=body | {"city_id": str(city)}, headers=headers)

    refused = await announce(merged)
    assert (refused.status_code, refused.json()["field"]) == (422, "city_id")
    assert (await announce(joined, consultant(joined))).status_code == 201, "the directory named it to them"

    at, code = utc_now(), "85046"
    later = CommuneMerged(
        city_id=merged, version=2, nis_code=code, previous_nis_code="85039", merged_on=date(2026, 1, 1)
    )
    first = CityJoined(city_id=merged, version=1, nis_code="85039")
    for fact in (later, first, later):
        await deliver(service, Event.of(fact, at))
        assert (await announce(merged)).status_code == 201, "whichever of its events comes first"


async def test_sessions_are_listed_by_time_page_by_page(hall: Hall, client: httpx.AsyncClient) -> None:
    for days in (3, 1, 2):
        begins = utc_now() + timedelta(days=days)
        ends = begins + timedelta(hours=1)
        answer = await Hall(client, hall.service).announce(
            starts_at=begins.isoformat(), ends_at=ends.isoformat(), capacity=days
        )
        assert answer.status_code == 201
    seen: list[int] = []
    url: str | None = f"/api/v1/town-sessions?limit=2&city={CITY}&state=announced"
    while url:
        answer = await client.get(url)
        seen += [each["capacity"] for each in answer.json()["items"]]
        url = answer.links["next"]["url"] if "next" in answer.links else None
    assert seen == [30, 1, 2, 3]
    later = {"since": (utc_now() + timedelta(days=1, hours=1)).isoformat(), "kind": "awareness"}
    assert len((await client.get("/api/v1/town-sessions", params=later)).json()["items"]) == 2
    assert (await client.get("/api/v1/town-sessions", params={"kind": "training"})).json()["items"] == []
    assert (await client.get("/api/v1/town-sessions", params={"cursor": "x"})).status_code == 400


async def test_a_day_after_a_session_its_code_is_free_for_another(
    hall: Hall, client: httpx.AsyncClient, service: Service
) -> None:
    async with service.database.transaction() as tx:
        past = {"starts_at": utc_now() - timedelta(hours=27), "ends_at": utc_now() - timedelta(hours=25)}
        await tx.execute(update(sessions).values(**past))
    await enforce(service.database, service.retention, utc_now())
    async with service.database.connection() as connection:
        assert await connection.scalar(text("SELECT join_code FROM sessions")) is None
    assert (await client.get(f"{hall.path}/join", headers=consultant())).status_code == 409
