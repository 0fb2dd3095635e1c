"""Campaigns, and every change somebody or the clock made to one."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaigns.lifecycle.domain import State
from services.campaigns.metadata import metadata

_STATES = ", ".join(f"'{state}'" for state in State)

campaign = Table(
    "campaign",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("translations", JSONB, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("district_ids", ARRAY(Uuid), nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("merchant_ids", ARRAY(Uuid), nullable=False),
    Column("question", Text),
    Column("go_if", JSONB, nullable=False),
    Column("goals", JSONB, nullable=False),
    Column("approval", Boolean, nullable=False),
    Column("asks", JSONB, nullable=False),
    Column("legal_ground", Text),
    # What it was judged to be when it was announced, rules included: those may change later.
    Column("policy", JSONB(none_as_null=True)),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("evaluation", JSONB(none_as_null=True)),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("starts_at < ends_at", name="lasts"),
    CheckConstraint("(state IN ('ended', 'evaluated')) = (ended_at IS NOT NULL)", name="ended"),
    CheckConstraint("(state = 'evaluated') = (evaluation IS NOT NULL)", name="evaluated"),
    CheckConstraint("state <> 'running' OR started_at IS NOT NULL", name="started"),
    Index("campaign_by_city", "city_id", "id"),
)
# Conditions of partial indexes, written out: a plan for any parameter cannot use such an index.
is_running = campaign.c.state == literal_column(f"'{State.RUNNING}'")
waits_to_start = campaign.c.state == literal_column(f"'{State.SCHEDULED}'")
waits_to_end = campaign.c.state.in_(
    [literal_column(f"'{state}'") for state in (State.SCHEDULED, State.RUNNING)]
)
# What every contribution looks up.
Index("campaign_running", campaign.c.city_id, postgresql_where=is_running)
# What the clock looks for; both stay as small as the number of campaigns that are not over.
Index("campaign_due_to_start", campaign.c.starts_at, postgresql_where=waits_to_start)
Index("campaign_due_to_end", campaign.c.ends_at, postgresql_where=waits_to_end)

# The events of a campaign can be emitted again from here, with their versions and times (rule 7).
campaign_change = Table(
    "campaign_change",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid),  # none: the clock
    # Of the plan: before and after by field. None where only the state changed.
    Column("changes", JSONB, nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),  # as its events were told
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    Index("campaign_change_by_time", "at"),
)
