"""Somebody uses everything there is, is erased, and of their name, address and words nothing is left."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from demo import town as demo_town
from demo.gateway import Answer, Gateway, accepted
from demo.load import MAIL_AT_ONCE
from deploy.one_machine.system import System
from tests.end_to_end.journeys import Shop, city_id, until
from tests.support.left_behind import Places, of_database, places_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CODE = re.compile(r"^    ([A-Z2-9]{6})\s*$", re.MULTILINE)
HELD = {
    "directory.person",
    "directory.session",
    "directory.sign_in_request",
    "directory.merchant",
    "directory.import_row",
    "directory.claim_dispute",
    "notifications.dead_letter",
    "campaigns.review",
    "campaigns.idempotency",
}
"""Where the canary's name, address and words are before the erasure."""
ELSEWHERE = {"campaigns.outbox", "stream CAMPAIGNS", "log/access.log", "traces/otel.db"}
FIGURES = {
    "assessment.assessments",
    "assessment.outbox",
    "stream ASSESSMENT",
    "notifications.notification",
    "notifications.milestone",
    "notifications.outbox",
    "stream NOTIFICATIONS",
}
"""Where it stands how the canary's shop does."""
PART = re.compile(r"(_\d{8}|-wal)$")
"""The week of a partition; what SQLite has not yet taken into its file."""
REMEMBERED = {
    *(f"{owner}.erased_person" for owner in ("directory", "assessment", "campaigns", "notifications")),
    "directory.erasure",
    "directory.audit_entry",
    "directory.outbox",
    "stream DIRECTORY",
}
"""Where the id of somebody who was erased stays: docs/privacy.md, “What an erasure leaves”."""


@dataclass
class Canary:
    """Somebody whose name, address and words are found by nothing else."""

    gateway: Gateway
    mark: str = field(default_factory=lambda: f"canary{token_hex(8)}")
    tokens: dict[str, Any] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.mark}@home.example"

    @property
    def person_id(self) -> str:
        return str(self.tokens["person_id"])

    async def ask(self, method: str, path: str, **request: Any) -> Answer:
        own = {"Authorization": f"Bearer {self.tokens['token']}", "User-Agent": f"Browser of {self.mark}"}
        headers = {**own, **request.pop("headers", {})}
        return await self.gateway.ask(method, f"/api/v1{path}", key=str(uuid4()), headers=headers, **request)

    async def does(self, method: str, path: str, **request: Any) -> Any:
        return accepted(await self.ask(method, path, **request))

    async def sign_in(self) -> None:
        asked = await self.gateway.ask("POST", "/api/v1/sign-in/mail", json={"email": self.email})
        (mail,) = await until(self.mails, lambda mails: mails, "the mail to sign in")
        code = CODE.search(mail["text"])
        assert code is not None, mail["text"]
        typed = {"browser_secret": accepted(asked)["browser_secret"], "code": code[1]}
        browser = {"User-Agent": f"Browser of {self.mark}"}
        answer = await self.gateway.ask("POST", "/api/v1/sign-in/code", json=typed, headers=browser)
        self.tokens = accepted(answer)

    async def refresh(self) -> None:
        """With the roles they have now."""
        body = {"refresh_token": self.tokens["refresh_token"]}
        self.tokens = accepted(await self.gateway.ask("POST", "/api/v1/sessions/refresh", json=body))

    async def mails(self) -> list[Any]:
        listed = await self.gateway.read("/mails/api/messages", to=self.email)
        return [await self.gateway.read(f"/mails/api/messages/{mail['id']}") for mail in listed["items"]]


def accepts(answer: Answer) -> bool:
    return answer.is_success


