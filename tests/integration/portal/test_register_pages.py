"""A city's shops and districts are added and corrected on the desk; what is printed for them is watched."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from services.portal.staff.shop_records import MERCHANTS
from tests.integration.portal.city_hall import ME, of_city_hall
from tests.integration.portal.city_register import (
    OF_DISTRICT,
    OF_RUNS,
    POLYGON,
    RUN,
    a_run,
    of_the_register,
)
from tests.integration.portal.living_town import DISTRICT, OF_SHOP, SHOP
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

OF_CITY = f"/desk/cities/{CITY}"
SELF = {"Origin": "http://portal"}
SHOP_FORM = {
    "name": "Chez Paul",
    "kind": "shop=bakery",
    "longitude": "5,6489",
    "latitude": "49.7274",
    "phone": "",
    "version": "7",
    "attempt": "once",
}


@pytest.fixture(autouse=True)
def _city_hall(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for answers in (of_city_hall(), of_the_register()):
        for name, said in answers.items():
            town[name].answers |= said


async def test_shops_are_found_added_and_corrected(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    directory = town["directory"]
    directory.answers[MERCHANTS] = directory.answers[MERCHANTS] | {"next": "more"}
    found = await client.get(f"{OF_CITY}/shops", params={"q": "boul", "district": DISTRICT})
    assert f'href="?q=boul&amp;kind=&amp;district={DISTRICT}&amp;cursor=more&amp;' in found.text
    assert f'href="/desk/shops/{SHOP}?lang=en"' in found.text
    asked = next(each for each in directory.asked if each.query_params.get("q"))
    assert (asked.query_params["q"], asked.query_params["district"]) == ("boul", DISTRICT)
    for wrong, said in (
        ({"kind": ""}, "Choose one of the kinds."),
        ({"longitude": "nan"}, "Give a number between -180 and 180"),
        ({"latitude": "91"}, "Give a number between -90 and 90"),
    ):
        answer = await client.post(f"{OF_CITY}/shops/new", data=SHOP_FORM | wrong, headers=SELF)
        assert (answer.status_code, said in words(answer.text)) == (422, True), wrong
        assert "Chez Paul" in answer.text
    directory.answers["/api/v1/merchants"] = JSONResponse({"id": SHOP}, 201)
    answer = await client.post(f"{OF_CITY}/shops/new", data=SHOP_FORM, headers=SELF)
    assert answer.headers["location"] == f"/desk/shops/{SHOP}?lang=en&done=added"
    directory.answers["/api/v1/merchants"] = Problem(409, "objected", "Objected", "…").response()
    answer = await client.post(f"{OF_CITY}/shops/new", data=SHOP_FORM, headers=SELF)
    assert "This shop objected to being listed." in words(answer.text)
    answer = await client.post(f"/desk/shops/{SHOP}", data=SHOP_FORM, headers=SELF)
    assert answer.headers["location"] == f"/desk/shops/{SHOP}?lang=en&done=corrected"
    assert directory.asked[-1].headers["if-match"] == '"7"'


async def test_a_shop_that_somebody_else_changed_or_that_is_wrong_is_not_saved(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shop = town["directory"].answers[OF_SHOP]
    errors = [{"field": "phone", "detail": "is not a phone number"}]
    for problem, said in (
        (Problem(412, "version-changed", "Changed", "…"), "Somebody else changed this shop"),
        (Problem(422, "invalid", "Invalid", "…", errors=errors), "This is not a telephone number."),
    ):
        refused = problem.response()
        town["directory"].answers[OF_SHOP] = lambda asked, r=refused: shop if asked.method == "GET" else r
        answer = await client.post(f"/desk/shops/{SHOP}", data=SHOP_FORM | {"version": "6"}, headers=SELF)
        assert (answer.status_code, said in words(answer.text)) == (422, True)
        assert 'name="version" value="7"' in answer.text
        assert 'value="Chez Paul"' in answer.text


async def test_a_shop_is_taken_off_the_list_by_who_is_sure_and_put_back(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers |= {
        f"{OF_SHOP}/delist": Response(status_code=204),
        f"{OF_SHOP}/relist": {"id": SHOP},
    }
    answer = await client.post(f"/desk/shops/{SHOP}", data={"do": "delist"}, headers=SELF)
    assert "Say that you are sure." in words(answer.text)
    answer = await client.post(f"/desk/shops/{SHOP}", data={"do": "delist", "sure": "yes"}, headers=SELF)
    gone = answer.headers["location"]
    assert gone == f"{OF_CITY}/shops?lang=en&done=delist&shop={SHOP}"
    assert "The shop is off the list." in words((await client.get(gone)).text)
    answer = await client.post(f"{OF_CITY}/shops", data={"shop": SHOP}, headers=SELF)
    assert answer.headers["location"] == f"/desk/shops/{SHOP}?lang=en&done=relist"


async def test_districts_are_looked_at_before_they_are_drawn(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    directory, page = town["directory"], f"{OF_CITY}/districts"
    assert "Habay-la-Neuve 1" in words((await client.get(page)).text)
    feature = {"type": "Feature", "properties": {"name": "Vieux <b>"}, "geometry": POLYGON}
    file = json.dumps({"type": "FeatureCollection", "features": [feature, feature | {"properties": None}]})
    sent = {"file": ("d.geojson", file.encode(), "application/geo+json")}
    look = await client.post(page, data={"name": "Centre"}, files=sent, headers=SELF)
    assert "This would be drawn" in words(look.text)
    assert "Vieux &lt;b&gt;" in look.text
    assert directory.asked[-1].method == "GET"
    drawn = {"do": "draw", "attempt": "once", "polygon": file, "name": "Centre"}
    directory.answers[f"/api/v1/cities/{CITY}/districts"] = JSONResponse({}, 201)
    answer = await client.post(page, data=drawn, files={"file": ("", b"")}, headers=SELF)
    assert answer.headers["location"] == f"{page}?lang=en&done=drawn"
    keys = [each.headers.get("idempotency-key") for each in directory.asked if each.method == "POST"]
    assert keys[-2:] == ["once-0", "once-1"]


@pytest.mark.parametrize(
    ("polygon", "said"),
    [
        ("{", "This cannot be read"),
        ('{"type": "Point"}', "There is no outline in it"),
        ("[1]", "There is no outline in it"),
        ('{"type": "Polygon", "coordinates": [[["a", 1]]]}', "There is no outline in it"),
        (
            f'{{"type": "Polygon", "coordinates": [[{", ".join(["[1e999, 1]"] * 4)}]]}}',
            "There is no outline in it",
        ),
        (json.dumps(POLYGON), "Give it a name."),
    ],
)
async def test_what_is_no_outline_is_said_so(client: httpx.AsyncClient, polygon: str, said: str) -> None:
    page = f"{OF_CITY}/districts"
    answer = await client.post(page, data={"polygon": polygon, "name": ""}, headers=SELF)
    assert (answer.status_code, said in words(answer.text)) == (422, True)


async def test_a_district_is_named_otherwise_and_removed(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    page = f"/desk/districts/{DISTRICT}"
    assert "5.7, 49.8" in (await client.get(page)).text
    form = {"name": "Neuf", "polygon": json.dumps(POLYGON), "version": "2"}
    for change, done in (({}, "saved"), ({"do": "remove", "sure": "yes"}, "removed")):
        answer = await client.post(page, data=form | change, headers=SELF)
        assert answer.headers["location"] == f"{OF_CITY}/districts?lang=en&done={done}"
        assert town["directory"].asked[-1].headers["if-match"] == '"2"'
    held = town["directory"].answers[OF_DISTRICT]
    in_use = Problem(409, "district-in-use", "In use", "…").response()
    town["directory"].answers[OF_DISTRICT] = lambda asked: held if asked.method == "GET" else in_use
    answer = await client.post(page, data=form | {"do": "remove", "sure": "yes"}, headers=SELF)
    assert "withdraw its roles and keys first" in words(answer.text)


async def test_letters_are_prepared_printed_and_noted_as_sent(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    page, directory = f"{OF_CITY}/print", town["directory"]
    assert "Letters, fr Sent 120 of 120" in words((await client.get(page)).text)
    directory.answers[OF_RUNS] = JSONResponse(a_run(state="waiting", done=0), 201)
    form = {"district": DISTRICT, "language": "fr", "paper": "letter", "attempt": "once"}
    answer = await client.post(page, data=form, headers=SELF)
    assert answer.headers["location"] == f"{page}/{RUN}?lang=en"
    assert "Part 2 of 2" in words((await client.get(f"{page}/{RUN}")).text)
    assert (await client.get(f"{page}/{RUN}/2.pdf")).content == b"%PDF letters"
    assert (await client.get(f"/desk/districts/{DISTRICT}/cards.pdf")).content == b"%PDF cards"
    directory.answers |= {f"{OF_RUNS}/{RUN}/sent": a_run(), f"{OF_RUNS}/{RUN}/revocation": a_run()}
    for form, status in (({"do": "sent"}, 422), ({"do": "sent", "sure": "yes"}, 303)):
        assert (await client.post(f"{page}/{RUN}", data=form, headers=SELF)).status_code == status
    directory.answers[f"{OF_RUNS}/{RUN}"] = a_run(state="running", done=7)
    assert "fresh.js" in (await client.get(f"{page}/{RUN}")).text


async def test_nobody_else_is_let_in(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers |= {ME: {"grants": []}, OF_RUNS: refusal(403), f"{OF_RUNS}/{RUN}": refusal(403)}
    pages = ("shops", "shops/new", "districts", "print", f"print/{RUN}")
    for path in (
        *(f"{OF_CITY}/{each}" for each in pages),
        f"/desk/shops/{SHOP}",
        f"/desk/districts/{DISTRICT}",
    ):
        assert (await client.get(path)).status_code == 404, path
