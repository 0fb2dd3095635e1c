"""Coaching groups: five at most, whatever happens at once; offers that go on; calendars that follow."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from icalendar import Calendar
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.assessment.v1 import CoachingGroupFormed, CoachingSeatOffered
from contracts.envelope import Decoder, Fact, encode
from services.assessment import merchants
from services.assessment.coaching.passing_on import PassingOn
from services.assessment.main import HISTORY
from tests.integration.assessment.conftest import CITY, listed, news, owner_of, submission, token
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

GROUPS, SEATS = "/api/v1/coaching-groups", "/api/v1/coaching-seats"
CONSULTANT = token({"role": "consultant", "city": str(CITY)})
OTHER_CONSULTANT = token({"role": "consultant", "city": str(CITY)})
SEO = "natural-search-ranking"
Asking = Callable[..., Awaitable[tuple[str, UUID]]]


@pytest.fixture
def asks(client: httpx.AsyncClient, service: Service) -> Asking:
    """A shop that asks for a training: the request, and the shop."""

    async def asks(
        merchant: UUID | None = None,
        wish: str = SEO,
        half_days: tuple[str, ...] = ("tue-am",),
        language: str = "fr",
    ) -> tuple[str, UUID]:
        if merchant is None:
            merchant = new_id()
            async with service.database.transaction() as tx:
                await merchants.apply(tx, [news(listed(merchant))])
        body = {
            "merchant_id": str(merchant),
            "wish": wish,
            "language": language,
            "half_days": list(half_days),
            "may_be_contacted": True,
        }
        headers = {**owner_of(merchant), "Idempotency-Key": str(new_id())}
        made = await client.post("/api/v1/training-requests", json=body, headers=headers)
        assert made.status_code == 201, made.text
        return made.json()["id"], merchant

    return asks


def group_body(requests: list[str], **changes: Any) -> dict[str, Any]:
    starts_at = utc_now() + timedelta(days=30)
    body = {
        "city_id": str(CITY),
        "dimension": "visibility",
        "language": "fr",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=2)).isoformat(),
        "place": "Hôtel de ville, salle 2",
        "request_ids": requests,
    }
    return body | changes


async def made(client: httpx.AsyncClient, requests: list[str], **changes: Any) -> dict[str, Any]:
    headers = {**CONSULTANT, "Idempotency-Key": str(new_id())}
    answer = await client.post(GROUPS, json=group_body(requests, **changes), headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def group(client: httpx.AsyncClient, known: dict[str, Any]) -> dict[str, Any]:
    return dict((await client.get(f"{GROUPS}/{known['id']}", headers=CONSULTANT)).json())


async def step(client: httpx.AsyncClient, known: dict[str, Any], name: str, tag: str = "*") -> httpx.Response:
    return await client.post(f"{GROUPS}/{known['id']}/{name}", headers={**CONSULTANT, "If-Match": tag})


async def opened(client: httpx.AsyncClient, requests: list[str], **changes: Any) -> dict[str, Any]:
    known = await made(client, requests, **changes)
    answer = await step(client, known, "offers")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def join(client: httpx.AsyncClient, known: dict[str, Any], request: str, shop: UUID) -> httpx.Response:
    return await client.post(
        f"{GROUPS}/{known['id']}/seats", json={"request_id": request}, headers=owner_of(shop)
    )


async def take(client: httpx.AsyncClient, seat: dict[str, Any]) -> httpx.Response:
    who = owner_of(UUID(seat["merchant_id"]))
    return await client.post(f"{SEATS}/{seat['id']}/acceptance", headers=who)


async def leave(client: httpx.AsyncClient, seat: dict[str, Any]) -> httpx.Response:
    return await client.delete(f"{SEATS}/{seat['id']}", headers=owner_of(UUID(seat["merchant_id"])))


def states(known: dict[str, Any]) -> list[str]:
    return [seat["state"] for seat in known["seats"]]


def seat_of(known: dict[str, Any], request: str) -> dict[str, Any]:
    return next(dict(seat) for seat in known["seats"] if seat["request_id"] == request)


async def told(service: Service, *kinds: type[Fact]) -> list[Fact]:
    decoder = Decoder({kind.TYPE: kind for kind in kinds})
    async with service.database.connection() as connection:
        bodies = (await connection.execute(text("SELECT body FROM outbox ORDER BY id"))).scalars()
        return [event.fact for body in bodies if (event := decoder.decode(bytes(body)))]


@pytest_asyncio.fixture
async def seven(asks: Asking) -> list[str]:
    """Requests of seven shops."""
    return [(await asks())[0] for _ in range(7)]


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


# --- calendars ---


async def entry(
    client: httpx.AsyncClient, path: str, who: dict[str, str], language: str = "fr"
) -> tuple[Any, Any]:
    answer = await client.get(f"{path}/calendar", params={"language": language}, headers=who)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


async def test_a_calendar_takes_each_change_under_the_same_uid(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await opened(client, seven)
    path = f"{GROUPS}/{known['id']}"
    _, first = await entry(client, path, CONSULTANT)
    assert (first["STATUS"], first["LOCATION"]) == ("TENTATIVE", "Hôtel de ville, salle 2")
    assert first["SUMMARY"] == "Coaching numérique en petit groupe : être trouvé sur le web"
    later = datetime.fromisoformat(known["starts_at"]).replace(microsecond=0) + timedelta(hours=1)
    moved = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=1)).isoformat()}
    moved["place"] = 'Salle; "2", 1er\\étage'
    revised = await client.patch(path, json=moved, headers={**CONSULTANT, "If-Match": "*"})
    assert revised.status_code == 200, revised.text
    _, second = await entry(client, path, CONSULTANT, "nl")
    assert (second["UID"], second["DTSTART"].dt) == (first["UID"], later)
    assert second["LOCATION"] == moved["place"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second["SUMMARY"].startswith("Digitale coaching")
    await step(client, known, "cancellation")
    calendar, third = await entry(client, path, CONSULTANT)
    assert (calendar["METHOD"], third["STATUS"], third["UID"]) == ("CANCEL", "CANCELLED", first["UID"])
    assert third["SEQUENCE"] > second["SEQUENCE"]


async def test_a_seat_that_is_given_back_is_cancelled_in_the_shops_calendar(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await opened(client, seven)
    mine, who = known["seats"][0], owner_of(UUID(known["seats"][0]["merchant_id"]))
    path = f"{SEATS}/{mine['id']}"
    assert (await client.get(f"{path}/calendar", headers=who)).status_code == 404, "an offer is no date yet"
    await take(client, mine)
    _, taken = await entry(client, path, who)
    assert taken["STATUS"] == "TENTATIVE"
    await leave(client, mine)
    calendar, left = await entry(client, path, who)
    assert (calendar["METHOD"], left["STATUS"], left["UID"]) == ("CANCEL", "CANCELLED", taken["UID"])
    assert left["SEQUENCE"] > taken["SEQUENCE"]


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


async def test_a_shop_finds_the_groups_it_can_join_and_not_who_is_in_them(
    client: httpx.AsyncClient, asks: Asking, seven: list[str]
) -> None:
    known = await opened(client, seven[:2])
    await made(client, seven[:2])
    _, shop = await asks()
    answer = await client.get(f"{GROUPS}/open", params={"merchant": str(shop)}, headers=owner_of(shop))
    assert [each["id"] for each in answer.json()["items"]] == [known["id"]]
    assert "seats" not in answer.text
