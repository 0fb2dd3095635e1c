"""What a session is, and which code opens it."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.ids import new_id
from services.assessment.kinds.catalogue import merchant_kinds
from services.assessment.kinds.listed import on_the_form
from services.assessment.sessions.domain import (
    CODE_ALPHABET,
    IllegalTransition,
    InvalidPlan,
    Kind,
    Plan,
    Session,
    State,
    read_code,
)
from services.directory.imports.kinds import kind_of
from services.directory.kinds.names import kind_names

BEGINS = datetime(2026, 11, 26, 18, tzinfo=UTC)


def session(**changes: object) -> Session:
    plan = {
        "kind": Kind.AWARENESS,
        "training": None,
        "title": "Mon commerce en ligne",
        "place": "Salle communale",
        "starts_at": BEGINS,
        "ends_at": BEGINS + timedelta(hours=2),
        "capacity": 20,
        "language": "fr",
    }
    return Session(
        id=new_id(),
        city_id=new_id(),
        plan=Plan(**(plan | changes)),  # type: ignore[arg-type]
        questionnaire="session-form",
        questionnaire_version=1,
        join_code="234567",
    )


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("234567", "234567"),
        (" cdf-gh9 ", "CDFGH9"),
        ("BSZU22", "852V22"),  # read from the wall as what they look like
        ("23456", None),
        ("2345678", None),
        ("23456A", None),
        ("23456é", None),
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str, code: str | None) -> None:
    assert read_code(typed) == code


def test_no_two_characters_of_a_code_are_read_as_one_another() -> None:
    for alike in ("0O", "1IL", "2Z", "5S", "8B", "UV"):
        assert len(set(alike) & set(CODE_ALPHABET)) <= 1
    assert not set("AEIOU") & set(CODE_ALPHABET)


def test_a_session_moves_once_and_counts_its_versions() -> None:
    announced = session()
    held = announced.held_with(12, 10, BEGINS)
    assert (held.state, held.version) == (State.HELD, 2)
    for over in (held, announced.cancelled()):
        for move in (over.cancelled, lambda over=over: over.held_with(1, 1, BEGINS)):
            with pytest.raises(IllegalTransition):
                move()
    with pytest.raises(IllegalTransition, match="not begun"):
        announced.held_with(12, 10, BEGINS - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": Kind.TRAINING}, "training"),
        ({"training": "free-visibility"}, "training"),
        ({"ends_at": BEGINS}, "ends_at"),
        ({"ends_at": BEGINS + timedelta(hours=25)}, "ends_at"),
    ],
)
def test_a_plan_whose_fields_do_not_fit_each_other_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        session(**changes).plan.check()
    assert refused.value.field == field


def test_forms_are_taken_around_the_session_unless_it_was_called_off() -> None:
    known = session()
    assert not known.takes_forms(BEGINS - timedelta(minutes=31))
    assert known.takes_forms(BEGINS - timedelta(minutes=30))
    assert known.held_with(1, 1, BEGINS).takes_forms(BEGINS + timedelta(hours=7))
    assert not known.takes_forms(BEGINS + timedelta(hours=8))
    assert not known.cancelled().takes_forms(BEGINS)


@pytest.mark.parametrize(
    ("listed", "kind"),
    [
        ("shop=bakery", "food"),
        ("amenity=restaurant", "hospitality"),
        ("craft=plumber", "building"),
        ("craft=bell_founder", "producers"),
        ("office=notary_of_dreams", "services"),
        ("shop=lamps_and_more", "other"),
        ("shop=yes", None),
        (None, None),
    ],
)
def test_a_listed_kind_is_one_of_the_forms_kinds(listed: str | None, kind: str | None) -> None:
    assert on_the_form(listed) == kind


def test_every_kind_that_the_directory_names_is_one_of_the_forms_kinds_once() -> None:
    placed = [tag for kind in merchant_kinds().values() for tag in kind.listed_as]
    named = set(kind_names().names) - {"shop=*", "shop=yes"}
    of_a_family = {tag for tag in named if tag.startswith(("craft=", "office="))}
    assert len(placed) == len(set(placed))
    assert named - of_a_family <= set(placed)
    imported = {tag for tag in placed if kind_of(dict([tag.split("=")])) == tag}
    assert set(placed) <= named | imported, "no other is ever told"


def test_every_kind_of_shop_has_a_name_of_its_own_in_every_language() -> None:
    kinds = merchant_kinds()
    assert list(kinds)[-1] == "other"
    for language in ("fr", "nl", "de", "en"):
        assert len({each.title.into(language) for each in kinds.values()}) == len(kinds)
