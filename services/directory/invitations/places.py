"""Which places belong to an invitation to each role, and whether they exist."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from chassis.database import Transaction
from chassis.identity import Grant, Role
from chassis.problems import Problem, invalid
from services.directory.cities import storage as cities
from services.directory.cities.tables import city, district
from services.directory.merchants import use_cases as merchants
from services.directory.roles.rights import GIVEN

FIELDS: Mapping[Role, tuple[frozenset[str], frozenset[str]]] = {
    Role.operator: (frozenset(), frozenset()),
    Role.consultant: (frozenset(), frozenset({"city_id"})),
    Role.city_officer: (frozenset({"city_id"}), frozenset()),
    Role.association_officer: (frozenset({"city_id"}), frozenset({"district_id", "merchant_id"})),
    Role.merchant: (frozenset({"merchant_id"}), frozenset()),
    Role.merchant_staff: (frozenset({"merchant_id"}), frozenset()),
}
"""By role: the places it must have, and those it may. An association's officer has one of the two."""


async def grant_in(
    tx: Transaction, role: Role, city_id: UUID | None, district_id: UUID | None, merchant_id: UUID | None
) -> Grant:
    """The role there. Raises 422 for places that do not fit it, or are none; 410 for a closed shop."""
    if role not in GIVEN:
        raise invalid("role", "nobody is invited to this role")
    places = {"city_id": city_id, "district_id": district_id, "merchant_id": merchant_id}
    _require_places(role, {name for name, place in places.items() if place is not None})
    if merchant_id is not None:
        city_id = await _city_of_shop(tx, merchant_id, city_id)
    if district_id is not None:
        found = (await tx.execute(cities.present_districts().where(district.c.id == district_id))).first()
        if found is None or found.city_id != city_id:
            raise invalid("district_id", "the city has no such district")
    if city_id is not None:
        known = await tx.execute(select(city.c.id).where(city.c.id == city_id))
        if known.first() is None:
            raise invalid("city_id", "there is no such city")
    return Grant(role, city_id, merchant_id, district_id)


def _require_places(role: Role, given: set[str]) -> None:
    needed, possible = FIELDS[role]
    for name in sorted(needed - given):
        raise invalid(name, "this role needs it")
    for name in sorted(given - needed - possible):
        raise invalid(name, "this role has no such place")
    if role is Role.association_officer and len(given & possible) != 1:
        raise invalid("district_id", "this role is for a district or for a merchant: name one of them")


async def _city_of_shop(tx: Transaction, merchant_id: UUID, city_id: UUID | None) -> UUID:
    try:
        shop = await merchants.open_merchant(tx, merchant_id)
    except Problem as unknown:
        if unknown.status == 404:
            raise invalid("merchant_id", "there is no such merchant") from unknown
        raise
    if city_id not in {None, shop.city_id}:
        raise invalid("merchant_id", "the city has no such merchant")
    return shop.city_id
