"""A person sees the city whose provider signs them in beside what they prove with."""

from __future__ import annotations

from uuid import UUID

import httpx
from sqlalchemy import text

from tests.integration.directory.test_account_page import signed_in
from tests.integration.portal.test_pages import words
from tests.support.directory import DirectoryUnderTest
from tests.support.factors import FACTORS
from tests.support.signing_in import signed_in as tokens_of


async def test_the_city_that_signs_a_person_in_is_shown_to_them_alone(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient
) -> None:
    city = await directory.city()
    assert "You sign in at your city, too" not in words((await signed_in(directory, browser)).text)
    async with directory.database.transaction() as tx:
        await tx.execute(
            text("""
                INSERT INTO external_identity (issuer, subject, city_id, person_id, linked_at, last_used_at)
                SELECT 'https://login.habay.example', 'zoe', :city, id, now(), now() FROM person
                 WHERE email = 'zoe@home.example'
            """),
            {"city": UUID(city)},
        )

    page = await browser.get("/account")
    own = (await directory.call("GET", FACTORS, token=(await tokens_of(directory))["token"])).json()
    other = await tokens_of(directory, "kim@home.example")

    assert "You sign in at your city, too: Habay." in words(page.text)
    assert [(each["city_id"], each["name"]["fr"]) for each in own["at_cities"]] == [(city, "Habay")]
    assert (await directory.call("GET", FACTORS, token=other["token"])).json()["at_cities"] == []
