"""Printed invitations with their secrets (as digests), who claimed which shop how, disputes."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.directory.cities.tables import city, district
from services.directory.merchants.tables import merchant
from services.directory.metadata import metadata
from services.directory.people.tables import person

GONE, UNNAMED = "CASCADE", "SET NULL"
"""What an erased person leaves: nothing of their own claims, and no name on what they did for others."""

invitation_run = Table(
    "invitation_run",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    # None: for merchants that were named one by one.
    Column("district_id", Uuid, ForeignKey(district.c.id)),
    Column("language", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    # What it waits for, or why it failed; for people.
    Column("trouble", Text),
    Column("asked_by", Uuid, ForeignKey(person.c.id, ondelete=UNNAMED)),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("sent_by", Uuid, ForeignKey(person.c.id, ondelete=UNNAMED)),
    Column("sent_at", DateTime(timezone=True)),
)
Index(
    "invitation_run_unfinished",
    invitation_run.c.id,
    postgresql_where=invitation_run.c.state.in_(("waiting", "running")),
)
Index("invitation_run_city", invitation_run.c.city_id, invitation_run.c.id)

# One paper for one shop. Its place is filled when the run begins, the rest when it is prepared.
invitation = Table(
    "invitation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("run_id", Uuid, ForeignKey(invitation_run.c.id), nullable=False),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id), nullable=False),
    Column("prepared_at", DateTime(timezone=True)),
    # Why it was not printed after all: closed, claimed or objected since the run began.
    Column("left_out", Text),
    Column("figures", JSONB),
    Column("code_digest", LargeBinary, unique=True),
    Column("page_digest", LargeBinary, unique=True),
    Column("objection_digest", LargeBinary, unique=True),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
    Column("used_by", Uuid, ForeignKey(person.c.id, ondelete=UNNAMED)),
)
Index("invitation_in_run", invitation.c.run_id, invitation.c.id)
Index("invitation_of_merchant", invitation.c.merchant_id)
# One live code for a shop: a paper that is found again years later opens nothing.
Index(
    "invitation_live",
    invitation.c.merchant_id,
    unique=True,
    postgresql_where=invitation.c.code_digest.is_not(None)
    & invitation.c.revoked_at.is_(None)
    & invitation.c.used_at.is_(None),
)

claim = Table(
    "claim",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id), nullable=False),
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete=GONE), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("how", Text, nullable=False),
    # None where the code alone confirmed it.
    Column("confirmed_by", Uuid, ForeignKey(person.c.id, ondelete=UNNAMED)),
    Column("invitation_id", Uuid, ForeignKey(invitation.c.id)),
)
Index("claim_of_merchant", claim.c.merchant_id, claim.c.id)

claim_dispute = Table(
    "claim_dispute",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id), nullable=False),
    Column("claimant_id", Uuid, ForeignKey(person.c.id, ondelete=GONE), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("how", Text, nullable=False),
    Column("confirmed_by", Uuid, ForeignKey(person.c.id, ondelete=UNNAMED)),
    Column("invitation_id", Uuid, ForeignKey(invitation.c.id)),
    Column("outcome", Text),
    Column("reason", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Uuid, ForeignKey(person.c.id, ondelete=UNNAMED)),
)
Index(
    "claim_dispute_open",
    claim_dispute.c.merchant_id,
    unique=True,
    postgresql_where=claim_dispute.c.decided_at.is_(None),
)
Index("claim_dispute_city", claim_dispute.c.city_id, claim_dispute.c.id)
