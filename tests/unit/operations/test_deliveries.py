"""What never arrived is counted, asked about, and sent again in parts."""

from __future__ import annotations

import json

from tests.unit.operations.conftest import StandInGateway, run

PATH = "/api/v1/notifications/deliveries"
SPAN = ("--since", "2026-11-26", "--until", "2026-11-27T08:00", "--token", "t")
FAILED = {
    "id": "01890000-0000-7000-8000-000000000001",
    "recipient_kind": "merchant",
    "recipient_id": "01890000-0000-7000-8000-000000000002",
    "channel": "mail",
    "kinds": ["milestone", "first"],
    "state": "failed_for_good",
    "reason": "message-refused",
    "attempts": 3,
    "due_at": None,
    "finished_at": "2026-11-26T08:00:00Z",
}


def test_messages_are_listed_page_by_page_with_why_they_failed(gateway: StandInGateway) -> None:
    gateway.says(f"GET {PATH}", {"items": [FAILED], "next": "more"})
    gateway.says(f"GET {PATH}", {"items": [FAILED | {"reason": "refused-too-long"}], "next": None})

    shown = json.loads(run("deliveries", "list", "--json", "--token", "t").stdout)

    assert [each["reason"] for each in shown] == ["message-refused", "refused-too-long"]


def test_one_that_is_not_there_says_where_they_are(gateway: StandInGateway) -> None:
    result = run("deliveries", "show", "no-id", "--token", "t")

    assert result.exit_code == 4
    assert "cococity deliveries list --all" in result.stderr
    assert gateway.asked == [f"GET {PATH}/no-id"]


def test_a_dry_run_counts_and_sends_none(gateway: StandInGateway) -> None:
    gateway.says(f"POST {PATH}/replay", {"found": 250, "replayed": 0})

    result = run("deliveries", "replay", *SPAN, "--dry-run")

    assert (result.exit_code, result.stdout) == (0, "250 never arrived, and would be sent again.\n")
    assert len(gateway.asked) == 1


def test_nothing_is_sent_without_a_yes_and_with_one_all_is_part_by_part(gateway: StandInGateway) -> None:
    gateway.says(f"POST {PATH}/replay", {"found": 250, "replayed": 0})
    assert run("deliveries", "replay", *SPAN).exit_code == 1, "nobody answered"
    assert len(gateway.asked) == 1

    gateway.says(f"POST {PATH}/replay", {"found": 250, "replayed": 200})
    gateway.says(f"POST {PATH}/replay", {"found": 50, "replayed": 50})
    gateway.asked.clear()
    result = run("deliveries", "replay", *SPAN, "--yes")

    assert result.stdout.startswith("250 of 250 are sent again.")
    assert len(gateway.asked) == 3


def test_one_message_or_a_whole_span_is_named(gateway: StandInGateway) -> None:
    for wrong in ((), ("an-id", *SPAN), ("--since", "2026-11-26")):
        assert run("deliveries", "replay", *wrong).exit_code == 2
    assert gateway.asked == []
