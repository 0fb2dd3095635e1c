"""Migrations of a database that is in use: each revision with a row in every table there is by then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Connection, MetaData, Select, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import migrations
from contracts.streams import OWNERS
from tests.integration.test_schemas import CHASSIS
from tests.support.servers import Postgres

MADE: dict[type, Any] = {
    str: "x", int: 1, float: 50.0, bool: False, bytes: b"x", list: [], dict: {}, date: date(2026, 1, 1),
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
}  # fmt: skip
USUAL: dict[str, Any] = {"language": "fr", "nis_code": "85046", "kind": "shop=tea", "scopes": ["audience"]}
"""Of a column of that name, in whatever table."""
LATER, DIGEST = datetime(2026, 2, 1, tzinfo=UTC), b"x" * 32
SPECIAL: dict[str, dict[str, Any]] = {
    "api_key": {"secret_hash": DIGEST},
    "audience_contribution_blue": {"day": date(2026, 1, 1)},
    "audience_contribution_green": {"day": date(2026, 1, 1)},
    "campaign": {"state": "draft", "ends_at": LATER},
    "campaign_change": {"state": "draft"},
    "claim": {"how": "visit"},
    "claim_dispute": {"how": "visit"},
    "closure": {"state": "proposed"},
    "consent": {"age": "18_or_older"},
    "coaching_groups": {"ends_at": LATER},
    "coaching_seats": {"state": "waiting"},
    "connection": {"state": "disconnected"},
    "contribution": {"reason": "x", "standing": "held"},
    "declared_done": {"kind": "action"},
    "deed": {"action": "share"},
    "delivery": {"state": "pending", "due_at": LATER},
    "delivery_device": {"recipient_kind": "merchant"},
    "delivery_replay": {"delivery_id": uuid4()},
    "device": {"recipient_kind": "merchant", "city_id": uuid4()},
    "import_job": {"state": "receiving"},
    "invitation_run": {"state": "waiting", "form": "letter"},
    "known_merchant": {"closed_version": 1},
    "merchant_proposal": {"state": "proposed"},
    "merchant_correction": {"state": "open", "field": "phone"},
    "correction_receipt": {"version": 0},
    "merchant_version": {"change": "listed"},
    "milestone_contribution": {"day": date(2026, 1, 1)},
    "outcome_fact": {"kind": "told"},
    "point_entry": {"why": "earned", "points": 10},
    "passkey_challenge": {"purpose": "sign in"},
    "preference": {"mail": False},
    "projection": {"live_slot": "blue"},
    "provider_sign_in": {"ticket_hash": DIGEST},
    "role_invitation": {"state": "open", "email": "x@example.org"},
    "share_link": {"kind": "shop", "merchant_id": uuid4()},
    "webmention": {"state": "waiting"},
    "watched_source": {"kind": "feed", "failures": 0},
    "webhook_delivery": {"state": "given-up"},
    "webhook_attempt": {"status": 200},
    "webhook_endpoint": {"failures": 0},
    "visit_day": {"kind": "page", "told_version": 0},
    "standing_change": {"standing": "held"},
    "moderation_decision": {"outcome": "removed"},
    "noted_count": {"measure": "reviews", "source": "officer"},
    "seen_post": {"kind": "review", "source": "citizen", "shown": True},
    "report": {"secret_hash": DIGEST},
    "sessions": {"kind": "awareness", "state": "announced", "ends_at": LATER},
}
"""What the checks of a table ask for."""
PAIRS = {"duplicate"}
"""Of two rows of another table, which has one here."""
REWRITTEN = {"merchant": {"search_text"}}
"""Columns that a migration computes anew."""


DROPPED = {"claim_try", "claim_salt", "campaign_tally"}


def revisions(service: str) -> Iterator[str]:
    """From the first to the newest."""
    script = ScriptDirectory.from_config(migrations.configuration(service))
    return (each.revision for each in reversed(list(script.walk_revisions())))


def value_of(connection: Connection, table: Table, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return connection.execute(select(key.column)).scalars().first()
    special = SPECIAL.get(table.name, {})
    if column.name in special or column.name in USUAL:
        return special.get(column.name, USUAL.get(column.name))
    if isinstance(column.type, JSON):
        return {"kind": "shop=tea"}
    kind = column.type.python_type
    return MADE[kind] if kind in MADE else uuid4()


def _count(table: Table) -> Select[int]:
    return select(func.count()).select_from(table)


def fill(connection: Connection) -> dict[str, dict[str, Any]]:
    """A row in every table that has none; what was written, by table."""
    metadata, written = MetaData(), dict[str, dict[str, Any]]()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name.startswith(CHASSIS) or table.name in PAIRS or connection.scalar(_count(table)):
            continue
        needed = [each for each in table.c if not each.nullable and each.server_default is None]
        needed += [
            each for each in table.c if each.name in SPECIAL.get(table.name, {}) and each not in needed
        ]
        row = {each.name: value_of(connection, table, each) for each in needed}
        connection.execute(insert(table).values(row))
        written[table.name] = row
    return written


def left_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for table in metadata.sorted_tables
    }


@pytest.mark.slow
@pytest.mark.parametrize("service", OWNERS)
async def test_what_is_there_survives_every_migration(postgres: Postgres, service: str) -> None:
    url = (await postgres.create_database()).replace("postgresql://", "postgresql+asyncpg://")
    written: dict[str, dict[str, Any]] = {}
    engine = create_async_engine(url)
    for revision in revisions(service):
        await migrations.upgrade(service, url, revision)
        async with engine.begin() as connection:
            written |= await connection.run_sync(fill)
    async with engine.connect() as connection:
        left = await connection.run_sync(left_of)
    await engine.dispose()

    assert len(written) > 1
    for table in written.keys() - DROPPED:
        (found,) = left[table]
        kept = written[table].keys() & found.keys() - REWRITTEN.get(table, set())
        assert {name: found[name] for name in kept} == {name: written[table][name] for name in kept}, table


async def test_texts_to_search_are_written_anew_for_the_names_of_kinds(postgres: Postgres) -> None:
    url = (await postgres.create_database()).replace("postgresql://", "postgresql+asyncpg://")
    await migrations.upgrade("directory", url, "0022")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(fill)
        await connection.execute(text("UPDATE merchant SET name = 'Chez Elke', search_text = ' | tea'"))
    await migrations.upgrade("directory", url)
    async with engine.connect() as connection:
        found = (await connection.execute(text("SELECT search_text FROM merchant"))).scalar_one()
    await engine.dispose()
    assert found.startswith(" chez elke |")
    assert "theewinkel" in found


ENVIRONMENT = "from chassis.migrations import run_environment\n\nrun_environment()\n"
MIGRATION = """
from alembic import op

revision, down_revision = {revision!r}, {before!r}


def upgrade() -> None:
    op.execute({statement!r})
"""


async def test_a_migration_that_fails_leaves_those_before_it_done(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = tmp_path / "shop" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "env.py").write_text(ENVIRONMENT)
    statements = (
        "CREATE TABLE first (id int)",
        "CREATE TABLE second (id int NOT NULL DEFAULT 1 / 0, CHECK (no_column > 0))",
    )
    for number, statement in enumerate(statements, start=1):
        before = f"000{number - 1}" if number > 1 else None
        content = MIGRATION.format(revision=f"000{number}", before=before, statement=statement)
        (versions / f"000{number}_x.py").write_text(content)
    monkeypatch.setattr(migrations, "SERVICES", tmp_path)
    url = (await postgres.create_database()).replace("postgresql://", "postgresql+asyncpg://")

    with pytest.raises(DBAPIError):
        await migrations.upgrade("shop", url)

    engine = create_async_engine(url)
    async with engine.connect() as connection:
        tables = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        assert set(tables) == {"alembic_version", "first"}
        at = await connection.scalars(text("SELECT version_num FROM alembic_version"))
        assert list(at) == ["0001"]
    await engine.dispose()
