"""Notifications, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from chassis import erasure
from chassis.clock import Clock, utc_now
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.erasure_on_bus import OnTheBus
from chassis.fetching import Outside
from chassis.history import history
from chassis.service import Job, Service
from chassis.signing_keys import KeySource
from contracts.directory.v1 import PersonErasureRequested
from contracts.envelope import EVERYWHERE
from contracts.notifications.v1 import PersonalDataErased
from services.notifications.addressing.job import Addressing
from services.notifications.addressing.who import Who
from services.notifications.advice.first_step import advice_consumer
from services.notifications.advice.offers import offers_consumer
from services.notifications.audience import rebuild_api
from services.notifications.audience import stream_api as audience_stream
from services.notifications.audience.api import router as audience
from services.notifications.audience.consumers import audience_consumers
from services.notifications.audience.figures_api import router as figures
from services.notifications.audience.live import LiveAudiences
from services.notifications.channels.channel import Channel
from services.notifications.channels.mail import MailChannel
from services.notifications.channels.push import PushChannel
from services.notifications.delivery import facts, preview_api
from services.notifications.delivery.contacts import Contacts
from services.notifications.delivery.dispatch import Dispatch
from services.notifications.delivery.log_api import router as delivery_log
from services.notifications.delivery.preferences_api import router as preferences
from services.notifications.delivery.unsubscribe_api import router as unsubscribe
from services.notifications.devices import api as devices_api
from services.notifications.elsewhere.seen import elsewhere_consumer
from services.notifications.feed import reading
from services.notifications.feed import stream_api as feed_stream
from services.notifications.feed.api import merchants_feed, own_feed
from services.notifications.feed.live import LiveFeeds
from services.notifications.growth.api import router as growth
from services.notifications.mails import api as mails_api
from services.notifications.mails.writer import MailWriter
from services.notifications.merchants.consumers import merchants_consumer
from services.notifications.milestones import reaction
from services.notifications.milestones.consumers import reactions
from services.notifications.milestones.looks import Looks
from services.notifications.people.consumers import people_consumer
from services.notifications.people.requests import requests_consumer
from services.notifications.personal_data import HOLDINGS
from services.notifications.retention import RULES
from services.notifications.settings import NotificationsSettings
from services.notifications.suppression import api as suppression_api
from services.notifications.suppression.intake import Intake
from services.notifications.suppression.storage import Suppression


def _erased(erasure_id: UUID) -> PersonalDataErased:
    return PersonalDataErased(city_id=EVERYWHERE, erasure_id=erasure_id)


HISTORY = history(*reaction.HISTORY, *facts.HISTORY, *reading.HISTORY, *erasure.history(_erased))


def _consumers(database: Database, audiences: LiveAudiences, clock: Clock) -> list[Consumer]:
    return [
        merchants_consumer(clock),
        *audience_consumers(database, audiences.changed),
        reactions(clock),
        advice_consumer(),
        offers_consumer(clock),
        people_consumer(clock),
        requests_consumer(clock),
        elsewhere_consumer(),
        erasure.consumer(
            "notifications", PersonErasureRequested, _erased, HOLDINGS, clock, figures_on_bus=True
        ),
    ]


def build(settings: NotificationsSettings, clock: Clock = utc_now, keys: KeySource | None = None) -> Service:
    """The service, wired and not yet started."""
    database = Database(settings)
    feeds, audiences = LiveFeeds(database), LiveAudiences(database, clock)
    writer = MailWriter(settings.sender, settings.public_url)
    contacts, who = Contacts(settings), Who(settings)
    suppression = Suppression(database, settings.service_secret)
    outside, push_key = Outside.of(settings, own_networks=False), settings.own_push_key
    channels: list[Channel[Any]] = [
        MailChannel(database, contacts, writer, settings.relay(), suppression, bounces=settings.bounces),
        *([PushChannel(database, outside, push_key)] if push_key else ()),
    ]
    intake = Intake(settings.bounces, settings.bounce_host, settings.bounce_port, suppression, clock=clock)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        yield
        await feeds.close()
        await audiences.close()
        await outside.close()
        await contacts.close()  # not where the mail job ends: one that died is run again
        await who.close()

    return Service(
        "notifications",
        settings,
        database,
        routers=[
            rebuild_api.router(settings),
            audience,
            figures,
            growth,
            audience_stream.router(audiences),
            feed_stream.router(feeds),
            merchants_feed,
            own_feed,
            preferences,
            preview_api.router(writer),
            devices_api.router(push_key, outside),
            delivery_log,
            unsubscribe,
            suppression_api.router(suppression),
            mails_api.router(writer, settings.relay()),
        ],
        consumers=_consumers(database, audiences, clock),
        holdings=HOLDINGS,
        retention=RULES,
        jobs=[
            *(Job(each.name, Dispatch(database, each, clock=clock).run) for each in channels),
            Job("bounces", intake.run),
            Job("addressing", Addressing(database, who, clock).run),
            Job("looks", Looks(database, clock).run),
            Job("erasures on the bus", OnTheBus(database, settings, _erased).run),
        ],
        republish=HISTORY,
        lifespan=lifespan,
        keys=keys,
        clock=clock,
        description="Every merchant's audience, its milestones, the feed, and mails to those who agreed.",
    )
