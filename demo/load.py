"""Loads the demo town through the gateway: `python -m demo.load --gateway http://127.0.0.1:8080`.

Loading twice adds nothing: each step looks at what is there, and posts under a key that stays the same.
Only a campaign that has ended is followed by another one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from demo import advice, living, stray, town
from demo.effects import wait_until_published, wait_until_read
from demo.gateway import Gateway, NoAnswer, Refused, accepted

PATIENCE = 30.0
"""Seconds for services to hear of each other: a merchant just listed is unknown elsewhere for a moment."""
UNKNOWN_YET = frozenset({404, 422})
_TRIES = 3


async def load(url: str, weeks: int = 0) -> list[str]:
    """Load the town, with so many weeks behind it where it is new; returns lines that say what is there.

    Raises NoAnswer or Refused.
    """
    now = datetime.now(UTC)
    begins = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(weeks=weeks)
    async with Gateway(url, connections=16) as gateway:
        city = await join(gateway)
        await draw_districts(gateway, city)
        report = await import_merchants(gateway, city)
        merchants = await merchant_ids(gateway, city)
        await claim(gateway, merchants)
        await wait_until_published(gateway, "directory", PATIENCE)
        await wait_until_read(gateway, "notifications", "notifications__merchants", PATIENCE)
        await wait_until_read(gateway, "campaigns", "campaigns__places", PATIENCE)
        await wait_until_read(gateway, "assessment", "assessment__merchants", PATIENCE)
        await choose_mail(gateway, merchants)
        campaign = await run_campaign(gateway, city, begins)
        if weeks and not await living.is_past(gateway, merchants):
            await living.live_through(gateway, campaign, merchants, now)
            await living.hold_session(gateway, city, now)
            await advice.arrange(gateway, city, merchants, now)
            await assess(gateway, merchants, now - living.FIRST_ASSESSED)
            await stray.leave(city, merchants[town.OWNERS[0].merchant])
            await living.make_progress(gateway, merchants)
        await contribute(gateway, campaign["id"], merchants)
        await assess(gateway, merchants)
    listed = report["totals"]
    return [
        f"Habay: {listed['features'] - listed['left_out']} merchants ({listed['listed']} new), "
        f"{len(town.DISTRICTS)} districts",
        f"Campaign “{campaign['name']}” runs until {campaign['ends_at'][:10]}",
    ]


async def join(gateway: Gateway) -> str:
    """The id of the city, which takes part from now on."""
    found = await gateway.read("/api/v1/cities", nis_code=town.NIS_CODE)
    if found["items"]:
        return str(found["items"][0]["id"])
    body = {"nis_code": town.NIS_CODE, "responsible": town.RESPONSIBLE}
    city = accepted(
        await gateway.ask("POST", "/api/v1/cities", person=town.OPERATOR, key="demo-city", json=body)
    )
    gateway.forget_token_of(town.OFFICER)  # she becomes its officer now
    return str(city["id"])


async def draw_districts(gateway: Gateway, city: str) -> None:
    """Those that are not there yet, by name."""
    path = f"/api/v1/cities/{city}/districts"
    drawn = {district["name"] async for district in gateway.read_all(path)}
    for name, coordinates in town.DISTRICTS.items():
        if name not in drawn:
            body = {"name": name, "polygon": {"type": "Polygon", "coordinates": coordinates}}
            accepted(
                await gateway.ask(
                    "POST", path, person=town.OFFICER, key=f"demo-district-{_key(name)}", json=body
                )
            )


async def import_merchants(gateway: Gateway, city: str) -> Any:
    """The town's map extract; importing it again changes nothing."""
    return accepted(
        await gateway.ask(
            "POST",
            f"/api/v1/cities/{city}/imports",
            person=town.OFFICER,
            data=town.extract(),
            headers={"Content-Type": "application/geo+json"},
        )
    )


async def merchant_ids(gateway: Gateway, city: str) -> dict[str, str]:
    """Ids of the town's merchants by name."""
    listed = {
        each["source"]["id"]: each["id"] async for each in gateway.read_all("/api/v1/merchants", city=city)
    }
    return {name: listed[source] for name, source in town.source_ids().items() if source in listed}


async def claim(gateway: Gateway, merchants: dict[str, str]) -> None:
    """The owners run their merchants' accounts from now on."""
    for owner in town.OWNERS:
        token = await gateway.token_of(owner.person)
        if merchants[owner.merchant] not in token.merchants:
            path = f"/api/v1/merchants/{merchants[owner.merchant]}/claim"
            body = {"person_id": token.person_id}
            accepted(await gateway.ask("POST", path, person=town.OFFICER, json=body))
            gateway.forget_token_of(owner.person)


MAIL_AT_ONCE = {"quiet_from": None, "quiet_to": None, "holidays": True, "most_a_day": 50, "unread_for": 0}
"""In a demonstration nobody waits an hour, or for the morning."""


async def choose_mail(gateway: Gateway, merchants: dict[str, str]) -> None:
    """The owners agree to mails, each in their language; what they chose since stays."""
    for owner in town.OWNERS:
        path = f"/api/v1/notifications/preferences/{merchants[owner.merchant]}"
        chosen = await once_known(partial(gateway.ask, "GET", path, person=owner.person))
        if chosen.headers.get("ETag") == '"0"':
            body = {"mail": True, "language": owner.language, "choices": MAIL_AT_ONCE}
            accepted(
                await gateway.ask("PUT", path, person=owner.person, json=body, headers={"If-Match": '"0"'})
            )


