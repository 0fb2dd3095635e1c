"""The plans of studies, whom each compares, and what is counted of shops."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
)

from services.campaigns.metadata import metadata
from services.campaigns.study.domain.outcomes import Fact

_FACTS = ", ".join(f"'{fact}'" for fact in Fact)

study_plan = Table(
    "study_plan",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("outcomes", ARRAY(Text), nullable=False),
    Column("comparison_district_ids", ARRAY(Uuid), nullable=False),
    Column("weeks_before", Integer, nullable=False),
    Column("weeks_after", Integer, nullable=False),
    Column("least_merchants", Integer, nullable=False),
    Column("least_counted", Integer, nullable=False),
    Column("worth_percent", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

# Both groups as they were when the campaign started.
study_member = Table(
    "study_member",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), primary_key=True),
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("treated", Boolean, nullable=False),
    Column("unit", Text, nullable=False),  # its district, its kind or itself: what was chosen as a whole
    Index("study_member_by_merchant", "merchant_id"),
)

# One row for each thing that happened, so that an event that comes again changes nothing; of what can be
# corrected, the newest.
outcome_fact = Table(
    "outcome_fact",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("thing_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),  # in Belgium
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint(f"kind IN ({_FACTS})", name="kind"),
    Index("outcome_fact_by_merchant", "merchant_id", "kind", "day"),
    Index("outcome_fact_by_day", "day"),
)

# Shops that were closed with the person who ran them: nothing of them comes back, whatever is replayed.
erased_merchant = Table("erased_merchant", metadata, Column("merchant_id", Uuid, primary_key=True))
