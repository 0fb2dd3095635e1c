"""Posts of a simulation never repeat each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.posts import CHANNELS, TooFewAmbassadors, plan


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


@given(st.data(), st.integers(1, 6), st.integers(1, 6), st.integers(0, 1 << 32))
def test_no_two_posts_are_the_same_to_the_rules(
    data: st.DataObject, people: int, shops: int, seed: int
) -> None:
    most = people * shops * (1 + len(CHANNELS))
    count = data.draw(st.integers(1, most))
    # Half of the posts are reviews, as far as there are pairs: shares alone may run out before `most`.
    reviews = min(round(count / 2), people * shops)
    if count - reviews > people * shops * len(CHANNELS):
        return

    posts = plan(_names("person", people), _names("shop", shops), count, "run", seed)

    assert len(posts) == count
    assert len({post.key for post in posts}) == count
    assert len({(post.person, post.merchant_id, post.body.get("channel")) for post in posts}) == count
    assert all(post.body["merchant_id"] == post.merchant_id for post in posts)


def test_a_seed_repeats_the_choice_and_a_run_has_keys_of_its_own() -> None:
    people, shops = _names("person", 5), _names("shop", 5)

    one, same, other = (
        plan(people, shops, 20, "a", 1),
        plan(people, shops, 20, "b", 1),
        plan(people, shops, 20, "a", 2),
    )

    assert [(post.person, post.body) for post in one] == [(post.person, post.body) for post in same]
    assert [(post.person, post.body) for post in one] != [(post.person, post.body) for post in other]
    assert not {post.key for post in one} & {post.key for post in same}


def test_too_few_persons_are_refused_with_what_would_do() -> None:
    with pytest.raises(TooFewAmbassadors, match="more ambassadors"):
        plan(["somebody"], ["shop"], 100, "run", 0)
