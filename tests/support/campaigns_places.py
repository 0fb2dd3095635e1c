"""Histories of a town as the directory would tell them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import strategies as st

from contracts.directory.v1 import (
    CityJoined,
    CommuneMerged,
    DistrictDrawn,
    DistrictRemoved,
    MerchantClosed,
    MerchantListed,
    MerchantUpdated,
)
from contracts.envelope import Fact

CITY = UUID("01890000-0000-7000-8000-00000000c17e")
MERCHANTS = tuple(UUID(f"01890000-0000-7000-8000-0000000000a{n}") for n in range(4))
DISTRICTS = tuple(UUID(f"01890000-0000-7000-8000-0000000000d{n}") for n in range(2))


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Merchants (listed, updated, closed, listed again), districts (some removed), a city that merges."""
    facts: list[Fact] = [CityJoined(city_id=CITY, nis_code="85046", version=1)]
    facts += [_merged(version) for version in range(2, draw(st.integers(2, 5)))]
    for district in DISTRICTS:
        versions = draw(st.integers(1, 3))
        facts += [_drawn(district, version) for version in range(1, versions + 1)]
        if draw(st.booleans()):
            facts.append(DistrictRemoved(city_id=CITY, district_id=district, version=versions + 1))
    for merchant in MERCHANTS:
        steps = draw(st.lists(st.booleans(), max_size=5))
        facts.append(_listed(MerchantListed, merchant, 1))
        for version, closes in enumerate(steps, start=2):
            facts.append(
                MerchantClosed(city_id=CITY, merchant_id=merchant, version=version)
                if closes
                else _listed(MerchantUpdated, merchant, version)
            )
    return facts


def _merged(version: int) -> CommuneMerged:
    return CommuneMerged(
        city_id=CITY,
        version=version,
        nis_code=f"8504{version}",
        previous_nis_code=f"8504{version - 1}",
        merged_on=date(2030 + version, 1, 1),
    )


def _drawn(district: UUID, version: int) -> DistrictDrawn:
    edge = float(version)
    ring = ((0.0, 0.0), (edge, 0.0), (edge, edge), (0.0, edge), (0.0, 0.0))
    return DistrictDrawn(city_id=CITY, district_id=district, version=version, polygon=(ring,))


def _listed(
    fact: type[MerchantListed | MerchantUpdated], merchant: UUID, version: int
) -> MerchantListed | MerchantUpdated:
    return fact(
        city_id=CITY,
        merchant_id=merchant,
        version=version,
        kind=f"shop={version}",
        longitude=version / 10,
        latitude=version / 20,
        district_ids=DISTRICTS[: version % 3],
    )
