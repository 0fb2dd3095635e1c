"""Which reviews and shares a simulation posts: no two that the rules would take for the same one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CHANNELS = ("whatsapp", "facebook", "instagram", "mail", "sms", "link", "other")
SHARE_OF_REVIEWS = 0.5
RATINGS = (5, 5, 5, 4, 4, 4, 3, 3, 2, 1)
"""Drawn from evenly: most people praise what they recommend, some do not, and all of it counts."""
TEXTS = (
    ("fr", "Accueil chaleureux et bons conseils, on y revient avec plaisir."),
    ("fr", "Produits de qualité, un peu d'attente le samedi matin."),
    ("fr", "Une adresse que je recommande à toute la famille."),
    ("nl", "Vriendelijk onthaal en goede raad, wij komen zeker terug."),
    ("nl", "Mooie winkel, ruime keuze en eerlijke prijzen."),
    ("de", "Freundliche Beratung und eine schöne Auswahl, gerne wieder."),
    ("de", "Kleiner Laden mit viel Herz mitten im Ort."),
    ("en", "A warm welcome and good advice, well worth the detour."),
)


class TooFewAmbassadors(ValueError):
    """So many posts cannot all differ among so few persons and merchants; the message says what would do."""


@dataclass(frozen=True)
class Post:
    """One thing to post, by one person, under one idempotency key."""

    key: str
    person: str
    merchant_id: str
    path: str
    body: dict[str, Any]


def plan(people: Sequence[str], merchants: Sequence[str], count: int, run: str, seed: int) -> list[Post]:
    """`count` posts in a random order that `seed` repeats; `run` makes their keys those of this run.

    A person reviews a merchant once, and shares it once per channel. Raises TooFewAmbassadors.
    """
    chance = random.Random(seed)
    pairs = len(people) * len(merchants)
    reviews = min(round(count * SHARE_OF_REVIEWS), pairs)
    shares = count - reviews
    if shares > pairs * len(CHANNELS):
        most = pairs * (1 + len(CHANNELS))
        raise TooFewAmbassadors(
            f"{len(people)} ambassadors and {len(merchants)} merchants allow {most} different posts, "
            f"not {count}: take more ambassadors, a lower rate or a shorter time."
        )
    chosen = [(place, "") for place in chance.sample(range(pairs), reviews)]
    for number in chance.sample(range(pairs * len(CHANNELS)), shares):
        place, channel = divmod(number, len(CHANNELS))
        chosen.append((place, CHANNELS[channel]))
    chance.shuffle(chosen)
    return [
        _post(
            f"{run}-{number}", people[place % len(people)], merchants[place // len(people)], channel, chance
        )
        for number, (place, channel) in enumerate(chosen)
    ]


def _post(key: str, person: str, merchant_id: str, channel: str, chance: random.Random) -> Post:
    if channel:
        path = "/api/v1/contributions/shares"
        return Post(key, person, merchant_id, path, {"merchant_id": merchant_id, "channel": channel})
    language, text = chance.choice(TEXTS)
    body = {
        "merchant_id": merchant_id,
        "rating": chance.choice(RATINGS),
        "text": text,
        "language": language,
        "tie": "none",
    }
    return Post(key, person, merchant_id, "/api/v1/contributions/reviews", body)
