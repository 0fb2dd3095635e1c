"""Who objected to being listed stays out: recognised again by hashes, nothing of it can be read. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from uuid import UUID

from services.directory.merchants.details import Details
from services.directory.merchants.sameness import AROUND_METRES, are_near
from services.directory.search.folding import folded

_LEGAL_FORMS = frozenset(
    {"sa", "nv", "sprl", "sprlu", "bvba", "ebvba", "srl", "bv", "sc", "cv", "scrl", "cvba"}
    | {"scs", "gcv", "snc", "vof", "asbl", "vzw", "ag", "gmbh"}
)
"""A register writes them behind a name, and nobody over the door."""


@dataclass(frozen=True)
class Objection:
    """What is kept of a shop that objected: enough to know it again, wherever it is entered from."""

    merchant_id: UUID
    """Salts the hashes: those of one shop say nothing about another's."""
    place: Details
    """Its kind and position alone."""
    name_hashes: frozenset[bytes]
    number_hash: bytes | None
    address_hash: bytes | None = None
    """Of street and house number; None where they are not both known, or objected before it was kept."""

    @classmethod
    def of(cls, merchant_id: UUID, details: Details) -> Self:
        """What to keep of a shop with these details."""
        known = Known.of(details)
        return cls(
            merchant_id,
            details.only_the_place(),
            frozenset(_hash(merchant_id, name) for name in known.names),
            _hash(merchant_id, known.number) if known.number else None,
            _hash(merchant_id, known.address) if known.address else None,
        )

    def is_about(self, known: Known) -> bool:
        """Whether this is the same establishment: by its number, or called so around here or at its address.

        As far away as duplicates are looked for (`doubts/domain.py`): each source places a shop differently.
        """
        if known.number and _hash(self.merchant_id, known.number) == self.number_hash:
            return True
        if not are_near(self.place, known.place, AROUND_METRES) and not self._is_at(known.address):
            return False
        return any(_hash(self.merchant_id, name) in self.name_hashes for name in known.names)

    def _is_at(self, address: str | None) -> bool:
        return address is not None and _hash(self.merchant_id, address) == self.address_hash


@dataclass(frozen=True)
class Known:
    """What a shop is known by, as it is compared: reckoned once, however many have objected."""

    place: Details
    names: frozenset[str]
    number: str | None
    address: str | None

    @classmethod
    def of(cls, details: Details) -> Self:
        """Of a shop with these details."""
        street, number = folded(details.street or ""), folded(details.house_number or "")
        address = f"{street}|{number}" if street and number else None
        return cls(details, frozenset(_names(details)), details.establishment_number, address)


def keeps_out(objections: Collection[Objection], details: Details) -> bool:
    """Whether one of the objections is about this shop."""
    if not objections:
        return False  # as almost always: nothing has to be reckoned for each row of an import
    known = Known.of(details)
    return any(each.is_about(known) for each in objections)


def _names(details: Details) -> Iterable[str]:
    """The same for every way to write one: a register has neither accents nor small letters."""
    for name in details.called():
        plain = folded(name)
        yield plain or name.casefold()  # a name of signs alone is not any other of signs alone
        if in_any_order := " ".join(sorted(set(plain.split()) - _LEGAL_FORMS)):
            yield in_any_order


def _hash(merchant_id: UUID, text: str) -> bytes:
    return sha256(merchant_id.bytes + text.encode()).digest()
