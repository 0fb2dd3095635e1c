"""Who gives which role where: every pair of roles, here and elsewhere."""

import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from services.directory.roles.rights import may_give, may_hand_over

CITY, OTHER_CITY, SHOP, OTHER_SHOP, DISTRICT = (new_id() for _ in range(5))


def in_place(role: Role, *, elsewhere: bool = False) -> Grant:
    """The role where everything happens, or in another city."""
    city, shop = (OTHER_CITY, OTHER_SHOP) if elsewhere else (CITY, SHOP)
    match role:
        case Role.operator | Role.ambassador | Role.service:
            return Grant(role)
        case Role.merchant | Role.merchant_staff:
            return Grant(role, city, shop)
        case Role.association_officer:
            return Grant(role, city, district_id=DISTRICT)
        case _:
            return Grant(role, city)


HERE = {
    (Role.operator, Role.operator),
    (Role.operator, Role.city_officer),
    (Role.operator, Role.consultant),
    (Role.city_officer, Role.city_officer),
    (Role.city_officer, Role.association_officer),
    (Role.city_officer, Role.consultant),
    (Role.merchant, Role.merchant_staff),
}
EVERYWHERE = {pair for pair in HERE if pair[0] is Role.operator}


@pytest.mark.parametrize("wanted", Role)
@pytest.mark.parametrize("held", Role)
def test_a_role_is_given_by_who_gives_it_there_and_nobody_else(held: Role, wanted: Role) -> None:
    mine = [in_place(held)]

    assert may_give(mine, in_place(wanted)) is ((held, wanted) in HERE)
    assert may_give(mine, in_place(wanted, elsewhere=True)) is ((held, wanted) in EVERYWHERE)


def test_a_consultant_of_all_cities_is_given_by_operators_alone() -> None:
    assert may_give([Grant(Role.operator)], Grant(Role.consultant))
    assert not may_give([Grant(Role.city_officer, CITY)], Grant(Role.consultant))


def test_an_association_that_speaks_for_a_shop_does_not_staff_it() -> None:
    assert may_give([Grant(Role.city_officer, CITY)], Grant(Role.association_officer, CITY, SHOP))
    assert not may_give([Grant(Role.association_officer, CITY, SHOP)], in_place(Role.merchant_staff))


@pytest.mark.parametrize("role", Role)
def test_an_officer_and_an_owner_hand_over_what_is_theirs(role: Role) -> None:
    mine = [in_place(role)]

    assert may_hand_over(mine, in_place(role)) is (role in {Role.city_officer, Role.merchant})
    assert not may_hand_over(mine, Grant(role, OTHER_CITY, OTHER_SHOP))
