"""Alembic, one history per service: its migrations/ folder delegates here."""

from __future__ import annotations

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine

SERVICES = Path(__file__).parent.parent / "services"


def configuration(service: str) -> Config:
    """Alembic's configuration of a service. Raises FileNotFoundError where it has no migrations."""
    folder = SERVICES / service / "migrations"
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: this service has no migrations")
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


def head(service: str) -> str | None:
    """The newest revision of a service."""
    return ScriptDirectory.from_config(configuration(service)).get_current_head()


async def upgrade(service: str, url: URL | str, revision: str = "head") -> None:
    """Bring a service's database to its newest revision, or to that one; one process at a time.

    Each migration is a transaction of its own: one that fails leaves those before it done.
    """
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            # A session lock: migrations commit on the way.
            await connection.execute(text("SELECT pg_advisory_lock(hashtext('migrations'))"))
            await connection.commit()
            await connection.run_sync(_upgrade, service, revision)
            await connection.commit()
            await connection.execute(text("SELECT pg_advisory_unlock(hashtext('migrations'))"))
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, service: str, revision: str) -> None:
    config = configuration(service)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def run_environment() -> None:
    """What a service's migrations/env.py calls."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("run migrations by `cococity up` or `python -m operations.deploy`")
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
