"""An owner objects to being listed with the code of a letter, without an account: at once, and for good."""

import asyncio
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from contracts.directory.v1 import MerchantClosed
from services.directory.claims import codes
from services.directory.claims.objecting import TRIES
from services.directory.main import HISTORY
from tests.support.claims import KEY, invite, long_ago, told_how_to_object
from tests.support.directory import DirectoryUnderTest, extract, feature
from tests.support.import_jobs import imported, lines
from tests.support.register import register

NETWORK = "203.0.113.7"


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    return await directory.city()


@pytest.fixture
async def bakery(directory: DirectoryUnderTest, habay: str) -> str:
    shop = feature("node/1", name="Boulangerie Rigaux", shop="bakery", phone="+32 63 42 22 79")
    return str((await directory.imported(habay, extract(shop)))["items"][0]["merchant_id"])


async def objecting(directory: DirectoryUnderTest, code: object, network: str = NETWORK) -> httpx.Response:
    return await directory.client.post(
        "/api/v1/merchants/objections", json={"code": code}, headers={"X-Forwarded-For": network}
    )


async def everything(directory: DirectoryUnderTest) -> str:
    """All rows that speak of merchants, and all that was told of them."""
    tables = (
        "merchant",
        "merchant_version",
        "objection",
        "invitation",
        "limit_count",
        "import_row",
        "outbox",
    )
    async with directory.database.connection() as connection:
        return "".join(
            [str((await connection.execute(text(f"SELECT * FROM {table}"))).all()) for table in tables]
        )


