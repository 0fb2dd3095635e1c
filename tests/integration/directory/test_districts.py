"""A district is redrawn and removed, and the city's merchants lie in it or no more, at once."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.identity import Grant, Role
from contracts.directory.v1 import DistrictDrawn, DistrictRemoved, MerchantUpdated
from services.directory.main import HISTORY
from tests.support.directory import DirectoryUnderTest, extract, feature, square

WEST, EAST = square(5.64, 49.72), square(5.69, 49.72)
IN_WEST, IN_EAST = (5.645, 49.725), (5.695, 49.725)


class Town:
    """Habay with a shop in the west, one in the east, and a district around the first."""

    def __init__(self, directory: DirectoryUnderTest) -> None:
        self.directory = directory
        self.city = self.west = self.east = self.district = ""

    async def settle(self) -> None:
        self.city = await self.directory.city()
        shops = extract(feature("node/1", *IN_WEST), feature("node/2", *IN_EAST))
        report = await self.directory.imported(self.city, shops)
        self.west, self.east = (each["merchant_id"] for each in report["items"])
        self.district = (await self.draw("Centre", WEST)).json()["id"]

    async def draw(self, name: str, polygon: Any) -> httpx.Response:
        body = {"name": name, "polygon": polygon}
        return await self.directory.call("POST", f"/cities/{self.city}/districts", "claire", json=body)

    async def redraw(self, match: str | None = '"1"', by: str = "claire", **body: Any) -> httpx.Response:
        headers = {"If-Match": match} if match else {}
        body = {"name": "Centre", "polygon": EAST} | body
        path = f"/districts/{self.district}"
        return await self.directory.call("PUT", path, by, json=body, headers=headers)

    async def remove(self, match: str | None = "*", by: str = "claire") -> httpx.Response:
        headers = {"If-Match": match} if match else {}
        return await self.directory.call("DELETE", f"/districts/{self.district}", by, headers=headers)

    async def within(self) -> list[str]:
        """The merchants that say they lie in the district."""
        params = {"district": self.district}
        listed = await self.directory.client.get("/api/v1/merchants", params=params)
        return [each["id"] for each in listed.json()["items"]]

    async def facts(self) -> list[Any]:
        return [event.fact for event in await self.directory.events()]

    async def told_again(self) -> bool:
        async with self.directory.database.connection() as connection:
            again = [event async for event in HISTORY(connection)]
        recorded = await self.directory.events()
        return sorted(again, key=lambda each: each.id) == sorted(recorded, key=lambda each: each.id)


@pytest.fixture
async def town(directory: DirectoryUnderTest) -> Town:
    made = Town(directory)
    await made.settle()
    return made


async def test_redrawn_it_holds_what_lies_in_it_now_and_it_is_told_at_once(town: Town) -> None:
    assert await town.within() == [town.west]
    before = len(await town.facts())

    answer = await town.redraw(name="Gare")

    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    shown = await town.directory.client.get(f"/api/v1/districts/{town.district}")
    assert (shown.json(), shown.headers["etag"]) == (answer.json(), '"2"')
    assert (shown.json()["name"], shown.json()["polygon"]) == ("Gare", EAST)
    assert await town.within() == [town.east]
    told = (await town.facts())[before:]
    (drawn,) = [fact for fact in told if isinstance(fact, DistrictDrawn)]
    moved = [fact for fact in told if isinstance(fact, MerchantUpdated)]
    assert (str(drawn.district_id), drawn.version) == (town.district, 2)
    assert {(str(fact.merchant_id), fact.version, fact.district_ids) for fact in moved} == {
        (town.west, 3, ()),
        (town.east, 2, (UUID(town.district),)),
    }
    assert await town.told_again()


async def test_a_new_name_alone_is_a_version_and_no_event(town: Town) -> None:
    before = await town.facts()
    renamed = await town.redraw(name="Vieux marché", polygon=WEST)
    same = await town.redraw('"2"', name="Vieux marché", polygon=WEST)
    assert (renamed.headers["etag"], same.headers["etag"]) == ('"2"', '"2"')
    assert await town.facts() == before
    redrawn = await town.redraw('"2"', name="Vieux marché")
    assert redrawn.headers["etag"] == '"3"'
    assert await town.told_again()


async def test_removed_it_holds_nobody_and_its_name_is_free(town: Town) -> None:
    before = len(await town.facts())

    assert (await town.remove('"1"')).status_code == 204

    assert (await town.directory.client.get(f"/api/v1/districts/{town.district}")).status_code == 410
    listed = await town.directory.client.get(f"/api/v1/cities/{town.city}/districts")
    assert (listed.json()["items"], await town.within()) == ([], [])
    told = (await town.facts())[before:]
    removed = DistrictRemoved(city_id=UUID(town.city), district_id=UUID(town.district), version=2)
    (moved,) = [fact for fact in told if isinstance(fact, MerchantUpdated)]
    assert (removed in told, len(told)) == (True, 2)
    assert (str(moved.merchant_id), moved.district_ids) == (town.west, ())
    assert await town.told_again()
    assert (await town.draw("Centre", WEST)).status_code == 201
    assert [(await each).status_code for each in (town.remove(), town.redraw("*"))] == [410, 410]


async def test_nothing_new_begins_in_a_removed_district(town: Town) -> None:
    await town.remove()
    here = {"district_id": town.district}
    for path, body in (
        (f"/cities/{town.city}/letters", {**here, "language": "fr"}),
        (f"/cities/{town.city}/keys", {**here, "name": "Caisse", "scopes": ["campaigns"]}),
        (
            "/invitations",
            {
                **here,
                "city_id": town.city,
                "role": "association_officer",
                "language": "fr",
                "email": "zoe@town.example",
            },
        ),
    ):
        answer = await town.directory.call("POST", path, "claire", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "district_id"), path


async def test_it_is_not_removed_from_under_an_association(town: Town) -> None:
    association = Grant(Role.association_officer, UUID(town.city), district_id=UUID(town.district))
    key = {"district_id": town.district, "name": "Caisse", "scopes": ["campaigns"]}
    made = await town.directory.call("POST", f"/cities/{town.city}/keys", "claire", json=key)
    in_use = await town.remove()
    await town.directory.call("DELETE", f"/cities/{town.city}/keys/{made.json()['id']}", "claire")
    await town.directory.given("anna", association)
    held = await town.remove()

    assert (in_use.status_code, held.status_code) == (409, 409)
    assert held.json()["type"] == "urn:cococity:problem:district-in-use"
    assert await town.within() == [town.west]


async def test_of_two_officers_who_redraw_it_at_once_one_is_told(town: Town) -> None:
    await town.directory.token("claire")
    answers = await asyncio.gather(*(town.redraw(polygon=each) for each in (EAST, square(5.75, 49.72))))
    assert sorted(each.status_code for each in answers) == [200, 412]
    drawn = [fact for fact in await town.facts() if isinstance(fact, DistrictDrawn)]
    assert [fact.version for fact in drawn] == [1, 2]
    assert (await town.redraw(None)).status_code == 428
    assert (await town.remove(None)).status_code == 428


async def test_a_shop_that_moves_while_the_district_does_is_where_both_ended(town: Town) -> None:
    await town.directory.token("claire")
    longitude, latitude = IN_EAST

    async def move() -> httpx.Response:
        body = {"longitude": longitude, "latitude": latitude}
        path, headers = f"/merchants/{town.west}", {"If-Match": "*"}
        return await town.directory.call("PATCH", path, "claire", json=body, headers=headers)

    answers = await asyncio.gather(move(), town.redraw(), move(), town.redraw("*", name="Gare"))

    assert {each.status_code for each in answers} <= {200, 412}
    assert sorted(await town.within()) == sorted([town.west, town.east])
    assert await town.told_again()


async def test_a_redrawn_outline_is_checked_like_the_first(town: Town) -> None:
    await town.draw("Gare", EAST)
    bow_tie = {
        "type": "Polygon",
        "coordinates": [[[5.0, 49.7], [5.1, 49.8], [5.1, 49.7], [5.0, 49.8], [5.0, 49.7]]],
    }
    for body, status, field in (
        ({"polygon": bow_tie}, 422, "polygon"),
        ({"polygon": square(2.35, 48.85)}, 422, "polygon"),
        ({"polygon": square(49.72, 5.64)}, 422, "polygon"),
        ({"name": ""}, 422, "name"),
        ({"name": "Gare"}, 409, "name"),
    ):
        answer = await town.redraw(**body)
        assert (answer.status_code, answer.json()["field"]) == (status, field), body
    abroad = await town.draw("Paris", square(2.35, 48.85))
    assert (abroad.status_code, abroad.json()["field"]) == (422, "polygon")
    assert await town.within() == [town.west]


async def test_districts_are_the_citys_own_officers_affair(town: Town) -> None:
    elsewhere = await town.directory.officer(await town.directory.city("81001"))
    path, headers = f"/districts/{town.district}", {"If-Match": "*"}
    body = {"name": "Centre", "polygon": EAST}
    stolen = await town.directory.call("PUT", path, token=elsewhere, json=body, headers=headers)
    removed = await town.directory.call("DELETE", path, token=elsewhere, headers=headers)
    assert (stolen.status_code, removed.status_code) == (403, 403)
    for person in ("anna", "marc", "sophie"):
        assert (await town.remove(by=person)).status_code == 403
    assert await town.within() == [town.west]
