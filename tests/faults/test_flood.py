"""A town that pours out, in a campaign that gives points, while each process dies once.

Whatever dies, what was accepted has its effect; and the points and the city's figures, which other rows than
the contributions keep, say the same as the contributions.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.database import Database
from chassis.settings import ServiceSettings
from demo.gateway import Gateway, accepted
from demo.simulator import Simulator
from demo.town import NIS_CODE, OFFICER
from services.campaigns.points.domain import due
from services.campaigns.points.ledger import deeds_of, rewarded_by
from tests.faults import loads
from tests.faults.test_killed_servers import row
from tests.support.fault_report import FaultReport
from tests.support.one_service import until
from tests.support.running_system import RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

RATE, LONGEST_SECONDS, AMBASSADORS = 25, 200, 150
"""A short run ends once everything has died."""
LONG_POSTS, LONG_SECONDS, LONG_AMBASSADORS = 20_000, 60, 2_000
LEFT_ALONE = frozenset({"mails", "traces"})
"""Windows for whoever looks at the demo: nothing accepted passes through them."""


async def campaign_with_points(town: RunningSystem) -> UUID:
    """One that runs beside the demo's and ends before it: what its ambassadors do counts for it."""
    async with Gateway(town.gateway) as gateway:
        (city,) = (await gateway.read("/api/v1/cities", nis_code=NIS_CODE))["items"]
        now = datetime.now(UTC)
        plan = {
            "city_id": city["id"],
            "name": "Un seul jour",
            "asks": [{"platform": "here", "action": "review", "reward": "points"}],
            "starts_at": (now - timedelta(hours=1)).isoformat(),
            "ends_at": (now + timedelta(days=1)).isoformat(),
        }
        path = "/api/v1/campaigns"
        made = accepted(await gateway.ask("POST", path, person=OFFICER, key=uuid4().hex, json=plan))
        for step in ("schedule", "start"):
            answer = await gateway.ask("POST", f"{path}/{made['id']}/{step}", person=OFFICER)
            if answer.status_code != 409:  # the clock was quicker
                accepted(answer)
        return UUID(made["id"])


async def test_a_flood_in_which_each_process_dies_leaves_points_and_figures_as_the_facts_are(
    town: RunningSystem, faults: FaultReport
) -> None:
    campaign = await campaign_with_points(town)
    simulator = Simulator(
        town.gateway,
        LONG_POSTS / LONG_SECONDS if faults.long else RATE,
        faults.times(LONGEST_SECONDS, LONG_SECONDS),
        ambassadors=faults.times(AMBASSADORS, LONG_AMBASSADORS),
        patience=faults.times(120, 1_800),
        effects_within=faults.times(120, 600),
    )
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, len(simulator.tally.accepted) > RATE), 300)
    killed = [name for name in town.children if name not in LEFT_ALONE]
    random.shuffle(killed)
    for name in killed:
        assert simulator.tally.answered < simulator.count, f"{name} would die when all is posted"
        await asyncio.to_thread(town.kill, name)  # asserts that it lived, and that this is what it died of
        await asyncio.to_thread(town.launch, name, wait=name in {"postgres", "nats"})
        await loads.resumed(town, 60)
    if not faults.long:
        simulator.stop()
    result = await run
    await asyncio.to_thread(town.wait_until_ready)
    await loads.drained(town, 120)
    faults.add(row("flood, each process killed once", len(killed), result, ", ".join(sorted(killed))))
    assert result.exact, result.line()
    assert len(result.accepted) == len(result.attempted) - len(result.refused)
    assert result.disturbances, "all died, and nobody who posted noticed: the faults hit nothing"
    await points_are_what_is_due(town, campaign)
    await figures_are_what_was_posted(town, campaign)


async def points_are_what_is_due(town: RunningSystem, campaign: UUID) -> None:
    """Each ambassador's balance, and the sum of their entries, is what their contributions are worth."""
    query = """
        SELECT contributor_id, points, (SELECT coalesce(sum(points), 0) FROM point_entry AS entry
            WHERE entry.campaign_id = $1 AND entry.contributor_id = balance.contributor_id) AS booked
        FROM point_balance AS balance WHERE campaign_id = $1
    """
    balances = await loads.rows(town, "campaigns", query, campaign)
    assert sum(balance["points"] for balance in balances) > 0
    posted = "SELECT DISTINCT contributor_id FROM contribution WHERE campaign_id = $1 AND kind = 'review'"
    authors = await loads.rows(town, "campaigns", posted, campaign)
    assert {each["contributor_id"] for each in balances} == {each["contributor_id"] for each in authors}
    database = Database(ServiceSettings(service_name="test", database_url=town.database_url("campaigns")))
    try:
        async with database.transaction() as tx:
            actions = await rewarded_by(tx, campaign)
            for each in balances:
                deeds = await deeds_of(tx, campaign, each["contributor_id"])
                assert each["points"] == each["booked"] == sum(due(deeds, actions).values())
    finally:
        await database.close()


async def figures_are_what_was_posted(town: RunningSystem, campaign: UUID) -> None:
    """What officers see and goals are told by: for each shop and kind as many as there are."""

    async def added_up() -> bool:
        return not await loads.rows(town, "campaigns", "SELECT 1 FROM dashboard_step LIMIT 1")

    await until(added_up)
    counted = await loads.rows(
        town,
        "campaigns",
        "SELECT merchant_id, kind, counted FROM dashboard_shop WHERE scope_id = $1 AND kind !~ '^visit-'",
        campaign,
    )
    told: Counter[tuple[UUID, str]] = Counter()
    for each in counted:
        told[each["merchant_id"], each["kind"]] += each["counted"]
    facts = await loads.rows(
        town,
        "campaigns",
        "SELECT merchant_id, kind, count(*) AS number FROM contribution WHERE campaign_id = $1 GROUP BY 1, 2",
        campaign,
    )
    assert facts
    assert dict(+told) == {(each["merchant_id"], each["kind"]): each["number"] for each in facts}
