"""Reviews and shares: what is accepted, what it counts for, and that it happens once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from contracts.campaigns.v1 import AmbassadorReviewPosted, AmbassadorShared, ContributionWithdrawn
from contracts.directory.v1 import DistrictDrawn, DistrictRemoved, MerchantClosed
from services.campaigns.contributions.domain import Review
from services.campaigns.contributions.use_cases.post import post
from tests.support.campaigns import Campaigns

FAR_AWAY = (((6.0, 50.0), (6.1, 50.0), (6.1, 50.1), (6.0, 50.1), (6.0, 50.0)),)
AROUND = (((5.6, 49.7), (5.7, 49.7), (5.7, 49.8), (5.6, 49.8), (5.6, 49.7)),)


async def test_anybody_signed_in_reviews_a_listed_merchant_at_any_time(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    answer = await campaigns.review(merchant, uuid4())
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"/api/v1/contributions/{body['id']}"
    assert body["counts_for_campaign"] is False
    assert body["reason"] == "no-running-campaign"
    assert (body["counts_for_audience"], body["verification"]) == (True, "account")
    (event,) = await campaigns.recorded()
    assert isinstance(event.fact, AmbassadorReviewPosted)
    assert (event.fact.contribution_id, event.fact.campaign_id) == (UUID(body["id"]), None)


async def test_what_is_rolled_back_was_never_told(campaigns: Campaigns) -> None:
    merchant, review = await campaigns.a_merchant(), Review(rating=4, text="Bon pain", language="fr")
    async with campaigns.database.transaction() as tx:
        await post(tx, uuid4(), merchant, review, campaigns.clock())
        await tx.rollback()
    assert await campaigns.recorded() == []


async def test_the_questions_of_screening_are_planned_once_however_often_they_are_asked(
    campaigns: Campaigns,
) -> None:
    merchant, review = await campaigns.a_merchant(), Review(rating=4, text="Bon pain", language="fr")
    planned = text(r"""
        SELECT sum(custom_plans), sum(generic_plans) FROM pg_prepared_statements
        WHERE ltrim(statement, E' \n') LIKE 'WITH known_text%'
    """)
    async with campaigns.database.transaction() as tx:
        for _ in range(8):
            await post(tx, uuid4(), merchant, review, campaigns.clock())
        custom, generic = (await tx.execute(planned)).one()
    assert custom <= 5  # the first of a connection, so that the server can compare
    assert generic >= 3


async def test_an_ambassadors_review_counts_for_the_running_campaign(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    stranger = (await campaigns.review(merchant, uuid4())).json()
    assert stranger["reason"] == "not-enrolled"
    await campaigns.join(campaign, person)
    body = (await campaigns.review(merchant, person)).json()
    assert (body["campaign_id"], body["counts_for_campaign"], body["reason"]) == (campaign["id"], True, None)
    events = await campaigns.recorded(AmbassadorReviewPosted)
    assert {event.fact.campaign_id for event in events} == {None, UUID(campaign["id"])}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("polygon", "kinds", "counts"),
    [(AROUND, [], True), (FAR_AWAY, [], False), (AROUND, ["shop=books"], False), (None, [], False)],
)
async def test_it_counts_inside_the_campaigns_area_alone(
    campaigns: Campaigns, polygon: Any, kinds: list[str], counts: bool
) -> None:
    merchant, person, district = await campaigns.a_merchant(), uuid4(), uuid4()
    if polygon:
        drawn = DistrictDrawn(city_id=campaigns.city, district_id=district, version=1, polygon=polygon)
        await campaigns.learn(drawn)
    area = {"district_ids": [str(district)], "kinds": kinds}
    campaign = await campaigns.a_campaign("schedule", "start", **area)
    await campaigns.join(campaign, person)
    body = (await campaigns.review(merchant, person)).json()
    assert body["counts_for_campaign"] is counts
    assert body["reason"] == (None if counts else "outside-area")


async def test_a_campaign_goes_on_in_a_district_that_was_removed_meanwhile(campaigns: Campaigns) -> None:
    merchant, person, district = await campaigns.a_merchant(), uuid4(), uuid4()
    await campaigns.learn(
        DistrictDrawn(city_id=campaigns.city, district_id=district, version=1, polygon=AROUND)
    )
    campaign = await campaigns.a_campaign("schedule", "start", district_ids=[str(district)])
    await campaigns.join(campaign, person)
    await campaigns.learn(DistrictRemoved(city_id=campaigns.city, district_id=district, version=2))
    assert (await campaigns.review(merchant, person)).json()["counts_for_campaign"] is True


async def test_it_counts_until_the_moment_the_campaign_ends(campaigns: Campaigns) -> None:
    person = uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    ends_at = datetime.fromisoformat(campaign["ends_at"])
    campaigns.now = ends_at - timedelta(milliseconds=1)
    assert (await campaigns.review(await campaigns.a_merchant(), person)).json()["counts_for_campaign"]
    campaigns.now = ends_at
    late = (await campaigns.review(await campaigns.a_merchant(), person)).json()
    assert late["reason"] == "no-running-campaign"


async def test_one_review_per_person_merchant_and_campaign_under_20_parallel_posts(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    answers = await asyncio.gather(*(campaigns.review(merchant, person) for _ in range(20)))
    accepted = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(accepted), len(refused)) == (1, 19)
    assert {problem["contribution_id"] for problem in refused} == {accepted[0]["id"]}
    assert {problem["type"] for problem in refused} == {"urn:cococity:problem:already-reviewed"}
    assert len(await campaigns.recorded(AmbassadorReviewPosted)) == 1


async def test_first_reviews_of_one_person_at_the_same_time_share_one_pseudonym(campaigns: Campaigns) -> None:
    person = uuid4()
    merchants = [await campaigns.a_merchant() for _ in range(10)]
    answers = await asyncio.gather(*(campaigns.review(merchant, person) for merchant in merchants))
    assert {answer.status_code for answer in answers} == {201}
    events = await campaigns.recorded(AmbassadorReviewPosted)
    pseudonyms = {event.fact.contributor_id for event in events}  # type: ignore[attr-defined]
    assert len(pseudonyms) == 1
    assert person not in pseudonyms


async def test_a_person_reviews_once_outside_campaigns_and_once_within_one(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    assert (await campaigns.review(merchant, person)).status_code == 201
    assert (await campaigns.review(merchant, person)).status_code == 409
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    assert (await campaigns.review(merchant, person)).json()["campaign_id"] == campaign["id"]
    assert (await campaigns.review(merchant, person)).status_code == 409


async def test_the_same_key_gives_the_same_answer_and_one_effect(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    answers = await asyncio.gather(*(campaigns.review(merchant, person, "k1") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await campaigns.recorded()) == 1
    other_body = await campaigns.review(merchant, person, "k1", rating=5)
    assert (other_body.status_code, other_body.json()["type"]) == (
        409,
        "urn:cococity:problem:idempotency-key-reused",
    )


async def test_a_share_counts_once_per_channel_and_day_of_brussels(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    campaigns.now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert (await campaigns.share(merchant, person)).status_code == 201
    assert (await campaigns.share(merchant, person, "mail")).status_code == 201
    again = await campaigns.share(merchant, person)
    assert (again.status_code, again.json()["type"]) == (409, "urn:cococity:problem:already-shared")
    campaigns.now = datetime(2026, 10, 25, 22, 59, tzinfo=UTC)  # still Sunday: it has 25 hours
    assert (await campaigns.share(merchant, person)).status_code == 409
    campaigns.now = datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert (await campaigns.share(merchant, person)).status_code == 201
    events = await campaigns.recorded(AmbassadorShared)
    assert [event.fact.channel for event in events].count("whatsapp") == 2  # type: ignore[attr-defined]


async def test_a_withdrawn_review_is_reversed_once_and_may_be_written_again(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    posted = (await campaigns.review(merchant, person)).json()
    path = f"/api/v1/contributions/{posted['id']}"
    answers = await asyncio.gather(
        *(campaigns.client.delete(path, headers=campaigns.as_person(person)) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {204}
    (event,) = await campaigns.recorded(ContributionWithdrawn)
    assert isinstance(event.fact, ContributionWithdrawn)
    assert (event.fact.contribution_id, event.fact.kind) == (UUID(posted["id"]), "review")
    assert (await campaigns.client.get(path)).status_code == 404
    assert (await campaigns.review(merchant, person)).status_code == 201


async def test_the_words_of_a_withdrawn_review_are_not_repeated_either(campaigns: Campaigns) -> None:
    person, merchant = uuid4(), await campaigns.a_merchant()
    posted = await campaigns.review(merchant, person, key="once", text="Sophie vous salue")
    path = f"/api/v1/contributions/{posted.json()['id']}"
    await campaigns.client.delete(path, headers=campaigns.as_person(person))

    again = await campaigns.review(merchant, person, key="once", text="Sophie vous salue")

    assert again.headers["idempotency-replayed"] == "true"
    assert (again.json()["id"], again.json()["text"]) == (posted.json()["id"], "")
    async with campaigns.database.connection() as connection:
        kept = (await connection.execute(text("SELECT CAST(i AS text) FROM idempotency i"))).scalars().all()
    assert not [row for row in kept if "Sophie" in row]


async def test_only_its_author_withdraws_a_contribution(campaigns: Campaigns) -> None:
    posted = (await campaigns.review(await campaigns.a_merchant(), uuid4())).json()
    path = f"/api/v1/contributions/{posted['id']}"
    stranger = await campaigns.client.delete(path, headers=campaigns.as_person(uuid4()))
    officer = await campaigns.client.delete(path, headers=campaigns.as_officer())
    nobody = await campaigns.client.delete(path)
    assert (stranger.status_code, officer.status_code, nobody.status_code) == (403, 403, 401)
    assert await campaigns.recorded(ContributionWithdrawn) == []


async def test_a_review_with_a_tie_is_shown_with_it_and_told_to_nobody(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    body = (await campaigns.review(merchant, person, tie="family")).json()
    assert (body["counts_for_audience"], body["counts_for_campaign"]) == (False, False)
    assert body["reason"] == "declared-tie"
    withdrawn = await campaigns.client.delete(
        f"/api/v1/contributions/{body['id']}", headers=campaigns.as_person(person)
    )
    assert withdrawn.status_code == 204
    assert await campaigns.recorded(AmbassadorReviewPosted) == []
    assert await campaigns.recorded(ContributionWithdrawn) == []


async def test_nobody_makes_an_audience_for_the_shop_they_run(campaigns: Campaigns) -> None:
    own, other, person = await campaigns.a_merchant(), await campaigns.a_merchant(), uuid4()
    headers = campaigns.issuer.headers(person, Grant(Role.merchant, campaigns.city, own))

    async def post(what: str, **body: Any) -> Any:
        return await campaigns.post(f"contributions/{what}", headers, body)

    review = await post("reviews", merchant_id=str(own), rating=5, text="Le meilleur", tie="none")
    assert (review.status_code, review.json()["tie"]) == (201, "owner")
    assert review.json()["counts_for_audience"] is False
    assert (await post("shares", merchant_id=str(own), channel="facebook")).status_code == 403
    assert await campaigns.recorded() == []
    neighbour = await post("reviews", merchant_id=str(other), rating=4, text="Bons voisins", tie="none")
    assert neighbour.json()["counts_for_audience"] is True


async def test_unknown_and_closed_merchants_are_refused(campaigns: Campaigns) -> None:
    unknown = await campaigns.review(uuid4(), uuid4())
    assert (unknown.status_code, unknown.json()["field"]) == (422, "merchant_id")
    closed = await campaigns.share(await campaigns.a_merchant(closed=True), uuid4())
    assert (closed.status_code, closed.json()["type"]) == (409, "urn:cococity:problem:merchant-closed")


async def test_what_was_said_of_a_merchant_that_closed_is_public_no_more(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    posted = (await campaigns.review(merchant, author)).json()
    public = (f"/api/v1/contributions?merchant={merchant}", f"/api/v1/contributions/{posted['id']}")
    assert len((await campaigns.client.get(public[0])).json()["items"]) == 1
    await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=merchant, version=2))
    assert (await campaigns.client.get(public[0])).json()["items"] == []
    assert (await campaigns.client.get(public[1])).status_code == 404
    own = await campaigns.client.get("/api/v1/contributions/mine", headers=campaigns.as_person(author))
    assert [each["id"] for each in own.json()["items"]] == [posted["id"]]


async def test_services_do_not_contribute(campaigns: Campaigns) -> None:
    headers = campaigns.issuer.headers(
        uuid4(),
        Grant(Role.service),
    )
    headers["Authorization"] = f"Bearer {campaigns.issuer.service_token('notifications')}"
    body = {"merchant_id": str(await campaigns.a_merchant()), "rating": 4}
    assert (await campaigns.post("contributions/reviews", headers, body)).status_code == 403


async def test_reviews_of_a_merchant_are_public_in_pages_without_their_authors(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    posted = [(await campaigns.review(merchant, uuid4(), text=str(n))).json()["id"] for n in range(5)]
    await campaigns.share(merchant, uuid4())
    seen: list[str] = []
    path: str | None = f"/api/v1/contributions?merchant={merchant}&limit=2"
    while path:
        answer = await campaigns.client.get(path)
        for item in answer.json()["items"]:
            assert not any("contributor" in name or "person" in name for name in item)
            seen.append(item["id"])
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert seen == posted[::-1]


async def test_ones_own_contributions_are_listed_with_the_withdrawn(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()
    await campaigns.share(merchant, person)
    await campaigns.review(merchant, uuid4())
    headers = campaigns.as_person(person)
    await campaigns.client.delete(f"/api/v1/contributions/{review['id']}", headers=headers)
    items = (await campaigns.client.get("/api/v1/contributions/mine", headers=headers)).json()["items"]
    assert [(item["kind"], item["withdrawn_at"] is None) for item in items] == [
        ("share", True),
        ("review", False),
    ]
    assert items[1]["text"] == ""


async def test_the_language_is_told_from_the_text_where_it_is_not_given(campaigns: Campaigns) -> None:
    texts = {
        "Accueil chaleureux et pain délicieux, je recommande vivement": "fr",
        "Vriendelijke bediening en heerlijk brood, zeker een aanrader": "nl",
        "Sehr freundliche Bedienung und leckeres Brot": "de",
        "Friendly people and the best bread in town": "en",
        "👍👍": None,
    }
    for written, language in texts.items():
        answer = await campaigns.review(await campaigns.a_merchant(), uuid4(), text=written, language=None)
        assert answer.json()["language"] == language
