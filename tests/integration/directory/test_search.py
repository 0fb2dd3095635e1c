"""Search: by unfinished and misspelt words in any order, by kind in four languages, nearby, open now."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, text

from services.directory.merchants.hours import open_state
from services.directory.search.find import SETTINGS, find
from services.directory.search.question import LEAST_LIKENESS, Match, Question, candidates
from tests.support.directory import DirectoryUnderTest, extract, feature, square
from tests.support.many_merchants import MANY_OTHERS

SHOPS = extract(
    feature("node/1", 5.640, 49.720, name="Boulangerie Élise Rigaux", shop="bakery"),
    feature("node/2", 5.641, 49.720, name="Boucherie Rigaux", shop="butcher"),
    feature("node/3", 5.660, 49.730, name="Crêperie du Marché", amenity="restaurant", opening_hours="24/7"),
    feature("node/4", 5.642, 49.721, name="Chez Léon", shop="bakery", addr_street="Rue Rigaux"),
    feature("node/5", 5.700, 49.760, name="L'As de Fleur", shop="florist", opening_hours="Mo-Su off"),
)

PLACE = (5.64, 49.72)


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    city = await directory.city()
    await directory.imported(city, SHOPS)
    return city


async def answer(directory: DirectoryUnderTest, **params: Any) -> dict[str, Any]:
    found = await directory.client.get("/api/v1/merchants/search", params=params)
    assert found.status_code == 200, found.text
    result: dict[str, Any] = found.json()
    return result


async def numbers(directory: DirectoryUnderTest, **params: Any) -> list[int]:
    """The merchants found, best first, by the number of their OSM id."""
    items = (await answer(directory, **params))["items"]
    return [int(each["merchant"]["source"]["id"].removeprefix("node/")) for each in items]


@pytest.mark.usefixtures("habay")
@pytest.mark.parametrize(
    "typed", ["boulangerie rigaux", "rigaux boulangerie", "BOULANGRIE rigaux", "boul rig", "élise", "Elise"]
)
async def test_a_shop_is_found_unfinished_misspelt_in_any_order_with_or_without_accents(
    directory: DirectoryUnderTest, typed: str
) -> None:
    assert (await numbers(directory, q=typed))[0] == 1


@pytest.mark.usefixtures("habay")
@pytest.mark.parametrize("typed", ["bakkerij", "Bäckerei", "bakery", "boulangerie"])
async def test_a_kind_is_found_in_four_languages(directory: DirectoryUnderTest, typed: str) -> None:
    assert {1, 4} <= set(await numbers(directory, q=typed))


@pytest.mark.parametrize(
    "typed", ["thés", "theewinkel", "magasin de thés", "Teegeschäft", "teegeschaeft", "tea store"]
)
async def test_a_kind_of_few_shops_is_found_in_four_languages_too(
    directory: DirectoryUnderTest, typed: str
) -> None:
    shops = extract(
        feature("node/1", 5.64, 49.72, name="Chez Elke", shop="tea"),
        feature("node/2", 5.64, 49.72, name="Chez Ulf", shop="bicycle"),
    )
    await directory.imported(await directory.city(), shops)
    assert await numbers(directory, q=typed) == [1]


@pytest.mark.usefixtures("habay")
async def test_what_is_called_so_comes_before_what_stands_in_a_street_of_that_name(
    directory: DirectoryUnderTest,
) -> None:
    assert await numbers(directory, q="rigaux") == [2, 1, 4]


async def test_a_whole_word_comes_before_one_that_only_begins_so(directory: DirectoryUnderTest) -> None:
    shops = [
        feature("node/1", 5.64, 49.72, name="Alberta", shop="books"),
        feature("node/2", 5.64, 49.72, name="Chez Albert", shop="books"),
        feature("node/3", 5.64, 49.72, name="Aux livres", shop="books", addr_city="Albertville"),
        feature("node/4", 5.64, 49.72, name="Aux pages", shop="books", addr_city="Albert"),
    ]
    await directory.imported(await directory.city(), extract(*shops))
    found = await answer(directory, q="albert")
    assert [each["merchant"]["source"]["id"][-1] for each in found["items"]] == ["2", "1", "4", "3"]
    assert [each["likeness"] for each in found["items"]] == [1, 0.9, 0.8, 0.72]


@pytest.mark.usefixtures("habay")
async def test_what_is_spelt_so_comes_before_what_resembles_it(directory: DirectoryUnderTest) -> None:
    exact = await answer(directory, q="rigaux", limit=3)
    assert exact["tolerant"] is False
    slip = await answer(directory, q="rigeaux")
    assert slip["tolerant"] is True
    assert {each["merchant"]["source"]["id"] for each in slip["items"]} == {"node/1", "node/2", "node/4"}
    assert all(0.5 <= each["likeness"] * 1.25 < 1 for each in slip["items"])


async def test_a_search_is_narrowed_by_city_district_kind_and_distance(
    directory: DirectoryUnderTest, habay: str
) -> None:
    arlon = await directory.city("81001")
    await directory.imported(arlon, extract(feature("node/9", 5.81, 49.68, name="Rigaux", shop="bakery")))
    body = {"name": "Centre", "polygon": square(5.655, 49.725)}
    drawn = await directory.call("POST", f"/cities/{habay}/districts", "otto", json=body)
    assert drawn.status_code == 201, drawn.text

    assert await numbers(directory, q="rigaux", city=arlon) == [9]
    assert await numbers(directory, q="rigaux", kind="shop=butcher") == [2]
    assert await numbers(directory, q="marché", kind="shop") == []
    assert await numbers(directory, city=habay, district=drawn.json()["id"]) == [3]
    near = {"longitude": 5.6421, "latitude": 49.721}
    assert await numbers(directory, within=500, **near) == [4, 2, 1]
    assert await numbers(directory, within=100, **near) == [4]
    (closest,) = (await answer(directory, within=100, **near))["items"]
    assert 5 <= closest["metres"] <= 9


@pytest.mark.usefixtures("habay")
async def test_only_what_is_known_to_be_open_is_open_now(directory: DirectoryUnderTest) -> None:
    near = {"longitude": 5.66, "latitude": 49.73}
    assert await numbers(directory, within=9_000, open_now=True, **near) == [3]
    everything = (await answer(directory, within=9_000, **near))["items"]
    assert {each["merchant"]["source"]["id"]: each["is_open"] for each in everything} == {
        "node/1": None,
        "node/2": None,
        "node/3": True,
        "node/4": None,
        "node/5": False,
    }


def test_hours_are_read_in_brussels_with_belgian_holidays() -> None:
    hours = "Mo-Fr 09:00-18:00; PH off"
    assert (
        open_state(hours, *PLACE, datetime(2026, 7, 6, 7, 30, tzinfo=UTC)).open_now is True
    )  # 9:30 in summer
    assert open_state(hours, *PLACE, datetime(2026, 7, 6, 16, 30, tzinfo=UTC)).open_now is False
    assert (
        open_state(hours, *PLACE, datetime(2026, 7, 21, 10, 0, tzinfo=UTC)).open_now is False
    )  # the national day, a Tuesday
    assert (
        open_state("by appointment or so", *PLACE, datetime(2026, 7, 6, 7, 30, tzinfo=UTC)).open_now is None
    )


async def test_a_merchant_that_is_renamed_or_closed_is_searched_as_it_is_now(
    directory: DirectoryUnderTest, habay: str
) -> None:
    (found,) = (await answer(directory, q="crêperie", city=habay))["items"]
    merchant = found["merchant"]
    path, version = f"/merchants/{merchant['id']}", {"If-Match": f'"{merchant["version"]}"'}
    token = await directory.officer(habay)
    renamed = await directory.call("PATCH", path, token=token, json={"name": "Le Ziggourat"}, headers=version)
    assert renamed.status_code == 200, renamed.text
    assert await numbers(directory, q="ziggou") == [3]
    assert await numbers(directory, q="crêperie") == []

    await directory.call("POST", f"{path}/close", token=token)
    assert await numbers(directory, q="ziggou") == []


@pytest.mark.usefixtures("habay")
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "q"),
        ({"q": "%' ; --"}, "q"),
        ({"q": "\x00"}, "q"),
        ({"q": "x" * 101}, "q"),
        ({"longitude": 5.6}, "latitude"),
        ({"latitude": 49.7}, "longitude"),
        ({"longitude": "nan", "latitude": 49.7}, "longitude"),
        ({"longitude": 5.6, "latitude": 49.7, "within": 60_000}, "within"),
        ({"q": "x", "kind": "Shop"}, "kind"),
        ({"q": "x", "limit": 51}, "limit"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused_by_field(
    directory: DirectoryUnderTest, params: dict[str, Any], field: str
) -> None:
    refused = await directory.client.get("/api/v1/merchants/search", params=params)
    assert refused.status_code == 422, refused.text
    assert refused.json()["field"] == field


@pytest.mark.usefixtures("habay")
@pytest.mark.parametrize("typed", ["' OR 1=1 --", "a%b", "🥖 pain", "١٢٣", "a" * 100, "x " * 50, "٪ rigaux"])
async def test_whatever_is_typed_is_answered(directory: DirectoryUnderTest, typed: str) -> None:
    await answer(directory, q=typed)


async def _plan(directory: DirectoryUnderTest, asked: Select[Any], values: dict[str, Any]) -> str:
    """How 20,000 merchants beside the first one are searched, a third of which is a "theewinkel"."""
    async with directory.database.connection() as connection:
        await connection.execute(MANY_OTHERS)
        for index in ("merchant_search", "merchant_search_by_lot"):
            await connection.execute(text(f"SELECT gin_clean_pending_list('{index}')"))
        await connection.execute(text("ANALYZE merchant"))
        await connection.execute(SETTINGS, {"least": str(LEAST_LIKENESS)})
        compiled = asked.params(values).compile(connection.engine, compile_kwargs={"literal_binds": True})
        explained = (await connection.exec_driver_sql(f"EXPLAIN {compiled}")).scalars()
        return "\n".join(explained)


@pytest.mark.parametrize("match", Match)
@pytest.mark.parametrize(
    ("by_lot", "index"), [(False, "merchant_search "), (True, "merchant_search_by_lot ")]
)
async def test_words_are_looked_for_in_the_index(
    directory: DirectoryUnderTest, match: Match, by_lot: bool, index: str
) -> None:
    """Where there are many merchants, neither from the table nor along the index over places."""
    await directory.imported(await directory.city(), extract(feature()))
    plan = await _plan(directory, *candidates(Question(("theewinkel", "paul")), match, by_lot=by_lot))
    assert f"Bitmap Index Scan on {index}" in plan, plan
    assert "merchant_point" not in plan


@pytest.mark.parametrize("typed", ["theewinkel", "theewinkl"])
async def test_a_word_of_very_many_is_answered_by_a_tenth_of_them(
    directory: DirectoryUnderTest, typed: str
) -> None:
    await directory.imported(await directory.city(), extract(feature()))
    async with directory.database.transaction() as tx:
        await tx.execute(MANY_OTHERS)
    found = await find(directory.database, Question((typed,)), 20)
    assert len(found.hits) == 20
    assert all(hit.merchant.id.bytes[-1] < 26 for hit in found.hits)


async def test_of_two_words_one_may_be_misspelt_and_then_two(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await directory.imported(
        city,
        extract(
            feature("node/1", name="Restaurant Vangahof", amenity="restaurant"),
            feature("node/2", name="Restauratie Vanganol", amenity="restaurant"),
            feature("node/3", name="Bloemen Peeters", shop="florist"),
        ),
    )
    for typed in ("restaurnt vanga", "restaurant vangahf", "restaurnt vangahf"):
        assert (await numbers(directory, q=typed))[0] == 1, typed
        assert 3 not in await numbers(directory, q=typed)
