"""What is declared about events fits together: types, owners, subjects, streams, durables."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from datetime import timedelta
from pkgutil import iter_modules
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.consumer import Consumer
from contracts.catalogue import ALL, BY_OWNER
from contracts.directory.v1 import PersonErasureRequested
from contracts.envelope import Fact, schema_name
from contracts.generation.asyncapi import matches, readers_of
from contracts.generation.files import Artefacts
from contracts.streams import (
    BUCKETS,
    DURABLES,
    OWNERS,
    STREAMS,
    TELL_FIGURES,
    Durable,
    Stream,
    bucket_of,
    inbox_prefix,
    nats_users,
    subject_of,
)
from tests.contract.instances import events, tries
from tests.contract.schema_validation import is_a_schema

WIRE_TYPE = re.compile(r"(?P<owner>[a-z]+)\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*")
DURABLE_NAME = re.compile(r"(?P<service>[a-z]+)__[a-z]+(_[a-z]+)*")
SUBJECT = re.compile(rf"{WIRE_TYPE.pattern}\.[0-9a-f-]{{36}}\.[0-9]{{2}}")
PERSONAL = re.compile(
    r"(^|_)(person|name|first|last|mail|email|address|street|phone|text|comment|birth|ip|user|author)(_|$)"
)

every_fact = pytest.mark.parametrize("fact", ALL.values(), ids=lambda fact: fact.TYPE)
every_durable = pytest.mark.parametrize("durable", DURABLES.values(), ids=lambda durable: durable.name)
every_stream = pytest.mark.parametrize("stream", STREAMS.values(), ids=lambda stream: stream.name)


@every_fact
def test_a_wire_type_is_a_literal_of_owner_event_and_version(fact: type[Fact]) -> None:
    named = WIRE_TYPE.fullmatch(fact.TYPE)
    assert named
    assert fact in BY_OWNER[named["owner"]]
    assert fact.__module__.split(".")[1] == named["owner"]
    literals = [
        node.value.value
        for node in ast.walk(ast.parse(inspect.getsource(fact)))
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == "TYPE"
        and isinstance(node.value, ast.Constant)
    ]
    assert literals == [fact.TYPE]


@every_fact
def test_a_fact_is_frozen_and_names_required_ids_as_its_aggregate_and_key(fact: type[Fact]) -> None:
    assert fact.__struct_config__.frozen
    fields = {field.name: field for field in msgspec.structs.fields(fact)}
    for name in (fact.AGGREGATE, fact.KEY):
        assert fields[name].type is UUID
        assert fields[name].required


@every_fact
def test_a_fact_carries_nothing_about_a_person(fact: type[Fact]) -> None:
    found = {(fact, name) for name in fact.__struct_fields__ if PERSONAL.search(name)}
    # The one exception (rule 8 of the design): owners cannot forget somebody they are not told of.
    assert found <= {(PersonErasureRequested, "person_id")}


def test_the_search_for_personal_data_finds_some() -> None:
    for name in ("person_id", "owner_name", "email", "address", "review_text", "ip_address"):
        assert PERSONAL.search(name), name


@pytest.mark.parametrize("owner", OWNERS)
def test_no_fact_of_an_owner_is_forgotten(owner: str) -> None:
    package = importlib.import_module(f"contracts.{owner}")
    names = [f"{package.__name__}.{each.name}" for each in iter_modules(package.__path__)]
    modules = [importlib.import_module(each) for each in names]
    defined = {
        thing
        for module in modules
        for thing in vars(module).values()
        if inspect.isclass(thing) and issubclass(thing, Fact) and thing is not Fact
    }
    assert set(BY_OWNER[owner]) == defined


def test_no_two_facts_share_a_type() -> None:
    assert len(ALL) == sum(len(facts) for facts in BY_OWNER.values())
    assert set(BY_OWNER) == set(OWNERS)


@every_fact
@given(st.data())
@tries(10)
def test_a_subject_fits_the_stream_of_its_owner_and_no_other(fact: type[Fact], data: st.DataObject) -> None:
    event = data.draw(events(fact))
    subject = subject_of(event)
    assert SUBJECT.fullmatch(subject)
    assert subject.endswith(f".{event.fact.city_id}.{bucket_of(event.fact.key())}")
    owner = fact.TYPE.split(".")[0]
    taking = [stream.name for stream in STREAMS.values() if any(covers(subject, s) for s in stream.subjects)]
    assert taking == [owner.upper()]


def covers(subject: str, pattern: str) -> bool:
    """NATS: `*` stands for one token, `>` for one or more at the end."""
    regex = re.escape(pattern).replace(r"\*", "[^.]+").replace(">", ".+")
    return re.fullmatch(regex, subject) is not None


@given(st.uuids())
@tries(50)
def test_a_bucket_has_two_digits_and_is_one_of_64(key: UUID) -> None:
    bucket = bucket_of(key)
    assert len(bucket) == 2
    assert 0 <= int(bucket) < BUCKETS == 64


def test_buckets_never_move() -> None:
    # Consumers and operators filter by it, and a merchant's events lie in one bucket for ever.
    known = {
        "00000000-0000-7000-8000-000000000000": "23",
        "01a1a0a3-0280-7903-a4e5-ce1c604d15e5": "58",
        "01a19b7c-a680-7522-a8ba-b8deb85565ba": "34",
    }
    assert {key: bucket_of(UUID(key)) for key in known} == known


@every_stream
def test_a_stream_keeps_everything_except_assessments(stream: Stream) -> None:
    assert stream.owner in OWNERS
    assert stream.name == stream.owner.upper()
    assert stream.max_bytes > 0
    assert stream.max_age == (timedelta(days=400) if stream.owner == "assessment" else None)


@every_durable
def test_a_durable_is_named_after_its_service_and_purpose(durable: Durable) -> None:
    named = DURABLE_NAME.fullmatch(durable.name)
    assert named
    assert named["service"] == durable.service
    assert durable.service in OWNERS
    assert DURABLES[durable.name] is durable


@every_durable
def test_each_filter_of_a_durable_lets_some_type_of_its_stream_through(durable: Durable) -> None:
    owner = STREAMS[durable.stream].owner
    for pattern in durable.filters:
        let_through = [wire_type for wire_type in ALL if matches(wire_type, pattern)]
        assert let_through, f"no event matches {pattern}"
        assert all(wire_type.startswith(f"{owner}.") for wire_type in let_through)


@every_durable
def test_no_type_passes_two_filters_of_one_durable(durable: Durable) -> None:
    # JetStream refuses a consumer whose filters overlap.
    for wire_type in ALL:
        assert sum(matches(wire_type, pattern) for pattern in durable.filters) <= 1


@every_durable
def test_a_durable_has_room_for_two_full_batches(durable: Durable) -> None:
    batch = inspect.signature(Consumer).parameters["batch_size"].default
    assert durable.max_ack_pending >= 2 * batch


def test_the_slots_of_a_projection_read_the_same() -> None:
    blue, green = DURABLES["notifications__audience_blue"], DURABLES["notifications__audience_green"]
    assert (blue.stream, blue.filters) == (green.stream, green.filters)


@pytest.mark.parametrize(
    ("wire_type", "pattern", "expected"),
    [
        ("campaigns.ambassador-shared.v1", "campaigns.>", True),
        ("campaigns.ambassador-shared.v1", "campaigns.ambassador-shared.>", True),
        ("campaigns.ambassador-shared.v1", "campaigns.*.v1.*.*", True),
        ("campaigns.ambassador-shared.v1", "campaigns.*.v1", False),
        ("campaigns.ambassador-shared.v1", "campaigns.ambassador.>", False),
        ("campaigns.ambassador-shared.v1", "campaigns.ambassador-shared.v1.*.*.>", False),
        ("campaigns.ambassador-shared.v1", "directory.>", False),
    ],
)
def test_filters_match_as_the_bus_does(wire_type: str, pattern: str, expected: bool) -> None:
    assert matches(wire_type, pattern) is expected
    assert covers(f"{wire_type}.city.07", pattern) is expected


def test_each_service_may_publish_and_read_its_own_alone() -> None:
    for user in nats_users():
        if user.name not in OWNERS:
            continue
        # Reading is asking for the next message of a durable: a request that is published.
        for other in set(OWNERS) - {user.name}:
            assert not [subject for subject in user.publish if subject.startswith((f"{other}.", ">", "*"))]
        places = [s.split(".") for s in user.publish if s.startswith("$JS.API.CONSUMER.MSG.NEXT.")]
        assert {durable for *_, durable in places} == {
            durable.name for durable in DURABLES.values() if durable.service == user.name
        }
        assert user.subscribe == (f"{inbox_prefix(user.name)}.>",)
        destructive = {
            s for s in user.publish if "DELETE" in s or "PURGE" in s or "CREATE" in s or "UPDATE" in s
        }
        # Single messages of its own stream, where they are figures about a shop that is erased.
        own = {f"$JS.API.STREAM.MSG.DELETE.{user.name.upper()}"} if user.name in TELL_FIGURES else set()
        assert destructive == own


def test_the_readers_of_a_type_are_the_durables_that_let_it_through() -> None:
    readers = {wire_type: {durable.name for durable in readers_of(wire_type)} for wire_type in ALL}
    assert readers["campaigns.ambassador-review-posted.v1"] == {
        "campaigns__webhooks",
        "notifications__audience_blue",
        "notifications__audience_green",
        "notifications__reactions",
    }
    assert readers["campaigns.campaign-started.v1"] == {"campaigns__webhooks", "notifications__reactions"}
    assert readers["notifications.delivery-failed.v1"] == set()


def test_a_schema_is_named_as_events_name_it() -> None:
    for wire_type, schema in Artefacts(ALL).released_schemas().items():
        assert schema["$id"] == schema["properties"]["dataschema"]["const"] == schema_name(wire_type)
        assert is_a_schema(schema)
