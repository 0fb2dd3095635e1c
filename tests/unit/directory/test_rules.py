"""Rules of cities, merchants and tokens that need no database."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from chassis.clock import utc_now
from chassis.identity import Verifier
from chassis.ids import new_id
from chassis.problems import Problem
from chassis.signing_keys import LocalKeys
from contracts.directory.v1 import MerchantClaimed, MerchantListed
from services.directory.cities.domain import Districts, Named, NoMerger, NoOutline, commune, merged, outline
from services.directory.imports import redrawing
from services.directory.imports.domain import classify
from services.directory.imports.plan import Outcome, Present, plan_import
from services.directory.merchants.details import Details
from services.directory.merchants.domain import Change, Merchant, Version
from services.directory.merchants.sameness import is_same_shop
from services.directory.people.demo import demo_person
from services.directory.people.tokens import NoSigningKey, ServiceSecrets, TokenIssuer
from tests.support.directory import extract, feature, square

CITY = UUID("01890000-0000-7000-8000-00000000c17e")
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NO_DISTRICTS = Districts({})


def a_merchant(name: str = "Rigaux", **changes: object) -> Merchant:
    details = Details(kind="shop=bakery", longitude=5.64, latitude=49.72, name=name)
    merchant = Merchant(
        id=UUID("01890000-0000-7000-8000-000000000001"),
        city_id=CITY,
        version=1,
        details=details,
        district_ids=(),
        source="osm",
        source_id="node/1",
        source_details=details,
        checked_on=date(2026, 11, 1),
    )
    return Merchant(**{**vars(merchant), **changes})


def test_a_commune_is_known_by_the_code_it_has_today() -> None:
    habay = commune("85046")
    assert habay is not None
    assert (habay.name_fr, habay.name_nl) == ("Habay", "Habay")
    assert commune("82039") is not None  # Bastogne since 2025,
    assert commune("82003") is None  # and before
    assert commune("") is None


SINCE, TODAY = date(2019, 1, 1), date(2026, 11, 23)


@pytest.mark.parametrize("day", [SINCE, date(2025, 1, 1), TODAY])
def test_a_city_continues_as_the_commune_it_merged_into(day: date) -> None:
    named, continued = merged(Named("82003", SINCE), "82039", day, TODAY)
    assert (named, continued) == (Named("82039", day), commune("82039"))


@pytest.mark.parametrize(
    ("code", "day", "field"),
    [
        ("85046", TODAY, "nis_code"),  # its own
        ("82003", TODAY, "nis_code"),  # of no commune any more
        ("99999", TODAY, "nis_code"),
        ("82039", date(2018, 12, 31), "merged_on"),  # before the present code
        ("82039", date(2026, 11, 24), "merged_on"),  # not yet
    ],
)
def test_a_merger_that_cannot_be_is_refused_by_field(code: str, day: date, field: str) -> None:
    with pytest.raises(NoMerger) as refused:
        merged(Named("85046", SINCE), code, day, TODAY)
    assert refused.value.field == field


def test_an_outline_is_kept_with_its_holes_and_without_its_altitudes() -> None:
    outer = [[*point, 350.0] for point in square(5.64, 49.72)["coordinates"][0]]
    hole = square(5.642, 49.722, 0.001)["coordinates"][0]

    rings = outline([outer, hole])

    assert [len(ring) for ring in rings] == [5, 5]
    assert rings[0][0] == (5.64, 49.72)
    districts = Districts({CITY: rings})
    assert districts.around(5.641, 49.721) == (CITY,)
    assert districts.around(5.64, 49.72) == (CITY,)  # on its corner
    assert districts.around(5.6425, 49.7225) == ()  # in the hole
    with pytest.raises(NoOutline):
        outline([hole, outer])


def test_a_revision_that_says_nothing_new_is_none() -> None:
    merchant = a_merchant()
    assert merchant.revised(merchant.details, NO_DISTRICTS) is None


def test_a_claimed_merchant_keeps_its_versions_in_one_row() -> None:
    claimed = a_merchant().now_claimed()
    listed = Version.of(a_merchant(), Change.LISTED, AT).event()
    claim = Version.of(claimed, Change.CLAIMED, AT).event()

    assert (type(listed.fact), type(claim.fact)) == (MerchantListed, MerchantClaimed)
    assert listed.id != claim.id
    assert Version.of(claimed, Change.CLAIMED, AT).event() == claim


def test_the_map_and_a_person_change_different_fields_and_both_hold() -> None:
    edited = a_merchant(details=Details(kind="shop=bakery", longitude=5.64, latitude=49.72, name="Chez nous"))
    given = Details(kind="shop=pastry", longitude=5.64, latitude=49.72, name="Rigaux et fils")

    details, kept = edited.mapped(given)

    assert (details.kind, details.name, kept) == ("shop=pastry", "Chez nous", ("name",))


def test_a_map_that_comes_round_to_a_persons_change_agrees_with_it() -> None:
    edited = a_merchant(details=Details(kind="shop=bakery", longitude=5.64, latitude=49.72, name="Chez nous"))

    details, kept = edited.mapped(edited.details)

    assert (details, kept) == (edited.details, ())


def test_what_only_the_source_knows_is_remembered_without_an_event() -> None:
    edited = a_merchant(details=Details(kind="shop=bakery", longitude=5.64, latitude=49.72, name="Chez nous"))
    read = classify(extract(feature("node/1", 5.64, 49.72, shop="bakery", name="Rigaux et fils")))

    plan = plan_import(CITY, read, Present([edited], NO_DISTRICTS), TODAY)

    assert (plan.listed, plan.updated) == ([], [])
    assert [each.source_details.name for each in plan.source_only] == ["Rigaux et fils"]
    assert [line.outcome for line in plan.lines] == [Outcome.UNCHANGED]


def test_a_feature_is_compared_with_those_of_its_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        a_merchant(f"Shop {number}", id=new_id(), source="city", source_id=str(number))
        for number in range(300)
    ]
    numbers = range(100, 400)
    shops = [feature(f"node/{each}", 5.64, 49.72, shop="books", name=f"SHOP {each}") for each in numbers]
    compared: list[object] = []

    def counted(one: Details, other: Details) -> bool:
        compared.append(other)
        return is_same_shop(one, other)

    monkeypatch.setattr(redrawing, "is_same_shop", counted)

    done = plan_import(CITY, classify(extract(*shops)), Present(listed, NO_DISTRICTS), TODAY)

    assert done.reasons() == {"listed_by_hand": 200}
    assert len(done.listed) == 100
    assert len(compared) == 200


def test_a_merchant_that_became_vacant_is_pointed_at() -> None:
    read = classify(extract(feature("node/1", shop="vacant")))

    (line,) = plan_import(CITY, read, Present([a_merchant()], NO_DISTRICTS), TODAY).lines

    assert (line.outcome, line.reason, line.merchant_id) == (Outcome.LEFT_OUT, "vacant", a_merchant().id)


def test_a_signing_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"
    first = TokenIssuer.from_file(path, may_create=True)
    again = TokenIssuer.from_file(path, may_create=False)

    assert first.key_id == again.key_id
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert "d" not in first.key_set["keys"][0]


async def test_a_key_is_changed_without_refusing_a_token_that_is_still_good(tmp_path: Path) -> None:
    key, spare = tmp_path / "signing_key.pem", tmp_path / "spare.pem"
    before = TokenIssuer.from_file(key, may_create=True)
    TokenIssuer.from_file(spare, may_create=True)
    spare.rename(tmp_path / "signing_key.next.pem")

    announced = TokenIssuer.from_file(key, may_create=False)
    assert announced.key_id == before.key_id
    assert len(announced.key_set["keys"]) == 2
    old = announced.for_person(new_id(), [], utc_now(), methods=["mail"]).token

    key.rename(tmp_path / "signing_key.former.pem")
    (tmp_path / "signing_key.next.pem").rename(key)
    changed = TokenIssuer.from_file(key, may_create=False)
    new = changed.for_person(new_id(), [], utc_now(), methods=["mail"]).token
    assert changed.key_id != before.key_id
    for published in (announced, changed):
        for token in (old, new):
            await Verifier(LocalKeys(published.key_set)).verify(token)

    (tmp_path / "signing_key.former.pem").unlink()
    alone = Verifier(LocalKeys(TokenIssuer.from_file(key, may_create=False).key_set))
    await alone.verify(new)
    with pytest.raises(Problem):
        await alone.verify(old)


def test_a_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    for content in (b"", b"not a key"):
        path.write_bytes(content)
        with pytest.raises(NoSigningKey):
            TokenIssuer.from_file(path, may_create=True)
    with pytest.raises(NoSigningKey, match="not set"):
        TokenIssuer.from_file(None, may_create=True)


def test_secrets_are_a_json_object_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "services.json"
    path.write_text(json.dumps({"notifications": "s", "operations": ""}), encoding="utf-8")
    secrets = ServiceSecrets.from_file(path)
    assert secrets.accept("notifications", "s")
    assert not secrets.accept("operations", "")  # an empty secret is none
    for content in ("[]", '{"a": 1}', "x"):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match=r".*"):
            ServiceSecrets.from_file(path)


def test_demo_persons_are_a_closed_circle() -> None:
    assert demo_person("marc") is not None
    assert demo_person("ambassador-10000") is not None
    for name in ("ambassador-10001", "ambassador-01", "ambassador-1\n", "root"):
        assert demo_person(name) is None
