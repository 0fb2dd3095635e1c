"""Some weeks behind the demo town (weeks.toml), so that it looks alive; the same every time it is planned.

Each action is asked for at the time it says (`Demo-Time`, decision 0042), in the order of these times.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from demo import town
from demo.pictures import shop_front, with_picture
from demo.posts import CHANNELS

SEED = 85046
PEOPLE = (*town.AMBASSADORS, *(f"ambassador-{number}" for number in range(1, 22)))
SHARES_BY_WEIGHT, FOLLOWS_BY_WEIGHT = 3, 1.4
PICTURES = 8
_ANSWERED_FIRST = 3
_BUSY_WEEKDAYS = {2: 1.5, 5: 2.0, 6: 1.3}
"""Market on Wednesday, and the weekend."""


@dataclass(frozen=True)
class Action:
    """Something that somebody did at that time."""

    at: datetime
    person: str
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    picture: bytes = b""
    """Sent along as a file where there is one."""
    answers: str = ""
    """What the shop's owner says to it two days later, where they do."""

    def request(self) -> dict[str, Any]:
        """What is sent, as the client takes it."""
        if self.picture:
            return with_picture(self.body, self.picture)
        return {"json": self.body} if self.body else {}


@cache
def told() -> dict[str, Any]:
    """What weeks.toml says."""
    return tomllib.loads((Path(__file__).parent / "weeks.toml").read_text())


def plan(merchants: dict[str, str], campaign: str, begins: datetime, now: datetime) -> list[Action]:
    """All that ambassadors did between the two times, oldest first; everybody joins before they begin.

    `merchants` are ids by name; a shop that is not there any more is left out.
    """
    chance = random.Random(SEED)
    shops = {name: shop for name, shop in told()["shops"].items() if name in merchants}
    times = _times(chance, begins, now)
    done = [*_reviews(shops, merchants, chance, times), *_shares(shops, merchants, chance, times)]
    done += [*_follows(shops, merchants, chance, times), *_pictures(shops, merchants, times)]
    done += _looked_at(merchants, now)
    firsts: dict[str, datetime] = {}
    for action in done:
        firsts[action.person] = min(action.at, firsts.get(action.person, action.at))
    path = f"/api/v1/campaigns/{campaign}/ambassadors"
    joined = [
        Action(at - timedelta(minutes=20), person, "POST", path, town.JOINING)
        for person, at in firsts.items()
    ]
    return sorted([*joined, *done], key=lambda action: action.at)


def _times(chance: random.Random, begins: datetime, now: datetime) -> Iterator[datetime]:
    """In the daytime, more at weekends, and more from week to week."""
    days = [begins + timedelta(days=number) for number in range((now - begins).days)]
    weights = [
        _BUSY_WEEKDAYS.get(day.weekday(), 1.0) * (1 + 2 * number / len(days))
        for number, day in enumerate(days)
    ]
    while True:
        (day,) = chance.choices(days, weights)
        yield day + timedelta(seconds=chance.randint(8 * 3600, 20 * 3600))


def _reviews(
    shops: dict[str, Any], merchants: dict[str, str], chance: random.Random, times: Iterator[datetime]
) -> Iterator[Action]:
    for name, shop in shops.items():
        drawn = chance.sample(PEOPLE[len(town.AMBASSADORS) :], len(shop["reviews"]))
        authors = [named or other for named, other in zip_longest(shop.get("authors", ()), drawn)]
        for number, ((rating, language, text), person) in enumerate(
            zip(shop["reviews"], authors, strict=True)
        ):
            body = {"merchant_id": merchants[name], "rating": rating, "language": language, "text": text}
            answers = shop.get("answered", "") if number < _ANSWERED_FIRST else ""
            yield Action(next(times), person, "POST", "/api/v1/contributions/reviews", body, answers=answers)


def _shares(
    shops: dict[str, Any], merchants: dict[str, str], chance: random.Random, times: Iterator[datetime]
) -> Iterator[Action]:
    """Over one channel once a day."""
    shared = set()
    for name, shop in shops.items():
        for _ in range(SHARES_BY_WEIGHT * shop["weight"]):
            person, channel, at = chance.choice(PEOPLE), chance.choice(CHANNELS), next(times)
            if (person, name, channel, at.date()) not in shared:
                shared.add((person, name, channel, at.date()))
                body = {"merchant_id": merchants[name], "channel": channel}
                yield Action(at, person, "POST", "/api/v1/contributions/shares", body)


def _follows(
    shops: dict[str, Any], merchants: dict[str, str], chance: random.Random, times: Iterator[datetime]
) -> Iterator[Action]:
    for name, shop in shops.items():
        for person in chance.sample(PEOPLE, round(FOLLOWS_BY_WEIGHT * shop["weight"])):
            yield Action(next(times), person, "PUT", f"/api/v1/follows/{merchants[name]}")


def _pictures(
    shops: dict[str, Any], merchants: dict[str, str], times: Iterator[datetime]
) -> Iterator[Action]:
    """Drawn, not taken: of the shops that are shared most, by one person each."""
    most = sorted(shops, key=lambda name: (-shops[name]["weight"], name))[:PICTURES]
    for number, name in enumerate(most):
        body = {
            "merchant_id": merchants[name],
            "licence": "cc-by-4.0",
            "people": "none",
            "alt": f"La devanture de « {name} », dessinée pour la démonstration",
            "credit": "CoCoCity, démonstration",
        }
        person = PEOPLE[number % len(PEOPLE)]
        picture = shop_front(name)
        yield Action(next(times), person, "POST", "/api/v1/contributions/photos", body, picture)


def _looked_at(merchants: dict[str, str], now: datetime) -> Iterator[Action]:
    """What the screening holds until an officer has looked at it: lately, so that none is overdue."""
    for number, each in enumerate(told()["held"], start=1):
        body = {name: each[name] for name in ("rating", "language", "text")}
        body["merchant_id"] = merchants[each["shop"]]
        at = now - timedelta(hours=20 + number)
        yield Action(at, PEOPLE[-number], "POST", "/api/v1/contributions/reviews", body)
