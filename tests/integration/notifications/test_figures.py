"""The directory asks for many shops at once what it prints on their letters."""

from __future__ import annotations

from datetime import UTC, datetime

from chassis.ids import new_id
from tests.support.notifications import Notifications

PATH = "/api/v1/audience/figures"


async def test_the_directory_is_told_totals_and_the_first_day_of_each_shop(
    notifications: Notifications,
) -> None:
    directory = {"Authorization": f"Bearer {notifications.issuer.service_token('directory')}"}
    async with notifications.running() as client:
        busy, other = await notifications.a_merchant(), await notifications.a_merchant()
        taken_back = notifications.review(busy)
        early, late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC), datetime(2026, 7, 9, 12, tzinfo=UTC)
        await notifications.publish(notifications.review(busy), notifications.share(busy), at=late)
        await notifications.publish(notifications.review(busy), notifications.review(other), at=early)
        await notifications.publish(taken_back, notifications.withdrawal(taken_back), at=early)
        await notifications.caught_up()

        body = {"merchant_ids": [str(each) for each in (busy, other, new_id())]}
        told = (await client.post(PATH, json=body, headers=directory)).json()["items"]
        assert {each["merchant_id"]: (each["totals"], each["since"]) for each in told} == {
            str(busy): ({"review": 2, "share": 1}, "2026-07-01"),
            str(other): ({"review": 1}, "2026-07-01"),
        }

        many = {"merchant_ids": [str(new_id()) for _ in range(501)]}
        refused = await client.post(PATH, json=many, headers=directory)
        assert (refused.status_code, refused.json()["field"]) == (422, "merchant_ids")
        owner = await client.post(PATH, json=body, headers=notifications.owner(busy))
        assert owner.status_code == 403
