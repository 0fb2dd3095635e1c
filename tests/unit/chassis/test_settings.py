from pathlib import Path

import pytest
from pydantic import SecretStr

from chassis.settings import ServiceSettings, load


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("COCOCITY_"):
            monkeypatch.delenv(name)


def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cr:t/@\n")
    monkeypatch.setenv("COCOCITY_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("COCOCITY_DATABASE_URL", "postgresql://campaigns@127.0.0.1:8132/campaigns")
    url = load(ServiceSettings).sqlalchemy_url()
    assert (url.drivername, url.password) == ("postgresql+asyncpg", "s3cr:t/@")


def test_a_secret_in_the_environment_goes_before_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("of the file")
    monkeypatch.setenv("COCOCITY_NATS_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("COCOCITY_NATS_PASSWORD", "of the environment")
    assert load(ServiceSettings).nats_password.get_secret_value() == "of the environment"


def test_a_secret_of_a_services_own_settings_comes_from_a_file_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Own(ServiceSettings):
        service_secret: SecretStr | None = None

    (tmp_path / "secret").write_text("of the file")
    monkeypatch.setenv("COCOCITY_SERVICE_SECRET_FILE", str(tmp_path / "secret"))
    secret = load(Own).service_secret
    assert secret is not None
    assert secret.get_secret_value() == "of the file"


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOCITY_DATABASE_PASSWORD", "hunter2")
    monkeypatch.setenv("COCOCITY_DATABASE_URL", "postgresql://a@b/c")
    settings = load(ServiceSettings)
    assert "hunter2" not in f"{settings!r} {settings} {settings.sqlalchemy_url()!r}"


def test_a_wrong_setting_is_named_without_its_value_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COCOCITY_PORT", "hunter2")
    with pytest.raises(SystemExit) as ended:
        load(ServiceSettings)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "COCOCITY_PORT" in said
    assert "hunter2" not in said


def test_a_missing_secret_file_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COCOCITY_NATS_PASSWORD_FILE", "/nowhere/at/all")
    with pytest.raises(SystemExit) as ended:
        load(ServiceSettings)
    assert ended.value.code == 2
    assert "COCOCITY_NATS_PASSWORD_FILE" in capsys.readouterr().err


@pytest.mark.parametrize("environment", ["production", "demo"])
def test_nothing_crashes_on_purpose_outside_of_tests(
    environment: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COCOCITY_ENVIRONMENT", environment)
    monkeypatch.setenv("COCOCITY_CRASH_AT", "before-commit")
    with pytest.raises(SystemExit) as ended:
        load(ServiceSettings)
    assert ended.value.code == 2
    assert "COCOCITY_CRASH_AT" in capsys.readouterr().err
    monkeypatch.setenv("COCOCITY_ENVIRONMENT", "test")
    assert load(ServiceSettings).crash_at == "before-commit"
