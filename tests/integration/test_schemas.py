"""The tables that a service's migrations make are those that its code declares."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import Any, cast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import migrations
from chassis.row_security import scoped_role
from contracts.streams import OWNERS
from tests.support.servers import Postgres

CHASSIS = (
    "outbox",
    "inbox",
    "dead_letter",
    "idempotency",
    "consumer_pause",
    "erased_person",
    "retention_done",
    "retention_failure",
    "limit_salt",
    "limit_count",
    "alembic_version",
)


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
    "directory": {
        "city",
        "person",
        "mail",
        "consent",
        "erasure",
        "erasure_part",
        "sign_in_request",
        "session",
        "refresh_token",
        "authenticator",
        "recovery_code",
        "passkey",
        "passkey_challenge",
    },
    "campaigns": {
        *("known_city", "contributor", "campaign_change", "erased_merchant", "visit_salt"),
        *("review", "review_version", "photo", "picture", "video", "share"),
        *("text_fingerprint", "sighting", "sighting_salt"),
        *("dashboard_ambassador", "dashboard_active"),  # of a campaign in all of its cities
    },
    "assessment": {"drafts", "programmes"},
    "notifications": {
        "feed",
        "projection",
        "judged_week",
        "erased_merchant",
        "mailed",
        "suppression",
        "delivery_replay",
    },
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


async def test_limits_are_counted_in_the_same_tables_in_every_service(
    postgres: Postgres,
) -> None:
    """The directory's are older than `schema.create_limits`."""
    columns = text(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_name LIKE 'limit_%'"
    )
    keys = text(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid::regclass::text LIKE 'limit_%' AND contype = 'p'"
    )
    made = []
    for service in ("directory", "assessment"):
        url = (await postgres.create_database()).replace("postgresql://", "postgresql+asyncpg://")
        await migrations.upgrade(service, url)
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            made.append({tuple(row) for query in (columns, keys) for row in await connection.execute(query)})
        await engine.dispose()
    assert made[0] == made[1]
    assert len(made[0]) == 6 + 2


OF_NO_PERSON = {
    "assessment": {
        "merchants",
        "sessions",
        "programmes",
        "programme_towns",
        "report_blocks",
        "report_figures",
        "report_left_out",
        "progress_blocks",
        "merchant_places",
        "listed_kinds",
        "cities",
    },
    "campaigns": {
        "campaign",
        "known_city",
        "known_district",
        "known_merchant",
        "campaign_change",
        "goal_reached",
        "initiative",
        "known_session",
        "campaign_city",
        "moderation_deputy",
        "dashboard_active",
        "open_data_month",
    },
    "directory": {
        "city",
        "city_nis_code",
        "district",
        "merchant",
        "merchant_version",
        "duplicate",
        "closure",
    },
    "notifications": {"merchant", "projection", "judged_week"},
}
"""What a city does in public, and where things are: everybody may read it."""
NEVER_READ_FOR_A_CITY = {
    "assessment": {
        "drafts",
        "form_secrets",
        "live_figures",
        "report_members",
        "progress_members",
        "reassessments_due",
        "draft_proposals",
    },
    "campaigns": {
        "contributor",
        "erased_merchant",
        "visit_salt",
        "text_fingerprint",
        "sighting",
        "sighting_salt",
        *("dashboard_step", "dashboard_ambassador"),
    },
    "directory": {
        "consent",
        "erasure",
        "erasure_part",
        "former_outline",
        "objection",
        "import_part",
        "import_row",
        "mail",
        "external_identity",
        "provider_sign_in",
        *("sign_in_request", "session", "refresh_token"),
        *("authenticator", "recovery_code", "passkey", "passkey_challenge"),
    },
    "notifications": {
        *(
            f"audience_{table}_{slot}"
            for table in ("contribution", "visits", "day")
            for slot in ("blue", "green")
        ),
        *("erased_merchant", "feed", "milestone", "milestone_contribution", "milestone_count"),
        *("seen_elsewhere", "mailed", "suppression", "delivery_replay"),
    },
}
"""What the scoped role has no right to at all: a route that wants it makes it a policy first."""


@pytest.mark.parametrize("service", OWNERS)
async def test_every_table_with_rows_about_people_is_behind_the_wall(
    postgres: Postgres, service: str
) -> None:
    """A new table fails here until somebody says what it is (decision 0013)."""
    url = (await postgres.create_database()).replace("postgresql://", "postgresql+asyncpg://")
    await migrations.upgrade(service, url)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        behind = set(await connection.scalars(text("SELECT tablename FROM pg_policies")))
        rights = await connection.execute(
            text(
                "SELECT privilege_type, table_name FROM information_schema.table_privileges "
                "WHERE grantee = :role"
            ),
            {"role": scoped_role(service)},
        )
        given = {tuple(row) for row in rights}
    await engine.dispose()
    public, never = OF_NO_PERSON[service], NEVER_READ_FOR_A_CITY.get(service, set())
    unsaid = {table.name for table in declared_by(service).sorted_tables} - behind - public - never
    assert not unsaid, (
        f"may another city's officer read rows of {', '.join(sorted(unsaid))}? If they are about people, "
        "protect them in a migration (chassis/row_security.py); if not, add them to OF_NO_PERSON here; where "
        "no route reads them for a city, to NEVER_READ_FOR_A_CITY."
    )
    assert given <= {("SELECT", table) for table in behind | public}
