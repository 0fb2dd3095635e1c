"""Three hundred telephones hand in within ten seconds, and the service dies meanwhile: nothing is lost."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import utc_now
from demo.gateway import Gateway, accepted
from demo.town import NIS_CODE
from tests.faults.loads import rows
from tests.integration.assessment.hall import ANSWERS, SCORE
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.one_service import until
from tests.support.running_system import RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

PHONES, WITHIN_SECONDS = 300, 10.0
PATIENCE = 90.0


async def announced(gateway: Gateway) -> tuple[str, str]:
    """A session that has just begun: its id and its join code."""
    (city,) = (await gateway.read("/api/v1/cities", nis_code=NIS_CODE))["items"]
    begins = utc_now() - timedelta(minutes=5)
    plan = {
        "city_id": city["id"],
        "kind": "awareness",
        "title": "Une salle pleine",
        "place": "Halle aux foires",
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
        "capacity": PHONES,
    }
    path, key = "/api/v1/town-sessions", str(uuid4())
    session = accepted(await gateway.ask("POST", path, person="anna", key=key, json=plan))
    joining = await gateway.read(f"/api/v1/town-sessions/{session['id']}/join", person="anna")
    return session["id"], joining["code"]


async def test_a_full_hall_hands_in_while_the_service_is_killed_and_every_form_is_kept_once(
    town: RunningSystem, faults: FaultReport
) -> None:
    chance, answered = random.Random("a full hall"), list[dict[str, Any]]()
    async with Gateway(town.gateway, connections=PHONES) as gateway:
        session, code = await announced(gateway)

        async def phone() -> None:
            key = str(uuid4())
            await asyncio.sleep(chance.uniform(0, WITHIN_SECONDS))
            path = f"/api/v1/join/{code}/forms"
            body = {"answers": ANSWERS}
            answer = await gateway.ask("POST", path, key=key, json=body, patience=PATIENCE)
            answered.append(accepted(answer))

        began = asyncio.get_running_loop().time()
        hall = asyncio.gather(*(phone() for _ in range(PHONES)))
        await dies_twice(town, answered)
        await hall
        seconds = asyncio.get_running_loop().time() - began
        disturbed = sum(gateway.disturbances.values())

    assert disturbed, "it died twice, and no telephone noticed: the fault hit nothing"
    stored = await rows(
        town, "assessment", "SELECT id::text, score FROM assessments WHERE session_id::text = $1", session
    )
    kept = {row["id"] for row in stored}
    lost = {answer["id"] for answer in answered} - kept
    doubled = len(stored) - PHONES
    note = f"a hall within {WITHIN_SECONDS:.0f} s, {disturbed} answers disturbed"
    numbers = (PHONES, len(answered), len(kept), len(lost), doubled)
    faults.add(FaultRow("assessment killed while a full hall hands in", 2, *numbers, seconds, note))
    assert (len(answered), len(stored), lost) == (PHONES, PHONES, set())
    assert {answer["score"] for answer in answered} == {row["score"] for row in stored} == {SCORE}


async def dies_twice(town: RunningSystem, answered: list[dict[str, Any]]) -> None:
    """With telephones at work each time."""
    for _ in range(2):
        before = len(answered)
        await until(lambda before=before: asyncio.sleep(0, len(answered) >= before + PHONES // 10), 60)
        await asyncio.to_thread(town.kill, "assessment")
        assert len(answered) < PHONES, "all had handed in before it died"
        await asyncio.to_thread(town.launch, "assessment")
    await asyncio.to_thread(town.wait_until_ready)
