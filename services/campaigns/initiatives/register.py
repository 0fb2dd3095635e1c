"""The register of a city: its campaigns, the sessions held there, and what others do, as one list by time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    Text,
    Uuid,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from services.campaigns.cities.storage import runs_in
from services.campaigns.initiatives.tables import initiative, known_session
from services.campaigns.lifecycle.domain import State
from services.campaigns.lifecycle.tables import campaign

OTHER = "other"


def entries(city_id: UUID, after: tuple[date, UUID] | None, most: int) -> Select[Any]:
    """The newest first. No drafts, and no campaign that was called off before it began."""
    known = _everything(city_id).subquery("entry")
    query = select(known).order_by(known.c.starts_on.desc(), known.c.id.desc()).limit(most)
    if after is None:
        return query
    place = tuple_(literal(after[0], Date), literal(after[1], Uuid))
    return query.where(tuple_(known.c.starts_on, known.c.id) < place)


def _everything(city_id: UUID) -> CompoundSelect[Any]:
    nothing = cast(null(), Text)
    announced = (campaign.c.state != State.DRAFT.value) & ~(
        campaign.c.ended_at.is_not(None) & campaign.c.started_at.is_(None)
    )
    campaigns = select(
        campaign.c.id,
        campaign.c.city_id,
        literal("campaign").label("kind"),
        campaign.c.name.label("title"),
        nothing.label("organiser"),
        _day(campaign.c.starts_at).label("starts_on"),
        _day(func.coalesce(campaign.c.ended_at, campaign.c.ends_at) - timedelta(milliseconds=1)).label(
            "ends_on"
        ),
        nothing.label("link"),
        nothing.label("responsible"),
    ).where(runs_in(city_id), announced)
    sessions = select(
        known_session.c.id,
        known_session.c.city_id,
        (known_session.c.kind + "-session").label("kind"),
        nothing.label("title"),
        nothing.label("organiser"),
        _day(known_session.c.starts_at).label("starts_on"),
        _day(known_session.c.starts_at).label("ends_on"),
        nothing.label("link"),
        nothing.label("responsible"),
    ).where(known_session.c.city_id == city_id)
    others = select(
        initiative.c.id,
        initiative.c.city_id,
        literal(OTHER).label("kind"),
        initiative.c.title,
        initiative.c.organiser,
        initiative.c.starts_on,
        initiative.c.ends_on,
        initiative.c.link,
        initiative.c.responsible,
    ).where(initiative.c.city_id == city_id)
    return union_all(campaigns, sessions, others)


def _day(moment: ColumnElement[Any]) -> ColumnElement[date]:
    return cast(func.timezone("Europe/Brussels", moment), Date)
