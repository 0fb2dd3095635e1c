"""Closed months of a city are published once, for everybody, as they were when they were closed."""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

from chassis.ids import new_id
from services.campaigns.open_data.closing import close_one
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

IN_OCTOBER = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)  # half past eleven in Brussels
IN_NOVEMBER = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
CLOSED = datetime(2026, 11, 8, tzinfo=UTC)


async def lines(campaigns: Campaigns) -> list[list[str]]:
    answer = await campaigns.client.get(f"/api/v1/open-data/cities/{campaigns.city}/contributions.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))[1:]


async def test_a_month_is_published_once_it_is_closed_and_stays_as_it_was(campaigns: Campaigns) -> None:
    shops = [await campaigns.a_merchant() for _ in range(6)]
    people = [uuid4() for _ in range(6)]
    posted = []
    campaigns.now = IN_OCTOBER
    for shop, person in zip(shops, people, strict=True):
        posted.append((await campaigns.share(shop, person)).json()["id"])
        await campaigns.review(shop, person, tie="staff")  # counts nowhere
    await campaigns.review(shops[0], people[0], text="Voir www.example.be")  # held
    campaigns.now = IN_NOVEMBER
    await campaigns.share(shops[0], people[0])
    await campaigns.count()

    assert not await close_one(campaigns.database, datetime(2026, 11, 7, 22, 59, tzinfo=UTC))
    done = await asyncio.gather(*(close_one(campaigns.database, CLOSED) for _ in range(3)))
    assert sum(done) == 1  # each month once, whoever closes it
    assert not await close_one(campaigns.database, CLOSED)
    october = [
        ["2026-10", "", "", "", "6"],
        ["2026-10", "share", "", "", "6"],
        ["2026-10", "share", "none", "", "6"],
        ["2026-10", "share", "none", "shop=bakery", "6"],
    ]
    assert await lines(campaigns) == october

    own = campaigns.as_person(people[1])
    assert (await campaigns.client.delete(f"/api/v1/contributions/{posted[1]}", headers=own)).is_success
    await deliver(campaigns.service, erasure_of(people[2], closed=[shops[2]]))
    await campaigns.count()
    assert await close_one(campaigns.database, datetime(2026, 12, 8, tzinfo=UTC))
    assert await lines(campaigns) == [*october, ["2026-11", "", "", "", ""]]  # one share: withheld


async def test_catalogues_read_what_there_is_and_under_which_licence(campaigns: Campaigns) -> None:
    await campaigns.a_merchant()
    path = f"/api/v1/open-data/cities/{campaigns.city}"
    empty = (await campaigns.client.get(path)).json()
    assert "dct:temporal" not in empty
    campaigns.now = IN_OCTOBER
    await campaigns.share(await campaigns.a_merchant(), uuid4())
    await campaigns.count()
    assert await close_one(campaigns.database, CLOSED)
    answer = await campaigns.client.get(path)
    assert answer.headers["Content-Type"] == "application/ld+json"
    told = answer.json()
    assert told["@type"] == "dcat:Dataset"
    assert {each["@language"] for each in told["dct:title"]} == {"fr", "nl", "de", "en"}
    assert told["dct:license"]["@id"] == "https://creativecommons.org/licenses/by/4.0/"
    assert told["dct:temporal"]["dcat:startDate"]["@value"] == "2026-10"
    file = told["dcat:distribution"]["dcat:downloadURL"]["@id"]
    assert file.endswith(f"{path}/contributions.csv")
    columns = (await campaigns.client.get("/api/v1/open-data/contributions.csv-metadata.json")).json()
    header = (await campaigns.client.get(f"{path}/contributions.csv")).content.decode("utf-8-sig")
    names = [each["name"] for each in columns["tableSchema"]["columns"]]
    assert header.splitlines()[0].split(",") == names
    for of in ("", "/contributions.csv"):
        assert (await campaigns.client.get(f"/api/v1/open-data/cities/{new_id()}{of}")).status_code == 404