async def run_campaign(gateway: Gateway, city: str, begins: datetime) -> Any:
    """The campaign, running now: the one there is, or a new one since `begins` where the last has ended."""
    path = "/api/v1/campaigns"
    ours = [
        each
        async for each in gateway.read_all(path, person=town.OFFICER, city=city)
        if each["name"] == town.CAMPAIGN
    ]
    running = [each for each in ours if each["state"] == "running"]
    if running:
        return running[0]
    open_ones = [each for each in ours if each["state"] in ("draft", "scheduled")]
    for number in range(len(ours) + 1, len(ours) + 1 + _TRIES):
        campaign = open_ones.pop() if open_ones else await _draft(gateway, city, begins, number)
        path_of_it = f"{path}/{campaign['id']}"
        for step in ("schedule", "start"):
            answer = await gateway.ask(
                "POST", f"{path_of_it}/{step}", person=town.OFFICER, headers=living.at(begins)
            )
            if answer.status_code != 409:  # it came that far before, or the clock was quicker
                accepted(answer)
        campaign = await gateway.read(path_of_it, person=town.OFFICER)
        if datetime.fromisoformat(campaign["started_at"]) < begins + timedelta(days=1):
            break
        # The service's own clock started it first, today: there is another one for the weeks behind us.
        accepted(await gateway.ask("POST", f"{path_of_it}/end", person=town.OFFICER))
    return campaign


async def _draft(gateway: Gateway, city: str, begins: datetime, number: int) -> Any:
    body = {
        "city_id": city,
        "name": town.CAMPAIGN,
        "description": town.DESCRIPTION,
        "languages": ["fr", "nl", "de"],
        "asks": [{"platform": platform, "action": action} for platform, action in town.ASKS],
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(days=town.CAMPAIGN_DAYS)).isoformat(),
    }
    key = f"demo-campaign-{number}-{begins:%Y-%m-%d}"
    return accepted(
        await gateway.ask(
            "POST", "/api/v1/campaigns", person=town.OFFICER, key=key, json=body, headers=living.at(begins)
        )
    )


async def contribute(gateway: Gateway, campaign: str, merchants: dict[str, str]) -> None:
    """The ambassadors join, and do what they have not done yet."""
    done = set()
    for person in town.AMBASSADORS:
        path, key = f"/api/v1/campaigns/{campaign}/ambassadors", f"join-{campaign}"
        accepted(await gateway.ask("POST", path, person=person, key=key, json=town.JOINING))
        async for each in gateway.read_all("/api/v1/contributions/mine", person=person):
            done.add((person, each["merchant_id"], each["kind"], each.get("channel")))
    for each in town.CONTRIBUTIONS:
        merchant = merchants[each.merchant]
        effect = (each.person, merchant, each.kind, each.body.get("channel"))
        if effect not in done:
            await _post(gateway, each, merchant, key=_key("demo", *filter(None, effect)))


async def _post(gateway: Gateway, contribution: town.Contribution, merchant: str, key: str) -> None:
    path = f"/api/v1/contributions/{contribution.kind}s"
    body = {"merchant_id": merchant, **contribution.body}
    answer = await once_known(
        lambda: gateway.ask("POST", path, person=contribution.person, key=key, json=body)
    )
    accepted(answer)


async def assess(gateway: Gateway, merchants: dict[str, str], when: datetime | None = None) -> None:
    """One owner took the assessment, so that advice comes with the next notification; now, or then."""
    owner = next(each for each in town.OWNERS if each.person == town.ASSESSED)
    merchant = merchants[owner.merchant]
    path = "/api/v1/assessments"
    known = await once_known(
        lambda: gateway.ask("GET", path, person=owner.person, params={"merchant": merchant})
    )
    if accepted(known)["items"]:
        return
    name, version = town.QUESTIONNAIRE
    body = {"merchant_id": merchant, "questionnaire": name, "version": version, "answers": town.ANSWERS}
    key, headers = f"demo-assessment-{merchant}", living.at(when) if when else {}
    accepted(await gateway.ask("POST", path, person=owner.person, key=key, json=body, headers=headers))


async def once_known(ask: Callable[[], Awaitable[Any]]) -> Any:
    """The answer once the service has heard of what the request names."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = await ask()
        if answer.status_code not in UNKNOWN_YET or time.monotonic() > deadline:
            accepted(answer)
            return answer
        await asyncio.sleep(0.1)


def _key(*parts: str) -> str:
    """An idempotency key of visible ASCII."""
    return "-".join(parts).encode("ascii", "ignore").decode().replace(" ", "-")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.load", description="Load the demo town.")
    parser.add_argument("--gateway", default="http://127.0.0.1:8080", help="address of the gateway")
    parser.add_argument("--weeks", type=int, choices=range(5), default=0, help="behind a new town (0)")
    asked = parser.parse_args()
    began = time.monotonic()
    try:
        lines = asyncio.run(load(asked.gateway, asked.weeks))
    except Refused as refused:
        sys.exit(f"The demo town could not be loaded: {refused}")
    except NoAnswer as silence:
        sys.exit(f"The demo town could not be loaded: no answer to {silence}. Does CoCoCity run there?")
    for line in lines:
        print(line)
    print(f"Loaded in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
