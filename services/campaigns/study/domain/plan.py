"""The analysis plan of a campaign: written while nothing has begun, fixed once it starts. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from services.campaigns.study.domain.outcomes import Outcome

SMALL_GROUP = 5
"""Figures of fewer shops are withheld: they would tell how single ones do."""
WEEK = timedelta(days=7)


class StudyPlan(Struct, frozen=True):
    """What will be looked at, set beforehand so that nobody picks what came out well."""

    outcomes: tuple[Outcome, ...]
    """The first answers whether it worked; the others are described beside it."""
    comparison_district_ids: tuple[UUID, ...]
    """Where the shops lie that it is compared with; none: anywhere in the city, outside of the campaign."""
    weeks_before: int
    weeks_after: int
    """From its start on, while it runs and after."""
    least_merchants: int
    """In each group: with fewer, no effect is estimated."""
    least_counted: int
    """In both groups together, over all weeks."""
    worth_percent: int
    """The smallest rise, in percent, that the city would act on: what the data should be able to show."""
    version: int = 0

    def first_day(self, began: date) -> date:
        """Weeks are counted from the day the campaign began, backwards and forwards."""
        return began - self.weeks_before * WEEK

    def end(self, began: date) -> date:
        """The first day that no longer belongs to it."""
        return began + self.weeks_after * WEEK

    def is_over(self, began: date, today: date) -> bool:
        """Whether all that will be counted has had a day to arrive. Nobody looks before: whoever looks
        until they like what they see finds an effect anywhere."""
        return today > self.end(began)
