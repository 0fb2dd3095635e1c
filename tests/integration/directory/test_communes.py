"""Communes are looked up by everybody, and an old code leads to the commune it went on as."""

import pytest

from chassis.clock import utc_now
from tests.support.directory import DirectoryUnderTest


async def test_a_commune_is_shown_with_its_city(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    (habay,) = (await directory.client.get("/api/v1/communes", params={"postcode": "6720"})).json()["items"]
    assert habay == {
        "nis_code": "85046",
        "names": {"fr": "Habay", "nl": "Habay"},
        "postcodes": ["6720", "6721", "6723", "6724"],
        "city_id": city,
        "former_codes": [],
    }
    (eupen,) = (await directory.client.get("/api/v1/communes", params={"q": "eupen"})).json()["items"]
    assert (eupen["names"]["de"], eupen["city_id"]) == ("Eupen", None)


async def test_an_old_code_finds_the_commune_it_went_on_as(directory: DirectoryUnderTest) -> None:
    city, today = await directory.city(), utc_now().date().isoformat()
    async with directory.database.transaction() as tx:
        # It joined before 2025, under a code that no commune has any more.
        await tx.exec_driver_sql("UPDATE city_nis_code SET nis_code = '82003'")
    body = {"nis_code": "82039", "merged_on": today}
    assert (await directory.call("POST", f"/cities/{city}/mergers", "otto", json=body)).status_code == 201

    for code in ("82003", "82039"):
        (found,) = (await directory.client.get("/api/v1/communes", params={"nis_code": code})).json()["items"]
        assert (found["nis_code"], found["city_id"]) == ("82039", city)
        assert found["former_codes"] == [{"nis_code": "82003", "valid_from": today, "valid_until": today}]
    unknown = await directory.client.get("/api/v1/communes", params={"nis_code": "82005"})
    assert (
        unknown.json()["items"] == []
    )  # of a commune that never took part: nobody declared what became of it


async def test_pages_follow_one_another_without_gap(directory: DirectoryUnderTest) -> None:
    path, seen = "/api/v1/communes?limit=100", []
    while path:
        answer = await directory.client.get(path)
        seen += [each["nis_code"] for each in answer.json()["items"]]
        link = answer.headers.get("link", "")
        path = link[1 : link.index(">")] if link else ""
    assert len(seen) == 565
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("q=%00", "q"),
        ("q=---", "q"),
        ("q=" + "x" * 500, "q"),
        ("postcode=0720", "postcode"),
        ("postcode=672O", "postcode"),
        ("nis_code=8504", "nis_code"),
        ("cursor=WzFd", "cursor"),
    ],
)
async def test_a_bad_query_is_refused_by_its_field(
    directory: DirectoryUnderTest, query: str, field: str
) -> None:
    answer = await directory.client.get(f"/api/v1/communes?{query}")
    assert answer.status_code in {400, 422}
    assert answer.json()["field"] == field
