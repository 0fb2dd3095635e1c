"""Who sees a campaign: everybody once it is announced, before that whoever runs it or is asked to join in."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_
from sqlalchemy.dialects.postgresql import array

from chassis.identity import Principal, Role
from chassis.problems import not_found
from services.campaigns.cities.storage import is_asked
from services.campaigns.lifecycle.domain import Campaign, State
from services.campaigns.lifecycle.runners import districts_of
from services.campaigns.lifecycle.tables import campaign


def must_be_visible(principal: Principal | None, found: Campaign, asked: Sequence[UUID] = ()) -> None:
    """Raises the problem 404: that there is a draft is not for everybody to know.

    `asked` are the cities that were invited to it: their officers read what they are to decide on.
    """
    cities = (found.city_id, *asked)
    if found.state is not State.DRAFT or any(_is_officer(principal, each) for each in cities):
        return
    if not _lies_in(found, districts_of(principal).get(found.city_id, set())):
        raise not_found("campaign")


def visible_to(principal: Principal | None) -> ColumnElement[bool]:
    """The same, as a condition of a query."""
    announced = campaign.c.state != State.DRAFT.value
    grants = principal.grants if principal else ()
    cities = [grant.city_id for grant in grants if grant.role is Role.city_officer and grant.city_id]
    own = [_lies_within(*each) for each in districts_of(principal).items()]
    if cities:
        own += [campaign.c.city_id.in_(cities), is_asked(cities)]
    return or_(announced, *own)


def _is_officer(principal: Principal | None, city_id: UUID) -> bool:
    return principal is not None and principal.has(Role.city_officer, city_id=city_id)


def _lies_in(found: Campaign, districts: Collection[UUID]) -> bool:
    return bool(found.plan.district_ids) and set(found.plan.district_ids) <= set(districts)


def _lies_within(city_id: UUID, districts: Collection[UUID]) -> ColumnElement[bool]:
    """The same, as a condition of a query."""
    named = campaign.c.district_ids
    return and_(
        campaign.c.city_id == city_id,
        func.cardinality(named) > 0,
        named.bool_op("<@")(array([literal(each) for each in districts])),
    )
