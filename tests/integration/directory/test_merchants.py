"""Merchants: read by anybody, changed by their city and their owner, claimed once, closed for good."""

import asyncio
import json
from uuid import UUID

import pytest

from contracts.directory.v1 import MerchantClaimed, MerchantClosed, MerchantUpdated
from tests.support.directory import DirectoryUnderTest, extract, feature, square

NOWHERE = "01890000-0000-7000-8000-00000000c17e"


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    return await directory.city()


@pytest.fixture
async def bakery(directory: DirectoryUnderTest, habay: str) -> str:
    shop = feature("node/1", name="Boulangerie Rigaux", shop="bakery", phone="+32 63 42 22 79")
    return str((await directory.imported(habay, extract(shop)))["items"][0]["merchant_id"])


async def test_a_list_is_narrowed_by_city_kind_and_name(directory: DirectoryUnderTest, habay: str) -> None:
    shops = extract(
        feature("node/1", name="Boulangerie 100 % levain", shop="bakery"),
        feature("node/2", name="Le Foyer", amenity="cinema"),
        feature("node/3", name="L'as de Fleur", shop="florist"),
    )
    await directory.imported(habay, shops)
    await directory.imported(await directory.city("81001"), extract(feature("node/4", shop="bakery")))

    async def found(**params: str) -> list[str]:
        answer = await directory.client.get("/api/v1/merchants", params={"city": habay, **params})
        assert answer.status_code == 200, answer.text
        return sorted(each["source"]["id"] for each in answer.json()["items"])

    assert await found() == ["node/1", "node/2", "node/3"]
    assert await found(kind="shop=bakery") == ["node/1"]
    assert await found(kind="shop") == ["node/1", "node/3"]
    assert await found(q="fOYER") == ["node/2"]
    assert await found(q="%") == ["node/1"]
    assert await found(q="_") == []


async def test_pages_follow_one_another_without_gap(directory: DirectoryUnderTest, habay: str) -> None:
    await directory.imported(habay, extract(*(feature(f"node/{number}") for number in range(1, 8))))
    path, seen = f"/api/v1/merchants?city={habay}&limit=3", []
    while path:
        answer = await directory.client.get(path)
        seen += [each["id"] for each in answer.json()["items"]]
        link = answer.headers.get("link", "")
        path = link[1 : link.index(">")] if link else ""

    assert len(seen) == len(set(seen)) == 7
    assert (await directory.client.get("/api/v1/merchants?cursor=nonsense")).status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "kind=';--", "limit=0", "limit=x", "city=1", "q=" + "x" * 500])
async def test_a_bad_query_is_refused(directory: DirectoryUnderTest, query: str) -> None:
    assert (await directory.client.get(f"/api/v1/merchants?{query}")).status_code == 422


async def test_a_change_needs_the_version_that_was_seen(directory: DirectoryUnderTest, bakery: str) -> None:
    path, body = f"/merchants/{bakery}", {"name": "Chez Rigaux"}
    seen = (await directory.call("GET", path)).headers["etag"]

    missing = await directory.call("PATCH", path, "claire", json=body)
    done = await directory.call("PATCH", path, "claire", json=body, headers={"If-Match": seen})
    late = await directory.call("PATCH", path, "claire", json={"name": "X"}, headers={"If-Match": seen})

    assert (missing.status_code, done.status_code, late.status_code) == (428, 200, 412)
    assert done.json()["name"] == "Chez Rigaux"
    assert done.headers["etag"] == late.headers["etag"] == '"2"'
    updates = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantUpdated)]
    assert [fact.version for fact in updates] == [2]


async def test_a_change_that_changes_nothing_is_no_event(directory: DirectoryUnderTest, bakery: str) -> None:
    before = await directory.events()
    answer = await directory.call(
        "PATCH",
        f"/merchants/{bakery}",
        "claire",
        json={"name": "Boulangerie Rigaux"},
        headers={"If-Match": '"1"'},
    )

    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert await directory.events() == before


