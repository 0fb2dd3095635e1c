"""The operator's pages: how it runs, a dead letter decided, and nobody else let in."""

from __future__ import annotations

import httpx
import pytest
from fastapi import Response

from chassis.problems import Problem
from tests.integration.portal.city_hall import (
    AN_OPERATOR,
    DELIVERIES,
    ERASURES,
    GRANTS,
    LETTER,
    ME,
    of_the_operator,
)
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, SESSION, refusal
from tests.integration.portal.test_pages import words

RUNS = "/desk/operations"
PAGE = f"{RUNS}/campaigns/dead-letters/{LETTER}"
SELF = {"Origin": "http://portal"}


@pytest.fixture(autouse=True)
def _an_operator(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    town["directory"].answers |= {REFRESH: SESSION, ME: {"grants": [AN_OPERATOR]}}
    for name, answers in of_the_operator().items():
        town[name].answers |= answers


@pytest.mark.usefixtures("impatient")
async def test_how_it_runs_is_told_by_each_service_for_itself(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    assert f'href="{RUNS}?lang=en"' in (await client.get("/desk")).text
    answer = await client.get(RUNS)
    shown = words(answer.text)
    for expected in (
        "Something needs you.",
        "4 2.3 s 1",
        "missing required field",
        "Paused a fifth of a batch failed",
        "Works 7 0 1",
        "Open the trace viewer",
    ):
        assert expected in shown
    assert f'href="{PAGE}?lang=en"' in answer.text
    town["campaigns"].delay = 5
    away = words((await client.get(RUNS)).text)
    for expected in ("campaigns No answer", "This part is not available now.", "notifications__erasures"):
        assert expected in away


async def test_all_is_well_where_nothing_waits(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    of_campaigns = "/api/v1/operations/campaigns"
    town["campaigns"].answers |= {
        f"{of_campaigns}/status": town["directory"].answers["/api/v1/operations/directory/status"],
        f"{of_campaigns}/dead-letters": {"items": [], "next": None},
    }
    shown = words((await client.get(RUNS)).text)
    assert "All is well." in shown
    assert "No message waits to be looked into." in shown


async def test_a_dead_letter_is_looked_into_applied_or_given_up(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(PAGE)
    assert "{&#34;id&#34;: &#34;&lt;b&gt;&#34;}" in answer.text
    assert "/traces/-/otel/traces/0af7651916cd43dd8448eb211c80319c" in answer.text
    letter = f"/api/v1/operations/campaigns/dead-letters/{LETTER}"
    failed = Problem(409, "still-not-applicable", "Conflict", "It failed again: no such shop.").response()
    town["campaigns"].answers |= {f"{letter}/redrive": failed, f"{letter}/discard": Response(status_code=204)}
    answer = await client.post(PAGE, data={"do": "redrive"}, headers=SELF)
    assert answer.status_code == 409
    assert "It failed again: no such shop." in words(answer.text)
    answer = await client.post(PAGE, data={"do": "discard"}, headers=SELF)
    assert answer.headers["location"] == f"{RUNS}?lang=en&done=discarded"
    assert (await client.get(f"{RUNS}/elsewhere/dead-letters/{LETTER}")).status_code == 422


async def test_a_paused_consumer_works_again(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    resumed = "/api/v1/operations/campaigns/consumers/campaigns__erasures/resume"
    town["campaigns"].answers[resumed] = {"resumed": True}
    form = {"do": "resume", "service": "campaigns", "consumer": "campaigns__erasures"}
    answer = await client.post(RUNS, data=form, headers=SELF)
    assert answer.headers["location"] == f"{RUNS}?lang=en&done=resumed"
    for wrong in ({"service": "../directory"}, {"consumer": "../../dead-letters"}):
        assert (await client.post(RUNS, data=form | wrong, headers=SELF)).status_code == 404


async def test_erasures_and_the_audit_log_are_read(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    assert "confirmed campaigns notifications" in words((await client.get(f"{RUNS}/erasures")).text)
    town["directory"].answers[f"{ERASURES}/again"] = {"queued": 1}
    answer = await client.post(f"{RUNS}/erasures", headers=SELF)
    assert answer.headers["location"] == f"{RUNS}/erasures?lang=en&done=told"
    audit = await client.get(f"{RUNS}/audit")
    assert "role_given The system itself role: consultant" in words(audit.text)
    assert "cursor=further" in audit.text


async def test_a_message_that_never_arrived_is_looked_into_and_sent_again(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    log = f"{RUNS}/deliveries"
    listed = await client.get(log)
    assert "Failed for good message-refused first, milestone mail" in words(listed.text)
    assert "state=failed_for_good&amp;cursor=further" in listed.text
    assert "One message 3" in words(listed.text)
    assert (await client.get(log, params={"state": "lost"})).status_code == 422
    shown = words((await client.get(f"{log}/{LETTER}")).text)
    assert "first default:weekly" in shown
    town["notifications"].answers[f"{DELIVERIES}/replay"] = {"found": 1, "replayed": 1}
    answer = await client.post(f"{log}/{LETTER}", headers=SELF)
    assert answer.headers["location"] == f"{log}?lang=en&done=replayed"
    assert "It is sent again." in words((await client.get(answer.headers["location"])).text)
    town["notifications"].answers[f"{DELIVERIES}/replay"] = refusal(403)
    assert (await client.post(f"{log}/{LETTER}", headers=SELF)).status_code == 404


async def test_nobody_else_is_let_in(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers |= {
        ME: {"grants": GRANTS},
        ERASURES: refusal(403),
        "/api/v1/audit": refusal(403),
    }
    town["campaigns"].answers[f"/api/v1/operations/campaigns/dead-letters/{LETTER}"] = refusal(403)
    town["notifications"].answers[DELIVERIES] = refusal(403)
    for path in (RUNS, PAGE, f"{RUNS}/deliveries", f"{RUNS}/erasures", f"{RUNS}/audit"):
        assert (await client.get(path)).status_code == 404
    assert RUNS not in (await client.get("/desk")).text


@pytest.mark.parametrize(
    "typed", ["0af7651916cd43dd8448eb211c80319c", f"00-0AF7651916cd43dd8448eb211c80319c-{'b7' * 8}-01"]
)
async def test_the_way_of_a_request_is_found_by_its_id(client: httpx.AsyncClient, typed: str) -> None:
    answer = await client.get("/desk/operations/trace", params={"id": f" {typed} "})
    assert answer.headers["location"] == "/traces/-/otel/traces/0af7651916cd43dd8448eb211c80319c"
    answer = await client.get("/desk/operations/trace", params={"id": "//elsewhere.example"})
    assert answer.status_code == 422
    assert "That is no id of a request" in words(answer.text)


async def test_the_way_of_an_event_is_found_by_its_id(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    event, trace = "01890000-0000-7000-8000-0000000e0e17", "0af7651916cd43dd8448eb211c80319c"
    town["campaigns"].answers[f"/api/v1/operations/campaigns/events/{event}"] = {"trace_id": trace}
    answer = await client.get("/desk/operations/trace", params={"id": event})
    assert answer.headers["location"] == f"/traces/-/otel/traces/{trace}"
