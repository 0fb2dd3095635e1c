"""Commands say what went wrong and what to do next, and exit with a code that means something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from operations.gateway_session import Service
from tests.unit.operations.conftest import StandInGateway, run

QUIET: dict[str, Any] = {
    "outbox": {"unpublished": 0, "oldest_seconds": 0},
    "dead_letters": {"open": 0},
    "consumers": [],
}


def _consumer(name: str, paused: str | None = None) -> dict[str, Any]:
    return {"consumer": name, "paused": paused, "pending": 3, "under_way": 1, "redelivered": 0}


def _all_quiet(gateway: StandInGateway, **of_notifications: Any) -> None:
    gateway.says("GET /readyz", {"status": "ready"})
    for name in Service:
        own = of_notifications if name is Service.notifications else {}
        gateway.says(f"GET /api/v1/operations/{name}/status", {"service": name, **QUIET, **own})


def test_no_answer_names_the_address_and_how_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOCITY_GATEWAY", "http://127.0.0.1:1")

    result = run("token", "sophie")

    assert result.exit_code == 3
    assert "http://127.0.0.1:1 does not answer" in result.stderr
    assert "cococity up" in result.stderr
    assert result.stdout == ""


def test_a_token_is_printed_alone(gateway: StandInGateway) -> None:
    gateway.says("POST /api/v1/tokens/demo", {"token": "a.b.c"})

    result = run("token", "sophie")

    assert (result.exit_code, result.stdout) == (0, "a.b.c\n")


def test_outside_the_demo_there_is_no_token_and_it_says_why(gateway: StandInGateway) -> None:
    problem = {"type": "urn:cococity:problem:not-found", "detail": "There is no such demonstration here."}
    gateway.says("POST /api/v1/tokens/demo", problem, status=404)

    result = run("token", "sophie")

    assert result.exit_code == 4
    assert result.stdout == ""
    assert "no such demonstration here" in result.stderr
    assert "--token" in result.stderr


def test_status_is_well_where_nothing_needs_a_person(gateway: StandInGateway) -> None:
    consumers = [_consumer(f"notifications__audience_{slot}") for slot in ("blue", "green")]
    _all_quiet(gateway, consumers=consumers)
    gateway.says("GET /api/v1/audience/rebuilds", {"live": "blue", "rebuilding": None})

    shown = json.loads(run("status", "--json").stdout)

    assert shown["well"]
    assert shown["ready"]
    (notifications,) = (each for each in shown["services"] if each["service"] == "notifications")
    assert [each["rests"] for each in notifications["consumers"]] == [False, True]
    assert run("status").exit_code == 0


def test_status_says_what_to_do_about_dead_letters_and_pauses(gateway: StandInGateway) -> None:
    paused = _consumer("notifications__reactions", paused="40 of 50 messages failed")
    _all_quiet(gateway, consumers=[paused], dead_letters={"open": 2})

    result = run("status")

    assert result.exit_code == 1
    assert "cococity dead-letters list --service notifications" in result.stdout
    assert "cococity consumers resume notifications__reactions" in result.stdout


def test_a_service_that_is_away_does_not_hide_the_others(gateway: StandInGateway) -> None:
    _all_quiet(gateway)
    gateway.answers["GET /api/v1/operations/campaigns/status"] = [(502, {"detail": "It does not answer."})]

    result = run("status", "--json")

    assert result.exit_code == 1
    answers = {each["service"]: each["answers"] for each in json.loads(result.stdout)["services"]}
    assert answers == {"directory": True, "assessment": True, "campaigns": False, "notifications": True}


def test_a_token_without_the_role_is_refused_with_what_is_needed(gateway: StandInGateway) -> None:
    gateway.says("GET /readyz", {})
    gateway.says("GET /api/v1/operations/directory/status", {"detail": "This needs: operator."}, status=403)

    result = run("status")

    assert result.exit_code == 4
    assert "operator" in result.stderr


def test_replay_tells_how_much_once_all_is_published(gateway: StandInGateway) -> None:
    lines = b'{"queued": 2000}\n{"queued": 2500}\n{"queued": 2500, "done": true}\n'
    gateway.says("POST /api/v1/operations/campaigns/replay", lines)
    for left in (1800, 20, 0):
        outbox = {"outbox": {"unpublished": left, "oldest_seconds": 0}}
        gateway.says("GET /api/v1/operations/campaigns/status", outbox)

    result = run("replay", "--service", "campaigns")

    assert (result.exit_code, result.stdout) == (0, "2,500 events of campaigns were published again.\n")
    assert gateway.asked.count("GET /api/v1/operations/campaigns/status") == 3


def test_a_replay_that_breaks_off_is_no_success(gateway: StandInGateway) -> None:
    gateway.says("POST /api/v1/operations/campaigns/republish", b'{"queued": 2000}\n')

    result = run("republish", "--service", "campaigns")

    assert result.exit_code == 1
    assert "broke off after 2,000" in result.stderr


def test_redriving_all_goes_on_behind_a_failure_and_reports_it(gateway: StandInGateway) -> None:
    base = "/api/v1/operations"
    for name in Service:
        gateway.says(f"GET {base}/{name}/dead-letters", {"items": [], "next": None})
    pages = [{"items": [{"id": "one"}], "next": "one"}, {"items": [{"id": "two"}], "next": None}]
    gateway.answers[f"GET {base}/campaigns/dead-letters"] = [(200, page) for page in pages]
    gateway.says(f"POST {base}/campaigns/dead-letters/one/redrive", {"detail": "Still bad."}, status=409)
    gateway.says(f"POST {base}/campaigns/dead-letters/two/redrive", {"redriven": True, "state": "redriven"})

    result = run("dead-letters", "redrive", "--all")

    assert result.exit_code == 1
    assert "1 of 2 redriven" in result.stdout
    assert "one: Still bad." in result.stderr


def test_discarding_asks_first_and_does_nothing_without_a_yes(gateway: StandInGateway) -> None:
    gateway.says("GET /api/v1/operations/directory/dead-letters/one", {"id": "one"})

    result = run("dead-letters", "discard", "one")

    assert result.exit_code == 1
    assert not any(request.startswith("POST") for request in gateway.asked)


@pytest.mark.parametrize("arguments", [(), ("one", "--all")])
def test_redriving_wants_one_or_all(gateway: StandInGateway, arguments: tuple[str, ...]) -> None:
    assert run("dead-letters", "redrive", *arguments).exit_code == 2


def _job(state: str, **more: Any) -> dict[str, Any]:
    totals = {"listed": 2, "left_out": 1}
    return {"id": "j1", "state": state, "rows_done": 3, "totals": totals, "dry_run": False, **more}


def test_a_sheet_is_sent_in_parts_started_and_watched_to_its_end(
    gateway: StandInGateway, tmp_path: Path
) -> None:
    gateway.says("GET /api/v1/cities", {"items": [{"id": "c1"}], "next": None})
    gateway.says("POST /api/v1/cities/c1/import-jobs", {"id": "j1"}, 201)
    for number in (0, 1):
        gateway.says(f"PUT /api/v1/imports/j1/parts/{number}", b"", 204)
    gateway.says("POST /api/v1/imports/j1/start", _job("running"), 202)
    gateway.says("GET /api/v1/imports/j1", _job("running"))
    gateway.says("GET /api/v1/imports/j1", _job("done"))
    gateway.says("GET /api/v1/imports/j1/rows", {"items": [{"number": 1}], "next": None})
    file, report = tmp_path / "shops.csv", tmp_path / "report.json"
    file.write_bytes(b"x" * (4 * 1024 * 1024 + 1))

    result = run("import", "85046", str(file), "--column", "name=0", "--report", str(report))

    assert result.exit_code == 0, result.stderr
    assert "listed  2" in result.stdout
    assert json.loads(report.read_text())["items"] == [{"number": 1}]


@pytest.mark.parametrize("wrong", [("--column", "name"), ("--place", "here")])
def test_a_sheet_with_options_that_say_nothing_is_not_sent(
    gateway: StandInGateway, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    gateway.says("GET /api/v1/cities", {"items": [{"id": "c1"}], "next": None})
    file = tmp_path / "shops.csv"
    file.write_text("id;name")

    assert run("import", "85046", str(file), *wrong).exit_code == 4
    assert not any("import-jobs" in request for request in gateway.asked)


def test_an_import_that_failed_says_why(gateway: StandInGateway, tmp_path: Path) -> None:
    gateway.says("GET /api/v1/cities", {"items": [{"id": "c1"}], "next": None})
    gateway.says("POST /api/v1/cities/c1/import-jobs", {"id": "j1"}, 201)
    gateway.says("PUT /api/v1/imports/j1/parts/0", b"", 204)
    gateway.says("POST /api/v1/imports/j1/start", _job("running"), 202)
    gateway.says("GET /api/v1/imports/j1", _job("failed", problem="The file breaks off."))
    file = tmp_path / "shops.csv"
    file.write_text("id;name")

    result = run("import", "85046", str(file))

    assert result.exit_code == 1
    assert "breaks off" in result.stderr


def test_an_import_into_a_city_that_takes_no_part_says_how_it_joins(
    gateway: StandInGateway, tmp_path: Path
) -> None:
    gateway.says("GET /api/v1/cities", {"items": [], "next": None})
    file = tmp_path / "town.geojson"
    file.write_text("{}")

    result = run("import", "62063", str(file))

    assert result.exit_code == 4
    assert "62063" in result.stderr
    assert "POST /api/v1/cities" in result.stderr


def test_a_rebuild_needs_the_password_of_the_deploy_step(gateway: StandInGateway, tmp_path: Path) -> None:
    idle = {"live": "blue", "rebuilding": None}
    begun = {"live": "blue", "rebuilding": "green", "durable": "notifications__audience_green"}
    gateway.says("GET /api/v1/audience/rebuilds", idle)
    gateway.says("GET /api/v1/audience/rebuilds", {**begun, "from_the_start": False})
    gateway.says("POST /api/v1/audience/rebuilds", begun, status=201)

    result = run("rebuild", "audience", "--secrets", str(tmp_path))

    assert result.exit_code == 4
    assert "nats_deploy" in result.stderr
    assert "COCOCITY_SECRETS" in result.stderr


def test_help_loads_nothing_heavy() -> None:
    heavy = "httpx aiohttp nats msgspec fastapi sqlalchemy pydantic demo.simulator deploy.one_machine.start"
    code = (
        "import sys\nfrom operations.__main__ import app\n"
        f"loaded = [name for name in {heavy!r}.split() if name in sys.modules]\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr
