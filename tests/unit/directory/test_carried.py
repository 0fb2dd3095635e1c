"""Which roles a session may act with."""

from __future__ import annotations

import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from services.directory.sessions.carried import DEMO, MAIL, SECOND_FACTORS, STAFF, carried, withheld

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


@pytest.mark.parametrize("factor", [*sorted(SECOND_FACTORS), DEMO])
def test_a_second_factor_or_a_demonstration_carries_every_role(factor: str) -> None:
    assert carried(ALL, [MAIL, factor]) == ALL


def test_every_role_was_decided_on() -> None:
    assert {*STAFF, Role.merchant, Role.merchant_staff, Role.ambassador, Role.service} == set(Role)


def test_what_a_mailbox_alone_does_not_carry_is_named_once() -> None:
    assert withheld(ALL, [MAIL]) == STAFF
    assert withheld([Grant(Role.ambassador)], [MAIL]) == frozenset()


@pytest.mark.parametrize("factor", [*sorted(SECOND_FACTORS), DEMO])
def test_nothing_is_withheld_from_who_proved_enough(factor: str) -> None:
    assert withheld(ALL, [factor]) == frozenset()
