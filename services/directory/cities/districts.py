"""A district is drawn, redrawn and removed; its city's merchants are placed anew in the same transaction.

The city is locked first, everywhere in this service, so that no merchant is placed by outlines that change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, insert, select, update

from chassis import outbox
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict, invalid, not_found
from contracts.directory.v1 import DistrictDrawn, DistrictRemoved, Ring
from contracts.envelope import Event
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import storage
from services.directory.cities.country import lies_in_belgium
from services.directory.cities.domain import NoOutline, outline
from services.directory.cities.tables import district, former_outline
from services.directory.keys.tables import api_key
from services.directory.merchants import storage as merchants
from services.directory.merchants.domain import Change
from services.directory.people.tables import role_grant

Coordinates = Sequence[Sequence[Sequence[float]]]
FIRST_VERSION = 1


@dataclass(frozen=True)
class District:
    """A part of a city with a name and an outline of its own."""

    id: UUID
    city_id: UUID
    version: int
    """Counts all changes; a new name alone is no event."""
    name: str
    polygon: tuple[Ring, ...]
    drawn_version: int
    """The version that has this outline, and when it was drawn: what its event said."""
    drawn_at: datetime


def of_row(row: Row[Any]) -> District:
    """The district in a row of its table."""
    rings = tuple(tuple((point[0], point[1]) for point in ring) for ring in row.polygon)
    return District(row.id, row.city_id, row.version, row.name, rings, row.drawn_version, row.drawn_at)


async def lock(tx: Transaction, city_id: UUID, district_id: UUID) -> District | None:
    """The district of that city, both locked; None where it was removed."""
    await storage.lock(tx, city_id)
    wanted = storage.present_districts().where(district.c.id == district_id)
    row = (await tx.execute(wanted.with_for_update())).first()
    return of_row(row) if row is not None else None


async def draw(
    tx: Transaction, city_id: UUID, name: str, coordinates: Coordinates, *, by: UUID, at: datetime
) -> District:
    """The city has this district from now on, and its merchants know that they lie in it.

    Raises 422 for an outline that is none, 404 for no city, 409 for a name the city has already.
    """
    rings = _outline(coordinates)
    if not await storage.lock(tx, city_id):
        raise not_found("city")
    await _require_free(tx, city_id, name)
    drawn = District(new_id(), city_id, FIRST_VERSION, name, rings, FIRST_VERSION, at)
    await tx.execute(insert(district).values(vars(drawn)))
    await _tell_drawn(tx, drawn)
    await audit.record(tx, Action.DISTRICT_DRAWN, drawn.id, by=by, city_id=city_id, at=at)
    await _place_merchants_anew(tx, city_id, at)
    return drawn


async def redraw(
    tx: Transaction, found: District, name: str, coordinates: Coordinates, *, by: UUID, at: datetime
) -> District:
    """The district has this name and outline from now on. What stays the same is no change.

    Raises 422 for an outline that is none, 409 for the name of another district of its city.
    """
    rings, version = _outline(coordinates), found.version + 1
    if name != found.name:
        await _require_free(tx, found.city_id, name)
    changed = replace(found, name=name)
    if rings != found.polygon:
        await _keep_outline(tx, found)
        changed = replace(changed, polygon=rings, drawn_version=version, drawn_at=at)
    if changed == found:
        return found
    changed = replace(changed, version=version)
    await tx.execute(update(district).where(district.c.id == found.id).values(vars(changed)))
    await audit.record(tx, Action.DISTRICT_REDRAWN, found.id, by=by, city_id=found.city_id, at=at)
    if changed.drawn_version == version:
        await _tell_drawn(tx, changed)
        await _place_merchants_anew(tx, found.city_id, at)
    return changed


async def remove(tx: Transaction, found: District, *, by: UUID, at: datetime) -> None:
    """The city has the district no more. Its row stays: letters were written for it, and its history is told.

    Raises 409 while somebody has a role in it: they would lose it without a word.
    """
    held = exists().where(role_grant.c.district_id == found.id)
    used = exists().where(api_key.c.district_id == found.id, api_key.c.revoked_at.is_(None))
    if (await tx.execute(select(held | used))).scalar_one():
        raise conflict("district-in-use", "Withdraw the roles and keys of its association first.")
    version = found.version + 1
    leaving = update(district).where(district.c.id == found.id)
    await tx.execute(leaving.values(version=version, removed_at=at))
    removed = DistrictRemoved(city_id=found.city_id, district_id=found.id, version=version)
    await outbox.record(tx, Event.of(removed, at))
    await audit.record(tx, Action.DISTRICT_REMOVED, found.id, by=by, city_id=found.city_id, at=at)
    await _place_merchants_anew(tx, found.city_id, at)


def _outline(coordinates: Coordinates) -> tuple[Ring, ...]:
    try:
        rings = outline(coordinates)
    except NoOutline as wrong:
        raise invalid("polygon", str(wrong)) from wrong
    if not lies_in_belgium(rings):
        raise invalid("polygon", "reaches beyond Belgium: did longitude and latitude change places?")
    return rings


async def _require_free(tx: Transaction, city_id: UUID, name: str) -> None:
    same = storage.present_districts().where(district.c.city_id == city_id, district.c.name == name)
    if (await tx.execute(same)).first() is not None:
        raise conflict("district-exists", f"The city has a district called {name!r} already.", field="name")


async def _keep_outline(tx: Transaction, before: District) -> None:
    """What was told of it is told again some day (rule 7)."""
    kept = {
        "district_id": before.id,
        "city_id": before.city_id,
        "version": before.drawn_version,
        "drawn_at": before.drawn_at,
        "polygon": before.polygon,
    }
    await tx.execute(insert(former_outline).values(kept))


async def _tell_drawn(tx: Transaction, drawn: District) -> None:
    told = DistrictDrawn(
        city_id=drawn.city_id, district_id=drawn.id, version=drawn.drawn_version, polygon=drawn.polygon
    )
    await outbox.record(tx, Event.of(told, drawn.drawn_at))


async def _place_merchants_anew(tx: Transaction, city_id: UUID, at: datetime) -> None:
    districts = await storage.districts(tx, city_id)
    listed = await merchants.lock_city(tx, city_id, open_only=True)
    moved = [changed for each in listed if (changed := each.revised(each.details, districts)) is not None]
    await merchants.store(tx, Change.UPDATED, moved, at)
