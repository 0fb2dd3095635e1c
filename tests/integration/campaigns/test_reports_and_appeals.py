"""Anybody reports, either side appeals once, and everybody who waits hears what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from chassis.clock import utc_now
from contracts.campaigns.moderation import (
    ContributionModerated,
    ContributionReinstated,
    ContributionReported,
    ModerationDecided,
    ReportedContributionWithdrawn,
)
from services.campaigns.moderation import reports
from services.campaigns.moderation.domain import APPEALS_FOR
from tests.integration.campaigns.test_moderation import (
    PUBLICATION,
    REMOVAL,
    a_held_review,
    a_review,
    decided,
    officer,
    queue,
    reported,
    slug,
)
from tests.support.campaigns import Campaigns


async def test_many_reports_are_one_case_and_each_reporter_reads_what_came_of_it(
    campaigns: Campaigns,
) -> None:
    review, reader = await a_review(campaigns), uuid4()
    signed, anonymous = await reported(campaigns, review, reader), await reported(campaigns, review)
    assert {signed.status_code, anonymous.status_code} == {201}
    assert slug(await reported(campaigns, review, reader)) == (409, "already-reported")
    assert (await campaigns.client.get(f"/api/v1/contributions/{review}")).status_code == 200
    (case,) = await queue(campaigns, officer(campaigns), reason="reported")
    assert [each["text"] for each in case["reports"]] == ["Elle n'y est jamais allée."] * 2
    assert (await decided(campaigns, case, officer(campaigns), REMOVAL)).status_code == 201
    path = f"/api/v1/contributions/reports/{anonymous.json()['id']}"
    secret = {"Report-Secret": anonymous.json()["secret"]}
    told = await campaigns.client.get(path, headers=secret)
    assert (told.json()["decision"]["outcome"], told.json()["decision"]["person_id"]) == ("removed", None)
    own = f"/api/v1/contributions/reports/{signed.json()['id']}"
    assert (await campaigns.client.get(own, headers=campaigns.as_person(reader))).json()["decided"]
    listed = await campaigns.client.get(
        "/api/v1/contributions/reports",
        params={"contribution": review, "language": "en"},
        headers=campaigns.as_person(reader),
    )
    (mine,) = listed.json()["items"]
    assert (mine["id"], mine["kind"]) == (signed.json()["id"], "review")
    assert (mine["decision"]["statement"], mine["appeal_until"]) == (REMOVAL["statement"], None)
    strangers = [
        await campaigns.client.get(path, headers={"Report-Secret": "x"}),
        await campaigns.client.get(own, headers=campaigns.as_person(uuid4())),
        await campaigns.client.get(own),
    ]
    assert [answer.status_code for answer in strangers] == [404] * 3
    (event,) = await campaigns.recorded(ModerationDecided)
    assert isinstance(event.fact, ModerationDecided)
    assert (len(event.fact.reporter_ids), event.fact.reported) == (1, True)
    assert reader not in event.fact.reporter_ids
    (first,) = await campaigns.recorded(ContributionReported)  # the shop is told of one, and of no reporter
    assert isinstance(first.fact, ContributionReported)
    assert (str(first.fact.case_id), str(first.fact.contribution_id)) == (case["id"], review)
    assert first.fact.merchant_id == event.fact.merchant_id
    assert len(await campaigns.recorded(ContributionModerated)) == 1


async def test_a_repeated_report_is_one_and_a_flood_from_one_network_is_stopped(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "BY_NETWORK", few := replace(reports.BY_NETWORK, most=5))
    campaigns.now = utc_now().replace(minute=0)
    review, key = await a_review(campaigns), str(uuid4())
    path, body = f"contributions/{review}/reports", {"ground": "other", "text": "x"}
    unclear = await campaigns.post(path, {}, {"ground": "other"}, str(uuid4()))
    assert (unclear.status_code, unclear.json()["field"]) == (422, "text")
    twice = [(await campaigns.post(path, {}, body, key)).json() for _ in range(2)]
    assert twice[0] == twice[1]
    last = [(await campaigns.post(path, {}, body, str(uuid4()))).status_code for _ in range(few.most)]
    assert last == [201] * (few.most - 1) + [429]
    assert len((await queue(campaigns, officer(campaigns)))[0]["reports"]) == few.most


async def test_an_author_appeals_once_and_an_officer_of_the_named_city_decides(campaigns: Campaigns) -> None:
    campaigns.now = utc_now()
    author, neighbours = uuid4(), uuid4()
    review, first, own = await a_review(campaigns, author), officer(campaigns), campaigns.as_person(author)
    await reported(campaigns, review)
    (case,) = await queue(campaigns, first)
    await decided(campaigns, case, first, REMOVAL)
    path, text = f"contributions/{review}/appeal", {"text": "Je n'ai insulté personne."}
    assert (await campaigns.post(path, campaigns.as_person(uuid4()), text)).status_code == 403
    alone = await campaigns.post(path, own, text)
    assert (alone.status_code, alone.json()["somebody_else_known"]) == (201, False)
    assert slug(await campaigns.post(path, own, text)) == (409, "already-appealed")
    decisions = f"/api/v1/contributions/{review}/decisions"
    waits = (await campaigns.client.get(decisions, headers=own)).json()
    assert (waits["appeal"]["decided"], waits["appeal_until"]) == (False, None)
    assert (await campaigns.client.get(decisions, headers=campaigns.as_person(uuid4()))).status_code == 404
    (appeal,) = await queue(campaigns, first)
    assert appeal["appeal"] == {"by": "author", "text": text["text"]}
    assert slug(await decided(campaigns, appeal, first, PUBLICATION)) == (409, "own-decision")
    elsewhere = officer(campaigns, neighbours)
    assert (await decided(campaigns, appeal, elsewhere, PUBLICATION)).status_code == 403
    await a_held_review(campaigns)
    named, deputies = {"deputy_city_id": str(neighbours)}, f"/api/v1/moderation/deputies/{campaigns.city}"
    assert (await campaigns.client.put(deputies, json=named, headers=first)).status_code == 200
    assert [each["id"] for each in await queue(campaigns, elsewhere)] == [appeal["id"]]  # appeals alone
    figures = f"/api/v1/moderation/figures?city={campaigns.city}"
    for who, waiting in ((first, 2), (elsewhere, 1)):
        assert (await campaigns.client.get(figures, headers=who)).json()["open"] == waiting
    assert (await decided(campaigns, appeal, elsewhere, PUBLICATION)).status_code == 201
    assert (await campaigns.client.get(f"/api/v1/contributions/{review}")).status_code == 200
    heard = (await campaigns.client.get(decisions, headers=own)).json()
    assert [each["outcome"] for each in heard["items"]] == ["removed", "published"]
    assert (heard["appeal"]["decision"]["outcome"], heard["appeal_until"]) == ("published", None)
    assert len(await campaigns.recorded(ContributionReinstated)) == 1
    told = [event.fact for event in await campaigns.recorded(ModerationDecided)]
    assert {(fact.appellant, fact.outcome) for fact in told} == {(None, "removed"), ("author", "published")}  # type: ignore[attr-defined]
    of = {"contributor_ids": [str(told[0].contributor_id), str(uuid4())]}  # type: ignore[attr-defined]
    token = {"Authorization": f"Bearer {campaigns.issuer.service_token('notifications')}"}
    behind = await campaigns.post("contributors/people", token, of)
    assert [each["person_id"] for each in behind.json()["items"]] == [str(author)]
    for other in (own, {"Authorization": f"Bearer {campaigns.issuer.service_token('directory')}"}):
        assert (await campaigns.post("contributors/people", other, of)).status_code == 403


async def test_a_reporter_appeals_within_six_months_against_what_stayed(campaigns: Campaigns) -> None:
    campaigns.now = utc_now()
    review, reader, first = await a_review(campaigns), uuid4(), officer(campaigns)
    report = (await reported(campaigns, review, reader)).json()["id"]
    path, own = f"contributions/reports/{report}/appeal", campaigns.as_person(reader)

    async def appealed() -> httpx.Response:
        return await campaigns.post(path, own, {"text": "Regardez encore."}, str(uuid4()))

    assert slug(await appealed()) == (409, "nothing-to-appeal")
    (case,) = await queue(campaigns, first)
    await decided(campaigns, case, first, PUBLICATION)
    campaigns.now += APPEALS_FOR
    assert slug(await appealed()) == (409, "too-late")
    seen = f"/api/v1/contributions/reports/{report}"
    assert (await campaigns.client.get(seen, headers=own)).json()["appeal_until"] is None
    campaigns.now -= timedelta(seconds=1)
    assert (await campaigns.client.get(seen, headers=own)).json()["appeal_until"] is not None
    assert (await appealed()).status_code == 201
    waits = (await campaigns.client.get(seen, headers=own)).json()
    assert (waits["appeal"]["decided"], waits["appeal_until"]) == (False, None)
    (appeal,) = await queue(campaigns, first, kind="appeal")
    assert (await decided(campaigns, appeal, officer(campaigns), REMOVAL)).status_code == 201
    assert (await campaigns.client.get(f"/api/v1/contributions/{review}")).status_code == 404
    waiting = [event.fact.reporter_ids for event in await campaigns.recorded(ModerationDecided)]  # type: ignore[attr-defined]
    assert len(waiting[0]) == 1
    assert waiting == [waiting[0]] * 2, "who appeals waits for the second decision too"
    assert len(await campaigns.recorded(ContributionReported)) == 1, "an appeal is no report"


async def test_what_its_author_takes_back_leaves_the_queue_and_whoever_waits_for_a_decision_is_told(
    campaigns: Campaigns,
) -> None:
    author, reader, other, asked = uuid4(), uuid4(), uuid4(), {"city": str(campaigns.city)}
    held, reviewed, appealed, removed = (
        await a_held_review(campaigns, author),
        *[await a_review(campaigns, author) for _ in range(3)],
    )
    for who in (reader, author, None):
        assert (await reported(campaigns, reviewed, who)).status_code == 201
    path = f"contributions/reports/{(await reported(campaigns, appealed, other)).json()['id']}/appeal"
    await reported(campaigns, removed, other)
    for case in await queue(campaigns, officer(campaigns), reason="reported"):
        if (about := case["contribution"]["id"]) != reviewed:
            verdict = REMOVAL if about == removed else PUBLICATION
            await decided(campaigns, case, officer(campaigns), verdict)
    assert (await campaigns.post(path, campaigns.as_person(other), {"text": "Encore."})).status_code == 201
    again = {"text": "Je n'ai insulté personne."}
    await campaigns.post(f"contributions/{removed}/appeal", campaigns.as_person(author), again)
    cases = {case["contribution"]["id"]: case for case in await queue(campaigns, officer(campaigns))}
    assert cases.keys() == {held, reviewed, appealed, removed}
    assert {case["closed_by"] for case in cases.values()} == {None}
    await campaigns.client.put(
        f"/api/v1/moderation/cases/{cases[held]['id']}/lease", headers=(one := officer(campaigns))
    )
    for each in cases:
        await campaigns.client.delete(f"/api/v1/contributions/{each}", headers=campaigns.as_person(author))
    assert await queue(campaigns, one) == []
    figures = await campaigns.client.get("/api/v1/moderation/figures", params=asked, headers=one)
    assert figures.json()["open"] == figures.json()["appeals"] == 0
    for case in cases.values():
        seen = await campaigns.client.get(f"/api/v1/moderation/cases/{case['id']}", headers=one)
        assert (seen.json()["closed_by"], seen.json()["taken"]) == ("withdrawal", False)
        assert slug(await decided(campaigns, case, one, PUBLICATION)) == (409, "already-decided")
    facts = [event.fact for event in await campaigns.recorded(ReportedContributionWithdrawn)]
    told = {str(fact.contribution_id): fact for fact in facts}  # type: ignore[attr-defined]
    # Who only reported what was held, or was told of a removal, waits for nothing.
    assert told.keys() == {reviewed, appealed}
    assert {str(fact.case_id) for fact in told.values()} == {cases[reviewed]["id"], cases[appealed]["id"]}  # type: ignore[attr-defined]
    assert [len(told[each].reporter_ids) for each in (reviewed, appealed)] == [1, 1], "not its author"  # type: ignore[attr-defined]
    assert not {author, reader, other} & set(told[reviewed].reporter_ids)  # type: ignore[attr-defined]


async def test_nobody_appeals_about_what_its_author_took_back(campaigns: Campaigns) -> None:
    author, reader = uuid4(), uuid4()
    review, own = await a_review(campaigns, author), campaigns.as_person(reader)
    report = (await reported(campaigns, review, reader)).json()["id"]
    (case,) = await queue(campaigns, officer(campaigns))
    await decided(campaigns, case, officer(campaigns), PUBLICATION)
    seen = f"/api/v1/contributions/reports/{report}"
    assert (await campaigns.client.get(seen, headers=own)).json()["appeal_until"] is not None
    await campaigns.client.delete(f"/api/v1/contributions/{review}", headers=campaigns.as_person(author))
    assert (await campaigns.client.get(seen, headers=own)).json()["appeal_until"] is None
    asked = await campaigns.post(f"contributions/reports/{report}/appeal", own, {"text": "Encore."})
    assert slug(asked) == (409, "nothing-to-appeal")
    assert await queue(campaigns, officer(campaigns)) == []
