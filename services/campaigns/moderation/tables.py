"""Contributions that wait for somebody to decide about them, who reported them, and what was decided."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.campaigns.metadata import metadata

moderation_case = Table(
    "moderation_case",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("contribution_id", Uuid, ForeignKey("contribution.id"), nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),  # or withdrawn by its author
    Column("taken_by", Uuid),
    Column("taken_until", DateTime(timezone=True)),
    # Of an appeal: against which decision, by whom, in which words. A foreign key would close a circle.
    Column("appeal_of", Uuid),
    Column("appellant", Text),
    Column("appeal_text", Text),
    CheckConstraint("(taken_by IS NULL) = (taken_until IS NULL)", name="taken"),
    CheckConstraint("(appeal_of IS NULL) = (appellant IS NULL)", name="appeal"),
    CheckConstraint("appellant IN ('author', 'reporter')", name="appellant"),
)
is_open = moderation_case.c.decided_at.is_(None)
# Whatever is said about a contribution while a case is open is part of that case.
Index("moderation_case_once", moderation_case.c.contribution_id, unique=True, postgresql_where=is_open)
# Each side appeals once for each contribution; the others of its side are heard within that.
Index(
    "moderation_case_appeal_once",
    moderation_case.c.contribution_id,
    moderation_case.c.appellant,
    unique=True,
    postgresql_where=moderation_case.c.appellant.is_not(None),
)
Index("moderation_case_queue", moderation_case.c.city_id, moderation_case.c.id, postgresql_where=is_open)

moderation_decision = Table(
    "moderation_decision",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("moderation_case.id"), nullable=False, unique=True),
    Column("city_id", Uuid, nullable=False),
    Column("contribution_id", Uuid, ForeignKey("contribution.id"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid),  # none once they were erased
    CheckConstraint("outcome IN ('published', 'removed')", name="outcome"),
    Index("moderation_decision_by_contribution", "contribution_id", "id"),
    Index("moderation_decision_by_time", "at"),
)

report = Table(
    "report",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("moderation_case.id"), nullable=False),
    Column("city_id", Uuid, nullable=False),
    Column("contribution_id", Uuid, ForeignKey("contribution.id"), nullable=False),
    Column("ground", Text, nullable=False),
    Column("text", Text),  # none once it is no longer needed
    Column("at", DateTime(timezone=True), nullable=False),
    Column("contributor_id", Uuid),  # none without an account: then there is a secret
    Column("secret_hash", LargeBinary),
    CheckConstraint("num_nonnulls(contributor_id, secret_hash) = 1", name="whose"),
    Index("report_by_case", "case_id"),
    Index("report_once", "case_id", "contributor_id", unique=True),
    Index("report_by_contributor", "contributor_id", "id"),
    Index("report_by_contribution", "contribution_id"),
)

# Once for each city and day that its officers were told how much waits, whoever looks.
moderation_wait = Table(
    "moderation_wait",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("held", Integer, nullable=False),
    Column("reported", Integer, nullable=False),
    Column("appeals", Integer, nullable=False),
    Column("overdue", Integer, nullable=False),
    Column("oldest_since", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("deputy_city_id", Uuid),
    Column("oldest_appeal_since", DateTime(timezone=True)),  # none where no appeal waited too long
    UniqueConstraint("city_id", "day"),
    Index("moderation_wait_by_time", "at"),
)

# Of which other city the officers decide a city's appeals where it has nobody else.
moderation_deputy = Table(
    "moderation_deputy",
    metadata,
    Column("city_id", Uuid, primary_key=True),
    Column("deputy_city_id", Uuid, nullable=False),
    CheckConstraint("city_id <> deputy_city_id", name="elsewhere"),
)
