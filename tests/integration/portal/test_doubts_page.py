"""What waits for a decision about a city's shops is on one page, and is decided there."""

from __future__ import annotations

import httpx
from fastapi import Response

from chassis.problems import Problem
from tests.integration.portal.city_hall import of_city_hall
from tests.integration.portal.city_register import CORRECTION, CORRECTIONS, of_the_register
from tests.integration.portal.living_town import DISTRICT, SHOP
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

PAGE = f"/desk/cities/{CITY}/doubts"
SELF = {"Origin": "http://portal"}


async def test_each_doubt_is_shown_and_decided(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    client.headers.update(COOKIE)
    for answers in (of_city_hall(), of_the_register()):
        for name, said in answers.items():
            town[name].answers |= said
    directory = town["directory"]
    shown = await client.get(PAGE)
    told = words(shown.text)
    for expected in ("+32 63 42 20 00 → +32 63 42 20 01", "It was changed since", "12 metres apart"):
        assert expected in told
    assert "&lt;b&gt;porte" in shown.text
    assert "Chez &lt;i&gt;Nadia" in shown.text

    done = Response(status_code=204)
    for path, form in (
        (f"merchant-corrections/{CORRECTION}/accept", {"do": "accept", "anyway": "yes"}),
        (f"merchant-corrections/{CORRECTION}/refuse", {"do": "refuse", "reason": "overtaken"}),
        (f"merchant-proposals/{CORRECTION}/recognise", {"do": "recognise", "merchant": SHOP}),
        (f"merchant-proposals/{CORRECTION}/refuse", {"do": "refuse-proposal", "reason": "closed"}),
        (f"closures/{CORRECTION}/confirm", {"do": "confirm"}),
        (f"closures/{CORRECTION}/keep", {"do": "keep"}),
        (f"duplicates/{CORRECTION}/merge", {"do": "first", "first": SHOP}),
        (f"duplicates/{CORRECTION}/keep-apart", {"do": "keep-apart"}),
    ):
        directory.answers[f"/api/v1/{path}"] = done
        answer = await client.post(PAGE, data=form | {"about": CORRECTION}, headers=SELF)
        assert answer.headers["location"] == f"{PAGE}?lang=en&done=decided"
        assert directory.asked[-1].url.path == f"/api/v1/{path}"

    directory.answers[f"/api/v1/closures/{CORRECTION}/keep"] = Problem(409, "decided", "Was", "…").response()
    for form in ({"do": "keep", "about": CORRECTION}, {"do": "keep", "about": "../x"}, {"about": CORRECTION}):
        answer = await client.post(PAGE, data=form, headers=SELF)
        assert (answer.status_code, "That was not possible." in words(answer.text)) == (422, True)
    new = f"/desk/cities/{CITY}/shops/new"
    assert (await client.get(new, params={"proposal": DISTRICT})).status_code == 404
    prefilled = (await client.get(new, params={"proposal": CORRECTION})).text
    for written in (f'name="proposal" value="{CORRECTION}"', 'value="Rue du Moulin"', "Chez &lt;i&gt;Nadia"):
        assert written in prefilled
    directory.answers[f"/api/v1/merchant-proposals/{CORRECTION}/accept"] = {"merchant_id": SHOP}
    typed = {"name": "Chez Nadia", "kind": "shop=bakery", "longitude": "5.64", "latitude": "49.72"}
    answer = await client.post(new, data=typed | {"proposal": CORRECTION}, headers=SELF)
    assert answer.headers["location"] == f"/desk/shops/{SHOP}?lang=en&done=added"
    assert (await client.post(new, data=typed | {"proposal": "../x"}, headers=SELF)).status_code == 404
    directory.answers[CORRECTIONS] = refusal(403)
    assert (await client.get(PAGE)).status_code == 404
