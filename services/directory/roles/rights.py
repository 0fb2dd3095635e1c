"""Who may give, withdraw and hand over which role where: one table.

| who is            | gives and withdraws                                   | where        | hands over |
| ----------------- | ----------------------------------------------------- | ------------ | ---------- |
| operator          | operator, city_officer, consultant                    | everywhere   |            |
| city_officer      | city_officer, association_officer, consultant         | their city   | their own  |
| merchant (owner)  | merchant_staff                                        | their shop   | their shop |

Nobody else gives any. Whoever has one of LAID_DOWN lays it down when they like. A shop's owner does not:
the shop would be claimed and nobody's, so it is handed over or closed. The last officer of a city and the
last operator stay (`use_cases.withdraw`).
"""

from collections.abc import Iterable, Mapping

from chassis.identity import Grant, Role

GIVES: Mapping[Role, frozenset[Role]] = {
    Role.operator: frozenset({Role.operator, Role.city_officer, Role.consultant}),
    Role.city_officer: frozenset({Role.city_officer, Role.association_officer, Role.consultant}),
    Role.merchant: frozenset({Role.merchant_staff}),
}
"""By the role somebody has: those they give to others there, and withdraw."""
HANDED_OVER = frozenset({Role.city_officer, Role.merchant})
"""Roles whose holder may let somebody else have it in their place."""
LAID_DOWN = frozenset(
    {Role.operator, Role.city_officer, Role.association_officer, Role.consultant, Role.merchant_staff}
)
GIVEN = frozenset().union(*GIVES.values(), HANDED_OVER)
"""Every role that people have from one another."""


def may_give(held: Iterable[Grant], wanted: Grant) -> bool:
    """Whether somebody with these roles gives, and withdraws, that one there."""
    return any(wanted.role in GIVES.get(each.role, ()) and _reaches(each, wanted) for each in held)


def may_hand_over(held: Iterable[Grant], wanted: Grant) -> bool:
    """Whether that is a role of their own which somebody else may have in their place."""
    return wanted.role in HANDED_OVER and wanted in held


def _reaches(held: Grant, wanted: Grant) -> bool:
    match held.role:
        case Role.operator:
            return True
        case Role.city_officer:
            # What holds in all cities (None) is of no city.
            return held.city_id == wanted.city_id
        case _:
            return held.merchant_id == wanted.merchant_id
