"""Cities join by their NIS code; districts are outlines that merchants lie in."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from contracts.directory.v1 import CityJoined, DistrictDrawn, MerchantUpdated
from tests.support.directory import DirectoryUnderTest, extract, feature, square


async def test_a_city_joins_by_its_nis_code_and_names_who_is_responsible(
    directory: DirectoryUnderTest,
) -> None:
    body = {"nis_code": "62063", "responsible": {"name": "Luc Simon", "role": "Échevin du commerce"}}
    answer = await directory.call("POST", "/cities", "otto", json=body)

    assert answer.status_code == 201
    city = answer.json()
    assert city["name"] == {"fr": "Liège", "nl": "Luik"}
    assert city["responsible"] == {"name": "Luc Simon", "role": "Échevin du commerce"}
    assert (await directory.client.get(answer.headers["location"])).json() == city
    listed = await directory.client.get("/api/v1/cities", params={"nis_code": "62063"})
    assert [each["id"] for each in listed.json()["items"]] == [city["id"]]
    facts = [event.fact for event in await directory.events()]
    assert facts == [CityJoined(city_id=UUID(city["id"]), nis_code="62063", version=1)]


async def test_a_code_that_names_no_commune_is_refused_by_name(directory: DirectoryUnderTest) -> None:
    for code in ("99999", "82005", "8504", "85046 ", "８５０４６"):
        answer = await directory.call("POST", "/cities", "otto", json={"nis_code": code})
        assert answer.status_code == 422, code
        assert answer.json()["field"] == "nis_code"
    assert await directory.events() == []


async def test_a_city_joins_once_even_when_two_ask_at_once(directory: DirectoryUnderTest) -> None:
    await directory.token("otto")
    asked = (directory.call("POST", "/cities", "otto", json={"nis_code": "85046"}) for _ in range(4))

    answers = await asyncio.gather(*asked)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await directory.events()) == 1


async def test_the_same_key_and_body_give_the_same_city(directory: DirectoryUnderTest) -> None:
    token = await directory.token("otto")
    key = {"Idempotency-Key": "one"}
    first = await directory.call("POST", "/cities", token=token, headers=key, json={"nis_code": "85046"})
    again = await directory.call("POST", "/cities", token=token, headers=key, json={"nis_code": "85046"})

    assert (first.status_code, first.json()) == (again.status_code, again.json())


async def test_only_an_operator_lets_a_city_join(directory: DirectoryUnderTest) -> None:
    await directory.city()
    for person in ("claire", "anna", "sophie"):
        answer = await directory.call("POST", "/cities", person, json={"nis_code": "81001"})
        assert answer.status_code == 403


async def test_another_responsible_is_named_by_who_has_seen_the_last_one(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    path, named = f"/cities/{city}/responsible", {"name": "Luc Simon", "role": "Échevin"}

    missing = await directory.call("PUT", path, "claire", json=named)
    done = await directory.call("PUT", path, "claire", json=named, headers={"If-Match": '"1"'})
    late = await directory.call("PUT", path, "claire", json=named, headers={"If-Match": '"1"'})

    assert (missing.status_code, done.status_code, late.status_code) == (428, 200, 412)
    assert done.json()["responsible"] == named
    assert done.headers["etag"] == '"2"'


async def test_a_district_moves_the_merchants_within_it_and_no_other(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    report = await directory.imported(
        city, extract(feature("node/1", 5.645, 49.725), feature("node/2", 5.70, 49.80))
    )
    inside = report["items"][0]["merchant_id"]

    body = {"name": "Centre", "polygon": square(5.64, 49.72)}
    answer = await directory.call("POST", f"/cities/{city}/districts", "claire", json=body)

    assert answer.status_code == 201
    district = answer.json()
    assert (await directory.client.get(answer.headers["location"])).json() == district
    shown = await directory.client.get(f"/api/v1/cities/{city}/districts")
    assert shown.json()["items"] == [district]
    facts = [event.fact for event in await directory.events()]
    drawn = [fact for fact in facts if isinstance(fact, DistrictDrawn)]
    assert [list(map(list, fact.polygon[0])) for fact in drawn] == body["polygon"]["coordinates"]  # type: ignore[index]
    moved = [fact for fact in facts if isinstance(fact, MerchantUpdated)]
    assert [(str(fact.merchant_id), fact.version, fact.district_ids) for fact in moved] == [
        (inside, 2, (UUID(district["id"]),))
    ]


async def test_two_districts_of_one_city_have_two_names(directory: DirectoryUnderTest) -> None:
    city, arlon = await directory.city(), await directory.city("81001")
    body = {"name": "Centre", "polygon": square(5.64, 49.72)}

    async def draw(where: str) -> int:
        return (await directory.call("POST", f"/cities/{where}/districts", "otto", json=body)).status_code

    assert [await draw(city), await draw(city), await draw(arlon)] == [201, 409, 201]


BOW_TIE = [[[5.0, 49.0], [5.1, 49.1], [5.1, 49.0], [5.0, 49.1], [5.0, 49.0]]]
OPEN = [[[5.0, 49.0], [5.1, 49.0], [5.1, 49.1], [5.0, 49.1]]]


@pytest.mark.parametrize(
    "polygon",
    [
        {"type": "Polygon", "coordinates": BOW_TIE},
        {"type": "Polygon", "coordinates": OPEN},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [[[5.0], [5.0], [5.0], [5.0]]]},
        {"type": "Polygon", "coordinates": [[[5, 49], [5, 49], [5, 49], [5, 49]]]},
        {"type": "Polygon", "coordinates": [[[500, 49], [501, 49], [501, 50], [500, 49]]]},
        {"type": "Polygon", "coordinates": [[["5", "x"]] * 4]},
        {"type": "Polygon", "coordinates": [[[1e400, 49.0]] * 4]},
        {"type": "Polygon", "coordinates": [[[5.0 + step / 1e5, 49.0] for step in range(2_100)]]},
        {"type": "MultiPolygon", "coordinates": [BOW_TIE]},
        {"type": "Point", "coordinates": [5.0, 49.0]},
        square(5.0, 49.0, size=2.0),
        square(5.0, 49.0, size=0.00001),
        None,
        "POLYGON((0 0, 1 0, 1 1, 0 0))",
    ],
)
async def test_an_outline_that_is_none_is_refused_by_name(
    directory: DirectoryUnderTest, polygon: Any
) -> None:
    city = await directory.city()
    body = json.dumps({"name": "Centre", "polygon": polygon}).encode()

    answer = await directory.call(
        "POST",
        f"/cities/{city}/districts",
        "claire",
        content=body,
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code in {400, 422}, answer.text
    if answer.status_code == 422:
        assert answer.json()["field"].startswith("polygon")
    assert len(await directory.events()) == 1


async def test_a_district_is_drawn_by_its_own_city(directory: DirectoryUnderTest) -> None:
    await directory.city()
    arlon = await directory.city("81001")
    body = {"name": "Centre", "polygon": square(5.64, 49.72)}

    assert (
        await directory.call("POST", f"/cities/{arlon}/districts", "claire", json=body)
    ).status_code == 403
    assert (await directory.call("POST", f"/cities/{arlon}/districts", json=body)).status_code == 401
    officer = await directory.officer(arlon)
    done = await directory.call("POST", f"/cities/{arlon}/districts", token=officer, json=body)
    assert done.status_code == 201


async def test_what_is_not_there_is_not_found(directory: DirectoryUnderTest) -> None:
    nowhere = "01890000-0000-7000-8000-00000000c17e"
    for path in (f"/cities/{nowhere}", f"/cities/{nowhere}/districts", f"/districts/{nowhere}"):
        assert (await directory.call("GET", path)).status_code == 404
    body = {"name": "Centre", "polygon": square(5.64, 49.72)}
    assert (
        await directory.call("POST", f"/cities/{nowhere}/districts", "otto", json=body)
    ).status_code == 404
