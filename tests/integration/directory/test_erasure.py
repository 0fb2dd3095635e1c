"""Somebody asks to be forgotten: said twice, told to every owner, and complete when the last is done."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from contracts.assessment import v1 as assessment
from contracts.campaigns import v1 as campaigns
from contracts.directory.v1 import MerchantClosed, MerchantUpdated, PersonalDataErased, PersonErasureRequested
from contracts.envelope import EVERYWHERE, Event, Fact
from contracts.notifications import v1 as notifications
from tests.support.delivered import deliver
from tests.support.directory import DirectoryUnderTest, extract, feature

OTHERS = (assessment.PersonalDataErased, campaigns.PersonalDataErased, notifications.PersonalDataErased)


async def asked(directory: DirectoryUnderTest, token: str, *, close_shops: bool = False) -> dict[str, Any]:
    answer = await directory.call(
        "POST", "/people/me/erasure", token=token, json={"close_shops": close_shops}
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def confirmed(directory: DirectoryUnderTest, token: str, erasure_id: str) -> httpx.Response:
    body = {"erasure_id": erasure_id}
    return await directory.call("POST", "/people/me/erasure/confirmation", token=token, json=body)


async def erased(directory: DirectoryUnderTest, person: str, *, close_shops: bool = False) -> str:
    """Asked for and confirmed; the id of the erasure."""
    token = await directory.token(person)
    request = await asked(directory, token, close_shops=close_shops)
    answer = await confirmed(directory, token, request["id"])
    assert answer.status_code == 202, answer.text
    return str(request["id"])


async def requests(directory: DirectoryUnderTest) -> list[Event[Fact]]:
    return [each for each in await directory.events() if isinstance(each.fact, PersonErasureRequested)]


def done(fact: type[Fact], erasure_id: str) -> Event[Fact]:
    return Event.of(fact(city_id=EVERYWHERE, erasure_id=UUID(erasure_id)), utc_now())  # type: ignore[call-arg]


async def progress(directory: DirectoryUnderTest, erasure_id: str) -> dict[str, Any]:
    """As somebody without an account sees it."""
    answer = await directory.call("GET", f"/people/erasures/{erasure_id}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def a_shop_of(directory: DirectoryUnderTest, *owners: str) -> str:
    """A claimed shop; further owners get the role through the table."""
    city = await directory.city()
    tags: dict[str, Any] = {
        "name:nl": "Bij Marc",
        "contact:email": "pain@chezmarc.be",
        "contact:facebook": "chezmarc",
    }
    named = feature(
        "node/1", name="Chez Marc", phone="+32 63 42 00 00", addr_street="Grand-Rue", shop="bakery", **tags
    )
    shop = (await directory.imported(city, extract(named)))["items"][0]["merchant_id"]
    first, *others = [await directory.person_id(owner) for owner in owners]
    answer = await directory.call("POST", f"/merchants/{shop}/claim", "anna", json={"person_id": first})
    assert answer.status_code == 200, answer.text
    async with directory.database.transaction() as tx:
        for other in others:
            await tx.execute(
                text("""
                    INSERT INTO role_grant (id, person_id, role, city_id, merchant_id, granted_at)
                    VALUES (gen_random_uuid(), :person, 'merchant', :city, :shop, now())
                """),
                {"person": UUID(other), "city": UUID(city), "shop": UUID(shop)},
            )
    return str(shop)


async def everything(directory: DirectoryUnderTest) -> str:
    """All rows of all tables, as text."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    async with directory.database.connection() as connection:
        names = (await connection.execute(text(tables))).scalars().all()
        dumped = [
            (await connection.execute(text(f"SELECT CAST(t AS text) FROM {name} t"))).scalars().all()
            for name in names
        ]
    return "\n".join(row for rows in dumped for row in rows)


async def test_nothing_happens_before_it_is_confirmed(directory: DirectoryUnderTest) -> None:
    token = await directory.token("sophie")
    request = await asked(directory, token)

    assert request["state"] == "unconfirmed"
    assert await requests(directory) == []
    assert (await directory.call("GET", "/people/me", token=token)).status_code == 200


