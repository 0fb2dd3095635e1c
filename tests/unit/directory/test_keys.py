"""How long a key is usable, and how many tokens it gets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.ids import new_id
from services.directory.keys.domain import (
    LONGEST_LIFE,
    MOST_TOKENS,
    SCOPES,
    WINDOW,
    ApiKey,
    TooManyTokens,
    Unusable,
    why_not_until,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def key(expires_at: datetime = NOW + timedelta(days=1), revoked_at: datetime | None = None) -> ApiKey:
    return ApiKey(new_id(), new_id(), "ERP", ("campaigns",), None, new_id(), NOW, expires_at, revoked_at)


def test_a_key_is_usable_until_it_expires_or_is_revoked() -> None:
    assert key().used(NOW).last_used_at == NOW
    assert key(expires_at=NOW + SECOND).used(NOW).last_used_at == NOW
    for unusable in (key(expires_at=NOW), key(revoked_at=NOW - SECOND)):
        with pytest.raises(Unusable):
            unusable.used(NOW)


def test_a_key_gets_so_many_tokens_in_a_window_and_then_again() -> None:
    used = key()
    for _ in range(MOST_TOKENS):
        used = used.used(NOW)
    with pytest.raises(TooManyTokens) as refused:
        used.used(NOW + WINDOW - SECOND)
    assert refused.value.wait == SECOND
    assert used.used(NOW + WINDOW).window_tokens == 1


def test_the_last_use_never_goes_back() -> None:
    assert key().used(NOW).used(NOW - SECOND).last_used_at == NOW


def test_a_key_ends_in_the_future_and_within_reason() -> None:
    assert why_not_until(NOW, NOW) == "is not in the future"
    assert why_not_until(NOW + LONGEST_LIFE, NOW) is None
    assert why_not_until(NOW + LONGEST_LIFE + SECOND, NOW) == "is more than 400 days away"


def test_every_scope_is_a_tag_of_the_api() -> None:
    documents = (Path(__file__).parents[3] / "services").glob("*/openapi.json")
    tags = {
        tag
        for document in documents
        for path in json.loads(document.read_text())["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for tag in operation.get("tags", ())
    }
    assert {scope.partition(":")[0] for scope in SCOPES} <= tags
    assert not SCOPES & {"keys", "people", "tokens", "operations"}
