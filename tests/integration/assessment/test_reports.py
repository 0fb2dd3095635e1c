"""A report says what counting its persons says: of five at least, whenever and in what order they came."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.ids import new_id
from chassis.service import Service
from services.assessment.reports.closing import close_units
from services.assessment.reports.rebuild import rebuild
from tests.integration.assessment.conftest import CITY, token
from tests.integration.assessment.independent import LISTED, all_rows, expected, said, units
from tests.integration.assessment.populations import (
    CATALOGUE,
    CLOSED,
    HELD,
    Somebody,
    hand_in,
    held_session,
    join,
    list_as,
    some,
)
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

REPORTS = "/api/v1/reports"
OFFICER = token({"role": "city_officer", "city": str(CITY)})
OPERATOR = token({"role": "operator"})


async def report(client: httpx.AsyncClient, who: dict[str, str] = OPERATOR, **asked: Any) -> Any:
    answer = await client.get(REPORTS, params={"city": str(CITY)} | asked, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def of_session(client: httpx.AsyncClient, session: UUID) -> Any:
    answer = await client.get(REPORTS, params={"session": str(session)}, headers=OPERATOR)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def closed(service: Service, now: datetime = CLOSED, **how: Any) -> None:
    await close_units(service.database, CATALOGUE, now, **how)


async def a_session(service: Service, at: datetime = HELD, city: UUID = CITY) -> UUID:
    async with service.database.transaction() as tx:
        return await held_session(tx, city, at)


async def figures(service: Service) -> list[Any]:
    async with service.database.connection() as connection:
        query = "SELECT * FROM report_figures ORDER BY 1, 2, 3, 4"
        return [tuple(row) for row in await connection.execute(text(query))]


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 2**32))
async def test_every_report_is_what_counting_its_persons_from_the_table_says(
    service: Service, client: httpx.AsyncClient, seed: int
) -> None:
    chance = Random(seed)
    cities = [new_id() for _ in range(3)]
    made: list[UUID] = []
    for city in cities:
        shops = [new_id() for _ in range(6)]
        await list_as(service, {shop: chance.choice([*LISTED]) for shop in shops})
        for months in range(chance.randint(0, 2)):
            at = HELD - timedelta(days=30 * months)
            made.append(await a_session(service, at, city))
            await hand_in(service, some(chance, chance.randint(0, 25), session=made[-1], city=city))
            people = some(chance, chance.randint(0, 12), at=at, city=city)
            for each in people:
                each.merchant = chance.choice([*shops, new_id()])
            first = await hand_in(service, people)
            corrected = [each for each in first if chance.random() < 0.2]
            again = some(chance, len(corrected), at=at, city=city)
            for old, new in zip(corrected, again, strict=True):
                new.merchant, new.corrects = old.merchant_id, old.id
            await hand_in(service, again)
            await hand_in(service, some(chance, 6, at=at, city=city, questionnaire="full-assessment"))
    await closed(service)

    known = units(await all_rows(service))
    of_city = {city: [unit for unit in known.values() if unit[0].city_id == city] for city in cities}
    for chosen in ([cities[0]], [cities[1]], cities[:2], cities):
        told = await report(client, city=[str(each) for each in chosen])
        assert said(told) == expected([unit for city in chosen for unit in of_city[city]])
        small = [unit for city in chosen for unit in of_city[city] if len(unit) < 5]
        assert told["left_out"]["small_units"] == len(small)
    for session in made:
        assert said(await of_session(client, session)) == expected([known.get(session, [])])
    before = await figures(service)
    await rebuild(service.database, CATALOGUE)
    assert await figures(service) == before


async def test_whatever_the_order_and_however_often_the_worker_looks_the_sums_are_the_same(
    service: Service, client: httpx.AsyncClient
) -> None:
    session = await a_session(service)
    await hand_in(service, some(Random(1), 12, session=session))
    await asyncio.gather(*(closed(service) for _ in range(4)))
    once = await figures(service)
    await closed(service)
    await closed(service, since=HELD)
    assert await figures(service) == once
    assert (await report(client))["participants"] == 12


async def test_a_session_is_in_reports_once_its_forms_window_is_past_and_a_month_once_it_is_over(
    service: Service, client: httpx.AsyncClient
) -> None:
    session = await a_session(service)
    await hand_in(service, some(Random(1), 7, session=session) + some(Random(2), 6))
    for now, participants, still_open in (
        (HELD + timedelta(days=3, hours=1), 0, 2),
        (HELD + timedelta(days=3, hours=3), 7, 1),
        (datetime.fromisoformat("2026-04-07T23:59:00+02:00"), 7, 1),
        (datetime.fromisoformat("2026-04-08T00:01:00+02:00"), 13, 0),
    ):
        await closed(service, now)
        told = await report(client)
        assert (told["participants"], told["left_out"]["open_units"]) == (participants, still_open)
    assert (await of_session(client, session))["participants"] == 7


async def test_four_are_left_out_and_counted_once_a_fifth_comes_late(
    service: Service, client: httpx.AsyncClient
) -> None:
    session = await a_session(service)
    await hand_in(service, some(Random(1), 4, session=session))
    await closed(service)
    told = await of_session(client, session)
    assert (told["participants"], told["left_out"]["small_units"]) == (0, 1)

    await hand_in(service, some(Random(2), 1, session=session))
    await closed(service, since=HELD)
    told = await of_session(client, session)
    assert (told["participants"], told["sessions"], told["left_out"]["small_units"]) == (5, 1, 0)


async def test_one_who_comes_late_changes_no_report_until_four_others_do(
    service: Service, client: httpx.AsyncClient
) -> None:
    session = await a_session(service)
    await hand_in(service, some(Random(1), 9, session=session))
    await closed(service)
    for late, participants, small in ((4, 9, 1), (1, 14, 0)):
        await hand_in(service, some(Random(late), late, session=session))
        await closed(service)
        told = await of_session(client, session)
        assert (told["participants"], told["left_out"]["small_units"]) == (participants, small)
    assert told["sessions"] == 1


async def test_a_shop_counts_under_the_kind_it_is_listed_as_where_nobody_said_another(
    service: Service, client: httpx.AsyncClient
) -> None:
    people = some(Random(6), 18, questionnaire="full-assessment")
    bakeries, lamps = people[:6], people[6:11]
    for each in people:
        each.merchant, each.kind = new_id(), None
    for each in people[11:17]:
        each.kind = "fashion"
    listed_as = {each.merchant: "shop=bakery" for each in bakeries + people[11:17] if each.merchant}
    listed_as |= {each.merchant: "shop=lamps" for each in lamps if each.merchant}
    await list_as(service, listed_as)
    await hand_in(service, people)
    await closed(service)
    told = await report(client, questionnaire="full-assessment")
    assert said(told) == expected([*units(await all_rows(service), "full-assessment").values()])
    assert {each["kind"]: each["participants"] for each in told["kinds"]} == {
        "food": 6, "fashion": 6, None: 6
    }, "one of no kind would be alone, and is folded with the five of another"  # fmt: skip

    await list_as(service, dict.fromkeys(listed_as, "shop=clothes"), version=2)
    await closed(service)
    await rebuild(service.database, CATALOGUE)
    assert await report(client, questionnaire="full-assessment") == told, "a group stays as it was closed"


async def test_erased_shops_leave_the_figures_five_at_once(
    service: Service, client: httpx.AsyncClient
) -> None:
    people = some(Random(3), 12, skipped=0)
    for each in people:
        each.merchant, each.kind = new_id(), None
    await hand_in(service, people)
    await closed(service)
    before = await report(client)

    erased = [each.merchant for each in people if each.merchant]
    for shop in erased[:4]:
        await deliver(service, erasure_of(new_id(), closed=[shop]))
    await closed(service)
    assert await report(client) == before, "one who goes would be told from a report before and one after"

    await deliver(service, erasure_of(new_id(), closed=[erased[4]]))
    await closed(service, since=CLOSED)
    after = await report(client)
    assert said(after) == expected([*units(await all_rows(service)).values()])
    assert after["participants"] == 7
    kept = await figures(service)
    await rebuild(service.database, CATALOGUE)
    assert await figures(service) == kept


async def test_a_dimension_that_too_few_leavers_answered_leaves_with_them_for_ever(
    service: Service, client: httpx.AsyncClient
) -> None:
    people = some(Random(3), 12, skipped=0)
    for each in people:
        each.merchant, each.kind = new_id(), None
    people[0].answers = {key: given for key, given in people[0].answers.items() if key != "posts"}
    await hand_in(service, people)
    await closed(service)
    assert "social" in {each["key"] for each in (await report(client))["dimensions"]}
    for each in people[:5]:
        assert each.merchant
        await deliver(service, erasure_of(new_id(), closed=[each.merchant]))
    await closed(service)
    told = await report(client)
    assert (told["participants"], "social" in {each["key"] for each in told["dimensions"]}) == (7, False)
    kept = await figures(service)
    await rebuild(service.database, CATALOGUE)
    assert await figures(service) == kept


async def test_a_correction_counts_for_what_it_corrects_before_closing_and_in_fives_after(
    service: Service, client: httpx.AsyncClient
) -> None:
    people = some(Random(4), 10, skipped=0)
    for each in people:
        each.merchant, each.kind = new_id(), "food"
    first = await hand_in(service, people)
    await closed(service)
    before = await report(client)

    async def correct(number: int) -> None:
        best = {"maps-profile": ["mine-and-current"], "search-rank": ["first-page"], "posts": [9],
                "review-watch": ["read-and-answer"], "website": ["current"], "customer-news": ["and-write"],
                "ease": [5]}  # fmt: skip
        old = first[number]
        again = Somebody(best, merchant=old.merchant_id, kind="food", corrects=old.id)
        await hand_in(service, [again])

    for number in range(4):
        await correct(number)
    await closed(service)
    assert said(await report(client)) == said(before)
    await correct(4)
    await closed(service, since=HELD)
    after = await report(client)
    assert said(after) == expected([*units(await all_rows(service)).values()])
    assert (after["participants"], after["share_above_70"]["count"] >= 5) == (10, True)


async def test_whoever_corrects_a_sessions_form_at_home_counts_in_the_session(
    service: Service, client: httpx.AsyncClient
) -> None:
    session = await a_session(service)
    people = some(Random(10), 6, session=session, skipped=0)
    people[0].merchant = shop = new_id()
    first = (await hand_in(service, people))[0]
    for day in (1, 2):
        (again,) = some(Random(day), 1, at=HELD + timedelta(days=day), skipped=0)
        again.merchant, again.corrects = shop, first.id
        (first,) = await hand_in(service, [again])
    await closed(service)
    told = await of_session(client, session)
    assert (told["participants"], told["left_out"]["small_units"]) == (6, 0)
    scores = [first.score, *(each.score for each in (await all_rows(service)) if each.session_id)]
    assert told["mean"] == pytest.approx(sum(scores) / 6, abs=0.051)


async def test_versions_are_never_mixed_and_add_up_over_declared_questions_alone(
    service: Service, client: httpx.AsyncClient
) -> None:
    session = await a_session(service)
    await hand_in(service, some(Random(5), 6, session=session))
    await hand_in(service, some(Random(6), 7, questionnaire="full-assessment"))
    await closed(service)

    own = await report(client)
    assert (own["participants"], own["left_out"]["other_editions"]) == (6, ["full-assessment.v1"])
    full = await report(client, questionnaire="full-assessment", version=1)
    assert (full["participants"], full["left_out"]["other_editions"]) == (7, ["session-form.v1"])

    both = await report(client, along_with="full-assessment.v1")
    assert (both["participants"], both["sessions"], both["left_out"]["other_editions"]) == (13, 1, [])
    assert (both["questionnaire"], both["along_with"]) == ("full-assessment", "session-form.v1")
    assert {each["key"] for each in both["over"]} == {
        "maps-profile", "search-rank", "review-watch", "website", "ease",
    }  # fmt: skip
    assert (both["recommendations"], both["wishes"]) == ([], [])

    refused = await client.get(
        REPORTS,
        params={"city": str(CITY), "along_with": "digital-maturity.v1"},
        headers=OPERATOR,
    )
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:cococity:problem:not-comparable"


async def test_a_period_is_of_whole_months_in_belgium(service: Service, client: httpx.AsyncClient) -> None:
    last_minute = datetime.fromisoformat("2026-02-28T23:30:00+01:00")
    await hand_in(service, some(Random(7), 5, at=last_minute) + some(Random(8), 6))
    await closed(service)
    assert (await report(client, last_month="2026-02"))["participants"] == 5
    assert (await report(client, first_month="2026-03"))["participants"] == 6
    told = await report(client, first_month="2026-02", last_month="2026-03")
    assert (told["participants"], told["first_month"], told["last_month"]) == (11, "2026-02", "2026-03")


async def test_a_programme_is_reported_over_its_cities_and_the_months_it_touches(
    service: Service, client: httpx.AsyncClient
) -> None:
    towns = [new_id(), new_id()]
    await join(service, *towns)
    for months, city in ((0, towns[0]), (0, towns[1]), (3, towns[1]), (0, CITY)):
        at = HELD - timedelta(days=30 * months)
        await hand_in(service, some(Random(months), 5 + months, at=at, city=city))
    await closed(service)
    plan = {
        "name": "Commerce connecté",
        "starts_on": "2026-02-15",
        "ends_on": "2026-03-12",
        "towns": [{"city_id": str(each), "planned": 3} for each in towns],
    }
    headers = OPERATOR | {"Idempotency-Key": str(new_id())}
    programme = (await client.post("/api/v1/programmes", json=plan, headers=headers)).json()["id"]
    told = (await client.get(REPORTS, params={"programme": programme}, headers=OPERATOR)).json()
    assert (told["participants"], told["programme"]) == (10, programme)
    assert {*told["cities"]} == {str(each) for each in towns}
    assert (told["first_month"], told["last_month"]) == ("2026-02", "2026-03")
    earlier = {"programme": programme, "first_month": "2025-12"}
    assert (await client.get(REPORTS, params=earlier, headers=OPERATOR)).json()["participants"] == 18
    of_one = token({"role": "city_officer", "city": str(towns[0])})
    refused = await client.get(REPORTS, params={"programme": programme}, headers=of_one)
    assert refused.status_code == 403


async def test_a_shop_that_fills_in_five_times_is_no_group(
    service: Service, client: httpx.AsyncClient
) -> None:
    people = some(Random(9), 6)
    shop = new_id()
    for each in people:
        each.merchant = shop
    await hand_in(service, people)
    await closed(service)
    told = await report(client)
    assert (told["participants"], told["left_out"]["small_units"]) == (0, 1)


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({}, 422, "city"),
        ({"city": str(CITY), "session": str(CITY)}, 422, "city"),
        ({"city": "x"}, 422, "city.0"),
        ({"city": str(CITY), "first_month": "2026-13"}, 422, "first_month"),
        ({"city": str(CITY), "first_month": "2026-02", "last_month": "2026-01"}, 422, "last_month"),
        ({"city": str(CITY), "questionnaire": "horoscope"}, 422, "questionnaire"),
        ({"city": str(CITY), "version": "9"}, 422, "version"),
        ({"city": str(CITY), "along_with": "full-assessment"}, 422, "along_with"),
        ({"city": str(CITY), "along_with": "full-assessment.v99999999999999999999"}, 422, "along_with"),
        ({"session": str(new_id())}, 404, None),
        ({"programme": str(new_id())}, 404, None),
        ({"programme": str(new_id()), "session": str(new_id())}, 422, "city"),
    ],
)
async def test_what_cannot_be_reported_is_refused_by_its_field(
    client: httpx.AsyncClient, asked: dict[str, str], status: int, field: str | None
) -> None:
    for path in ("", "/sheet.csv", "/paper.pdf"):
        answer = await client.get(REPORTS + path, params=asked, headers=OPERATOR)
        assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text


async def test_a_report_is_for_those_who_answer_for_all_of_its_cities(
    service: Service, client: httpx.AsyncClient
) -> None:
    other = new_id()
    session = await a_session(service, city=other)
    both = {"city": [str(CITY), str(other)]}
    of_both = token(*({"role": "city_officer", "city": each} for each in both["city"]))
    for who, asked, status in (
        (OFFICER, {"city": str(CITY)}, 200),
        (OFFICER, both, 403),
        (OFFICER, {"session": str(session)}, 403),
        (of_both, both, 200),
        (token({"role": "consultant", "city": str(other)}), {"session": str(session)}, 200),
        (token({"role": "consultant"}), both, 200),
        (OPERATOR, both, 200),
        (token({"role": "merchant", "city": str(CITY), "merchant": str(new_id())}), {"city": str(CITY)}, 403),
        ({}, {"city": str(CITY)}, 401),
    ):
        answer = await client.get(REPORTS, params=asked, headers=who)
        assert answer.status_code == status, (asked, answer.text)
