"""An objection holds for the establishment: for its rows of other sources, and for what they send later."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from contracts.directory.v1 import MerchantClosed
from tests.support.claims import told_how_to_object
from tests.support.directory import DirectoryUnderTest, extract, feature
from tests.support.import_jobs import imported, lines
from tests.support.register import BAKERY, TOWN, register

HEADINGS = "id;name;street;house number;longitude;latitude\n"
TWIN = (HEADINGS + "1;Rigaux Boulangerie;Grand Rue;7;5.6404;49.7201\n").encode()
LIKE_IT = (HEADINGS + "1;Boulangerie Rigot;Grand Rue;7;5.6404;49.7201\n").encode()
"""Proposed as its duplicate, and not called so."""


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    return await directory.city()


@pytest.fixture
async def bakery(directory: DirectoryUnderTest, habay: str) -> str:
    shop = feature(
        "node/1", name="Boulangerie Rigaux", shop="bakery", addr_street="Grand-Rue", addr_housenumber="7"
    )
    return str((await directory.imported(habay, extract(shop)))["items"][0]["merchant_id"])


async def twin_of(directory: DirectoryUnderTest, city: str, sheet: bytes = TWIN) -> str:
    """The same shop, of an association's sheet."""
    job = await imported(directory, city, sheet)
    return str((await lines(directory, job["id"]))[0]["merchant_id"])


async def objecting(directory: DirectoryUnderTest, shop: str) -> httpx.Response:
    code = await told_how_to_object(directory, shop)
    return await directory.client.post("/api/v1/merchants/objections", json={"code": code})


async def doubts(directory: DirectoryUnderTest, city: str) -> list[dict[str, Any]]:
    answer = await directory.call("GET", f"/cities/{city}/duplicates", "otto")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def statuses(directory: DirectoryUnderTest, *shops: str) -> list[int]:
    return [(await directory.client.get(f"/api/v1/merchants/{shop}")).status_code for shop in shops]


async def claimed_by_marc(directory: DirectoryUnderTest, shop: str) -> None:
    marc = {"person_id": await directory.person_id("marc")}
    answer = await directory.call("POST", f"/merchants/{shop}/claim", "claire", json=marc)
    assert answer.status_code == 200, answer.text


async def kept_of_it(directory: DirectoryUnderTest) -> str:
    async with directory.database.connection() as connection:
        tables = ("merchant", "objection", "import_row", "outbox")
        return "".join([str((await connection.execute(text(f"TABLE {name}"))).all()) for name in tables])


async def test_the_twin_of_another_source_is_forgotten_too(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    twin = await twin_of(directory, habay)
    assert len(await doubts(directory, habay)) == 1

    assert (await objecting(directory, twin)).status_code == 204

    assert await statuses(directory, bakery, twin) == [410, 410]
    assert await doubts(directory, habay) == []
    assert "rigaux" not in (await kept_of_it(directory)).lower()
    closed = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantClosed)]
    assert {str(fact.merchant_id) for fact in closed} == {bakery, twin}
    assert all(fact.delisted for fact in closed)


