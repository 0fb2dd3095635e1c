"""What contributions earn, and what a ledger lacks to say so."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.campaigns.points.domain import RULES, Deed, Why, due, lacking, rewarded
from services.campaigns.policy.domain import Action, Ask, Platform, Reward

NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)
ALL = frozenset(RULES)


def deed(minutes: float = 0, action: Action = Action.REVIEW, *, stands: bool = True) -> Deed:
    at = NOON + timedelta(minutes=minutes)
    return Deed(cause=uuid4(), merchant_id=uuid4(), action=action, at=at, stands=stands)


def test_only_what_is_done_here_and_rewarded_with_points_earns_any() -> None:
    asks = (
        Ask(Platform.HERE, Action.REVIEW, Reward.POINTS),
        Ask(Platform.HERE, Action.PHOTO, Reward.NONE),
        Ask(Platform.GOOGLE, Action.VIDEO, Reward.POINTS),
        Ask(Platform.HERE, Action.SHARE, Reward.POINTS),
        Ask(Platform.HERE, Action.FOLLOW, Reward.POINTS),
    )

    assert rewarded(asks) == {Action.REVIEW, Action.SHARE}


def test_the_first_of_a_day_earn_and_more_do_not() -> None:
    limit = RULES[Action.REVIEW].a_day
    deeds = [deed(number) for number in range(limit + 2)]

    worth = due(reversed(deeds), ALL)

    assert [worth[each.cause] for each in deeds] == [10] * limit + [0, 0]


def test_each_kind_has_a_limit_of_its_own_and_each_day_begins_anew_in_brussels() -> None:
    limit = RULES[Action.REVIEW].a_day
    reviews = [deed(number) for number in range(limit)]
    photo = deed(limit, Action.PHOTO)
    late = deed(11.99 * 60)
    tomorrow = deed(12 * 60)

    worth = due([*reviews, photo, late, tomorrow], ALL)

    assert tomorrow.at.isoformat() == "2026-06-01T22:00:00+00:00", "midnight in Brussels"
    assert (worth[photo.cause], worth[late.cause], worth[tomorrow.cause]) == (5, 0, 10)


def test_what_was_taken_back_keeps_its_place_of_the_day() -> None:
    limit = RULES[Action.REVIEW].a_day
    deeds = [deed(number, stands=number > 0) for number in range(limit + 1)]

    worth = due(deeds, ALL)

    assert [worth[each.cause] for each in deeds] == [0] + [10] * (limit - 1) + [0]


def test_entries_say_why_they_were_made() -> None:
    new, gone, back, settled = deed(0), deed(1, stands=False), deed(2), deed(3)
    booked = {gone.cause: 10, back.cause: 0, settled.cause: 10}

    entries = lacking([new, gone, back, settled], ALL, booked)

    assert [(each.cause, each.points, each.why) for each in entries] == [
        (new.cause, 10, Why.EARNED),
        (gone.cause, -10, Why.TAKEN_BACK),
        (back.cause, 10, Why.RESTORED),
    ]


steps = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(sorted(RULES)), st.integers(0, 3 * 24 * 60)), max_size=40
)


@given(steps)
def test_a_ledger_kept_step_by_step_comes_to_what_a_recount_of_the_facts_does(
    taken: list[tuple[int, Action, int]],
) -> None:
    """A step makes a deed, or takes away or restores the one that its number has already."""
    deeds: dict[int, Deed] = {}
    ledger: Counter[UUID] = Counter()
    for number, action, minutes in taken:
        known = deeds.get(number)
        deeds[number] = (
            deed(minutes, action) if known is None else Deed(**{**vars(known), "stands": not known.stands})
        )
        for entry in lacking(deeds.values(), ALL, dict(ledger)):
            ledger[entry.cause] += entry.points
        assert all(points >= 0 for points in ledger.values())

    assert ledger.total() == sum(due(deeds.values(), ALL).values())
    assert not lacking(deeds.values(), ALL, dict(ledger))
