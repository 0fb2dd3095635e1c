"""Files that are no photo, or more than one, get a 4xx and leave nothing behind."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.campaigns.files.store import Files
from tests.support.campaigns import campaigns_service
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.pictures import hostile, photo
from tests.support.servers import Nats, Postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
UPLOADS = 15, 2_000
"""One of each kind in a short run."""
AT_ONCE = 4


async def test_hostile_uploads_are_refused_and_leave_nothing_behind(
    postgres: Postgres, nats: Nats, faults: FaultReport
) -> None:
    began, number = time.monotonic(), faults.times(*UPLOADS)
    statuses: Counter[int] = Counter()
    taken: list[str] = []
    async with campaigns_service(postgres, nats) as campaigns:
        merchant, person = await campaigns.a_merchant(), uuid4()

        async def send(numbers: range) -> None:
            for each in numbers:
                name, file = hostile(each)
                answer = await campaigns.photos(merchant, person, file)
                statuses[answer.status_code] += 1
                if not 400 <= answer.status_code < 500 or not answer.json()["field"].startswith("photos"):
                    taken.append(f"{each}, {name}: {answer.status_code}")

        await asyncio.gather(*(send(range(first, number, AT_ONCE)) for first in range(AT_ONCE)))
        assert taken == []
        async with campaigns.database.connection() as connection:
            for table in ("stored_file", "picture", "photo", "contribution", "idempotency", "outbox"):
                assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        assert await Files(campaigns.settings).keys() == []
        last = await campaigns.photos(merchant, person, photo())  # and the service goes on
        assert last.status_code == 201
    faults.add(
        FaultRow(
            fault="hostile uploads",
            injected=number,
            attempted=number,
            accepted=0,
            effected=0,
            lost=0,
            doubled=0,
            seconds=time.monotonic() - began,
            note="polyglots, bombs, wrong types, truncated: all refused (4xx), nothing left",
        )
    )
