"""What of a map is a merchant: the real extract of Habay, and shapes other towns' extracts may have."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.directory.imports.domain import LeftOut, Listable, classify
from services.directory.imports.features import NoCollection
from services.directory.imports.kinds import Reason
from tests.support.directory import extract, feature, habay_extract, square


def only(collection: dict[str, Any]) -> Listable | LeftOut:
    (outcome,) = classify(collection)
    return outcome


def listable(**tags: Any) -> Listable:
    outcome = only(extract(feature(**tags)))
    assert isinstance(outcome, Listable), outcome
    return outcome


def reason(**tags: Any) -> Reason:
    outcome = only(extract(feature(**tags)))
    assert isinstance(outcome, LeftOut), outcome
    return outcome.reason


def test_habay_has_sixty_six_merchants_of_these_kinds() -> None:
    outcomes = classify(json.loads(habay_extract()))

    kinds = Counter(outcome.details.kind for outcome in outcomes if isinstance(outcome, Listable))
    # Counted by hand in the file; 31 of its 122 features are the centres of areas it also has.
    assert kinds == {
        "amenity=bank": 4,
        "amenity=bar": 2,
        "amenity=cafe": 1,
        "amenity=car_wash": 1,
        "amenity=cinema": 1,
        "amenity=fast_food": 8,
        "amenity=fuel": 2,
        "amenity=pharmacy": 2,
        "amenity=pub": 2,
        "amenity=restaurant": 5,
        "shop=bakery": 6,
        "shop=beauty": 1,
        "shop=butcher": 1,
        "shop=car": 5,
        "shop=chocolate": 1,
        "shop=clothes": 3,
        "shop=convenience": 1,
        "shop=deli": 3,
        "shop=doityourself": 1,
        "shop=florist": 3,
        "shop=newsagent": 1,
        "shop=optician": 2,
        "shop=second_hand": 1,
        "shop=shoes": 1,
        "shop=supermarket": 5,
        "shop=toys": 1,
        "tourism=guest_house": 1,
        "tourism=hotel": 1,
    }
    assert len(outcomes) == 122


def test_habay_leaves_out_these_with_these_reasons() -> None:
    outcomes = classify(json.loads(habay_extract()))
    left_out = [outcome for outcome in outcomes if isinstance(outcome, LeftOut)]

    assert Counter(outcome.reason for outcome in left_out) == {
        Reason.DUPLICATE_FEATURE: 31,
        Reason.EDUCATION: 17,
        Reason.PUBLIC_SERVICE: 6,
        Reason.OFFICE_WITHOUT_COUNTER: 1,
        Reason.REGULATED_PROFESSION: 1,
    }
    others = {outcome.label: outcome.reason for outcome in left_out if outcome.reason != Reason.EDUCATION}
    assert others["Administration communale de Habay"] == Reason.DUPLICATE_FEATURE  # its centre
    assert others["Nadia Quoirin"] == Reason.REGULATED_PROFESSION
    assert others["Bibliothèque de Marbehan"] == Reason.PUBLIC_SERVICE


def test_habay_has_four_merchants_without_a_name_and_they_are_listed() -> None:
    outcomes = [each for each in classify(json.loads(habay_extract())) if isinstance(each, Listable)]

    nameless = {each.osm_id for each in outcomes if "name_missing" in each.notes}
    assert nameless == {"way/428308122", "node/4489966846", "node/5136987330", "node/5483454335"}
    assert sum("address_missing" in each.notes for each in outcomes) == 12


def test_the_drawn_area_stands_for_its_centre_whichever_comes_first() -> None:
    area = feature("way/7", geometry=square(5.64, 49.72), name="Delhaize", shop="supermarket")
    centre = feature("way/7", 5.0, 49.0, name="Delhaize", shop="supermarket")
    centre["properties"]["@geometry"] = "center"

    for order in ([area, centre], [centre, area]):
        outcomes = classify(extract(*order))
        assert {type(outcome) for outcome in outcomes} == {Listable, LeftOut}
        (kept,) = [outcome for outcome in outcomes if isinstance(outcome, Listable)]
        assert (kept.details.longitude, kept.details.latitude) == (5.645, 49.725)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"amenity": "atm", "name": "ING"}, Reason.CASH_MACHINE),
        ({"amenity": "vending_machine", "vending": "bread", "shop": "bakery"}, Reason.VENDING_MACHINE),
        ({"amenity": "school"}, Reason.EDUCATION),
        ({"amenity": "townhall"}, Reason.PUBLIC_SERVICE),
        ({"amenity": "post_office"}, Reason.PUBLIC_SERVICE),
        ({"office": "government"}, Reason.PUBLIC_SERVICE),
        ({"office": "company"}, Reason.OFFICE_WITHOUT_COUNTER),
        ({"office": "notary"}, Reason.REGULATED_PROFESSION),
        ({"amenity": "doctors"}, Reason.REGULATED_PROFESSION),
        ({"healthcare": "physiotherapist"}, Reason.REGULATED_PROFESSION),
        ({"amenity": "nursing_home"}, Reason.HEALTH_OR_CARE),
        ({"amenity": "place_of_worship"}, Reason.CULTURE_OR_COMMUNITY),
        ({"tourism": "museum"}, Reason.CULTURE_OR_COMMUNITY),
        ({"amenity": "parking"}, Reason.FACILITY),
        ({"leisure": "playground"}, Reason.FACILITY),
        ({"shop": "vacant"}, Reason.VACANT),
        ({"disused:shop": "bakery", "name": "Chez Paul"}, Reason.VACANT),
        ({"shop": "bakery", "disused": "yes"}, Reason.VACANT),
        ({"shop": "no", "building": "yes"}, Reason.NOT_A_MERCHANT),
        ({"building": "retail", "name": "Galerie"}, Reason.NOT_A_MERCHANT),
        ({"amenity": "restaurant", "access": "private"}, Reason.NOT_OPEN_TO_PUBLIC),
        ({"highway": "bus_stop"}, Reason.NOT_A_MERCHANT),
    ],
)
def test_what_is_no_merchant_says_why(tags: dict[str, str], expected: Reason) -> None:
    assert reason(**tags) == expected


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"shop": "bakery;pastry"}, "shop=bakery"),
        ({"shop": "yes"}, "shop=yes"),
        ({"shop": "Farm Shop"}, "shop=farm_shop"),
        ({"shop": "<script>alert(1)</script>"}, "shop=yes"),
        ({"shop": "x" * 200}, "shop=yes"),
        ({"craft": "brewery"}, "craft=brewery"),
        ({"amenity": "fuel", "shop": "convenience"}, "shop=convenience"),
        ({"amenity": "restaurant", "tourism": "hotel"}, "amenity=restaurant"),
        ({"office": "insurance"}, "office=insurance"),
        ({"tourism": "hotel"}, "tourism=hotel"),
        ({"leisure": "fitness_centre"}, "leisure=fitness_centre"),
        ({"shop": "kiosk", "disused:amenity": "post_office"}, "shop=kiosk"),
    ],
)
def test_a_merchant_has_one_kind(tags: dict[str, str], kind: str) -> None:
    assert listable(**tags).details.kind == kind


def test_points_areas_and_collections_of_areas_give_a_point_inside() -> None:
    horseshoe = [[[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3], [0, 0]]]
    several = {"type": "MultiPolygon", "coordinates": [square(5.6, 49.7)["coordinates"], horseshoe]}

    for geometry in ({"type": "Polygon", "coordinates": horseshoe}, several):
        outcome = only(extract(feature("relation/1", geometry=geometry)))
        assert isinstance(outcome, Listable)
        x, y = outcome.details.longitude, outcome.details.latitude
        assert (0 <= x <= 3 and 0 <= y <= 3 and not (1 < x < 2 and y > 1)) or (5.6 <= x <= 5.61)


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"type": "LineString", "coordinates": [[5, 49], [6, 50]]}, Reason.UNSUPPORTED_GEOMETRY),
        ({"type": "GeometryCollection", "geometries": []}, Reason.UNSUPPORTED_GEOMETRY),
        ({"type": ["Point"]}, Reason.UNSUPPORTED_GEOMETRY),
        ({"type": "Point", "coordinates": []}, Reason.INVALID_GEOMETRY),
        ({"type": "Point", "coordinates": [5.6, None]}, Reason.INVALID_GEOMETRY),
        ({"type": "Point", "coordinates": [True, 49]}, Reason.INVALID_GEOMETRY),
        ({"type": "Point", "coordinates": [216_000.0, 45_000.0]}, Reason.INVALID_GEOMETRY),
        ({"type": "Point", "coordinates": [10**400, 0]}, Reason.INVALID_GEOMETRY),
        ({"type": "Polygon", "coordinates": [[[5, 49], [6, 50]]]}, Reason.INVALID_GEOMETRY),
        ({"type": "MultiPolygon", "coordinates": []}, Reason.INVALID_GEOMETRY),
        ("POINT(5 49)", Reason.INVALID_GEOMETRY),
    ],
)
def test_a_shop_without_a_usable_place_says_why(geometry: Any, expected: Reason) -> None:
    outcome = only(extract(feature("way/1", geometry=geometry)))
    assert isinstance(outcome, LeftOut)
    assert outcome.reason == expected


def test_a_shop_without_geometry_says_so() -> None:
    shop = feature("way/1")
    shop["geometry"] = None
    outcome = only(extract(shop))
    assert isinstance(outcome, LeftOut)
    assert outcome.reason == Reason.NO_GEOMETRY


def test_an_area_that_crosses_itself_still_has_a_place() -> None:
    bow_tie = [[[5.0, 49.0], [5.1, 49.1], [5.1, 49.0], [5.0, 49.1], [5.0, 49.0]]]
    flat = [[[5.0, 49.0], [5.1, 49.0], [5.0, 49.0], [5.0, 49.0]]]
    for rings in (bow_tie, flat):
        outcome = only(extract(feature("way/1", geometry={"type": "Polygon", "coordinates": rings})))
        assert isinstance(outcome, Listable)
        assert 5.0 <= outcome.details.longitude <= 5.1


@pytest.mark.parametrize(
    ("given", "osm_id"),
    [
        ({"id": "node/123"}, "node/123"),
        ({"id": "n123"}, "node/123"),
        ({"id": "a246"}, "way/123"),
        ({"id": "a247"}, "relation/123"),
        ({"properties": {"@id": "way/123"}}, "way/123"),
        ({"properties": {"@id": "https://www.openstreetmap.org/relation/123"}}, "relation/123"),
        ({"properties": {"@id": 123, "@type": "way"}}, "way/123"),
        ({"properties": {"full_id": "w123", "osm_id": "123", "osm_type": "way"}}, "way/123"),
        ({"properties": {"osm_id": "123", "osm_type": "node"}}, "node/123"),
        ({"id": "node/000123"}, "node/123"),
        ({"id": "node/-1"}, None),
        ({"id": 123}, None),
        ({"id": {"node": 1}}, None),
        ({}, None),
    ],
)
def test_the_osm_id_is_found_where_exporters_write_it(given: dict[str, Any], osm_id: str | None) -> None:
    shop = feature(None)
    shop |= {"id": given.get("id")}
    shop["properties"] |= given.get("properties", {})

    outcome = only(extract(shop))

    assert outcome.osm_id == osm_id
    assert isinstance(outcome, LeftOut) == (osm_id is None)


def test_nested_tags_are_read_too() -> None:
    shop = feature("node/1", x="y")
    shop["properties"] = {"type": "node", "id": 5, "tags": {"shop": "bakery", "name": "Rigaux"}}
    outcome = only(extract(shop))
    assert isinstance(outcome, Listable)
    assert (outcome.osm_id, outcome.details.name) == ("node/5", "Rigaux")


def test_a_shop_mapped_as_point_and_as_building_is_listed_once() -> None:
    point = feature("node/1", 5.6401, 49.7201, name="Le Foyer", shop="bakery")
    building = feature("way/2", geometry=square(5.64, 49.72, 0.0002), name="le foyer", shop="bakery")
    far = feature("node/3", 5.66, 49.72, name="Le Foyer", shop="bakery")

    fresh = classify(extract(point, building, far))
    known = classify(extract(point, building, far), known={"node/1"})

    assert [getattr(outcome, "reason", None) for outcome in fresh] == [Reason.DUPLICATE_PLACE, None, None]
    assert [getattr(outcome, "reason", None) for outcome in known] == [None, Reason.DUPLICATE_PLACE, None]


def test_neighbours_of_one_chain_are_two_shops() -> None:
    outcomes = classify(
        extract(
            feature("node/1", name="Zeeman", shop="clothes"), feature("node/2", name="Zeeman", shop="shoes")
        )
    )
    assert all(isinstance(outcome, Listable) for outcome in outcomes)


def test_phone_website_and_hours_are_read_lightly() -> None:
    shop = listable(
        shop="bakery",
        **{"contact:phone": " 0032 63 42 22 79;+32 63 1", "contact:website": "www.rigaux.be"},
        opening_hours="every day, mostly",
    )
    assert shop.details.phone == "+32 63 42 22 79"
    assert shop.details.website == "https://www.rigaux.be"
    assert shop.details.opening_hours == "every day, mostly"
    assert shop.notes == ("name_missing", "address_missing", "opening_hours_not_parseable")


def test_a_body_that_is_no_collection_is_refused_by_name() -> None:
    for body, field in (
        (None, "body"),
        ({"type": "Feature"}, "type"),
        ({"type": "FeatureCollection", "features": {}}, "features"),
        ({"type": "FeatureCollection", "features": [None] * 50_001}, "features"),
    ):
        with pytest.raises(NoCollection) as refused:
            classify(body)
        assert refused.value.field == field


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_numbers = st.floats() | st.integers() | st.sampled_from([5.6, 49.7, 180, -90, 10**400])
_ring = st.lists(st.lists(_numbers, min_size=2, max_size=3), max_size=6)
_geometry = _json | st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString"]),
        "coordinates": st.lists(_numbers, max_size=3)
        | st.lists(_ring, max_size=3)
        | st.lists(st.lists(_ring, max_size=2), max_size=2)
        | _json,
    }
)
_keys = st.sampled_from(
    ["shop", "name", "amenity", "@id", "id", "tags", "phone", "website", "opening_hours", "osm_id", "type"]
)
_tag_value = st.sampled_from(["bakery", "node/1", "way/2", "yes", "24/7", "school", "n1", 7]) | _json
_feature = _json | st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": _geometry},
    optional={"id": _tag_value, "properties": st.dictionaries(_keys, _tag_value) | _json},
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(_feature, max_size=6), st.dictionaries(st.text(max_size=5), _json, max_size=2))
def test_no_collection_whatever_it_holds_stops_the_reading(
    features: list[Any], others: dict[str, Any]
) -> None:
    collection = {**others, "type": "FeatureCollection", "features": features}

    outcomes = classify(collection)

    assert [outcome.index for outcome in outcomes] == list(range(len(features)))
    listed = [outcome for outcome in outcomes if isinstance(outcome, Listable)]
    assert len({outcome.osm_id for outcome in listed}) == len(listed)
    for outcome in listed:
        assert abs(outcome.details.longitude) <= 180
        assert abs(outcome.details.latitude) <= 90
        json.dumps(vars(outcome.details), allow_nan=False).encode("utf-8")
    assert classify(collection) == outcomes


@settings(max_examples=200, deadline=None)
@given(_json)
def test_no_body_whatever_it_is_stops_the_reading(body: Any) -> None:
    with pytest.raises(NoCollection, match=r".+"):
        classify(body)
