"""What the campaigns service is made of."""

from functools import partial
from uuid import UUID

from chassis import erasure
from chassis.database import Database
from chassis.history import history
from chassis.service import Job, Service
from chassis.settings import ServiceSettings
from contracts.campaigns.v1 import PersonalDataErased
from contracts.directory.v1 import PersonErasureRequested
from contracts.envelope import EVERYWHERE
from services.campaigns.contributions import api as contributions
from services.campaigns.contributions import facts
from services.campaigns.enrolments import api as enrolments
from services.campaigns.enrolments import enrol
from services.campaigns.goals import api as goals
from services.campaigns.goals import progress
from services.campaigns.lifecycle import api as lifecycle
from services.campaigns.lifecycle import clock, taking_part, use_cases
from services.campaigns.links import api as links
from services.campaigns.links import redirect_api
from services.campaigns.links.destinations import Destinations
from services.campaigns.opt_outs import api as opt_outs
from services.campaigns.personal_data import HOLDINGS
from services.campaigns.places import consumers
from services.campaigns.policy import api as policy
from services.campaigns.retention import RULES


def _erased(erasure_id: UUID) -> PersonalDataErased:
    return PersonalDataErased(city_id=EVERYWHERE, erasure_id=erasure_id)


HISTORY = history(
    *use_cases.HISTORY, *enrol.HISTORY, *facts.HISTORY, *progress.HISTORY, *erasure.history(_erased)
)


class CampaignsSettings(ServiceSettings):
    """What this service is told by its environment."""

    service_name: str = "campaigns"


def build(settings: CampaignsSettings) -> Service:
    """The service, wired; nothing is opened yet."""
    database = Database(settings)
    destinations = Destinations(database, settings.public_url)
    return Service(
        "campaigns",
        settings,
        database,
        routers=[
            lifecycle.router,
            links.router(destinations, settings.public_url),
            redirect_api.router(destinations),
            taking_part.router,
            goals.router,
            opt_outs.router,
            policy.router,
            enrolments.router,
            contributions.router,
        ],
        consumers=[
            consumers.places(),
            erasure.consumer("campaigns", PersonErasureRequested, _erased, HOLDINGS),
        ],
        holdings=HOLDINGS,
        retention=RULES,
        jobs=[Job("campaigns clock", partial(clock.run, database))],
        republish=HISTORY,
        description="Campaigns of cities, their ambassadors, and what these contribute to merchants.",
    )
