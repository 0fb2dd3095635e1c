"""Importing map extracts: all or nothing, once, and nobody else's changes undone."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from contracts.directory.v1 import CityJoined, MerchantListed, MerchantUpdated
from tests.support.directory import DirectoryUnderTest, extract, feature, habay_extract, square


async def test_the_real_extract_of_habay_lists_its_sixty_six_merchants(directory: DirectoryUnderTest) -> None:
    city = await directory.city()

    report = await directory.imported(city, habay_extract())

    assert report["totals"] == {
        "features": 122,
        "listed": 66,
        "updated": 0,
        "unchanged": 0,
        "left_out": 56,
    }
    assert report["reasons"] == {
        "duplicate_feature": 31,
        "education": 17,
        "office_without_counter": 1,
        "public_service": 6,
        "regulated_profession": 1,
    }
    assert len(report["items"]) == 122
    listed = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantListed)]
    assert Counter(fact.kind for fact in listed)["shop=bakery"] == 6
    first = (await directory.client.get("/api/v1/merchants", params={"city": city, "q": "delhaize"})).json()
    assert [each["name"] for each in first["items"]] == ["AD Delhaize"]
    hours = first["items"][0]["opening_hours"]
    assert (hours["given"], hours["normal"]) == ("Mo-Sa 08:00-19:30", "Mo-Sa 08:00-19:30")


async def test_importing_twice_changes_nothing(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await directory.imported(city, habay_extract())
    before = await directory.rows()

    report = await directory.imported(city, habay_extract())

    assert report["totals"]["unchanged"] == 66
    assert report["totals"]["listed"] == report["totals"]["updated"] == 0
    assert await directory.rows() == before


async def test_a_dry_run_tells_the_same_and_writes_nothing(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    before = await directory.rows()

    dry = await directory.imported(city, habay_extract(), dry_run="true")

    assert await directory.rows() == before
    assert dry["dry_run"] is True
    assert all(item["merchant_id"] is None for item in dry["items"])
    real = await directory.imported(city, habay_extract())
    assert (real["totals"], real["reasons"]) == (dry["totals"], dry["reasons"])


async def test_what_changed_on_the_map_is_one_update_with_one_event(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop, other = feature("node/1", name="Chez Paul", shop="bakery"), feature("node/2", shop="butcher")
    await directory.imported(city, extract(shop, other))
    shop["properties"]["name"] = "Chez Pauline"

    report = await directory.imported(city, extract(shop, other))

    assert [item["outcome"] for item in report["items"]] == ["updated", "unchanged"]
    updates = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantUpdated)]
    assert [(str(fact.merchant_id), fact.version) for fact in updates] == [
        (report["items"][0]["merchant_id"], 2)
    ]


async def test_an_import_does_not_undo_what_people_changed_here(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop = feature("node/1", name="Chez Paul", phone="+32 63 42 22 79", shop="bakery")
    report = await directory.imported(city, extract(shop))
    path = f"/merchants/{report['items'][0]['merchant_id']}"
    await directory.call("PATCH", path, "claire", headers={"If-Match": '"1"'}, json={"name": "Le Fournil"})

    again = await directory.imported(city, extract(shop))
    shop["properties"].update(name="Chez Paul et fils", phone="+32 63 42 22 80")
    later = await directory.imported(city, extract(shop))

    assert again["items"][0]["outcome"] == "unchanged"
    assert later["items"][0]["outcome"] == "updated"
    assert later["items"][0]["notes"] == ["address_missing", "name_kept_as_changed_here"]
    merchant = (await directory.call("GET", path)).json()
    assert (merchant["name"], merchant["phone"]) == ("Le Fournil", "+32 63 42 22 80")


async def test_a_closed_merchant_is_not_listed_again_by_the_map(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop = extract(feature("node/1", name="Chez Paul", shop="bakery"))
    merchant = (await directory.imported(city, shop))["items"][0]["merchant_id"]
    assert (await directory.call("POST", f"/merchants/{merchant}/close", "claire")).status_code == 204

    report = await directory.imported(city, shop)

    assert report["items"][0]["outcome"] == "left_out"
    assert report["items"][0]["reason"] == "closed_here"
    assert (await directory.call("GET", f"/merchants/{merchant}")).status_code == 410


async def test_merchants_know_the_districts_they_are_imported_into(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    body = {"name": "Centre", "polygon": square(5.64, 49.72)}
    centre = (await directory.call("POST", f"/cities/{city}/districts", "claire", json=body)).json()["id"]

    await directory.imported(city, extract(feature("node/1", 5.645, 49.725), feature("node/2", 5.70, 49.80)))

    listed = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantListed)]
    assert sorted([str(each) for each in fact.district_ids] for fact in listed) == [[], [centre]]
    within = await directory.client.get("/api/v1/merchants", params={"district": centre})
    assert [each["source"]["id"] for each in within.json()["items"]] == ["node/1"]


async def test_two_imports_at_once_list_every_merchant_once(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    many = extract(*(feature(f"node/{number}") for number in range(1, 301)))

    reports = await asyncio.gather(*(directory.imported(city, many) for _ in range(3)))

    assert sum(report["totals"]["listed"] for report in reports) == 300
    assert len([event for event in await directory.events() if isinstance(event.fact, MerchantListed)]) == 300


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b'{"type": "FeatureCollection", "features": [' + b"[" * 100_000, 400, None),
        (b"\xff\xfe", 400, None),
        (b'{"type": "FeatureCollection", "features": [NaN]}', 400, None),
        (b"[]", 422, "body"),
        (b'{"type": "Feature"}', 422, "type"),
        (b'{"type": "FeatureCollection"}', 422, "features"),
        (
            b'{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:31370"}}}',
            422,
            "crs",
        ),
    ],
)
async def test_a_file_that_is_no_extract_is_refused_with_what_is_wrong(
    directory: DirectoryUnderTest, body: bytes, status: int, field: str | None
) -> None:
    city = await directory.city()

    answer = await directory.call("POST", f"/cities/{city}/imports", "claire", content=body)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json().get("field") == field


async def test_a_file_of_more_than_twenty_megabytes_is_refused(directory: DirectoryUnderTest) -> None:
    city = await directory.city()

    answer = await directory.call(
        "POST", f"/cities/{city}/imports", "claire", content=b" " * (20 << 20) + b" "
    )

    assert answer.status_code == 413


async def test_hostile_texts_are_listed_harmless_or_left_out(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    hostile: list[Any] = [
        feature("node/1", name="Nul\x00\u202eevil\x1b[2J", shop="bakery", website="javascript:alert(1)"),
        feature("node/2", name="x" * 100_000, shop="y" * 5_000, opening_hours="z" * 5_000),
        feature("node/3", name={"$ne": 1}, shop=["bakery"], phone=10**15),
        feature("node/4", shop="'; DROP TABLE merchant; --", name="%_\\"),
        feature("node/99999999999999999999999", shop="bakery"),
        None,
        {"type": "Feature", "id": "node/7", "properties": None, "geometry": None},
    ]

    report = await directory.imported(city, json.dumps(extract(*hostile)).encode())

    assert [item["outcome"] for item in report["items"]] == [
        "listed",
        "listed",
        "left_out",
        "listed",
        "left_out",
        "left_out",
        "left_out",
    ]
    listed = (await directory.client.get("/api/v1/merchants", params={"city": city})).json()["items"]
    assert [(each["kind"], each["website"]) for each in listed] == [
        ("shop=bakery", None),
        ("shop=yes", None),
        ("shop=yes", None),
    ]
    assert listed[0]["name"] == "Nulevil[2J"
    assert len(listed[1]["name"]) == 200


async def test_an_import_is_for_officers_of_that_city_and_operators(directory: DirectoryUnderTest) -> None:
    habay, arlon = await directory.city(), await directory.city("81001")
    body = json.dumps(extract(feature())).encode()

    assert (await directory.call("POST", f"/cities/{habay}/imports", content=body)).status_code == 401
    for person in ("sophie", "marc", "anna"):
        answer = await directory.call("POST", f"/cities/{habay}/imports", person, content=body)
        assert answer.status_code == 403
    assert (
        await directory.call("POST", f"/cities/{arlon}/imports", "claire", content=body)
    ).status_code == 403
    assert [event.fact.TYPE for event in await directory.events()] == [CityJoined.TYPE] * 2
    assert (
        await directory.call("POST", f"/cities/{habay}/imports", "claire", content=body)
    ).status_code == 200
