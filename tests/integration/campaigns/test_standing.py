"""Who sees a contribution, what is told of it when that changes, and what its author may write instead."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from contracts.campaigns.moderation import ContributionHeld, ContributionModerated, ContributionReinstated
from contracts.campaigns.v1 import AmbassadorReviewPosted, ContributionWithdrawn
from services.campaigns.contributions.domain import Standing
from services.campaigns.contributions.standing import Why
from services.campaigns.evaluation.domain import Figure
from services.campaigns.evaluation.figures import figures_of
from services.campaigns.goals.progress import progress_of
from tests.support.campaigns import Campaigns


async def a_held_review(campaigns: Campaigns, merchant: UUID, person: UUID) -> UUID:
    held = await campaigns.review(merchant, person, text="Voir example.org")
    return UUID(held.json()["id"])


def keys(of: dict[str, Any]) -> list[str]:
    return [reason["key"] for reason in of["reasons"]]


async def read(campaigns: Campaigns, path: str, person: UUID | None = None) -> tuple[int, Any]:
    headers = campaigns.as_person(person) if person else {}
    answer = await campaigns.client.get(f"/api/v1/contributions{path}", headers=headers)
    return answer.status_code, answer.json()


async def test_a_held_review_is_its_authors_alone_and_told_once_it_is_published(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    held = await a_held_review(campaigns, merchant, author)
    assert (await read(campaigns, f"/{held}"))[0] == 404
    assert (await read(campaigns, f"/{held}", uuid4()))[0] == 404
    assert (await read(campaigns, f"?merchant={merchant}"))[1]["items"] == []
    status, own = await read(campaigns, f"/{held}", author)
    assert (status, own["standing"], keys(own)) == (200, "held", ["link"])
    (to_author,) = await campaigns.recorded()
    assert isinstance(to_author.fact, ContributionHeld)
    assert (to_author.fact.contribution_id, to_author.fact.reasons) == (held, ("link",))
    for _ in range(2):
        await campaigns.change_standing(held, Standing.PUBLISHED)
    assert (await read(campaigns, f"/{held}"))[1]["reasons"] == []
    _, told = await campaigns.recorded()
    assert isinstance(told.fact, AmbassadorReviewPosted)


async def test_a_removed_review_is_told_and_back_again_when_it_is_reinstated(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, author)).json()["id"]
    why = Why(("insult",), "Il traite la boulangère de voleuse.", uuid4())
    for _ in range(2):
        await campaigns.change_standing(review, Standing.REMOVED, why)
    assert (await read(campaigns, f"/{review}"))[0] == 404
    (own,) = (await read(campaigns, "/mine", author))[1]["items"]
    assert (own["standing"], keys(own), own["statement"]) == ("removed", ["insult"], why.statement)
    await campaigns.change_standing(review, Standing.PUBLISHED)
    assert (await read(campaigns, f"/{review}"))[0] == 200
    _, moderated, reinstated = await campaigns.recorded()
    assert isinstance(moderated.fact, ContributionModerated)
    assert isinstance(reinstated.fact, ContributionReinstated)
    assert (moderated.fact.version, reinstated.fact.version) == (2, 3)


async def test_of_what_was_never_public_no_end_is_told(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    held = await a_held_review(campaigns, merchant, author)
    await campaigns.change_standing(held, Standing.REMOVED)
    await campaigns.client.delete(f"/api/v1/contributions/{held}", headers=campaigns.as_person(author))
    assert [type(event.fact) for event in await campaigns.recorded()] == [ContributionHeld]
    await campaigns.change_standing(held, Standing.PUBLISHED)  # withdrawn is for ever
    assert (await read(campaigns, f"/{held}", author))[0] == 404


async def test_a_removed_review_keeps_its_place_also_once_it_is_withdrawn(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, author)).json()["id"]
    await campaigns.change_standing(review, Standing.REMOVED)
    assert (await campaigns.review(merchant, author)).status_code == 409
    own = campaigns.as_person(author)
    await campaigns.client.delete(f"/api/v1/contributions/{review}", headers=own)
    again = await campaigns.review(merchant, author)
    assert (again.status_code, again.json()["contribution_id"]) == (409, review)
    assert len(await campaigns.recorded(ContributionWithdrawn)) == 1


async def test_a_held_review_that_is_withdrawn_makes_room_for_another(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    held = await a_held_review(campaigns, merchant, author)
    assert (await campaigns.review(merchant, author)).status_code == 409
    own = campaigns.as_person(author)
    await campaigns.client.delete(f"/api/v1/contributions/{held}", headers=own)
    assert (await campaigns.review(merchant, author)).status_code == 201


async def test_a_campaign_counts_what_is_public(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, author)
    held, counted = await a_held_review(campaigns, merchant, author), []
    for to in (Standing.HELD, Standing.PUBLISHED, Standing.REMOVED, Standing.PUBLISHED):
        await campaigns.change_standing(held, to)
        await campaigns.count()
        async with campaigns.database.connection() as connection:
            sums = await progress_of(connection, UUID(campaign["id"]))
            figures = await figures_of(connection, UUID(campaign["id"]))
        counted.append((sums[Figure.REVIEWS], figures[Figure.REVIEWS]))
    assert counted == [(0, 0), (1, 1), (0, 0), (1, 1)]
