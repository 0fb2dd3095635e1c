"""Who may call a route: declared beside it, nobody where nothing is declared, the same in all services.

    who: Annotated[Access, may(Role.city_officer, Role.operator)]     # in a handler's signature
    who.within(city_id=found.city_id)                                 # where the scope is known

`may` refuses whoever has none of the roles anywhere; `within` whoever has none of them there. A handler
that answers without having asked for the scope of a scoped role is a mistake of ours: the answer is
withheld (500), so that a test finds it. Routes for everybody say `dependencies=[PUBLIC]`. A service with a
route that declares nothing does not start. The OpenAPI document shows what is declared as `x-access`.

A city's own systems come with a key's token: it has roles like an officer's, and is refused wherever its
scopes do not reach (`chassis/scopes.py`), before anything here is asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any
from uuid import UUID

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from chassis.identity import Grant, Principal, Role, SignedIn
from chassis.problems import Problem, forbidden, second_factor_required

UNSCOPED = frozenset({Role.operator, Role.ambassador, Role.service})
"""Roles that hold everywhere. All others hold within a city, a district or a merchant."""
ANYBODY, PERSON = "anybody", "person"


class Undeclared(RuntimeError):
    """Routes that say nothing of who may call them, or say it twice."""


class Access:
    """A caller who has one of a route's roles somewhere, and with which of them where."""

    def __init__(self, principal: Principal, roles: Collection[Role]) -> None:
        self.principal = principal
        self._roles = roles
        self.is_settled = UNSCOPED.issuperset(roles)
        """Whether it was asked where; with roles that hold everywhere there is nothing to ask."""

    @property
    def person_id(self) -> UUID:
        return self.principal.person_id

    @property
    def cities(self) -> frozenset[UUID] | None:
        """Where the caller has one of the route's roles; None for everywhere. For `Database.scoped`."""
        held = [grant for grant in self.principal.grants if grant.role in self._roles]
        unbound = {*UNSCOPED, Role.consultant}
        if any(grant.city_id is None and grant.role in unbound for grant in held):
            return None
        return frozenset(grant.city_id for grant in held if grant.city_id is not None)

    def has(
        self,
        *roles: Role,
        city_id: UUID | None,
        merchant_id: UUID | None = None,
        districts: Collection[UUID] = (),
    ) -> bool:
        """Whether the caller has one of `roles` (of the route's, where none is named) there.

        A thing of a merchant is asked for with its merchant and city, and with the districts it lies in.
        Without the city (None), where it is not known, no role of a city counts.
        """
        self.is_settled = True
        assert set(roles) <= set(self._roles), "only what the route declares can be asked for"
        wanted = roles or self._roles
        return any(
            grant.role in wanted and _covers(grant, city_id, merchant_id, districts)
            for grant in self.principal.grants
        )

    def within(
        self,
        *roles: Role,
        city_id: UUID | None,
        merchant_id: UUID | None = None,
        districts: Collection[UUID] = (),
    ) -> None:
        """Return where `has` says so; raise a 403 Problem otherwise."""
        if not self.has(*roles, city_id=city_id, merchant_id=merchant_id, districts=districts):
            here = f"This needs one of these roles here: {_listed(roles or self._roles)}."
            raise _refused(self.principal, roles or self._roles, here)


def _covers(
    grant: Grant, city_id: UUID | None, merchant_id: UUID | None, districts: Collection[UUID]
) -> bool:
    match grant.role:
        case Role.merchant | Role.merchant_staff:
            return merchant_id is not None and grant.merchant_id == merchant_id
        case Role.association_officer if grant.merchant_id is not None:
            return grant.merchant_id == merchant_id
        case Role.association_officer:
            return grant.city_id == city_id and grant.district_id in districts
        case Role.city_officer:
            return grant.city_id == city_id
        case Role.consultant:
            return grant.city_id is None or grant.city_id == city_id
        case _:
            return True


class _Declared:
    """What a route says of who may call it."""

    names: tuple[str, ...]


class _Roles(_Declared):
    def __init__(self, roles: Collection[Role]) -> None:
        self._roles = frozenset(roles)
        self.names = tuple(sorted(roles))

    async def __call__(self, principal: SignedIn) -> AsyncIterator[Access]:
        if not any(grant.role in self._roles for grant in principal.grants):
            raise _refused(principal, self._roles, f"This needs one of these roles: {_listed(self._roles)}.")
        access = Access(principal, self._roles)
        yield access
        if not access.is_settled:
            raise AssertionError("a handler answered without asking where the caller has the role")


class _Services(_Declared):
    def __init__(self, services: Collection[str]) -> None:
        self._services = services
        self.names = tuple(f"{Role.service}:{name}" for name in sorted(services))

    async def __call__(self, principal: SignedIn) -> Principal:
        principal.require_service(*self._services)
        return principal


class _Person(_Declared):
    names = (PERSON,)

    async def __call__(self, principal: SignedIn) -> Principal:
        if not principal.is_person:
            raise forbidden("Only people may do this.")
        return principal


class _Anybody(_Declared):
    names = (ANYBODY,)

    async def __call__(self) -> None:
        """Nothing is asked for."""


def may(*roles: Role) -> Any:
    """`Access` for whoever has one of `roles` somewhere; 401 without a token, 403 for everybody else."""
    return Depends(_Roles(roles), scope="function")


def may_service(*names: str) -> Any:
    """`Principal` for one of these services."""
    return Depends(_Services(names))


MAY_PERSON: Any = Depends(_Person())
"""`Principal` for any signed-in person: for what is their own."""
PUBLIC: Any = Depends(_Anybody())
"""Everybody may call it, with or without a token; what is shown may still depend on who asks."""


def api_routes(app: FastAPI) -> list[RouteContext]:
    """Every route of `app` that is an API route, those of included routers too, as they are tried."""
    return [each for each in iter_route_contexts(app.routes) if isinstance(each.original_route, APIRoute)]


def declared(route: RouteContext) -> list[str]:
    """Who may call the route, by name: roles, `service:<name>`, `person`, `anybody`. Raises Undeclared."""
    found = {each for each in _calls(route.dependant) if isinstance(each, _Declared)}
    if len(found) != 1:
        raise Undeclared(f"{', '.join(route.methods or ())} {route.path} declares {len(found)} times who may")
    return list(found.pop().names)


def require_declarations(app: FastAPI) -> None:
    """Raise Undeclared where a route of `app` does not say who may call it."""
    for route in api_routes(app):
        declared(route)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


def _refused(principal: Principal, roles: Collection[Role], detail: str) -> Problem:
    """A second factor would not help whoever has none of the roles: only who has one is told of it."""
    return forbidden(detail) if principal.withheld.isdisjoint(roles) else second_factor_required()


def _listed(roles: Collection[Role]) -> str:
    return ", ".join(sorted(roles))
