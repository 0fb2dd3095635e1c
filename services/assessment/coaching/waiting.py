"""Who waits for a training and is in no group: what groups are proposed from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.assessment.advice.catalogue import Catalogue
from services.assessment.coaching.domain.proposing import MOST_ASKS, Ask
from services.assessment.requests.call_list import WEAK
from services.assessment.requests.tables import VISIT
from services.assessment.requests.use_cases import OPEN

_WAITING = text(  # our own words alone are put together
    f"""
    SELECT r.id, r.merchant_id, r.wish, r.language, r.half_days, p.longitude, p.latitude, weak.dimension
      FROM training_requests r
      JOIN merchants m ON m.merchant_id = r.merchant_id AND m.closed_version <= m.listed_version
      LEFT JOIN merchant_places p ON p.merchant_id = r.merchant_id
      {WEAK}
     WHERE r.city_id = :city_id AND r.wish <> '{VISIT}' AND r.half_days <> '{{}}' AND {OPEN}
       AND NOT EXISTS (SELECT FROM coaching_seats s
                        WHERE s.request_id = r.id AND s.state IN ('waiting', 'offered', 'taken'))
     ORDER BY r.id LIMIT :most
"""  # noqa: S608
).bindparams(bindparam("city_id", type_=Uuid))


async def asks_of(connection: AsyncConnection, city_id: UUID, catalogue: Catalogue) -> list[Ask]:
    """Those of the city who said when they have time, who asked first first.

    A shop without an assessment is taken to be weak in what the training that it wants moves.
    """
    rows = await connection.execute(_WAITING, {"city_id": city_id, "most": MOST_ASKS})
    return [ask for row in rows.mappings() if (ask := _ask(row, catalogue)) is not None]


def _ask(row: Any, catalogue: Catalogue) -> Ask | None:
    training = catalogue.trainings.get(row["wish"])
    dimension = row["dimension"] or (training.dimension if training else None)
    if dimension is None:  # a training that the catalogue has no more, of a shop without an assessment
        return None
    place = None if row["longitude"] is None else (row["longitude"], row["latitude"])
    half_days = frozenset(row["half_days"])
    return Ask(row["id"], row["merchant_id"], dimension, row["language"], half_days, place)
