"""What anybody sees of a running town: every part of every public page, told by the real services."""

from __future__ import annotations

import re
from uuid import UUID

import httpx

from demo import town as demo_town
from demo.gateway import Gateway
from deploy.one_machine.system import System
from tests.end_to_end.journeys import fresh_shop, review, until

AWAY = "This part is not available now."


async def test_a_visitor_comes_from_the_landing_page_to_a_town_a_campaign_and_a_shop(
    town: System, gateway: Gateway
) -> None:
    shop = await fresh_shop(gateway, "marc", "fr")
    await review(gateway, "sophie", shop)
    async with httpx.AsyncClient(base_url=town.address, headers={"Accept-Language": "en"}) as visitor:

        async def page(path: str) -> str:
            answer = await visitor.get(path)
            assert answer.status_code == 200, path
            assert answer.headers.get("content-encoding") == "gzip"
            assert "set-cookie" not in answer.headers
            assert AWAY not in answer.text, path
            return answer.text

        landing = await page("/?lang=en")
        of_town = f"/towns/{demo_town.NIS_CODE}?lang=en"
        assert f'href="{of_town}"' in landing
        whole = await page(of_town)
        (campaign, *_) = re.findall(r'href="(/campaigns/[0-9a-f-]{36}\?lang=en)"', whole)
        assert "/join?lang=en" in await page(campaign)
        assert len(set(re.findall(r'href="/merchants/([0-9a-f-]{36})', whole))) > 20

        def is_shown(text: str) -> bool:
            return 'class="card review"' in text

        shown = await until(lambda: page(f"/merchants/{shop.id}?lang=en"), is_shown, "the review")
        assert 'type="application/ld+json"' in shown
        picture = await visitor.get(f"/merchants/{shop.id}/card.png")
        assert picture.headers["content-type"] == "image/png"
        feed = await visitor.get(f"/merchants/{shop.id}/reviews.atom")
        assert "<entry>" in feed.text
        seen = {"merchant_id": str(UUID(str(shop.id))), "kind": "page"}
        assert (await visitor.post("/api/v1/visits", json=seen)).status_code == 204
