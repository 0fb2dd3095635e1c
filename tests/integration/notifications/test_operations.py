"""What operators ask of a service is answered by its API process, wherever its workers run."""

from __future__ import annotations

from chassis.identity import Grant, Role
from chassis.service import Mode
from tests.support.notifications import Notifications


async def test_an_api_process_shows_its_consumers_and_resumes_a_paused_one(
    notifications: Notifications,
) -> None:
    base, name = "/api/v1/operations/notifications", "notifications__reactions"
    operator = notifications.somebody(Grant(Role.operator))
    async with notifications.database.transaction() as tx:
        await tx.exec_driver_sql(f"INSERT INTO consumer_pause VALUES ('{name}', 'a bad deploy')")
    async with notifications.running(Mode.api) as client:
        shown = (await client.get(f"{base}/status", headers=operator)).json()
        assert {each["consumer"]: each["paused"] for each in shown["consumers"]}[name] == "a bad deploy"
        resumed = await client.post(f"{base}/consumers/{name}/resume", headers=operator)
        assert resumed.json() == {"consumer": name, "resumed": True}
