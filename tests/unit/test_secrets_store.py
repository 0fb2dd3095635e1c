"""Who signs in to the directory as a service has a secret there, also where the system is older than they."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from deploy.containers.prepare import SERVICES, belongings
from deploy.one_machine.ports import Ports
from deploy.one_machine.secrets_store import SERVICES_WITH_SECRETS, Secrets
from deploy.one_machine.system import System
from services.campaigns.connections.settings import ConnectionSettings

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


def test_a_service_that_came_later_is_known_to_the_directory_and_the_others_keep_their_secrets(
    tmp_path: Path,
) -> None:
    secrets = Secrets(tmp_path)
    secrets.create_missing()
    before = json.loads(secrets.read("services.json"))
    assert set(before) == set(SERVICES_WITH_SECRETS)
    known = {name: secret for name, secret in before.items() if name != "assessment"}
    secrets.path("services.json").write_text(json.dumps(known))
    secrets.path("service_assessment").unlink()

    secrets.create_missing()

    after = json.loads(secrets.read("services.json"))
    assert after["assessment"] == secrets.read("service_assessment") != before["assessment"]
    assert {name: after[name] for name in known} == known
    assert secrets.path("services.json").stat().st_mode & 0o777 == 0o600


def test_services_are_given_the_same_secrets_in_containers_as_on_one_machine(tmp_path: Path) -> None:
    system = System(tmp_path, Ports.from_base())
    system.secrets.create_missing()
    described = yaml.safe_load(COMPOSE.read_text())["services"]
    for name in SERVICES:
        there, here = described[name].get("environment", {}), system.service(name).environment
        given = {key: Path(value).name for key, value in there.items() if key.endswith("_FILE")}
        assert given == {key: Path(value).name for key, value in here.items() if key.endswith("_FILE")}, name
        assert set(given.values()) <= set(belongings().get(name, ())), name
        assert all(system.secrets.path(each).exists() for each in given.values()), name


def test_merchants_can_connect_an_account_where_the_machine_is_given_a_client_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOCITY_GOOGLE_CLIENT_ID", "client")
    monkeypatch.setenv("COCOCITY_GOOGLE_CLIENT_SECRET", "secret")
    system = System(tmp_path, Ports.from_base())
    system.secrets.create_missing()
    for name, value in system.service("campaigns").environment.items():
        monkeypatch.setenv(name, value)
    settings = ConnectionSettings()
    assert settings.google_client_id == "client"
    assert settings.seal() is not None
    assert "COCOCITY_GOOGLE_CLIENT_SECRET" not in system.service("directory").environment
