"""Nobody reaches what is not theirs: each route as each role, in two cities and three shops.

`docs/access.md` says who reaches what. Routes come from the committed OpenAPI documents, callers from
`callers.py`; all services run in this process on a real database.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

import pytest

from chassis import access
from chassis.identity import Role
from tests.access import table
from tests.access.callers import CALLERS, COLUMNS, Scope
from tests.access.calls import CALLS, LAST
from tests.access.table import EVERY_SERVICE, Cells
from tests.access.walk import NOTHING, Route, Unprepared, cells_of, plain_route, routes_of
from tests.access.world import World, documents

NAMES = [name for name, document in documents().items() if document["paths"]]


@pytest.mark.timeout(600)  # a hundred and fifty routes of one service, each as each role at each place
@pytest.mark.parametrize("service", NAMES)
async def test_everybody_reaches_what_the_table_says_and_nothing_else(world: World, service: str) -> None:
    said = table.committed()
    wrong = []
    for route in routes_of(world.services[service]):
        try:
            found = await cells_of(world, route)
        except Unprepared as lacking:
            wrong.append(str(lacking))
        else:
            if found is not None:
                wrong += _differences(route, said.get(route.section, {}).get(route.row), found)
    assert not wrong, "\n\n".join(["", *wrong])


def _differences(route: Route, said: Cells | None, found: Cells) -> Iterable[str]:
    line = table.row(route.row, found)
    if all(cell == NOTHING or cell.isdigit() for cell in found.values()):
        yield f"{route.row} is reached by nobody: prepare what it is for in tests/access/things.py."
    elif said is None:
        yield (
            f"docs/access.md has no row for {route.row}. This is what the service does; see that it is what "
            f"is meant, then add it under `## {route.section}`:\n{line}"
        )
    elif said != found:
        differing = (
            f"{column}: {said[column]!r} in the table, {found[column]!r} by the service"
            for column in COLUMNS
            if said[column] != found[column]
        )
        yield (
            f"{route.row}, docs/access.md and the service disagree. {'; '.join(differing)}.\nMend the "
            f"service, or, where this is what is meant, the row:\n{line}"
        )


async def test_a_route_that_does_not_ask_where_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_covers", lambda *_: True)
    (route,) = [
        each for each in routes_of(world.services["assessment"]) if each.row == "GET /api/v1/assessments"
    ]
    found = await cells_of(world, route)
    assert found is not None
    (told,) = _differences(route, table.committed()["assessment"][route.row], found)
    assert "merchant: 'own' in the table, 'all' by the service" in told
    assert "city's consultant: 'city' in the table, 'all' by the service" in told


async def test_every_row_has_its_route(world: World) -> None:
    routes = [route for running in world.services.values() for route in routes_of(running)]
    known = {(route.section, route.row) for route in routes}
    said = {(section, row) for section, rows in table.committed().items() for row in rows}
    gone = sorted(f"`{row}` under `## {section}`" for section, row in said - known)
    assert not gone, f"no service has these routes: take their rows out of docs/access.md: {', '.join(gone)}"
    rows = {route.row for route in routes}
    stale = sorted((CALLS.keys() | LAST) - rows - {plain_route(row) for row in rows})
    assert not stale, f"no service has these routes: take them out of tests/access/calls.py: {stale}"


def test_every_role_is_a_caller() -> None:
    scope = Scope(uuid4(), uuid4(), uuid4())
    asked = {grant.role for caller in CALLERS for grant in caller.grants(scope)} | {Role.service}
    assert asked == set(Role), "give the new role a column in tests/access/callers.py and in docs/access.md"


def test_rows_are_grouped_by_what_owns_them() -> None:
    assert set(table.committed()) == {*NAMES, EVERY_SERVICE}