async def test_a_merchant_that_moves_changes_districts(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    body = {"name": "Gare", "polygon": square(5.70, 49.80)}
    station = (await directory.call("POST", f"/cities/{habay}/districts", "claire", json=body)).json()["id"]

    moved = await directory.call(
        "PATCH",
        f"/merchants/{bakery}",
        "claire",
        json={"longitude": 5.705, "latitude": 49.805, "street": "Avenue de la Gare"},
        headers={"If-Match": '"1"'},
    )

    assert moved.json()["district_ids"] == [station]
    assert moved.json()["address"]["street"] == "Avenue de la Gare"


@pytest.mark.parametrize(
    "body",
    [
        {"website": "javascript:alert(1)"},
        {"website": "https://user:secret@example.be"},
        {"phone": "call me"},
        {"kind": "bakery"},
        {"kind": None},
        {"longitude": None},
        {"longitude": 181},
        {"latitude": "NaN"},
        {"name": "a\x00b"},
        {"name": "\ud800"},
        {"name": ""},
        {"opening_hours": "x" * 2_000},
        {"claimed": True},
        [],
        "x",
    ],
)
async def test_a_bad_change_is_refused(directory: DirectoryUnderTest, bakery: str, body: object) -> None:
    answer = await directory.call(
        "PATCH",
        f"/merchants/{bakery}",
        "claire",
        content=json.dumps(body).encode(),
        headers={"If-Match": "*", "Content-Type": "application/json"},
    )

    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_an_owner_changes_hours_phone_and_website_alone(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    path = f"/merchants/{bakery}"
    claim = {"person_id": await directory.person_id("marc")}
    await directory.call("POST", f"{path}/claim", "claire", json=claim)
    seen = {"If-Match": '"2"'}

    own = {"opening_hours": "Tu-Su 07:00-18:00", "phone": None, "website": "www.rigaux.example.be"}
    done = await directory.call("PATCH", path, "marc", json=own, headers=seen)
    refused = await directory.call("PATCH", path, "marc", json={"name": "X"}, headers={"If-Match": "*"})
    stranger = await directory.call("PATCH", path, "nele", json=own, headers={"If-Match": "*"})

    assert (done.status_code, refused.status_code, stranger.status_code) == (200, 403, 403)
    assert done.json()["opening_hours"]["normal"] == "Tu-Su 07:00-18:00"
    assert (done.json()["phone"], done.json()["website"]) == (None, "https://www.rigaux.example.be")


async def test_a_merchant_is_claimed_once_and_its_owner_is_told_so(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    path = f"/merchants/{bakery}/claim"
    marc, nele = await directory.person_id("marc"), await directory.person_id("nele")

    first = await directory.call("POST", path, "anna", json={"person_id": marc})
    again = await directory.call("POST", path, "claire", json={"person_id": marc})
    other = await directory.call("POST", path, "claire", json={"person_id": nele})

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 202)
    assert first.json()["claimed"] is True
    claims = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantClaimed)]
    assert [(fact.merchant_id, fact.version) for fact in claims] == [(UUID(bakery), 2)]
    me = (await directory.call("GET", "/people/me", "marc")).json()
    assert [(each["role"], each["merchant_id"]) for each in me["grants"]] == [("merchant", bakery)]


async def test_nobody_claims_for_themselves_or_elsewhere(directory: DirectoryUnderTest, bakery: str) -> None:
    path, body = f"/merchants/{bakery}/claim", {"person_id": await directory.person_id("marc")}
    elsewhere = await directory.officer(await directory.city("81001"))

    assert (await directory.call("POST", path, "marc", json=body)).status_code == 403
    assert (await directory.call("POST", path, token=elsewhere, json=body)).status_code == 403
    assert (await directory.call("POST", path, json=body)).status_code == 401
    unknown = await directory.call("POST", path, "claire", json={"person_id": NOWHERE})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "person_id")
    nowhere = await directory.call("POST", f"/merchants/{NOWHERE}/claim", "claire", json=body)
    assert nowhere.status_code == 404


async def test_a_closed_merchant_leaves_nothing_public(directory: DirectoryUnderTest, bakery: str) -> None:
    path = f"/merchants/{bakery}"
    assert (await directory.call("POST", f"{path}/close", "sophie")).status_code == 403
    for _ in range(2):
        assert (await directory.call("POST", f"{path}/close", "claire")).status_code == 204

    closed = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantClosed)]
    assert [fact.version for fact in closed] == [2]
    shown = await directory.call("GET", path)
    assert shown.status_code == 410
    assert "Rigaux" not in shown.text
    assert (await directory.client.get("/api/v1/merchants")).json()["items"] == []
    changed = await directory.call("PATCH", path, "claire", json={"name": "X"}, headers={"If-Match": "*"})
    assert changed.status_code == 410


async def test_an_officer_of_another_city_changes_nothing(directory: DirectoryUnderTest, bakery: str) -> None:
    stranger = await directory.officer(await directory.city("81001"))
    before = await directory.events()

    changed = await directory.call(
        "PATCH", f"/merchants/{bakery}", token=stranger, json={"name": "X"}, headers={"If-Match": "*"}
    )
    closed = await directory.call("POST", f"/merchants/{bakery}/close", token=stranger)

    assert (changed.status_code, closed.status_code) == (403, 403)
    assert await directory.events() == before


async def test_everybody_at_once_neither_deadlocks_nor_loses_a_version(
    directory: DirectoryUnderTest, habay: str
) -> None:
    shops = extract(*(feature(f"node/{number}", 5.645, 49.725) for number in range(1, 21)))
    ids = [each["merchant_id"] for each in (await directory.imported(habay, shops))["items"]]
    claire, marc = await directory.token("claire"), await directory.person_id("marc")

    def work() -> list[asyncio.Future[object]]:
        calls = [
            directory.call(
                "POST",
                f"/cities/{habay}/districts",
                token=claire,
                json={"name": f"District {number}", "polygon": square(5.64, 49.72, 0.01 + number / 1000)},
            )
            for number in range(5)
        ]
        calls += [
            directory.call("POST", f"/merchants/{each}/claim", token=claire, json={"person_id": marc})
            for each in ids
        ]
        calls += [
            directory.call(
                "PATCH", f"/merchants/{each}", token=claire, json={"name": "Neuf"}, headers={"If-Match": "*"}
            )
            for each in reversed(ids)
        ]
        return [asyncio.ensure_future(call) for call in calls]

    answers = await asyncio.gather(*work())

    assert {answer.status_code for answer in answers} == {200, 201}  # type: ignore[attr-defined]
    for each in ids:
        shown = (await directory.call("GET", f"/merchants/{each}")).json()
        assert (shown["version"], shown["claimed"], len(shown["district_ids"])) == (8, True, 5)