async def test_a_confirmed_request_is_told_once_however_often_it_is_confirmed(
    directory: DirectoryUnderTest,
) -> None:
    token = await directory.token("sophie")
    request = await asked(directory, token)

    answers = await asyncio.gather(*(confirmed(directory, token, request["id"]) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {202}
    assert {answer.headers["location"] for answer in answers} == {f"/api/v1/people/erasures/{request['id']}"}
    (event,) = await requests(directory)
    assert event.fact == PersonErasureRequested(
        city_id=EVERYWHERE,
        erasure_id=UUID(request["id"]),
        person_id=UUID(await directory.person_id("sophie")),
    )


async def test_asking_again_replaces_what_was_not_confirmed(directory: DirectoryUnderTest) -> None:
    token = await directory.token("sophie")
    first, second = await asked(directory, token), await asked(directory, token)

    assert (await confirmed(directory, token, first["id"])).status_code == 404
    assert (await confirmed(directory, token, second["id"])).status_code == 202
    again = await directory.call("POST", "/people/me/erasure", token=token, json={})
    assert again.status_code == 409
    assert again.json()["erasure_id"] == second["id"]


async def test_nobody_confirms_for_somebody_else(directory: DirectoryUnderTest) -> None:
    request = await asked(directory, await directory.token("sophie"))

    assert (await confirmed(directory, await directory.token("tom"), request["id"])).status_code == 404
    assert await requests(directory) == []


async def test_a_request_that_was_not_confirmed_in_a_day_is_void(directory: DirectoryUnderTest) -> None:
    token = await directory.token("sophie")
    request = await asked(directory, token)
    directory.service.clock = lambda: datetime.now(UTC) + timedelta(hours=24)

    answer = await confirmed(directory, token, request["id"])

    assert answer.status_code == 410
    assert await requests(directory) == []


async def test_it_is_complete_when_the_last_owner_is_done_whoever_that_is(
    directory: DirectoryUnderTest,
) -> None:
    erasure_id = await erased(directory, "sophie")
    (event,) = await requests(directory)

    for fact in OTHERS:
        await deliver(directory.service, done(fact, erasure_id))
        assert (await progress(directory, erasure_id))["state"] == "under_way"
    await deliver(directory.service, event)

    shown = await progress(directory, erasure_id)
    assert shown["state"] == "completed"
    assert shown["completed_at"] == max(part["done_at"] for part in shown["parts"])
    assert {part["owner"] for part in shown["parts"]} == {
        "directory",
        "assessment",
        "campaigns",
        "notifications",
    }
    assert any(isinstance(each.fact, PersonalDataErased) for each in await directory.events())


async def test_an_owner_that_tells_it_twice_is_done_once(directory: DirectoryUnderTest) -> None:
    erasure_id = await erased(directory, "sophie")
    first = done(campaigns.PersonalDataErased, erasure_id)
    later = Event.of(first.fact, first.time + timedelta(hours=1))

    await deliver(directory.service, first, later)

    parts = {each["owner"]: each["done_at"] for each in (await progress(directory, erasure_id))["parts"]}
    assert datetime.fromisoformat(parts["campaigns"]) == first.time


async def test_nothing_of_the_person_is_left_but_an_id_that_leads_to_nobody(
    directory: DirectoryUnderTest,
) -> None:
    token, person_id = await directory.token("lea"), await directory.person_id("lea")
    await directory.client.post("/api/v1/sign-in/mail", json={"email": "lea@example.be"})
    before = await everything(directory)
    assert "Léa Fontaine" in before
    assert before.count("lea@example.be") == 3  # the person, the mail on its way, the request to sign in
    await erased(directory, "lea")

    await deliver(directory.service, *await requests(directory))

    left = await everything(directory)
    assert "Fontaine" not in left
    assert "lea@example.be" not in left
    assert (await directory.call("GET", "/people/me", token=token)).status_code == 401
    async with directory.database.connection() as connection:
        grants = text("SELECT count(*) FROM role_grant WHERE person_id = :person")
        assert await connection.scalar(grants, {"person": UUID(person_id)}) == 0


async def test_roles_offered_to_and_by_the_person_go_with_them(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    asked = {"role": "consultant", "language": "fr", "city_id": city}
    for who, address in (("claire", "tom@example.be"), ("otto", "claire@example.be")):
        body = {**asked, "email": address}
        assert (await directory.call("POST", "/invitations", who, json=body)).status_code == 201
    held = (await directory.call("GET", "/people/me/data/directory", "claire")).json()["data"]
    assert [each["state"] for each in held["roles offered"]] == ["open"]
    assert [each["city_id"] for each in held["roles offered to the person"]] == [city]

    await directory.officer(city)  # who stays: the last one of a city is not erased
    await erased(directory, "claire")
    await deliver(directory.service, *await requests(directory))

    left = (await directory.call("GET", f"/cities/{city}/invitations", "otto")).json()["items"]
    assert left == []


async def test_a_token_that_outlives_the_person_creates_nothing(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await directory.officer(city)  # who stays: the last one of a city is not erased
    token = await directory.token("claire")
    await erased(directory, "claire")
    await deliver(directory.service, *await requests(directory))

    drawing = {"name": "Centre", "polygon": {"type": "Polygon", "coordinates": []}}
    drawing["polygon"]["coordinates"] = [[[5.6, 49.7], [5.7, 49.7], [5.7, 49.8], [5.6, 49.7]]]  # type: ignore[index]
    answer = await directory.call("POST", f"/cities/{city}/districts", token=token, json=drawing)

    assert answer.status_code == 401  # her roles are gone, which the directory sees before anything else
    assert (await directory.call("GET", f"/cities/{city}/districts")).json()["items"] == []


async def test_a_shop_nobody_else_runs_is_closed_with_its_owner_where_they_wish(
    directory: DirectoryUnderTest,
) -> None:
    shop = await a_shop_of(directory, "marc")
    of_the_shop = ("chez marc", "+32 63", "grand-rue", "bij marc", "pain@chezmarc", "facebook.com/chezmarc")
    before = (await everything(directory)).lower()
    assert [said for said in of_the_shop if said not in before] == []
    await erased(directory, "marc", close_shops=True)
    (event,) = await requests(directory)
    await deliver(directory.service, event)

    assert event.fact.closed_merchant_ids == (UUID(shop),)  # type: ignore[attr-defined]
    assert any(
        isinstance(each.fact, MerchantClosed) and each.fact.merchant_id == UUID(shop)
        for each in await directory.events()
    )
    left = (await everything(directory)).lower()
    assert [said for said in of_the_shop if said in left] == []
    drawn_anew = extract(feature("way/7", name="CHEZ MARC", shop="bakery"))
    async with directory.database.connection() as connection:
        city = (await connection.execute(text("SELECT id FROM city"))).scalar_one()
    report = await directory.imported(str(city), drawn_anew)
    assert report["items"][0]["reason"] == "objected_here"


async def test_a_shop_that_is_left_can_be_claimed_again(directory: DirectoryUnderTest) -> None:
    shop = await a_shop_of(directory, "marc")
    await erased(directory, "marc")
    (event,) = await requests(directory)
    await deliver(directory.service, event)

    assert event.fact.left_merchant_ids == (UUID(shop),)  # type: ignore[attr-defined]
    shown = (await directory.call("GET", f"/merchants/{shop}")).json()
    assert (shown["claimed"], shown["status"]) == (False, "listed")
    told = [each.fact for each in await directory.events() if isinstance(each.fact, MerchantUpdated)]
    assert [(fact.merchant_id, fact.version) for fact in told] == [(UUID(shop), 3)]
    nele = await directory.person_id("nele")
    answer = await directory.call("POST", f"/merchants/{shop}/claim", "anna", json={"person_id": nele})
    assert answer.status_code == 200, answer.text


async def test_told_again_a_shop_that_has_another_owner_by_now_stays_theirs(
    directory: DirectoryUnderTest,
) -> None:
    shop = await a_shop_of(directory, "marc")
    await erased(directory, "marc")
    (event,) = await requests(directory)
    await deliver(directory.service, event)
    nele = await directory.person_id("nele")
    await directory.call("POST", f"/merchants/{shop}/claim", "anna", json={"person_id": nele})

    await deliver(directory.service, Event.of(event.fact, event.time + timedelta(hours=1)))

    shown = (await directory.call("GET", f"/merchants/{shop}")).json()
    assert (shown["claimed"], shown["version"]) == (True, 4)


async def test_a_shop_of_two_owners_who_both_leave_is_released_whoever_is_forgotten_first(
    directory: DirectoryUnderTest,
) -> None:
    shop = await a_shop_of(directory, "marc", "nele")
    for owner in ("marc", "nele"):
        await erased(directory, owner)
    first, second = await requests(directory)

    await deliver(directory.service, second)
    await deliver(directory.service, first)

    assert (await directory.call("GET", f"/merchants/{shop}")).json()["claimed"] is False


async def test_of_two_owners_who_leave_at_the_same_time_the_second_is_the_last(
    directory: DirectoryUnderTest,
) -> None:
    shop = await a_shop_of(directory, "marc", "nele")

    await asyncio.gather(*(erased(directory, each, close_shops=True) for each in ("marc", "nele")))

    closed = [event.fact.closed_merchant_ids for event in await requests(directory)]  # type: ignore[attr-defined]
    assert sorted(map(len, closed)) == [0, 1]
    assert (UUID(shop),) in closed


async def test_after_a_restore_the_request_is_known_again_and_everybody_is_told_again(
    directory: DirectoryUnderTest,
) -> None:
    # As if this database had been restored from before the request: the event alone knows of it.
    lea = UUID(await directory.person_id("lea"))
    request = Event.of(
        PersonErasureRequested(city_id=EVERYWHERE, erasure_id=new_id(), person_id=lea),
        utc_now() - timedelta(days=40),
    )
    await deliver(directory.service, request)

    assert "Fontaine" not in await everything(directory)
    answer = await directory.call("POST", "/people/erasures/again", "otto")
    assert answer.json() == {"queued": 1}
    (told,) = await requests(directory)
    assert told == request


async def test_a_request_restored_as_unconfirmed_is_confirmed_by_its_event_once(
    directory: DirectoryUnderTest,
) -> None:
    # As if this database had been restored from between the request and its confirmation.
    shop = UUID(await a_shop_of(directory, "marc"))
    token, marc = await directory.token("marc"), UUID(await directory.person_id("marc"))
    unconfirmed = await asked(directory, token, close_shops=True)
    fact = PersonErasureRequested(
        city_id=EVERYWHERE,
        erasure_id=UUID(unconfirmed["id"]),
        person_id=marc,
        closed_merchant_ids=(shop,),
    )
    first = Event.of(fact, utc_now())

    await deliver(directory.service, first, Event.of(fact, first.time + timedelta(hours=1)))

    told = await progress(directory, unconfirmed["id"])
    assert (told["state"], told["requested_at"]) == ("under_way", unconfirmed["requested_at"])
    assert datetime.fromisoformat(told["confirmed_at"]) == first.time
    assert (await directory.call("POST", "/people/erasures/again", "otto")).json() == {"queued": 1}
    assert await requests(directory) == [first]


async def test_of_two_requests_of_one_person_after_a_restore_one_is_kept(
    directory: DirectoryUnderTest,
) -> None:
    request = await asked(directory, await directory.token("lea"))
    lea = UUID(await directory.person_id("lea"))
    ids = (new_id(), UUID(request["id"]))
    events = [
        Event.of(PersonErasureRequested(city_id=EVERYWHERE, erasure_id=each, person_id=lea), utc_now())
        for each in ids
    ]

    await deliver(directory.service, *events)

    kept = (await directory.call("GET", "/people/erasures", "otto")).json()["items"]
    assert [each["id"] for each in kept] == [str(ids[0])]


async def test_operators_see_what_is_not_done(directory: DirectoryUnderTest) -> None:
    erasure_id = await erased(directory, "sophie")
    await deliver(directory.service, done(assessment.PersonalDataErased, erasure_id))

    listed = (await directory.call("GET", "/people/erasures", "otto")).json()["items"]

    assert [each["id"] for each in listed] == [erasure_id]
    missing = {part["owner"] for part in listed[0]["parts"] if part["done_at"] is None}
    assert missing == {"directory", "campaigns", "notifications"}
    assert (await directory.call("GET", "/people/erasures", "claire")).status_code == 403


@pytest.mark.parametrize("path", ["/people/me/erasure", "/people/me/data/directory"])
async def test_without_a_token_there_is_nothing_to_see(directory: DirectoryUnderTest, path: str) -> None:
    assert (await directory.call("GET", path)).status_code == 401


async def test_a_person_sees_all_that_is_held_about_them(directory: DirectoryUnderTest) -> None:
    await asked(directory, await directory.token("lea"))

    answer = await directory.call("GET", "/people/me/data/directory", "lea")

    assert answer.status_code == 200, answer.text
    held = answer.json()["data"]
    assert held["account"][0]["display_name"] == "Léa Fontaine"
    assert held["account"][0]["email"] == "lea@example.be"
    assert [each["role"] for each in held["roles"]] == ["ambassador"]
    assert len(held["erasures"]) == 1
