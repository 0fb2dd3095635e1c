"""The report of a session, a programme or a town: with what is withheld said, and as files to take away."""

from __future__ import annotations

import httpx
import pytest
from fastapi import Response

from chassis.problems import Problem
from tests.integration.portal.city_hall import GRANTS, ME
from tests.integration.portal.session_room import PROGRAMME, REPORT, TOWN_SESSION, a_report, of_the_consultant
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

PAGE = "/desk/reports"


@pytest.fixture(autouse=True)
def _a_consultant(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_the_consultant().items():
        town[name].answers |= answers


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        (f"session={TOWN_SESSION}", "Être trouvé par ses clients"),
        (f"programme={PROGRAMME}", "Commerce connecté"),
        (f"city={CITY}&first_month=2026-01", "Habay"),
    ],
)
async def test_a_report_says_its_figures_and_what_is_not_in_them(
    client: httpx.AsyncClient, town: dict[str, StandIn], query: str, subject: str
) -> None:
    answer = await client.get(f"{PAGE}?{query}")
    shown = words(answer.text)
    for expected in (
        f"Report: {subject}",
        "Participants 429",
        "Mean of 100 29.1",
        "16.1 % 69 shops",
        "20–29 120",
        "Being found",
        "Take charge of your profile 204 47.6 %",
        "3 sessions or months with fewer than five shops",
        "2025 29",
    ):
        assert expected in shown
    assert f'href="{PAGE}/report.pdf?{query.replace("&", "&amp;")}&amp;lang=en"' in answer.text
    asked = [each for each in town["assessment"].asked if each.url.path == REPORT]
    assert asked[-1].query_params.get("first_month") == ("2026-01" if "first_month" in query else None)


async def test_it_is_taken_away_as_a_file(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["assessment"].answers[f"{REPORT}/paper.pdf"] = Response(b"%PDF-")
    answer = await client.get(f"{PAGE}/report.pdf?session={TOWN_SESSION}")
    assert answer.content == b"%PDF-"
    assert answer.headers["content-type"] == "application/pdf"
    assert town["assessment"].asked[-1].query_params["session"] == TOWN_SESSION
    assert (await client.get(f"{PAGE}/report.json?city={CITY}")).json()["participants"] == 429
    assert (await client.get(f"{PAGE}/report.exe?city={CITY}")).status_code == 404


async def test_small_groups_wrong_months_and_strangers(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["assessment"].answers[REPORT] = a_report(participants=0, mean=None)
    shown = words((await client.get(f"{PAGE}?session={TOWN_SESSION}")).text)
    assert "those of fewer than five shops are withheld" in shown
    assert "Mean of 100 –" not in shown
    town["assessment"].answers[REPORT] = Problem(422, "invalid", "…", "…", field="first_month").response()
    answer = await client.get(f"{PAGE}?city={CITY}&first_month=soon")
    assert answer.status_code == 422
    assert "Give the months as year and month" in words(answer.text)
    assert 'value="soon"' in answer.text
    assert "Habay" in words((await client.get(PAGE)).text)
    town["directory"].answers[ME] = {"grants": GRANTS}
    assert "Habay" in words((await client.get(PAGE)).text), "officers have reports of their city"
    town["directory"].answers[ME] = {"grants": []}
    assert (await client.get(PAGE)).status_code == 404
    town["assessment"].answers[REPORT] = refusal(403)
    assert (await client.get(f"{PAGE}?city={CITY}")).status_code == 404
