"""Establishments that look like Belgian ones and are none: the same for the same seed, without end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS = {
    "shop=bakery": ("Boulangerie", "Bakkerij", "Bäckerei", "Pâtisserie"),
    "shop=butcher": ("Boucherie", "Slagerij", "Metzgerei", "Charcuterie"),
    "shop=florist": ("Fleuriste", "Bloemen", "Blumen", "L'Atelier floral"),
    "shop=hairdresser": ("Coiffure", "Kapsalon", "Friseur", "Salon"),
    "shop=clothes": ("Boutique", "Mode", "Kleding", "Prêt-à-porter"),
    "shop=books": ("Librairie", "Boekhandel", "Buchhandlung", "Papeterie"),
    "amenity=pharmacy": ("Pharmacie", "Apotheek", "Apotheke"),
    "amenity=restaurant": ("Restaurant", "Brasserie", "Eethuis", "Gaststätte", "Taverne"),
    "amenity=cafe": ("Café", "Koffiehuis", "Salon de thé"),
    "craft=carpenter": ("Menuiserie", "Schrijnwerkerij", "Schreinerei"),
}
_BEGINNINGS = (
    "Lam",
    "Van",
    "Ver",
    "Mer",
    "Del",
    "Cla",
    "Dup",
    "Pe",
    "Goos",
    "Jans",
    "Wil",
    "Mae",
    "Hen",
    "Schmi",
)
_MIDDLES = ("ber", "den", "lin", "mee", "bo", "ro", "ti", "cha", "ne", "ga", "ste", "la", "ri", "so", "que")
_ENDINGS = ("ts", "t", "sens", "ck", "ère", "elle", "ot", "aux", "man", "s", "el", "rt", "in", "is", "eau")
_STREETS = (
    "Grand-Rue", "Rue de la Gare", "Kerkstraat", "Stationsstraat", "Place de l'Église", "Nieuwstraat",
    "Chaussée de Liège", "Hauptstraße", "Rue Neuve", "Molenstraat",
)  # fmt: skip
_PLACES = ("Habay", "Arlon", "Liège", "Namur", "Gent", "Brugge", "Leuven", "Eupen", "Mons", "Tournai")


@dataclass(frozen=True)
class Shop:
    """One establishment."""

    number: int
    name: str
    kind: str
    street: str
    house_number: str
    postcode: str
    place: str
    longitude: float
    latitude: float


def shops(count: int, seed: int = 2026) -> Iterator[Shop]:
    """`count` of them, one at a time: a list of all would be in the memory that is measured."""
    chance = random.Random(seed)
    kinds = list(_WORDS)
    for number in range(count):
        kind = chance.choice(kinds)
        family = "".join(chance.choice(part) for part in (_BEGINNINGS, _MIDDLES, _MIDDLES, _ENDINGS))
        yield Shop(
            number=number,
            name=f"{chance.choice(_WORDS[kind])} {family}",
            kind=kind,
            street=chance.choice(_STREETS),
            house_number=str(chance.randint(1, 220)),
            postcode=str(chance.randint(1000, 9992)),
            place=chance.choice(_PLACES),
            longitude=round(chance.uniform(2.6, 6.3), 6),
            latitude=round(chance.uniform(49.5, 51.4), 6),
        )
