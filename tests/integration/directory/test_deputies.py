"""A city names who is responsible and a deputy in public; an erasure takes the name of either away."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from tests.integration.directory.test_erasure import erased, everything, requests
from tests.support.delivered import deliver
from tests.support.directory import DirectoryUnderTest

ANA = {"name": "Ana Lopes", "role": "Échevine du commerce d'Arlon"}
ANY = {"If-Match": "*"}


async def name(directory: DirectoryUnderTest, city: str, what: str, who: str = "claire", **named: Any) -> Any:
    return await directory.call("PUT", f"/cities/{city}/{what}", who, json=named, headers=ANY)


async def shown(directory: DirectoryUnderTest, city: str) -> dict[str, Any]:
    """As somebody without an account sees the city."""
    answer: dict[str, Any] = (await directory.call("GET", f"/cities/{city}")).json()
    return answer


async def test_a_deputy_of_elsewhere_is_shown_to_everybody_and_in_the_log(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    assert (await shown(directory, city))["deputy"] is None

    done = await name(directory, city, "deputy", **ANA)

    assert done.status_code == 200, done.text
    assert done.headers["etag"] == '"2"'
    assert (await shown(directory, city))["deputy"] == ANA
    assert (await shown(directory, city))["responsible"]["name"] == "Claire Lambert"
    newest = (await directory.call("GET", f"/cities/{city}/audit", "claire")).json()["items"][0]
    assert (newest["action"], newest["actor_name"]) == ("deputy_named", "Claire Lambert")
    assert "Lopes" not in str(newest), "no name in a log that is kept"


async def test_a_deputy_is_withdrawn_once(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await name(directory, city, "deputy", **ANA)

    for _ in range(2):
        gone = await directory.call("DELETE", f"/cities/{city}/deputy", "claire", headers=ANY)
        assert (gone.status_code, gone.json()["deputy"]) == (200, None)
        assert gone.headers["etag"] == '"3"'

    log = (await directory.call("GET", f"/cities/{city}/audit", "claire")).json()["items"]
    assert [each["action"] for each in log][:2] == ["deputy_withdrawn", "deputy_named"]


async def test_two_who_name_a_deputy_do_not_overwrite_each_other(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    token = await directory.token("claire")
    path, seen = f"/cities/{city}/deputy", {"If-Match": '"1"'}

    answers = await asyncio.gather(
        *(
            directory.call("PUT", path, token=token, json={**ANA, "name": f"Ana {number}"}, headers=seen)
            for number in range(5)
        )
    )

    assert sorted(each.status_code for each in answers) == [200, 412, 412, 412, 412]
    assert (await directory.call("PUT", path, "claire", json=ANA)).status_code == 428


async def test_a_deputy_is_somebody_else_and_may_step_up(directory: DirectoryUnderTest) -> None:
    city = await directory.city()

    refused = await name(directory, city, "deputy", name=" CLAIRE  Lambert", role="Bourgmestre")
    assert (refused.status_code, refused.json()["field"]) == (422, "name")
    await name(directory, city, "deputy", **ANA)
    await name(directory, city, "responsible", **ANA)

    now = await shown(directory, city)
    assert (now["responsible"], now["deputy"]) == (ANA, None)


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"name": "Ana"}, "role"),
        ({"name": "", "role": "x"}, "name"),
        ({"name": "A\u0000na", "role": "x"}, "name"),
        ({**ANA, "person_id": str(new_id())}, "person_id"),
        ({**ANA, "person_id": "ana"}, "person_id"),
        ({**ANA, "phone": "063"}, "phone"),
    ],
)
@pytest.mark.parametrize("what", ["deputy", "responsible"])
async def test_what_makes_no_sense_names_the_field(
    directory: DirectoryUnderTest, what: str, named: dict[str, Any], field: str
) -> None:
    city = await directory.city()
    refused = await name(directory, city, what, **named)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert (await shown(directory, city))["version"] == 1


async def test_a_city_that_is_none_has_no_deputy(directory: DirectoryUnderTest) -> None:
    assert (await name(directory, str(new_id()), "deputy", "otto", **ANA)).status_code == 404
    gone = await directory.call("DELETE", f"/cities/{new_id()}/deputy", "otto", headers=ANY)
    assert gone.status_code == 404


@pytest.mark.parametrize("what", ["deputy", "responsible"])
async def test_who_is_erased_is_named_no_more(directory: DirectoryUnderTest, what: str) -> None:
    city, other = await directory.city(), await directory.city("81001")
    lea = {"name": "Léa Fontaine", "role": "Échevine", "person_id": await directory.person_id("lea")}
    assert (await name(directory, city, what, **lea)).status_code == 200
    assert lea["person_id"] not in str(await shown(directory, city)), "accounts are nobody's business"
    held = (await directory.call("GET", "/people/me/data/directory", "lea")).json()["data"]
    of_lea = held["deputy in a city" if what == "deputy" else "responsible person of a city"]
    assert [each["id"] for each in of_lea] == [city]

    await erased(directory, "lea")
    await deliver(directory.service, *await requests(directory))

    now = await shown(directory, city)
    assert (now[what], now["version"]) == (None, 3)
    assert "Fontaine" not in await everything(directory)
    assert (await shown(directory, other))["responsible"]["name"] == "Claire Lambert"


async def test_naming_somebody_while_they_are_erased_leaves_nothing_of_them(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    lea = {"name": "Léa Fontaine", "role": "Échevine", "person_id": await directory.person_id("lea")}
    await directory.token("claire")
    await erased(directory, "lea")
    told = await requests(directory)

    answers, _ = await asyncio.gather(
        asyncio.gather(*(name(directory, city, what, **lea) for what in ("deputy", "responsible") * 4)),
        deliver(directory.service, *told),
    )

    assert {each.status_code for each in answers} <= {200, 422}
    assert "Fontaine" not in await everything(directory)
    assert UUID(city)
