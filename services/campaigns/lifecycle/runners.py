"""Who runs a campaign: its city's officers, and an association's where it lies in their districts alone.

By where it lies and not by who began it: a district's campaign stays with whoever has the district, and the
city, which answers for all of them, may change and end each.
"""

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from chassis.access import Access, may
from chassis.identity import Principal, Role
from chassis.problems import forbidden
from services.campaigns.lifecycle.domain import Campaign, Plan

Runner = Annotated[Access, may(Role.city_officer, Role.association_officer)]


def must_run(who: Access, found: Campaign) -> None:
    """Raises the problem 403 for whoever does not run the campaign as it is."""
    for area in _areas(found.plan.district_ids):
        who.within(city_id=found.city_id, districts=area)


def must_be_free_to_plan(who: Access, city_id: UUID, plan: Plan, before: Plan | None = None) -> None:
    """Raises the problem 403 for what only the city decides, with the field of the plan.

    That is where an association has no district, the whole city first of all, and the ground of a draw of
    lots: what the law asks for (docs/campaign-policy.md) is stated by the city. `before` is the plan so far.
    """
    if not all(who.has(city_id=city_id, districts=area) for area in _areas(plan.district_ids)):
        if city_id not in (who.cities or ()):
            raise forbidden("You plan campaigns in another city.", field="city_id")
        detail = "An association's campaign runs in its own districts alone, and names them."
        raise forbidden(detail, field="district_ids")
    ground = before.legal_ground if before else None
    if plan.legal_ground != ground and not who.has(Role.city_officer, city_id=city_id):
        raise forbidden("The legal ground of a draw is stated by the city.", field="legal_ground")


def districts_of(principal: Principal | None) -> dict[UUID, set[UUID]]:
    """By city, the districts that somebody is an association's officer of."""
    found: dict[UUID, set[UUID]] = {}
    for grant in principal.grants if principal else ():
        if grant.role is Role.association_officer and grant.city_id and grant.district_id:
            found.setdefault(grant.city_id, set()).add(grant.district_id)
    return found


def _areas(district_ids: Collection[UUID]) -> list[list[UUID]]:
    """Each to be asked for by itself: one district that is theirs opens none of the others.

    The whole city is no district's, so that only a role of the city's covers it.
    """
    return [[each] for each in district_ids] or [[]]
