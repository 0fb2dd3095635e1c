"""What the site says of itself to people, and to programs that read it."""

from __future__ import annotations

from xml.etree import ElementTree

import httpx

from tests.integration.portal.living_town import CAMPAIGN, NIS, of_the_town
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_pages import words

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


async def test_every_page_leads_to_how_it_works_privacy_and_accessibility(client: httpx.AsyncClient) -> None:
    said = {
        "/how-it-works": "points are the same for one star and for five",
        "/privacy": "Your network address is never stored",
        "/accessibility": "by self-assessment",
    }
    landing = (await client.get("/")).text
    for path, expected in said.items():
        assert f'href="{path}?lang=en"' in landing
        answer = await client.get(path)
        assert expected in words(answer.text)
        assert "set-cookie" not in answer.headers


async def test_whoever_loses_the_way_is_told_as_they_read(client: httpx.AsyncClient) -> None:
    person = await client.get("/no/such/page", headers={"Accept": "text/html,*/*;q=0.8"})
    assert person.status_code == 404
    assert "Nothing is here" in person.text
    program = await client.get("/no/such/page", headers={"Accept": "application/json"})
    assert program.status_code == 404
    assert program.headers["content-type"] == "application/problem+json"
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/openapi.json")).status_code == 200


async def test_search_engines_find_towns_campaigns_and_shops_and_nothing_else(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for name, answers in of_the_town().items():
        town[name].answers |= answers
    robots = (await client.get("/robots.txt")).text
    assert "Disallow: /account" in robots
    assert "Sitemap: http" in robots
    index = ElementTree.fromstring((await client.get("/sitemap.xml")).content)
    (of_town,) = [each.text for each in index.iter(LOC)]
    assert of_town is not None
    assert of_town.endswith(f"/towns/{NIS}/sitemap.xml")
    site_map = ElementTree.fromstring((await client.get(f"/towns/{NIS}/sitemap.xml")).content)
    found = [each.text or "" for each in site_map.iter(LOC)]
    assert len(found) == 4 * (1 + 2 + 60)  # in each language the town, its campaigns, its shops
    assert any(f"/campaigns/{CAMPAIGN}?lang=de" in each for each in found)
    for stand_in in town.values():
        stand_in.answers.clear()
    assert (await client.get("/sitemap.xml")).status_code == 503
