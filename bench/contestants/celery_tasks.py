"""Celery's way: one task for each event, Redis between, the same statements in a session of SQLAlchemy."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import Celery
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

from bench.contestants.statements import CONTRIBUTION, FIGURE, INBOX
from services.notifications.contributions.domain import local_day

app = Celery("bench", broker=os.environ["BENCH_REDIS_URL"])
app.conf.update(
    task_acks_late=True,  # an event whose worker dies is done again, as with the others
    worker_prefetch_multiplier=64,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)
_url = os.environ["COCOCITY_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
_sessions = sessionmaker(create_engine(_url, pool_size=1))
_inbox, _contribution, _figure = text(INBOX), text(CONTRIBUTION), text(FIGURE)


@app.task(name="count")  # type: ignore[untyped-decorator]
def count(body: str) -> None:
    """One event."""
    event: dict[str, Any] = json.loads(body)
    with _sessions() as session:
        if session.scalar(_inbox, {"id": UUID(event["id"]), "consumer": "celery"}) is not None:
            values = {
                "merchant": UUID(event["data"]["merchant_id"]),
                "contribution": UUID(event["data"]["contribution_id"]),
                "city": UUID(event["data"]["city_id"]),
                "kind": "review" if "review" in event["type"] else "share",
                "day": local_day(datetime.fromisoformat(event["time"])),
            }
            session.execute(_contribution, values)
            del values["contribution"]
            session.execute(_figure, values)
        session.commit()