async def test_what_was_merged_into_it_is_forgotten_too(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    await twin_of(directory, habay, LIKE_IT)
    (pair,) = await doubts(directory, habay)
    merged = await directory.call("POST", f"/duplicates/{pair['id']}/merge", "otto", json={"keep": bakery})
    assert merged.status_code == 204

    assert (await objecting(directory, bakery)).status_code == 204

    kept = (await kept_of_it(directory)).lower()
    assert "rigaux" not in kept
    assert "rigot" not in kept
    # By the other name it is known again, too.
    again = await imported(directory, habay, LIKE_IT, source="anew")
    assert [line["why"] for line in await lines(directory, again["id"])] == ["objected_here"]


async def test_a_letter_to_what_was_merged_does_not_wipe_the_shop_of_an_owner(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    twin = await twin_of(directory, habay)
    (pair,) = await doubts(directory, habay)
    await directory.call("POST", f"/duplicates/{pair['id']}/merge", "otto", json={"keep": bakery})
    marc = {"person_id": await directory.person_id("marc")}
    assert (
        await directory.call("POST", f"/merchants/{bakery}/claim", "claire", json=marc)
    ).status_code == 200

    assert (await objecting(directory, twin)).status_code == 409
    assert await statuses(directory, bakery) == [200]


async def test_a_shop_of_the_same_number_is_forgotten_and_one_kept_apart_is_not(
    directory: DirectoryUnderTest, habay: str
) -> None:
    number = "2.000.000.339"
    town = {name: tuple(row.replace(BAKERY, number) for row in rows) for name, rows in TOWN.items()}
    job = await imported(directory, habay, register(town), form="kbo")
    by_number = {line["source_id"]: line["merchant_id"] for line in await lines(directory, job["id"])}
    of_register = by_number[number.replace(".", "")]
    mapped = feature("node/1", 5.66, 49.73, name="Chez Zoé", shop="bakery")
    mapped["properties"]["ref:BE:establishment"] = number
    apart = feature("node/2", 5.64, 49.72, name='Boulangerie "Le Fournil"', shop="bakery")
    report = await directory.imported(habay, extract(mapped, apart))
    of_map, other = (str(line["merchant_id"]) for line in report["items"])
    (pair,) = await doubts(directory, habay)
    await directory.call("POST", f"/duplicates/{pair['id']}/keep-apart", "otto")

    assert (await objecting(directory, of_register)).status_code == 204

    assert await statuses(directory, of_register, of_map, other) == [410, 410, 200]


async def test_what_is_only_alike_stays_until_a_person_says_that_it_is_the_same(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    alike = await twin_of(directory, habay, LIKE_IT)
    (pair,) = await doubts(directory, habay)
    assert 85 <= pair["likeness"] < 95

    assert (await objecting(directory, bakery)).status_code == 204
    assert await statuses(directory, alike) == [200]

    merge = f"/duplicates/{pair['id']}/merge"
    assert (await directory.call("POST", merge, "otto", json={"keep": alike})).status_code == 204
    assert await statuses(directory, alike) == [410]
    assert "rigot" not in (await kept_of_it(directory)).lower()


async def test_a_twin_that_has_an_owner_is_left_to_its_owner(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    twin = await twin_of(directory, habay)
    await claimed_by_marc(directory, twin)
    assert (await objecting(directory, bakery)).status_code == 204
    assert await statuses(directory, bakery, twin) == [410, 200]


async def test_the_register_knows_its_address_where_the_map_knew_its_place(
    directory: DirectoryUnderTest, habay: str
) -> None:
    shop = feature(
        "node/1", 5.70, 49.76, name="Le Fournil (boulangerie)", shop="bakery", addr_street="Grand rue",
        addr_housenumber="7",
    )  # fmt: skip
    report = await directory.imported(habay, extract(shop))
    assert (await objecting(directory, report["items"][0]["merchant_id"])).status_code == 204

    # Put into the middle of the town, kilometres away, and called by its enterprise's legal form besides.
    town = {**TOWN, "denomination.csv": (f'"{BAKERY}","1","003","BOULANGERIE LE FOURNIL SRL"',)}
    job = await imported(directory, habay, register(town), form="kbo")

    by_number = {line["source_id"]: line["why"] for line in await lines(directory, job["id"])}
    assert by_number[BAKERY.replace(".", "")] == "objected_here"


async def test_twins_that_object_at_once_are_each_forgotten_once(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    twin = await twin_of(directory, habay)
    (pair,) = await doubts(directory, habay)
    merge = directory.call("POST", f"/duplicates/{pair['id']}/merge", "otto", json={"keep": bakery})
    answers = await asyncio.gather(objecting(directory, bakery), objecting(directory, twin), merge)

    # Whoever comes first: the merger may find the pair settled, and does not undo it.
    assert [answer.status_code for answer in answers[:2]] == [204, 204]
    assert answers[2].status_code in {204, 404}
    assert await statuses(directory, bakery, twin) == [410, 410]
    assert "rigaux" not in (await kept_of_it(directory)).lower()
