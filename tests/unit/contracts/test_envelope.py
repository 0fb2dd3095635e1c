"""The envelope: identity, time, and what happens to bytes that are no event."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import ALL
from contracts.directory.v1 import CityJoined, MerchantClosed
from contracts.envelope import Decoder, Event, Fact, NotAnEvent, encode
from tests.contract.instances import MOMENTS, events, tries

READER = Decoder(ALL)
CITY = UUID("01a19b7c-a680-7522-a8ba-b8deb85565ba")
AT = datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)
GOOD = encode(Event.of(CityJoined(city_id=CITY, nis_code="85046", version=1), AT))
every_type = pytest.mark.parametrize("wire_type", sorted(ALL))


@every_type
@given(st.data())
@tries(20)
def test_an_event_comes_back_as_it_was_sent(wire_type: str, data: st.DataObject) -> None:
    event = data.draw(events(ALL[wire_type]))
    assert READER.decode(encode(event)) == event


@given(MOMENTS, st.uuids(), st.integers(1, 2**31))
@tries(50)
def test_an_id_is_a_uuidv7_of_the_time_and_the_same_for_ever(at: datetime, city: UUID, version: int) -> None:
    fact = CityJoined(city_id=city, nis_code="85046", version=version)
    event = Event.of(fact, at)
    assert event.id.version == 7
    assert event.id.variant == "specified in RFC 4122"
    assert event.id.int >> 80 == (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert Event.of(fact, at).id == event.id
    assert Event.of(fact, event.time) == event


@given(MOMENTS)
@tries(50)
def test_a_time_is_kept_to_the_millisecond(at: datetime) -> None:
    event = Event.of(CityJoined(city_id=CITY, nis_code="85046", version=1), at)
    assert timedelta(0) <= at - event.time < timedelta(milliseconds=1)
    assert event.time.microsecond % 1000 == 0
    read = READER.decode(encode(event))
    assert read is not None
    assert read.time == event.time


def test_ids_differ_by_type_aggregate_version_and_time() -> None:
    other = UUID("01a1a0a3-0280-7903-a4e5-ce1c604d15e5")
    ids = {
        Event.of(CityJoined(city_id=CITY, nis_code="85046", version=1), AT).id,
        Event.of(CityJoined(city_id=CITY, nis_code="85046", version=2), AT).id,
        Event.of(CityJoined(city_id=other, nis_code="85046", version=1), AT).id,
        Event.of(MerchantClosed(city_id=CITY, merchant_id=CITY, version=1), AT).id,
        Event.of(CityJoined(city_id=CITY, nis_code="85046", version=1), AT + timedelta(milliseconds=1)).id,
    }
    assert len(ids) == 5


def test_a_time_in_another_zone_is_sent_as_utc() -> None:
    brussels = AT.astimezone(timezone(timedelta(hours=1)))
    event = Event.of(CityJoined(city_id=CITY, nis_code="85046", version=1), brussels)
    assert encode(event) == GOOD
    assert json.loads(GOOD)["time"] == "2026-11-02T09:00:00.123000Z"


def test_a_time_in_another_zone_is_read_as_utc() -> None:
    read = READER.decode(GOOD.replace(b"T09:00:00.123000Z", b"T10:00:00.123000+01:00"))
    assert read is not None
    assert read == READER.decode(GOOD)
    assert read.time.tzinfo is UTC


def test_a_time_without_zone_makes_no_event() -> None:
    with pytest.raises(ValueError, match="zone"):
        Event.of(CityJoined(city_id=CITY, nis_code="85046", version=1), AT.replace(tzinfo=None))


def test_a_type_nobody_asked_for_is_none_of_our_business() -> None:
    assert Decoder({MerchantClosed.TYPE: MerchantClosed}).decode(GOOD) is None


def test_a_fact_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CityJoined(city_id=CITY, nis_code="85046", version=1).version = 2  # type: ignore[misc]


def changed(**attributes: Any) -> bytes:
    return json.dumps(json.loads(GOOD) | attributes).encode()


def with_data(raw: bytes) -> bytes:
    return GOOD[: GOOD.index(b'"data":')] + b'"data":' + raw + b"}"


NO_EVENTS = {
    "nothing": b"",
    "no JSON": b"hello",
    "cut off": GOOD[:-1],
    "followed by more": GOOD + b"{}",
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "no object": b"[]",
    "null": b"null",
    "NaN": b"NaN",
    "no UTF-8": GOOD.replace(b"85046", b"\xff\xfe"),
    "no UTF-8 in its type": GOOD.replace(b"city-joined", b"\xff\xfe"),
    "a lone surrogate": GOOD.replace(b"85046", rb"\ud800"),
    "a lone low surrogate": GOOD.replace(b"85046", rb"\udc00"),
    "deep nesting": b"[" * 200_000,
    "deep nesting in its data": with_data(b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
    "deep nesting beside its data": GOOD[:-1] + b',"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a huge integer": with_data(b'{"version":' + b"9" * 100_000 + b"}"),
    "a huge exponent": with_data(b'{"version":1e99999}'),
    "another specversion": changed(specversion="0.3"),
    "an id of another kind": changed(id="01a19b7c-a680-4522-a8ba-b8deb85565ba"),
    "an id that is none": changed(id="1"),
    "a type that is no string": changed(type=None),
    "a time without zone": changed(time="2026-11-02T09:00:00"),
    "a time that is none": changed(time="yesterday"),
    "a time before the year 1": changed(time="0001-01-01T00:00:00+23:00"),
    "a time after the year 9999": changed(time="9999-12-31T23:59:59-23:00"),
    "no data": json.dumps({k: v for k, v in json.loads(GOOD).items() if k != "data"}).encode(),
    "data of another shape": with_data(b"[]"),
    "data that lacks a field": with_data(b"{}"),
}


@pytest.mark.parametrize("body", NO_EVENTS.values(), ids=NO_EVENTS)
def test_what_is_no_event_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(NotAnEvent, match=r"."):
        READER.decode(body)


def read(body: bytes) -> Event[Fact] | None:
    """An event, or nothing, or NotAnEvent: any other exception fails the test."""
    try:
        return READER.decode(body)
    except NotAnEvent:
        return None


@given(st.binary(max_size=400))
@tries(200)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    read(body)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 3), st.binary(max_size=6))
@tries(300)
def test_an_event_with_other_bytes_in_it_is_read_or_refused(at: int, gone: int, instead: bytes) -> None:
    read(GOOD[:at] + instead + GOOD[at + gone :])


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text()
    | st.just("\ud800")
    | st.uuids().map(str)
    | st.datetimes().map(datetime.isoformat),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@every_type
@given(st.data())
@tries(30)
def test_an_event_with_anything_in_one_field_is_read_or_refused(wire_type: str, data: st.DataObject) -> None:
    message = json.loads(encode(data.draw(events(ALL[wire_type]))))
    part = message if data.draw(st.booleans()) else message["data"]
    part[data.draw(st.sampled_from(sorted(part)))] = data.draw(ANYTHING)
    event = read(json.dumps(message).encode())
    if event is not None:
        # What was let in can be sent on, and is the same then.
        assert READER.decode(encode(event)) == event
