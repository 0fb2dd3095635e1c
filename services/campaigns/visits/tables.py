"""Visits by day, and the salts under which visitors are told apart while the day lasts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    literal_column,
)

from services.campaigns.metadata import metadata
from services.campaigns.visits.domain import Kind

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)

visit_day = Table(
    "visit_day",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),  # what is told of it is told under this id
    Column("kind", Text, nullable=False),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid),
    Column("campaign_id", Uuid),
    Column("visits", BigInteger, nullable=False),
    Column("visitors", BigInteger, nullable=False),
    Column("sketch", LargeBinary),  # none once the day is over
    # What was told last, to be told again (rule 7).
    Column("told_visits", BigInteger, nullable=False),
    Column("told_visitors", BigInteger, nullable=False),
    Column("told_version", Integer, nullable=False),
    Column("told_at", DateTime(timezone=True)),
    CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    CheckConstraint("visitors <= visits", name="visitors"),
    CheckConstraint("(told_version = 0) = (told_at IS NULL)", name="told"),
    Index("visit_day_by_merchant", "merchant_id", "day"),
    Index("visit_day_by_day", "day"),
)
# A condition written out: a plan for any parameter cannot use a partial index.
is_to_be_told = (visit_day.c.visits > visit_day.c.told_visits) & (
    visit_day.c.kind != literal_column("'page'")
)
Index("visit_day_to_tell", visit_day.c.told_at, postgresql_where=is_to_be_told)
Index("visit_day_told", visit_day.c.told_at, postgresql_where=visit_day.c.told_at.is_not(None))

visit_salt = Table(
    "visit_salt",
    metadata,
    Column("day", Date, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)
