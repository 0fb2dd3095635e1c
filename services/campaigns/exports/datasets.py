"""What can be taken as a file: which rows, in which columns.

No file says who contributed, reported or decided, under a pseudonym or otherwise, and what somebody wrote is
in one only while everybody can read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, TextClause, Uuid, bindparam, text

from services.campaigns.contributions.domain import BRUSSELS
from services.campaigns.dashboard.reading import Scope


class Dataset(StrEnum):
    CONTRIBUTIONS = "contributions"
    VISITS = "visits"
    MERCHANTS = "merchants"
    DECISIONS = "decisions"


@dataclass(frozen=True)
class Asked:
    """Of what, from which day to which."""

    scope: Scope
    since: date | None
    until: date | None
    merchants: tuple[UUID, ...] = ()
    """Shops that can be reached."""

    def values(self) -> dict[str, Any]:
        """As the queries want them: days in Brussels, the last one included."""
        return {
            "cities": list(self.scope.cities),
            "scope": self.scope.id,
            "campaign": self.scope.campaign and self.scope.campaign.id,
            "since": self.since or date(1900, 1, 1),
            "until": self.until or date(2200, 1, 1),
            "begin": _midnight(self.since or date(1900, 1, 1)),
            "end": _midnight((self.until or date(2200, 1, 1)) + timedelta(days=1)),
            "merchants": list(self.merchants),
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)


_CONTRIBUTIONS = """
    SELECT made.id, made.posted_at, made.city_id, made.merchant_id, known.kind AS merchant_kind,
           array_to_string(known.district_ids, ' ') AS districts, made.campaign_id,
           made.reason AS counts_for_none, made.kind, made.standing,
           made.withdrawn_at IS NOT NULL AS withdrawn, review.rating, review.language,
           CASE WHEN made.standing = 'published' AND made.withdrawn_at IS NULL THEN review.text END AS text,
           share.channel
    FROM contribution AS made
    LEFT JOIN review ON review.contribution_id = made.id
    LEFT JOIN share ON share.contribution_id = made.id
    LEFT JOIN known_merchant AS known ON known.id = made.merchant_id
    WHERE made.city_id = ANY(:cities) AND (CAST(:campaign AS uuid) IS NULL OR made.campaign_id = :campaign)
          AND made.posted_at >= :begin AND made.posted_at < :end
    ORDER BY made.id
"""
_VISITS = """
    SELECT day, city_id, merchant_id, campaign_id, kind AS way, sum(visits)::bigint AS visits,
           sum(visitors)::bigint AS visitors
    FROM visit_day
    WHERE city_id = ANY(:cities) AND (CAST(:campaign AS uuid) IS NULL OR campaign_id = :campaign)
          AND day BETWEEN :since AND :until
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
_MERCHANTS = """
    SELECT known.id AS merchant_id, known.city_id, known.kind AS merchant_kind,
           array_to_string(known.district_ids, ' ') AS districts,
           coalesce(sum(counted) FILTER (WHERE shop.kind IN ('review', 'photo', 'video', 'share')), 0) > 0
               AS reached,
           coalesce(sum(counted) FILTER (WHERE shop.kind = 'review'), 0)::bigint AS reviews,
           coalesce(sum(counted) FILTER (WHERE shop.kind = 'photo'), 0)::bigint AS photos,
           coalesce(sum(counted) FILTER (WHERE shop.kind = 'video'), 0)::bigint AS videos,
           coalesce(sum(counted) FILTER (WHERE shop.kind = 'share'), 0)::bigint AS shares
    FROM known_merchant AS known
    LEFT JOIN dashboard_shop AS shop ON shop.scope_id = :scope AND shop.merchant_id = known.id
    WHERE known.id = ANY(:merchants)
    GROUP BY known.id ORDER BY known.id
"""
_DECISIONS = """
    SELECT decided.id, opened.opened_at, opened.due_at, decided.at AS decided_at, decided.city_id,
           made.merchant_id, made.campaign_id, decided.contribution_id, made.kind,
           array_to_string(opened.reasons, ' ') AS reasons, opened.appellant AS appealed_by,
           decided.outcome, decided.ground
    FROM moderation_decision AS decided
    JOIN moderation_case AS opened ON opened.id = decided.case_id
    JOIN contribution AS made ON made.id = decided.contribution_id
    WHERE decided.city_id = ANY(:cities)
          AND (CAST(:campaign AS uuid) IS NULL OR made.campaign_id = :campaign)
          AND decided.at >= :begin AND decided.at < :end
    ORDER BY decided.id
"""
_PARAMETERS: dict[str, Any] = {
    "cities": ARRAY(Uuid),
    "merchants": ARRAY(Uuid),
    "scope": Uuid(),
    "campaign": Uuid(),
    "since": Date(),
    "until": Date(),
    "begin": DateTime(timezone=True),
    "end": DateTime(timezone=True),
}


def _written(query: str) -> TextClause:
    used: list[Any] = [
        bindparam(name, type_=kind) for name, kind in _PARAMETERS.items() if f":{name}" in query
    ]
    return text(query).bindparams(*used)


QUERIES = {
    Dataset.CONTRIBUTIONS: _written(_CONTRIBUTIONS),
    Dataset.VISITS: _written(_VISITS),
    Dataset.MERCHANTS: _written(_MERCHANTS),
    Dataset.DECISIONS: _written(_DECISIONS),
}
"""The rows of each, in the columns of `columns.py`."""
