"""A city's register: what it runs appears by itself, what others do is entered, everybody reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.assessment.v1 import SessionHeld
from contracts.envelope import Event
from services.campaigns.retention import NAMED_FOR
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver

PATH = "/api/v1/initiatives"


def written(campaigns: Campaigns, **changed: Any) -> dict[str, Any]:
    return {
        "city_id": str(campaigns.city),
        "title": "Nocturnes d'hiver",
        "organiser": "Association des commerçants",
        "responsible": "Claire Noël",
        "starts_on": "2026-12-04",
    } | changed


async def register(campaigns: Campaigns, city: UUID | None = None, **query: Any) -> dict[str, Any]:
    answer = await campaigns.client.get(PATH, params={"city": str(city or campaigns.city), **query})
    shown: dict[str, Any] = answer.json()
    return shown


async def test_campaigns_sessions_and_what_others_do_are_one_list_by_time(campaigns: Campaigns) -> None:
    held = SessionHeld(
        city_id=campaigns.city, session_id=new_id(), kind="awareness", participants=21, forms=19,
        starts_at=datetime(2026, 11, 3, 18, tzinfo=UTC),
    )  # fmt: skip
    told = Event.of(held, held.starts_at + timedelta(hours=3))
    for _ in range(2):
        await deliver(campaigns.service, told)
    begun = await campaigns.a_campaign(
        "schedule",
        "start",
        starts_at="2026-10-24T22:00:00Z",  # midnight of the 25th in Brussels, when the clocks go back
        ends_at="2027-03-28T22:00:00Z",  # and the end of the day on which they went forward
    )
    await campaigns.a_draft()
    await campaigns.a_campaign("schedule", "end")  # called off
    made = (await campaigns.post("initiatives", campaigns.as_officer(), written(campaigns))).json()
    elsewhere = held.__class__(
        **{**{f: getattr(held, f) for f in held.__struct_fields__}, "city_id": new_id()}
    )
    assert (await register(campaigns, elsewhere.city_id))["items"] == []
    items = (await register(campaigns))["items"]
    assert [(each["kind"], each["id"], each["starts_on"], each["ends_on"]) for each in items] == [
        ("other", made["id"], "2026-12-04", None),
        ("awareness-session", str(held.session_id), "2026-11-03", "2026-11-03"),
        ("campaign", begun["id"], "2026-10-25", "2027-03-28"),
    ]
    assert (items[0]["responsible"], items[2]["responsible"]) == ("Claire Noël", None)
    seen, cursor = [], None
    while True:
        page = await register(campaigns, limit=1, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert seen == items


async def test_an_entry_is_corrected_and_taken_out_by_its_citys_officers(campaigns: Campaigns) -> None:
    entry = written(campaigns, link="https://example.org/nocturnes", ends_on="2026-12-24")
    made = await campaigns.post("initiatives", campaigns.as_officer(), entry)
    path, officer = made.headers["Location"], campaigns.as_officer()
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    change = {"title": "Nocturnes", "link": None}
    for headers, status in (
        ({**elsewhere, "If-Match": "*"}, 403),
        (officer, 428),
        ({**officer, "If-Match": '"7"'}, 412),
        ({**officer, "If-Match": '"1"'}, 200),
    ):
        assert (await campaigns.client.patch(path, json=change, headers=headers)).status_code == status
    shown = await campaigns.client.get(path)
    assert (shown.json()["title"], shown.json()["link"], shown.headers["ETag"]) == ("Nocturnes", None, '"2"')
    early = {"ends_on": "2026-12-01"}
    wrong = await campaigns.client.patch(path, json=early, headers={**officer, "If-Match": "*"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "ends_on")
    rule = next(each for each in campaigns.service.retention if each.table == "initiative")
    async with campaigns.database.transaction() as tx:
        assert await rule.delete(tx, campaigns.clock() + NAMED_FOR, 10) == 1
    assert (await campaigns.client.get(path)).json()["responsible"] is None
    assert (await campaigns.client.delete(path, headers=elsewhere)).status_code == 403
    assert (await campaigns.client.delete(path, headers=officer)).status_code == 204
    assert (await register(campaigns))["items"] == []
    assert (await campaigns.client.delete(path, headers=officer)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "data:text/html,x"}, "link"),
        ({"link": "https://"}, "link"),
        ({"ends_on": "2026-12-03"}, "ends_on"),
        ({"title": "a\x00b"}, "title"),
        ({"responsible": " "}, "responsible"),
        ({"starts_on": "soon"}, "starts_on"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_field(
    campaigns: Campaigns, wrong: dict[str, Any], field: str
) -> None:
    answer = await campaigns.post("initiatives", campaigns.as_officer(), written(campaigns, **wrong))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