async def own_shop(gateway: Gateway, canary: Canary) -> Shop:
    """A shop named after them, which they run and want mails about."""
    feature = {
        "type": "Feature",
        "id": f"node/{int(token_hex(5), 16)}",
        "properties": {"shop": "tea", "name": f"Chez {canary.mark}", "addr:street": f"Rue {canary.mark}"},
        "geometry": {"type": "Point", "coordinates": [5.648, 49.728]},
    }
    extract = {"type": "FeatureCollection", "features": [feature]}
    path = f"/api/v1/cities/{await city_id(gateway)}/imports"
    report = accepted(await gateway.ask("POST", path, person=demo_town.OFFICER, json=extract))
    shop = Shop(report["items"][0]["merchant_id"], f"Chez {canary.mark}", canary.mark)
    claim = {"person_id": canary.person_id}
    path = f"/api/v1/merchants/{shop.id}/claim"
    accepted(await gateway.ask("POST", path, person=demo_town.OFFICER, json=claim))
    await canary.refresh()
    return shop


async def be_on_a_list(gateway: Gateway, canary: Canary) -> None:
    """An association's sheet has their shop with a place that is none: the report names who was left out."""
    city, officer = await city_id(gateway), demo_town.OFFICER
    announced = await gateway.ask(
        "POST",
        f"/api/v1/cities/{city}/import-jobs",
        person=officer,
        key=str(uuid4()),
        json={"source": "list"},
    )
    job = f"/api/v1/imports/{accepted(announced)['id']}"
    sheet = f"id;name;longitude;latitude\n1;Chez {canary.mark};nowhere;nowhere\n".encode()
    accepted(await gateway.ask("PUT", f"{job}/parts/0", person=officer, data=sheet))
    accepted(await gateway.ask("POST", f"{job}/start", person=officer, json={}))
    await until(
        lambda: gateway.ask("GET", job, person=officer),
        lambda answer: accepted(answer)["state"] == "done",
        "the sheet is read",
    )


async def be_in_a_dead_letter(system: System, canary: Canary, shop: Shop) -> None:
    """A message about their shop that nobody could apply: poison may hold anything."""
    body = json.dumps({"merchant_id": shop.id, "text": f"{canary.mark} a obtenu 40 points"})
    subject = "assessment.assessment-completed.v1.x.00"
    statement = """
        INSERT INTO dead_letter
            (id, consumer, subject, stream_sequence, stored_at, headers, body, error, attempts)
        VALUES ($1, 'notifications__advice', $2, 0, now(), '{}', $3, $4, 1)
    """
    error = f"{canary.mark} is no number"
    connection = await asyncpg.connect(**of_database(system, "notifications"))
    try:
        await connection.execute(statement, uuid4(), subject, body.encode(), error)
    finally:
        await connection.close()


async def run_shop(gateway: Gateway, canary: Canary, shop: Shop) -> None:
    """What a merchant does: its website, mails, an assessment; and a mail about the first review."""
    website = {"website": f"https://{canary.mark}.example/"}
    await canary.does("PATCH", f"/merchants/{shop.id}", json=website, headers={"If-Match": "*"})
    path = f"/notifications/preferences/{shop.id}"
    wish = {"mail": True, "language": "fr", "choices": MAIL_AT_ONCE}

    async def agree() -> Answer:
        return await canary.ask("PUT", path, json=wish, headers={"If-Match": "*"})

    await until(agree, accepts, "the shop is known to notifications")
    name, version = demo_town.QUESTIONNAIRE
    answers = {
        "merchant_id": shop.id,
        "questionnaire": name,
        "version": version,
        "answers": demo_town.ANSWERS,
    }

    async def assess() -> Answer:
        return await canary.ask("POST", "/assessments", json=answers)

    await until(assess, accepts, "the shop is known to assessment")
    posted = {"merchant_id": shop.id, "rating": 5, "text": "Bon accueil.", "language": "fr"}
    path = "/api/v1/contributions/reviews"
    await until(
        lambda: gateway.ask("POST", path, person="tom", key=str(uuid4()), json=posted),
        lambda answer: answer.status_code in (201, 409),
        "the shop is known to campaigns",
    )
    await until(canary.mails, lambda mails: any(shop.name in mail["subject"] for mail in mails), "its mail")


