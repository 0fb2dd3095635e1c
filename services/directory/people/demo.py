"""The persons of the demonstration. Nobody signs in as one of them outside of it."""

import re
from dataclasses import dataclass

from chassis.identity import Role

CITY = "85046"
"""Habay: the demo's city, by its NIS code."""
MOST_AMBASSADORS = 10_000
_FIRST_NAMES = (
    "Camille", "Jeroen", "Élodie", "Bastien", "Femke", "Noah", "Manon", "Lukas", "Inès", "Pieter",
    "Chloé", "Hugo", "Lotte", "Maxime", "Clara", "Wout", "Nadia", "Thibault", "Jana", "Youssef",
    "Louise", "Ruben", "Amélie", "Simon",
)  # fmt: skip
_SIMULATED = re.compile(r"ambassador-([1-9][0-9]{0,4})", re.ASCII)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the demo, with the role they begin with (a merchant gets theirs by claiming a shop)."""

    name: str
    display_name: str
    language: str
    role: Role | None
    of_the_city: bool = False

    @property
    def email(self) -> str:
        """`.example` is reserved (RFC 2606) as is example.be by practice: nothing reaches a stranger."""
        return f"{self.name}@example.be"


_PERSONS = {
    person.name: person
    for person in (
        DemoPerson("claire", "Claire Lambert", "fr", Role.city_officer, of_the_city=True),
        DemoPerson("marc", "Marc Dubois", "fr", None),
        DemoPerson("nele", "Nele Peeters", "nl", None),
        DemoPerson("dieter", "Dieter Schmitz", "de", None),
        DemoPerson("anna", "Anna Maes", "nl", Role.consultant),
        DemoPerson("otto", "Otto Weber", "de", Role.operator),
        DemoPerson("sophie", "Sophie Martin", "fr", Role.ambassador),
        DemoPerson("tom", "Tom Janssens", "nl", Role.ambassador),
        DemoPerson("lea", "Léa Fontaine", "fr", Role.ambassador),
    )
}
NAMES = tuple(_PERSONS)
PERSONS = tuple(_PERSONS.values())


def demo_person(name: str) -> DemoPerson | None:
    """The person of that name; simulated ambassadors are `ambassador-1` and so on."""
    if name in _PERSONS:
        return _PERSONS[name]
    simulated = _SIMULATED.fullmatch(name)
    if simulated is None or int(simulated[1]) > MOST_AMBASSADORS:
        return None
    number = int(simulated[1])
    initial = chr(ord("A") + number // len(_FIRST_NAMES) % 26)
    display_name = f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]} {initial}."
    return DemoPerson(name, display_name, "fr", Role.ambassador)
