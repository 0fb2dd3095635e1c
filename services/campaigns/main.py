"""What the campaigns service is made of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from fastapi import APIRouter
from pydantic import model_validator

from chassis import erasure
from chassis.clock import utc_now
from chassis.database import Database
from chassis.fetching import Outside
from chassis.history import history
from chassis.service import Job, Service
from contracts.campaigns.v1 import PersonalDataErased
from contracts.directory.v1 import PersonErasureRequested
from contracts.envelope import EVERYWHERE
from services.campaigns import contributors_api, leases, thanks
from services.campaigns.answers import api as answers
from services.campaigns.answers import storage as answering
from services.campaigns.cities import api as cities
from services.campaigns.connections import api as connections
from services.campaigns.connections.clock import Connections
from services.campaigns.connections.settings import ConnectionSettings
from services.campaigns.contributions import api as contributions
from services.campaigns.contributions import facts
from services.campaigns.corrections import api as corrections
from services.campaigns.corrections.consumers import accepted
from services.campaigns.dashboard import api as dashboard
from services.campaigns.dashboard import counting
from services.campaigns.dashboard.members import members
from services.campaigns.edits import api as edits
from services.campaigns.edits import use_cases as editing
from services.campaigns.elsewhere import counts_api as counts_elsewhere
from services.campaigns.elsewhere import facts as seen_elsewhere
from services.campaigns.elsewhere import glance_api as glance
from services.campaigns.elsewhere import posts_api as posts_elsewhere
from services.campaigns.enrolments import api as enrolments
from services.campaigns.enrolments import enrol, officers_api
from services.campaigns.exports import api as exports
from services.campaigns.files import api as served_files
from services.campaigns.files import keeping
from services.campaigns.files.settings import FileSettings
from services.campaigns.files.store import Files
from services.campaigns.follows import api as follows
from services.campaigns.follows import use_cases as following
from services.campaigns.goals import api as goals
from services.campaigns.goals import progress
from services.campaigns.handed_in import api as handed_in
from services.campaigns.handed_in import officers_api as reported_elsewhere
from services.campaigns.initiatives import api as initiatives
from services.campaigns.initiatives import sessions
from services.campaigns.lifecycle import api as lifecycle
from services.campaigns.lifecycle import changes, clock, taking_part, use_cases
from services.campaigns.links import api as links
from services.campaigns.links import redirect_api
from services.campaigns.links.destinations import Destinations, destinations
from services.campaigns.links.domain import PATH
from services.campaigns.moderation import api as moderation
from services.campaigns.moderation import facts as decisions
from services.campaigns.moderation import pictures_api as moderation_pictures
from services.campaigns.moderation import public_api as moderation_in_public
from services.campaigns.moderation import waiting
from services.campaigns.open_data import api as open_data
from services.campaigns.open_data import closing
from services.campaigns.opt_outs import api as opt_outs
from services.campaigns.personal_data import HOLDINGS
from services.campaigns.photos import api as photos
from services.campaigns.photos import reuse
from services.campaigns.places import consumers
from services.campaigns.points import api as points
from services.campaigns.points import leaderboard_api as leaderboard
from services.campaigns.policy import api as policy
from services.campaigns.printed import api as printed
from services.campaigns.printed.town import Town
from services.campaigns.profiles import api as profiles
from services.campaigns.retention import RULES
from services.campaigns.screening.thresholds import thresholds
from services.campaigns.study import api as study
from services.campaigns.study import facts as study_facts
from services.campaigns.study import plan_api
from services.campaigns.suggestions import api as suggestions
from services.campaigns.templates import api as templates
from services.campaigns.videos import api as videos
from services.campaigns.visits import api as visits
from services.campaigns.visits import telling
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.shops import shops
from services.campaigns.watch import api as watch
from services.campaigns.watch import mangrove
from services.campaigns.watch.clock import Watch
from services.campaigns.webhooks import api as webhooks
from services.campaigns.webhooks import log_api as webhook_log
from services.campaigns.webhooks import queue as webhook_queue
from services.campaigns.webhooks.sending import Sending
from services.campaigns.webhooks.settings import WebhookSettings
from services.campaigns.webmentions import api as webmentions
from services.campaigns.webmentions.clock import Webmentions


def _erased(erasure_id: UUID) -> PersonalDataErased:
    return PersonalDataErased(city_id=EVERYWHERE, erasure_id=erasure_id)


HISTORY = history(
    *use_cases.HISTORY,
    *enrol.HISTORY,
    *facts.HISTORY,
    *editing.HISTORY,
    *following.HISTORY,
    *answering.HISTORY,
    *reuse.HISTORY,
    *progress.HISTORY,
    *telling.HISTORY,
    *decisions.HISTORY,
    *waiting.HISTORY,
    *thanks.HISTORY,
    *seen_elsewhere.HISTORY,
    *erasure.history(_erased),
)


class CampaignsSettings(FileSettings, WebhookSettings, ConnectionSettings):
    """What this service is told by its environment."""

    service_name: str = "campaigns"
    directory_url: str = "http://127.0.0.1:8101"
    """Where the names of shops and cities are asked for, for what is printed."""

    mangrove_url: str = mangrove.API
    """Where reviews of places are read, where a city watches them."""

    @model_validator(mode="after")
    def _thresholds_are_right(self) -> "CampaignsSettings":
        thresholds()  # a wrong one ends the process now, not the first review
        return self


def build(settings: CampaignsSettings) -> Service:
    """The service, wired; nothing is opened yet."""
    database, files = Database(settings), Files(settings)
    codes = destinations(database, settings.public_url)
    counter = VisitCounter(database, utc_now)
    town, outside = Town(settings.directory_url), Outside.of(settings)
    pages = Outside.of(settings, own_networks=False)
    seal = settings.webhook_seal()

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        await files.check()
        yield
        await counter.close()
        await town.close()
        await outside.close()
        await pages.close()

    return Service(
        "campaigns",
        settings,
        database,
        routers=_routers(
            settings,
            database,
            files=files,
            codes=codes,
            counter=counter,
            town=town,
            outside=outside,
            pages=pages,
        ),
        consumers=[
            consumers.places(),
            sessions.sessions(),
            *study_facts.consumers(),
            accepted(utc_now),
            webhook_queue.consumer(utc_now),
            erasure.consumer("campaigns", PersonErasureRequested, _erased, HOLDINGS),
        ],
        holdings=HOLDINGS,
        retention=RULES,
        jobs=[
            Job("campaigns clock", partial(clock.run, database)),
            Job("dashboard", partial(counting.run, database)),
            Job("open data", partial(closing.run, database)),
            Job("telling visits", partial(telling.run, database)),
            Job("moderation queues", partial(waiting.run, database)),
            Job("weeks of ambassadors", partial(thanks.run, database)),
            *_looking(settings, database, outside, pages),
            *_connected(settings, database, outside),
            Job("files swept", partial(keeping.run, database, files)),
            *([Job("webhooks", Sending(database, outside, seal, utc_now).run)] if seal else []),
        ],
        republish=HISTORY,
        lifespan=lifespan,
        untraced=(PATH,),
        description="Campaigns of cities, their ambassadors, and what these contribute to merchants.",
    )


def _looking(settings: CampaignsSettings, database: Database, outside: Outside, pages: Outside) -> list[Job]:
    """At what officers chose, in the operator's own networks too; at what strangers named, not there."""
    mentions = Webmentions(database, pages, utc_now, settings.public_url)
    watching = Watch(
        database,
        outside,
        utc_now,
        pages=pages,
        public_url=settings.public_url,
        mangrove_api=settings.mangrove_url,
    )
    return [
        Job("open sources", partial(leases.run, "open sources", watching.look_once)),
        Job("pages that mention shops", partial(leases.run, "webmentions", mentions.look_once)),
    ]


