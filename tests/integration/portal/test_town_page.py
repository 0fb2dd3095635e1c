"""A town's page: its shops as a list and on a map, what is on, and what it stands without."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from services.portal.shops import Address, Shop, Source
from services.portal.town_map import WIDTH, town_map
from services.portal.towns import District
from tests.integration.portal.living_town import DISTRICT, NIS, a_shop, an_entry, of_the_town
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import refusal
from tests.integration.portal.test_pages import words

PAGE = f"/towns/{NIS}"
MERCHANTS = "/api/v1/merchants"
AWAY = "This part is not available now."


@pytest.fixture(autouse=True)
def _town(town: dict[str, StandIn]) -> None:
    for name, answers in of_the_town().items():
        town[name].answers |= answers


async def test_it_shows_who_is_responsible_what_is_on_and_all_shops(client: httpx.AsyncClient) -> None:
    answer = await client.get(PAGE)
    assert answer.status_code == 200
    shown = words(answer.text)
    for expected in (
        "Claire Lambert, Échevine du commerce",
        "Le mois des ambassadeurs Pendant un mois",
        "Coming Saint-Nicolas",
        "Bakery (60)",
        "Habay-la-Neuve 60",
        "Awareness session",
        "© OpenStreetMap contributors",
    ):
        assert expected in shown
    assert answer.text.count('href="/merchants/') == 40
    assert f"/towns/{NIS}?q=" not in answer.text
    assert "cursor=40" in answer.text
    assert re.search(r'class="map-dots" d="M\d+ \d+h0"', answer.text)


async def test_what_nobody_is_named_for_is_the_responsible_persons(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    entry = an_entry("campaign", title="Nocturne", organiser=None, responsible=None)
    town["campaigns"].answers["/api/v1/initiatives"] = {"items": [entry], "next": None}
    assert "Nocturne Campaign Claire Lambert " in words((await client.get(PAGE)).text)


async def test_what_somebody_looks_for_is_asked_of_the_directory_and_kept_in_links(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    def last(path: str) -> dict[str, Any]:
        asked = [dict(each.query_params) for each in town["directory"].asked if each.url.path == path]
        return next(each for each in reversed(asked) if each["limit"] != "100")

    narrowed = await client.get(f"{PAGE}?kind=shop%3Dbakery&district={DISTRICT}&open=now&q=")
    assert narrowed.headers["x-robots-tag"] == "noindex"
    assert last(MERCHANTS) == {
        "city": CITY, "kind": "shop=bakery", "district": DISTRICT, "open": "now", "language": "en",
        "limit": "40",
    }  # fmt: skip
    kept = f"?kind=shop%3Dbakery&amp;district={DISTRICT}&amp;open=now&amp;"
    assert f'href="{kept}lang=fr"' in narrowed.text
    assert f'href="{kept}cursor=40&amp;lang=en"' in narrowed.text

    found = await client.get(f"{PAGE}?q=pain&open=now")
    assert last(f"{MERCHANTS}/search")["q"] == "pain"
    assert last(f"{MERCHANTS}/search")["open_now"] == "true"
    assert found.text.count('href="/merchants/') == 1


async def test_all_shops_are_read_once_in_a_minute(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for _ in range(3):
        await client.get(PAGE)
    whole = [each for each in town["directory"].asked if each.query_params.get("limit") == "100"]
    assert sum(each.url.path == MERCHANTS for each in whole) == 1


async def test_merchants_find_the_sessions_that_are_to_come(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(PAGE)
    assert "Vitrines en ligne 14 December 2026, 19:00 – 21:00 Salle des fêtes" in words(answer.text)
    (asked,) = [each.query_params for each in town["assessment"].asked]
    assert (asked["state"], asked["city"]) == ("announced", CITY)
    town["assessment"].answers["/api/v1/town-sessions"] = {"items": [], "next": None}
    assert "coming sessions" not in words((await client.get(PAGE)).text)


@pytest.mark.parametrize(
    "path", [MERCHANTS, "/api/v1/campaigns", "/api/v1/initiatives", "/api/v1/town-sessions"]
)
async def test_a_part_that_nobody_tells_leaves_the_others(
    client: httpx.AsyncClient, town: dict[str, StandIn], path: str
) -> None:
    for stand_in in town.values():
        if path in stand_in.answers:
            stand_in.answers[path] = refusal(503)
    answer = await client.get(PAGE)
    assert answer.status_code == 200
    assert AWAY in answer.text
    assert "Claire Lambert" in answer.text


async def test_a_town_that_takes_no_part_is_said_and_one_that_cannot_be_read_too(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers["/api/v1/cities"] = {"items": [], "next": None}
    assert (await client.get(PAGE)).status_code == 404
    assert (await client.get(f"{PAGE}/card.png")).status_code == 404
    town["directory"].answers["/api/v1/cities"] = refusal(503)
    assert (await client.get(PAGE)).status_code == 503
    town["directory"].answers |= of_the_town()["directory"]
    assert (await client.get(PAGE)).status_code == 200
    town["directory"].answers = {path: refusal(503) for path in town["directory"].answers}
    remembered = await client.get(PAGE)
    assert remembered.status_code == 200
    assert AWAY in remembered.text
    assert (await client.get("/towns/nowhere")).status_code == 422


async def test_the_landing_page_leads_to_the_towns(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    assert f'href="/towns/{NIS}?lang=en"' in (await client.get("/")).text
    town["directory"].answers["/api/v1/cities"] = {"items": [], "next": None}
    assert "No town takes part yet." in (await client.get("/")).text


def test_the_map_holds_what_lies_in_its_districts_however_they_are_drawn() -> None:
    square = [[[5.0, 50.0], [5.1, 50.0], [5.1, 50.1], [5.0, 50.1], [5.0, 50.0]]]
    several = {"type": "MultiPolygon", "coordinates": [square]}
    broken: dict[str, Any] = {"type": "Polygon", "coordinates": [["x"]]}
    drawn = [District(CITY, "a", polygon) for polygon in (several, broken)]  # type: ignore[arg-type]

    def shop(longitude: float, latitude: float) -> Shop:
        told = a_shop() | {"longitude": longitude, "latitude": latitude, "address": Address(*[None] * 4)}
        return Shop(**{name: told[name] for name in Shop.__struct_fields__} | {"source": Source("osm", None)})

    made = town_map(drawn, [shop(5.05, 50.05), shop(9.0, 50.05)])
    assert made is not None
    assert [area.name for area in made.areas] == ["a"]
    assert made.dots == f"M{WIDTH // 2} 320h0"
    assert 616 < made.areas[0].y < made.height  # its name, below it
    assert town_map([], []) is None
    assert town_map([], [shop(5.05, 50.05)]) is not None


def test_names_of_districts_that_lie_close_can_all_be_read() -> None:
    def beside(number: int) -> District:
        west = 5.0 + number * 0.02
        ring = [[west, 50.0], [west + 0.02, 50.0], [west + 0.02, 50.01], [west, 50.01]]
        return District(CITY, f"Habay-la-Neuve {number}", {"type": "Polygon", "coordinates": [ring]})  # type: ignore[arg-type]

    made = town_map([beside(number) for number in range(6)], [])
    assert made is not None
    assert len({area.y for area in made.areas}) > 1
    for area in made.areas:
        others = [other for other in made.areas if other is not area]
        assert not any(area.is_written_over(other) for other in others), area.name
        assert 0 < area.y < made.height
        assert 0 < area.x < WIDTH
