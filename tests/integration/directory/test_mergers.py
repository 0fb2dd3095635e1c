"""Communes merge: a city goes on under another NIS code, and stays the same city."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from chassis.clock import utc_now
from contracts.directory.v1 import CommuneMerged
from services.directory.main import HISTORY
from tests.support.directory import DirectoryUnderTest, extract, feature, square

HABAY, ARLON, BASTOGNE, LIEGE = "85046", "81001", "82039", "62063"


async def merge(
    directory: DirectoryUnderTest, city: str, code: str, person: str | None = "otto", **changes: Any
) -> httpx.Response:
    """A merger of today: the day the city of this test joined."""
    body = {"nis_code": code, "merged_on": utc_now().date().isoformat()} | changes
    return await directory.call("POST", f"/cities/{city}/mergers", person, json=body)


async def found(directory: DirectoryUnderTest, code: str) -> list[str]:
    listed = await directory.client.get("/api/v1/cities", params={"nis_code": code})
    return [each["id"] for each in listed.json()["items"]]


async def test_a_city_goes_on_under_the_code_of_its_new_commune(directory: DirectoryUnderTest) -> None:
    city = await directory.city(HABAY)

    answer = await merge(directory, city, BASTOGNE)

    assert answer.status_code == 201, answer.text
    shown = await directory.client.get(answer.headers["location"])
    assert (shown.json(), shown.headers["etag"]) == (answer.json(), answer.headers["etag"])
    assert (answer.json()["id"], answer.json()["version"]) == (city, 2)
    assert (answer.json()["nis_code"], answer.json()["name"]["fr"]) == (BASTOGNE, "Bastogne")
    assert answer.json()["responsible"]["name"] == "Claire Lambert"
    assert (await found(directory, BASTOGNE), await found(directory, HABAY)) == ([city], [city])


async def test_bertogne_became_bastogne_and_its_shops_and_its_old_code_went_along(
    directory: DirectoryUnderTest,
) -> None:
    """On 1 January 2025 Bastogne (82003) and Bertogne (82005) became one commune, Bastogne (82039)."""
    city = await directory.city(HABAY)
    async with directory.database.transaction() as tx:
        # It takes part since 2020, under the code that its commune had then.
        await tx.exec_driver_sql(
            "UPDATE city_nis_code SET nis_code = '82005', valid_from = '2020-03-01', at = '2020-03-01T09:00Z'"
        )
    shops = extract(
        feature("node/1", 5.67, 50.08, name="Au pain de Bertogne", shop="bakery", addr_postcode="6687"),
        feature("node/2", 5.72, 50.00, name="Quincaillerie", shop="doityourself"),
    )
    before = [each["merchant_id"] for each in (await directory.imported(city, shops))["items"]]

    assert (await merge(directory, city, BASTOGNE, merged_on="2025-01-01")).status_code == 201

    (there,) = (await directory.client.get("/api/v1/cities", params={"nis_code": "82005"})).json()["items"]
    assert (there["id"], there["nis_code"], there["name"]["fr"]) == (city, BASTOGNE, "Bastogne")
    listed = (await directory.client.get("/api/v1/merchants", params={"city": there["id"]})).json()["items"]
    assert [each["id"] for each in listed] == before
    assert {each["city_id"] for each in listed} == {city}
    (commune,) = (await directory.client.get("/api/v1/communes", params={"nis_code": "82005"})).json()[
        "items"
    ]
    assert (commune["nis_code"], commune["city_id"]) == (BASTOGNE, city)
    assert "6687" in commune["postcodes"]
    assert commune["former_codes"] == [
        {"nis_code": "82005", "valid_from": "2020-03-01", "valid_until": "2025-01-01"}
    ]
    again = await directory.imported(city, shops)  # an import goes on with the same shops
    assert [each["merchant_id"] for each in again["items"]] == before
    assert {each["outcome"] for each in again["items"]} == {"unchanged"}


async def test_each_merger_is_told_once_and_again_under_its_own_id(directory: DirectoryUnderTest) -> None:
    city = await directory.city(HABAY)
    named = {"name": "Luc Simon", "role": "Échevin"}
    today = utc_now().date()
    await merge(directory, city, BASTOGNE)
    path = f"/cities/{city}/responsible"
    assert (
        await directory.call("PUT", path, "otto", json=named, headers={"If-Match": '"2"'})
    ).status_code == 200
    await merge(directory, city, LIEGE)

    recorded = await directory.events()
    async with directory.database.connection() as connection:
        told = [event async for event in HISTORY(connection)]

    assert [event.fact for event in recorded[1:]] == [
        CommuneMerged(
            city_id=UUID(city), version=version, nis_code=code, previous_nis_code=before, merged_on=today
        )
        for version, code, before in ((2, BASTOGNE, HABAY), (4, LIEGE, BASTOGNE))
    ]
    assert told == recorded


async def test_a_code_is_carried_by_one_city_and_free_when_it_went_on(directory: DirectoryUnderTest) -> None:
    habay, arlon = await directory.city(HABAY), await directory.city(ARLON)

    taken = await merge(directory, arlon, HABAY)
    assert (taken.status_code, taken.json()["field"]) == (409, "nis_code")
    assert len(await directory.events()) == 2
    assert (await merge(directory, habay, BASTOGNE)).status_code == 201
    assert (await merge(directory, arlon, HABAY)).status_code == 201
    assert (await found(directory, HABAY), await found(directory, ARLON)) == ([arlon], [arlon])


async def test_two_cities_never_take_one_code_at_once(directory: DirectoryUnderTest) -> None:
    cities = [await directory.city(HABAY), await directory.city(ARLON)]

    answers = await asyncio.gather(*(merge(directory, city, BASTOGNE) for city in cities))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await directory.events()) == 3


async def test_the_same_key_and_body_merge_once(directory: DirectoryUnderTest) -> None:
    city, token = await directory.city(HABAY), await directory.token("otto")
    body = {"nis_code": BASTOGNE, "merged_on": utc_now().date().isoformat()}
    path, key = f"/cities/{city}/mergers", {"Idempotency-Key": "one"}

    first = await directory.call("POST", path, token=token, headers=key, json=body)
    again = await directory.call("POST", path, token=token, headers=key, json=body)

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(await directory.events()) == 2


async def test_a_merger_that_cannot_be_is_refused_by_field(directory: DirectoryUnderTest) -> None:
    city, today = await directory.city(HABAY), utc_now().date()
    for code, changes, field in (
        (HABAY, {}, "nis_code"),
        ("99999", {}, "nis_code"),
        ("8203", {}, "nis_code"),
        (BASTOGNE, {"merged_on": str(today - timedelta(days=1))}, "merged_on"),
        (BASTOGNE, {"merged_on": str(today + timedelta(days=2))}, "merged_on"),
        (BASTOGNE, {"merged_on": "1 January"}, "merged_on"),
    ):
        answer = await merge(directory, city, code, **changes)
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert len(await directory.events()) == 1


async def test_only_an_operator_tells_of_a_merger(directory: DirectoryUnderTest) -> None:
    city = await directory.city(HABAY)
    for person in ("claire", "anna", "marc", "sophie"):
        assert (await merge(directory, city, BASTOGNE, person)).status_code == 403
    assert (await merge(directory, city, BASTOGNE, None)).status_code == 401
    nowhere = "01890000-0000-7000-8000-00000000c17e"
    assert (await merge(directory, nowhere, BASTOGNE)).status_code == 404
    assert len(await directory.events()) == 1


async def test_of_two_cities_that_become_one_commune_both_stay_and_share_their_officers(
    directory: DirectoryUnderTest,
) -> None:
    first, second = await directory.city(HABAY), await directory.city(ARLON)
    await directory.officer(first)
    of_second = await directory.officer(second)
    shop = (await directory.imported(second, extract(feature("node/1", name="Chez Zoé", shop="tea"))))[
        "items"
    ][0]
    drawn = {"name": "Centre", "polygon": square(5.64, 49.72)}
    district = await directory.call("POST", f"/cities/{second}/districts", token=of_second, json=drawn)
    assert district.status_code == 201, district.text
    assert (await merge(directory, first, BASTOGNE)).status_code == 201
    refused = await merge(directory, second, BASTOGNE)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:city-exists")
    before = await directory.events()

    for _ in range(2):
        answer = await merge(directory, second, BASTOGNE, beside=first)
        assert (answer.status_code, answer.json()["nis_code"]) == (201, ARLON)

    assert await directory.events() == before  # nothing of what others know has changed
    assert [await found(directory, code) for code in (HABAY, BASTOGNE, ARLON)] == [[first], [first], [second]]
    listed = (await directory.client.get("/api/v1/merchants", params={"city": second})).json()["items"]
    assert [each["id"] for each in listed] == [shop["merchant_id"]]
    districts = await directory.client.get(f"/api/v1/cities/{second}/districts")
    assert [each["id"] for each in districts.json()["items"]] == [district.json()["id"]]
    async with directory.database.connection() as connection:
        counted = await connection.execute(
            text("SELECT city_id, count(*) FROM role_grant WHERE role = 'city_officer' GROUP BY city_id")
        )
        officers = {str(city): count for city, count in counted}
        shared = await connection.scalar(
            text("SELECT count(DISTINCT person_id) FROM role_grant WHERE role = 'city_officer'")
        )
    assert officers == {first: shared, second: shared}
    assert shared >= 2


async def test_a_city_beside_another_is_one_that_has_the_code(directory: DirectoryUnderTest) -> None:
    first, second = await directory.city(HABAY), await directory.city(ARLON)
    nobody = "01890000-0000-7000-8000-000000000001"
    for city, changes, status, field in (
        (second, {"beside": first}, 422, "beside"),
        (second, {"beside": nobody}, 422, "beside"),
        (first, {"beside": first}, 422, "beside"),
        (nobody, {"beside": first}, 404, None),
    ):
        answer = await merge(directory, city, BASTOGNE, **changes)
        assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    future = {"beside": first, "merged_on": str(utc_now().date() + timedelta(days=2))}
    answer = await merge(directory, second, HABAY, **future)
    assert (answer.status_code, answer.json()["field"]) == (422, "merged_on")
