"""Who sees a campaign: everybody once it is announced, before that the officers of its city."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from chassis.identity import Principal, Role
from chassis.problems import not_found
from services.campaigns.cities.storage import is_asked
from services.campaigns.lifecycle.domain import Campaign, State
from services.campaigns.lifecycle.tables import campaign


def must_be_visible(principal: Principal | None, found: Campaign, asked: Sequence[UUID] = ()) -> None:
    """Raises the problem 404: that there is a draft is not for everybody to know.

    `asked` are the cities that were invited to it: their officers read what they are to decide on.
    """
    cities = (found.city_id, *asked)
    if found.state is State.DRAFT and not any(_is_officer(principal, each) for each in cities):
        raise not_found("campaign")


def visible_to(principal: Principal | None) -> ColumnElement[bool]:
    """The same, as a condition of a query."""
    announced = campaign.c.state != State.DRAFT.value
    grants = principal.grants if principal else ()
    cities = [grant.city_id for grant in grants if grant.role is Role.city_officer and grant.city_id]
    return or_(announced, campaign.c.city_id.in_(cities), is_asked(cities)) if cities else announced


def _is_officer(principal: Principal | None, city_id: UUID) -> bool:
    return principal is not None and principal.has(Role.city_officer, city_id=city_id)
