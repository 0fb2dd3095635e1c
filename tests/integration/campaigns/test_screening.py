"""What the screening asks to look at is held with its reasons: not dropped, not refused, told to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.retention import enforce
from contracts.campaigns.v1 import AmbassadorReviewPosted
from contracts.directory.v1 import MerchantListed
from services.campaigns.contributions.domain import Kind
from services.campaigns.screening import fingerprint, look_up
from services.campaigns.screening.domain import Thresholds
from services.campaigns.screening.origin import NOWHERE, Origin, salted_since
from services.campaigns.screening.thresholds import thresholds
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

LIMITS = Thresholds()
COPIED = (
    "On y vient depuis trois ans pour le pain au levain et les tartes au sucre. La boulangère connaît ses "
    "clients, et le samedi elle garde une miche pour ceux qui arrivent tard."
)


def reasons(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["standing"] == ("held" if body["reasons"] else "published")
    return [reason["key"] for reason in body["reasons"]]


async def review_from(
    campaigns: Campaigns, merchant: UUID, person: UUID, *, address: str, agent: str = "Firefox", **more: Any
) -> httpx.Response:
    seen = {"X-Forwarded-For": address, "User-Agent": agent, "Idempotency-Key": uuid4().hex}
    body = {"merchant_id": str(merchant), "rating": 4, "language": "fr", **more}
    headers = campaigns.as_person(person) | seen
    return await campaigns.client.post("/api/v1/contributions/reviews", json=body, headers=headers)


async def counted(campaigns: Campaigns, table: str) -> int:
    async with campaigns.database.connection() as connection:
        return await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0


async def test_a_copied_text_is_held_whoever_and_wherever_and_waits_as_one_case(campaigns: Campaigns) -> None:
    first, second, author = await campaigns.a_merchant(), await campaigns.a_merchant(), uuid4()
    own = await campaigns.review(first, author, text=COPIED)
    assert reasons(own) == []
    nearly = COPIED.replace("trois ans", "toujours").replace("une miche", "un pain")
    assert reasons(await campaigns.review(second, uuid4(), text=nearly)) == ["duplicate"]
    assert reasons(await campaigns.review(second, author, text=COPIED + " Allez au www.example.be")) == [
        "duplicate",
        "link",
    ]
    assert len(await campaigns.recorded(AmbassadorReviewPosted)) == 1
    assert await counted(campaigns, "moderation_case") == 2
    # What was taken back is compared with nothing any more.
    for kept in (own.json()["id"],):
        await campaigns.client.delete(f"/api/v1/contributions/{kept}", headers=campaigns.as_person(author))
    assert await counted(campaigns, "text_fingerprint") == 8
    # Nor is what was posted half a year ago.
    for days, left in ((-1, 8), (1, 0)):
        at = utc_now() + fingerprint.KEPT + timedelta(days=days)
        await enforce(campaigns.database, campaigns.service.retention, at)
        assert await counted(campaigns, "text_fingerprint") == left
    assert reasons(await campaigns.review(await campaigns.a_merchant(), author, text=nearly)) == []


async def test_languages_are_told_from_the_text_whatever_is_declared(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    russian = "Отличный магазин, очень вежливый персонал и свежий хлеб каждый день"
    spanish = "Una tienda preciosa, el personal muy amable y el pan siempre fresco"
    dutch = "Super lekkere koffie, top bediening, echt een aanrader voor iedereen"
    found = [
        reasons(await campaigns.review(merchant, uuid4(), text=text)) for text in (russian, spanish, dutch)
    ]
    assert found == [["language"], ["language"], []]


async def test_a_burst_on_one_shop_is_held_from_its_threshold_on(campaigns: Campaigns) -> None:
    merchant, other = await campaigns.a_merchant(), await campaigns.a_merchant()
    campaigns.now = utc_now()
    for _ in range(LIMITS.burst_reviews):
        assert reasons(await campaigns.review(merchant, uuid4())) == []
    assert reasons(await campaigns.review(merchant, uuid4())) == ["burst"]
    assert reasons(await campaigns.review(other, uuid4())) == []
    campaigns.now += timedelta(minutes=LIMITS.burst_minutes, seconds=1)
    assert reasons(await campaigns.review(merchant, uuid4())) == []


async def test_one_device_of_many_people_is_held_and_one_network_of_a_few_is_not(
    campaigns: Campaigns,
) -> None:
    merchant = await campaigns.a_merchant()
    people = [uuid4() for _ in range(LIMITS.people_per_device + 1)]
    found = [reasons(await review_from(campaigns, merchant, each, address="81.240.7.1")) for each in people]
    assert found == [[]] * LIMITS.people_per_device + [["one-device"]]
    another = await review_from(campaigns, merchant, uuid4(), address="81.240.7.1", agent="Safari")
    assert reasons(another) == []
    async with campaigns.database.connection() as connection:
        hashes = (await connection.execute(text("SELECT hash FROM sighting"))).scalars().all()
    assert {len(each) for each in hashes} == {16}
    assert not any(b"81.240" in each or b"Firefox" in each for each in hashes)


@pytest.fixture
def two_per_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As an operator sets it; forty people are too many for a test."""
    with monkeypatch.context() as environment:
        environment.setenv("COCOCITY_SCREENING_PEOPLE_PER_NETWORK", "2")
        thresholds.cache_clear()
        yield
    thresholds.cache_clear()


