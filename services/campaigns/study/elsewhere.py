"""Reviews elsewhere as an outcome: by how many they rose, of shops where a machine read them already.

Not what people noted: who takes part in a campaign looks more often, and a figure that is noted for the first
time would seem to be a rise. So figures of connected accounts and open sources count alone, each against the
one before it of the same profile; and only of shops that had one before the first week, in both groups.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.elsewhere.domain import Measure, Source
from services.campaigns.elsewhere.tables import noted_count

_OF = noted_count.c


def _is_read() -> ColumnElement[bool]:
    by_machine = _OF.source.in_([Source.CONNECTED.value, Source.OPEN.value])
    return by_machine & (_OF.measure == Measure.REVIEWS.value) & _OF.figure.is_not(None)


def rises() -> Select[Any]:
    """Shop, day and by how much; less than nothing where a platform took reviews away."""
    series = _OF.merchant_id, _OF.platform, _OF.profile_id, _OF.source
    before = func.lag(_OF.figure).over(partition_by=series, order_by=_OF.day)
    rise = (_OF.figure - before).label("counted")
    read = select(_OF.merchant_id, _OF.day, rise).where(_is_read()).subquery()
    return select(read).where(read.c.counted.is_not(None))


async def read_before(
    connection: AsyncConnection, merchants: Collection[UUID], first: date
) -> frozenset[UUID]:
    """Those of the merchants that had a figure before the first day of the study."""
    known = select(_OF.merchant_id).where(_is_read(), _OF.merchant_id.in_(merchants), _OF.day < first)
    return frozenset((await connection.scalars(known.distinct())).all())
