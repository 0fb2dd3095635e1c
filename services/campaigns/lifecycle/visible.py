"""Who sees a campaign: everybody once it is announced, before that the officers of its city."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_

from chassis.identity import Principal, Role
from chassis.problems import not_found
from services.campaigns.lifecycle.domain import Campaign, State
from services.campaigns.lifecycle.tables import campaign


def must_be_visible(principal: Principal | None, found: Campaign) -> None:
    """Raises the problem 404: that there is a draft is not for everybody to know."""
    if found.state is State.DRAFT and not _is_officer(principal, found.city_id):
        raise not_found("campaign")


def visible_to(principal: Principal | None) -> ColumnElement[bool]:
    """The same, as a condition of a query."""
    announced = campaign.c.state != State.DRAFT.value
    grants = principal.grants if principal else ()
    cities = [grant.city_id for grant in grants if grant.role is Role.city_officer and grant.city_id]
    return or_(announced, campaign.c.city_id.in_(cities)) if cities else announced


def _is_officer(principal: Principal | None, city_id: UUID) -> bool:
    return principal is not None and principal.has(Role.city_officer, city_id=city_id)
