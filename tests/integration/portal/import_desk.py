"""What the directory says to an officer who hands in files of shops."""

from __future__ import annotations

from typing import Any

from tests.integration.portal.stand_ins import CITY

JOB = "01890000-0000-7000-8000-000000001909"
OF_JOB = f"/api/v1/imports/{JOB}"
JOBS = f"/api/v1/cities/{CITY}/import-jobs"
MAPS = f"/api/v1/cities/{CITY}/imports"


def a_job(**changed: Any) -> dict[str, Any]:
    return {
        "id": JOB,
        "city_id": CITY,
        "format": "csv",
        "source": "csv:ucm-2026",
        "state": "done",
        "dry_run": True,
        "is_complete": False,
        "created_at": "2026-11-26T10:00:00Z",
        "finished_at": None,
        "rows_done": 3,
        "totals": {"listed": 2, "left_out": 1},
        "problem": None,
    } | changed


def a_line(**changed: Any) -> dict[str, Any]:
    return {
        "number": 3,
        "outcome": "left_out",
        "source_id": "=1+1",
        "name": "Chez <b>Paul</b>",
        "merchant_id": None,
        "why": "no_place",
        "detail": "rue inconnue",
        "notes": [],
    } | changed


def a_map_report(**changed: Any) -> dict[str, Any]:
    feature = {"index": 0, "osm_id": "node/1", "name": "Épicerie", "reason": None, "detail": None}
    refused = feature | {"outcome": "left_out", "name": "Vide", "reason": "vacant"}
    return {
        "totals": {"features": 3, "listed": 1, "updated": 0, "unchanged": 1, "left_out": 1},
        "may_have_closed": 2,
        "items": [
            feature | {"outcome": "listed"},
            feature | {"outcome": "unchanged", "name": "Boucherie"},
            refused,
        ],
    } | changed


def of_imports() -> dict[str, Any]:
    """Of the directory."""
    return {
        JOBS: {"items": [a_job(), a_job(state="running")], "next": None},
        OF_JOB: a_job(),
        f"{OF_JOB}/rows": {"items": [a_line()], "next": None},
        f"{OF_JOB}/proposal": {
            "headings": ["nom", "rue"],
            "fields": ["id", "name", "street"],
            "mapping": {"name": 0, "street": 1},
            "sample": [["Chez Paul", "Grand-Rue"]],
        },
        "/api/v1/kinds": {"items": [{"kind": "shop=bakery", "name": "Bakery"}]},
        MAPS: a_map_report(),
    }
