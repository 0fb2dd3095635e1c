"""Every table of every service has a period, or a reason for none; and each period can be enforced."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import maintenance, migrations
from chassis.clock import utc_now
from chassis.retention import Rule
from contracts.streams import OWNERS
from tests.support.servers import Postgres


def of(service: str) -> ModuleType:
    return importlib.import_module(f"services.{service}.retention")


def rules(service: str) -> Sequence[Rule]:
    return (*maintenance.RULES, *of(service).RULES)


@pytest.mark.parametrize("service", OWNERS)
async def test_every_table_has_a_period_or_a_reason_for_none(postgres: Postgres, service: str) -> None:
    url = (await postgres.create_database()).replace("postgresql://", "postgresql+asyncpg://")
    await migrations.upgrade(service, url)
    engine = create_async_engine(url)
    async with engine.begin() as tx:
        found = await tx.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        tables = set(found) - {"alembic_version"}
        for rule in rules(service):
            # The job only logs a rule that fails, so that the others have their turn.
            assert await rule.delete(tx, utc_now(), 10) == 0, rule.name
    await engine.dispose()

    said = {rule.table for rule in rules(service)} | {*maintenance.KEPT, *of(service).KEPT}
    assert not tables - said, "say how long it is kept, or why for ever: services/<service>/retention.py"
    assert not said - tables, "says something of a table that is no more"
