"""Photos: what is taken of them, for whom they are shown, and that nothing is left of what is not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import text

from chassis.identity import Grant, Role
from contracts.campaigns.photos import ContributionPhotoReused, ReusedPhotoTakenBack
from contracts.campaigns.v1 import (
    AmbassadorPhotoPosted,
    ContributionWithdrawn,
)
from contracts.directory.v1 import MerchantClosed
from services.campaigns.contributions.domain import Standing
from services.campaigns.files.keeping import UNKEPT_FOR, sweep
from services.campaigns.files.store import Files
from services.campaigns.photos import use_cases
from services.campaigns.photos.encoding import Pictures
from services.campaigns.photos.storage import Picture
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.pictures import photo, with_its_story

GOOD = photo()


async def stored(campaigns: Campaigns) -> tuple[int, list[str]]:
    """Rows of files, and the files."""
    async with campaigns.database.connection() as connection:
        rows = await connection.scalar(text("SELECT count(*) FROM stored_file"))
    return int(rows or 0), await Files(campaigns.settings).keys()


async def sweep_later(campaigns: Campaigns) -> int:
    later = campaigns.clock() + UNKEPT_FOR + timedelta(seconds=1)
    return await sweep(campaigns.database, Files(campaigns.settings), later)


async def test_photos_are_told_once_shown_to_everybody_and_of_pixels_alone(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    sent = await campaigns.photos(merchant, person, with_its_story(), photo(kind="PNG"), credit="Sophie D.")
    assert sent.status_code == 201, sent.text
    body = sent.json()
    assert (body["kind"], body["licence"], body["credit"]) == ("photo", "cc-by-4.0", "Sophie D.")
    assert [each["alt"] for each in body["pictures"]] == ["La vitrine 1", "La vitrine 2"]
    (event,) = await campaigns.recorded()
    assert isinstance(event.fact, AmbassadorPhotoPosted)
    assert event.fact.contribution_id == UUID(body["id"])

    listed = await campaigns.client.get(f"/api/v1/contributions?merchant={merchant}&kind=photo")
    (item,) = listed.json()["items"]
    assert body.items() <= item.items()
    first = body["pictures"][0]
    assert (first["width"], first["height"]) == (240, 320)  # upright
    for size in ("large", "small"):
        served = await campaigns.client.get(first[size])
        assert served.status_code == 200
        assert served.headers["content-type"] == "image/webp"
        assert served.headers["x-content-type-options"] == "nosniff"
        assert served.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert served.headers["content-disposition"] == f'inline; filename="{first["id"]}-{size}.webp"'
        assert served.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "immutable" in served.headers["cache-control"]
        tagged = {"If-None-Match": served.headers["etag"]}
        assert (await campaigns.client.get(first[size], headers=tagged)).status_code == 304
        picture = Image.open(BytesIO(served.content))
        assert (picture.format, picture.size) == ("WEBP", (240, 320))
        assert not picture.getexif()
        assert b"Sophie" not in served.content
        assert picture.convert("L").getpixel((120, 20)) < 60  # type: ignore[operator]  # black was on the left


async def test_photos_go_with_ones_own_review_and_with_it(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()["id"]
    for whose, where in ((uuid4(), merchant), (person, await campaigns.a_merchant())):
        refused = await campaigns.photos(where, whose, GOOD, review_id=review)
        assert (refused.status_code, refused.json()["field"]) == (422, "review_id")
    sent = (await campaigns.photos(merchant, person, GOOD, review_id=review)).json()
    listed = (await campaigns.client.get(f"/api/v1/contributions?merchant={merchant}")).json()["items"]
    assert [each["pictures"] for each in listed] == [sent["pictures"]]
    again = await campaigns.photos(merchant, person, GOOD, review_id=review)
    assert (again.status_code, again.json()["type"]) == (409, "urn:cococity:problem:already-photographed")

    await campaigns.client.delete(f"/api/v1/contributions/{review}", headers=campaigns.as_person(person))
    assert (await campaigns.client.get(f"/api/v1/contributions/{sent['id']}")).status_code == 404
    withdrawn = {event.fact.kind for event in await campaigns.recorded(ContributionWithdrawn)}  # type: ignore[attr-defined]
    assert withdrawn == {"review", "photo"}


async def test_one_set_of_photos_a_day_under_parallel_uploads_and_one_effect_of_a_key(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    answers = await asyncio.gather(*(campaigns.photos(merchant, person, GOOD) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await campaigns.recorded(AmbassadorPhotoPosted)) == 1
    other = uuid4()
    twice = [await campaigns.photos(merchant, other, GOOD, key="once") for _ in range(2)]  # other boundaries
    assert twice[0].json() == twice[1].json()
    changed = await campaigns.photos(merchant, other, photo(seed=2), key="once")
    assert (changed.status_code, changed.json()["type"]) == (
        409,
        "urn:cococity:problem:idempotency-key-reused",
    )
    await sweep_later(campaigns)
    rows, files = await stored(campaigns)
    assert (rows, len(files)) == (2, 4)  # of two photos that are shown, in two sizes


async def test_withdrawn_photos_are_served_no_more_and_their_files_go(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    sent = (await campaigns.photos(merchant, person, GOOD, credit="Sophie", key="k")).json()
    await campaigns.client.delete(f"/api/v1/contributions/{sent['id']}", headers=campaigns.as_person(person))
    assert (await campaigns.client.get(sent["pictures"][0]["large"])).status_code == 404
    assert await sweep(campaigns.database, Files(campaigns.settings), campaigns.clock()) == 1
    assert await stored(campaigns) == (0, [])
    again = (await campaigns.photos(merchant, person, GOOD, credit="Sophie", key="k")).json()
    assert (again["credit"], again["attribution"], again["pictures"]) == (None, None, [])


async def test_a_shop_takes_public_photos_of_it_once_and_is_told_what_stands_beside_them(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    by_licence = {
        ("cc-by-4.0", "Sophie D."): "© Sophie D., CC BY 4.0: https://creativecommons.org/licenses/by/4.0/",
        ("cc-by-sa-4.0", None): "CC BY-SA 4.0: https://creativecommons.org/licenses/by-sa/4.0/",
        ("cc0-1.0", "Sophie D."): "Sophie D.",
        ("this-shop", "Sophie D."): "© Sophie D.",
        ("this-shop", None): None,
    }
    sent = {}
    for (licence, credit), line in by_licence.items():
        said = {"licence": licence, "credit": credit or ""}  # as browsers send what nobody typed
        sent[licence] = (await campaigns.photos(merchant, person, GOOD, **said)).json()
        assert (sent[licence]["attribution"], sent[licence]["reused_at"]) == (line, None)
        person = uuid4()
    mine = uuid4(), Grant(Role.merchant_staff, campaigns.city, merchant)
    other = uuid4(), Grant(Role.merchant, campaigns.city, await campaigns.a_merchant())

    async def take(which: str, whose: tuple[UUID, Grant] = mine) -> tuple[int, Any]:
        headers = campaigns.issuer.headers(*whose)
        answer = await campaigns.client.put(f"/api/v1/contributions/{which}/reuse", headers=headers)
        return answer.status_code, answer.json()

    theirs = sent["cc-by-4.0"]["id"]
    assert (await take(theirs, other))[0] == 403, "another shop's"
    review = (await campaigns.review(merchant, person)).json()["id"]
    assert [(await take(each))[0] for each in (review, str(uuid4()))] == [404, 404]
    taken = await asyncio.gather(*(take(theirs) for _ in range(3)))
    assert taken[0] == taken[1] == taken[2]
    assert taken[0][0] == 200
    assert taken[0][1]["reused_at"] is not None
    assert (await campaigns.client.get(taken[0][1]["pictures"][0]["large"])).status_code == 200
    (event,) = await campaigns.recorded(ContributionPhotoReused)
    assert event.fact.contribution_id == UUID(theirs)  # type: ignore[attr-defined]

    tied = (await campaigns.photos(merchant, uuid4(), GOOD, tie="family")).json()["id"]
    assert (await take(tied))[0] == 200
    assert len(await campaigns.recorded(ContributionPhotoReused)) == 1, "nobody was told that it was posted"

    with_review = (await campaigns.photos(merchant, person, GOOD, review_id=review)).json()["id"]
    for removed, why in ((with_review, "with it"), (review, "the review it goes with")):
        await campaigns.change_standing(removed, Standing.REMOVED)
        status, problem = await take(with_review)
        assert (status, problem["type"]) == (409, "urn:cococity:problem:photo-not-public"), why
        await campaigns.change_standing(removed, Standing.PUBLISHED)
    await campaigns.client.delete(f"/api/v1/contributions/{review}", headers=campaigns.as_person(person))
    status, problem = await take(with_review)
    assert (status, problem["type"]) == (409, "urn:cococity:problem:photo-gone")


async def test_what_was_removed_is_served_no_more_nor_what_goes_with_a_review_that_was(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    review = (await campaigns.review(merchant, person)).json()["id"]
    sent = (await campaigns.photos(merchant, person, GOOD, review_id=review)).json()
    large = sent["pictures"][0]["large"]

    async def seen() -> tuple[int, int]:
        listed = await campaigns.client.get(f"/api/v1/contributions?merchant={merchant}")
        pictures = sum(len(each["pictures"]) for each in listed.json()["items"])
        return (await campaigns.client.get(large)).status_code, pictures

    before = await seen()
    for removed in (sent["id"], review):
        await campaigns.change_standing(removed, Standing.REMOVED)
        assert await seen() == (404, 0)
        await campaigns.change_standing(removed, Standing.PUBLISHED)
        assert await seen() == before == (200, 1)


async def test_photos_of_a_merchant_that_closed_are_served_no_more(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    sent = (await campaigns.photos(merchant, uuid4(), GOOD)).json()
    await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=merchant, version=2))
    assert (await campaigns.client.get(sent["pictures"][0]["small"])).status_code == 404


async def test_an_erased_persons_pictures_are_downloaded_before_and_deleted_with_their_files(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    sent = (await campaigns.photos(merchant, person, GOOD, credit="Sophie")).json()
    path = "/api/v1/people/me/data/campaigns"
    own = (await campaigns.client.get(path, headers=campaigns.as_person(person))).json()["data"]
    assert own["pictures"][0]["large"] == sent["pictures"][0]["large"]
    assert (own["contributions"][0]["licence"], own["contributions"][0]["credit"]) == ("cc-by-4.0", "Sophie")

    shop = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, merchant))
    path = f"/api/v1/contributions/{sent['id']}/reuse"
    assert (await campaigns.client.put(path, headers=shop)).status_code == 200

    await deliver(campaigns.service, erasure_of(person))

    assert (await campaigns.client.get(sent["pictures"][0]["large"])).status_code == 404
    left = (await campaigns.client.get(f"/api/v1/contributions/{sent['id']}")).json()
    assert (left["credit"], left["pictures"], left["counts_for_audience"]) == (None, [], True)
    (told,) = await campaigns.recorded(ReusedPhotoTakenBack)
    assert told.fact.contribution_id == UUID(sent["id"])  # type: ignore[attr-defined]
    refused = await campaigns.client.put(path, headers=shop)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:photo-gone")
    await sweep_later(campaigns)
    assert await stored(campaigns) == (0, [])


@pytest.mark.parametrize("writes", range(3))
async def test_a_process_killed_between_files_and_rows_leaves_nothing_in_the_end(
    campaigns: Campaigns, writes: int
) -> None:
    class Killed(Files):
        left = writes

        async def put(self, key: str, content: bytes) -> None:
            if not self.left:
                raise asyncio.CancelledError
            self.left -= 1
            await super().put(key, content)

    pictures = {Picture(uuid4(), "alt", 1, 1): Pictures(1, 1, b"large", b"small") for _ in range(2)}
    with pytest.raises(asyncio.CancelledError):
        await use_cases.store(
            campaigns.database, Killed(campaigns.settings), pictures, campaigns.city, campaigns.clock()
        )
    rows, files = await stored(campaigns)
    assert (rows, len(files)) == (2, writes)
    assert await sweep(campaigns.database, Files(campaigns.settings), campaigns.clock()) == 0  # not yet
    assert await sweep_later(campaigns) == 2
    assert await stored(campaigns) == (0, [])


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"people": "not-asked"}, 422, "people"),
        ({"licence": "mine"}, 422, "licence"),
        ({"alt": []}, 422, "alt"),
        ({"alt": ["one", "two"]}, 422, "alt"),
        ({"alt": ["a\u202eb"]}, 422, "alt.0"),
        ({"merchant_id": str(UUID(int=7))}, 422, "merchant_id"),
        ({"rating": "5"}, 422, "rating"),
        ({"licence": ["cc0-1.0", "cc0-1.0"]}, 422, "licence"),
    ],
)
async def test_a_field_that_is_not_acceptable_is_named_and_nothing_is_stored(
    campaigns: Campaigns, fields: dict[str, Any], status: int, field: str
) -> None:
    merchant = await campaigns.a_merchant()
    answer = await campaigns.photos(merchant, uuid4(), GOOD, **fields)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text
    assert await stored(campaigns) == (0, [])


async def test_who_runs_the_shop_makes_no_audience_with_photos_of_it(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    headers = campaigns.issuer.headers(person, Grant(Role.merchant, campaigns.city, merchant))
    said = {"merchant_id": str(merchant), "licence": "this-shop", "people": "agreed", "alt": "Ma vitrine"}
    answer = await campaigns.client.post(
        "/api/v1/contributions/photos",
        data=said,
        files={"photos": GOOD},
        headers={"Idempotency-Key": "k", **headers},
    )
    assert (answer.json()["tie"], answer.json()["counts_for_audience"]) == ("owner", False)
    assert await campaigns.recorded() == []
