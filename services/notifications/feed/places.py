"""Where to see more of what somebody is told: a page of the portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.notifications.people.domain import REPORTER

MESSAGES = "/messages"
"""Everything that the person was told."""


def place_of(kind: str, data: Mapping[str, Any]) -> str | None:
    """Behind the public address; None where there is nothing but the feed. Each kind of a page is a line."""
    match kind:
        case "decision" | "appeal-decided" if data["side"] != REPORTER:
            return f"/contributions/{data['contribution_id']}"
        case "report-decided" | "appeal-decided":
            return f"/reports/about/{data['contribution_id']}"
        case "answer-needed" | "contribution-reported":
            return f"/shops/{data['merchant_id']}/reviews"
        case "photo-taken-back":
            return f"/shops/{data['merchant_id']}/photos"
        case "goal-reached":
            return f"/desk/campaigns/{data['campaign_id']}"
        case "request-waiting":
            return "/desk/calls"
        case "queue-waiting":
            return f"/desk/cities/{data['city_id']}/moderation"
        case "review-answered" | "held":
            return f"/contributions/{data['contribution_id']}"
        case "thanks":
            return "/contributions"
        case _:
            return None
