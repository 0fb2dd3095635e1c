"""What the directory keeps no longer than it needs to: files and reports of imports, answered invitations."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import text

from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.retention import enforce
from services.directory.retention import ANSWERED_KEPT, FILES_KEPT, REPORTS_KEPT, RULES
from tests.support.directory import DirectoryUnderTest
from tests.support.import_jobs import announced, imported, lines, numbered, shown

A_BIT = timedelta(minutes=1)


async def after(directory: DirectoryUnderTest, passed: timedelta) -> dict[str, int]:
    return await enforce(directory.database, RULES, utc_now() + passed)


async def count(directory: DirectoryUnderTest, table: str) -> int:
    async with directory.database.connection() as connection:
        return int(await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_the_file_of_an_import_that_nobody_started_goes_after_a_week(
    directory: DirectoryUnderTest,
) -> None:
    await announced(directory, await directory.city(), numbered(3))
    parts = await count(directory, "import_part")

    await after(directory, FILES_KEPT - A_BIT)
    assert await count(directory, "import_part") == parts > 0

    done = await after(directory, FILES_KEPT + A_BIT)
    assert await count(directory, "import_part") == 0
    assert done["files of imports that nobody started"] == parts


async def test_the_report_of_an_import_goes_by_row_and_its_totals_stay(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    job = str((await imported(directory, city, numbered(3)))["id"])
    await announced(directory, city, numbered(2))

    await after(directory, REPORTS_KEPT - A_BIT)
    assert len(await lines(directory, job)) == 3

    await after(directory, REPORTS_KEPT + A_BIT)
    assert await lines(directory, job) == []
    assert (await shown(directory, job))["totals"] == {"listed": 3}
    assert await count(directory, "merchant") == 3


async def test_an_answered_invitation_is_forgotten_and_the_role_stays(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    body = {"role": "consultant", "email": "zoe@home.example", "language": "fr", "city_id": city}
    sent = (await directory.call("POST", "/invitations", "claire", json=body)).json()["id"]
    assert (await directory.call("DELETE", f"/invitations/{sent}", "claire")).status_code == 204
    grants = await count(directory, "role_grant")

    await after(directory, ANSWERED_KEPT - A_BIT)
    assert await count(directory, "role_invitation") == 1

    await after(directory, ANSWERED_KEPT + A_BIT)
    assert await count(directory, "role_invitation") == 0
    assert await count(directory, "role_grant") == grants


async def test_operators_see_which_rule_fails_and_since_when(directory: DirectoryUnderTest) -> None:
    broken = replace(RULES[0], delete=_fails)
    at = utc_now()
    await enforce(directory.database, [broken, *RULES[1:]], at)

    shown = (await directory.call("GET", "/operations/directory/retention", "otto")).json()["rules"]

    (failing,) = [each for each in shown if each["failing"]]
    assert failing["what"] == broken.name
    assert failing["failing"]["error"] == "RuntimeError"
    assert datetime.fromisoformat(failing["failing"]["since"]) == at


async def _fails(_tx: Transaction, _now: datetime, _most: int) -> int:
    raise RuntimeError("cannot")
