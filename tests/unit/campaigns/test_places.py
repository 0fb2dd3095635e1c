"""What is known of places does not depend on the order in which it was told."""

from datetime import date
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
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
from services.campaigns.places.domain import City, District, Merchant, contains
from services.campaigns.places.projections import merged, place_of
from tests.support.campaigns_places import CITY, histories

DOUGHNUT = (
    ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)),
    ((4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0), (4.0, 4.0)),
)


@given(st.data())
def test_any_order_with_redeliveries_ends_in_the_same_knowledge(data: st.DataObject) -> None:
    facts = data.draw(histories())
    expected = known(facts)
    again = data.draw(st.lists(st.sampled_from(facts), max_size=len(facts)))
    shuffled = data.draw(st.permutations([*facts, *again]))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert known(shuffled) == expected
    # In two batches, the second merged into what the first left.
    first, second = known(shuffled[:cut]), known(shuffled[cut:])
    assert {place.id: place for place in merged([*first.values(), *second.values()])} == expected


def known(facts: list[Fact]) -> dict[UUID, City | District | Merchant]:
    return {place.id: place for place in merged(map(place_of, facts))}


def listed(version: int, merchant: UUID, kind: str = "shop=bakery") -> MerchantListed:
    return MerchantListed(
        city_id=CITY, merchant_id=merchant, version=version, kind=kind, longitude=5.6, latitude=49.7
    )


def test_a_city_has_the_code_of_its_last_merger_in_any_order() -> None:
    joined = CityJoined(city_id=CITY, nis_code="85046", version=1)
    first = CommuneMerged(
        city_id=CITY, version=2, nis_code="85050", previous_nis_code="85046", merged_on=date(2027, 1, 1)
    )
    last = CommuneMerged(
        city_id=CITY, version=4, nis_code="85060", previous_nis_code="85050", merged_on=date(2029, 1, 1)
    )
    for order in permutations([joined, first, last]):
        assert merged(map(place_of, order)) == [City(CITY, 4, "85060")]


def test_a_district_that_was_removed_stays_so_with_its_last_outline() -> None:
    district = uuid4()
    drawn = [
        DistrictDrawn(city_id=CITY, district_id=district, version=version, polygon=DOUGHNUT[:version])
        for version in (1, 2)
    ]
    removed = DistrictRemoved(city_id=CITY, district_id=district, version=3)
    for order in permutations([*drawn, removed]):
        assert merged(map(place_of, order)) == [District(district, CITY, 2, DOUGHNUT, removed=True)]


def test_a_closing_that_overtakes_the_listing_is_kept() -> None:
    merchant = uuid4()
    closed = MerchantClosed(city_id=CITY, merchant_id=merchant, version=2)
    for order in permutations([listed(1, merchant), closed]):
        (place,) = merged(map(place_of, order))
        assert isinstance(place, Merchant)
        assert (place.known, place.closed) == (True, True)


def test_a_merchant_of_whom_only_the_closing_is_known_is_not_listed() -> None:
    place = place_of(MerchantClosed(city_id=CITY, merchant_id=uuid4(), version=2))
    assert isinstance(place, Merchant)
    assert (place.known, place.closed) == (False, True)


def test_a_merchant_that_was_listed_again_after_it_closed_is_open() -> None:
    merchant = uuid4()
    story = [
        listed(1, merchant),
        MerchantClosed(city_id=CITY, merchant_id=merchant, version=2),
        listed(3, merchant),
    ]
    for order in permutations(story):
        (place,) = merged(map(place_of, order))
        assert isinstance(place, Merchant)
        assert not place.closed


@pytest.mark.parametrize(
    ("longitude", "latitude", "inside"),
    [(1, 1, True), (5, 5, False), (11, 5, False), (0, 5, True), (10, 10, True), (4, 5, True), (-1, 0, False)],
)
def test_a_point_belongs_to_a_polygon_with_its_line_and_without_its_holes(
    longitude: float, latitude: float, inside: bool
) -> None:
    assert contains(DOUGHNUT, longitude, latitude) is inside


def test_a_polygon_without_a_ring_contains_nothing() -> None:
    assert not contains((), 1, 1)


def test_a_fact_that_says_nothing_about_a_place_is_no_place() -> None:
    class Other(Fact, frozen=True, kw_only=True):
        TYPE = "directory.other.v1"

    with pytest.raises(TypeError):
        place_of(Other(city_id=CITY))


def test_every_place_is_told_by_its_own_facts() -> None:
    district = DistrictDrawn(city_id=CITY, district_id=uuid4(), version=1, polygon=DOUGHNUT)
    facts: list[Fact] = [CityJoined(city_id=CITY, nis_code="85046", version=1), district]
    update = MerchantUpdated(
        city_id=CITY, merchant_id=uuid4(), version=4, kind="shop=books", longitude=5.0, latitude=49.0
    )
    assert set(known([*facts, update])) == {CITY, district.district_id, update.merchant_id}
