"""The page of an invitation's link: what is offered in four languages, and each step to an answer."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from fastapi.responses import JSONResponse, Response

from chassis.problems import Problem
from tests.integration.portal.stand_ins import StandIn, an_offer
from tests.integration.portal.test_pages import words

PAGE = "/invitations/a-token-that-nobody-else-has"
READ, ACCEPT, DECLINE = (f"/api/v1/invitations/{what}" for what in ("read", "accept", "decline"))
MAIL, CODE, REFRESH = "/api/v1/sign-in/mail", "/api/v1/sign-in/code", "/api/v1/sessions/refresh"
SESSION = {
    "token": "access",
    "expires_at": "2126-11-26T10:15:00Z",
    "display_name": "Zoé Martin",
    "refresh_token": "the-next-refresh-token",
    "refresh_expires_at": "2027-01-01T00:00:00Z",
}
COOKIE = {"Cookie": "cococity-refresh=the-refresh-token-before"}


def refusal(status: int) -> Response:
    return Problem(status, "refused", "Refused", "…").response()


@pytest.fixture
def directory(town: dict[str, StandIn]) -> StandIn:
    town["directory"].answers |= {
        READ: an_offer(),
        ACCEPT: Response(status_code=204),
        DECLINE: Response(status_code=204),
        MAIL: JSONResponse({"browser_secret": "the-secret-of-this-browser"}, 202),
        CODE: SESSION,
        REFRESH: SESSION,
    }
    return town["directory"]


def asked(directory: StandIn) -> list[str]:
    return [request.url.path for request in directory.asked]


async def send(client: httpx.AsyncClient, do: str, **fields: str) -> httpx.Response:
    return await client.post(PAGE, data={"do": do, **fields})


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("You are invited", "city officer", "Liège", "Claire Lambert", "2 December 2026", "Decline")),
        ("fr", ("Une invitation pour vous", "responsable communal", "Liège", "2 décembre 2026", "Refuser")),
        ("nl", ("U bent uitgenodigd", "Luik", "Claire Lambert", "2 december 2026", "Weigeren")),
        ("de", ("Sie sind eingeladen", "Liège", "Claire Lambert", "2. Dezember 2026", "Ablehnen")),
    ],
)
async def test_it_says_which_role_where_from_whom_and_until_when(
    client: httpx.AsyncClient, directory: StandIn, language: str, expected: tuple[str, ...]
) -> None:
    answer = await client.get(f"{PAGE}?lang={language}")

    assert answer.status_code == 200
    shown = words(answer.text)
    assert not [each for each in expected if each not in shown]
    assert f'action="?lang={language}"' in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"role": "consultant", "city_name": None}, "all cities"),
        ({"role": "merchant_staff", "place_name": "Chez Nele"}, "Chez Nele, Liège"),
        ({"role": "merchant", "hands_over": True}, "The role passes over to you"),
        ({"invited_by_name": None}, "127.0.0.1"),
        ({"invited_by_name": "<script>alert(1)</script>"}, "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
async def test_it_says_what_kind_of_offer_it_is(
    client: httpx.AsyncClient, directory: StandIn, changed: dict[str, Any], expected: str
) -> None:
    directory.answers[READ] = an_offer(**changed)
    assert expected in (await client.get(PAGE)).text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing_and_is_kept_by_nobody(
    client: httpx.AsyncClient, directory: StandIn, method: str
) -> None:
    answer = await client.request(method, PAGE, headers=COOKIE)

    assert answer.status_code == 200
    assert asked(directory) == [READ]
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert "form-action 'none'" in (await client.get("/")).headers["content-security-policy"]


@pytest.mark.parametrize("status", [404, 410, 422])
async def test_an_invitation_that_is_over_offers_nothing(
    client: httpx.AsyncClient, directory: StandIn, status: int
) -> None:
    directory.answers[READ] = refusal(status)
    answer = await client.get(PAGE)
    assert answer.status_code == 410
    assert "This invitation is over" in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize("nonsense", [refusal(503), {"role": "city_officer"}, "<html>"])
async def test_a_directory_that_cannot_say_is_said(
    client: httpx.AsyncClient, directory: StandIn, nonsense: object
) -> None:
    directory.answers[READ] = nonsense
    answer = await client.get(PAGE)
    assert answer.status_code == 503
    assert "try again in a minute" in answer.text


async def test_who_is_not_signed_in_signs_in_by_a_code_and_has_accepted(
    client: httpx.AsyncClient, directory: StandIn
) -> None:
    assert "Send me a code" in (await send(client, "begin")).text
    mailed = await send(client, "mail", email=" zoe@home.example ")
    secret = re.search(r'name="browser_secret" value="([^"]+)"', mailed.text)
    assert secret is not None
    done = await send(client, "code", browser_secret=secret[1], code=" ab23cd ", email="zoe@home.example")

    assert "The mail goes to zoe@home.example." in words(mailed.text)
    assert "You have this role from now on." in done.text
    assert done.headers["set-cookie"].startswith("cococity-refresh=the-next-refresh-token;")
    assert "HttpOnly" in done.headers["set-cookie"]
    assert "SameSite=lax" in done.headers["set-cookie"]
    assert [path for path in asked(directory) if path != READ] == [MAIL, CODE, ACCEPT]
    assert directory.asked[-1].headers["authorization"] == "Bearer access"


async def test_who_is_signed_in_sees_as_whom_they_accept(
    client: httpx.AsyncClient, directory: StandIn
) -> None:
    begun = await client.post(PAGE, data={"do": "begin"}, headers=COOKIE)
    done = await client.post(PAGE, data={"do": "accept"}, headers=COOKIE)

    assert "You are signed in in this browser as Zoé Martin." in words(begun.text)
    assert "You have this role from now on." in done.text
    for answer in (begun, done):
        assert "the-next-refresh-token" in answer.headers["set-cookie"], "the one before is used up"


@pytest.mark.parametrize("refused", [refusal(401), refusal(422)])
async def test_whose_session_is_over_signs_in(
    client: httpx.AsyncClient, directory: StandIn, refused: Response
) -> None:
    directory.answers[REFRESH] = refused
    answer = await client.post(PAGE, data={"do": "accept"}, headers=COOKIE)
    assert "Send me a code" in answer.text
    assert ACCEPT not in asked(directory)


async def test_a_session_is_kept_whatever_comes_after(client: httpx.AsyncClient, directory: StandIn) -> None:
    directory.answers[ACCEPT] = refusal(503)
    answer = await client.post(PAGE, data={"do": "accept"}, headers=COOKIE)
    assert answer.status_code == 503
    assert "the-next-refresh-token" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("status", "step", "said"),
    [
        (422, {"do": "mail", "email": "zoe"}, "This is not a mail address."),
        (429, {"do": "mail", "email": "z@h.example"}, "This was tried too often."),
        (410, {"do": "code", "code": "XXXXXX", "browser_secret": "s"}, "This code is wrong"),
        (422, {"do": "code"}, "This code is wrong"),
        (429, {"do": "code", "code": "XXXXXX"}, "This was tried too often."),
    ],
)
async def test_what_went_wrong_is_said_and_can_be_mended(
    client: httpx.AsyncClient, directory: StandIn, status: int, step: dict[str, str], said: str
) -> None:
    directory.answers[{"mail": MAIL, "code": CODE}[step["do"]]] = refusal(status)
    answer = await client.post(PAGE, data=step)
    assert answer.status_code == status
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert "<form" in answer.text


async def test_whoever_sent_it_is_told_that_it_is_for_somebody_else(
    client: httpx.AsyncClient, directory: StandIn
) -> None:
    directory.answers[ACCEPT] = refusal(409)
    answer = await client.post(PAGE, data={"do": "accept"}, headers=COOKIE)
    assert answer.status_code == 409
    assert "You sent this invitation yourself." in answer.text
    assert "Accept as this person" not in answer.text


async def test_declining_needs_nobody_to_sign_in(client: httpx.AsyncClient, directory: StandIn) -> None:
    assert "Declined" in (await send(client, "decline")).text
    directory.answers[READ] = refusal(410)
    assert "Declined" in (await send(client, "decline")).text, "by a double click"
    assert REFRESH not in asked(directory)


async def test_a_double_click_is_one_acceptance(client: httpx.AsyncClient, directory: StandIn) -> None:
    directory.answers[READ] = refusal(410)
    answer = await client.post(PAGE, data={"do": "accept"}, headers=COOKIE)
    assert "You have this role from now on." in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_other_site_answers_or_signs_in_for_somebody(
    client: httpx.AsyncClient, directory: StandIn, site: str
) -> None:
    answer = await client.post(PAGE, data={"do": "accept"}, headers=COOKIE | {"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert directory.asked == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"do=rule+the+world", b"{}"])
async def test_what_is_no_form_of_this_page_shows_the_offer(
    client: httpx.AsyncClient, directory: StandIn, content: bytes
) -> None:
    answer = await client.post(PAGE, content=content)
    assert answer.status_code == 200
    assert "Decline" in answer.text
    assert asked(directory) == [READ]


async def test_a_form_of_too_many_fields_is_refused_and_nothing_of_it_is_done(
    client: httpx.AsyncClient, directory: StandIn
) -> None:
    answer = await client.post(PAGE, content=b"do=accept" + b"&a=b" * 500)
    assert answer.status_code == 422
    assert directory.asked == []


async def test_tries_count_for_the_network_of_whoever_tries(
    client: httpx.AsyncClient, directory: StandIn
) -> None:
    await client.post(
        PAGE, data={"do": "mail", "email": "z@h.example"}, headers={"X-Forwarded-For": "192.0.2.7"}
    )
    assert {request.headers["x-forwarded-for"] for request in directory.asked} == {"192.0.2.7"}
