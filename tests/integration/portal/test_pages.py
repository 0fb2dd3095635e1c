"""What visitors are shown, whatever the services behind the portal do."""

from __future__ import annotations

import re

import httpx
import pytest

from chassis.settings import Environment
from tests.integration.portal.conftest import portal
from tests.integration.portal.stand_ins import StandIn, a_running_campaign, shops


def words(page: str) -> str:
    """What a reader sees, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_the_landing_page_shows_what_is_on_and_what_runs(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200
    shown = words(answer.text)
    for expected in ("Le mois des ambassadeurs", "Habay", "93", "5 December 2026", "All services are ready."):
        assert expected in shown
    assert shown.count(" Ready ") == 4
    for door in ("/docs", "/mails/", "/traces/", "/readyz"):
        assert f'href="{door}' in answer.text
    assert "cococity token sophie" in shown


@pytest.mark.parametrize(
    ("header", "query", "heading"),
    [
        ("fr-BE", "", "Une ville recommande ses commerces."),
        ("nl", "", "Een stad beveelt haar winkels aan."),
        ("de-DE", "", "Eine Stadt empfiehlt ihre Geschäfte."),
        ("pt", "", "Une ville recommande ses commerces."),
        ("nl", "?lang=en", "A town recommends its shops."),
        ("nl", "?lang=klingon", "Een stad beveelt haar winkels aan."),
    ],
)
async def test_pages_speak_the_readers_language(
    client: httpx.AsyncClient, header: str, query: str, heading: str
) -> None:
    answer = await client.get(f"/{query}", headers={"Accept-Language": header})
    assert f"<h1>{heading}</h1>" in answer.text
    assert f'<html lang="{answer.headers["content-language"]}">' in answer.text
    assert answer.headers["vary"] == "Accept-Language, Cookie"


@pytest.mark.usefixtures("impatient")
async def test_a_state_is_told_in_words(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["notifications"].not_ready = ["NATS is not connected"]
    town["assessment"].delay = 5
    shown = words((await client.get("/")).text)
    assert "2 of 4 services are ready." in shown
    assert "Not ready NATS is not connected" in shown
    assert "No answer" in shown


@pytest.mark.usefixtures("impatient")
async def test_the_landing_page_stands_when_nothing_behind_it_answers(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for stand_in in town.values():
        stand_in.delay = 5
    answer = await client.get("/")
    assert answer.status_code == 200
    assert "What is on cannot be shown just now." in answer.text
    assert "0 of 4 services are ready." in words(answer.text)


@pytest.mark.parametrize(
    "nonsense", [{}, {"items": 5}, {"items": [{}]}, {"items": [{"name": "x"}]}, "<html>"]
)
async def test_an_answer_nobody_expected_is_no_answer(
    client: httpx.AsyncClient, town: dict[str, StandIn], nonsense: object
) -> None:
    town["campaigns"].answers["/api/v1/campaigns"] = nonsense
    answer = await client.get("/")
    assert answer.status_code == 200
    assert "What is on cannot be shown just now." in answer.text


async def test_a_campaign_is_shown_without_what_the_directory_does_not_tell(
    addresses: dict[str, str], town: dict[str, StandIn]
) -> None:
    town["directory"].answers.clear()
    new = httpx.ASGITransport(portal(addresses))  # another one shows what it was told before
    async with httpx.AsyncClient(transport=new, base_url="http://portal") as client:
        shown = words((await client.get("/?lang=en")).text)
    assert "Le mois des ambassadeurs" in shown
    assert " City " not in shown
    assert " Shops " not in shown


async def test_shops_are_counted_over_pages_and_remembered(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers["/api/v1/merchants"] = shops(318)
    for _ in range(2):
        assert " 318 " in words((await client.get("/")).text)
    assert [request.url.path for request in town["directory"].asked].count("/api/v1/merchants") == 4


async def test_counting_ends_somewhere_and_says_so(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers["/api/v1/merchants"] = shops(5_000)
    assert "more than 1,000" in words((await client.get("/")).text)


async def test_no_campaign_is_no_error(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["campaigns"].answers["/api/v1/campaigns"] = {"items": [], "next": None}
    assert "No campaign is on at the moment." in (await client.get("/")).text


async def test_what_a_service_says_is_never_markup(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    attack = '"><script>alert(1)</script>'
    town["campaigns"].answers["/api/v1/campaigns"] = a_running_campaign(attack)
    town["assessment"].not_ready = [attack]
    assert "<script>alert" not in (await client.get("/")).text


async def test_production_shows_no_window_into_the_demo(addresses: dict[str, str]) -> None:
    app = portal(addresses, Environment.production)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client,
    ):
        landing, docs = (await client.get("/")).text, (await client.get("/docs")).text
    for secret in ("/mails/", "/traces/", "cococity token", "sophie"):
        assert secret not in landing + docs
    assert 'href="/docs' in landing


async def test_the_documentation_offers_every_service(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for service in town:
        page = await client.get(f"/docs?service={service}")
        assert f'data-document="/services/{service}/openapi.json"' in page.text
        assert all(f"/docs?service={other}&amp;" in page.text for other in town)
    assert (await client.get("/docs?service=../../etc")).status_code == 422


async def test_pages_load_files_of_this_host_alone_under_a_strict_policy(client: httpx.AsyncClient) -> None:
    for path in ("/", "/docs"):
        page = await client.get(path)
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not re.search(r"<(script|style)>|\sstyle=|\son[a-z]+=", page.text)
        named = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page.text)
        loaded = [url for url in named if not url.startswith("#")]  # a place in the page itself
        assert loaded
        for url in loaded:
            asset = await client.get(url)
            assert url.startswith("/static/")
            assert asset.status_code == 200
            assert "immutable" in asset.headers["cache-control"]
            assert asset.headers["content-type"].split(";")[0] in {
                "text/css",
                "text/javascript",
                "image/png",
                "image/svg+xml",
                "application/manifest+json",
            }


async def test_no_other_file_can_be_had(client: httpx.AsyncClient) -> None:
    for name in ("..%2Fsettings.py", "settings.py", "%2e%2e", "redoc.standalone.js"):
        assert (await client.get(f"/static/{name}")).status_code == 404


async def test_pages_answer_head_as_they_answer_get(client: httpx.AsyncClient) -> None:
    for path in ("/", "/docs", "/static/portal.css"):
        assert (await client.head(path)).status_code == 200
