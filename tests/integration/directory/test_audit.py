"""What is done in a city can be read by who answers for it, and not be changed by anybody."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.clock import utc_now
from chassis.ids import new_id
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Action
from tests.support.directory import DirectoryUnderTest, extract, feature, square


async def actions(directory: DirectoryUnderTest, city: str) -> list[tuple[str, str | None, str]]:
    """What was done in a city, who did it and to what, the oldest first."""
    answer = await directory.call("GET", f"/cities/{city}/audit", "otto", params={"limit": 100})
    assert answer.status_code == 200, answer.text
    return [
        (each["action"], each["actor_name"], each["subject_id"]) for each in reversed(answer.json()["items"])
    ]


async def test_everything_an_officer_answers_for_is_in_the_log_with_who_did_it(
    directory: DirectoryUnderTest,
) -> None:
    city, marc = await directory.city(), await directory.person_id("marc")
    report = await directory.imported(city, extract(feature("node/1"), feature("node/2", shop="florist")))
    merchant = report["items"][0]["merchant_id"]
    named = {"name": "Luc Simon", "role": "Échevin"}
    await directory.call(
        "PUT", f"/cities/{city}/responsible", "claire", json=named, headers={"If-Match": "*"}
    )
    drawing = {"name": "Centre", "polygon": square(5.64, 49.72)}
    drawn = await directory.call("POST", f"/cities/{city}/districts", "claire", json=drawing)
    await directory.call("POST", f"/merchants/{merchant}/claim", "anna", json={"person_id": marc})
    await directory.call("POST", f"/merchants/{merchant}/close", "claire")
    merging = {"nis_code": "81001", "merged_on": utc_now().date().isoformat()}
    await directory.call("POST", f"/cities/{city}/mergers", "otto", json=merging)

    found = [each for each in await actions(directory, city) if not each[0].startswith("role_")]

    assert found == [
        ("city_joined", "Otto Weber", city),
        ("merchants_imported", "Otto Weber", city),
        ("responsible_named", "Claire Lambert", city),
        ("district_drawn", "Claire Lambert", drawn.json()["id"]),
        ("merchant_claimed", "Anna Maes", merchant),
        ("merchant_closed", "Claire Lambert", merchant),
        ("commune_merged", "Otto Weber", city),
    ]
    imports = await directory.call(
        "GET", f"/cities/{city}/audit", "claire", params={"action": "merchants_imported"}
    )
    (entry,) = imports.json()["items"]
    assert entry["details"] == {"features": 2, "listed": 2, "updated": 0, "unchanged": 0, "left_out": 0}


async def test_what_changes_nothing_is_not_in_the_log(directory: DirectoryUnderTest) -> None:
    city, marc = await directory.city(), await directory.person_id("marc")
    merchant = (await directory.imported(city, extract(feature())))["items"][0]["merchant_id"]
    for _ in range(2):
        await directory.call("POST", f"/merchants/{merchant}/claim", "claire", json={"person_id": marc})
        await directory.call("POST", f"/merchants/{merchant}/close", "claire")
    before = await actions(directory, city)

    await directory.imported(city, extract(feature("node/9")), dry_run=True)
    refused = await directory.call("POST", "/cities", "otto", json={"nis_code": "85046"})

    assert refused.status_code == 409
    assert await actions(directory, city) == before
    assert [each[0] for each in before].count("merchant_closed") == 1
    assert [each[0] for each in before].count("merchant_claimed") == 1


async def test_a_log_is_read_by_its_own_city_and_by_operators(directory: DirectoryUnderTest) -> None:
    city, arlon = await directory.city(), await directory.city("81001")
    of_arlon = await directory.officer(arlon)
    path = f"/cities/{city}/audit"

    assert (await directory.call("GET", path, "claire")).status_code == 200
    assert (await directory.call("GET", path, token=of_arlon)).status_code == 403
    for person in ("marc", "anna", "sophie"):
        assert (await directory.call("GET", path, person)).status_code == 403
    assert (await directory.call("GET", path)).status_code == 401
    assert (await directory.call("GET", "/audit", "claire")).status_code == 403
    joined = await directory.call("GET", "/audit", "otto", params={"action": "city_joined"})
    assert [each["city_id"] for each in joined.json()["items"]] == [arlon, city]
    assert (await directory.call("GET", f"/cities/{new_id()}/audit", "otto")).status_code == 404


async def test_pages_of_a_log_hold_each_entry_once(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city())
    subjects = [new_id() for _ in range(12)]
    for subject in subjects:
        async with directory.database.transaction() as tx:
            await audit.record(tx, Action.MERCHANT_CLOSED, subject, by=None, city_id=city, at=utc_now())

    read, cursor = [], None
    while True:
        options = {"limit": "5", "action": "merchant_closed", **({"cursor": cursor} if cursor else {})}
        shown = (await directory.call("GET", f"/cities/{city}/audit", "claire", params=options)).json()
        read += [UUID(each["subject_id"]) for each in shown["items"]]
        if (cursor := shown["next"]) is None:
            break

    assert read == subjects[::-1]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET actor_id = NULL", "DELETE FROM audit_entry", "TRUNCATE audit_entry CASCADE"],
)
async def test_nothing_leaves_the_log_or_changes_in_it(directory: DirectoryUnderTest, statement: str) -> None:
    city = await directory.city()
    before = await actions(directory, city)

    with pytest.raises(DBAPIError, match="only ever added to"):
        async with directory.database.transaction() as tx:
            await tx.execute(text(statement))

    assert await actions(directory, city) == before


async def test_what_people_typed_does_not_get_into_the_log(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city())
    with pytest.raises(TypeError):
        async with directory.database.transaction() as tx:
            await audit.record(
                tx,
                Action.ROLE_GIVEN,
                new_id(),
                by=None,
                city_id=city,
                at=utc_now(),
                details={"name": "Marc Dubois"},  # type: ignore[dict-item]
            )


async def test_a_log_asked_for_in_a_strange_way_says_which_field_is_wrong(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    for options, status, field in (
        ({"action": "'; DROP TABLE audit_entry; --"}, 422, "action"),
        ({"limit": "0"}, 422, "limit"),
        ({"cursor": "\x00"}, 400, "cursor"),
        ({"cursor": "WzFd"}, 400, "cursor"),
    ):
        answer = await directory.call("GET", f"/cities/{city}/audit", "claire", params=options)
        assert (answer.status_code, answer.json()["field"]) == (status, field)
