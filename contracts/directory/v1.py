"""Events of the directory: who and where. Never a name, an address or a text."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.envelope import Fact

Ring = tuple[tuple[float, float], ...]
"""A closed line of (longitude, latitude) in WGS 84 degrees; first and last point are the same."""


class CityJoined(Fact, frozen=True, kw_only=True):
    """A city takes part from now on."""

    TYPE: ClassVar[str] = "directory.city-joined.v1"
    AGGREGATE: ClassVar[str] = "city_id"
    KEY: ClassVar[str] = "city_id"

    nis_code: str
    """Five digits that name the commune today; an attribute, never a key: communes merge."""
    version: int


class CommuneMerged(Fact, frozen=True, kw_only=True):
    """The city continues under another NIS code; its id, and all that hangs on it, stays."""

    TYPE: ClassVar[str] = "directory.commune-merged.v1"
    AGGREGATE: ClassVar[str] = "city_id"
    KEY: ClassVar[str] = "city_id"

    version: int
    """Counts the changes of this city, as in CityJoined; some of them are no event."""
    nis_code: str
    previous_nis_code: str
    merged_on: date
    """The first day of the new code, as the law gives it: a day in Belgium, without a time."""


class DistrictDrawn(Fact, frozen=True, kw_only=True):
    """A district has this outline from now on (the full state: a newer version replaces it)."""

    TYPE: ClassVar[str] = "directory.district-drawn.v1"
    AGGREGATE: ClassVar[str] = "district_id"
    KEY: ClassVar[str] = "district_id"

    district_id: UUID
    version: int
    polygon: tuple[Ring, ...]
    """Outer ring first, then holes, as in GeoJSON."""


class DistrictRemoved(Fact, frozen=True, kw_only=True):
    """The city has this district no more: the last that is told of it."""

    TYPE: ClassVar[str] = "directory.district-removed.v1"
    AGGREGATE: ClassVar[str] = "district_id"
    KEY: ClassVar[str] = "district_id"

    district_id: UUID
    version: int
    """Counts the changes of this district, as in DistrictDrawn; some of them are no event."""


class MerchantListed(Fact, frozen=True, kw_only=True):
    """A merchant (an establishment, not an enterprise) is in the directory from now on, or is so again."""

    TYPE: ClassVar[str] = "directory.merchant-listed.v1"
    AGGREGATE: ClassVar[str] = "merchant_id"
    KEY: ClassVar[str] = "merchant_id"

    merchant_id: UUID
    version: int
    """Counts the changes of this merchant over all of its event types; the first is 1, a later one says that
    it is listed again."""
    kind: str
    """Key and value of its OpenStreetMap tag: `shop=bakery`, `amenity=restaurant`."""
    longitude: float
    latitude: float
    district_ids: tuple[UUID, ...] = ()


class MerchantUpdated(Fact, frozen=True, kw_only=True):
    """The merchant's public state changed; carries all of it, like MerchantListed."""

    TYPE: ClassVar[str] = "directory.merchant-updated.v1"
    AGGREGATE: ClassVar[str] = "merchant_id"
    KEY: ClassVar[str] = "merchant_id"

    merchant_id: UUID
    version: int
    kind: str
    longitude: float
    latitude: float
    district_ids: tuple[UUID, ...] = ()


class MerchantClaimed(Fact, frozen=True, kw_only=True):
    """Somebody runs this merchant's account from now on; who it is stays with the directory."""

    TYPE: ClassVar[str] = "directory.merchant-claimed.v1"
    AGGREGATE: ClassVar[str] = "merchant_id"
    KEY: ClassVar[str] = "merchant_id"

    merchant_id: UUID
    version: int


class MerchantClaimDisputed(Fact, frozen=True, kw_only=True):
    """Somebody claims a merchant that another runs: it stays as it is until its city has decided."""

    TYPE: ClassVar[str] = "directory.merchant-claim-disputed.v1"
    AGGREGATE: ClassVar[str] = "dispute_id"
    KEY: ClassVar[str] = "merchant_id"

    dispute_id: UUID
    merchant_id: UUID


class MerchantClosed(Fact, frozen=True, kw_only=True):
    """The merchant exists no more, or is not to be listed. A later MerchantListed has it back."""

    TYPE: ClassVar[str] = "directory.merchant-closed.v1"
    AGGREGATE: ClassVar[str] = "merchant_id"
    KEY: ClassVar[str] = "merchant_id"

    merchant_id: UUID
    version: int
    delisted: bool = False
    """Its city takes it off the list, or it objected to being listed: it may well go on existing."""


class MerchantProposalDecided(Fact, frozen=True, kw_only=True):
    """The city's officers decided about a shop that somebody missed in the directory. Once for each."""

    TYPE: ClassVar[str] = "directory.merchant-proposal-decided.v1"
    AGGREGATE: ClassVar[str] = "proposal_id"
    KEY: ClassVar[str] = "proposal_id"

    proposal_id: UUID
    merchant_id: UUID | None = None
    """The merchant that it became, or was already; None where it is refused."""
    reason: str = ""
    """A code that says why it is refused: `not_found`, `not_a_shop`, `elsewhere`, `closed`, `objected`."""


class MerchantCorrectionAccepted(Fact, frozen=True, kw_only=True):
    """A correction that somebody suggested was found right and put in; a later version says that it was
    not, and was taken out again. What it says stays with the directory."""

    TYPE: ClassVar[str] = "directory.merchant-correction-accepted.v1"
    AGGREGATE: ClassVar[str] = "correction_id"
    KEY: ClassVar[str] = "merchant_id"

    correction_id: UUID
    merchant_id: UUID
    version: int
    """1 when it was accepted, 2 where it was reverted."""
    receipt_id: UUID
    """A number that was given to whoever suggested it, and to nobody else."""
    field: str
    """What was wrong: `name`, `address`, `opening_hours`, `website`, `phone`, `moved`, `closed` or
    `duplicate`."""
    stands: bool


class PersonErasureRequested(Fact, frozen=True, kw_only=True):
    """A person is to be forgotten by every owner. The one event that carries a person's id.

    Once all owners are done, the id is nowhere else but in their lists of whom to keep forgotten.
    """

    TYPE: ClassVar[str] = "directory.person-erasure-requested.v1"
    AGGREGATE: ClassVar[str] = "erasure_id"
    KEY: ClassVar[str] = "erasure_id"

    erasure_id: UUID
    person_id: UUID
    closed_merchant_ids: tuple[UUID, ...] = ()
    """Shops that are closed with the person: figures about a sole trader are personal data too."""
    left_merchant_ids: tuple[UUID, ...] = ()
    """Shops that go on without an account: what the person agreed to for them ends."""


class PersonalDataErased(Fact, frozen=True, kw_only=True):
    """The directory's part of an erasure is done."""

    TYPE: ClassVar[str] = "directory.personal-data-erased.v1"
    AGGREGATE: ClassVar[str] = "erasure_id"
    KEY: ClassVar[str] = "erasure_id"

    erasure_id: UUID


FACTS: tuple[type[Fact], ...] = (
    CityJoined,
    CommuneMerged,
    DistrictDrawn,
    DistrictRemoved,
    MerchantListed,
    MerchantUpdated,
    MerchantClaimed,
    MerchantClaimDisputed,
    MerchantClosed,
    MerchantProposalDecided,
    MerchantCorrectionAccepted,
    PersonErasureRequested,
    PersonalDataErased,
)
