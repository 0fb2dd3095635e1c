"""Every event there is, by wire type. For generators and tests; a service imports the owners it needs."""

from __future__ import annotations

from contracts.assessment import v1 as assessment
from contracts.campaigns import v1 as campaigns
from contracts.directory import v1 as directory
from contracts.envelope import Fact
from contracts.notifications import v1 as notifications

BY_OWNER: dict[str, tuple[type[Fact], ...]] = {
    "directory": directory.FACTS,
    "assessment": assessment.FACTS,
    "campaigns": campaigns.FACTS,
    "notifications": notifications.FACTS,
}

ALL: dict[str, type[Fact]] = {fact.TYPE: fact for facts in BY_OWNER.values() for fact in facts}
