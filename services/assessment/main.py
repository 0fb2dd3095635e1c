"""What the assessment service is made of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from uuid import UUID

from fastapi import APIRouter

from chassis import erasure
from chassis.as_service import AsService
from chassis.clock import utc_now
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.erasure_on_bus import OnTheBus
from chassis.history import history
from chassis.service import Job, Service
from contracts.assessment.v1 import PersonalDataErased
from contracts.directory.v1 import PersonErasureRequested
from contracts.envelope import EVERYWHERE
from services.assessment import cities, merchants, newest, places
from services.assessment.advice import api as advice
from services.assessment.advice import catalogue as entries
from services.assessment.advice import plan_api as plans
from services.assessment.advice import words
from services.assessment.assessments import api as assessments
from services.assessment.assessments import submission
from services.assessment.coaching import api as groups
from services.assessment.coaching import seats_api
from services.assessment.coaching import use_cases as coaching
from services.assessment.coaching import words as coaching_words
from services.assessment.coaching.passing_on import PassingOn
from services.assessment.drafts import api as drafts
from services.assessment.kinds import listed
from services.assessment.personal_data import HOLDINGS
from services.assessment.programme import api as programmes
from services.assessment.progress import api as progress
from services.assessment.progress import reminders
from services.assessment.progress import words as progress_words
from services.assessment.progress.job import Progress
from services.assessment.progress.shown import ProgressInWords
from services.assessment.proposals import api as proposals
from services.assessment.proposals import use_cases as proposing
from services.assessment.proposals.sending import Sending
from services.assessment.questionnaires import api as questionnaires
from services.assessment.questionnaires.catalogue import Catalogue, load
from services.assessment.reports import api as reports
from services.assessment.reports import words as report_words
from services.assessment.reports.closing import Closing
from services.assessment.reports.shown import ReportInWords
from services.assessment.requests import api as requests
from services.assessment.requests import call_list_api, use_cases
from services.assessment.requests.call_list import Contacts
from services.assessment.retention import RULES
from services.assessment.sessions import api as sessions_api
from services.assessment.sessions import (
    calendar_api,
    join_api,
    live_api,
    paper_api,
    registration_api,
    registrations,
)
from services.assessment.sessions import use_cases as sessions
from services.assessment.sessions.live import LiveHalls
from services.assessment.settings import AssessmentSettings


def _erased(erasure_id: UUID) -> PersonalDataErased:
    return PersonalDataErased(city_id=EVERYWHERE, erasure_id=erasure_id)


HISTORY = history(
    *submission.HISTORY,
    *sessions.HISTORY,
    *registrations.HISTORY,
    *use_cases.HISTORY,
    *coaching.HISTORY,
    *reminders.HISTORY,
    *erasure.history(_erased),
)


@cache
def _questionnaires() -> Catalogue:
    return load()


@cache
def _over_data_alone() -> tuple[APIRouter, ...]:
    """Routes that need nothing of the environment. Made once: tests build the service a thousand times."""
    catalogue = _questionnaires()
    tools, said = entries.load(catalogue), words.load()
    return (
        questionnaires.router(catalogue),
        assessments.router(catalogue),
        advice.router(tools, said),
        plans.router(catalogue, tools, said),
        drafts.router(catalogue),
        sessions_api.router(catalogue, tools),
        proposals.router,
        requests.router(tools),
        reports.router(catalogue, ReportInWords(report_words.load(), report_words.load_regional())),
        progress.router(ProgressInWords(catalogue, tools, progress_words.load())),
        registration_api.router(),
        calendar_api.router(),
        paper_api.router(catalogue),
        programmes.router(),
        seats_api.router(coaching_words.load()),
        groups.router(tools),
    )


def build(settings: AssessmentSettings) -> Service:
    """The service, wired; nothing is opened yet. Raises ValueError where data of ours are not good."""
    database, directory = Database(settings), AsService(settings)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        yield
        await directory.close()

    return Service(
        "assessment",
        settings,
        database,
        routers=[
            *_over_data_alone(),
            join_api.router(_questionnaires(), settings.public_url),
            live_api.router(LiveHalls(database)),
            call_list_api.router(Contacts(directory)),
        ],
        consumers=[
            Consumer(
                "assessment__merchants",
                merchants.NEWS,
                merchants.apply,
                # Newest version wins, however old or repeated the news: there is no age to refuse.
                horizon=None,
            ),
            Consumer("assessment__cities", cities.NEWS, cities.apply, horizon=None),
            Consumer("assessment__places", newest.NEWS, places.apply, horizon=None),
            Consumer("assessment__kinds", newest.NEWS, listed.apply, horizon=None),
            Consumer("assessment__proposals", proposing.NEWS, proposing.apply, horizon=None),
            erasure.consumer("assessment", PersonErasureRequested, _erased, HOLDINGS, figures_on_bus=True),
        ],
        jobs=_jobs(database, settings, _questionnaires(), directory),
        holdings=HOLDINGS,
        retention=RULES,
        republish=HISTORY,
        lifespan=lifespan,
        description="What a merchant's answers about going digital score, and the next steps they call for.",
    )


def _jobs(
    database: Database, settings: AssessmentSettings, catalogue: Catalogue, directory: AsService
) -> list[Job]:
    return [
        Job("erasures on the bus", OnTheBus(database, settings, _erased).run),
        Job("reports", Closing(database, catalogue).run),
        Job("progress", Progress(database, catalogue).run),
        Job("coaching offers", PassingOn(database, utc_now).run),
        Job("proposals", Sending(database, directory, utc_now).run),
    ]
