"""The main job in containers, walked through their gateway; and a container that dies."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator

import pytest

from demo.gateway import Gateway
from demo.simulator import Simulator
from tests.containers.conftest import PROJECT, Compose
from tests.end_to_end.journeys import audience, feed, fresh_shop, mails_about, review, until
from tests.support.one_service import until as until_true

pytestmark = [pytest.mark.slow, pytest.mark.containers, pytest.mark.timeout(1500)]
OURS = ("directory", "assessment", "campaigns", "notifications", "portal", "mails")


@pytest.fixture
async def gateway(compose: Compose) -> AsyncIterator[Gateway]:
    async with Gateway(compose.address) as client:
        yield client


async def test_a_review_becomes_a_mail(gateway: Gateway) -> None:
    shop = await fresh_shop(gateway, "marc", "fr")
    await review(gateway, "tom", shop)
    await until(lambda: audience(gateway, shop), lambda totals: totals == {"review": 1}, "one review")
    assert await until(lambda: feed(gateway, shop), lambda entries: entries, "an entry in the feed")
    (mail,) = await until(lambda: mails_about(gateway, shop), lambda mails: mails, "a mail")
    assert "avis" in mail["subject"]


async def test_the_demo_town_is_there(gateway: Gateway) -> None:
    (city,) = (await gateway.read("/api/v1/cities", nis_code="85046"))["items"]
    assert [each async for each in gateway.read_all("/api/v1/merchants", city=city["id"])]


@pytest.mark.parametrize("service", ["campaigns", "notifications"])
async def test_a_process_killed_under_load_comes_back_and_nothing_is_lost(
    compose: Compose, service: str
) -> None:
    restarts = int(compose.inspect(service, "{{.RestartCount}}"))
    simulator = Simulator(compose.address, 40, 6, effects_within=60)
    run = asyncio.create_task(simulator.run())
    await until_true(lambda: asyncio.sleep(0, len(simulator.tally.accepted) > 40))
    kill = 'kill -9 $(grep -l "services.$SERVICE" /proc/[0-9]*/cmdline | cut -d/ -f3)'
    await asyncio.to_thread(compose.run, "exec", "-T", service, "sh", "-c", kill, check=False)
    result = await run
    assert int(compose.inspect(service, "{{.RestartCount}}")) == restarts + 1, "the kill hit nothing"
    assert result.exact, result.line()
    assert len(result.accepted) == len(result.attempted) - len(result.refused)


@pytest.mark.parametrize("service", OURS)
def test_our_containers_run_without_rights(compose: Compose, service: str) -> None:
    user = compose.run("exec", "-T", service, "id", "-u").strip()
    assert user == "10001"
    assert compose.inspect(service, "{{.HostConfig.ReadonlyRootfs}}") == "true"
    assert compose.inspect(service, "{{.HostConfig.CapDrop}}") == "[ALL]"


@pytest.mark.parametrize("service", OURS[:4])
def test_a_service_holds_its_own_secrets_and_shows_none(compose: Compose, service: str) -> None:
    held = set(compose.run("exec", "-T", service, "ls", "/secrets").split())
    assert {f"postgres_{service}", f"nats_{service}"} <= held
    assert not {name for name in held if name.startswith(("postgres_", "nats_"))} - {
        f"postgres_{service}",
        f"nats_{service}",
    }
    password = compose.run("exec", "-T", service, "cat", f"/secrets/postgres_{service}").strip()
    image = compose.inspect(service, "{{.Image}}")
    environment = json.loads(compose.inspect(service, "{{json .Config.Env}}"))
    assert not [entry for entry in environment if password in entry], f"{image} shows a password"


def test_an_image_holds_one_service(compose: Compose) -> None:
    assert set(compose.run("exec", "-T", "campaigns", "ls", "/app").split()) == {
        "chassis",
        "contracts",
        "services",
    }
    assert set(compose.run("exec", "-T", "campaigns", "ls", "/app/services").split()) == {
        "__init__.py",
        "campaigns",
    }


def test_only_the_gateway_can_be_reached_from_outside(compose: Compose) -> None:
    published = {
        service: json.loads(compose.inspect(service, "{{json .NetworkSettings.Ports}}")) or {}
        for service in (*OURS, "postgres", "nats", "gateway")
    }
    open_ones = {service for service, ports in published.items() if any(ports.values())}
    assert open_ones == {"gateway"}


@pytest.mark.parametrize("arguments", ["check rules alerts.yml", "test rules alerts_test.yml"])
def test_prometheus_takes_the_alert_rules_and_they_fire(compose: Compose, arguments: str) -> None:
    """By the promtool of this machine, or else by that of the image that watches in production."""
    place = PROJECT / "deploy" / "observability"
    if own := shutil.which("promtool"):
        subprocess.run([own, *arguments.split()], cwd=place, check=True)
        return
    options = [
        "--no-deps",
        "--volume",
        f"{place}:/rules:ro",
        "--workdir",
        "/rules",
        "--entrypoint",
        "promtool",
    ]
    compose.run("run", "--rm", *options, "prometheus", *arguments.split(), seconds=300)