def _connected(settings: CampaignsSettings, database: Database, outside: Outside) -> list[Job]:
    """Without keys no account was ever connected."""
    seal = settings.seal()
    if seal is None:
        return []
    reading = Connections(database, settings.connectors(outside, database), seal, utc_now)
    return [Job("connected accounts", partial(leases.run, "connected accounts", reading.look_once))]


def _routers(
    settings: CampaignsSettings,
    database: Database,
    *,
    files: Files,
    codes: Destinations,
    counter: VisitCounter,
    town: Town,
    outside: Outside,
    pages: Outside,
) -> list[APIRouter]:
    shops_to_reach = members(database)
    return [
        redirect_api.router(codes, counter),  # tried first: the most requests are its
        moderation_in_public.router,
        corrections.router,
        contributions.router,  # behind the two whose paths it would take for a contribution's id
        lifecycle.router,
        changes.router,
        cities.router,
        taking_part.router,
        templates.router,
        goals.router,
        opt_outs.router,
        initiatives.router,
        policy.router,
        enrolments.router,
        officers_api.router,
        contributors_api.router,
        links.router(codes, settings.public_url),
        visits.router(counter, shops(database)),
        plan_api.router,
        edits.router,
        answers.router,
        follows.router,
        profiles.router(town),
        counts_elsewhere.router,
        posts_elsewhere.router,
        handed_in.router,
        reported_elsewhere.router,
        glance.router,
        suggestions.router,
        photos.router(files),
        videos.router,
        served_files.router(files),
        printed.router(town, settings.public_url),
        study.router,
        moderation.router,
        moderation_pictures.router(files),
        points.router,
        leaderboard.router,
        dashboard.router(shops_to_reach),
        exports.router(shops_to_reach),
        open_data.router(settings.public_url),
        watch.router(outside),
        webhooks.router(settings.webhook_seal()),
        webhook_log.router,
        webmentions.router(pages, settings.public_url),
        connections.router(settings.connectors(outside, database), settings.seal()),
    ]
