"""What citizens are asked for: each thing with what the policy check says of it, before it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import part
from services.portal.reader import Reader
from services.portal.staff.planning.campaign import Judgement, Planned, Refusal, read_plan, revise
from services.portal.staff.planning.step_pages import on, step_page
from services.portal.visitors import Door, Visitor, see_other

REWARDS = ("none", "points", "benefit", "contest", "prize-draw")


class Policy(Struct):
    judgements: list[Judgement]

    def of(self, platform: str, action: str, reward: str) -> Judgement | None:
        """What becomes of that; None where it is nothing that can be asked for."""
        wanted = (platform, action, reward)
        found = (each for each in self.judgements if (each.platform, each.action, each.reward) == wanted)
        return next(found, None)

    @property
    def by_thing(self) -> dict[tuple[str, str], dict[str, str]]:
        """The verdict by reward, for each action on each platform."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        for each in self.judgements:
            found.setdefault((each.platform, each.action), {})[each.reward] = each.verdict
        return found


def add_asks(routes: APIRouter, door: Door) -> None:
    """One page: what is asked, what could be, and why not otherwise."""

    @routes.api_route("/{campaign_id}/edit/asks", methods=["GET", "HEAD"])
    async def show_asks(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """With `what` and `reward`, what the policy check says of that."""

        async def work(visitor: Visitor) -> Response:
            return await _shown(door, visitor, campaign_id, dict(request.query_params), Refusal())

        return await door.enter(request, reader, work)

    @routes.post("/{campaign_id}/edit/asks", dependencies=[OF_THIS_SITE])
    async def change_asks(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """Ask for one thing more or less, or state on what a draw of lots rests."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            plan = await read_plan(visitor, campaign_id)
            if form.get("do") == "next":
                return on(plan, reader, "asks", form)
            body = await _body(visitor, plan.campaign, form)
            if isinstance(body, Refusal):
                return await _shown(door, visitor, campaign_id, form, body)
            refusal = await revise(visitor, campaign_id, body, form.get("version", ""))
            if refusal is not None:
                return await _shown(door, visitor, campaign_id, form, refusal)
            return see_other(reader.path, reader, done="saved")

        return await door.enter(request, reader, work)


async def _body(visitor: Visitor, campaign: Planned, form: Mapping[str, str]) -> dict[str, Any] | Refusal:
    """What is to change, or why that cannot be."""
    asks = [_ask(each) for each in campaign.policy]
    platform, _, action = form.get("what", "").partition("/")
    same = [each for each in asks if (each["platform"], each["action"]) == (platform, action)]
    match form.get("do"):
        case "remove":
            return {"asks": [each for each in asks if each not in same]}
        case "ground":
            return {"legal_ground": form.get("legal_ground", "").strip()}
    policy = await _policy(visitor, campaign)
    found = policy.of(platform, action, form.get("reward", ""))
    if found is None:
        return Refusal({"what": "choose"})
    if same:
        return Refusal({"what": "twice"})
    if found.is_refused:
        return Refusal({"reward": "policy"})
    return {"asks": [*asks, _ask(found)]}


def _ask(judged: Judgement) -> dict[str, Any]:
    return {
        "platform": judged.platform,
        "action": judged.action,
        "reward": judged.reward,
        "least_stars": judged.least_stars,
        "only_satisfied": judged.only_satisfied,
    }


async def _policy(visitor: Visitor, campaign: Planned) -> Policy:
    ground = "true" if campaign.legal_ground else "false"
    return await visitor.shaped(Policy, "campaigns", "/api/v1/campaign-policy", legal_ground=ground)


async def _shown(
    door: Door, visitor: Visitor, campaign_id: UUID, form: Mapping[str, str], refusal: Refusal
) -> Response:
    plan = await read_plan(visitor, campaign_id)
    policy = await part(_policy(visitor, plan.campaign))
    platform, _, action = form.get("what", "").partition("/")
    looked_at = policy.of(platform, action, form.get("reward", "")) if policy else None
    shown: dict[str, Any] = {"policy": policy, "rewards": REWARDS, "looked_at": looked_at}
    form = {"legal_ground": plan.campaign.legal_ground or "", **form}
    return step_page(door, visitor, plan, "asks", form=form, refusal=refusal, **shown)
