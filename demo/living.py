"""Lets the demo town live through the weeks that `weeks.py` plans, through the gateway like anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from demo import town, weeks
from demo.gateway import Gateway, accepted
from demo.weeks import Action

CONSULTANT = "anna"
FIRST_ASSESSED = timedelta(days=weeks.told()["progress"]["first_days_ago"])
_ANSWERED_AFTER, _REPORTED_BEFORE = timedelta(days=2), timedelta(hours=6)
_VISITED = "Au Pain Doré"
_BROWSERS = [
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0 Safari/537.36"
    for system in ("Linux; Android 16; K", "iPhone; CPU iPhone OS 19_1 like Mac OS X", "X11; Linux x86_64")
    for version in range(138, 143)
]


def at(when: datetime) -> dict[str, str]:
    """The header of a request that is made at that time (decision 0042)."""
    return {"Demo-Time": when.isoformat()}


async def is_past(gateway: Gateway, merchants: dict[str, str]) -> bool:
    """Whether the town has its weeks behind it: the last thing of them is a second assessment."""
    marc = _assessed(merchants)
    taken = await gateway.read("/api/v1/assessments", person=town.ASSESSED, merchant=marc)
    return len(taken["items"]) > 1


async def live_through(gateway: Gateway, campaign: Any, merchants: dict[str, str], now: datetime) -> None:
    """Day by day, what happens on one at the same time; what is done already stays as it is."""
    begins = datetime.fromisoformat(campaign["started_at"])
    if now - begins < timedelta(days=1):
        return  # one that began today, of a town that was loaded without
    actions = weeks.plan(merchants, campaign["id"], begins, now)
    made: list[tuple[Action, str]] = []
    for _, of_day in groupby(actions, key=lambda action: action.at.date()):
        today = list(of_day)
        joined = [action for action in today if action.path.endswith("/ambassadors")]
        await _all(gateway, joined)
        made += await _all(gateway, [action for action in today if action not in joined])
    await _answer(gateway, made, now)
    await _report(gateway, made, merchants, now - _REPORTED_BEFORE)
    await _visit(gateway, merchants)


async def _all(gateway: Gateway, actions: Sequence[Action]) -> list[tuple[Action, str]]:
    """Each with the id of what it made; without those that were done before."""

    async def one(action: Action) -> tuple[Action, str] | None:
        key = str(uuid5(NAMESPACE_URL, f"{action.at} {action.person} {action.path} {action.body}"))
        request = action.request()
        headers = {**at(action.at), **request.pop("headers", {})}
        answer = await gateway.ask(
            action.method,
            action.path,
            person=action.person,
            key=key if action.method == "POST" else None,
            headers=headers,
            **request,
        )
        if answer.status_code == 409:
            return None
        return action, str(accepted(answer).get("id"))

    done = await asyncio.gather(*map(one, actions))
    return [each for each in done if each is not None]


async def _answer(gateway: Gateway, made: Sequence[tuple[Action, str]], now: datetime) -> None:
    owners = {owner.merchant: owner.person for owner in town.OWNERS}
    said = {shop["answered"]: name for name, shop in weeks.told()["shops"].items() if "answered" in shop}
    answers = [
        Action(
            min(action.at + _ANSWERED_AFTER, now),
            owners[said[action.answers]],
            "POST",
            f"/api/v1/contributions/{review}/answer",
            {"text": action.answers},
        )
        for action, review in made
        if action.answers
    ]
    await _all(gateway, answers)


async def _report(
    gateway: Gateway, made: Sequence[tuple[Action, str]], merchants: dict[str, str], when: datetime
) -> None:
    for each in weeks.told()["reported"]:
        wanted = (merchants[each["shop"]], each["rating"])
        for action, review in made:
            if (action.body.get("merchant_id"), action.body.get("rating")) == wanted:
                body = {name: each[name] for name in ("ground", "text")}
                path = f"/api/v1/contributions/{review}/reports"
                await _all(gateway, [Action(when, town.AMBASSADORS[-1], "POST", path, body)])


async def _visit(gateway: Gateway, merchants: dict[str, str]) -> None:
    """Some who follow a link that was shared, today: visits are counted when they come."""
    body = {"merchant_id": merchants[_VISITED]}
    person = town.AMBASSADORS[0]
    link = accepted(
        await gateway.ask("POST", "/api/v1/share-links", person=person, key="demo-weeks-link", json=body)
    )
    path = "/" + str(link["address"]).split("/", 3)[3]
    for browser in _BROWSERS:
        await gateway.ask("GET", path, headers={"User-Agent": browser}, allow_redirects=False)


async def hold_session(gateway: Gateway, city: str, now: datetime) -> None:
    """A consultant held an awareness session, and entered the forms that were filled in there."""
    told = weeks.told()["session"]
    evening = (now - timedelta(days=told["days_ago"])).replace(hour=18, minute=0, second=0, microsecond=0)
    path = "/api/v1/town-sessions"
    body = {
        "city_id": city,
        "kind": "awareness",
        "title": told["title"],
        "place": told["place"],
        "starts_at": evening.isoformat(),
        "ends_at": (evening + timedelta(hours=2)).isoformat(),
        "capacity": 30,
    }
    asking = gateway.ask("POST", path, person=CONSULTANT, key=f"demo-session-{evening:%Y%m%d}", json=body)
    session = f"{path}/{accepted(await asking)['id']}"
    forms = {"forms": [{"answers": each} for each in told["forms"]]}
    accepted(await gateway.ask("POST", f"{session}/forms", person=CONSULTANT, key="demo-forms", json=forms))
    found = await gateway.ask("GET", session, person=CONSULTANT)
    held = {"participants": told["participants"]}
    expected = {"If-Match": found.headers["ETag"]}
    accepted(await gateway.ask("POST", f"{session}/hold", person=CONSULTANT, json=held, headers=expected))


async def make_progress(gateway: Gateway, merchants: dict[str, str]) -> None:
    """The owner who was assessed did some of what he was advised to, and looks again."""
    better = {name: each for name, each in weeks.told()["progress"].items() if isinstance(each, list)}
    name, version = town.QUESTIONNAIRE
    body = {
        "merchant_id": _assessed(merchants),
        "questionnaire": name,
        "version": version,
        "answers": town.ANSWERS | better,
    }
    accepted(
        await gateway.ask("POST", "/api/v1/assessments", person=town.ASSESSED, key="demo-progress", json=body)
    )


def _assessed(merchants: dict[str, str]) -> str:
    (shop,) = (owner.merchant for owner in town.OWNERS if owner.person == town.ASSESSED)
    return merchants[shop]
