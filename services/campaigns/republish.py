"""Emits every fact this service ever told, from its tables, under its original id and time (rule 7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.envelope import Event, Fact
from services.campaigns.contributions import facts as contribution_facts
from services.campaigns.contributions import storage as contributions
from services.campaigns.contributions.tables import contribution
from services.campaigns.enrolments.enrol import Enrolment
from services.campaigns.enrolments.enrol import fact_of as enrolment_fact
from services.campaigns.enrolments.tables import enrolment
from services.campaigns.lifecycle import storage as campaigns
from services.campaigns.lifecycle.domain import State
from services.campaigns.lifecycle.tables import campaign, campaign_change
from services.campaigns.lifecycle.use_cases import fact_of as campaign_fact

Source = tuple[Select[Any], Callable[[RowMapping], Event[Fact]]]
ROWS_AT_ONCE = 500


async def every_fact(connection: AsyncConnection) -> AsyncIterator[Event[Fact]]:
    """Every fact in the order of its time, read through server-side cursors: memory does not grow with it."""
    streams = [_events(connection, *source) for source in _sources()]
    heads = [await anext(stream, None) for stream in streams]
    while any(heads):
        # At the same time the earlier source goes first: nothing is withdrawn before it is posted.
        _, first = min((head.time, index) for index, head in enumerate(heads) if head is not None)
        event = heads[first]
        assert event is not None
        yield event
        heads[first] = await anext(streams[first], None)


def _sources() -> tuple[Source, ...]:
    told = contributions.all_with_details().where(contribution.c.counts_for_audience)
    return (
        (
            select(
                campaign,
                campaign_change.c.state.label("told_state"),
                campaign_change.c.version.label("told_version"),
                campaign_change.c.at,
            )
            .join_from(campaign_change, campaign)
            .where(campaign_change.c.state != State.DRAFT.value)
            .order_by(campaign_change.c.at, campaign_change.c.version),
            _moved,
        ),
        (select(enrolment).order_by(enrolment.c.enrolled_at), _enrolled),
        (told.order_by(contribution.c.id), _posted),
        (
            told.where(contribution.c.withdrawn_at.is_not(None)).order_by(contribution.c.withdrawn_at),
            _withdrawn,
        ),
    )


async def _events(
    connection: AsyncConnection, query: Select[Any], event_of: Callable[[RowMapping], Event[Fact]]
) -> AsyncIterator[Event[Fact]]:
    rows = await connection.stream(query, execution_options={"yield_per": ROWS_AT_ONCE})
    async for row in rows.mappings():
        yield event_of(row)


def _moved(row: RowMapping) -> Event[Fact]:
    moved, state = campaigns.of_row(row), State(row["told_state"])
    return Event.of(campaign_fact(moved, state, row["told_version"], row["at"]), row["at"])


def _enrolled(row: RowMapping) -> Event[Fact]:
    enrolled = Enrolment(**row)
    return Event.of(enrolment_fact(enrolled), enrolled.enrolled_at)


def _posted(row: RowMapping) -> Event[Fact]:
    posted = contributions.of_row(row)
    return Event.of(contribution_facts.posted(posted), posted.posted_at)


def _withdrawn(row: RowMapping) -> Event[Fact]:
    withdrawn = contributions.of_row(row)
    assert withdrawn.withdrawn_at is not None
    return Event.of(contribution_facts.withdrawn(withdrawn), withdrawn.withdrawn_at)
