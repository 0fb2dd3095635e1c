"""The link in the mail of an invitation, followed in the portal, before the real directory."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from tests.integration.directory.test_invitations import ZOE, invited, roles_of, subjects
from tests.integration.portal.test_pages import words
from tests.support.directory import DirectoryUnderTest
from tests.support.signing_in import CODE


async def send(browser: httpx.AsyncClient, path: str, do: str, **fields: str) -> str:
    answer = await browser.post(path, data={"do": do, **fields})
    assert answer.status_code == 200, answer.text
    return words(answer.text) if do != "mail" else answer.text


async def code_from_mail(directory: DirectoryUnderTest) -> str:
    body = (await directory.mails(ZOE))[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = CODE.search(body)
    assert found is not None
    return found[1]


async def test_from_the_mail_to_the_role_and_signed_in(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient
) -> None:
    city = await directory.city()
    _, token = await invited(directory, "claire", city_id=city)
    path = f"/invitations/{token}"
    for _ in range(2):
        offered = words((await browser.get(path)).text)
    assert "city officer" in offered
    assert "Habay" in offered
    assert "Claire Lambert" in offered

    assert "Send me a code" in await send(browser, path, "begin")
    form = await send(browser, path, "mail", email=ZOE)
    secret = form.partition('name="browser_secret" value="')[2].partition('"')[0]
    code = await code_from_mail(directory)
    assert "You have this role from now on." in await send(
        browser, path, "code", email=ZOE, browser_secret=secret, code=code.lower()
    )

    officers = (await directory.call("GET", f"/cities/{city}/roles", "claire")).json()["items"]
    assert ZOE in [each["email"] for each in officers if each["role"] == "city_officer"]
    assert await subjects(directory, "claire@example.be") == [f"CoCoCity : {ZOE} a accepté votre invitation"]
    assert (await browser.get(path)).status_code == 410
    # The cookie goes on with the session, for another invitation.
    _, second = await invited(directory, "claire", city_id=city, role="consultant")
    assert "as somebody without a name" in await send(browser, f"/invitations/{second}", "begin")
    assert "You have this role from now on." in await send(browser, f"/invitations/{second}", "accept")
    assert "You have this role from now on." in await send(browser, f"/invitations/{second}", "accept")


async def test_the_link_of_the_mail_is_the_page_and_declines(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient
) -> None:
    city = await directory.city()
    _, token = await invited(directory, "claire", city_id=city)
    body = (await directory.mails(ZOE))[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    link = next(each for each in body.split() if "/invitations/" in each)
    assert link == f"https://town.example/invitations/{token}"

    assert "You do not have this role" in await send(browser, urlsplit(link).path, "decline")

    listed = (await directory.call("GET", f"/cities/{city}/invitations", "claire")).json()["items"]
    assert [each["state"] for each in listed] == ["declined"]
    assert await roles_of(directory, "tom") == [("ambassador", None)]
