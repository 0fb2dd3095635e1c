"""The tables that the migrations make are those that the code declares."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.notifications.schema import metadata
from tests.support.notifications import Notifications


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection, opts={"include_object": _is_ours, "compare_type": True, "target_metadata": metadata}
    )
    return list(compare_metadata(context, metadata))


def _is_ours(_thing: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    # The chassis tables are in no service's metadata; indexes of the migration need no declaration.
    return not (kind == "table" and reflected and name not in metadata.tables) and kind != "index"


async def test_migrations_and_tables_agree(notifications: Notifications) -> None:
    async with notifications.database.connection() as connection:
        assert await connection.run_sync(_differences) == []
