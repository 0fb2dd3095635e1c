"""What officers read of their city and of its campaigns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chassis.http import Shown
from services.campaigns.evaluation.domain import Figure
from services.campaigns.visits.domain import Kind as Way

Action = Literal["review", "photo", "video", "share", "follow"]


class ActionFigures(Shown):
    kind: Action
    today: int
    """Of what was posted today (Europe/Brussels) and stands."""
    total: int
    """The same since the start."""


class VisitFigures(Shown):
    kind: Way
    today: int
    total: int


class ActionsOfDay(Shown):
    day: date
    kind: Action
    counted: int


class VisitsOfDay(Shown):
    day: date
    kind: Way
    counted: int


class ActiveInWeek(Shown):
    week: date
    """Its Monday."""
    active: int


class AmbassadorFigures(Shown):
    active: int
    """Different people of whom a contribution stands."""
    weeks: list[ActiveInWeek]
    """The same, of what was posted in that week. Weeks without anybody are left out."""


class ReachShown(Shown):
    merchants: int
    """Open shops that can be reached."""
    reached: int
    """Those of them with a contribution that stands."""
    actions: int
    """Contributions to them."""


class DistrictReach(ReachShown):
    district_id: UUID | None
    """Null for shops that lie in none. A shop that lies in several is in each."""


class GoalFigures(Shown):
    campaign_id: UUID
    figure: Figure
    target: int
    counted: int
    reached_at: datetime | None


class ModerationLoad(Shown):
    open: int
    overdue: int
    decided: int
    """In the last 30 days."""
    median_seconds: float | None
    """From when a case was opened to its decision, of those; null where there is none."""


class SeenElsewhereFigures(Shown):
    platform: str
    posts: int
    """About the city and its shops, that are shown."""
    new: int
    """Of those, since the first day of the series."""


class DashboardShown(Shown):
    """Of a city or a campaign. Nothing that was taken back, held, removed or tied to the shop counts."""

    today: date
    actions: list[ActionFigures]
    action_days: list[ActionsOfDay]
    """Days and kinds without any are left out."""
    visits: list[VisitFigures]
    visit_days: list[VisitsOfDay]
    ambassadors: AmbassadorFigures
    merchants: ReachShown
    districts: list[DistrictReach]
    goals: list[GoalFigures]
    """Of a city, those of the campaigns that run in it."""
    moderation: ModerationLoad
    elsewhere: list[SeenElsewhereFigures]
    """In the cities, whatever campaign runs; `GET /elsewhere/glance` says more. In no other figure."""


class MerchantNotReached(Shown):
    merchant_id: UUID
    district_ids: list[UUID]
