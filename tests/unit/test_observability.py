"""Alerts and dashboards ask for what exists, and every alert leads to a page that says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

from chassis import telemetry_names

PROJECT = Path(__file__).parents[2]
PLACE = PROJECT / "deploy" / "observability"
OPERATING = (PROJECT / "docs" / "operating.md").read_text()
SUFFIXES = ("", "_total", "_bucket", "_sum", "_count")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PLACE / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((PLACE / "grafana/dashboards/cococity.json").read_text())[
        "panels"
    ]
    return found


def asked() -> Iterator[str]:
    for rule in rules():
        yield rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield target["expr"]


def known() -> set[str]:
    assert telemetry_names.STREAM_FILLED
    return {family.name + suffix for family in REGISTRY.collect() for suffix in SUFFIXES}


def test_every_metric_that_is_asked_for_exists() -> None:
    named = {name for expression in asked() for name in re.findall(r"cococity_\w+", expression)}
    assert len(named) > 10
    assert named <= known()


def test_every_metric_is_explained_to_whoever_watches_it() -> None:
    declared = {
        each._name + ("_total" if isinstance(each, Counter) else "")
        for each in vars(telemetry_names).values()
        if isinstance(each, (Counter, Gauge, Histogram))
    }
    explained = re.findall(r"^\| `(cococity_\w+)(?:\{[\w,]+\})?` \|", OPERATING, re.MULTILINE)
    assert sorted(explained) == sorted(declared)


def test_every_operational_metric_is_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    for wanted in (
        "outbox_age",
        "consumer_lag",
        "consumer_batch_size",
        "dead_letters_open",
        "consumer_effect_latency",
    ):
        assert f"cococity_{wanted}" in shown


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_leads_to_its_page(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operating.md"
    headings = re.findall(r"^## (.+)$", OPERATING, re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]


def test_what_compose_mounts_is_there() -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    mounts = [each for service in services.values() for each in service.get("volumes", ())]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert len(files) >= 5
    assert all((PROJECT / file).exists() for file in files)
    targets = yaml.safe_load((PLACE / "prometheus.yml").read_text())["scrape_configs"][0]["static_configs"]
    assert {target.split(":")[0] for target in targets[0]["targets"]} <= set(services)


def test_compose_gives_postgresql_the_settings_of_one_machine() -> None:
    command = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]["postgres"]["command"]
    given = dict(argument.removeprefix("-c").split("=") for argument in command[1:])
    lines = (PROJECT / "deploy/postgres/cococity.conf").read_text().splitlines()
    found = [re.match(r"(\w+) = '?([^'#]*?)'?\s*(?:#.*)?$", line) for line in lines]
    settings = {match[1]: match[2] for match in found if match}
    # Where it listens and what it holds in memory are the machine's; the official image's defaults serve.
    for own in ("listen_addresses", "unix_socket_directories", "shared_buffers", "log_line_prefix"):
        settings.pop(own)
    assert given == settings
