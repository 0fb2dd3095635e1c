"""What operators ask of a service is answered by its API process, wherever its workers run."""

from __future__ import annotations

from chassis.identity import Grant, Role
from chassis.ids import new_id
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


async def test_an_event_tells_its_trace_and_not_what_it_says(notifications: Notifications) -> None:
    path, event, trace = (
        "/api/v1/operations/notifications/events",
        new_id(),
        "4bf92f3577b34da6a3ce929d0e0e4736",
    )
    operator = notifications.somebody(Grant(Role.operator))
    async with notifications.database.transaction() as tx:
        await tx.exec_driver_sql(
            "INSERT INTO outbox (id, subject, body, traceparent, published_at) "
            f"VALUES ('{event}', 'a.b', 'secret', '00-{trace}-00f067aa0ba902b7-01', now())"
        )
    async with notifications.running(Mode.api) as client:
        told = (await client.get(f"{path}/{event}", headers=operator)).json()
        assert told.pop("published_at") is not None
        assert told == {"id": str(event), "subject": "a.b", "trace_id": trace}
        assert (await client.get(f"{path}/{new_id()}", headers=operator)).status_code == 404
        officer = notifications.somebody(Grant(Role.city_officer, city_id=new_id()))
        assert (await client.get(f"{path}/{event}", headers=officer)).status_code == 403
