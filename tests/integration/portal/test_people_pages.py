"""Pages of ambassadors and of shops: as that person, part by part, and never with markup of others."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jwt
import pytest
from fastapi.responses import JSONResponse

from chassis.ids import new_id
from services.portal.choosing import body_of
from tests.integration.portal.living_people import (
    DRAFT_PAGES,
    PAGES,
    PHOTO,
    REMOVED,
    REVIEW,
    SHOP,
    a_photo,
    a_report,
    contribution,
    of_people,
)
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, SESSION
from tests.integration.portal.test_pages import words

ASKS = "/api/v1/contributions"
AT = "2026-11-20T10:00:00Z"
AWAY = "This part is not available now."


@pytest.fixture(autouse=True)
def _people(town: dict[str, StandIn]) -> None:
    for name, answers in of_people().items():
        town[name].answers |= answers
    town["directory"].answers[REFRESH] = SESSION


async def test_nobody_sees_a_page_of_somebody_before_signing_in(client: httpx.AsyncClient) -> None:
    own = PAGES | DRAFT_PAGES
    for address in own.values():
        answer = await client.get(address)
        assert (answer.status_code, answer.headers["location"][:14]) == (303, "/sign-in?next="), address


async def test_services_are_asked_as_the_person_who_is_signed_in(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    await client.get(f"/shops/{SHOP}", headers=COOKIE)
    asked = {each.headers.get("authorization") for each in town["notifications"].asked}
    assert asked == {f"Bearer {SESSION['token']}"}


async def test_what_an_audience_is_made_of_is_listed_by_day_in_words(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    made_of = [
        {"contribution_id": REVIEW, "kind": kind, "day": day}
        for kind, day in (("answer", "2026-11-18"), ("share", "2026-11-20"), ("follow", "2026-11-19"))
    ]
    path = f"/api/v1/audience/{SHOP}/contributions"
    town["notifications"].answers[path] = {"items": made_of, "next": None}
    shown = words((await client.get(f"/shops/{SHOP}?lang=en", headers=COOKIE)).text)
    by_day = ("Share 20 November 2026", "Followers 19 November 2026", "Answer 18 November 2026")
    assert " ".join(by_day) in shown


@pytest.mark.parametrize(
    ("away", "address", "stays"),
    [
        ("campaigns", f"/shops/{SHOP}", "Your audience"),
        ("directory", "/contributions", "What I contributed"),
        ("campaigns", f"/shops/{SHOP}/reviews", "You can answer each in public"),
    ],
)
async def test_a_service_that_is_away_takes_its_part_alone(
    client: httpx.AsyncClient, town: dict[str, StandIn], away: str, address: str, stays: str
) -> None:
    kept = {REFRESH: SESSION, "/api/v1/people/me": town["directory"].answers["/api/v1/people/me"]}
    town[away].answers.clear()
    town[away].answers |= kept if away == "directory" else {}
    gone = JSONResponse({"type": "urn:cococity:problem:unavailable"}, 503)
    for path in of_people()[away]:
        town[away].answers.setdefault(path, gone)
    answer = await client.get(address, headers=COOKIE)
    assert answer.status_code == 200
    assert stays in answer.text
    assert away == "directory" or AWAY in answer.text


async def test_what_people_write_is_never_markup(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    said = contribution(text="<script>alert(1)</script>", answer={"text": "<b>x</b>", "version": 1})
    town["campaigns"].answers |= {f"{ASKS}/{REVIEW}": said, ASKS: {"items": [said], "next": None}}
    for address in (f"/contributions/{REVIEW}", f"/shops/{SHOP}/reviews"):
        shown = (await client.get(address, headers=COOKIE)).text
        assert "&lt;script&gt;" in shown
        assert "<script>alert" not in shown
        assert "<b>x</b>" not in shown


async def test_a_review_that_lacks_something_says_so_and_keeps_what_was_typed(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    refused = {"type": "urn:cococity:problem:invalid", "field": "rating", "status": 422}
    town["campaigns"].answers[f"{ASKS}/reviews"] = JSONResponse(refused, 422)
    typed = {"text": "Kept as I wrote it.", "rating": "nine", "attempt": "a"}
    answer = await client.post(f"/merchants/{SHOP}/review", data=typed, headers=COOKIE)
    assert answer.status_code == 422
    assert 'href="#rating"' in answer.text
    assert "Kept as I wrote it." in answer.text
    (sent,) = [each for each in town["campaigns"].asked if each.method == "POST"]
    assert sent.headers["idempotency-key"] == "a"


async def test_a_shop_uses_a_photo_of_it_and_reads_what_stands_beside_it(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    listed = (await client.get(f"/shops/{SHOP}/photos?lang=en", headers=COOKIE)).text
    assert "By Léa D." in words(listed)
    assert f'action="/shops/{SHOP}/photos/{REVIEW}?lang=en"' in listed
    page, reuse = f"/shops/{SHOP}/photos/{PHOTO}", f"{ASKS}/{PHOTO}/reuse"
    gone = {"type": "urn:cococity:problem:photo-gone", "status": 409}
    for answer, status in ((a_photo(), 303), (JSONResponse(gone, 409), 409)):
        town["campaigns"].answers[reuse] = answer
        taken = await client.post(page, headers=COOKIE | {"Sec-Fetch-Site": "same-origin"})
        assert taken.status_code == status
    assert 'role="alert"' in taken.text
    assert {each.method for each in town["campaigns"].asked if each.url.path == reuse} == {"PUT"}
    shown = (await client.get(f"{page}?lang=en", headers=COOKIE)).text
    assert "Your shop uses it since 20 November 2026. Its author is thanked for it." in words(shown)
    assert a_photo()["attribution"] in shown
    assert "passed on under the same licence" in shown
    assert 'href="/api/v1/files/f/large.webp" download' in shown
    own = words((await client.get("/contributions?lang=en", headers=COOKIE)).text)
    assert "since 20 November 2026." in own
    town["campaigns"].answers[f"{ASKS}/{PHOTO}"] = a_photo(merchant_id=REVIEW)
    assert (await client.get(page, headers=COOKIE)).status_code == 404, "of another shop"


async def test_what_was_kept_by_nobody_or_somebody_else_is_not_posted(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    person = str(new_id())
    session = SESSION | {"token": jwt.encode({"sub": person}, "a" * 32, "HS256")}
    town["directory"].answers[REFRESH] = session
    town["campaigns"].answers[f"{ASKS}/reviews"] = {"id": REVIEW}
    form = {"attempt": "an-attempt", "rating": "4", "text": "Bon", "tie": "none"}
    for kept_by, status in (("", 404), ("undefined", 404), (str(new_id()), 404), (person, 303)):
        address = f"/merchants/{SHOP}/review?person={kept_by}"
        answer = await client.post(address, data=form, headers=COOKIE | {"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == status, kept_by
    assert len([each for each in town["campaigns"].asked if each.method == "POST"]) == 1


async def test_what_was_posted_is_shown_from_its_owners_answer(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["campaigns"].answers[f"{ASKS}/reviews"] = JSONResponse(contribution(), 201)
    answer = await client.post(f"/merchants/{SHOP}/review", data={"rating": "4"}, headers=COOKIE)
    assert answer.headers["location"].startswith(f"/contributions/{REVIEW}?")
    shown = await client.get(answer.headers["location"], headers=COOKIE)
    assert "Thank you." in shown.text


async def test_who_disagrees_with_a_removal_sees_why_and_may_appeal(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = (await client.get(f"/contributions/{REMOVED}", headers=COOKIE)).text
    for said in ("It insults somebody.", "Please write about the shop.", "Ask for a second look"):
        assert said in shown
    told: dict[str, Any] = {"id": REVIEW, "due_at": "2026-12-01T00:00:00Z"}
    town["campaigns"].answers[f"{ASKS}/{REMOVED}/appeal"] = JSONResponse(told, 201)
    answer = await client.post(
        f"/contributions/{REMOVED}", data={"do": "appeal", "appeal": "It is true."}, headers=COOKIE
    )
    assert answer.headers["location"].endswith("done=appeal")


async def test_whoever_reports_sees_what_becomes_of_it_with_an_account_or_by_a_secret_address(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    campaigns, report = town["campaigns"], f"{ASKS}/{REVIEW}/reports"
    invalid = {"type": "urn:cococity:problem:invalid", "field": "ground", "status": 422}
    campaigns.answers[report] = JSONResponse(invalid, 422)
    page, form = f"/contributions/{REVIEW}/report", {"text": "Kept as I wrote it.", "attempt": "a"}
    refused = await client.post(page, data=form, headers={"X-Forwarded-For": "203.0.113.7"})
    assert refused.status_code == 422
    assert 'href="#ground"' in refused.text
    assert "Kept as I wrote it." in refused.text
    assert campaigns.asked[-3].headers["x-forwarded-for"] == "203.0.113.7"
    campaigns.answers[report] = JSONResponse(a_report(secret="so-secret"), 201)
    sent = await client.post(page, data=form | {"ground": "insult"})
    assert sent.headers["location"].startswith(f"/reports/{REVIEW}/so-secret?")
    shown = await client.get(sent.headers["location"])
    assert campaigns.asked[-1].headers["report-secret"] == "so-secret"
    for said in ("Keep the address of this page", "It stays.", "It is about the bread."):
        assert said in shown.text
    assert (await client.get(f"/reports/{REVIEW}")).headers["location"].startswith("/sign-in?")
    led = await client.get(f"/reports/about/{REVIEW}", headers=COOKIE)
    assert led.headers["location"].startswith(f"/reports/{REVIEW}?")
    campaigns.answers[f"{ASKS}/reports/{REVIEW}/appeal"] = JSONResponse({"id": REVIEW}, 201)
    asked = await client.post(f"/reports/{REVIEW}", data={"appeal": "Look again."}, headers=COOKIE)
    assert asked.headers["location"].endswith("done=appeal")
    waits = {"at": AT, "due_at": AT, "decided": False, "decision": None}
    campaigns.answers[f"{ASKS}/reports/{REVIEW}"] = a_report(appeal=waits, appeal_until=None)
    again = (await client.get(f"/reports/{REVIEW}", headers=COOKIE)).text
    assert "Somebody who did not decide before looks at it again" in again
    assert 'name="appeal"' not in again
    campaigns.answers[f"{ASKS}/reports/{REVIEW}"] = JSONResponse(invalid, 422)
    for no_secret in ("a" * 101, "%C3%A9"):
        assert (await client.get(f"/reports/{REVIEW}/{no_secret}")).status_code == 404


async def test_a_person_reads_what_they_were_told_and_says_which_of_it_comes_by_mail(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = (await client.get("/messages?lang=en", headers=COOKIE)).text
    for said in (
        "Not read yet: 1",
        f'href="/contributions/{REMOVED}?lang=en"',
        "You wrote it.",
        "I have read them",
    ):
        assert said in shown
    town["notifications"].answers[f"/api/v1/people/me/notifications/{REVIEW}/read"] = {}
    answer = await client.post("/messages", data={"notifications": f"{REVIEW},../x"}, headers=COOKIE)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/messages")
    shown = (await client.get("/messages/preferences?lang=en", headers=COOKIE)).text
    assert "A shop answers your review" in shown
    assert 'name="timing-review-answered"' in shown
    form = {"mail": "yes", "language": "nl", "version": "0"}
    answer = await client.post("/messages/preferences", data=form, headers=COOKIE)
    assert answer.headers["location"].endswith("done=saved")


async def test_what_a_shop_wants_to_be_told_is_sent_as_it_was_chosen(
    client: httpx.AsyncClient,
) -> None:
    shown = (await client.get(f"/shops/{SHOP}/preferences", headers=COOKIE)).text
    assert "A milestone is reached" in shown
    assert 'name="timing-account-changed"' not in shown
    form = {"mail": "yes", "language": "nl", "digest_day": "5", "digest_hour": "9", "quiet_from": ""}
    assert body_of({**form, "quiet_to": "", "most_a_day": "2", "timing-milestone": "daily"}) == {
        "mail": True,
        "language": "nl",
        "choices": {
            "digest_day": 5,
            "digest_hour": 9,
            "most_a_day": 2,
            "quiet_from": None,
            "quiet_to": None,
            "holidays": False,
            "timings": {"milestone": {"mail": "daily"}},
        },
    }


async def test_a_form_of_every_kind_and_browser_is_read_to_its_end(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    path = f"/api/v1/notifications/preferences/{SHOP}"
    town["notifications"].answers[path] |= {"version": 4}
    form = {"mail": "yes", "language": "nl", "version": "3", "digest_day": "5", "holidays": "yes"}
    chosen = {f"{way}-kind-{number}": "daily" for way in ("timing", "push") for number in range(30)}
    answer = await client.post(f"/shops/{SHOP}/preferences", data=form | chosen, headers=COOKIE)
    assert answer.headers["location"].endswith("done=saved")
    sent = json.loads(town["notifications"].asked[-1].state.body)
    assert (sent["mail"], sent["language"], len(sent["choices"]["timings"])) == (True, "nl", 30)
    too_many = {f"timing-kind-{number}": "daily" for number in range(200)}
    answer = await client.post(f"/shops/{SHOP}/preferences", data=form | too_many, headers=COOKIE)
    assert answer.status_code == 422, "nothing is taken for what was cut off"


async def test_last_month_is_shown_under_what_was_typed_and_is_not_saved(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    form = {"mail": "yes", "language": "nl", "digest_day": "5", "most_a_day": "7", "version": "3"}
    typed = {**form, "timing-milestone": "daily", "push-milestone": "at-once", "do": "preview"}
    shown = await client.post(f"/shops/{SHOP}/preferences", data=typed, headers=COOKIE)
    assert shown.status_code == 200
    assert "2 messages would have come:" in shown.text
    assert "16 November 2026, 08:00</time>: 12 avis sur votre commerce" in shown.text
    assert "Nothing of this is saved yet." in shown.text
    assert 'name="most_a_day" type="number" value="7"' in shown.text
    assert '<option value="daily" selected>' in shown.text
    changes = [each.method for each in town["notifications"].asked if each.method != "GET"]
    assert changes == ["POST"]


async def test_a_person_is_told_in_a_browser_and_sees_what_last_month_would_have_been(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    page = (await client.get("/messages/preferences?lang=en", headers=COOKIE)).text
    assert "Tell me in this browser" in page
    form = {"mail": "yes", "language": "nl", "version": "0"}
    shown = await client.post("/messages/preferences", data={**form, "do": "preview"}, headers=COOKIE)
    assert "Nothing of this is saved yet." in shown.text
    told = {"do": "add-browser", "endpoint": "https://push.example/x", "p256dh": "B", "auth": "B"}
    answer = await client.post("/messages/preferences", data=told, headers=COOKIE)
    assert answer.headers["location"].endswith("done=browser")
    changes = [(each.method, each.url.path) for each in town["notifications"].asked if each.method != "GET"]
    assert changes == [
        ("POST", "/api/v1/people/me/notification-preferences/preview"),
        ("PUT", "/api/v1/people/me/notification-devices"),
    ]
