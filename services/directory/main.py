"""The directory, put together."""

from chassis.clock import Clock, utc_now
from chassis.database import Database
from chassis.history import history
from chassis.service import Service
from services.directory import history as told
from services.directory.audit.api import router as audit
from services.directory.cities.api import router as cities
from services.directory.imports.api import router as imports
from services.directory.merchants.api import router as merchants
from services.directory.people.api import router as people
from services.directory.people.sign_in import routes as sign_in
from services.directory.people.token_office import TokenOffice
from services.directory.search.api import router as search
from services.directory.settings import DirectorySettings

HISTORY = history(*told.HISTORY)


def build(settings: DirectorySettings, clock: Clock = utc_now) -> Service:
    """The service, wired and not yet started."""
    office = TokenOffice(settings)
    return Service(
        "directory",
        settings,
        Database(settings),
        routers=[
            cities,
            search,
            merchants,
            imports,
            people,
            audit,
            sign_in(office, demo=not settings.is_production),
        ],
        republish=HISTORY,
        lifespan=office.opened,
        keys=office,
        clock=clock,
        description="Who and where: cities, districts, merchants, people and their roles.",
    )
