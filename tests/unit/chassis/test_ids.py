from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import deterministic_id, is_uuid7, lowest_at, new_id, time_of

AT = datetime(2026, 11, 23, 10, 30, 0, 123_000, tzinfo=UTC)
times = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


def test_new_ids_rise() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert all(is_uuid7(each) for each in ids)


def test_a_new_id_is_of_now() -> None:
    assert abs(time_of(new_id()) - datetime.now(UTC)) < timedelta(seconds=5)


@given(times)
def test_the_time_of_an_id_is_what_it_was_made_with(at: datetime) -> None:
    assert time_of(deterministic_id(at, "x")) == at
    assert time_of(lowest_at(at)) == at


@given(times, st.text(max_size=40))
def test_no_id_of_a_millisecond_is_below_the_lowest(at: datetime, part: str) -> None:
    made = deterministic_id(at, part.encode("utf-8", "replace").decode())
    assert lowest_at(at) <= made < lowest_at(at + timedelta(milliseconds=1))


def test_the_same_parts_make_the_same_id_on_every_machine() -> None:
    assert deterministic_id(AT, "review", 7) == UUID("01a207f4-98bb-799f-bf49-69af2a1212b5")
    elsewhere = AT.astimezone(timezone(timedelta(hours=2)))
    assert deterministic_id(elsewhere, "review", 7) == deterministic_id(AT, "review", 7)


def test_parts_are_not_just_glued_together() -> None:
    made = {deterministic_id(AT, *parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""))}
    assert len(made) == 4


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        deterministic_id(AT.replace(tzinfo=None), "x")


def test_other_kinds_of_ids_have_no_time() -> None:
    assert not is_uuid7(uuid4())
    with pytest.raises(ValueError, match="not a UUIDv7"):
        time_of(uuid4())


def test_a_time_before_1970_has_no_id() -> None:
    with pytest.raises(ValueError, match="outside"):
        lowest_at(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC))
