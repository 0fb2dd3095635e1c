"""Cards and posters over HTTP, with names the directory tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI, Response
from pypdf import PdfReader

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.directory.v1 import DistrictDrawn, MerchantListed
from services.campaigns.printed import api as printing
from tests.support.campaigns import Campaigns, campaigns_service
from tests.support.notifications_world import serve
from tests.support.servers import Nats, Postgres

RING = ((5.0, 49.0), (6.0, 49.0), (6.0, 50.0), (5.0, 50.0), (5.0, 49.0))


@dataclass
class PublicDirectory:
    """The three public routes that are asked, answering as the directory does."""

    shops: dict[UUID, str] = field(default_factory=dict)
    away: bool = False

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/api/v1/merchants/{merchant_id}")
        async def shop(merchant_id: UUID) -> Any:
            if self.away:
                return Response(status_code=503)
            return self._shown(merchant_id) if merchant_id in self.shops else Response(status_code=410)

        @app.get("/api/v1/merchants")
        async def shops(district: UUID, limit: int, cursor: int = 0) -> Any:
            known = list(self.shops)
            following = str(cursor + 2) if cursor + 2 < len(known) else None
            return {"items": [self._shown(each) for each in known[cursor : cursor + 2]], "next": following}

        @app.get("/api/v1/cities/{city_id}")
        async def city(city_id: UUID) -> Any:
            responsible = {"name": "Claire Lambert", "role": "Échevine"}
            return {"id": city_id, "name": {"fr": "Habay", "nl": "Habay"}, "responsible": responsible}

        return app

    def _shown(self, merchant_id: UUID) -> dict[str, Any]:
        return {"id": merchant_id, "name": self.shops[merchant_id], "kind_name": "Boulangerie"}


@pytest.fixture
async def directory() -> PublicDirectory:
    return PublicDirectory()


@pytest.fixture
async def campaigns(postgres: Postgres, nats: Nats, directory: PublicDirectory) -> AsyncIterator[Campaigns]:
    async with (
        serve(directory.app()).serving() as url,
        campaigns_service(postgres, nats, directory_url=url) as service,
    ):
        yield service


def words(pdf: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


async def test_whoever_runs_a_shop_or_answers_for_its_town_prints(
    campaigns: Campaigns, directory: PublicDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = new_id()
    await campaigns.learn(
        DistrictDrawn(city_id=campaigns.city, district_id=district, version=1, polygon=(RING,))
    )
    shops = [await campaigns.a_merchant() for _ in range(5)]
    listed = MerchantListed(
        city_id=campaigns.city,
        merchant_id=shops[0],
        version=2,
        kind="shop=bakery",
        longitude=5.65,
        latitude=49.72,
        district_ids=(district,),
    )
    await campaigns.learn(listed)
    directory.shops = {shop: f"Shop {number}" for number, shop in enumerate(shops)}
    directory.shops[uuid4()] = "Not heard of yet"
    get = campaigns.client.get

    # a counter card
    path = f"/api/v1/printed/merchants/{shops[0]}/card.pdf"
    owner = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, shops[0]))
    other = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, shops[1]))
    association = campaigns.issuer.headers(
        uuid4(), Grant(Role.association_officer, campaigns.city, district_id=district)
    )
    link = (await get(f"/api/v1/share-links/merchants/{shops[0]}")).json()["address"]
    for headers in (owner, association, campaigns.as_officer()):
        card = await get(path, headers=headers, params={"language": "nl"})
        assert (card.status_code, card.headers["content-type"]) == (200, "application/pdf"), card.text
        (page,) = words(card.content)
        assert "Shop0" in page
        assert link in page
        assert "KentudezezaakVertel" in page.replace("?", "")
    assert (await get(path, headers=other)).status_code == 403
    gone = directory.shops.pop(shops[0])
    assert (await get(path, headers=owner)).status_code == 404
    directory.shops[shops[0]] = gone
    directory.away = True
    assert (await get(path, headers=owner)).status_code == 503

    # a district, in files of a few pages
    monkeypatch.setattr(printing, "MOST_CARDS", 4)
    path = f"/api/v1/printed/districts/{district}/cards.pdf"
    first = await get(path, headers=association)
    following = first.headers["link"].partition(">")[0].removeprefix("<")
    second = await get(following, headers=association)
    assert "link" not in second.headers
    printed = [*words(first.content), *words(second.content)]
    assert [page[:5] for page in printed] == [f"Shop{number}" for number in (1, 2, 3, 4, 0)]
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    assert (await get(path, headers=elsewhere)).status_code == 403
    unknown = f"/api/v1/printed/districts/{uuid4()}/cards.pdf"
    assert (await get(unknown, headers=campaigns.as_officer())).status_code == 404

    # a poster
    campaign = await campaigns.a_campaign("schedule", name="Le mois des ambassadeurs")
    path = f"/api/v1/printed/campaigns/{campaign['id']}/poster.pdf"
    drawn = await get(path, headers=campaigns.as_officer(), params={"language": "fr", "format": "a3"})
    (page,) = words(drawn.content)
    link = (await get(f"/api/v1/share-links/campaigns/{campaign['id']}")).json()["address"]
    for said in ("Lemoisdesambassadeurs", link, "ClaireLambert,Échevine", "Habay:devenez"):
        assert said in page
    assert (await get(path, headers=elsewhere)).status_code == 403
    await campaigns.post(f"campaigns/{campaign['id']}/end", campaigns.as_officer())
    assert (await get(path, headers=campaigns.as_officer())).status_code == 409