@pytest.mark.usefixtures("two_per_network")
async def test_a_network_of_many_people_is_held_whatever_their_devices(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    agents, address = ("Firefox", "Safari", "Chrome"), "81.240.7.5"
    found = [
        reasons(await review_from(campaigns, merchant, uuid4(), address=address, agent=agent))
        for agent in agents
    ]
    assert found == [[], [], ["one-network"]]
    assert reasons(await review_from(campaigns, merchant, uuid4(), address="81.240.7.6")) == []


async def test_addresses_that_are_none_of_the_internet_are_passed_over(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    for address in ("127.0.0.1", "10.0.0.7", "fd00::1", "nonsense"):
        assert reasons(await review_from(campaigns, merchant, uuid4(), address=address)) == []
    assert await counted(campaigns, "sighting") == 0


async def test_who_was_tied_and_who_writes_from_the_owners_device_are_looked_at(campaigns: Campaigns) -> None:
    merchant, owner, friend = await campaigns.a_merchant(), uuid4(), uuid4()
    declared = await review_from(campaigns, merchant, owner, address="81.240.7.2", tie="owner")
    assert reasons(declared) == []
    assert reasons(await review_from(campaigns, merchant, friend, address="81.240.7.2")) == ["tied"]
    own, path = campaigns.as_person(owner), f"/api/v1/contributions/{declared.json()['id']}"
    await campaigns.client.delete(path, headers=own)
    assert reasons(await campaigns.review(merchant, owner)) == ["tied"]


async def test_nobody_is_in_two_towns_within_minutes(campaigns: Campaigns) -> None:
    here, there, person = await campaigns.a_merchant(), uuid4(), uuid4()
    listed = MerchantListed(
        city_id=campaigns.city,
        merchant_id=there,
        version=1,
        kind="shop=books",
        longitude=5.57,
        latitude=50.63,
    )
    await campaigns.learn(listed)
    await campaigns.review(here, person)
    assert reasons(await campaigns.review(there, person)) == ["too-far-too-fast"]
    assert reasons(await campaigns.review(there, uuid4())) == []


async def test_hashes_and_their_salts_go_after_their_days(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    await review_from(campaigns, merchant, uuid4(), address="81.240.7.3")
    today = utc_now()
    await enforce(campaigns.database, campaigns.service.retention, today + timedelta(days=29))
    assert await counted(campaigns, "sighting") == 2
    await enforce(campaigns.database, campaigns.service.retention, today + timedelta(days=32))
    assert await counted(campaigns, "sighting") == 0
    assert salted_since(today) != salted_since(today + timedelta(days=30))


async def test_who_is_erased_leaves_no_fingerprint_no_sighting_and_nothing_to_decide(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    link = f"{COPIED} www.example.be"
    assert reasons(await review_from(campaigns, merchant, person, address="81.240.7.4", text=link)) == [
        "link"
    ]
    await deliver(campaigns.service, erasure_of(person))
    for table in ("text_fingerprint", "sighting", "moderation_case WHERE decided_at IS NULL"):
        assert await counted(campaigns, table) == 0
    assert await counted(campaigns, "contribution WHERE withdrawn_at IS NULL") == 0


async def test_the_plan_of_the_look_up_is_the_same_for_every_post_and_so_made_once(
    campaigns: Campaigns,
) -> None:
    """The server plans a statement anew for each execution where its values promise something cheaper."""
    now, own = utc_now(), uuid4()
    asked: list[Any] = []
    plans = []
    async with campaigns.database.transaction() as tx:
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver is not None
        await tx.execute(text("SELECT 1"))
        for bands, origin in (([1, 2, 3, 4], NOWHERE), ([], Origin(b"device", b"network"))):
            with driver.query_logger(asked.append):
                await look_up.around(
                    tx,
                    contribution_id=own,
                    contributor_id=uuid4(),
                    merchant_id=uuid4(),
                    kind=Kind.REVIEW,
                    bands=bands,
                    origin=origin,
                    now=now,
                    limits=LIMITS,
                )
                await asyncio.sleep(0)  # the driver tells its loggers a turn later
            explained = await driver.fetchval(f"EXPLAIN (FORMAT JSON) {asked[-1].query}", *asked[-1].args)
            plans.append(explained[0]["Plan"]["Total Cost"])
        await tx.rollback()
    assert plans[0] == plans[1]
