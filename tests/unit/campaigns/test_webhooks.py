"""Webhooks by Standard Webhooks 1.0: what is signed, when it is tried again, and what is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from chassis.clock import utc_now
from chassis.retry_after import LONGEST_WAIT, retry_after
from contracts.campaigns.v1 import FACTS
from contracts.envelope import Event, Fact
from services.campaigns.webhooks.catalogue import (
    LEFT_OUT,
    OFFERED,
    body_of,
    cities_of,
    event_types,
    name_of,
)
from services.campaigns.webhooks.domain import (
    FAILING_FOR,
    RETRIES,
    Answer,
    Disabled,
    Health,
    headers,
    next_attempt,
    written,
)
from tests.contract.instances import events
from tests.contract.schema_validation import is_a_schema

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
REFUSED = Answer(status=500)


def test_a_receiver_with_either_secret_verifies_what_is_signed_and_nobody_else_does() -> None:
    new, former, strange = (written(bytes([each]) * 32) for each in (1, 2, 3))
    body = '{"type":"x","data":{"said":"é"}}'.encode()
    sent = headers(uuid4(), (new, former), body, utc_now())

    assert new.startswith("whsec_")
    for secret in (new, former):
        assert Webhook(secret).verify(body, sent)["data"] == {"said": "é"}
    for secret, said in ((strange, body), (new, body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(said, sent)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body, sent | {"webhook-id": str(uuid4())})


def test_attempts_are_spread_over_three_days_and_then_given_up() -> None:
    for chance in (0.0, 0.5, 1.0):
        now, moments = NOW, []
        for attempts in range(1, len(RETRIES) + 1):
            again = next_attempt(attempts, REFUSED, now, chance)
            assert again is not None
            moments.append(again)
            now = again
        assert all(earlier < later for earlier, later in pairwise(moments))
        assert timedelta(days=2.4) < moments[-1] - NOW < timedelta(days=4)
    assert next_attempt(len(RETRIES) + 1, REFUSED, NOW, 0.5) is None


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ("120", timedelta(minutes=2)),
        ("Thu, 26 Nov 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Thu, 26 Nov 2020 13:00:00 GMT", timedelta(0)),
        ("9" * 400, LONGEST_WAIT),
        ("Thu, 26 Nov 9999 13:00:00 GMT", LONGEST_WAIT),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_honoured_for_a_day_at_most(header: str | None, waits: timedelta | None) -> None:
    assert retry_after(header, NOW) == waits
    if waits is not None:
        answer = Answer(status=503, retry_after=waits)
        again = next_attempt(1, answer, NOW, 0.5)
        assert again == NOW + max(waits, RETRIES[0])
        assert (Health().after(answer, NOW).rests_until or NOW) >= NOW + waits


@given(st.text(max_size=40))
def test_no_retry_after_breaks_anything(header: str) -> None:
    found = retry_after(header, NOW)
    assert found is None or timedelta(0) <= found <= LONGEST_WAIT


def test_an_endpoint_that_fails_rests_longer_and_longer_and_one_success_ends_it() -> None:
    health, now, rests = Health(), NOW, []
    for _ in range(14):
        health = health.after(REFUSED, now)
        assert health.rests_until is not None
        rests.append(health.rests_until - now)
        now = health.rests_until
    assert rests[:3] == [timedelta(seconds=each) for each in (5, 10, 20)]
    assert rests[-1] == timedelta(hours=1)
    assert health.failing_since == NOW
    assert health.after(Answer(status=204), now) == Health()


def test_it_is_switched_off_after_days_of_failure_or_when_it_wants_nothing_any_more() -> None:
    failing = Health().after(REFUSED, NOW)
    shortly = failing.after(REFUSED, NOW + FAILING_FOR - timedelta(seconds=1))
    assert shortly.disabled is None
    assert shortly.after(Answer(status=None, error="nobody"), NOW + FAILING_FOR).disabled is Disabled.FAILING
    assert Health().after(Answer(status=410), NOW).disabled is Disabled.GONE
    assert Health(disabled=Disabled.BY_OFFICER).after(Answer(status=410), NOW).disabled is Disabled.BY_OFFICER


@pytest.mark.parametrize("status", [301, 302, 400, 404, 410, 429, 500, 503])
def test_only_what_is_2xx_has_arrived(status: int) -> None:
    assert not Answer(status=status).is_success
    assert Answer(status=status - status % 100 - (status // 100 - 2) * 100).is_success


def test_types_are_those_of_the_bus_and_lead_to_nobody() -> None:
    assert set(OFFERED) < set(FACTS)
    for name, each in event_types().items():
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz_.0123456789")
        assert is_a_schema(each.schema)
        assert each.told
        assert not LEFT_OUT & each.schema["properties"].keys()
        assert not [field for field in each.schema["properties"] if "contributor" in field]


@pytest.mark.parametrize("fact", OFFERED, ids=lambda fact: fact.__name__)
def test_a_body_is_as_its_schema_says_without_the_person(fact: type[Fact]) -> None:
    @given(events(fact))
    def check(event: Event[Fact]) -> None:
        told: dict[str, Any] = json.loads(body_of(event.fact, event.time))
        assert told["type"] == name_of(fact)
        assert msgspec.convert(told["timestamp"], datetime) == event.time
        jsonschema.validate(told["data"], event_types()[told["type"]].schema)
        assert not LEFT_OUT & told["data"].keys()
        assert event.fact.city_id in cities_of(event.fact) | {UUID(int=0)}
        assert body_of(event.fact, event.time) == body_of(event.fact, event.time)

    check()
