"""What imports leave to a person: duplicates across sources, and shops that a source has no more."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.directory.v1 import MerchantClosed
from services.directory.doubts.finding import HAS_OTHERS
from tests.support.directory import DirectoryUnderTest, extract, feature
from tests.support.import_jobs import announced, imported, start, worked
from tests.support.many_merchants import MANY_OTHERS
from tests.support.register import BAKERY, TOWN, register

SHEET = "id;nom;rue;no;longitude;latitude;téléphone\n"
TWIN = SHEET + "1;Rigaux Boulangerie;Grand Rue;7;5,6404;49,7201;063 42 22 79\n"


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    """With a bakery that the map has."""
    city = await directory.city()
    shop = feature("node/1", 5.64, 49.72, name="Boulangerie Rigaux", shop="bakery", addr_street="Grand-Rue")
    await directory.imported(city, extract(shop))
    return city


async def doubts(
    directory: DirectoryUnderTest, city: str, what: str = "duplicates", **params: str
) -> list[dict[str, Any]]:
    answer = await directory.call("GET", f"/cities/{city}/{what}", "otto", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def by_source(directory: DirectoryUnderTest, city: str) -> dict[str, dict[str, Any]]:
    """Merchants that are listed, by the name of their source."""
    answer = await directory.client.get("/api/v1/merchants", params={"city": city})
    return {each["source"]["name"]: each for each in answer.json()["items"]}


async def decide(directory: DirectoryUnderTest, path: str, body: Any = None, status: int = 204) -> None:
    answer = await directory.call("POST", path, "otto", json=body)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("row", "is_found"),
    [
        ("1;Rigaux Boulangerie;Grand Rue;7;5,6404;49,7201;", True),
        ("1;Boulangerie RIGAUX sprl;Rue Neuve;1;5,6404;49,7201;", True),
        ("1;Boulangerie Rigaux;Rue Neuve;1;5,6430;49,7201;", True),
        ("1;Boulangerie Rigaux;Rue Neuve;1;5,6500;49,7201;", False),
        ("1;Boulangerie Dupont;Grand-Rue;7;5,6404;49,7201;", False),
    ],
)
async def test_shops_of_two_sources_that_may_be_one_are_proposed(
    directory: DirectoryUnderTest, habay: str, row: str, *, is_found: bool
) -> None:
    await imported(directory, habay, (SHEET + row).encode())
    assert len(await doubts(directory, habay)) == int(is_found)


async def test_an_extract_imported_after_the_sheet_finds_the_same_pair(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await imported(directory, city, TWIN.encode())
    shop = feature("node/1", 5.64, 49.72, name="Boulangerie Rigaux", shop="bakery")
    await directory.imported(city, extract(shop))
    (pair,) = await doubts(directory, city)
    assert pair["likeness"] == 100
    assert 25 < pair["metres"] < 40


async def test_a_shop_of_a_sheet_is_listed_from_the_map_too_and_left_to_a_person(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    await imported(directory, city, (SHEET + "1;Boulangerie Rigaux;;;5,64;49,72;\n").encode())
    shop = feature("node/1", 5.64, 49.72, name="Boulangerie Rigaux", shop="bakery")
    report = await directory.imported(city, extract(shop))
    assert report["totals"]["listed"] == 1
    assert len(await doubts(directory, city)) == 1


async def test_merged_they_are_one_with_what_only_the_other_knew_and_stay_so(
    directory: DirectoryUnderTest, habay: str
) -> None:
    await imported(directory, habay, TWIN.encode())
    (pair,) = await doubts(directory, habay)
    kept = (await by_source(directory, habay))["osm"]

    await decide(directory, f"/duplicates/{pair['id']}/merge", {"keep": kept["id"]})
    await decide(directory, f"/duplicates/{pair['id']}/merge", {"keep": kept["id"]})

    only = await by_source(directory, habay)
    assert set(only) == {"osm"}
    assert (only["osm"]["name"], only["osm"]["phone"]) == ("Boulangerie Rigaux", "063 42 22 79")
    assert only["osm"]["address"]["house_number"] == "7"
    assert sum(isinstance(event.fact, MerchantClosed) for event in await directory.events()) == 1
    again = await imported(directory, habay, TWIN.encode())
    assert again["totals"] == {"left_out": 1}
    assert await doubts(directory, habay) == []
    await decide(directory, f"/duplicates/{pair['id']}/keep-apart", status=409)


async def test_the_one_that_stays_takes_the_number_names_and_pages_that_only_the_other_had(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    known: dict[str, Any] = {
        "names": {"fr": "Rigaux Boulangerie", "de": "Bäckerei Rigaux"},
        "profiles": {"facebook": "https://www.facebook.com/rigaux"},
        "languages": ["de", "fr"],
        "establishment_number": "2.000.000.339",
    }
    body = {"city_id": city, "kind": "shop=bakery", "longitude": 5.64, "latitude": 49.72, **known}
    by_hand = await directory.call("POST", "/merchants", "claire", json=body)
    assert by_hand.status_code == 201, by_hand.text
    shop = feature("node/1", 5.64, 49.72, name="Boulangerie Rigaux", shop="bakery")
    await directory.imported(city, extract(shop))
    (pair,) = await doubts(directory, city)
    kept = (await by_source(directory, city))["osm"]

    await decide(directory, f"/duplicates/{pair['id']}/merge", {"keep": kept["id"]})

    only = await by_source(directory, city)
    assert set(only) == {"osm"}
    assert only["osm"]["name"] == "Boulangerie Rigaux"
    assert {field: only["osm"][field] for field in known} == known


async def test_kept_apart_they_are_never_proposed_again(directory: DirectoryUnderTest, habay: str) -> None:
    await imported(directory, habay, TWIN.encode())
    (pair,) = await doubts(directory, habay)
    await decide(directory, f"/duplicates/{pair['id']}/keep-apart")
    await imported(directory, habay, TWIN.encode())
    assert await doubts(directory, habay) == []
    assert len(await doubts(directory, habay, state="kept_apart")) == 1
    assert len(await by_source(directory, habay)) == 2


async def test_of_two_decisions_at_once_one_is_made(directory: DirectoryUnderTest, habay: str) -> None:
    await imported(directory, habay, TWIN.encode())
    (pair,) = await doubts(directory, habay)
    paths = [(f"/duplicates/{pair['id']}/merge", {"keep": pair[each]}) for each in ("first_id", "second_id")]
    answers = await asyncio.gather(
        *(directory.call("POST", path, "otto", json=body) for path, body in paths),
        directory.call("POST", f"/duplicates/{pair['id']}/keep-apart", "otto"),
    )
    # Merged is merged, whoever was to stay: the second hears that it is done, and keeping apart is refused,
    # or the other way round.
    assert sorted(answer.status_code for answer in answers) in ([204, 204, 409], [204, 409, 409])
    assert len(await by_source(directory, habay)) in (1, 2)


async def test_a_merger_names_one_of_the_two_and_loses_no_account(
    directory: DirectoryUnderTest, habay: str
) -> None:
    await imported(directory, habay, TWIN.encode())
    (pair,) = await doubts(directory, habay)
    path = f"/duplicates/{pair['id']}/merge"
    wrong = await directory.call("POST", path, "otto", json={"keep": pair["id"]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "keep")
    shops = await by_source(directory, habay)
    async with directory.database.transaction() as tx:
        claimed = text("UPDATE merchant SET claimed = true WHERE source = 'csv:ucm'")
        await tx.execute(claimed)
    await decide(directory, path, {"keep": shops["osm"]["id"]}, status=409)
    await decide(directory, path, {"keep": shops["csv:ucm"]["id"]})
    assert set(await by_source(directory, habay)) == {"csv:ucm"}


async def test_what_a_complete_source_has_no_more_is_proposed_and_closed_by_a_person_alone(
    directory: DirectoryUnderTest, habay: str
) -> None:
    three = SHEET + "".join(f"{number};Shop {number};;;5,7;49,8;\n" for number in (1, 2, 3))
    await imported(directory, habay, three.encode())
    one = SHEET + "1;Shop 1;;;5,7;49,8;\n"
    await imported(directory, habay, one.encode())
    assert await doubts(directory, habay, "closures") == []  # a part says nothing of the rest

    await imported(directory, habay, one.encode(), is_complete=True)
    first, second = await doubts(directory, habay, "closures")
    listed = await directory.client.get("/api/v1/merchants", params={"city": habay})
    assert len(listed.json()["items"]) == 4

    await decide(directory, f"/closures/{first['id']}/confirm")
    await decide(directory, f"/closures/{first['id']}/confirm")
    await decide(directory, f"/closures/{second['id']}/keep")
    await decide(directory, f"/closures/{second['id']}/confirm", status=409)
    gone = await directory.client.get(f"/api/v1/merchants/{first['merchant_id']}")
    assert gone.status_code == 410
    await imported(directory, habay, one.encode(), is_complete=True)
    assert await doubts(directory, habay, "closures") == []


async def test_what_is_back_in_the_source_is_no_doubt_any_more(
    directory: DirectoryUnderTest, habay: str
) -> None:
    rows = [f"{number};Shop {number};;;5,7;49,8;\n" for number in (1, 2)]
    await imported(directory, habay, (SHEET + "".join(rows)).encode(), is_complete=True)
    await imported(directory, habay, (SHEET + rows[0]).encode(), is_complete=True)
    assert len(await doubts(directory, habay, "closures")) == 1
    await imported(directory, habay, (SHEET + "".join(rows)).encode(), is_complete=True)
    assert await doubts(directory, habay, "closures") == []


async def test_of_the_register_only_the_postcodes_that_were_read_can_lack_a_shop(
    directory: DirectoryUnderTest, habay: str
) -> None:
    async def read(content: bytes, **how: Any) -> list[dict[str, Any]]:
        """The closures that are proposed once it is done."""
        await start(
            directory, await announced(directory, habay, content, form="kbo"), is_complete=True, **how
        )
        await worked(directory)
        return await doubts(directory, habay, "closures")

    assert await read(register()) == []
    shops = (await directory.client.get("/api/v1/merchants", params={"city": habay})).json()["items"]
    bakery = next(each for each in shops if each["source"]["id"] == BAKERY.replace(".", ""))
    assert await read(register(), postcodes=["6720"]) == []  # the hairdresser is in 6723

    # Corrected here, it is still where the register had it.
    path, seen = f"/merchants/{bakery['id']}", {"If-Match": '"1"'}
    corrected = await directory.call("PATCH", path, "claire", json={"postcode": "6600"}, headers=seen)
    assert corrected.status_code == 200, corrected.text
    others = tuple(row for row in TOWN["establishment.csv"] if BAKERY not in row)
    (gone,) = await read(register({**TOWN, "establishment.csv": others}))
    assert gone["merchant_id"] == bakery["id"]


async def test_a_file_without_one_usable_row_closes_nothing(
    directory: DirectoryUnderTest, habay: str
) -> None:
    await imported(directory, habay, (SHEET + "1;Shop;;;5,7;49,8;\n").encode(), is_complete=True)
    await imported(directory, habay, (SHEET + "1;Shop;;;x;y;\n").encode(), is_complete=True)
    await imported(directory, habay, SHEET.encode(), is_complete=True)
    assert await doubts(directory, habay, "closures") == []


async def test_doubts_are_decided_by_the_citys_officers_alone(
    directory: DirectoryUnderTest, habay: str
) -> None:
    await imported(directory, habay, TWIN.encode(), is_complete=True)
    other = SHEET + "2;Shop;;;5,7;49,8;\n"
    await imported(directory, habay, other.encode(), is_complete=True)
    ((pair,), (gone,)) = await doubts(directory, habay), await doubts(directory, habay, "closures")
    stranger = await directory.officer(await directory.city("81001"))
    for path in (
        f"/duplicates/{pair['id']}/merge",
        f"/duplicates/{pair['id']}/keep-apart",
        f"/closures/{gone['id']}/confirm",
        f"/closures/{gone['id']}/keep",
    ):
        body = {"keep": pair["first_id"]}
        assert (await directory.call("POST", path, token=stranger, json=body)).status_code == 403
        assert (await directory.call("POST", path, json=body)).status_code == 401
    for what in ("duplicates", "closures"):
        assert (await directory.call("GET", f"/cities/{habay}/{what}", token=stranger)).status_code == 403


async def test_many_shops_at_one_place_are_compared_with_those_of_other_sources_alone(
    directory: DirectoryUnderTest, habay: str
) -> None:
    rows = "".join(f"{number};Shop {number};;;5,64;49,72;\n" for number in range(2, 3_000))
    done = await imported(directory, habay, (TWIN + rows).encode())
    assert done["state"] == "done"
    assert len(await doubts(directory, habay)) == 1


RIGAUX = feature("node/1", 5.64, 49.72, name="Boulangerie Rigaux", shop="bakery")
LEON = feature("node/2", 5.65, 49.72, name="Chez Léon", amenity="fast_food")


async def test_what_a_complete_map_has_no_more_is_proposed_and_is_no_doubt_once_it_is_back(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    report = await directory.imported(city, extract(RIGAUX, LEON), is_complete="true")
    leon = report["items"][1]["merchant_id"]
    await directory.imported(city, extract(RIGAUX))
    await directory.imported(city, extract(), is_complete="true")
    assert await doubts(directory, city, "closures") == []  # a part, an empty file

    dry = await directory.imported(city, extract(RIGAUX), is_complete="true", dry_run="true")
    assert (dry["may_have_closed"], await doubts(directory, city, "closures")) == (1, [])
    for _ in range(2):
        assert (await directory.imported(city, extract(RIGAUX), is_complete="true"))["may_have_closed"] == 1
    (gone,) = await doubts(directory, city, "closures")
    assert gone["merchant_id"] == leon
    assert len(await by_source(directory, city)) == 1  # both are of the map, and listed

    await directory.imported(city, extract(RIGAUX, LEON))
    assert await doubts(directory, city, "closures") == []
    await directory.imported(city, extract(RIGAUX), is_complete="true")
    (gone,) = await doubts(directory, city, "closures")
    await decide(directory, f"/closures/{gone['id']}/confirm")
    assert (await directory.client.get(f"/api/v1/merchants/{leon}")).status_code == 410


async def test_a_shop_that_the_map_says_is_empty_may_have_closed(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    report = await directory.imported(city, extract(RIGAUX))
    empty = feature("node/1", 5.64, 49.72, **{"name": "Boulangerie Rigaux", "disused:shop": "bakery"})
    await directory.imported(city, extract(empty))
    (gone,) = await doubts(directory, city, "closures")
    assert gone["merchant_id"] == report["items"][0]["merchant_id"]


async def test_a_shop_drawn_anew_is_the_same_under_its_new_id(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    first = await directory.imported(city, extract(RIGAUX, LEON), is_complete="true")
    shop = first["items"][0]["merchant_id"]
    building = feature("way/7", 5.6402, 49.7201, name="boulangerie RIGAUX", shop="bakery")
    for expected in ("updated", "unchanged"):
        report = await directory.imported(city, extract(building, LEON), is_complete="true")
        line = report["items"][0]
        assert (line["outcome"], line["merchant_id"], report["may_have_closed"]) == (expected, shop, 0)
    assert await doubts(directory, city, "closures") == []
    assert (await directory.call("GET", f"/merchants/{shop}")).json()["source"]["id"] == "way/7"


async def test_a_closed_shop_that_is_drawn_anew_stays_closed(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shop = (await directory.imported(city, extract(RIGAUX)))["items"][0]["merchant_id"]
    await directory.call("POST", f"/merchants/{shop}/close", "claire")
    building = feature("way/7", 5.6402, 49.7201, name="Boulangerie Rigaux", shop="bakery")
    report = await directory.imported(city, extract(building))
    assert (report["items"][0]["reason"], report["items"][0]["merchant_id"]) == ("closed_here", shop)


@pytest.mark.parametrize(
    ("shop", "is_found"),
    [
        ({"name": "Chez Zoé", "shop": "beauty", "addr_street": "RUE NEUVE", "addr_housenumber": "2"}, True),
        ({"name": "Chez Zoé", "shop": "yes", "addr_street": "Rue Neuve", "addr_housenumber": "2"}, True),
        ({"name": "Chez Zoé", "shop": "butcher", "addr_street": "Rue Neuve", "addr_housenumber": "2"}, False),
        ({"name": "Chez Zoé", "shop": "beauty", "addr_street": "Rue Neuve", "addr_housenumber": "4"}, False),
        ({"name": "Chez Zoé", "shop": "hairdresser"}, False),
    ],
)
@pytest.mark.parametrize("map_first", [True, False])
async def test_a_sole_trader_without_a_name_is_a_weak_duplicate_of_a_like_shop_at_its_address(
    directory: DirectoryUnderTest, shop: dict[str, str], *, is_found: bool, map_first: bool
) -> None:
    city = await directory.city()
    mapped = extract(feature("node/5", 5.66, 49.73, **shop))
    if map_first:
        await directory.imported(city, mapped)
    await imported(directory, city, register(), form="kbo")
    if not map_first:
        await directory.imported(city, mapped)

    pairs = await doubts(directory, city)

    assert [(pair["is_weak"], pair["likeness"]) for pair in pairs] == [(True, 0)] * is_found


async def test_pairs_that_are_called_alike_are_not_weak(directory: DirectoryUnderTest, habay: str) -> None:
    await imported(directory, habay, TWIN.encode())
    assert [pair["is_weak"] for pair in await doubts(directory, habay)] == [False]


async def test_whether_there_is_another_source_is_read_off_an_index(
    directory: DirectoryUnderTest, habay: str
) -> None:
    """With the plan for any source too: asked for every step of an import, that took half of its time."""
    prepared = str(HAS_OTHERS).replace(":city_id", "$1").replace(":source", "$2")
    async with directory.database.transaction() as tx:
        await tx.execute(MANY_OTHERS)
        await tx.execute(text("ANALYZE merchant"))
        await tx.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        await tx.exec_driver_sql(f"PREPARE asked (uuid, text) AS {prepared}")
        plan = "\n".join((await tx.exec_driver_sql(f"EXPLAIN EXECUTE asked ('{habay}', 'osm')")).scalars())
        await tx.exec_driver_sql("DEALLOCATE asked")
        assert "Seq Scan" not in plan
        assert plan.count("Index Only Scan") == 2
        for source, has_others in (("osm", False), ("kbo:2026", True)):
            found = await tx.execute(HAS_OTHERS, {"city_id": UUID(habay), "source": source})
            assert found.scalar_one() is has_others
