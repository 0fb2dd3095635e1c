"""Who answers for a city's initiative, and who does while that person is away: named in public.

"Everybody is concerned but nobody is really named" is why such initiatives come to nothing, says the article
that the project answers. A deputy may be of the city or of elsewhere; `role` says what they are.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select, update

from chassis.database import Transaction
from chassis.problems import invalid
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities.tables import city
from services.directory.people.tables import person


@dataclass(frozen=True)
class Named:
    """Somebody who is shown in public."""

    name: str
    role: str
    person_id: UUID | None = None
    """Their account, where they have one: an erasure of it takes the name away."""


async def require_account(tx: Transaction, named: Named) -> None:
    """Raise 422 where nobody has the account that is said to be the person's.

    Called before the city is locked, as an erasure does: one that began meanwhile finds the name once this
    is committed (`personal_data.py`).
    """
    if named.person_id is None:
        return
    found = select(person.c.id).where(person.c.id == named.person_id)
    if (await tx.execute(found.with_for_update(key_share=True, read=True))).first() is None:
        raise invalid("person_id", "nobody has this account")


async def put_down(tx: Transaction, city_id: UUID, named: Named) -> None:
    """The person answers for the city."""
    await tx.execute(
        update(city)
        .where(city.c.id == city_id)
        .values(
            responsible_name=named.name, responsible_role=named.role, responsible_person_id=named.person_id
        )
    )


async def name_responsible(
    tx: Transaction, locked: RowMapping, named: Named, *, by: UUID, at: datetime
) -> None:
    """Another person answers for the city from now on; a deputy who does is deputy no more.

    `locked` is the city's row, its version already checked.
    """
    await put_down(tx, locked["id"], named)
    steps_up = locked["deputy_name"] is not None and _same(locked["deputy_name"], named.name)
    await _change(tx, locked, **(_NO_DEPUTY if steps_up else {}))
    await audit.record(tx, Action.RESPONSIBLE_NAMED, locked["id"], by=by, city_id=locked["id"], at=at)


async def name_deputy(tx: Transaction, locked: RowMapping, named: Named, *, by: UUID, at: datetime) -> None:
    """The person stands in for whoever is responsible. Raises 422 for that same person."""
    if locked["responsible_name"] is not None and _same(locked["responsible_name"], named.name):
        raise invalid("name", "this is the responsible person: a deputy is somebody else")
    await _change(
        tx,
        locked,
        deputy_name=named.name,
        deputy_role=named.role,
        deputy_person_id=named.person_id,
    )
    await audit.record(tx, Action.DEPUTY_NAMED, locked["id"], by=by, city_id=locked["id"], at=at)


async def withdraw_deputy(tx: Transaction, locked: RowMapping, *, by: UUID, at: datetime) -> None:
    """The city has no deputy from now on; where it had none, nothing changes."""
    if locked["deputy_name"] is None:
        return
    await _change(tx, locked, **_NO_DEPUTY)
    await audit.record(tx, Action.DEPUTY_WITHDRAWN, locked["id"], by=by, city_id=locked["id"], at=at)


_NO_DEPUTY = dict.fromkeys(("deputy_name", "deputy_role", "deputy_person_id"))


async def _change(tx: Transaction, locked: RowMapping, **values: str | UUID | None) -> None:
    changing = update(city).where(city.c.id == locked["id"])
    await tx.execute(changing.values(version=locked["version"] + 1, **values))


def _same(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()
