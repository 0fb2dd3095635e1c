"""Files for a spreadsheet: of one's own city, with nobody's name in them, and known to be taken."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from services.campaigns.exports import api as exports
from services.campaigns.exports.columns import COLUMNS
from services.campaigns.exports.datasets import Dataset
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Kind, Subject
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

REMOVAL = {"outcome": "removed", "ground": "insult", "statement": "Il traite Sophie de voleuse."}


async def rows(campaigns: Campaigns, path: str, **query: str) -> list[dict[str, str]]:
    answer = await campaigns.client.get(
        f"/api/v1/exports/{path}.csv", headers=campaigns.as_officer(), params=query
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_what_was_done_is_in_the_file_and_who_did_it_is_not(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_PORTION", 2)
    shops, person = [await campaigns.a_merchant() for _ in range(2)], uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    said = "=HYPERLINK(1) disait la carte, et le pain est très bon"
    review = (await campaigns.review(shops[0], person, text=said)).json()
    await campaigns.share(shops[0], person)
    held = (await campaigns.review(shops[1], uuid4(), text="Voir www.example.be chez Sophie")).json()
    taken_back = (await campaigns.review(shops[1], uuid4(), text="Bof")).json()
    author = await campaigns.client.get(f"/api/v1/contributions/{taken_back['id']}")
    assert author.status_code == 200
    (case,) = (
        await campaigns.client.get(
            f"/api/v1/moderation/cases?city={campaigns.city}", headers=campaigns.as_officer()
        )
    ).json()["items"]
    await campaigns.post(f"moderation/cases/{case['id']}/decision", campaigns.as_officer(), REMOVAL)
    counter = VisitCounter(campaigns.database, campaigns.clock)
    for visitor in "ab":
        counter.count(Subject(new_id(), Kind.PAGE, campaigns.city, shops[0]), visitor)
    await counter.close()
    await campaigns.count()

    city, of_campaign = f"cities/{campaigns.city}", f"campaigns/{campaign['id']}"
    done = {each["id"]: each for each in await rows(campaigns, f"{city}/contributions")}
    assert len(done) == 4
    assert done[review["id"]]["text"] == f"'{said}"  # read as text by a spreadsheet
    assert (done[held["id"]]["standing"], done[held["id"]]["text"]) == ("removed", "")
    assert {each["kind"] for each in await rows(campaigns, f"{of_campaign}/contributions")} == {
        "review", "share",
    }  # fmt: skip
    assert await rows(campaigns, f"{city}/contributions", until="2020-01-01") == []
    assert len(await rows(campaigns, f"{city}/contributions", since="2020-01-01")) == 4
    assert {each["visits"] for each in await rows(campaigns, f"{city}/visits")} == {"2"}
    reached = {each["merchant_id"]: each for each in await rows(campaigns, f"{of_campaign}/merchants")}
    assert (reached[str(shops[0])]["reached"], reached[str(shops[0])]["shares"]) == ("true", "1")
    assert reached[str(shops[1])]["reached"] == "false"
    (decided,) = await rows(campaigns, f"{city}/decisions")
    assert (decided["outcome"], decided["ground"], decided["reasons"]) == ("removed", "insult", "link")
    assert await rows(campaigns, f"{of_campaign}/decisions") == []

    async with campaigns.database.connection() as connection:
        for dataset in Dataset:
            text = str(await rows(campaigns, f"{city}/{dataset}"))
            people = (
                await connection.exec_driver_sql("SELECT contributor_id, person_id FROM contributor")
            ).all()
            assert people
            hidden = [*map(str, (each for row in people for each in row)), "Sophie", str(campaigns.officer)]
            assert not [each for each in hidden if each in text]


async def test_each_file_is_described_in_four_languages_column_by_column(campaigns: Campaigns) -> None:
    await campaigns.a_merchant()
    for dataset in Dataset:
        answer = await campaigns.client.get(f"/api/v1/exports/{dataset}.csv-metadata.json")
        columns = answer.json()["tableSchema"]["columns"]
        file = await campaigns.client.get(
            f"/api/v1/exports/cities/{campaigns.city}/{dataset}.csv", headers=campaigns.as_officer()
        )
        header = next(csv.reader(StringIO(file.content.decode("utf-8-sig"))))
        assert header == [each["name"] for each in columns] == [*COLUMNS[dataset]]
        assert f"{dataset}.csv-metadata.json" in file.headers["Link"]
        for each in columns:
            languages = {told["@language"]: told["@value"] for told in each["dc:description"]}
            assert languages.keys() == {"fr", "nl", "de", "en"}
            assert len({*languages.values()}) == 4, languages
    assert (await campaigns.client.get("/api/v1/exports/people.csv-metadata.json")).status_code == 422


async def test_that_a_file_was_taken_is_known_and_by_whom_until_they_are_erased(
    campaigns: Campaigns,
) -> None:
    path = f"/api/v1/exports/cities/{campaigns.city}"
    await rows(campaigns, f"cities/{campaigns.city}/visits", since="2026-01-01", until="2026-01-31")
    await rows(campaigns, f"cities/{campaigns.city}/decisions")

    async def taken() -> list[dict[str, Any]]:
        first = await campaigns.client.get(path, headers=campaigns.as_officer(), params={"limit": 1})
        more = {"limit": 1, "cursor": first.json()["next"]}
        second = await campaigns.client.get(path, headers=campaigns.as_officer(), params=more)
        found: list[dict[str, Any]] = first.json()["items"] + second.json()["items"]
        return found

    latest, before = await taken()
    assert (latest["dataset"], before["dataset"], before["since"]) == ("decisions", "visits", "2026-01-01")
    assert {each["person_id"] for each in (latest, before)} == {str(campaigns.officer)}
    own = await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=campaigns.as_officer())
    assert len(own.json()["data"]["files taken of what is done in a city"]) == 2
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    for refused in (path, f"{path}/visits.csv"):
        assert (await campaigns.client.get(refused, headers=elsewhere)).status_code == 403
    wrong = await campaigns.client.get(
        f"{path}/visits.csv?since=2026-02-01&until=2026-01-01", headers=campaigns.as_officer()
    )
    assert (wrong.status_code, wrong.json()["field"]) == (422, "until")
    assert len(await taken()) == 2  # who was refused took nothing

    await deliver(campaigns.service, erasure_of(campaigns.officer))
    async with campaigns.database.connection() as connection:
        people = (await connection.exec_driver_sql("SELECT person_id FROM export")).scalars().all()
    assert people == [None, None]
