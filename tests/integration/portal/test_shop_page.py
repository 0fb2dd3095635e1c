"""A shop's page: what is shown, what it stands without, and what others read of it."""

from __future__ import annotations

import json
import re
from io import BytesIO
from xml.etree import ElementTree

import httpx
import pytest
from PIL import Image

from services.portal.city_colours import STEP_DEGREES, rgb
from services.portal.preview_card import preview_card
from tests.integration.portal.living_town import A_LONG_NAME, OF_SHOP, SHOP, a_shop, of_the_shop, reviews
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, SESSION, refusal
from tests.integration.portal.test_pages import words

PAGE = f"/merchants/{SHOP}"
AWAY = "This part is not available now."
FOLLOWS = f"/api/v1/follows/{SHOP}"


@pytest.fixture(autouse=True)
def _shop(town: dict[str, StandIn]) -> None:
    for name, answers in of_the_shop().items():
        town[name].answers |= answers


async def test_it_shows_the_shop_and_what_people_say_of_it(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(PAGE)
    assert answer.status_code == 200
    shown = words(answer.text)
    for expected in (
        "Open now",
        "Mon-Sat 07:00-18:30 public holidays closed",
        "Rue du Châtelet 12",
        "Le meilleur pain",
        "The shop answers Merci !",
        "a visit was not checked",
        "By somebody who works here: not counted",
        "points for any review",
        "Léa, CC BY 4.0",
        "Write a review on Google",
        "found in an open source",
        "Followers: 41",
        "© OpenStreetMap contributors",
    ):
        assert expected in shown
    assert 'class="hue-10"' in answer.text
    assert "s-maxage" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert 'rel="webmention"' in answer.text
    further = await client.get(f"{PAGE}?cursor=further")
    assert further.headers["x-robots-tag"] == "noindex"
    assert any(request.query_params.get("cursor") == "further" for request in town["campaigns"].asked)


@pytest.mark.parametrize("away", ["campaigns", "directory"])
async def test_a_service_that_is_away_costs_its_part_alone(
    client: httpx.AsyncClient, town: dict[str, StandIn], away: str
) -> None:
    town[away].answers = {path: refusal(503) for path in town[away].answers}
    answer = await client.get(PAGE)
    if away == "directory":
        assert answer.status_code == 503
        assert "try again in a minute" in answer.text
    else:
        assert answer.status_code == 200
        assert words(answer.text).count(AWAY) == 4
        assert "Rue du Châtelet 12" in answer.text


async def test_a_shop_that_is_not_there_is_said_for_people(client: httpx.AsyncClient) -> None:
    answer = await client.get("/merchants/01890000-0000-7000-8000-000000000000")
    assert answer.status_code == 404
    assert "Nothing is here" in answer.text


async def test_what_people_typed_ends_neither_the_data_nor_the_page(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    attack = "</script><script>alert(1)</script>"
    town["directory"].answers[OF_SHOP] = a_shop(name=attack, website="javascript:alert(1)")
    page = (await client.get(PAGE)).text
    assert "<script>alert" not in page
    assert "javascript:" not in page
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    told = json.loads(data[1])
    assert told["name"] == attack
    assert told["@type"] == "LocalBusiness"
    assert told["openingHours"] == ["Mo-Sa 07:00-18:30"]
    assert [each["reviewRating"]["ratingValue"] for each in told["review"]] == [5]  # staff speaks for itself


async def test_reviews_are_a_feed(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{PAGE}/reviews.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    atom = "{http://www.w3.org/2005/Atom}"
    assert [entry.findtext(f"{atom}content") for entry in feed.iter(f"{atom}entry")] == [
        each["text"] for each in reviews()
    ]
    assert feed.findtext(f"{atom}updated") == "2026-11-20T10:00:00+00:00"


async def test_links_to_it_are_shown_with_a_picture(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{PAGE}/card.png")
    assert answer.headers["content-type"] == "image/png"
    picture = Image.open(BytesIO(answer.content))
    assert picture.size == (1200, 630)
    assert len(answer.content) < 60_000
    for title in ("", "Ä", "W" * 300, "ab " * 100):
        assert await preview_card(title, A_LONG_NAME, None)


def test_every_hue_can_be_read() -> None:
    def luminance(colour: tuple[int, ...]) -> float:
        shares = [each / 255 for each in colour]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for hue in range(360 // STEP_DEGREES):
        deep, soft, band = rgb(0.40, 0.075, hue), rgb(0.935, 0.025, hue), rgb(0.37, 0.075, hue)
        assert contrast(deep, (251, 249, 245)) >= 4.5
        assert contrast(deep, soft) >= 4.5
        assert contrast(band, (255, 255, 255)) >= 4.5
        assert contrast((28, 43, 45), soft) >= 4.5
        light, dim = rgb(0.80, 0.075, hue), rgb(0.31, 0.035, hue)
        assert contrast(light, (18, 25, 26)) >= 4.5
        assert contrast(light, dim) >= 4.5


async def test_whoever_follows_signs_in_first_and_comes_back(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    asked = await client.post(PAGE, data={"do": "follow"})
    assert asked.headers["location"].startswith("/sign-in?next=%2Fmerchants%2F")

    town["directory"].answers[REFRESH] = SESSION
    town["campaigns"].answers[FOLLOWS] = {"merchant_id": SHOP, "followers": 42}
    done = await client.post(PAGE, data={"do": "follow"}, headers=COOKIE)
    assert done.status_code == 303
    assert town["campaigns"].asked[-1].method == "PUT"
    assert town["campaigns"].asked[-1].headers["authorization"] == "Bearer access"
    seen = await client.get(done.headers["location"])
    assert "You follow this shop." in words(seen.text)

    town["campaigns"].answers[FOLLOWS] = refusal(403)
    refused = await client.post(PAGE, data={"do": "unfollow"}, headers=COOKIE)
    assert refused.headers["location"].endswith("done=not-yours")
