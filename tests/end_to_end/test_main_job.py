"""A citizen's action becomes a merchant's notification: from the gateway over the bus into the mailbox."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import aclosing, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import uuid4

import pytest

from chassis.telemetry_names import APPLY_SPAN, DELIVERY_SPAN, PUBLISH_SPAN
from demo import town as demo_town
from demo.gateway import Gateway, accepted
from deploy.one_machine.system import System
from tests.end_to_end.journeys import (
    audience,
    city_id,
    feed,
    fresh_shop,
    live,
    live_audience,
    mails_about,
    milestones,
    review,
    share,
    until,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

EXTRACT = Path(__file__).parents[3] / "shared" / "data" / "habay.osm.geojson"


@pytest.mark.parametrize(
    ("owner", "language", "said"),
    [("marc", "fr", "avis"), ("nele", "nl", "review"), ("dieter", "de", "Bewertung")],
)
async def test_a_review_is_counted_told_and_mailed_in_the_merchants_language(
    gateway: Gateway, owner: str, language: str, said: str
) -> None:
    shop = await fresh_shop(gateway, owner, language)

    posted = await review(gateway, "tom", shop)

    await until(lambda: audience(gateway, shop), lambda totals: totals == {"review": 1}, "one review")
    path = f"/api/v1/audience/{shop.id}/contributions"
    made_of = [each["contribution_id"] async for each in gateway.read_all(path, person=owner)]
    assert made_of == [posted["id"]]
    told = await until(lambda: feed(gateway, shop), lambda entries: entries, "an entry in the feed")
    assert [each["data"]["threshold"] for each in told if each["kind"] == "first"] == [1]
    (mail,) = await until(lambda: mails_about(gateway, shop), lambda mails: mails, "a mail")
    assert mail["to"] == [f"{owner}@example.be"]
    assert said in mail["subject"]
    assert said in mail["text"]
    assert f'lang="{language}"' in mail["html"]
    assert {"List-Unsubscribe", "List-Unsubscribe-Post"} <= mail["headers"].keys()


async def test_what_an_ambassador_does_in_a_running_campaign_counts_for_it_too(gateway: Gateway) -> None:
    shop = await fresh_shop(gateway, "nele", "nl", mail=False)
    campaign = await started_campaign(gateway, kinds=["shop=tea"])
    joined = f"/api/v1/campaigns/{campaign['id']}/ambassadors"
    said = {"pledge": 1, "age": "18_or_older", "language": "fr"}
    accepted(await gateway.ask("POST", joined, person="ambassador-9001", key=str(uuid4()), json=said))

    by_ambassador = await review(gateway, "ambassador-9001", shop)
    by_passer_by = await review(gateway, "ambassador-9002", shop)

    assert (by_ambassador["counts_for_campaign"], by_ambassador["campaign_id"]) == (True, campaign["id"])
    assert (by_passer_by["counts_for_campaign"], by_passer_by["campaign_id"]) == (False, None)
    await until(lambda: audience(gateway, shop), lambda totals: totals == {"review": 2}, "both reviews")
    begun = [each for each in await feed(gateway, shop) if each["kind"] == "campaign-begins"]
    assert [each["data"]["campaign_id"] for each in begun] == [campaign["id"]]


async def test_a_withdrawn_contribution_lowers_the_audience_and_nothing_is_told_twice(
    gateway: Gateway,
) -> None:
    shop = await fresh_shop(gateway, "dieter", "de")
    first = await review(gateway, "lea", shop)
    await until(lambda: audience(gateway, shop), lambda totals: totals == {"review": 1}, "one review")

    path = f"/api/v1/contributions/{first['id']}"
    for _ in range(2):
        accepted(await gateway.ask("DELETE", path, person="lea"))
    await until(lambda: audience(gateway, shop), lambda totals: not any(totals.values()), "none left")

    await review(gateway, "lea", shop)
    await until(lambda: audience(gateway, shop), lambda totals: totals == {"review": 1}, "one again")
    await share(gateway, "lea", shop)  # told after whatever the second review would have been told with
    told = await until(lambda: milestones(gateway, shop), lambda found: len(found) > 1, "the share is told")
    assert told == [("review", 1), ("share", 1)]
    mails = await until(lambda: mails_about(gateway, shop), lambda found: len(found) > 1, "two mails")
    assert len(mails) == 2


async def test_a_live_stream_taken_up_again_leaves_nothing_out(gateway: Gateway) -> None:
    shop = await fresh_shop(gateway, "marc", "fr", mail=False)
    async with aclosing(live(gateway, shop)) as stream:
        assert await anext(stream) == (0, None)
        await share(gateway, "sophie", shop)
        seen, entry = await anext(stream)
        assert entry["data"]["kind"] == "share"

    await review(gateway, "sophie", shop)  # while nobody listens
    await until(lambda: milestones(gateway, shop), lambda found: len(found) > 1, "the review is told")

    async with aclosing(live(gateway, shop, last_event_id=seen)) as stream:
        assert await anext(stream) == (0, None)
        sequence, entry = await anext(stream)
    assert sequence > seen
    assert entry["data"]["kind"] == "review"


async def test_an_open_page_shows_the_audience_grow(gateway: Gateway) -> None:
    shop = await fresh_shop(gateway, "marc", "fr", mail=False)
    async with aclosing(live_audience(gateway, shop)) as shown:
        assert (await anext(shown))["totals"] == {}
        await review(gateway, "sophie", shop)
        figures = await anext(shown)
    assert figures == {"merchant_id": shop.id, "totals": {"review": 1}, "today": {"review": 1}}


async def test_one_trace_leads_from_the_post_to_the_mail(town: System, gateway: Gateway) -> None:
    shop = await fresh_shop(gateway, "nele", "nl")
    trace, click = token_hex(16), token_hex(8)

    await review(gateway, "tom", shop, headers={"traceparent": f"00-{trace}-{click}-01"})
    await until(lambda: mails_about(gateway, shop), lambda mails: mails, "the mail")

    async def spans() -> list[Any]:
        return spans_of(town.root / "traces" / "otel.db", trace)

    found = await until(
        spans,
        lambda rows: DELIVERY_SPAN in {row["name"] for row in rows} and not astray(rows, root=click),
        "the last span, in one tree",
    )
    steps = [(row["service_name"], row["name"], consumer_of(row)) for row in found]
    way = [
        ("campaigns", "POST /api/v1/contributions/reviews", None),
        ("campaigns", PUBLISH_SPAN, None),
        ("notifications", APPLY_SPAN, "notifications__reactions"),
        ("notifications", DELIVERY_SPAN, None),
    ]
    assert [step for step in steps if step in way] == way  # in the order in which they began, each once


async def test_the_real_map_extract_is_imported_once(gateway: Gateway) -> None:
    if not EXTRACT.exists():
        pytest.skip(f"{EXTRACT} is not there")
    path, content = f"/api/v1/cities/{await city_id(gateway)}/imports", EXTRACT.read_bytes()

    async def imported(**asked: str) -> Any:
        answer = await gateway.ask("POST", path, person=demo_town.OFFICER, data=content, params=asked)
        return accepted(answer)

    tried, first, second = await imported(dry_run="true"), await imported(), await imported()

    assert len(first["items"]) == first["totals"]["features"] == 122
    assert tried["totals"] == first["totals"]
    assert first["totals"]["listed"] >= 50
    assert all(line["reason"] for line in first["items"] if line["outcome"] == "left_out")
    assert (second["totals"]["listed"], second["totals"]["updated"]) == (0, 0)
    listed = next(line for line in first["items"] if line["outcome"] == "listed" and line["name"])
    shown = await gateway.read(f"/api/v1/merchants/{listed['merchant_id']}")
    assert shown["name"] == listed["name"]


async def started_campaign(gateway: Gateway, **plan: Any) -> Any:
    """A campaign of the town that runs from now on."""
    now = datetime.now(UTC)
    body = {
        "city_id": await city_id(gateway),
        "name": "Les belles vitrines",
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(days=2)).isoformat(),
        **plan,
    }
    path, officer = "/api/v1/campaigns", demo_town.OFFICER
    campaign = accepted(await gateway.ask("POST", path, person=officer, key=str(uuid4()), json=body))
    accepted(await gateway.ask("POST", f"{path}/{campaign['id']}/schedule", person=officer))
    started = await gateway.ask("POST", f"{path}/{campaign['id']}/start", person=officer)
    assert started.status_code in (200, 409), started.text  # the clock may have been quicker
    return campaign


def spans_of(database: Path, trace: str) -> list[Any]:
    """What the trace viewer keeps of a trace."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute("SELECT * FROM spans WHERE trace_id = ? ORDER BY start_ns", [trace])
        return found.fetchall()


def astray(spans: Sequence[Any], root: str) -> list[tuple[str, str]]:
    """Spans whose parent is not in the trace, or not yet: each service sends its own every few seconds."""
    known = {span["span_id"] for span in spans} | {root}
    return [(span["service_name"], span["name"]) for span in spans if span["parent_span_id"] not in known]


def consumer_of(span: Any) -> str | None:
    """The durable of a span of a consumer."""
    consumer: str | None = json.loads(span["attributes"]).get("consumer")
    return consumer
