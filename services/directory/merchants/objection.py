"""Who objected to being listed stays out: recognised again by hashes, nothing of it can be read. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from uuid import UUID

from services.directory.merchants.details import Details
from services.directory.merchants.sameness import are_near
from services.directory.search.folding import folded


@dataclass(frozen=True)
class Objection:
    """What is kept of a shop that objected: enough to know it again, wherever it is entered from."""

    merchant_id: UUID
    """Salts the hashes: those of one shop say nothing about another's."""
    place: Details
    """Its kind and position alone."""
    name_hashes: frozenset[bytes]
    number_hash: bytes | None

    @classmethod
    def of(cls, merchant_id: UUID, details: Details) -> Self:
        """What to keep of a shop with these details."""
        number = details.establishment_number
        return cls(
            merchant_id,
            details.only_the_place(),
            frozenset(_hash(merchant_id, name) for name in details.called()),
            _hash(merchant_id, number) if number else None,
        )

    def is_about(self, details: Details) -> bool:
        """Whether this is the same establishment, or a shop of the same name at the same place."""
        number = details.establishment_number
        if number and _hash(self.merchant_id, number) == self.number_hash:
            return True
        if not are_near(self.place, details):
            return False
        return any(_hash(self.merchant_id, name) in self.name_hashes for name in details.called())


def keeps_out(objections: Iterable[Objection], details: Details) -> bool:
    """Whether one of the objections is about this shop."""
    return any(each.is_about(details) for each in objections)


def _hash(merchant_id: UUID, text: str) -> bytes:
    """The same for every way to write a name: a register has neither accents nor small letters."""
    plain = folded(text) or text.casefold()  # a name of signs alone is not any other of signs alone
    return sha256(merchant_id.bytes + plain.encode()).digest()
