"""What becomes of a mail, by what the relay answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.mail import sender_of
from chassis.smtp import RefusedForGood, RefusedForNow, Unreachable, refusal
from services.notifications.delivery.domain import (
    REFUSED_FOR,
    is_given_up,
    retry_after,
)


@pytest.mark.parametrize(
    ("code", "means"),
    [(421, Unreachable), (450, RefusedForNow), (452, RefusedForNow), (550, RefusedForGood)],
)
def test_reply_codes_say_whether_to_try_again(code: int, means: type[Exception]) -> None:
    assert isinstance(refusal(code, of_recipient=True), means)


def test_pauses_grow_to_an_hour_and_no_further() -> None:
    pauses = [retry_after(attempts, 0) for attempts in range(1, 200)]
    assert pauses[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)


def test_what_failed_together_is_not_tried_again_together() -> None:
    pauses = [retry_after(3, chance) for chance in (0, 0.5, 1)]
    assert pauses == [timedelta(seconds=20), timedelta(seconds=18), timedelta(seconds=16)]


def test_a_mailbox_is_given_up_after_three_days() -> None:
    since = datetime(2026, 11, 23, tzinfo=UTC)
    assert not is_given_up(since, since + REFUSED_FOR - timedelta(seconds=1))
    assert is_given_up(since, since + REFUSED_FOR)


@pytest.mark.parametrize("value", ["CoCoCity <a@b.example>", "a@b.example", '"The Town" <a@b.example>'])
def test_a_sender_is_an_address_with_or_without_a_name(value: str) -> None:
    assert sender_of(value).addr_spec == "a@b.example"


@pytest.mark.parametrize("value", ["", "CoCoCity", "<>", "a@", "a b@c"])
def test_what_is_no_sender_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a sender"):
        sender_of(value)
