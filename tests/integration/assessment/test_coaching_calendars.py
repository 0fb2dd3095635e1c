"""Calendars follow what happens to a seat, under the same entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from icalendar import Calendar

from tests.integration.assessment.coaching_room import (
    CONSULTANT,
    GROUPS,
    SEATS,
    asks,
    leave,
    opened,
    seven,
    step,
    take,
)
from tests.integration.assessment.conftest import owner_of

__all__ = ["asks", "seven"]


async def entry(
    client: httpx.AsyncClient, path: str, who: dict[str, str], language: str = "fr"
) -> tuple[Any, Any]:
    answer = await client.get(f"{path}/calendar", params={"language": language}, headers=who)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


async def test_a_calendar_takes_each_change_under_the_same_uid(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await opened(client, seven)
    path = f"{GROUPS}/{known['id']}"
    _, first = await entry(client, path, CONSULTANT)
    assert (first["STATUS"], first["LOCATION"]) == ("TENTATIVE", "Hôtel de ville, salle 2")
    assert first["SUMMARY"] == "Coaching numérique en petit groupe : être trouvé sur le web"
    later = datetime.fromisoformat(known["starts_at"]).replace(microsecond=0) + timedelta(hours=1)
    moved = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=1)).isoformat()}
    moved["place"] = 'Salle; "2", 1er\\étage'
    revised = await client.patch(path, json=moved, headers={**CONSULTANT, "If-Match": "*"})
    assert revised.status_code == 200, revised.text
    _, second = await entry(client, path, CONSULTANT, "nl")
    assert (second["UID"], second["DTSTART"].dt) == (first["UID"], later)
    assert second["LOCATION"] == moved["place"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second["SUMMARY"].startswith("Digitale coaching")
    await step(client, known, "cancellation")
    calendar, third = await entry(client, path, CONSULTANT)
    assert (calendar["METHOD"], third["STATUS"], third["UID"]) == ("CANCEL", "CANCELLED", first["UID"])
    assert third["SEQUENCE"] > second["SEQUENCE"]


async def test_a_seat_that_is_given_back_is_cancelled_in_the_shops_calendar(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    known = await opened(client, seven)
    mine, who = known["seats"][0], owner_of(UUID(known["seats"][0]["merchant_id"]))
    path = f"{SEATS}/{mine['id']}"
    assert (await client.get(f"{path}/calendar", headers=who)).status_code == 404, "an offer is no date yet"
    await take(client, mine)
    _, taken = await entry(client, path, who)
    assert taken["STATUS"] == "TENTATIVE"
    await leave(client, mine)
    calendar, left = await entry(client, path, who)
    assert (calendar["METHOD"], left["STATUS"], left["UID"]) == ("CANCEL", "CANCELLED", taken["UID"])
    assert left["SEQUENCE"] > taken["SEQUENCE"]
