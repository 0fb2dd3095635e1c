"""A campaign as those who plan it see it: its draft is kept by the campaigns' service alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import Answer, NotThere, part
from services.portal.shops import City, read_city
from services.portal.staff.entrance import OFFICER, Me
from services.portal.visitors import Visitor, problem_of

CAMPAIGNS = "/api/v1/campaigns"
DRAFT, SCHEDULED, RUNNING, ENDED = "draft", "scheduled", "running", "ended"
FIGURES = ("ambassadors", "active-ambassadors", "reviews", "photos", "videos", "shares", "merchants-reached")
"""What a rule for going on may be about; a goal may be any of them but the active ambassadors."""
_HISTORY = 10


class Texts(Struct):
    name: str
    description: str = ""


class GoIf(Struct):
    figure: str
    at_least: int


class Goal(Struct):
    figure: str
    target: int


class Source(Struct):
    title: str
    address: str | None = None

    @property
    def web(self) -> str | None:
        """Where it is to be read, where that is an address of the web."""
        return self.address if self.address and self.address.startswith("https://") else None


class Rule(Struct):
    key: str
    text: str
    sources: list[Source]


class Judgement(Struct):
    """Something that is asked of citizens, and what the policy check says of it."""

    platform: str
    action: str
    reward: str
    verdict: str
    rules: list[Rule]
    least_stars: int | None = None
    only_satisfied: bool = False

    @property
    def is_refused(self) -> bool:
        return self.verdict == "refused"


class Evaluation(Struct):
    at: datetime
    verdict: str
    conclusion: str


class Planned(Struct):
    """All of it."""

    id: UUID
    city_id: UUID
    name: str
    languages: list[str]
    texts: dict[str, Texts]
    starts_at: datetime
    ends_at: datetime
    district_ids: list[UUID]
    kinds: list[str]
    merchant_ids: list[UUID]
    question: str | None
    go_if: list[GoIf]
    goals: list[Goal]
    approval: bool
    legal_ground: str | None
    policy: list[Judgement]
    state: str
    version: int
    evaluation: Evaluation | None = None

    @property
    def own(self) -> Texts:
        """In the campaign's own language."""
        return self.texts[self.languages[0]]

    @property
    def is_draft(self) -> bool:
        return self.state == DRAFT

    @property
    def is_open(self) -> bool:
        """Whether anything of it still changes."""
        return self.state in (DRAFT, SCHEDULED, RUNNING)

    @property
    def lacks(self) -> list[str]:
        """The steps without which it cannot be announced."""
        found = ["what"] if self.question and not self.go_if else []
        return found + (["asks"] if any(each.is_refused for each in self.policy) else [])


class FieldChange(Struct):
    before: Any = None
    after: Any = None


class Change(Struct):
    version: int
    state: str
    at: datetime
    changes: dict[str, FieldChange]


class Changes(Struct):
    items: list[Change]


@dataclass(frozen=True)
class Plan:
    """The campaign, what was changed in it so far, and whose it is."""

    campaign: Planned
    history: list[Change]
    city: City | None
    is_officer: bool
    """Whether they run the city, too, and not a district of it alone."""


@dataclass(frozen=True)
class Refusal:
    """Why a step was not saved."""

    faults: Mapping[str, str] = field(default_factory=dict)
    """By the field of the form, the name of what is wrong; under "" what concerns no single one."""
    meanwhile: list[Mapping[str, Any]] = field(default_factory=list)
    """What somebody else changed since the form was opened, the newest first."""


async def read_plan(visitor: Visitor, campaign_id: UUID) -> Plan:
    """For those who run it, and only for them. Raises NotThere, Unanswered."""
    path = f"{CAMPAIGNS}/{campaign_id}"
    campaign, changes, me = await asyncio.gather(
        visitor.shaped(Planned, "campaigns", path),
        visitor.shaped(Changes, "campaigns", f"{path}/changes", limit=_HISTORY),
        part(visitor.shaped(Me, "directory", "/api/v1/people/me")),
    )
    city = await part(read_city(visitor.neighbours, campaign.city_id))
    return Plan(campaign, changes.items, city, me is None or campaign.city_id in me.cities(OFFICER))


async def revise(
    visitor: Visitor, campaign_id: UUID, body: Mapping[str, Any], version: str
) -> Refusal | None:
    """Save what was changed of the version that the form showed. Raises NotThere, Unanswered."""
    path = f"{CAMPAIGNS}/{campaign_id}"
    return refusal_of(await visitor.write("PATCH", "campaigns", path, body, etag=etag_of(version)))


async def move(visitor: Visitor, campaign_id: UUID, wish: str, version: str) -> Refusal | None:
    """Schedule, start or end it. Raises NotThere, Unanswered."""
    path = f"{CAMPAIGNS}/{campaign_id}/{wish}"
    return refusal_of(await visitor.write("POST", "campaigns", path, etag=etag_of(version)))


def etag_of(version: str) -> str:
    """What a change must match; that of no version where the form says nothing of the kind."""
    return f'"{version}"' if version.isdecimal() and len(version) < 10 else '"0"'


def refusal_of(answer: Answer) -> Refusal | None:
    """What is wrong with it, by the fields of our forms; None where it was done. Raises NotThere."""
    if answer.status < 400:
        return None
    if answer.status == 412:
        return Refusal({"": "changed"}, list(answer.body.get("meanwhile") or []))
    if answer.status == 403 and answer.body.get("field"):
        return Refusal({place_of(str(answer.body["field"])): "citys"})
    if answer.status in (401, 403, 404):
        raise NotThere(f"HTTP {answer.status}")
    kind = problem_of(answer)
    if kind == "policy-refuses":
        return Refusal({"": "policy"})
    told = answer.body.get("errors") or [answer.body]
    fault = "holds" if kind == "announced-plan-holds" else "invalid" if answer.status == 422 else "refused"
    return Refusal({place_of(str(each.get("field") or "")): fault for each in told})


def place_of(name: str) -> str:
    """The field of a form for the field of a plan."""
    first, _, rest = name.removeprefix("body.").partition(".")
    if first == "translations" and rest:
        return f"name-{rest.partition('.')[0]}"
    return {"starts_at": "start_day", "ends_at": "end_day"}.get(first, first)
