"""contracts/asyncapi.yaml holds together, and says of the bus what the deploy step and the relay do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import ALL
from contracts.generation.asyncapi import document
from contracts.generation.files import CONTRACTS
from contracts.streams import DURABLES, OWNERS, STREAMS, nats_users, subject_of
from operations import streams as deployed
from tests.contract.instances import events, tries

COMMITTED: dict[str, Any] = yaml.safe_load((CONTRACTS / "asyncapi.yaml").read_text())
COMPONENT_NAME = re.compile(r"[A-Za-z0-9._-]+")


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def resolve(reference: str, document: dict[str, Any] = COMMITTED, folder: Path = CONTRACTS) -> Any:
    """What a reference points at. Raises KeyError or OSError where there is nothing."""
    file, _, pointer = reference.partition("#")
    node: Any = json.loads((folder / file).read_text()) if file else document
    for part in pointer.split("/")[1:]:
        node = node[part]
    return node


def test_the_committed_document_is_the_generated_one() -> None:
    assert document(ALL) == COMMITTED


def test_every_reference_leads_somewhere() -> None:
    found = list(references(COMMITTED))
    assert len(found) > 10 * len(ALL)
    for reference in found:
        assert resolve(reference), reference


@pytest.mark.parametrize("broken", ["#/channels/nothing", "./schemas/nothing.json"])
def test_a_reference_to_nothing_is_seen(broken: str) -> None:
    with pytest.raises((KeyError, OSError)):
        resolve(broken)


def test_the_parts_have_names_that_asyncapi_allows() -> None:
    assert COMMITTED["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(COMMITTED["info"])
    for group in (COMMITTED["channels"], COMMITTED["operations"], *COMMITTED["components"].values()):
        assert all(COMPONENT_NAME.fullmatch(name) for name in group)


@pytest.mark.parametrize("wire_type", sorted(ALL))
@given(st.data())
@tries(5)
def test_a_channel_has_the_address_events_are_published_under(wire_type: str, data: st.DataObject) -> None:
    channel = COMMITTED["channels"][wire_type]
    assert set(re.findall(r"{(\w+)}", channel["address"])) == set(channel["parameters"])
    pattern = re.escape(channel["address"])
    for parameter in channel["parameters"]:
        pattern = pattern.replace(re.escape(f"{{{parameter}}}"), r"([^.]+)")
    assert re.fullmatch(pattern, subject_of(data.draw(events(ALL[wire_type]))))


@pytest.mark.parametrize("wire_type", sorted(ALL))
def test_a_message_has_the_committed_schema_and_the_headers_of_the_bus(wire_type: str) -> None:
    (reference,) = COMMITTED["channels"][wire_type]["messages"].values()
    message = resolve(reference["$ref"])
    assert resolve(message["payload"]["schema"]["$ref"])["title"] == wire_type
    (trait,) = message["traits"]
    assert resolve(trait["$ref"])["contentType"] == "application/cloudevents+json"


def test_the_headers_are_those_the_relay_sets() -> None:
    headers = COMMITTED["components"]["messageTraits"]["event"]["headers"]
    assert set(headers["properties"]) == {
        "Nats-Msg-Id",
        "Content-Type",
        "traceparent",
        "Cococity-Replayed",
    }
    assert set(headers["required"]) == {"Nats-Msg-Id", "Content-Type"}


def test_every_type_is_sent_by_its_owner_alone() -> None:
    sent = {
        name: operation
        for name, operation in COMMITTED["operations"].items()
        if operation["action"] == "send"
    }
    assert set(sent) == {f"{wire_type.split('.')[0]}.send.{wire_type}" for wire_type in ALL}
    for operation in sent.values():
        assert operation["tags"][0]["name"] in OWNERS


def test_an_operation_has_messages_of_its_channel_only() -> None:
    for operation in COMMITTED["operations"].values():
        channel = operation["channel"]["$ref"]
        assert operation["messages"]
        assert all(each["$ref"].startswith(f"{channel}/messages/") for each in operation["messages"])


@pytest.mark.parametrize("name", DURABLES)
def test_a_durable_receives_something_and_is_deployed_as_documented(name: str) -> None:
    received = [each for each in COMMITTED["operations"].values() if each.get("x-jetstream-durable") == name]
    assert received
    assert {each["action"] for each in received} == {"receive"}
    documented = COMMITTED["x-jetstream-durables"][name]
    made = deployed.durable_configuration_of(DURABLES[name])
    assert documented == {
        "service": DURABLES[name].service,
        "stream": DURABLES[name].stream,
        "filter_subjects": made.filter_subjects,
        "deliver_policy": made.deliver_policy,
        "ack_policy": made.ack_policy,
        "ack_wait_seconds": made.ack_wait,
        "max_deliver": made.max_deliver,
        "max_ack_pending": made.max_ack_pending,
    }


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_deployed_as_documented(name: str) -> None:
    made = deployed.configuration_of(STREAMS[name])
    assert COMMITTED["x-jetstream-streams"][name] == {
        "subjects": made.subjects,
        "retention": made.retention,
        "discard": made.discard,
        "storage": made.storage,
        "compression": made.compression,
        "max_bytes": made.max_bytes,
        "max_age_seconds": made.max_age or None,
        "duplicate_window_seconds": made.duplicate_window,
    }


def test_the_document_says_who_may_touch_what() -> None:
    assert COMMITTED["x-nats-users"] == {
        user.name: {"publish": list(user.publish), "subscribe": list(user.subscribe)} for user in nats_users()
    }
