"""Officers list, correct, delist and list again a shop by hand; everybody sees what it is."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.directory.v1 import MerchantClosed, MerchantListed, MerchantUpdated
from services.directory.main import HISTORY
from tests.support.directory import DirectoryUnderTest, extract, feature, square

FULL: dict[str, Any] = {
    "kind": "shop=bakery",
    "longitude": 5.645,
    "latitude": 49.725,
    "names": {"fr": "Boulangerie Rigaux", "de": "Bäckerei Rigaux"},
    "street": "Rue de la Gare",
    "house_number": "3",
    "postcode": "6720",
    "place": "Habay-la-Neuve",
    "phone": "+32 63 42 22 79",
    "email": "info@rigaux.example.be",
    "website": "https://rigaux.example.be",
    "profiles": {"facebook": "https://www.facebook.com/rigaux"},
    "opening_hours": "24/7",
    "languages": ["nl", "fr"],
    "enterprise_number": "BE 0200.065.765",
    "establishment_number": "2.000.000.339",
}


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    return await directory.city()


async def listed(directory: DirectoryUnderTest, city: str, **changes: Any) -> httpx.Response:
    body = {**FULL, "city_id": city, **changes}
    return await directory.call("POST", "/merchants", "claire", json=body)


async def test_a_shop_listed_by_hand_is_shown_with_all_that_is_known(
    directory: DirectoryUnderTest, habay: str
) -> None:
    answer = await listed(directory, habay)

    assert answer.status_code == 201, answer.text
    shop = answer.json()
    assert (await directory.client.get(answer.headers["location"])).json() == shop
    assert (shop["name"], shop["names"]) == ("Boulangerie Rigaux", FULL["names"])
    assert (shop["enterprise_number"], shop["establishment_number"]) == ("0200.065.765", "2.000.000.339")
    assert (shop["languages"], shop["email"]) == (["fr", "nl"], FULL["email"])
    assert (shop["profiles"], shop["status"]) == (FULL["profiles"], "listed")
    hours = {"given": "24/7", "normal": "24/7", "open_now": True, "next_change": None}
    assert shop["opening_hours"] == hours
    assert shop["source"] == {"name": "city", "id": shop["id"], "attribution": None}
    (event,) = [each for each in await directory.events() if each.fact.TYPE == MerchantListed.TYPE]
    assert shop["version"] == 1
    assert shop["checked_on"] == event.time.date().isoformat()


async def test_the_kind_is_named_in_the_readers_language(directory: DirectoryUnderTest, habay: str) -> None:
    path = (await listed(directory, habay)).headers["location"]
    for wish, name in (("nl-BE, fr;q=0.5", "Bakkerij"), ("de", "Bäckerei"), ("pl", "Boulangerie")):
        answer = await directory.client.get(path, headers={"Accept-Language": wish})
        assert (answer.json()["kind_name"], answer.headers["vary"]) == (name, "Accept-Language")
    kinds = (await directory.client.get("/api/v1/kinds", params={"language": "nl"})).json()["items"]
    assert {"kind": "shop=bakery", "name": "Bakkerij"}.items() <= next(
        each for each in kinds if each["kind"] == "shop=bakery"
    ).items()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "highway=bus_stop"),
        ("kind", "amenity=bench"),
        ("longitude", 2.35),  # Paris
        ("names", {"es": "Panadería"}),
        ("names", {"fr": ""}),
        ("email", "nobody"),
        ("profiles", {"facebook": "https://evil.example/rigaux"}),
        ("profiles", {"myspace": "https://myspace.com/rigaux"}),
        ("languages", ["français"]),
        ("languages", ["fr"] * 30),
        ("enterprise_number", "0200.065.766"),
        ("establishment_number", "0200.065.765"),
        ("city_id", "01890000-0000-7000-8000-00000000c17e"),
        ("city_id", None),
        ("phone", "call me"),
        ("street", "a\x00b"),
        ("claimed", True),
    ],
)
async def test_what_is_wrong_is_refused_by_its_field(
    directory: DirectoryUnderTest, habay: str, field: str, value: object
) -> None:
    answer = await listed(directory, habay, **{field: value})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].split(".")[0] == field
    assert len(await directory.events()) == 1  # that the city joined


async def test_a_shop_has_a_name_in_some_language(directory: DirectoryUnderTest, habay: str) -> None:
    answer = await listed(directory, habay, names=None)
    assert (answer.status_code, answer.json()["field"]) == (422, "name")


async def test_a_shop_is_listed_once_even_when_several_do_so_at_once(
    directory: DirectoryUnderTest, habay: str
) -> None:
    await directory.token("claire")
    answers = await asyncio.gather(*(listed(directory, habay) for _ in range(4)))

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    ids = {each.json().get("id") or each.json()["merchant_id"] for each in answers}
    assert len(ids) == 1  # who is refused is told which one it is


async def test_an_establishment_number_belongs_to_one_shop(directory: DirectoryUnderTest, habay: str) -> None:
    await listed(directory, habay)
    elsewhere = {"longitude": 5.70, "names": {"fr": "Autre"}}
    taken = await listed(directory, habay, **elsewhere)
    assert (taken.status_code, taken.json()["field"]) == (409, "establishment_number")

    others = [
        (
            await listed(
                directory,
                habay,
                **{**elsewhere, "names": {"fr": f"Autre {number}"}, "establishment_number": None},
            )
        ).json()
        for number in range(3)
    ]
    number = {"establishment_number": "2000000438"}
    answers = await asyncio.gather(
        *(
            directory.call(
                "PATCH", f"/merchants/{each['id']}", "claire", json=number, headers={"If-Match": "*"}
            )
            for each in others
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 409, 409]


async def test_the_same_key_lists_once(directory: DirectoryUnderTest, habay: str) -> None:
    token, key = await directory.token("claire"), {"Idempotency-Key": "one"}
    body = {**FULL, "city_id": habay}
    first = await directory.call("POST", "/merchants", token=token, headers=key, json=body)
    again = await directory.call("POST", "/merchants", token=token, headers=key, json=body)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(await directory.events()) == 2


async def association(directory: DirectoryUnderTest, city: str, district: str) -> str:
    """The token of an officer of the association of a district."""
    from sqlalchemy import text

    person = await directory.person_id("ambassador-77")
    async with directory.database.transaction() as tx:
        await tx.execute(
            text("""
                INSERT INTO role_grant (id, person_id, role, city_id, district_id, granted_at)
                VALUES (gen_random_uuid(), :person, 'association_officer', :city, :district, now())
            """),
            {"person": UUID(person), "city": UUID(city), "district": UUID(district)},
        )
    return await directory.token("ambassador-77")


async def test_an_association_lists_and_delists_within_its_district_alone(
    directory: DirectoryUnderTest, habay: str
) -> None:
    drawn = {"name": "Gare", "polygon": square(5.64, 49.72)}
    district = (await directory.call("POST", f"/cities/{habay}/districts", "claire", json=drawn)).json()["id"]
    token = await association(directory, habay, district)

    async def call(path: str, **body: Any) -> httpx.Response:
        return await directory.call("POST", f"/merchants{path}", token=token, json=body)

    inside = await call("", **FULL, city_id=habay)
    outside = await call("", **{**FULL, "longitude": 5.70}, city_id=habay)
    far = (await listed(directory, habay, longitude=5.70, establishment_number=None)).json()["id"]

    assert (inside.status_code, outside.status_code) == (201, 403)
    assert inside.json()["district_ids"] == [district]
    assert (await call(f"/{inside.json()['id']}/delist")).status_code == 204
    assert (await call(f"/{inside.json()['id']}/relist")).status_code == 200
    assert (await call(f"/{far}/delist")).status_code == 403


async def test_only_officers_of_the_city_list_by_hand(directory: DirectoryUnderTest, habay: str) -> None:
    stranger = await directory.officer(await directory.city("81001"))
    body = {**FULL, "city_id": habay}
    assert (await directory.call("POST", "/merchants", json=body)).status_code == 401
    assert (await directory.call("POST", "/merchants", "sophie", json=body)).status_code == 403
    assert (await directory.call("POST", "/merchants", token=stranger, json=body)).status_code == 403
    assert len(await directory.events()) == 2


async def test_a_delisted_shop_shows_nothing_until_it_is_listed_again(
    directory: DirectoryUnderTest, habay: str
) -> None:
    shop = (await listed(directory, habay)).json()
    path = f"/merchants/{shop['id']}"
    assert (await directory.call("POST", f"{path}/delist", "sophie")).status_code == 403
    for _ in range(2):
        assert (await directory.call("POST", f"{path}/delist", "claire")).status_code == 204

    hidden = await directory.call("GET", path)
    assert hidden.status_code == 410
    assert "Rigaux" not in hidden.text
    assert (await directory.client.get("/api/v1/merchants")).json()["items"] == []
    changed = await directory.call("PATCH", path, "claire", json={"name": "X"}, headers={"If-Match": "*"})
    assert changed.status_code == 410

    drawn = {"name": "Gare", "polygon": square(5.64, 49.72)}
    district = (await directory.call("POST", f"/cities/{habay}/districts", "claire", json=drawn)).json()["id"]
    assert (await directory.call("POST", f"{path}/relist", "sophie")).status_code == 403
    again = [await directory.call("POST", f"{path}/relist", "claire") for _ in range(2)]
    assert [each.status_code for each in again] == [200, 200]
    assert (await directory.call("GET", path)).json() == {**shop, "version": 3, "district_ids": [district]}

    told = [
        (type(each.fact), each.fact.version)
        for each in await directory.events()
        if isinstance(each.fact, MerchantListed | MerchantClosed | MerchantUpdated)
    ]
    assert told == [(MerchantListed, 1), (MerchantClosed, 2), (MerchantListed, 3)]
    assert [
        each.fact.delisted for each in await directory.events() if isinstance(each.fact, MerchantClosed)
    ] == [True]
    async with directory.database.connection() as connection:
        assert {e.id: e for e in [e async for e in HISTORY(connection)]} == {
            e.id: e for e in await directory.events()
        }


async def test_a_closed_shop_is_not_listed_again(directory: DirectoryUnderTest, habay: str) -> None:
    path = f"/merchants/{(await listed(directory, habay)).json()['id']}"
    await directory.call("POST", f"{path}/close", "claire")
    answer = await directory.call("POST", f"{path}/relist", "claire")
    assert answer.status_code == 409
    assert (await listed(directory, habay)).status_code == 201  # a new one may come in its place


async def test_the_map_leaves_alone_what_was_listed_or_delisted_by_hand(
    directory: DirectoryUnderTest, habay: str
) -> None:
    by_hand = (await listed(directory, habay)).json()["id"]
    shops = [
        feature("node/1", 5.6452, 49.725, name="Boulangerie Rigaux", shop="bakery"),
        feature("node/2", 5.70, 49.80, name="Le Foyer", shop="books"),
    ]
    first = await directory.imported(habay, extract(*shops))
    await directory.call("POST", f"/merchants/{first['items'][1]['merchant_id']}/delist", "claire")
    second = await directory.imported(habay, extract(*shops))

    assert [first["items"][0][key] for key in ("reason", "merchant_id")] == ["listed_by_hand", by_hand]
    assert [each["reason"] for each in second["items"]] == ["listed_by_hand", "delisted_here"]


async def test_a_list_holds_those_that_are_open_now(directory: DirectoryUnderTest, habay: str) -> None:
    hours = {1: "24/7", 2: "off", 3: None, 4: "toujours", 5: "24/7", 6: "24/7"}
    shops = [feature(f"node/{number}", shop="bakery", opening_hours=given) for number, given in hours.items()]
    await directory.imported(habay, extract(*shops))

    path, seen = f"/api/v1/merchants?city={habay}&open=now&limit=2", []
    while path:
        answer = await directory.client.get(path)
        seen += [each["source"]["id"] for each in answer.json()["items"]]
        link = answer.headers.get("link", "")
        path = link[1 : link.index(">")] if link else ""
    assert sorted(seen) == ["node/1", "node/5", "node/6"]
    assert (await directory.client.get("/api/v1/merchants?open=later")).status_code == 422


async def test_a_long_search_for_open_shops_goes_on_on_the_next_page(
    directory: DirectoryUnderTest, habay: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.directory.merchants.reading.ROWS_AT_ONCE", 2)
    monkeypatch.setattr("services.directory.merchants.reading.MOST_LOOKED_AT", 4)
    shops = [feature(f"node/{number}", shop="bakery", opening_hours="off") for number in range(1, 8)]
    shops.append(feature("node/8", shop="bakery", opening_hours="24/7"))
    await directory.imported(habay, extract(*shops))

    first = await directory.client.get("/api/v1/merchants?open=now&limit=1")
    second = await directory.client.get(f"/api/v1/merchants?open=now&limit=1&cursor={first.json()['next']}")
    assert (first.json()["items"], len(first.headers["link"]) > 0) == ([], True)
    assert [each["source"]["id"] for each in second.json()["items"]] == ["node/8"]


async def test_a_look_that_changes_nothing_is_a_check_without_a_version(
    directory: DirectoryUnderTest, habay: str
) -> None:
    from sqlalchemy import text

    shop = (await listed(directory, habay)).json()
    async with directory.database.transaction() as tx:
        await tx.execute(text("UPDATE merchant SET checked_on = date '2020-01-01'"))
    same = {"phone": FULL["phone"], "languages": ["fr", "nl"]}
    answer = await directory.call(
        "PATCH", f"/merchants/{shop['id']}", "claire", json=same, headers={"If-Match": '"1"'}
    )
    assert (answer.json()["version"], answer.json()["checked_on"]) == (1, shop["checked_on"])
    assert (await directory.call("GET", f"/merchants/{shop['id']}")).json() == shop


async def test_an_owner_changes_how_the_shop_is_reached_and_null_empties(
    directory: DirectoryUnderTest, habay: str
) -> None:
    path = f"/merchants/{(await listed(directory, habay)).json()['id']}"
    claim = {"person_id": await directory.person_id("marc")}
    await directory.call("POST", f"{path}/claim", "claire", json=claim)

    own = {"email": None, "profiles": None, "languages": ["de"]}
    done = await directory.call("PATCH", path, "marc", json=own, headers={"If-Match": '"2"'})
    refused = await directory.call(
        "PATCH", path, "marc", json={"enterprise_number": None}, headers={"If-Match": "*"}
    )
    abroad = await directory.call("PATCH", path, "claire", json={"latitude": 52.5}, headers={"If-Match": "*"})

    assert (done.status_code, refused.status_code, abroad.status_code) == (200, 403, 422)
    assert (done.json()["email"], done.json()["profiles"], done.json()["languages"]) == (None, {}, ["de"])
    assert done.json()["status"] == "claimed"
    assert (await directory.call("GET", path)).json()["version"] == 3
