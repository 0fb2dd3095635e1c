"""A review is edited, with what it said before; the shop answers it. Neither counts again."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from contracts.campaigns.moderation import ContributionModerated
from contracts.campaigns.v1 import (
    AmbassadorReviewPosted,
    ContributionEdited,
    MerchantAnswered,
    MerchantAnswerRemoved,
)
from contracts.directory.v1 import MerchantClosed
from services.campaigns.contributions.domain import Standing
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


def path_of(review: dict[str, Any], more: str = "") -> str:
    return f"/api/v1/contributions/{review['id']}{more}"


async def edit(
    campaigns: Campaigns, review: dict[str, Any], person: UUID, tag: str = '"1"', **said: Any
) -> httpx.Response:
    headers = {"If-Match": tag, **campaigns.as_person(person)}
    return await campaigns.client.patch(path_of(review), json=said, headers=headers)


def as_shop(campaigns: Campaigns, merchant: UUID, role: Role = Role.merchant) -> dict[str, str]:
    return campaigns.issuer.headers(uuid4(), Grant(role, campaigns.city, merchant))


async def answer(
    campaigns: Campaigns, review: dict[str, Any], headers: dict[str, str], words: str = "Merci !"
) -> httpx.Response:
    return await campaigns.post(f"contributions/{review['id']}/answer", headers, {"text": words})


async def test_an_edited_review_says_so_keeps_what_it_said_and_counts_once(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person, key="k", text="Très bon pain")).json()
    edited = await edit(campaigns, review, person, rating=2, text="Pain trop cuit, dommage", language="fr")
    assert (edited.status_code, edited.headers["ETag"]) == (200, '"2"'), edited.text
    again = await edit(campaigns, review, person, tag='"2"', rating=3)
    assert (again.json()["text"], again.json()["rating"]) == ("Pain trop cuit, dommage", 3)

    read = await campaigns.client.get(path_of(review))
    assert (read.json()["rating"], read.headers["ETag"]) == (3, '"3"')
    assert read.json()["edited_at"] is not None
    assert (read.json()["posted_at"], review["rating"]) == (review["posted_at"], 4)
    own = await campaigns.client.get(path_of(review, "/versions"), headers=campaigns.as_person(person))
    assert [(v["version"], v["rating"], v["text"]) for v in own.json()["items"]] == [
        (1, 4, "Très bon pain"),
        (2, 2, "Pain trop cuit, dommage"),
        (3, 3, "Pain trop cuit, dommage"),
    ]
    told = [event.fact for event in await campaigns.recorded()]
    assert [type(fact) for fact in told] == [AmbassadorReviewPosted, ContributionEdited, ContributionEdited]
    assert [(f.version, f.rating) for f in told if isinstance(f, ContributionEdited)] == [(2, 2), (3, 3)]
    repeated = (await campaigns.review(merchant, person, key="k", text="Très bon pain")).json()
    assert (repeated["id"], repeated["text"]) == (review["id"], "Pain trop cuit, dommage")


SPANISH = "El pan de cada mañana es muy bueno y la gente que trabaja aquí es siempre muy amable con todos"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "Moins cher chez https://example.org"}, "link"),
        ({"text": SPANISH, "language": "fr"}, "language"),  # whatever its author says
    ],
)
async def test_an_edit_that_a_rule_asks_to_look_at_is_held_until_somebody_has(
    campaigns: Campaigns, change: dict[str, str], reason: str
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()

    edited = await edit(campaigns, review, person, **change)

    body = edited.json()
    assert (body["standing"], [each["key"] for each in body["reasons"]]) == ("held", [reason])
    assert (await campaigns.client.get(path_of(review))).status_code == 404
    (told,) = await campaigns.recorded(ContributionModerated)
    assert told.fact.contribution_id == UUID(review["id"])  # type: ignore[attr-defined]


async def test_two_edits_of_what_was_read_once_lose_nothing(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()
    answers = await asyncio.gather(*(edit(campaigns, review, person, text=f"Avis {n}") for n in range(4)))
    assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]
    unchanged = await edit(campaigns, review, person, tag='"2"', rating=review["rating"])
    assert unchanged.headers["ETag"] == '"2"'
    assert len(await campaigns.recorded(ContributionEdited)) == 1


async def test_only_its_author_edits_a_review_and_reads_its_versions(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()
    share = (await campaigns.share(merchant, person)).json()
    assert (await edit(campaigns, review, uuid4(), rating=1)).status_code == 403
    stranger = await campaigns.client.get(path_of(review, "/versions"), headers=campaigns.as_person(uuid4()))
    assert stranger.status_code == 403
    only = await campaigns.client.get(path_of(review, "/versions"), headers=campaigns.as_person(person))
    assert [version["version"] for version in only.json()["items"]] == [1]
    assert (await edit(campaigns, share, person, rating=1)).status_code == 409
    for body, field in (({"rating": 6}, "rating"), ({"rating": None}, "rating"), ({"tie": "none"}, "tie")):
        refused = await edit(campaigns, review, person, **body)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    without = await campaigns.client.patch(
        path_of(review), json={"rating": 1}, headers=campaigns.as_person(person)
    )
    assert without.status_code == 428


@pytest.mark.parametrize("how", ["withdrawn", "erased"])
async def test_no_version_keeps_its_words_once_the_review_is_gone(campaigns: Campaigns, how: str) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person, text="Sophie vous salue")).json()
    await edit(campaigns, review, person, text="Sophie vous salue encore")
    if how == "withdrawn":
        await campaigns.client.delete(path_of(review), headers=campaigns.as_person(person))
        assert (await edit(campaigns, review, person, tag="*", rating=1)).status_code == 404
    else:
        await deliver(campaigns.service, erasure_of(person))
    query = "SELECT text FROM review UNION ALL SELECT text FROM review_version"
    async with campaigns.database.connection() as connection:
        assert set((await connection.scalars(text(query))).all()) == {""}


async def test_a_shop_answers_a_review_once_edits_it_and_takes_it_back(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()
    owner, staff = as_shop(campaigns, merchant), as_shop(campaigns, merchant, Role.merchant_staff)
    answers = await asyncio.gather(*(answer(campaigns, review, each) for each in (owner, staff, owner)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409]
    (listed,) = (await campaigns.client.get(f"/api/v1/contributions?merchant={merchant}")).json()["items"]
    assert (listed["answer"]["text"], listed["answer"]["edited_at"]) == ("Merci !", None)
    assert not any("person" in name for name in listed["answer"])

    path = path_of(review, "/answer")
    tag = (await campaigns.client.get(path)).headers["ETag"]
    other_words = {"json": {"text": "Merci beaucoup"}, "headers": {"If-Match": tag, **staff}}
    changed = [await campaigns.client.patch(path, **other_words) for _ in range(2)]  # type: ignore[arg-type]
    assert [each.status_code for each in changed] == [200, 412]
    assert changed[0].json()["edited_at"] is not None
    assert (await campaigns.client.delete(path, headers=owner)).status_code == 204
    assert (await campaigns.client.get(path)).status_code == 404
    assert (await answer(campaigns, review, owner, "Une autre fois")).status_code == 201
    told = await campaigns.recorded()
    kinds = [type(event.fact) for event in told]
    assert kinds == [AmbassadorReviewPosted, MerchantAnswered, MerchantAnswerRemoved, MerchantAnswered]
    assert told[1].fact.answer_id == told[2].fact.answer_id != told[3].fact.answer_id  # type: ignore[attr-defined]


async def test_only_the_reviewed_shop_answers_what_is_public(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()
    other = as_shop(campaigns, await campaigns.a_merchant())
    assert (await answer(campaigns, review, other)).status_code == 403
    assert (await answer(campaigns, review, campaigns.as_officer())).status_code == 403
    empty = await answer(campaigns, review, as_shop(campaigns, merchant), " ")
    assert (empty.status_code, empty.json()["field"]) == (422, "text")
    share = (await campaigns.share(merchant, person)).json()
    assert (await answer(campaigns, share, as_shop(campaigns, merchant))).status_code == 404
    await campaigns.change_standing(review["id"], Standing.HELD)
    assert (await answer(campaigns, review, as_shop(campaigns, merchant))).status_code == 404
    await campaigns.client.delete(path_of(review), headers=campaigns.as_person(person))
    assert (await answer(campaigns, review, as_shop(campaigns, merchant))).status_code == 404
    second = (await campaigns.review(merchant, person)).json()
    await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=merchant, version=2))
    assert (await answer(campaigns, second, as_shop(campaigns, merchant))).status_code == 404


async def test_an_answer_stays_with_the_shop_and_goes_with_it_or_with_the_review(
    campaigns: Campaigns,
) -> None:
    author, owner = uuid4(), uuid4()
    stays, closes, withdrawn = [await campaigns.a_merchant() for _ in range(3)]
    for merchant in (stays, closes, withdrawn):
        review = (await campaigns.review(merchant, author)).json()
        headers = campaigns.issuer.headers(owner, Grant(Role.merchant, campaigns.city, merchant))
        assert (await answer(campaigns, review, headers)).status_code == 201
    await campaigns.client.delete(path_of(review), headers=campaigns.as_person(author))
    data = "/api/v1/people/me/data/campaigns"
    own = (await campaigns.client.get(data, headers=campaigns.as_person(owner))).json()["data"]
    assert [each["text"] for each in own["answers to reviews"]] == ["Merci !", "Merci !", ""]

    await deliver(campaigns.service, erasure_of(owner, closed=[closes]))

    query = text("SELECT merchant_id, text, person_id FROM answer ORDER BY id")
    async with campaigns.database.connection() as connection:
        left = [tuple(row) for row in await connection.execute(query)]
    removed = {event.fact.merchant_id for event in await campaigns.recorded(MerchantAnswerRemoved)}  # type: ignore[attr-defined]
    assert removed == {closes, withdrawn}
    assert left == [(stays, "Merci !", None), (closes, "", None), (withdrawn, "", None)]
