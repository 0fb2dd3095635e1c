"""Webhooks as they are written and read over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from sqlalchemy import RowMapping

from chassis.http import UNSET, Body, LongText, Moment, ShortText, Shown
from services.campaigns.webhooks.catalogue import event_types
from services.campaigns.webhooks.domain import Disabled, State

LONGEST_SPAN = timedelta(days=31)


def _web_address(value: str) -> str:
    """Where it leads is judged when something is sent: what a name stands for changes."""
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("is not an https address")
    if "@" in parts.netloc or parts.fragment or set(value) & set(' <>"\\^`{|}\n\t'):
        raise ValueError("holds what an endpoint's address does not: a name, a password, a fragment, a space")
    return value


def _known_types(value: list[str]) -> list[str]:
    if unknown := sorted(set(value) - event_types().keys()):
        raise ValueError(f"{unknown[0][:80]} is no event type: see /api/v1/webhook-types")
    return value


Address = Annotated[LongText, StringConstraints(min_length=1, max_length=500), AfterValidator(_web_address)]
Types = Annotated[list[ShortText], Field(min_length=1, max_length=50), AfterValidator(_known_types)]


class Register(Body):
    """An endpoint of one of the city's own systems."""

    city_id: UUID
    url: Address
    types: Types
    description: Annotated[LongText, StringConstraints(max_length=200)] = ""


class Change(Body):
    """What is to be otherwise; what is not sent stays."""

    url: Address = UNSET
    types: Types = UNSET
    description: Annotated[LongText, StringConstraints(max_length=200)] = UNSET
    enabled: bool = UNSET

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class Replay(Body):
    """Either one delivery, or all that happened in a span of time."""

    delivery_id: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    """Before this moment."""

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        span = self.since is not None and self.until is not None
        if (self.delivery_id is None) is not span or (self.since is None) is not (self.until is None):
            raise ValueError("say either delivery_id, or since and until")
        lasts = self.until - self.since if self.since and self.until else LONGEST_SPAN
        if not timedelta(0) < lasts <= LONGEST_SPAN:
            raise ValueError(f"until comes after since, by {LONGEST_SPAN.days} days at most")
        return self


class EventTypeShown(Shown):
    """What an endpoint can ask for."""

    type: str
    told: str
    json_schema: dict[str, Any]
    """Of `data`. Fields may be added to it; none changes its meaning."""


class EndpointShown(Shown):
    """An endpoint, without its secret."""

    id: UUID
    city_id: UUID
    url: str
    description: str
    types: list[str]
    made_at: datetime
    enabled: bool
    disabled: Disabled | None
    """Why nothing is sent to it: its officers, days of failures, or its own wish (410)."""
    failures: int
    """In a row."""
    failing_since: datetime | None
    rests_until: datetime | None
    """Until then nothing is tried, because it would only fail."""
    former_until: datetime | None
    """Until then messages are signed with the former secret as well."""


class NewEndpoint(EndpointShown):
    """An endpoint with its secret, which is shown now and never again."""

    secret: str | None
    """`whsec_…`. None where the request is repeated: whoever lost it rotates it."""


class Queued(Shown):
    """A message that waits to be sent."""

    delivery_id: UUID


class Replayed(Shown):
    messages: int
    """So many are sent again."""


class AttemptShown(Shown):
    at: datetime
    milliseconds: int
    status: int | None
    error: str | None
    """Why nobody answered."""
    answer: str
    """Its start, as text."""


class DeliveryShown(Shown):
    """One message on its way to one endpoint."""

    id: UUID
    message_id: UUID
    """Its `webhook-id`."""
    type: str
    happened_at: datetime
    state: State
    attempts: int
    next_attempt_at: datetime | None


class DeliveryWithAttempts(DeliveryShown):
    body: str
    """What is sent, to the byte."""
    log: list[AttemptShown]
    """The newest first."""


def endpoint_shown(row: RowMapping) -> dict[str, Any]:
    """The members of `EndpointShown`."""
    known = {name: row[name] for name in EndpointShown.model_fields if name != "enabled"}
    return {**known, "enabled": row["disabled"] is None}


def delivery_shown(row: RowMapping) -> dict[str, Any]:
    """The members of `DeliveryShown`."""
    return {name: row[name] for name in DeliveryShown.model_fields}


def with_attempts(row: RowMapping, attempts: Sequence[RowMapping]) -> dict[str, Any]:
    """The members of `DeliveryWithAttempts`."""
    log = [{name: each[name] for name in AttemptShown.model_fields} for each in attempts]
    return {**delivery_shown(row), "body": bytes(row["body"]).decode(), "log": log}
