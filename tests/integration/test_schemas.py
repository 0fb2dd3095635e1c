"""The tables that a service's migrations make are those that its code declares."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import Any, cast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import migrations
from contracts.streams import OWNERS
from tests.support.servers import Postgres

CHASSIS = ("outbox", "inbox", "dead_letter", "idempotency", "consumer_pause", "alembic_version")


def declared_by(service: str) -> MetaData:
    """The one metadata of all its modules, wherever a table is declared."""
    package = importlib.import_module(f"services.{service}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    found = {
        id(module.metadata): cast("MetaData", module.metadata)
        for name, module in list(sys.modules.items())
        if name.startswith(f"services.{service}.") and isinstance(getattr(module, "metadata", None), MetaData)
    }
    (metadata,) = found.values()
    return metadata


def _is_compared(_thing: Any, name: str | None, kind: str, reflected: bool, declared: Any) -> bool:
    if kind == "table":
        return not str(name).startswith(CHASSIS)
    # An index that only the migration makes needs no declaration; one that is declared must be made.
    return not (kind == "index" and reflected and declared is None)


# What belongs to no city: cities themselves, persons, what hangs on a row that has one, and mechanics.
WITHOUT_A_CITY = {
    "directory": {"city", "person", "mail", "claim_salt", "claim_try"},
    "campaigns": {"known_city", "contributor", "campaign_change", "review", "share"},
    "notifications": {"feed", "projection"},
}


@pytest.mark.parametrize("service", OWNERS)
def test_every_row_of_a_city_carries_its_id(service: str) -> None:
    without = {table.name for table in declared_by(service).sorted_tables if "city_id" not in table.c}
    assert without == WITHOUT_A_CITY.get(service, set())


@pytest.mark.parametrize("service", OWNERS)
async def test_migrations_and_tables_agree(postgres: Postgres, service: str) -> None:
    metadata = declared_by(service)
    assert metadata.tables

    def differences(connection: Connection) -> list[Any]:
        options = {"include_object": _is_compared, "compare_type": True, "target_metadata": metadata}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    url = await postgres.create_database()
    url = url.replace("postgresql://", "postgresql+asyncpg://")
    await migrations.upgrade(service, url)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()
