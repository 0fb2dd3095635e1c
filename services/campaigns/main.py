"""What the campaigns service is made of."""

from functools import partial

from chassis.database import Database
from chassis.history import history
from chassis.service import Job, Service
from chassis.settings import ServiceSettings
from services.campaigns.contributions import api as contributions
from services.campaigns.contributions import facts
from services.campaigns.enrolments import api as enrolments
from services.campaigns.enrolments import enrol
from services.campaigns.lifecycle import api as lifecycle
from services.campaigns.lifecycle import clock, use_cases
from services.campaigns.places import consumers

HISTORY = history(*use_cases.HISTORY, *enrol.HISTORY, *facts.HISTORY)


class CampaignsSettings(ServiceSettings):
    """What this service is told by its environment."""

    service_name: str = "campaigns"


def build(settings: CampaignsSettings) -> Service:
    """The service, wired; nothing is opened yet."""
    database = Database(settings)
    return Service(
        "campaigns",
        settings,
        database,
        routers=[lifecycle.router, enrolments.router, contributions.router],
        consumers=[consumers.places()],
        jobs=[Job("campaigns clock", partial(clock.run, database))],
        republish=HISTORY,
        description="Campaigns of cities, their ambassadors, and what these contribute to merchants.",
    )
