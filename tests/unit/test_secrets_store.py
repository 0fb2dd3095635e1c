"""Who signs in to the directory as a service has a secret there, also where the system is older than they."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.one_machine.secrets_store import SERVICES_WITH_SECRETS, Secrets


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
