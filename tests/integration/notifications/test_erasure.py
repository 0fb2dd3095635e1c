"""What notifications forgets with a person: a shop that is closed with them, and what they agreed to."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from sqlalchemy import text

from chassis import dead_letters
from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.dead_letters import DeadLetter
from chassis.identity import Grant, Role
from chassis.service import Mode, Service
from contracts.directory.v1 import MerchantClaimed, MerchantListed
from contracts.envelope import Event
from services.notifications.delivery.preferences import Preference, choose
from services.notifications.devices.storage import Subscription, add
from services.notifications.feed.notify import Notice, notify
from services.notifications.main import build
from services.notifications.personal_data import HOLDINGS
from services.notifications.recipients import Recipient, to_merchant, to_person
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.notifications import Notifications

_ABOUT_A_SHOP = (
    "notification",
    "feed",
    "delivery",
    "preference",
    "device",
    "milestone",
    "milestone_count",
    "milestone_contribution",
    "audience_day_blue",
    "audience_contribution_blue",
)

_WHOSE = dict.fromkeys(("notification", "feed", "delivery", "preference", "device"), "recipient_id")


async def a_claimed_shop(service: Service, notifications: Notifications) -> UUID:
    """A shop with an account, a feed, an audience and mails agreed to."""
    shop = uuid4()
    listed = MerchantListed(
        city_id=notifications.city,
        merchant_id=shop,
        version=1,
        kind="shop=bakery",
        longitude=5.6,
        latitude=49.7,
    )
    claimed = MerchantClaimed(city_id=notifications.city, merchant_id=shop, version=2)
    await deliver(service, Event.of(listed, utc_now()), Event.of(claimed, utc_now()))
    async with service.database.transaction() as tx:
        await tx.execute(
            text("""
                INSERT INTO preference (recipient_kind, recipient_id, city_id, version, mail, agreed_at,
                                        language, unsubscribe_token)
                VALUES ('merchant', :shop, :city, 1, true, now(), 'nl', :token)
            """),
            {"shop": shop, "city": notifications.city, "token": str(uuid4())},
        )
        await a_browser(tx, to_merchant(shop), notifications.city, uuid4())
    await deliver(service, Event.of(notifications.review(shop), utc_now()))
    return shop


async def a_browser(tx: Transaction, told: Recipient, city: UUID | None, person: UUID) -> None:
    subscription = Subscription(f"https://push.example/{told.id}", "-", "-")
    await add(tx, told, subscription, city=city, person=person, language="fr", now=utc_now())


async def about(service: Service, shop: UUID) -> dict[str, int]:
    """How many rows of each table are about a shop."""
    async with service.database.connection() as connection:
        return {
            table: await connection.scalar(
                text(f"SELECT count(*) FROM {table} WHERE {_WHOSE.get(table, 'merchant_id')} = :shop"),
                {"shop": shop},
            )
            or 0
            for table in _ABOUT_A_SHOP
        }


async def test_a_shop_that_is_closed_with_its_owner_leaves_nothing_and_does_not_come_back(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings)
    shop, other = [await a_claimed_shop(service, notifications) for _ in range(2)]
    assert all((await about(service, shop)).values()), await about(service, shop)
    before = await about(service, other)

    await deliver(service, erasure_of(uuid4(), closed=[shop]))
    await deliver(service, Event.of(notifications.review(shop), utc_now()))  # late, or replayed

    assert not any((await about(service, shop)).values()), await about(service, shop)
    assert await about(service, other) == before
    await service.database.close()


async def test_what_could_not_be_applied_of_a_shop_or_a_person_is_forgotten_with_them(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings)
    person, shop, other = uuid4(), uuid4(), uuid4()

    def letter(subject: str, about: UUID, number: int) -> DeadLetter:
        body = f'{{"merchant_id": "{about}", "score": "poison"}}'.encode()
        return DeadLetter("notifications__x", subject, number, utc_now(), None, {}, body, "poison", 1, None)

    letters = [
        letter("assessment.assessment-completed.v1.x.00", shop, 1),
        letter("campaigns.ambassador-shared.v1.x.00", person, 2),
        letter("assessment.assessment-completed.v1.x.00", other, 3),
        letter("directory.merchant-closed.v1.x.00", shop, 4),
    ]
    async with service.database.transaction() as tx:
        await dead_letters.store(tx, letters)

    for _ in range(2):
        await deliver(service, erasure_of(person, closed=[shop]))

    async with service.database.connection() as connection:
        left = await connection.scalars(text("SELECT stream_sequence FROM dead_letter ORDER BY 1"))
        assert list(left) == [3, 4]


async def test_reviews_that_are_counted_while_a_shop_is_erased_leave_nothing(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings)
    shop = await a_claimed_shop(service, notifications)

    await asyncio.gather(
        *(deliver(service, Event.of(notifications.review(shop), utc_now())) for _ in range(6)),
        deliver(service, erasure_of(uuid4(), closed=[shop])),
    )

    assert not any((await about(service, shop)).values()), await about(service, shop)
    await service.database.close()


async def test_a_shop_that_goes_on_keeps_its_audience_and_is_mailed_no_more(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings)
    shop = await a_claimed_shop(service, notifications)

    await deliver(service, erasure_of(uuid4(), left=[shop]))

    async with service.database.connection() as connection:
        preference = await connection.execute(text("SELECT mail, agreed_at, language FROM preference"))
        waiting = text("SELECT count(*) FROM delivery WHERE state = 'pending' AND channel = 'mail'")
        assert [tuple(row) for row in preference] == [(False, None, None)]
        assert await connection.scalar(waiting) == 0
    assert (await about(service, shop))["audience_day_blue"] == 1
    await service.database.close()


async def test_an_owner_sees_what_is_held_about_the_own_shop_alone(notifications: Notifications) -> None:
    service = build(notifications.settings)
    shop, _other = [await a_claimed_shop(service, notifications) for _ in range(2)]
    grant = Grant(Role.merchant, notifications.city, shop)

    async with notifications.running(Mode.api) as client:
        answer = await client.get(
            "/api/v1/people/me/data/notifications", headers=notifications.issuer.headers(uuid4(), grant)
        )

    held = answer.json()["data"]
    assert set(held) == {holding.name for holding in HOLDINGS}
    assert [each["mail"] for each in held["preferences"]] == [True]
    assert {each.get("recipient_id") or each["merchant_id"] for rows in held.values() for each in rows} == {
        str(shop)
    }
    assert "unsubscribe_token" not in answer.text
    await service.database.close()


async def test_what_a_person_was_told_goes_with_them_and_nothing_more_is_told(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings)
    person, other = uuid4(), uuid4()
    for each in (person, other):
        await tell(service, notifications, each)
        async with service.database.transaction() as tx:
            chosen = Preference(to_person(each))
            await choose(tx, chosen, None, mail=True, language="nl", now=utc_now())
            await a_browser(tx, to_person(each), None, each)
    for each in (person, other):
        await tell(service, notifications, each)  # the first that is mailed

    await deliver(service, erasure_of(person))
    await tell(service, notifications, person)

    for table in _WHOSE:
        left = await notifications.rows(f"SELECT DISTINCT recipient_id FROM {table}")
        assert left == [(other,)], table
    await service.database.close()


async def tell(service: Service, notifications: Notifications, person: UUID) -> None:
    notice = Notice(
        notifications.city, to_person(person), "welcome", str(uuid4()), {"totals": {}}, utc_now(), None
    )
    async with service.database.transaction() as tx:
        await notify(tx, [notice])
