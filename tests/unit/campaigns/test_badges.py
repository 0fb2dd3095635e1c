"""Badges: offered where they can be earned, earned by what stands."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from services.campaigns.points.badges import BadBadges, badges, earned, offered, read
from services.campaigns.points.domain import RULES, Deed
from services.campaigns.policy.domain import Action

BEGINS = datetime(2026, 6, 1, 10, tzinfo=UTC)
SHOPS = [uuid4() for _ in range(12)]
ACTIONS = [
    frozenset(some)
    for some in ((Action.REVIEW,), (Action.PHOTO,), (Action.REVIEW, Action.VIDEO), (Action.SHARE,), RULES)
]


def deed(shop: int = 0, action: Action = Action.REVIEW, day: int = 0, *, stands: bool = True) -> Deed:
    at = BEGINS + timedelta(days=day)
    return Deed(cause=uuid4(), merchant_id=SHOPS[shop], action=action, at=at, stands=stands)


def everything(actions: frozenset[Action], merchants: int, days: int) -> list[Deed]:
    """What somebody does who visits every shop, each day: a review of each once, pictures without end."""
    once = [deed(shop, Action.REVIEW, min(shop, days - 1)) for shop in range(merchants)]
    pictures = [
        deed(shop, action, day)
        for action, shop, day in product(actions - {Action.REVIEW}, range(merchants), range(days))
        for _ in range(3)
    ]
    return [*(once if Action.REVIEW in actions else []), *pictures]


@pytest.mark.parametrize("actions", ACTIONS)
@pytest.mark.parametrize("merchants", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("days", [1, 2, 3, 30])
def test_every_badge_that_a_campaign_offers_can_be_earned_in_it(
    actions: frozenset[Action], merchants: int, days: int
) -> None:
    offer = offered(badges(), actions, merchants, days)

    assert "first-step" in [badge.key for badge in offer]
    assert earned(offer, everything(actions, merchants, days), actions) == offer


def test_what_cannot_be_earned_is_not_offered() -> None:
    reviews = frozenset({Action.REVIEW})

    keys = [badge.key for badge in offered(badges(), reviews, merchants=4, days=2)]

    assert keys == ["first-step", "three-shops"]
    assert offered(badges(), frozenset(), merchants=50, days=30) == ()
    assert offered(badges(), reviews, merchants=0, days=30) == ()


def test_what_was_taken_back_counts_for_no_badge() -> None:
    actions = frozenset({Action.REVIEW})
    offer = offered(badges(), actions, merchants=12, days=1)
    three = [deed(shop) for shop in range(3)]

    with_three = [badge.key for badge in earned(offer, three, actions)]
    with_two = [badge.key for badge in earned(offer, [*three[:2], deed(2, stands=False)], actions)]

    assert (with_three, with_two) == (["first-step", "three-shops"], ["first-step"])


def test_what_a_campaign_gives_no_points_for_counts_for_no_badge() -> None:
    actions = frozenset({Action.REVIEW})
    offer = offered(badges(), actions, merchants=12, days=1)

    assert earned(offer, [deed(action=Action.PHOTO)], actions) == ()


WORDS = b"{fr: a, nl: a, de: a, en: a}"
ONE = b"- {key: a, measure: deeds, at_least: 1, title: " + WORDS + b", told: " + WORDS + b"}\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (ONE + ONE, "a key comes twice"),
        (ONE.replace(b"at_least: 1", b"at_least: 0"), "a: asks for nothing"),
        (ONE.replace(b"fr: a", b"fr: ''"), "lacks its words"),
        (ONE.replace(b"deeds", b"stars"), "stars"),
        (ONE.replace(b"at_least: 1", b"at_most: 1"), "at_"),
    ],
)
def test_a_file_that_is_wrong_says_what_is(body: bytes, says: str) -> None:
    with pytest.raises(BadBadges, match=says):
        read(body)
