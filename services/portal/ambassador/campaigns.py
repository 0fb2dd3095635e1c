"""The campaign that somebody's contributions to a shop would count for, and joining it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.portal.neighbours import Answer
from services.portal.visitors import Visitor, problem_of

PATH = "/api/v1/campaigns"
AGES = ("13_to_17", "18_or_older")


@dataclass(frozen=True)
class Part:
    """A campaign and somebody's part in it."""

    campaign: Mapping[str, Any]
    pledge: Mapping[str, Any]
    """What whoever joins accepts."""
    enrolment: Mapping[str, Any] | None
    """None for who has not joined."""

    @property
    def id(self) -> str:
        return str(self.campaign["id"])

    def name(self, language: str) -> str:
        return str(text_of(self.campaign, language)["name"])


def text_of(campaign: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Its name and description in that language, or as they were first written."""
    return dict(campaign["texts"].get(language) or campaign)


async def part_in(visitor: Visitor, campaign_id: str) -> Part | None:
    """The campaign of that id; None where there is none. Raises Unanswered."""
    campaign = await visitor.found("campaigns", f"{PATH}/{campaign_id}")
    return await _part(visitor, campaign) if campaign else None


async def part_at(visitor: Visitor, shop: Mapping[str, Any]) -> Part | None:
    """The first running campaign of the shop's city in which it takes part. None, too, where nobody tells.

    Which one counts is decided by the service when something is posted: this chooses what is offered.
    """
    told = await visitor.part("campaigns", PATH, city=shop["city_id"], state="running", limit=20)
    fitting = [each for each in (told or {}).get("items", ()) if _takes_part(shop, each)]
    return await _part(visitor, min(fitting, key=lambda each: str(each["ends_at"]))) if fitting else None


async def join(visitor: Visitor, campaign_id: str, form: Mapping[str, str], attempt: str) -> str | None:
    """Become an ambassador; None once done, or what hinders it: `pledge`, `age`, `over`, `refused`."""
    if not form.get("pledge", "").isdigit():
        return "pledge"
    if form.get("age") not in AGES:
        return "age"
    body: dict[str, Any] = {"pledge": int(form["pledge"]), "age": form["age"], "language": visitor.language}
    if introduction := form.get("introduction", "").strip():
        body["introduction"] = introduction
    answer = await visitor.write(
        "POST", "campaigns", f"{PATH}/{campaign_id}/ambassadors", body, attempt=attempt
    )
    return None if answer.status in {200, 201} else _fault_of(answer)


def _fault_of(answer: Answer) -> str:
    match problem_of(answer):
        case "campaign-not-open":
            return "over"
        case "pledge-changed":
            return "pledge"
        case _:
            return "refused"


async def _part(visitor: Visitor, campaign: Mapping[str, Any]) -> Part:
    pledge, enrolment = await asyncio.gather(
        visitor.read("campaigns", "/api/v1/campaign-pledge"),
        visitor.found("campaigns", f"{PATH}/{campaign['id']}/ambassadors/me"),
    )
    return Part(campaign, pledge.body, enrolment)


def _takes_part(shop: Mapping[str, Any], campaign: Mapping[str, Any]) -> bool:
    districts, kinds = set(campaign["district_ids"]), campaign["kinds"]
    return (
        (not districts or not districts.isdisjoint(shop["district_ids"]))
        and (not kinds or shop["kind"] in kinds)
        and (not campaign["merchant_ids"] or shop["id"] in campaign["merchant_ids"])
    )
