"""What the town's consultant has going on: a programme, the next session, and shops that asked for help."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo import town, weeks
from demo.gateway import Gateway, accepted
from demo.living import CONSULTANT


async def arrange(gateway: Gateway, city: str, merchants: dict[str, str], now: datetime) -> None:
    """Plan, announce, and take in who comes and who asked; a seat of a group is offered to two of them."""
    told = weeks.told()["advice"]
    await _plan(gateway, city, told["programme"], now)
    await _announce(gateway, city, told["next_session"], merchants, now)
    asked = [await _ask(gateway, merchants, **each) for each in told["asked"]]
    await _offer_seats(
        gateway, city, told["group"], [each["id"] for each in asked if each["wish"] != "visit"], now
    )


async def _plan(gateway: Gateway, city: str, told: dict[str, Any], now: datetime) -> None:
    body = {
        "name": told["name"],
        "starts_on": f"{now.year}-01-01",
        "ends_on": f"{now.year + 1}-12-31",
        "towns": [{"city_id": city, "planned": told["sessions"]}],
    }
    await _post(gateway, "/api/v1/programmes", CONSULTANT, "demo-programme", body)


async def _announce(
    gateway: Gateway, city: str, told: dict[str, Any], merchants: dict[str, str], now: datetime
) -> None:
    begins = _at(now, told["days_ahead"], 18)
    body = {
        "city_id": city,
        "kind": "awareness",
        "title": told["title"],
        "place": told["place"],
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
        "capacity": told["capacity"],
    }
    session = await _post(gateway, "/api/v1/town-sessions", CONSULTANT, "demo-next-session", body)
    for name in told["registered"]:
        path = f"/api/v1/town-sessions/{session['id']}/registrations/{merchants[name]}"
        accepted(await gateway.ask("PUT", path, person=CONSULTANT))


async def _ask(gateway: Gateway, merchants: dict[str, str], shop: str, wish: str) -> Any:
    (owner,) = (each for each in town.OWNERS if each.merchant == shop)
    body = {
        "merchant_id": merchants[shop],
        "wish": wish,
        "language": owner.language,
        "half_days": ["tue-am", "thu-pm"],
        "may_be_contacted": True,
    }
    return await _post(gateway, "/api/v1/training-requests", owner.person, "demo-asked", body)


async def _offer_seats(
    gateway: Gateway, city: str, told: dict[str, Any], requests: list[str], now: datetime
) -> None:
    begins = _at(now, told["days_ahead"], 8)
    body = {
        "city_id": city,
        "dimension": told["dimension"],
        "language": "fr",
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=3)).isoformat(),
        "place": told["place"],
        "request_ids": requests,
    }
    path = "/api/v1/coaching-groups"
    group = await _post(gateway, path, CONSULTANT, "demo-group", body)
    expected = {"If-Match": f'"{group["version"]}"'}
    offers = f"{path}/{group['id']}/offers"
    accepted(await gateway.ask("POST", offers, person=CONSULTANT, headers=expected))


async def _post(gateway: Gateway, path: str, person: str, key: str, body: dict[str, Any]) -> Any:
    return accepted(await gateway.ask("POST", path, person=person, key=key, json=body))


def _at(now: datetime, days_ahead: int, hour: int) -> datetime:
    return (now + timedelta(days=days_ahead)).replace(hour=hour, minute=0, second=0, microsecond=0)
