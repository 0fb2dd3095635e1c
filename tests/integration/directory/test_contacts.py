"""Who gets whose address, telephone or id, for what, and what the log says of it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.directory import DirectoryUnderTest, extract, feature


async def test_addresses_are_for_notifications_and_of_claimed_merchants_alone(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    shops = extract(
        feature("node/1", name="Boulangerie Rigaux", shop="bakery"),
        feature("node/2", name="Leonidas", shop="chocolate"),
        feature("node/3", shop="butcher"),
    )
    ids = [each["merchant_id"] for each in (await directory.imported(city, shops))["items"]]
    for merchant, person in ((ids[0], "marc"), (ids[2], "dieter")):
        claim = {"person_id": await directory.person_id(person)}
        await directory.call("POST", f"/merchants/{merchant}/claim", "claire", json=claim)
    asked = {"purpose": "merchant_mail", "merchant_ids": ids}

    token = await directory.service_token("notifications")
    answer = await directory.call("POST", "/people/contacts", token=token, json=asked)

    assert answer.json()["items"] == [
        {
            "merchant_id": ids[0],
            "merchant_name": "Boulangerie Rigaux",
            "email": "marc@example.be",
            "language": "fr",
        },
        {"merchant_id": ids[2], "merchant_name": "butcher", "email": "dieter@example.be", "language": "de"},
    ]
    for person in ("claire", "otto", "anna", "marc"):
        assert (await directory.call("POST", "/people/contacts", person, json=asked)).status_code == 403
    operations = await directory.service_token("operations")
    assert (await directory.call("POST", "/people/contacts", token=operations, json=asked)).status_code == 403
    too_many = asked | {"merchant_ids": [ids[0]] * 501}
    assert (await directory.call("POST", "/people/contacts", token=token, json=too_many)).status_code == 422

    await directory.call("POST", f"/merchants/{ids[0]}/close", "marc")
    again = await directory.call("POST", "/people/contacts", token=token, json=asked)
    assert [each["merchant_id"] for each in again.json()["items"]] == [ids[2]]


async def test_addresses_are_given_for_a_purpose_and_each_look_up_is_in_the_audit_log(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    (shop,) = (await directory.imported(city, extract(feature("node/1", shop="bakery"))))["items"]
    claim = {"person_id": await directory.person_id("marc")}
    await directory.call("POST", f"/merchants/{shop['merchant_id']}/claim", "claire", json=claim)
    token = await directory.service_token("notifications")

    async def ask(**asked: Any) -> int:
        body = {"merchant_ids": [shop["merchant_id"], str(uuid4())], **asked}
        return (await directory.call("POST", "/people/contacts", token=token, json=body)).status_code

    assert [await ask(), await ask(purpose="advertising")] == [422, 422]
    assert await ask(purpose="merchant_mail") == 200
    action = {"action": "contacts_looked_up"}
    (entry,) = (await directory.call("GET", "/audit", "otto", params=action)).json()["items"]
    assert entry["details"] == {"purpose": "merchant_mail", "merchants": 2, "addresses": 1}
    assert entry["actor_id"] is None


async def test_people_are_written_to_by_notifications_alone_and_each_look_up_is_in_the_audit_log(
    directory: DirectoryUnderTest,
) -> None:
    marc = await directory.person_id("marc")
    asked = {"purpose": "person_mail", "person_ids": [marc, str(uuid4())]}
    token = await directory.service_token("notifications")
    answer = await directory.call("POST", "/people/addresses", token=token, json=asked)
    (found,) = answer.json()["items"]
    assert (found["person_id"], found["email"], found["language"]) == (marc, "marc@example.be", "fr")

    other = await directory.service_token("assessment")
    for refused in ({"token": other}, {"person": "otto"}):
        assert (await directory.call("POST", "/people/addresses", **refused, json=asked)).status_code == 403
    wrong = asked | {"purpose": "advertising"}
    assert (await directory.call("POST", "/people/addresses", token=token, json=wrong)).status_code == 422
    action = {"action": "contacts_looked_up"}
    (entry,) = (await directory.call("GET", "/audit", "otto", params=action)).json()["items"]
    assert entry["details"] == {"purpose": "person_mail", "people": 2, "addresses": 1}


async def test_who_has_a_role_in_a_city_is_told_to_notifications_by_id_alone(
    directory: DirectoryUnderTest,
) -> None:
    city, claire = await directory.city(), await directory.person_id("claire")
    token = await directory.service_token("notifications")
    asked = {"city_ids": [city, str(uuid4())], "roles": ["city_officer", "consultant"]}
    anna = await directory.person_id("anna")  # a consultant of all cities is one in each
    found = (await directory.call("POST", "/people/holders", token=token, json=asked)).json()["items"]
    for role, person in (("city_officer", claire), ("consultant", anna)):
        assert {"city_id": city, "role": role, "person_id": person} in found
    assert all(each.keys() == {"city_id", "role", "person_id"} for each in found)
    for wrong in ({"roles": ["merchant"]}, {"roles": ["operator"]}):
        refused = await directory.call("POST", "/people/holders", token=token, json=asked | wrong)
        assert refused.status_code == 422


async def test_a_call_list_has_a_name_a_number_and_an_address_and_the_log_says_who_saw_them(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    shop = feature(
        "node/1", shop="bakery", name="Chez Marc", phone="+32 63 12 34 56", addr_street="Grand-Rue"
    )
    (listed,) = (await directory.imported(city, extract(shop)))["items"]
    claim = {"person_id": await directory.person_id("marc")}
    await directory.call("POST", f"/merchants/{listed['merchant_id']}/claim", "claire", json=claim)
    seen_by = str(uuid4())
    asked = {"purpose": "call_list", "merchant_ids": [listed["merchant_id"]], "shown_to": seen_by}

    token = await directory.service_token("assessment")
    answer = await directory.call("POST", "/people/contacts", token=token, json=asked)
    (contact,) = answer.json()["items"]
    assert (contact["merchant_name"], contact["email"]) == ("Chez Marc", "marc@example.be")
    assert contact["phone"].replace(" ", "") == "+3263123456"
    assert contact["address"] == {"street": "Grand-Rue"}
    action = {"action": "contacts_looked_up"}
    (entry,) = (await directory.call("GET", "/audit", "otto", params=action)).json()["items"]
    assert (entry["actor_id"], entry["details"]["purpose"]) == (seen_by, "call_list")


@pytest.mark.parametrize(
    ("service", "asked", "status"),
    [
        ("assessment", {"purpose": "call_list"}, 422),
        ("assessment", {"purpose": "merchant_mail"}, 403),
        ("notifications", {"purpose": "call_list", "shown_to": str(uuid4())}, 403),
        ("notifications", {"purpose": "merchant_mail", "shown_to": str(uuid4())}, 422),
    ],
)
async def test_each_service_asks_for_its_own_purpose_and_says_who_sees_it(
    directory: DirectoryUnderTest, service: str, asked: dict[str, str], status: int
) -> None:
    token = await directory.service_token(service)
    body = {"merchant_ids": [str(uuid4())], **asked}
    answer = await directory.call("POST", "/people/contacts", token=token, json=body)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["field"] == "shown_to"
