"""How a city is shown, and how somebody is named who answers for it."""

from typing import Any
from uuid import UUID

from chassis.http import Body, ShortText, Shown
from services.directory.cities.responsible import Named


class NamePerson(Body):
    """Who answers for the city's initiative, or stands in: shown in public by name and function."""

    name: ShortText
    role: ShortText
    """Their function, and whose: somebody of another city may be deputy."""
    person_id: UUID | None = None
    """Their account, where they have one. It is not shown; if they erase it, the name goes too."""

    def named(self) -> Named:
        """As the use cases take it."""
        return Named(self.name, self.role, self.person_id)


class NamedPerson(Shown):
    """Somebody who answers for the city."""

    name: str
    role: str


class City(Shown):
    """A city that takes part."""

    id: UUID
    version: int
    nis_code: str
    name: dict[str, str]
    """By language; communes without a Dutch or French name of their own repeat the other."""
    responsible: NamedPerson | None
    """Who answers for its initiative."""
    deputy: NamedPerson | None
    """Who does while that person is away."""


def city_shown(row: Any) -> City:
    """The city in a row of `storage.cities()`."""
    return City(
        id=row["id"],
        version=row["version"],
        nis_code=row["nis_code"],
        name={"fr": row["name_fr"], "nl": row["name_nl"]},
        responsible=_named(row["responsible_name"], row["responsible_role"]),
        deputy=_named(row["deputy_name"], row["deputy_role"]),
    )


def _named(name: str | None, role: str | None) -> NamedPerson | None:
    return NamedPerson(name=name, role=role) if name is not None and role is not None else None
