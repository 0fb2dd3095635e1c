"""What POST an assessment is measured against: a FastAPI handler that writes the same rows, no more.

The assessment and its event, ready-made, in one transaction over asyncpg itself. No token, no rule, no score,
no idempotent repetition.
"""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel

from chassis import garbage
from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.settings import ServiceSettings, load

CITY = UUID("01890000-0000-7000-8000-00000000c17e")
DIMENSIONS = {"visibility": 10, "reputation": 20, "customers": 50, "website": 50, "social": 40, "skills": 25}
STEPS = ["claim-google-profile", "e-reputation-watch", "seo-basics", "training", "first-newsletter"]
ASSESSMENT = """
    INSERT INTO assessments (id, city_id, merchant_id, questionnaire, questionnaire_version, answers, score,
                             dimensions, recommendations, completed_at, completed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
OUTBOX = "INSERT INTO outbox (id, subject, body) VALUES ($1, $2, $3)"


class Submission(BaseModel):
    """As ours takes it."""

    merchant_id: UUID
    questionnaire: str
    version: int
    answers: dict[str, Any]


def application(settings: ServiceSettings) -> FastAPI:
    """The handler."""
    pool: asyncpg.Pool | None = None
    app = FastAPI()
    encode = msgspec.json.encode

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        nonlocal pool
        if pool is None:
            pool = await asyncpg.create_pool(settings.database_url, min_size=10, max_size=10)
        return {"status": "alive"}

    @app.post("/api/v1/assessments", status_code=201)
    async def submit(body: Submission) -> dict[str, Any]:
        made, now = new_id(), utc_now()
        answer = {
            "id": str(made),
            "merchant_id": str(body.merchant_id),
            "score": 33,
            "dimensions": DIMENSIONS,
        }
        subject = f"assessment.assessment-completed.v1.{CITY}.00"
        row = (
            made,
            CITY,
            body.merchant_id,
            body.questionnaire,
            body.version,
            encode(body.answers).decode(),
            33,
        )
        assert pool is not None
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                ASSESSMENT, *row, encode(DIMENSIONS).decode(), encode(STEPS).decode(), now, new_id()
            )
            await connection.execute(OUTBOX, made, subject, encode(answer))
        return answer

    return app


async def main() -> None:
    """Serve until killed."""
    settings = load(ServiceSettings)
    config = uvicorn.Config(
        application(settings), port=int(sys.argv[1]), http="httptools", access_log=False, log_config=None
    )
    garbage.settle()
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main())
