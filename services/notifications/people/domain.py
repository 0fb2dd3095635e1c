"""Sides of a decision, and who may object to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AUTHOR, REPORTER = "author", "reporter"
"""As the event names an appellant."""
WITHDRAWN = "withdrawn"
"""What came of a report where its author took it back, beside the outcomes of decisions."""


def has_lost(data: Mapping[str, Any]) -> bool:
    """Whether the decision went against the side that is told of it."""
    return bool(data["outcome"] == ("removed" if data["side"] == AUTHOR else "published"))
