"""Who visits, for the moment in which they are counted."""

from __future__ import annotations

from fastapi import Request

from chassis.network import network_seen
from services.campaigns.visits.domain import is_ahead_of_asking
from services.campaigns.visits.robots import is_robot


def visitor_of(request: Request) -> str | None:
    """The network and the browser, which tell most visitors apart; None where nobody visits."""
    if request.method == "HEAD" or is_ahead_of_asking(request.headers):
        return None
    browser = request.headers.get("user-agent", "")
    return None if is_robot(browser) else f"{network_seen(request)} {browser}"
