"""A report computed from the rows of the table alone, by nothing of what computes it in the service.

Straight from the stored columns, in plain loops; the rules are written down here a second time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from chassis.service import Service

Row = Any


async def all_rows(service: Service) -> list[Row]:
    async with service.database.connection() as connection:
        found = await connection.execute(
            text("""
                SELECT a.*, s.starts_at, k.kind AS listed_as FROM assessments a
                  LEFT JOIN sessions s ON s.id = a.session_id
                  LEFT JOIN listed_kinds k ON k.merchant_id = a.merchant_id
                 WHERE a.id NOT IN (SELECT corrects FROM assessments WHERE corrects IS NOT NULL)
                 ORDER BY a.id
            """)
        )
        return [*found]


def units(rows: Sequence[Row], questionnaire: str = "session-form") -> dict[Any, list[Row]]:
    """A session, or a city's month; a shop once in each, with its latest."""
    found: dict[Any, dict[Any, Row]] = defaultdict(dict)
    for row in rows:
        if row.questionnaire == questionnaire:
            at = (row.starts_at or row.completed_at).astimezone(ZoneInfo("Europe/Brussels"))
            unit = row.session_id or (row.city_id, at.year, at.month)
            found[unit][row.merchant_id or row.id] = row
    return {unit: [*people.values()] for unit, people in found.items()}


LISTED = {"shop=bakery": "food", "shop=clothes": "fashion", "craft=basket_maker": "producers",
          "shop=lamps": "other", "shop=yes": ""}  # fmt: skip
"""Of some tags, which of the forms' kinds they are; the last says of no kind."""


def kind_of(row: Row) -> str:
    kind: str = row.merchant_kind or LISTED[row.listed_as or "shop=yes"]
    return kind


def folded(unit: Sequence[Row]) -> Counter[str]:
    """Persons by the kind that they are shown under."""
    sizes = Counter(kind_of(row) for row in unit)
    shown = {kind: size for kind, size in sizes.items() if kind and size >= 5}
    order = sorted(shown, key=lambda kind: (shown[kind], kind))
    while (rest := len(unit) - sum(shown.values())) and rest < 5 and order:
        del shown[order.pop(0)]
    return Counter({**shown, "": rest} if rest else shown)


def expected(shown_units: Sequence[Sequence[Row]]) -> dict[str, Any]:
    """What the report of these units says."""
    counted = [unit for unit in shown_units if len(unit) >= 5]
    people = [row for unit in counted for row in unit]
    if not people:
        return {"participants": 0, "mean": None}
    dimensions: dict[str, list[int]] = defaultdict(list)
    for unit in counted:
        in_unit: dict[str, list[int]] = defaultdict(list)
        for row in unit:
            for key, score in row.dimensions.items():
                in_unit[key].append(score)
        for key, scores in in_unit.items():
            if len(scores) >= 5:
                dimensions[key] += scores
    scores = [row.score for row in people]
    wishes = Counter(wish for row in people for wish in row.answers.get("training-wish", ()))
    kinds: Counter[str] = Counter()
    for unit in counted:
        kinds += folded(unit)
    return {
        "participants": len(people),
        "mean": tenths(sum(scores) / len(scores)),
        "50": len([score for score in scores if score >= 50]),
        "70": len([score for score in scores if score > 70]),
        "asked": wishes["group"] + wishes["visit"],
        "recommendations": Counter(step for row in people for step in row.recommendations),
        "dimensions": {key: (len(each), tenths(sum(each) / len(each))) for key, each in dimensions.items()},
        "kinds": {kind or None: size for kind, size in kinds.items()},
        "sessions": len({row.session_id for row in people if row.session_id}),
        "classes": [
            len([score for score in scores if low <= score <= (100 if low == 90 else low + 9)])
            for low in range(0, 100, 10)
        ],
    }


def said(report: dict[str, Any]) -> dict[str, Any]:
    """The same of a report as it came over HTTP."""
    if not report["participants"]:
        return {"participants": 0, "mean": report["mean"]}
    return {
        "participants": report["participants"],
        "mean": report["mean"],
        "50": report["share_50_or_more"]["count"],
        "70": report["share_above_70"]["count"],
        "asked": report["asked_for_training"]["count"],
        "recommendations": Counter({each["key"]: each["count"] for each in report["recommendations"]}),
        "dimensions": {each["key"]: (each["answered"], each["mean"]) for each in report["dimensions"]},
        "kinds": {each["kind"]: each["participants"] for each in report["kinds"]},
        "sessions": report["sessions"],
        "classes": [each["count"] for each in report["distribution"]],
    }


def tenths(value: float) -> float:
    return int(value * 10 + 0.5 + 1e-9) / 10
