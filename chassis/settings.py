"""What a service process is told by its environment: variables `COCOCITY_…`, secrets also as `…_FILE`."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import URL, make_url

from chassis.public_addresses import Network, network, public_and

PREFIX = "COCOCITY_"


class Environment(StrEnum):
    """Where the process runs. What must never reach production asks for `demo` or `test`."""

    production = "production"
    demo = "demo"
    test = "test"


class ServiceSettings(BaseSettings):
    """Settings every service knows; a service adds its own in a subclass.

    Secrets are `SecretStr`: neither `repr` nor a log line nor an error message shows them. Each may be
    given as a file instead (`COCOCITY_DATABASE_PASSWORD_FILE`), the way container platforms mount them.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    service_name: str = ""
    """Given a default by each service's own settings."""
    environment: Environment = Environment.production
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080

    database_url: str = ""
    """`postgresql://user@host:port/database`, without the password. Empty for a service that owns no data."""
    database_password: SecretStr = SecretStr("")
    pool_size: Annotated[int, Field(ge=5, le=200)] = 10
    """Connections a process may hold. The outbox bell keeps one, the relay one while it publishes, a
    republish two: with fewer than five they would wait for each other."""

    nats_url: str = "nats://127.0.0.1:8122"
    """One address, or those of all servers of a cluster with commas between."""
    nats_user: str = ""
    nats_password: SecretStr = SecretStr("")

    public_url: str = "http://127.0.0.1:8080"
    """Where people reach the gateway: links in mails, letters and QR codes begin with it."""

    jwks_url: str = ""
    """Where the directory publishes the keys that tokens are signed with. Empty: only the cache is read."""
    jwks_cache: Path | None = None
    jwks_max_age_seconds: Annotated[int, Field(ge=60)] = 86_400
    """How long tokens are still accepted by keys that could not be fetched again."""

    outside_networks: str = ""
    """Networks of the operator's own, with commas between (`10.20.0.0/16`), that addresses which people or
    officers enter may lead to, beside the public internet. Never this machine itself."""

    otlp_endpoint: str = ""
    """OTLP over HTTP, without `/v1/traces`. Empty: nothing is exported."""
    trace_sample: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Share of traces that are kept, decided where a trace begins."""
    trace_sql: bool = False
    """Whether each SQL statement of a sampled trace is a span too."""
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    crash_at: str = ""
    """Name of the step at which the process kills itself, for the fault tests."""

    @field_validator("public_url")
    @classmethod
    def _ends_without_a_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("outside_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        public_and(_networks(value))
        return value

    @model_validator(mode="after")
    def _crashes_only_in_tests(self) -> "ServiceSettings":
        if self.crash_at and self.environment is not Environment.test:
            raise ValueError(f"{PREFIX}CRASH_AT is for tests: it needs {PREFIX}ENVIRONMENT=test")
        return self

    def sqlalchemy_url(self) -> URL:
        """The database's URL with driver and password. Raises ValueError where none is set."""
        if not self.database_url:
            raise ValueError(f"{PREFIX}DATABASE_URL is not set")
        url = make_url(self.database_url).set(drivername="postgresql+asyncpg")
        password = self.database_password.get_secret_value()
        return url.set(password=password) if password else url

    def nats_servers(self) -> list[str]:
        """Every address of the bus: a client that knows one alone waits for that one to come back."""
        return [url.strip() for url in self.nats_url.split(",") if url.strip()]

    def own_networks(self) -> tuple[Network, ...]:
        """Those of `outside_networks`."""
        return _networks(self.outside_networks)

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.production

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _SecretFiles(settings_cls)


def _networks(listed: str) -> tuple[Network, ...]:
    return tuple(network(each) for each in listed.split(",") if each.strip())


class _SecretFiles(PydanticBaseSettingsSource):
    """Reads `<PREFIX><FIELD>_FILE` for every field that is a secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE", "")
        if not path or not _is_secret(field):
            return None, field_name, False
        return _read_secret(Path(path), field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields.items()
        found = ((name, self.get_field_value(field, name)[0]) for name, field in fields)
        return {name: value for name, value in found if value is not None}


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def _read_secret(path: Path, field_name: str) -> str:
    try:
        # Editors and `echo` end a file with a newline that is no part of the secret.
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnreadable(f"{PREFIX}{field_name.upper()}_FILE: {error}") from error


class SecretUnreadable(ValueError):
    """A `…_FILE` variable names a file that cannot be read."""


S = TypeVar("S", bound=ServiceSettings)


def load(settings_class: type[S]) -> S:
    """The settings of this process; where they are not usable, says why and exits with 2."""
    try:
        return settings_class()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False, include_context=False):
            name = "_".join(str(part) for part in problem["loc"]).upper()
            _complain(f"{PREFIX}{name}: {problem['msg']}" if name else problem["msg"])
    except SecretUnreadable as error:
        _complain(str(error))
    raise SystemExit(2)


def _complain(line: str) -> None:
    sys.stderr.write(f"settings: {line}\n")
