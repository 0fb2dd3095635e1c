"""What the system on one machine consists of: its programs, in order, and what each is told."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from contracts.streams import DEPLOYER, OWNERS
from deploy.nats.configuration import NatsSettings
from deploy.one_machine.gateway import GatewaySettings, gateway_program
from deploy.one_machine.nats_server import NatsServer
from deploy.one_machine.ports import Ports
from deploy.one_machine.postgres_server import PostgresServer
from deploy.one_machine.probe import status_of
from deploy.one_machine.program import Program
from deploy.one_machine.secrets_store import SERVICES_WITH_SECRETS, Secrets

SERVICES = (*OWNERS, "portal")
GIVEN_ON = tuple(f"COCOCITY_{name}" for name in ("TRACE_SAMPLE", "LOG_LEVEL", "POOL_SIZE", "CRASH_AT"))
"""What whoever starts the system may set for all services."""
GOOGLE = ("COCOCITY_GOOGLE_CLIENT_ID", "COCOCITY_GOOGLE_CLIENT_SECRET", "COCOCITY_GOOGLE_CLIENT_SECRET_FILE")
"""The same, for campaigns alone: with these, merchants connect their accounts."""
PROJECT = Path(__file__).parent.parent.parent


class System:
    """One system over one directory and one range of ports."""

    def __init__(self, root: Path, ports: Ports) -> None:
        self.root = root.resolve()
        self.ports = ports
        self.logs = self.root / "log"
        self.run = self.root / "run"
        self.secrets = Secrets(self.root / "secrets")
        self.environment = os.environ.get("COCOCITY_ENVIRONMENT", "demo")
        self.trace_share = float(os.environ.get("COCOCITY_TRACE_SAMPLE", "1"))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports.gateway}"

    def windows(self) -> list[Program]:
        """What a demo shows of itself: the mails it sent and the traces it left."""
        return [self._mail_catcher(), self._trace_store()]

    def servers(self) -> list[Program]:
        """NATS and PostgreSQL."""
        postgres = PostgresServer(
            self.root,
            self.ports.postgres,
            self.secrets.read("postgres_admin"),
            log=self.logs / "postgres.log",
        )
        nats = NatsServer(
            self.root / "nats.conf",
            NatsSettings(
                self.root / "jetstream",
                self.ports.nats,
                self.ports.nats_monitoring,
                sync_interval=os.environ.get("COCOCITY_NATS_SYNC", "2m"),
            ),
            self.secrets.nats_passwords(),
            log=self.logs / "nats.log",
        )
        return [nats.program(), postgres.program()]

    def deploy_step(self) -> Program:
        """Roles, databases, migrations, streams: brings an empty or an older system to the present."""
        return Program(
            name="deploy",
            command=(sys.executable, "-m", "operations.deploy"),
            ready=lambda: True,
            log=self.logs / "deploy.log",
            environment={
                **self._common("deploy"),
                "COCOCITY_ADMIN_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.ports.postgres}/postgres",
                "COCOCITY_ADMIN_DATABASE_PASSWORD_FILE": str(self.secrets.path("postgres_admin")),
                "COCOCITY_SECRETS": str(self.secrets.directory),
                "COCOCITY_NATS_USER": DEPLOYER,
                "COCOCITY_NATS_PASSWORD_FILE": str(self.secrets.path(f"nats_{DEPLOYER}")),
            },
            directory=PROJECT,
        )

    def services(self) -> list[Program]:
        return [self.service(name) for name in SERVICES]

    def service(self, name: str) -> Program:
        """A service with its API and its worker in one process."""
        port = self.ports.of(name)
        return Program(
            name=name,
            command=(sys.executable, "-m", f"services.{name}"),
            ready=lambda: status_of(port, "/healthz") == 200,
            log=self.logs / f"{name}.log",
            environment=self._service_environment(name),
            directory=PROJECT,
        )

    def gateway(self) -> Program:
        return gateway_program(
            GatewaySettings(
                root=self.root,
                port=self.ports.gateway,
                services={name: self.ports.of(name) for name in SERVICES},
                windows={"mails": self.ports.mails, "traces": self.ports.traces},
                log_directory=self.logs,
                requests_per_second=int(os.environ.get("COCOCITY_GATEWAY_RATE", "600")),
                burst=int(os.environ.get("COCOCITY_GATEWAY_BURST", "1200")),
                trace_share=self.trace_share,
            )
        )

    def is_ready(self) -> bool:
        """Whether the gateway says that everything behind it is ready."""
        return status_of(self.ports.gateway, "/readyz", seconds=5) == 200

    def load_demo(self) -> Program:
        """With four weeks behind the town, unless `COCOCITY_DEMO_WEEKS` asks for fewer."""
        weeks = os.environ.get("COCOCITY_DEMO_WEEKS", "4")
        return Program(
            name="demo",
            command=(sys.executable, "-m", "demo.load", "--gateway", self.address, "--weeks", weeks),
            ready=lambda: True,
            log=self.logs / "demo.log",
            environment=self.operator_environment(),
            directory=PROJECT,
        )

    def operator_environment(self) -> dict[str, str]:
        """For the command line and the demo's loader: who they are to the directory."""
        return {
            **self._common("operations"),
            "COCOCITY_GATEWAY": self.address,
            "COCOCITY_SERVICE_SECRET_FILE": str(self.secrets.path("service_operations")),
            "COCOCITY_SECRETS": str(self.secrets.directory),
        }

    def _common(self, name: str) -> dict[str, str]:
        given = {name: os.environ[name] for name in GIVEN_ON if name in os.environ}
        return {
            "PYTHONUNBUFFERED": "1",
            "COCOCITY_HOST": "127.0.0.1",
            "COCOCITY_NATS_URL": f"nats://127.0.0.1:{self.ports.nats}",
            "COCOCITY_JWKS_URL": f"http://127.0.0.1:{self.ports.directory}/.well-known/jwks.json",
            "COCOCITY_JWKS_CACHE": str(self.root / "cache" / f"jwks-{name}.json"),
            "COCOCITY_OTLP_ENDPOINT": f"http://127.0.0.1:{self.ports.otlp}",
            "COCOCITY_PUBLIC_URL": self.address,
            **{
                f"COCOCITY_{service.upper()}_URL": f"http://127.0.0.1:{self.ports.of(service)}"
                for service in SERVICES
            },
            "COCOCITY_ENVIRONMENT": self.environment,
            **given,
        }

    def _service_environment(self, name: str) -> dict[str, str]:
        environment = {**self._common(name), "COCOCITY_PORT": str(self.ports.of(name))}
        if name in OWNERS:
            environment |= {
                "COCOCITY_DATABASE_URL": f"postgresql://{name}@127.0.0.1:{self.ports.postgres}/{name}",
                "COCOCITY_DATABASE_PASSWORD_FILE": str(self.secrets.path(f"postgres_{name}")),
                "COCOCITY_NATS_USER": name,
                "COCOCITY_NATS_PASSWORD_FILE": str(self.secrets.path(f"nats_{name}")),
            }
        if name == "directory":
            environment |= {
                "COCOCITY_SIGNING_KEY_FILE": str(self.secrets.path("signing_key.pem")),
                "COCOCITY_FACTOR_KEYS_FILE": str(self.secrets.path("factor_keys")),
                "COCOCITY_SERVICE_SECRETS_FILE": str(self.secrets.path("services.json")),
            }
        if name == "campaigns":
            environment["COCOCITY_FILES"] = str(self.root / "files")
            environment["COCOCITY_WEBHOOK_KEYS_FILE"] = str(self.secrets.path("webhook_keys"))
            environment["COCOCITY_SEALING_KEYS_FILE"] = str(self.secrets.path("sealing_keys"))
            environment |= {name: os.environ[name] for name in GOOGLE if name in os.environ}
        if name == "notifications":
            environment["COCOCITY_PUSH_KEY_FILE"] = str(self.secrets.path("push_key.pem"))
        if name in SERVICES_WITH_SECRETS:
            environment["COCOCITY_SERVICE_SECRET_FILE"] = str(self.secrets.path(f"service_{name}"))
        if name == "campaigns" and self.environment == "demo":
            # The simulator posts a month's reviews within a minute; held, nobody would see what they do.
            environment["COCOCITY_SCREENING_BURST_REVIEWS"] = "1000000"
        if name in ("directory", "notifications"):
            environment |= {
                "COCOCITY_SMTP_HOST": "127.0.0.1",
                "COCOCITY_SMTP_PORT": str(self.ports.smtp),
                "COCOCITY_SMTP_FROM": "CoCoCity <notifications@cococity.example>",
            }
        return environment

    def _mail_catcher(self) -> Program:
        smtp, mails = self.ports.smtp, self.ports.mails
        return self._window(
            "mails", "mail_catcher", self.root / "mails", smtp, mails, ready=("/mails/", mails)
        )

    def _trace_store(self) -> Program:
        viewer, otlp = self.ports.traces, self.ports.otlp
        database = self.root / "traces" / "otel.db"
        return self._window("traces", "trace_store", database, viewer, otlp, ready=("/healthz", otlp))

    def _window(self, name: str, module: str, *arguments: Path | int, ready: tuple[str, int]) -> Program:
        path, port = ready
        return Program(
            name=name,
            command=(sys.executable, "-m", f"deploy.one_machine.{module}", *map(str, arguments)),
            ready=lambda: status_of(port, path) == 200,
            log=self.logs / f"{name}.log",
            environment={"COCOCITY_ENVIRONMENT": self.environment},
            directory=PROJECT,
        )
