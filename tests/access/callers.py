"""Who calls: a column of the table each, with what they hold at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from chassis.identity import Grant, Role


@dataclass(frozen=True)
class Scope:
    """Where somebody has their role: a city, a shop in it, and the district around the shop."""

    city: UUID
    merchant: UUID
    district: UUID


@dataclass(frozen=True)
class Caller:
    """Somebody who is signed in, or nobody."""

    column: str
    grants: Callable[[Scope], tuple[Grant, ...]]
    signed_in: bool = True
    is_key: bool = False
    """A city's own system, with every scope that a key can have."""


CALLERS = (
    Caller("nobody", lambda _: (), signed_in=False),
    Caller("person", lambda _: ()),
    Caller("ambassador", lambda _: (Grant(Role.ambassador),)),
    Caller("merchant", lambda home: (Grant(Role.merchant, home.city, home.merchant),)),
    Caller("staff", lambda home: (Grant(Role.merchant_staff, home.city, home.merchant),)),
    Caller(
        "association (district)",
        lambda home: (Grant(Role.association_officer, home.city, district_id=home.district),),
    ),
    Caller("association (shops)", lambda home: (Grant(Role.association_officer, home.city, home.merchant),)),
    Caller("city officer", lambda home: (Grant(Role.city_officer, home.city),)),
    Caller("city's key", lambda home: (Grant(Role.city_officer, home.city),), is_key=True),
    Caller("city's consultant", lambda home: (Grant(Role.consultant, home.city),)),
    Caller("consultant", lambda _: (Grant(Role.consultant),)),
    Caller("operator", lambda _: (Grant(Role.operator),)),
)
SERVICES = "services"
"""The last column: which services' tokens are let through, by name."""
COLUMNS = (*(caller.column for caller in CALLERS), SERVICES)
