"""The deploy step: roles, databases, migrations, streams and durables. Idempotent; run before services start.

`python -m operations.deploy` reads:
COCOCITY_ADMIN_DATABASE_URL   postgresql://administrator[:password]@host:port/postgres
COCOCITY_ADMIN_DATABASE_PASSWORD_FILE   the administrator's password, unless it is in the URL
COCOCITY_NATS_URL             nats://host:port; of a cluster all, with commas between
COCOCITY_SECRETS              folder with `postgres_<service>` and `nats_deploy`, one password a file
COCOCITY_STREAM_REPLICAS      1 (default) or 3 where NATS is a cluster
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import nats
from sqlalchemy.engine import URL, make_url

from chassis import migrations
from chassis.row_security import scoped_role
from contracts.streams import DEPLOYER, OWNERS, inbox_prefix
from operations.streams import StreamDiffers, create_streams


def main() -> None:
    """Deploy, telling what is done; exits with 1 and a line that says what to do where it cannot."""
    try:
        asyncio.run(deploy(os.environ))
    except KeyError as error:
        sys.exit(f"deploy: {error.args[0]} is not set; see operations/deploy.py")
    except StreamDiffers as error:
        sys.exit(f"deploy: {error}. Alter the stream on purpose (docs/operating.md), then deploy again.")
    except (OSError, asyncpg.PostgresError, nats.errors.Error) as error:
        sys.exit(f"deploy: {type(error).__name__}: {error}. Are PostgreSQL and NATS running?")


async def deploy(environment: os._Environ[str] | dict[str, str]) -> None:
    """Bring databases and bus to what this version of the code declares."""
    secrets = Path(environment["COCOCITY_SECRETS"])
    admin = make_url(environment["COCOCITY_ADMIN_DATABASE_URL"])
    if "COCOCITY_ADMIN_DATABASE_PASSWORD_FILE" in environment:
        password_file = Path(environment["COCOCITY_ADMIN_DATABASE_PASSWORD_FILE"])
        admin = admin.set(password=_secret(password_file.parent, password_file.name))
    replicas = int(environment.get("COCOCITY_STREAM_REPLICAS", "1"))
    bus = asyncio.create_task(_deploy_bus(environment["COCOCITY_NATS_URL"], secrets, replicas))
    for service in OWNERS:
        await _deploy_database(admin, service, _secret(secrets, f"postgres_{service}"))
        print(f"deploy: database {service} is at {migrations.head(service)}", flush=True)
    created = await bus
    print(f"deploy: bus is ready{': created ' + ', '.join(created) if created else ''}", flush=True)


def _secret(secrets: Path, name: str) -> str:
    return (secrets / name).read_text().strip()


async def _deploy_database(admin: URL, service: str, password: str) -> None:
    """One role and one database of a service, which nobody else may connect to, migrated."""
    connection = await asyncpg.connect(
        admin.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", service)
        quoted = await connection.fetchval("SELECT quote_literal($1)", password)
        # The password is set each time, so that a changed secret takes effect with the next deploy.
        await connection.execute(
            f'{"ALTER" if exists else "CREATE"} ROLE "{service}" LOGIN PASSWORD {quoted}'
        )
        # It signs in nowhere: the service takes it on for a transaction that reads for somebody.
        reader = scoped_role(service)
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", reader):
            await connection.execute(f'CREATE ROLE "{reader}" NOLOGIN')
        await connection.execute(f'GRANT "{reader}" TO "{service}"')
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", service):
            await connection.execute(f'CREATE DATABASE "{service}" OWNER "{service}"')
        # A service sees its own database and no other, not even the empty ones of the server.
        for database in (service, "postgres", "template1"):
            await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    finally:
        await connection.close()
    await migrations.upgrade(
        service,
        admin.set(drivername="postgresql+asyncpg", username=service, password=password, database=service),
    )


async def _deploy_bus(url: str, secrets: Path, replicas: int) -> list[str]:
    client = await nats.connect(
        url.split(","),
        user=DEPLOYER,
        password=_secret(secrets, "nats_deploy"),
        inbox_prefix=inbox_prefix(DEPLOYER),
        # Containers may start in any order: some seconds of patience, then a clear line.
        max_reconnect_attempts=20,
        reconnect_time_wait=0.5,
    )
    try:
        return await create_streams(client.jetstream(), replicas)
    finally:
        await client.close()


if __name__ == "__main__":
    main()
