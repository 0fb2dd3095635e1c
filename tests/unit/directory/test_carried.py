"""Which roles a session may act with."""

from __future__ import annotations

import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from services.directory.sessions.carried import (
    DEMO,
    MAIL,
    OWN_FACTORS,
    STAFF,
    at_provider_of,
    carried,
    withheld,
    without_second_factors,
)

CITY, SHOP = new_id(), new_id()
ALL = [
    Grant(Role.city_officer, CITY),
    Grant(Role.association_officer, CITY, district_id=new_id()),
    Grant(Role.merchant, CITY, SHOP),
    Grant(Role.merchant_staff, CITY, SHOP),
    Grant(Role.ambassador),
    Grant(Role.consultant),
    Grant(Role.operator),
]


def test_a_mailbox_alone_carries_no_role_of_staff() -> None:
    assert {each.role for each in carried(ALL, [MAIL])} == {
        Role.merchant,
        Role.merchant_staff,
        Role.ambassador,
    }


@pytest.mark.parametrize("factor", [*sorted(OWN_FACTORS), DEMO])
def test_a_second_factor_or_a_demonstration_carries_every_role(factor: str) -> None:
    assert carried(ALL, [MAIL, factor]) == ALL


def test_a_citys_provider_vouches_for_its_staff_in_that_city_alone() -> None:
    elsewhere = Grant(Role.city_officer, new_id())
    methods = ["mfa", at_provider_of(CITY)]
    of_staff = [each for each in carried([*ALL, elsewhere], methods) if each.role in STAFF]
    assert of_staff == [each for each in ALL if each.role in STAFF and each.city_id == CITY]
    assert withheld([*ALL, elsewhere], methods) == {Role.city_officer, Role.consultant, Role.operator}
    assert not [each for each in carried(ALL, ["mfa"]) if each.role in STAFF]


def test_what_is_left_of_a_session_is_how_it_was_begun() -> None:
    assert without_second_factors([MAIL, "otp", "mfa", at_provider_of(CITY)]) == (MAIL,)


def test_every_role_was_decided_on() -> None:
    assert {*STAFF, Role.merchant, Role.merchant_staff, Role.ambassador, Role.service} == set(Role)


def test_what_a_mailbox_alone_does_not_carry_is_named_once() -> None:
    assert withheld(ALL, [MAIL]) == STAFF
    assert withheld([Grant(Role.ambassador)], [MAIL]) == frozenset()


@pytest.mark.parametrize("factor", [*sorted(OWN_FACTORS), DEMO])
def test_nothing_is_withheld_from_who_proved_enough(factor: str) -> None:
    assert withheld(ALL, [factor]) == frozenset()
