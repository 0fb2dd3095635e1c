"""What the directory keeps no longer than it needs to: files and reports of imports, answered invitations."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from chassis.clock import utc_now
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
