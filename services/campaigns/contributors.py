"""The pseudonyms people have outside of this service. Deleting a row cuts the link to the person."""

from uuid import UUID

from sqlalchemy import Column, Select, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.metadata import metadata

contributor = Table(
    "contributor",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("contributor_id", Uuid, nullable=False, unique=True),
)


async def contributor_of(tx: Transaction, person_id: UUID) -> UUID:
    """The person's pseudonym, made where there is none; one for ever, however many ask at once."""
    found = await known_contributor(tx, person_id)
    if found:
        return found
    made: UUID | None = await tx.scalar(
        insert(contributor)
        .values(person_id=person_id, contributor_id=new_id())
        .on_conflict_do_nothing()
        .returning(contributor.c.contributor_id)
    )
    # A conflict has waited for the other transaction's commit, so its row is visible to a new statement.
    found = made or await known_contributor(tx, person_id)
    assert found is not None
    return found


async def known_contributor(tx: Transaction, person_id: UUID) -> UUID | None:
    """The person's pseudonym, or None where there is none yet."""
    return await tx.scalar(select(contributor.c.contributor_id).where(contributor.c.person_id == person_id))


def pseudonym_of(person_id: UUID) -> Select[tuple[UUID]]:
    """The same, as part of a query."""
    return select(contributor.c.contributor_id).where(contributor.c.person_id == person_id)
