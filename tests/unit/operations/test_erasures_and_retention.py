"""What the command line says of erasures that wait, and of what was deleted because it was over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.gateway_session import Service
from operations.retention import in_short
from tests.unit.operations.conftest import StandInGateway, run

OWNERS = ("directory", "assessment", "campaigns", "notifications")


def an_erasure(name: str, age: timedelta, *late: str) -> dict[str, Any]:
    confirmed = datetime.now(UTC) - age
    parts = [{"owner": owner, "done_at": None if owner in late else str(confirmed)} for owner in OWNERS]
    state = "under_way" if late else "completed"
    return {"id": name, "state": state, "confirmed_at": confirmed.isoformat(), "parts": parts}


def listed(gateway: StandInGateway, *items: dict[str, Any]) -> None:
    gateway.says("POST /api/v1/tokens/demo", {"token": "a.b.c"})
    gateway.says("GET /api/v1/people/erasures", {"items": list(items), "next": None})


def test_an_erasure_that_waits_for_a_day_is_overdue_and_says_for_whom(gateway: StandInGateway) -> None:
    listed(gateway, an_erasure("done", timedelta(days=9)), an_erasure("late", timedelta(days=2), "campaigns"))

    result = run("erasures")

    assert result.exit_code == 1
    assert "late" in result.stdout
    assert "campaigns__erasures" in result.stdout
    assert "done" not in result.stdout


def test_one_of_this_minute_is_open_and_nobody_needs_to_look(gateway: StandInGateway) -> None:
    listed(gateway, an_erasure("now", timedelta(seconds=5), "campaigns", "assessment"))

    result = run("erasures", "--json")

    (shown,) = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (shown["waits_for"], shown["overdue"]) == (["assessment", "campaigns"], False)


@pytest.mark.parametrize(("options", "said"), [((), "Nobody waits"), (("--all",), "nobody: complete")])
def test_completed_ones_are_shown_where_they_are_asked_for(
    gateway: StandInGateway, options: tuple[str, ...], said: str
) -> None:
    listed(gateway, an_erasure("done", timedelta(days=9)))

    result = run("erasures", *options)

    assert result.exit_code == 0
    assert said in result.stdout


def test_periods_are_shown_with_what_was_deleted(gateway: StandInGateway) -> None:
    gateway.says("POST /api/v1/tokens/demo", {"token": "a.b.c"})
    rule = {"what": "sessions", "kept_seconds": 2_592_000, "since": "they ended"}
    rule |= {"deleted": 1_234, "kept_back": 56, "failing": None}
    for name in Service:
        answer = {"service": name, "rules": [{**rule, "last_at": "2026-11-25T23:00:00Z"}]}
        gateway.says(f"GET /api/v1/operations/{name}/retention", answer)

    result = run("retention", "--service", "directory")

    assert result.exit_code == 0
    assert all(each in result.stdout for each in ("sessions", "30 d", "1,234", "2026-11-25 23:00", "56"))


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_rule_that_fails_is_shown_and_needs_a_person(
    gateway: StandInGateway, options: tuple[str, ...]
) -> None:
    gateway.says("POST /api/v1/tokens/demo", {"token": "a.b.c"})
    failing = {"since": "2026-11-25T22:00:00Z", "last_at": "2026-11-25T23:00:00Z", "error": "DataError"}
    rule = {"what": "sessions", "kept_seconds": 60, "since": "they ended", "deleted": 0, "last_at": None}
    answer = {"service": "directory", "rules": [rule | {"kept_back": None, "failing": failing}]}
    gateway.says("GET /api/v1/operations/directory/retention", answer)

    result = run("retention", "--service", "directory", *options)

    assert result.exit_code == 1
    assert all(each in result.stdout for each in ("sessions", "DataError", "22:00"))


def test_periods_are_short() -> None:
    assert [in_short(each) for each in (2_592_000, 600, 30, 0)] == ["30 d", "10 min", "30 s", "–"]
