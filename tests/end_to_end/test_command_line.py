"""The operator's command line against a running system: what it prints, and what it exits with."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest

from contracts.streams import DEPLOYER, inbox_prefix
from demo.effects import audiences_of
from demo.gateway import Gateway
from deploy.one_machine.system import System
from tests.end_to_end.journeys import city_id, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SHOP = {
    "type": "Feature",
    "id": "node/98000000001",
    "properties": {"shop": "tea", "name": "Théier du Soir"},
    "geometry": {"type": "Point", "coordinates": [5.648, 49.728]},
}
BENCH = {**SHOP, "id": "node/98000000002", "properties": {"amenity": "bench"}}


class CommandLine:
    """`cococity` as a person runs it, over one system."""

    def __init__(self, system: System) -> None:
        self.environment = {
            **os.environ,
            "COCOCITY_GATEWAY": system.address,
            "COCOCITY_NATS_URL": f"nats://127.0.0.1:{system.ports.nats}",
            "COCOCITY_SECRETS": str(system.secrets.directory),
            "COLUMNS": "120",
        }
        self.environment.pop("COCOCITY_TOKEN", None)

    def __call__(self, *arguments: str, exits: int = 0) -> str:
        """What it prints on standard output; its exit code is asserted."""
        done = self.run(*arguments)
        assert done.returncode == exits, f"exited with {done.returncode}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it, whatever it exits with."""
        command = [sys.executable, "-m", "operations", *arguments]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=120, env=self.environment
        )


@pytest.fixture(scope="module")
def cococity(town: System) -> CommandLine:
    return CommandLine(town)


def test_status_shows_every_service_and_consumer(cococity: CommandLine) -> None:
    shown = json.loads(cococity("status", "--json"))

    assert shown["well"]
    assert {each["service"] for each in shown["services"]} == {
        "directory",
        "assessment",
        "campaigns",
        "notifications",
    }
    resting = [each["consumer"] for s in shown["services"] for each in s["consumers"] if each.get("rests")]
    assert len(resting) == 1
    table = cococity("status")
    assert "notifications__reactions" in table
    assert "dead letters" in table


def test_a_simulation_loses_nothing_and_counts_nothing_twice(cococity: CommandLine) -> None:
    printed = cococity("simulate", "--rate", "20", "--seconds", "4", "--ambassadors", "40")

    (line,) = printed.splitlines()
    account = json.loads(line)
    assert list(account) == [
        "attempted",
        "accepted",
        "refused",
        "effected",
        "notified",
        "lost",
        "duplicated",
        "seconds",
    ]
    assert (account["attempted"], account["lost"], account["duplicated"]) == (80, 0, 0)
    assert account["accepted"] + account["refused"] == account["attempted"]
    assert account["effected"] == account["accepted"] >= 70


def test_a_simulation_repeated_is_refused_and_counts_nothing_twice(cococity: CommandLine) -> None:
    again = ("simulate", "--rate", "20", "--seconds", "1", "--ambassadors", "10", "--seed", "7")

    first, second = (json.loads(cococity(*again)) for _ in range(2))

    assert (first["accepted"], second["accepted"]) == (20, 0)
    assert (second["refused"], second["notified"], second["duplicated"]) == (20, 0, 0)


async def test_a_token_of_the_demo_is_taken_by_the_services(cococity: CommandLine, gateway: Gateway) -> None:
    token = cococity("token", "sophie").strip()

    headers = {"Authorization": f"Bearer {token}"}
    answer = await gateway.ask("GET", "/api/v1/people/me", headers=headers)
    assert answer.json()["display_name"] == "Sophie Martin"
    refused = cococity.run("token", "nobody-of-the-demo")
    assert refused.returncode == 4
    assert "claire" in refused.stderr


def test_a_person_without_the_role_is_told_whose_token_is_needed(cococity: CommandLine) -> None:
    token = cococity("token", "sophie").strip()

    refused = cococity.run("status", "--token", token)

    assert refused.returncode == 4
    assert "operator" in refused.stderr


