"""Whom a notification is for: a merchant (whoever runs the shop reads it), or one person."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Text, Uuid


class RecipientKind(StrEnum):
    """Each has a feed, preferences and deliveries of its own."""

    merchant = "merchant"
    person = "person"


class Recipient(NamedTuple):
    """Sorts by kind and id: the order in which feeds are locked."""

    kind: RecipientKind
    id: UUID

    @property
    def merchant_id(self) -> UUID | None:
        """The shop's id; None for a person, who is named to nobody outside of this service."""
        return self.id if self.kind is RecipientKind.merchant else None


def to_merchant(merchant_id: UUID) -> Recipient:
    """The people of a shop."""
    return Recipient(RecipientKind.merchant, merchant_id)


def to_person(person_id: UUID) -> Recipient:
    """One person with an account: an officer, a consultant, an ambassador."""
    return Recipient(RecipientKind.person, person_id)


def recipient_columns(*, primary_key: bool = False) -> tuple[Column[Any], Column[Any], CheckConstraint]:
    """What every table about a recipient begins with."""
    kind: Column[Any] = Column("recipient_kind", Text, nullable=False, primary_key=primary_key)
    return (
        kind,
        Column("recipient_id", Uuid, nullable=False, primary_key=primary_key),
        CheckConstraint(kind.in_([each.value for each in RecipientKind])),
    )


def as_arrays(recipients: Sequence[Recipient]) -> dict[str, list[Any]]:
    """For `unnest(CAST(:recipient_kinds AS text[]), CAST(:recipient_ids AS uuid[]))`."""
    return {
        "recipient_kinds": [each.kind.value for each in recipients],
        "recipient_ids": [each.id for each in recipients],
    }


def as_values(recipient: Recipient) -> dict[str, Any]:
    """For `recipient_kind = :recipient_kind AND recipient_id = :recipient_id`."""
    return {"recipient_kind": recipient.kind.value, "recipient_id": recipient.id}
