"""Photos and videos are looked at too where a rule asks for it; who decides sees what nobody else does."""

from __future__ import annotations

from uuid import uuid4

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import AmbassadorPhotoPosted
from services.campaigns.contributions.domain import Standing
from services.campaigns.screening.domain import Thresholds
from tests.integration.campaigns.test_moderation import PUBLICATION, REMOVAL, decided, officer, queue
from tests.integration.campaigns.test_screening import reasons
from tests.integration.campaigns.test_videos import link
from tests.support.campaigns import Campaigns
from tests.support.pictures import photo


async def test_words_beside_pictures_are_looked_at_and_the_photo_waits_unseen_but_for_officers(
    campaigns: Campaigns,
) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    sent = await campaigns.photos(
        merchant, author, photo(), alt=["Mieux chez www.example.be"], credit="Un idiot"
    )
    assert reasons(sent) == ["link", "insult"]
    public = sent.json()["pictures"][0]["large"]
    assert (await campaigns.client.get(public)).status_code == 404
    assert await campaigns.recorded(AmbassadorPhotoPosted) == []
    decider = officer(campaigns)
    (case,) = await queue(campaigns, decider)
    (shown,) = case["contribution"]["pictures"]
    for size in ("large", "small"):
        seen = await campaigns.client.get(shown[size], headers=decider)
        assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/webp")
        assert (seen.headers["Cache-Control"], seen.content[8:12]) == ("private, no-store", b"WEBP")
    stranger = officer(campaigns, new_id())
    for headers in ({}, campaigns.as_person(author), stranger):
        assert (await campaigns.client.get(shown["large"], headers=headers)).status_code in (401, 403)
    other = await campaigns.photos(await campaigns.a_merchant(), uuid4(), photo())
    elsewhere = shown["large"].replace(shown["id"], other.json()["pictures"][0]["id"])
    assert (await campaigns.client.get(elsewhere, headers=decider)).status_code == 404
    assert (await decided(campaigns, case, decider, PUBLICATION)).status_code == 201
    assert (await campaigns.client.get(public)).status_code == 200


async def test_a_removed_picture_is_seen_by_who_decides_its_appeal(campaigns: Campaigns) -> None:
    author, deputy_city = uuid4(), new_id()
    posted = await campaigns.photos(
        await campaigns.a_merchant(), author, photo(), alt=["Voir www.example.be"]
    )
    first = officer(campaigns)
    (case,) = await queue(campaigns, first)
    assert (await decided(campaigns, case, first, REMOVAL)).status_code == 201
    path = f"/api/v1/moderation/deputies/{campaigns.city}"
    await campaigns.client.put(path, json={"deputy_city_id": str(deputy_city)}, headers=first)
    appeal = f"contributions/{posted.json()['id']}/appeal"
    assert (
        await campaigns.post(appeal, campaigns.as_person(author), {"text": "Mais si."})
    ).status_code == 201
    deputy = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=deputy_city))
    (waiting,) = await queue(campaigns, deputy)
    (shown,) = waiting["contribution"]["pictures"]
    assert (await campaigns.client.get(shown["small"], headers=deputy)).status_code == 200
    # The case that was decided before is no appeal: the deputy city has nothing to do with it.
    before = shown["small"].replace(waiting["id"], case["id"])
    assert (await campaigns.client.get(before, headers=deputy)).status_code == 403


async def test_a_video_is_held_where_its_author_declared_a_tie_or_had_one_removed(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    declared = await campaigns.review(merchant, person, tie="owner")
    assert reasons(declared) == []
    first = await link(campaigns, merchant, person, "https://youtu.be/dQw4w9WgXcQ")
    assert reasons(first) == ["tied"]
    await campaigns.change_standing(first.json()["id"], Standing.REMOVED)
    again = await link(campaigns, merchant, person, "https://youtu.be/9bZkp7q19f0")
    assert reasons(again) == ["tied", "removed-before"]


async def test_a_burst_is_counted_by_kind(campaigns: Campaigns) -> None:
    merchant, limit = await campaigns.a_merchant(), Thresholds().burst_reviews
    ids = [f"{number:011d}" for number in range(limit + 1)]
    found = [reasons(await link(campaigns, merchant, uuid4(), f"https://youtu.be/{each}")) for each in ids]
    assert found == [[]] * limit + [["burst"]]
    assert reasons(await campaigns.review(merchant, uuid4())) == []
