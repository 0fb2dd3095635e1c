"""What cities' own systems can be told of: event types with their schemas, without what leads to a person.

A type is the event's on the bus, with `_` for `-`: the specification wants no other character.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from contracts.campaigns import moderation, photos, v1
from contracts.envelope import EVERYWHERE, Fact

OFFERED: tuple[type[Fact], ...] = (
    v1.CampaignScheduled,
    v1.CampaignStarted,
    v1.CampaignExtended,
    v1.CampaignEnded,
    v1.GoalReached,
    v1.AmbassadorEnrolled,
    v1.AmbassadorReviewPosted,
    v1.AmbassadorPhotoPosted,
    v1.AmbassadorVideoPosted,
    v1.AmbassadorShared,
    v1.MerchantFollowed,
    v1.MerchantUnfollowed,
    v1.ContributionEdited,
    v1.ContributionWithdrawn,
    v1.MerchantAnswered,
    v1.MerchantAnswerRemoved,
    photos.ContributionPhotoReused,
    moderation.ContributionModerated,
    moderation.ContributionReinstated,
    moderation.ModerationQueueWaited,
    v1.ShareLinkVisitsCounted,
    v1.SeenElsewhere,
    v1.SeenElsewhereTakenBack,
)
"""Not offered: what is decided about people (held, reported, ModerationDecided), and erasures."""
LEFT_OUT = frozenset({"contributor_id", "enrolment_id", "following_id"})
"""One person's, under a pseudonym: who receives it could tell what else they did, and could not forget it."""
TEST = "webhooks.test.v1"


@dataclass(frozen=True)
class EventType:
    """One that an endpoint can ask for."""

    name: str
    told: str
    """When, in a sentence."""
    schema: dict[str, Any]
    """JSON Schema of `data`."""


def name_of(fact: type[Fact]) -> str:
    """Its type, as it is written in a webhook."""
    return fact.TYPE.replace("-", "_")


@cache
def event_types() -> dict[str, EventType]:
    """All, by name."""
    return {name_of(fact): _described(fact) for fact in OFFERED}


def body_of(fact: Fact, at: datetime) -> bytes:
    """What is sent: type, time and data, the same to the byte whenever it is."""
    data = {name: value for name, value in msgspec.to_builtins(fact).items() if name not in LEFT_OUT}
    return encoded(name_of(type(fact)), at, data)


def encoded(name: str, at: datetime, data: dict[str, Any]) -> bytes:
    """The payload of the specification."""
    return msgspec.json.encode({"type": name, "timestamp": at, "data": data})


def cities_of(fact: Fact) -> frozenset[Any]:
    """Whose it is: that of the fact, and those that run the campaign with it."""
    return frozenset({fact.city_id, *getattr(fact, "city_ids", ())}) - {EVERYWHERE}


def _described(fact: type[Fact]) -> EventType:
    schema = msgspec.json.schema(fact)
    definition = schema["$defs"][fact.__name__]
    shown = {name: each for name, each in definition["properties"].items() if name not in LEFT_OUT}
    required = [name for name in definition.get("required", ()) if name not in LEFT_OUT]
    told = " ".join((fact.__doc__ or "").split("\n\n")[0].split())
    others = {name: each for name, each in schema["$defs"].items() if name != fact.__name__}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": shown,
        "required": required,
        **({"$defs": others} if others else {}),
    }
    return EventType(name_of(fact), told, whole)
