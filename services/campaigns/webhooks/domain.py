"""Webhooks by the rules of Standard Webhooks 1.0: signatures, when to try again, when to give up. Pure.

Source: Standard Webhooks, specification 1.0.0 (signature scheme, headers, deliverability, status codes).
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

SECRET_PREFIX = "whsec_"  # noqa: S105  public: by it a secret is recognised where it should not be
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""
OVERLAP = timedelta(hours=24)
"""So long after a rotation, messages are signed with the former secret as well."""

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""What lies between two attempts: the specification's example, three days and a little in all."""
JITTER = 0.2
"""A part of each delay by which it is longer or shorter, so that what failed together does not return so."""
FAILING_FOR = timedelta(days=5)
"""An endpoint where nothing arrives for so long is switched off, and its city sees why."""
_FIRST_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(hours=1)
_THROTTLED = frozenset({429, 502, 503, 504})
_GONE = 410


class Disabled(StrEnum):
    """Why nothing is sent to an endpoint."""

    BY_OFFICER = "by-officer"
    FAILING = "failing"
    """Nothing arrived for days."""
    GONE = "gone"
    """It answered that it wants nothing any more (410)."""


class State(StrEnum):
    """Of one message on its way to one endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"
    """Every attempt failed. It can be sent again."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of one attempt."""

    status: int | None
    """None where nobody answered."""
    error: str | None = None
    """Why nobody did, for whoever runs the endpoint."""
    retry_after: timedelta | None = None
    start: str = ""
    """Of what was answered."""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class Health:
    """How an endpoint does: what decides whether it is tried now."""

    failures: int = 0
    """In a row."""
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    """Until then nothing is sent: it would only fail, and hold up whoever sends."""
    disabled: Disabled | None = None

    def after(self, answer: Answer, now: datetime) -> Health:
        """The same after one more attempt. A success ends all that."""
        if answer.is_success:
            return Health(disabled=self.disabled)
        since = self.failing_since or now
        why = self.disabled
        if answer.status == _GONE:
            why = why or Disabled.GONE
        elif now - since >= FAILING_FOR:
            why = why or Disabled.FAILING
        rest = min(_FIRST_REST * 2 ** min(self.failures, 20), _LONGEST_REST)
        if answer.status in _THROTTLED and answer.retry_after is not None:
            rest = max(rest, answer.retry_after)
        return replace(
            self, failures=self.failures + 1, failing_since=since, rests_until=now + rest, disabled=why
        )


def next_attempt(attempts: int, answer: Answer, now: datetime, chance: float) -> datetime | None:
    """When to try again after so many attempts failed; None where that is enough. `chance`: 0 to 1."""
    if attempts > len(RETRIES):
        return None
    delay = RETRIES[attempts - 1] * (1 + JITTER * (2 * chance - 1))
    return now + max(delay, answer.retry_after or timedelta(0))


def written(secret: bytes) -> str:
    """A secret as it is shown to whoever registers an endpoint."""
    return SECRET_PREFIX + b64encode(secret).decode()


def headers(message_id: UUID, secrets: tuple[str, ...], body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of one attempt, with a signature for each secret that holds."""
    identifier, seconds = str(message_id), int(now.timestamp())
    signed = f"{identifier}.{seconds}.".encode() + body
    signatures = (
        hmac.digest(b64decode(secret.removeprefix(SECRET_PREFIX)), signed, "sha256") for secret in secrets
    )
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{b64encode(each).decode()}" for each in signatures),
    }
