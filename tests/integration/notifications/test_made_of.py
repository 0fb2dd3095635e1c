"""What every figure of an audience is made of is one call away, and each ambassador is counted once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chassis.ids import new_id
from contracts.campaigns.v1 import (
    AmbassadorReviewPosted,
    AmbassadorShared,
    MerchantAnswered,
    MerchantAnswerRemoved,
    SeenElsewhere,
    ShareLinkVisitsCounted,
)
from tests.support.notifications import Notifications

MONDAY, TUESDAY = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (23, 24))


async def test_ambassadors_and_answers_are_figures_and_every_figure_says_what_it_is_made_of(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant, other = await notifications.a_merchant(), await notifications.a_merchant()
        ada, ben = new_id(), new_id()
        place: dict[str, Any] = {"city_id": notifications.city, "merchant_id": merchant}

        def review(by: Any, of: Any = merchant) -> AmbassadorReviewPosted:
            about = place | {"merchant_id": of}
            return AmbassadorReviewPosted(**about, contribution_id=new_id(), contributor_id=by, rating=5)

        share = AmbassadorShared(**place, contribution_id=new_id(), contributor_id=ada, channel="mail")
        hers, his, again = review(ada), review(ben), review(ada)
        stands, removed = (
            MerchantAnswered(**place, answer_id=new_id(), contribution_id=each, contributor_id=ada)
            for each in (hers.contribution_id, his.contribution_id)
        )
        gone = MerchantAnswerRemoved(
            **place, answer_id=removed.answer_id, contribution_id=removed.contribution_id
        )
        visits = ShareLinkVisitsCounted(
            **place,
            count_id=new_id(),
            link_id=new_id(),
            kind="share",
            day=TUESDAY.date(),
            visits=7,
            visitors=5,
            version=1,
        )
        seen = SeenElsewhere(
            **place,
            seen_id=new_id(),
            version=1,
            platform="google",
            source="citizen",
            what="review",
            day=MONDAY.date(),
        )
        await notifications.publish(gone, hers, share, his, notifications.withdrawal(his), at=MONDAY)
        await notifications.publish(again, stands, removed, visits, seen, review(ada, other), at=TUESDAY)
        await notifications.caught_up("notifications__audience_blue", "notifications__elsewhere")

        async def read(more: str = "", **query: str) -> Any:
            path = f"/api/v1/audience/{merchant}{more}"
            answer = await client.get(path, params=query, headers=notifications.owner(merchant))
            assert answer.status_code == 200, answer.text
            return answer.json()

        audience = await read()
        assert audience["totals"] == {"answer": 1, "review": 2, "share": 1, "visit": 7}
        by_day = {(each["day"][-2:], each["kind"]): each["count"] for each in audience["days"]}
        assert by_day == {
            ("23", "review"): 1,
            ("23", "share"): 1,
            ("24", "answer"): 1,
            ("24", "review"): 1,
            ("24", "visit"): 7,
        }

        days = [{"day": f"2026-11-{day}", "count": 1} for day in (23, 24)]
        assert audience["ambassadors"] == {"total": 1, "days": days}

        async def parts(**query: str) -> set[str]:
            return {each["contribution_id"] for each in (await read("/contributions", **query))["items"]}

        one, two = str(hers.contribution_id), str(again.contribution_id)
        assert await parts(kind="review") == {one, two}
        assert await parts(kind="review", until="2026-11-23") == {one}
        assert await parts(kind="answer") == {str(stands.answer_id)}
        assert await parts(kind="ambassador", since="2026-11-24") == {two}
        assert (await read("/visits", since="2026-11-24"))["items"] == [
            {"count_id": str(visits.count_id), "day": "2026-11-24", "visits": 7}
        ]
        assert (await read("/visits", until="2026-11-23"))["items"] == []
        (elsewhere,) = (await read("/elsewhere"))["items"]
        assert (elsewhere["seen_id"], elsewhere["source"]) == (str(seen.seen_id), "citizen")
        refused = await client.get(
            f"/api/v1/audience/{merchant}/contributions?kind=A", headers=notifications.owner(merchant)
        )
        assert (refused.status_code, refused.json()["field"]) == (422, "kind")

    told_apart = await notifications.rows(
        "SELECT DISTINCT merchant_id, author FROM audience_contribution_blue WHERE author IS NOT NULL"
    )
    assert len({author for _, author in told_apart}) == len(told_apart)  # nobody is the same in two shops
    kept = "SELECT count(*) FROM milestone_contribution WHERE author IS NOT NULL"
    assert await notifications.value(kept) == 0
