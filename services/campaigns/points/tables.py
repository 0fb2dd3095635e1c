"""What ambassadors earned, line by line; what it comes to; and under which name who wants to is listed.

What earns and is a contribution has its row there; what earns and is none has one here (`deed`).
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
)

from services.campaigns.metadata import metadata
from services.campaigns.points.domain import Why
from services.campaigns.policy.domain import Action

BESIDE = (Action.SHARE.value, Action.CORRECTION.value)
"""What earns and is no contribution."""
_BESIDE = ", ".join(f"'{action}'" for action in BESIDE)
_REASONS = ", ".join(f"'{why}'" for why in Why)

# What is done for a campaign without being a contribution: a link that brought visits on a day, a correction
# of the directory that was accepted.
deed = Table(
    "deed",
    metadata,
    Column("id", Uuid, primary_key=True),  # of a link's day, or of the correction: once
    Column("city_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("merchant_id", Uuid),
    Column("action", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("stands", Boolean, nullable=False),
    CheckConstraint(f"action IN ({_BESIDE})", name="action"),
    Index("deed_of_ambassador", "campaign_id", "contributor_id", "at"),
)

point_entry = Table(
    "point_entry",
    metadata,
    Column("id", Uuid, primary_key=True),  # orders by time
    Column("city_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("cause", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("points", SmallInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint(f"why IN ({_REASONS})", name="why"),
    CheckConstraint("points <> 0 AND (points < 0) = (why = 'taken-back')", name="points"),
    Index("point_entry_of_ambassador", "campaign_id", "contributor_id", "id"),
)

# Who books takes this row first: of one ambassador's contributions at the same time, the one that comes
# last sees them all.
point_balance = Table(
    "point_balance",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), primary_key=True),
    Column("contributor_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("points", Integer, nullable=False),
    CheckConstraint("points >= 0", name="points"),
)

leaderboard_name = Table(
    "leaderboard_name",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), nullable=False),
    Column("city_id", Uuid, nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("listed_at", DateTime(timezone=True), nullable=False),
    # An officer took it off: its owner does not come back under another.
    Column("removed_at", DateTime(timezone=True)),
)
Index(
    "leaderboard_name_once",
    leaderboard_name.c.campaign_id,
    func.lower(leaderboard_name.c.name),
    unique=True,
)
Index(
    "leaderboard_name_of_ambassador",
    leaderboard_name.c.campaign_id,
    leaderboard_name.c.contributor_id,
    unique=True,
)

campaign_game = Table(
    "campaign_game",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("badges", Boolean, nullable=False),
    Column("leaderboard", Boolean, nullable=False),
)
