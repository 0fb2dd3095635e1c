"""The AsyncAPI 3.0 document of the bus: who sends what, who receives it, and how JetStream keeps it.

JetStream has no AsyncAPI bindings, so streams, durables and permissions are in `x-` extensions.
"""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import Any

from contracts import streams
from contracts.envelope import CONTENT_TYPE, Fact

Document = dict[str, Any]
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
_UUID = {"type": "string", "format": "uuid"}
_TRACEPARENT = "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"


def document(facts: dict[str, type[Fact]]) -> Document:
    """All of it, ready to be written as YAML."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:cococity:bus",
        "info": {
            "title": "CoCoCity events",
            "version": "1",
            "description": "Facts the services tell one another, as CloudEvents on NATS JetStream. Generated"
            " from contracts/ by `python -m contracts.generate`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"bus": _server()},
        "channels": {wire_type: _channel(fact) for wire_type, fact in facts.items()},
        "operations": _operations(facts),
        "components": {
            "messages": {wire_type: _message(fact) for wire_type, fact in facts.items()},
            "messageTraits": {"event": {"contentType": CONTENT_TYPE, "headers": _headers()}},
            "parameters": _parameters(),
            "securitySchemes": {"user": {"type": "userPassword"}},
        },
        "x-jetstream-streams": {name: _stream(stream) for name, stream in streams.STREAMS.items()},
        "x-jetstream-durables": {name: _durable(durable) for name, durable in streams.DURABLES.items()},
        "x-nats-users": {user.name: _user(user) for user in streams.nats_users()},
    }


def readers_of(wire_type: str) -> list[streams.Durable]:
    """The durables whose filters let events of this type through."""
    return [
        durable
        for durable in streams.DURABLES.values()
        if any(matches(wire_type, pattern) for pattern in durable.filters)
    ]


def matches(wire_type: str, pattern: str) -> bool:
    """Whether every subject of a wire type is covered by a NATS subject pattern."""
    # Subjects go on behind the wire type: city id and bucket stand for themselves here.
    parts, wanted = [*wire_type.split("."), "city", "bucket"], pattern.split(".")
    for position, part in enumerate(wanted):
        if part == ">":
            return position < len(parts)
        if position >= len(parts) or part not in {"*", parts[position]}:
            return False
    return len(wanted) == len(parts)


def _server() -> Document:
    return {
        "host": "{host}:{port}",
        "protocol": "nats",
        "description": "NATS with JetStream, version 2.12 or later.",
        "variables": {
            "host": {"description": "Where the bus runs.", "default": "127.0.0.1"},
            "port": {"description": "Its client port.", "default": "8122"},
        },
        "security": [{"$ref": "#/components/securitySchemes/user"}],
    }


def _channel(fact: type[Fact]) -> Document:
    wire_type = fact.TYPE
    return {
        "address": f"{wire_type}.{{city_id}}.{{bucket}}",
        "description": f"In stream {_owner(fact).upper()}; spread over the buckets by `{fact.KEY}`.",
        "servers": [{"$ref": "#/servers/bus"}],
        "parameters": {name: {"$ref": f"#/components/parameters/{name}"} for name in ("city_id", "bucket")},
        "messages": {wire_type: {"$ref": f"#/components/messages/{wire_type}"}},
        "x-jetstream-stream": _owner(fact).upper(),
    }


def _message(fact: type[Fact]) -> Document:
    return {
        "name": fact.TYPE,
        "title": fact.__name__,
        "summary": inspect.cleandoc(fact.__doc__ or "").replace("\n", " "),
        "traits": [{"$ref": "#/components/messageTraits/event"}],
        "payload": {
            "schemaFormat": SCHEMA_FORMAT,
            "schema": {"$ref": f"./schemas/{fact.TYPE}.json"},
        },
    }


def _headers() -> Document:
    return {
        "type": "object",
        "required": ["Nats-Msg-Id", "Content-Type"],
        "properties": {
            "Nats-Msg-Id": _UUID | {"description": "The event's id. JetStream drops a second one."},
            "Content-Type": {"const": CONTENT_TYPE},
            "traceparent": {
                "description": "W3C Trace Context of what caused the event.",
                "type": "string",
                "pattern": _TRACEPARENT,
            },
            streams.REPLAYED_HEADER: {
                "description": "Sent again by `replay` or `republish`; consumers expect old ids there.",
                "const": "true",
            },
        },
    }


def _parameters() -> Document:
    return {
        "city_id": {"description": "The city the fact belongs to (a UUID)."},
        "bucket": {
            "description": f"00 to {streams.BUCKETS - 1:02d}: CRC-32 of the key's 16 bytes,"
            f" modulo {streams.BUCKETS}.",
        },
    }


def _operations(facts: dict[str, type[Fact]]) -> Document:
    operations = {f"{_owner(fact)}.send.{wire_type}": _send(fact) for wire_type, fact in facts.items()}
    for durable in streams.DURABLES.values():
        for wire_type, fact in facts.items():
            if durable in readers_of(wire_type):
                operations[f"{durable.name}.receive.{wire_type}"] = _receive(durable, fact)
    return operations


def _send(fact: type[Fact]) -> Document:
    return _operation("send", fact) | {"tags": [{"name": _owner(fact)}]}


def _receive(durable: streams.Durable, fact: type[Fact]) -> Document:
    extension = {"tags": [{"name": durable.service}], "x-jetstream-durable": durable.name}
    return _operation("receive", fact) | extension


def _operation(action: str, fact: type[Fact]) -> Document:
    channel = f"#/channels/{fact.TYPE}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{fact.TYPE}"}],
    }


def _stream(stream: streams.Stream) -> Document:
    return {
        "subjects": list(stream.subjects),
        "retention": "limits",
        "discard": "new",
        "storage": "file",
        "compression": "s2",
        "max_bytes": stream.max_bytes,
        "max_age_seconds": _seconds(stream.max_age) if stream.max_age else None,
        "duplicate_window_seconds": _seconds(stream.dedupe_window),
    }


def _durable(durable: streams.Durable) -> Document:
    return {
        "service": durable.service,
        "stream": durable.stream,
        "filter_subjects": list(durable.filters),
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait_seconds": _seconds(durable.ack_wait),
        "max_deliver": -1,
        "max_ack_pending": durable.max_ack_pending,
    }


def _user(user: streams.NatsUser) -> Document:
    return {"publish": list(user.publish), "subscribe": list(user.subscribe)}


def _owner(fact: type[Fact]) -> str:
    return fact.TYPE.split(".", 1)[0]


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
