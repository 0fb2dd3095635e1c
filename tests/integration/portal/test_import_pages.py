"""A file of shops is sent, looked at before anything changes, confirmed and watched to its end."""

from __future__ import annotations

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from services.portal.staff.imports import source_of
from tests.integration.portal.city_hall import of_city_hall
from tests.integration.portal.import_desk import (
    JOB,
    JOBS,
    MAPS,
    OF_JOB,
    a_job,
    a_line,
    a_map_report,
    of_imports,
)
from tests.integration.portal.living_town import a_shop
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

ALL = f"/desk/cities/{CITY}/imports"
PAGE = f"/desk/imports/{JOB}"
SELF = {"Origin": "http://portal"}
SHEET = ("shops.CSV", b"nom,rue\nChez Paul,Grand-Rue\n", "text/csv")
MAP = ("shops.geojson", b'{"type": "FeatureCollection", "features": []}', "application/geo+json")


@pytest.fixture(autouse=True)
def _city_hall(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_city_hall().items():
        town[name].answers |= answers
    town["directory"].answers |= of_imports()


async def test_a_sheet_is_sent_by_parts_and_waits_to_be_looked_at(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    directory = town["directory"]
    shown = words((await client.get(ALL)).text)
    assert "csv:ucm-2026 Done only looked at 2 0 1" in shown
    new = JSONResponse(a_job(state="receiving"), 201)
    directory.answers |= {JOBS: new, f"{OF_JOB}/parts/0": Response(status_code=204)}
    form = {"source": "UCM 2026", "attempt": "once"}
    answer = await client.post(ALL, data=form, files={"file": SHEET}, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en"
    announced, part = directory.asked[-2:]
    assert announced.headers["idempotency-key"] == "once"
    assert (part.method, part.headers["content-length"]) == ("PUT", str(len(SHEET[1])))
    directory.answers |= of_imports()
    for files, said in (
        ({"file": ("shops.xls", b"x", "x/y")}, "Choose a sheet (.csv), the register (.zip) or a map"),
        ({}, "Choose a file that is not empty."),
    ):
        answer = await client.post(ALL, data={"source": "a"}, files=files, headers=SELF)
        assert (answer.status_code, said in words(answer.text)) == (422, True)


async def test_how_it_is_read_is_proposed_and_what_would_change_is_seen_first(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    directory = town["directory"]
    directory.answers |= {
        OF_JOB: a_job(state="receiving"),
        f"{OF_JOB}/start": {},
        "/api/v1/merchants": {"items": [a_shop()], "next": None},
    }
    shown = await client.get(PAGE)
    assert '<option value="0" selected>nom</option>' in shown.text
    form = {"do": "look", "column-name": "0", "column-street": "", "place": "yes", "kind": "shop=bakery"}
    assert (await client.post(PAGE, data=form, headers=SELF)).headers["location"] == f"{PAGE}?lang=en"
    refused = Problem(422, "invalid", "Invalid", "…", field="mapping").response()
    directory.answers[f"{OF_JOB}/start"] = refused
    answer = await client.post(PAGE, data=form, headers=SELF)
    assert "Each column is one thing" in words(answer.text)
    directory.answers[f"{OF_JOB}/proposal"] = refused
    assert "This cannot be read as a sheet" in words((await client.get(PAGE)).text)


async def test_a_look_says_what_becomes_of_each_row_and_is_confirmed(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    directory = town["directory"]
    shown = words((await client.get(PAGE)).text)
    for expected in ("Nothing has changed.", "Left out (1)", "give its street, or its place. rue inconnue"):
        assert expected in shown
    refused = await client.get(f"{PAGE}/refused.csv")
    assert refused.text.splitlines()[1] == "3,'=1+1,Chez <b>Paul</b>,no_place,rue inconnue"
    rows = f"{OF_JOB}/rows"
    few, last = directory.answers[rows], 230
    directory.answers[rows] = lambda asked: {
        "items": [a_line()] * 100,
        "next": str(number) if (number := int(asked.query_params.get("cursor", 0)) + 1) < last else None,
    }
    many = await client.get(f"{PAGE}/refused.csv")
    assert len(many.text.splitlines()) == 1 + last * 100, "all of them, however many"
    directory.answers[rows] = few
    directory.answers[f"{OF_JOB}/start"] = {}
    assert (await client.post(PAGE, data={"do": "confirm"}, headers=SELF)).status_code == 303
    directory.answers[OF_JOB] = a_job(state="running", dry_run=False)
    running = await client.get(PAGE)
    assert "Rows read so far: 3." in words(running.text)
    assert "fresh.js" in running.text
    directory.answers[OF_JOB] = a_job(dry_run=False)
    directory.answers[f"{OF_JOB}/rows"] = {"items": [a_line(outcome="listed", why=None)], "next": "more"}
    listed = await client.get(PAGE, params={"outcome": "listed"})
    assert "?outcome=listed&amp;cursor=more" in listed.text.replace("&cursor", "&amp;cursor")
    directory.answers[f"{OF_JOB}/start"] = Problem(409, "file-gone", "Gone", "…").response()
    answer = await client.post(PAGE, data={"do": "confirm"}, headers=SELF)
    assert "hand it in again" in words(answer.text)


async def test_a_map_is_looked_at_and_then_let_in(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    directory = town["directory"]
    look = await client.post(ALL, data={"do": "look"}, files={"file": MAP}, headers=SELF)
    shown = words(look.text)
    assert "What the map would change" in shown
    assert "Vide Left out The premises are empty." in shown
    assert "Boucherie" not in shown
    asked = next(each for each in reversed(directory.asked) if each.url.path == MAPS)
    assert asked.query_params["dry_run"] == "true"
    directory.answers[MAPS] = a_map_report(may_have_closed=0)
    done = await client.post(ALL, data={"do": "confirm"}, files={"file": MAP}, headers=SELF)
    assert "What the map changed" in words(done.text)
    asked = next(each for each in reversed(directory.asked) if each.url.path == MAPS)
    assert asked.query_params["dry_run"] == "false"
    directory.answers[MAPS] = Problem(422, "invalid", "Invalid", "…", field="body").response()
    answer = await client.post(ALL, data={"do": "look"}, files={"file": MAP}, headers=SELF)
    assert "This is no map that can be read" in words(answer.text)


async def test_nobody_else_sees_or_sends_any(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers |= {JOBS: refusal(403), OF_JOB: refusal(403), MAPS: refusal(403)}
    for path in (ALL, PAGE, f"{PAGE}/refused.csv"):
        town["directory"].answers[f"{OF_JOB}/rows"] = refusal(403)
        assert (await client.get(path)).status_code == 404, path
    for file in (SHEET, MAP):
        answer = await client.post(ALL, data={"do": "look"}, files={"file": file}, headers=SELF)
        assert answer.status_code == 404
    elsewhere = {"Origin": "http://elsewhere.example"}
    assert (await client.post(ALL, files={"file": SHEET}, headers=elsewhere)).status_code == 403


def test_the_name_of_a_list_is_spelt_as_the_directory_wants_it() -> None:
    assert [source_of(each) for each in ("UCM 2026 é", "", "--", "x" * 60)] == [
        "ucm-2026",
        "sheet",
        "sheet",
        "x" * 40,
    ]


async def test_a_file_of_somebody_who_may_not_import_is_not_taken_in(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers[JOBS] = refusal(403)
    answer = await client.post(ALL, data={"source": "a"}, files={"file": SHEET}, headers=SELF)
    assert answer.status_code == 404
    assert town["directory"].asked[-1].method == "GET", "asked whether they may, and nothing sent on"
