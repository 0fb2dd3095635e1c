"""A city's dashboards: figures, charts with their tables, and what stands when a service is away."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.portal.staff.dashboard_pages import FILES
from tests.integration.portal.city_hall import (
    GRANTS,
    ME,
    OF_CAMPAIGN,
    OF_CITY,
    a_dashboard,
    of_city_hall,
)
from tests.integration.portal.living_town import CAMPAIGN
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, refusal
from tests.integration.portal.test_pages import words

BOARD = f"/desk/cities/{CITY}"


@pytest.fixture(autouse=True)
def _city_hall(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_city_hall().items():
        town[name].answers |= answers


async def test_a_city_s_dashboard_shows_each_figure_and_each_day_in_words_too(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(BOARD)
    shown = words(answer.text)
    assert answer.status_code == 200
    for expected in (
        "Reviews 61 2 today",
        "Shares 214 Visits",
        "Shops reached 26 of 41",
        "61 of 50",
        "Reached on 20 November 2026",
        "24 November 2026 3 0 0 5 0",
        "Habay-la-Neuve 41 26 283",
        "In no district",
        "Rue du Châtelet 12",
        "and others",
        "Half are decided within 1.5 h",
        "fediverse 7 3",
    ):
        assert expected in shown
    assert "99" not in shown
    assert answer.text.count("<rect") == 2
    assert 'aria-label="10 from 30 October 2026 to 26 November 2026; at most 8 on one day.' in answer.text
    assert "Nothing yet from 30 October 2026" in shown
    assert "ambassadeurs <b>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    asked = [each for each in town["campaigns"].asked if each.url.path == OF_CITY][-1]
    assert (asked.headers["authorization"], asked.query_params["days"]) == ("Bearer access", "28")


async def test_a_campaign_has_its_own_and_is_found_in_the_list(client: httpx.AsyncClient) -> None:
    listed = await client.get(f"{BOARD}/campaigns")
    assert f'href="/desk/campaigns/{CAMPAIGN}?lang=en"' in listed.text
    own = words((await client.get(f"/desk/campaigns/{CAMPAIGN}")).text)
    for expected in ("On now 1 November 2026", "Dites ce que vous aimez.", "Reviews 61"):
        assert expected in own


async def test_what_nobody_tells_is_said_in_its_place(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["campaigns"].answers[f"{OF_CITY}/not-reached"] = refusal(503)
    del town["directory"].answers[f"/api/v1/cities/{CITY}"]
    empty: dict[str, list[Any]] = {"action_days": [], "goals": [], "districts": [], "elsewhere": []}
    town["campaigns"].answers[OF_CITY] = a_dashboard(**empty)
    shown = words((await client.get(BOARD)).text)
    assert "This part is not available now." in shown
    assert "Your city" in shown
    assert "Nothing was seen elsewhere yet." in shown


@pytest.mark.parametrize(("told", "status"), [(403, 404), (404, 404), (503, 503)])
async def test_who_is_no_officer_sees_nothing_and_stays_signed_in(
    client: httpx.AsyncClient, town: dict[str, StandIn], told: int, status: int
) -> None:
    town["campaigns"].answers |= {OF_CITY: refusal(told), OF_CAMPAIGN: refusal(told)}
    for path in (BOARD, f"/desk/campaigns/{CAMPAIGN}"):
        answer = await client.get(path)
        assert answer.status_code == status
        assert "the-next-refresh-token" in answer.headers["set-cookie"]


async def test_the_desk_leads_each_to_their_own(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    assert f'href="{BOARD}?lang=en"' in (await client.get("/desk")).text
    town["directory"].answers[ME] = {"grants": []}
    assert "Your account has no such role" in (await client.get("/desk")).text
    town["directory"].answers[ME] = {"grants": [*GRANTS, *GRANTS]}
    assert (await client.get("/desk")).text.count(f'href="{BOARD}?lang=en"') == 1


async def test_who_is_not_signed_in_signs_in_and_comes_back(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers[REFRESH] = refusal(401)
    for path in (BOARD, "/desk", f"{BOARD}/campaigns"):
        answer = await client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2Fdesk")


async def test_posters_exports_and_the_evaluation_are_taken_away_from_the_campaign_s_page(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    page = f"/desk/campaigns/{CAMPAIGN}"
    shown = (await client.get(page)).text
    assert all(f"{page}/files/{name}?lang=en" in shown for name in FILES)
    for path, _ in FILES.values():
        town["campaigns"].answers[path.format(campaign=CAMPAIGN).partition("?")[0]] = "content"
    for name, (_, media_type) in FILES.items():
        answer = await client.get(f"{page}/files/{name}", params={"lang": "nl"})
        assert (answer.text, answer.headers["content-type"]) == ("content", media_type)
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert town["campaigns"].asked[-1].query_params["language"] == "nl"
    town["campaigns"].answers.clear()
    assert (await client.get(f"{page}/files/poster-a3.pdf")).status_code == 404
    assert (await client.get(f"{page}/files/passwords.csv")).status_code == 404
