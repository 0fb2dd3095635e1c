"""What maintenance removes, and what has to stay for a replay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from chassis import maintenance, outbox
from chassis.clock import utc_now
from tests.support.one_service import a_review, chassis_database
from tests.support.servers import Postgres


async def test_a_published_event_stays_for_a_replay_where_its_week_has_no_partition(
    postgres: Postgres,
) -> None:
    of_this_month, republished = a_review(age=timedelta(days=20)), a_review(age=timedelta(days=60))
    async with chassis_database(postgres) as (database, _):
        async with database.transaction() as tx:
            await outbox.record(tx, of_this_month, republished)
            await tx.execute(text("UPDATE outbox SET published_at = now() - interval '2 days'"))
            assert await tx.scalar(text("SELECT count(*) FROM outbox_default")) == 2
        await maintenance.tidy(database, utc_now())
        async with database.connection() as connection:
            left = set((await connection.execute(text("SELECT id FROM outbox"))).scalars())
    assert left == {of_this_month.id}