def test_an_import_is_tried_then_done_then_changes_nothing(cococity: CommandLine, tmp_path: Path) -> None:
    file, report = tmp_path / "town.geojson", tmp_path / "report.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [SHOP, BENCH]}))

    def totals(*options: str) -> dict[str, int]:
        cococity("import", "85046", str(file), "--report", str(report), *options)
        found: dict[str, int] = json.loads(report.read_text())["totals"]
        return {name: count for name, count in found.items() if count}

    assert totals("--dry-run") == {"features": 2, "listed": 1, "left_out": 1}
    assert totals() == {"features": 2, "listed": 1, "left_out": 1}
    assert totals() == {"features": 2, "unchanged": 1, "left_out": 1}
    unknown = cococity.run("import", "81001", str(file))
    assert unknown.returncode == 4
    assert "81001" in unknown.stderr


async def test_replay_republish_and_rebuild_leave_every_figure_and_mail_as_it_is(
    cococity: CommandLine, gateway: Gateway
) -> None:
    before = await figures(gateway)

    for command in (
        ("replay", "--service", "campaigns"),
        ("replay", "--service", "campaigns", "--since", "2026-01-01"),
        ("republish", "--service", "campaigns"),
        ("republish", "--service", "directory"),
        ("rebuild", "audience"),
        ("rebuild", "audience"),
    ):
        assert cococity(*command).strip()

    async def settled() -> bool:
        return bool(json.loads(cococity.run("status", "--json").stdout)["well"])

    await until(settled, bool, "all is well")
    assert await figures(gateway) == before


async def test_a_poison_message_is_found_looked_into_and_discarded(
    town: System, cococity: CommandLine
) -> None:
    poison = f"poison-{uuid4()}"
    await publish(town, f"campaigns.ambassador-shared.v1.{uuid4()}.00", poison.encode())

    async def dead() -> list[Any]:
        found: list[Any] = json.loads(cococity("dead-letters", "list", "--json"))
        return [each for each in found if each["error"].startswith("not an event")]

    letters = await until(
        dead, lambda found: len(found) >= 2, "the audience's and the reaction's dead letter"
    )
    await asyncio.sleep(1)  # a slot that just came to rest may have one more
    letters = await dead()

    cococity("status", exits=1)
    shown = json.loads(cococity("dead-letters", "show", letters[0]["id"]))
    assert shown["body"] == poison
    for letter in letters:  # campaigns reads its own events too, for the webhooks
        service = letter["consumer"].split("__")[0]
        assert letter["id"] in cococity("dead-letters", "list", "--service", service)
    failed = cococity.run("dead-letters", "redrive", "--all")
    assert failed.returncode == 1
    assert letters[0]["id"] in failed.stderr
    everyone = f"{len(letters)} of {len(letters)} discarded"
    assert everyone in cococity("dead-letters", "discard", "--all", "--yes")
    assert await dead() == []
    cococity("dead-letters", "discard", letters[0]["id"], "--yes", exits=1)
    cococity("status")


def test_resuming_says_whether_anything_stood_still(cococity: CommandLine) -> None:
    assert "was not paused" in cococity("consumers", "resume", "notifications__advice")
    cococity("consumers", "resume", "nobody__nothing", exits=4)


async def figures(gateway: Gateway) -> Any:
    """Every merchant's audience, and how many mails there are once no more come."""
    listed = gateway.read_all("/api/v1/merchants", city=await city_id(gateway))
    audiences = await audiences_of(gateway, [each["id"] async for each in listed])

    async def mails() -> tuple[int, int]:
        first = (await gateway.read("/mails/api/messages", limit=1))["total"]
        await asyncio.sleep(1)
        return first, (await gateway.read("/mails/api/messages", limit=1))["total"]

    total, _ = await until(mails, lambda seen: seen[0] == seen[1], "no more mails")
    return audiences, total


async def publish(system: System, subject: str, body: bytes) -> None:
    """Put bytes into a stream, as somebody with the deploy step's rights could."""
    client = await nats.connect(
        f"nats://127.0.0.1:{system.ports.nats}",
        user=DEPLOYER,
        password=system.secrets.read(f"nats_{DEPLOYER}"),
        inbox_prefix=inbox_prefix(DEPLOYER),
    )
    await client.jetstream().publish(subject, body)
    await client.close()
