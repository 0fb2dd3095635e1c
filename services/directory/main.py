"""The directory, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter

from chassis import erasure
from chassis.clock import Clock, utc_now
from chassis.database import Database
from chassis.history import history
from chassis.service import Job, Service
from contracts.directory.v1 import PersonErasureRequested
from services.directory import history as told
from services.directory.audit.api import router as audit
from services.directory.cities.api import router as cities
from services.directory.cities.communes_api import router as communes
from services.directory.cities.districts_api import router as districts
from services.directory.cities.responsible_api import router as responsible
from services.directory.claims import mails as claim_mails
from services.directory.claims import objecting_page
from services.directory.claims import storage as claims_storage
from services.directory.claims.api import router as claims
from services.directory.claims.audience import Audience
from services.directory.claims.codes import INVITATIONS
from services.directory.claims.disputes_api import router as disputes
from services.directory.claims.objecting_api import router as objecting
from services.directory.claims.pages_api import routes as audience_pages
from services.directory.claims.preparing import Preparing
from services.directory.claims.runs_api import routes as letter_runs
from services.directory.consents.api import router as consents
from services.directory.corrections import use_cases as corrections
from services.directory.corrections.api import router as correction_routes
from services.directory.corrections.decisions_api import router as correction_decisions
from services.directory.doubts.api import router as doubts
from services.directory.erasures import facts as erasures
from services.directory.erasures.api import router as erasure_routes
from services.directory.erasures.consumers import progress_consumers
from services.directory.factors import words as factor_words
from services.directory.factors.api import routes as factors
from services.directory.factors.office import FactorOffice
from services.directory.factors.passkey_api import routes as passkeys
from services.directory.factors.relying_party import RelyingParty
from services.directory.identity_providers.api import routes as identity_providers
from services.directory.identity_providers.office import ProviderOffice
from services.directory.imports.api import router as imports
from services.directory.imports.jobs.api import router as import_jobs
from services.directory.imports.jobs.run import Imports
from services.directory.invitations.api import router as invitations
from services.directory.keys.api import router as keys
from services.directory.keys.exchange_api import routes as key_tokens
from services.directory.kinds.api import router as kinds
from services.directory.mails.dispatch import Dispatch
from services.directory.mails.writing import MailWriter
from services.directory.merchants.api import router as merchants
from services.directory.people import unused_words
from services.directory.people.api import router as people
from services.directory.people.sign_in import routes as sign_in
from services.directory.people.token_office import TokenOffice
from services.directory.personal_data import HOLDINGS
from services.directory.proposals import use_cases as proposals
from services.directory.proposals.api import router as proposal_routes
from services.directory.retention import RULES
from services.directory.roles import words as role_words
from services.directory.roles.api import router as roles
from services.directory.search.api import router as search
from services.directory.sessions.api import routes as sessions
from services.directory.sessions.vouching import vouch_by
from services.directory.settings import DirectorySettings
from services.directory.sign_in import page as sign_in_page
from services.directory.sign_in import words as sign_in_words
from services.directory.sign_in.api import routes as sign_in_by_mail

HISTORY = history(
    *told.HISTORY, *claims_storage.HISTORY, *proposals.HISTORY, *corrections.HISTORY, *erasures.HISTORY
)
WORDS = {
    **sign_in_words.WORDS,
    **claim_mails.WORDS,
    **role_words.WORDS,
    **factor_words.WORDS,
    **unused_words.WORDS,
}
"""What each kind of mail says."""


def build(settings: DirectorySettings, clock: Clock = utc_now) -> Service:
    """The service, wired and not yet started."""
    office, providers, database = TokenOffice(settings), ProviderOffice(settings), Database(settings)
    sealing = FactorOffice(settings)
    writer = MailWriter(settings.sender, settings.public_url, WORDS)
    relay = settings.relay()
    dispatch = Dispatch(database, writer, relay, clock=clock)

    audience = Audience(
        settings.notifications_url, lambda: office.issuer.for_service(settings.service_name, clock()).token
    )
    preparing = Preparing(database, audience, lambda: office.issuer.derived(INVITATIONS), clock)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with office.opened(), providers.opened(), sealing.opened(), audience.opened():
            yield

    return Service(
        "directory",
        settings,
        database,
        routers=[
            *_routers(settings, office, providers, audience),
            factors(sealing, office),
            passkeys(RelyingParty.at(settings.public_url), office),
        ],
        jobs=[
            Job("mail", dispatch.run),
            Job("letters", preparing.run),
            Job("imports", Imports(database, clock).run),
        ],
        consumers=[
            erasure.consumer("directory", PersonErasureRequested, erasures.done, HOLDINGS, clock),
            *progress_consumers(),
        ],
        holdings=HOLDINGS,
        retention=RULES,
        republish=HISTORY,
        lifespan=lifespan,
        keys=office,
        vouch=vouch_by(database),
        clock=clock,
        description="Who and where: cities, districts, merchants, people and their roles.",
    )


def _routers(
    settings: DirectorySettings, office: TokenOffice, providers: ProviderOffice, audience: Audience
) -> list[APIRouter]:
    return [
        cities,
        responsible,
        communes,
        districts,
        search,
        kinds,
        objecting,
        objecting_page.router,
        merchants,
        imports,
        import_jobs,
        claims,
        disputes,
        letter_runs(office, settings.public_url),
        audience_pages(audience),
        doubts,
        proposal_routes,
        correction_routes,
        correction_decisions,
        people,
        consents,
        roles,
        invitations,
        audit,
        keys,
        erasure_routes,
        sign_in_by_mail(office),
        sign_in_page.routes(office, settings.public_url),
        sessions(office),
        sign_in(office, demo=not settings.is_production),
        key_tokens(office),
        identity_providers(providers, office),
    ]