async def contribute(gateway: Gateway, canary: Canary) -> str:
    """What a citizen does, and looks for; the id of a review that is withdrawn."""
    bakery, florist, *_ = [
        each["id"] async for each in gateway.read_all("/api/v1/merchants", city=await city_id(gateway))
    ]
    made = []
    for merchant in (bakery, florist):
        words = {"merchant_id": merchant, "rating": 4, "text": f"{canary.mark} vous salue", "language": "fr"}
        made.append(str((await canary.does("POST", "/contributions/reviews", json=words))["id"]))
    *_, goes = made
    await canary.does("DELETE", f"/contributions/{goes}")
    await canary.does("POST", "/contributions/shares", json={"merchant_id": bakery, "channel": "mail"})
    await gateway.ask("GET", "/api/v1/merchants/search", params={"q": canary.mark})
    return goes


async def lose_a_dispute(gateway: Gateway, canary: Canary, other: Shop) -> None:
    """They claim a shop that another runs, and the city says why not."""
    claim = {"person_id": canary.person_id}
    path = f"/api/v1/merchants/{other.id}"
    dispute = accepted(await gateway.ask("POST", f"{path}/claim", person=demo_town.OFFICER, json=claim))
    decision = {"outcome": "owner_stays", "reason": f"{canary.mark} n'y travaille pas."}
    path = f"{path}/disputes/{dispute['id']}/decision"
    accepted(await gateway.ask("POST", path, person=demo_town.OFFICER, json=decision))


async def be_erased(gateway: Gateway, canary: Canary) -> None:
    """Asked for, confirmed, and done by every owner."""
    asked = await canary.does("POST", "/people/me/erasure", json={"close_shops": True})
    await canary.does("POST", "/people/me/erasure/confirmation", json={"erasure_id": asked["id"]})
    path = f"/api/v1/people/erasures/{asked['id']}"
    await until(lambda: gateway.read(path), lambda shown: shown["state"] == "completed", "the erasure")


async def settled(system: System, *words: str) -> Places:
    """What is found once logs and traces, which are written in batches, had their time."""
    await asyncio.sleep(6)
    return await places_of(system, words)


def whole(places: Places) -> set[str]:
    """Tables without the weeks they are divided into, files without what lies beside them."""
    return {PART.sub("", place) for place in places}


async def test_of_somebody_who_was_erased_no_trace_is_left(town: System, gateway: Gateway) -> None:
    canary = Canary(gateway)
    await canary.sign_in()
    await canary.does("PATCH", "/people/me", json={"display_name": f"Zoé {canary.mark}"})
    shop = await own_shop(gateway, canary)
    await run_shop(gateway, canary, shop)
    goes = await contribute(gateway, canary)
    (taken,) = [each async for each in gateway.read_all("/api/v1/merchants", q="Au Pain Doré")]
    await lose_a_dispute(gateway, canary, Shop(taken["id"], taken["name"], "marc"))
    await be_on_a_list(gateway, canary)
    await be_in_a_dead_letter(town, canary, shop)
    before = await settled(town, canary.mark)
    assert before.keys() == HELD, "what the canary does is meant to reach all of these"
    # Nowhere else is the mark, not even now. That the sweep looks there is seen by the ids of the same visit.
    assert whole(await places_of(town, [goes])) >= ELSEWHERE
    assert whole(await places_of(town, [shop.id])) >= FIGURES

    await be_erased(gateway, canary)

    assert await settled(town, canary.mark) == {}
    assert (await canary.ask("GET", "/people/me/data/directory")).status_code == 401
    assert whole(await places_of(town, [canary.person_id])) == REMEMBERED
    assert not whole(await places_of(town, [shop.id])) & FIGURES