async def test_a_code_delists_at_once_and_keeps_nothing_of_the_shop(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    code = await told_how_to_object(directory, bakery)
    assert "Rigaux" in await everything(directory)

    answer = await objecting(directory, code)

    assert (answer.status_code, answer.content) == (204, b"")
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 410
    left = await everything(directory)
    for said in ("Rigaux", "rigaux", "42 22 79", code, code.replace("-", ""), NETWORK):
        assert said not in left
    closed = [event.fact for event in await directory.events() if isinstance(event.fact, MerchantClosed)]
    assert [(fact.version, fact.delisted) for fact in closed] == [(2, True)]
    async with directory.database.connection() as connection:
        assert [event async for event in HISTORY(connection)] == await directory.events()


async def test_a_code_is_read_with_the_mistakes_people_make(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    code = await told_how_to_object(directory, bakery)
    mistyped = code.replace("0", "o").replace("1", "l").replace("-", " ").lower()
    assert (await objecting(directory, mistyped)).status_code == 204
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 410


async def test_the_right_to_object_outlives_the_letter(directory: DirectoryUnderTest, bakery: str) -> None:
    code = await told_how_to_object(directory, bakery, prepared_at=long_ago())
    later = await invite(directory, bakery)
    assert (await objecting(directory, later)).status_code == 422  # that one claims
    assert (await objecting(directory, code)).status_code == 204
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 410


async def test_a_code_used_again_or_at_once_objects_once(directory: DirectoryUnderTest, bakery: str) -> None:
    code, other = [await told_how_to_object(directory, bakery) for _ in range(2)]
    answers = await asyncio.gather(*(objecting(directory, each) for each in (code, code, other, code)))
    assert {each.status_code for each in answers} == {204}
    assert len([event for event in await directory.events() if isinstance(event.fact, MerchantClosed)]) == 1


async def claimed_by_marc(directory: DirectoryUnderTest, shop: str) -> None:
    marc = {"person_id": await directory.person_id("marc")}
    answer = await directory.call("POST", f"/merchants/{shop}/claim", "claire", json=marc)
    assert answer.status_code == 200, answer.text


async def test_an_old_letter_does_not_wipe_a_shop_that_has_an_owner(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    code = await told_how_to_object(directory, bakery)
    await claimed_by_marc(directory, bakery)
    before = await directory.events()

    refused = await objecting(directory, code)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:shop-has-account")
    assert "owner decides" in refused.json()["detail"]
    shop = (await directory.call("GET", f"/merchants/{bakery}")).json()
    assert (shop["name"], shop["status"]) == ("Boulangerie Rigaux", "claimed")
    assert await directory.events() == before


async def test_a_claim_and_an_objection_at_once_leave_a_shop_with_an_owner_or_none(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    code, marc = await told_how_to_object(directory, bakery), await directory.person_id("marc")
    claiming = directory.call("POST", f"/merchants/{bakery}/claim", "claire", json={"person_id": marc})
    claimed, objected = await asyncio.gather(claiming, objecting(directory, code))
    assert (claimed.status_code, objected.status_code) in {(200, 409), (410, 204)}


async def test_a_shop_whose_owner_left_may_object_again(directory: DirectoryUnderTest, bakery: str) -> None:
    code = await told_how_to_object(directory, bakery)
    await claimed_by_marc(directory, bakery)
    async with directory.database.transaction() as tx:
        await tx.execute(text("DELETE FROM role_grant WHERE merchant_id IS NOT NULL"))
    assert (await objecting(directory, code)).status_code == 204


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000", "x" * 300, "a\x00b", "\u202e", 7, None, ["x"]])
async def test_what_is_no_code_is_refused_by_its_field(
    directory: DirectoryUnderTest, bakery: str, code: object
) -> None:
    answer = await objecting(directory, code)
    assert (answer.status_code, answer.json()["field"]) == (422, "code")
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 200


async def test_a_network_has_few_tries_a_day_and_others_are_not_held_up(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    code = await told_how_to_object(directory, bakery)
    wrong = [codes.objection_code(KEY, UUID(int=number)) for number in range(TRIES.most)]
    answers = await asyncio.gather(*(objecting(directory, each) for each in wrong))
    held = await objecting(directory, code)

    assert {each.status_code for each in answers} == {422}
    assert (held.status_code, held.json()["type"]) == (429, "urn:cococity:problem:too-many-requests")
    assert int(held.headers["retry-after"]) > 0
    assert (await objecting(directory, code, "203.0.113.8")).status_code == 204


async def test_a_code_that_cannot_be_one_costs_no_try(directory: DirectoryUnderTest, bakery: str) -> None:
    code = await told_how_to_object(directory, bakery)
    other = "0" if code[-1] != "0" else "1"
    for _ in range(TRIES.most):
        assert (await objecting(directory, code[:-1] + other)).status_code == 422
    assert (await objecting(directory, code)).status_code == 204


async def test_no_import_lists_it_again_under_whatever_id(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    await objecting(directory, await told_how_to_object(directory, bakery))
    same = feature("node/1", name="Boulangerie Rigaux", shop="bakery")
    drawn_anew = feature("way/7", 5.6402, name="boulangerie rigaux", shop="pastry")
    other = feature("node/3", name="Un autre", shop="bakery")
    reports = [await directory.imported(habay, extract(each, other)) for each in (same, drawn_anew)]

    assert [report["items"][0]["reason"] for report in reports] == ["delisted_here", "objected_here"]
    assert reports[1]["items"][0]["name"] is None
    assert reports[0]["items"][1]["outcome"] == "listed"
    assert "Rigaux" not in (await directory.client.get("/api/v1/merchants")).text


async def test_the_register_lists_nobody_again_who_objected(
    directory: DirectoryUnderTest, habay: str
) -> None:
    first = (await imported(directory, habay, register(), form="kbo"))["id"]
    shop = (await lines(directory, first))[0]["merchant_id"]
    assert (await directory.call("GET", f"/merchants/{shop}")).json()["establishment_number"]
    assert (await objecting(directory, await told_how_to_object(directory, shop))).status_code == 204

    elsewhere = {"longitude": 5.8, "latitude": 49.6}  # only its number says that it is the same
    again = await imported(directory, habay, register(), source="anew", form="kbo", place=elsewhere)

    assert (await lines(directory, again["id"]))[0]["why"] == "objected_here"


SHEET = b"id;name;kind;longitude;latitude\n1;Boulangerie Rigaux;bakery;5.64;49.72\n"


async def test_no_report_names_who_objected(directory: DirectoryUnderTest, habay: str) -> None:
    twice = SHEET + SHEET.splitlines(keepends=True)[1]
    await imported(directory, habay, twice, dry_run=True)
    first = (await imported(directory, habay, twice))["id"]
    assert "Rigaux" in await everything(directory)
    shop = (await lines(directory, first))[0]["merchant_id"]

    assert (await objecting(directory, await told_how_to_object(directory, shop))).status_code == 204
    assert "Rigaux" not in await everything(directory)
    same = (await imported(directory, habay, twice))["id"]
    other = (await imported(directory, habay, SHEET, source="anew"))["id"]

    reasons = [line["why"] for job in (same, other) for line in await lines(directory, job)]
    assert reasons == ["delisted_here", "same_id_twice", "objected_here"]
    assert "Rigaux" not in await everything(directory)


async def test_no_report_names_who_objected_in_a_row_that_was_left_out(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    rows = b"id;name;kind;longitude;latitude\n7;BOULANGERIE RIGAUX;bakery;x;y\n8;Chez Zoe;bakery;x;y\n"
    job = (await imported(directory, habay, rows))["id"]
    assert [line["name"] for line in await lines(directory, job)] == ["BOULANGERIE RIGAUX", "Chez Zoe"]

    assert (await objecting(directory, await told_how_to_object(directory, bakery))).status_code == 204

    assert [line["name"] for line in await lines(directory, job)] == [None, "Chez Zoe"]


async def test_no_officer_lists_it_again_unless_the_owner_agrees(
    directory: DirectoryUnderTest, habay: str, bakery: str
) -> None:
    await objecting(directory, await told_how_to_object(directory, bakery))
    body = {
        "city_id": habay,
        "kind": "shop=bakery",
        "longitude": 5.64,
        "latitude": 49.72,
        "name": "Boulangerie Rigaux",
    }

    relisted = await directory.call("POST", f"/merchants/{bakery}/relist", "claire")
    refused = await directory.call("POST", "/merchants", "claire", json=body)
    agreed = await directory.call("POST", "/merchants", "claire", json={**body, "owner_agrees": True})

    assert (relisted.status_code, refused.status_code, agreed.status_code) == (409, 409, 201)
    assert refused.json()["field"] == "owner_agrees"
    assert agreed.json()["id"] != bakery


async def test_a_shop_that_is_hidden_already_is_forgotten_all_the_same(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    code = await told_how_to_object(directory, bakery)
    await directory.call("POST", f"/merchants/{bakery}/delist", "claire")
    before = await directory.events()

    assert (await objecting(directory, code)).status_code == 204

    assert await directory.events() == before
    assert "rigaux" not in (await everything(directory)).lower()
    assert (await directory.call("POST", f"/merchants/{bakery}/relist", "claire")).status_code == 409


async def on_page(
    directory: DirectoryUnderTest, code: str | None = None, language: str = "fr", network: str = NETWORK
) -> httpx.Response:
    """The page that a letter names, as a browser asks for it; with a code, as its form sends it."""
    headers = {"Accept-Language": language, "X-Forwarded-For": network}
    if code is None:
        return await directory.client.get("/objection", headers=headers)
    return await directory.client.post("/objection", headers=headers, data={"code": code})


@pytest.mark.parametrize(
    ("language", "button", "removed"),
    [
        ("fr", "Retirer mon commerce", "Votre commerce a été retiré."),
        ("nl", "Mijn winkel verwijderen", "Uw winkel is verwijderd."),
        ("de", "Mein Geschäft entfernen", "Ihr Geschäft wurde entfernt."),
        ("en", "Remove my shop", "Your shop has been removed."),
    ],
)
async def test_a_person_objects_on_a_page_in_their_language(
    directory: DirectoryUnderTest, bakery: str, language: str, button: str, removed: str
) -> None:
    code = await told_how_to_object(directory, bakery)

    asked = await on_page(directory, language=language)
    assert (asked.status_code, asked.headers["content-language"]) == (200, language)
    assert f'<html lang="{language}">' in asked.text
    assert f"<button>{button}</button>" in asked.text
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 200  # a GET only asks

    done = await on_page(directory, code, language)
    assert (done.status_code, done.headers["cache-control"]) == (200, "no-store")
    assert removed in done.text
    assert "<form" not in done.text
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 410


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Ce commerce a désormais un compte"),
        ("nl", "Deze winkel heeft intussen een account"),
        ("de", "Dieses Geschäft hat inzwischen ein Konto"),
        ("en", "This shop has an account by now"),
    ],
)
async def test_the_page_says_that_the_owner_of_a_shop_decides(
    directory: DirectoryUnderTest, bakery: str, language: str, said: str
) -> None:
    code = await told_how_to_object(directory, bakery)
    await claimed_by_marc(directory, bakery)

    answer = await on_page(directory, code, language)

    assert answer.status_code == 409
    assert said in answer.text
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 200


async def test_a_language_is_chosen_on_the_page(directory: DirectoryUnderTest) -> None:
    page = await directory.client.get("/objection?language=de", headers={"Accept-Language": "nl"})
    assert "Widerspruchscode" in page.text


@pytest.mark.parametrize("code", ["", "WRONG", "<script>alert(1)</script>", "x" * 5_000, "\x00", "%ff"])
async def test_a_wrong_code_on_the_page_is_said_so_and_shown_to_nobody(
    directory: DirectoryUnderTest, bakery: str, code: str
) -> None:
    answer = await on_page(directory, code, "en")
    assert answer.status_code == 422
    assert "This is not a code to object with." in answer.text
    assert "script" not in answer.text
    assert (await directory.call("GET", f"/merchants/{bakery}")).status_code == 200


async def test_tries_on_the_page_and_over_the_interface_are_counted_together(
    directory: DirectoryUnderTest, bakery: str
) -> None:
    code = await told_how_to_object(directory, bakery)
    for number in range(TRIES.most):
        wrong = codes.objection_code(KEY, UUID(int=number))
        while (refused := await objecting(directory, wrong)).status_code >= 500:  # not counted, so sent again
            pass
        assert refused.status_code == 422

    held = await on_page(directory, code, "en")

    assert held.status_code == 429
    assert int(held.headers["retry-after"]) > 0
    assert "Try again tomorrow" in held.text
    assert (await on_page(directory, code, "en", "203.0.113.8")).status_code == 200


async def test_what_is_no_form_is_no_code(directory: DirectoryUnderTest) -> None:
    for content in (b"", b"\xff\xfe", b"&" * 100, b'{"code": "x"}', b"a=1&" * 50):
        assert (await directory.client.post("/objection", content=content)).status_code == 422
