"""A shop connects an account elsewhere: there and back again, as the person who began."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.portal.living_town import SHOP, a_shop, connections_of
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, SESSION, refusal
from tests.integration.portal.test_pages import words

PAGE = f"/shops/{SHOP}/connections"
OF = f"/api/v1/elsewhere/merchants/{SHOP}/connections"
GOOGLE = f"{OF}/google-business-profile"
ARRIVAL = "/connect/google-business-profile"


@pytest.fixture(autouse=True)
def _merchant(town: dict[str, StandIn]) -> None:
    town["directory"].answers |= {
        REFRESH: SESSION,
        "/api/v1/people/me": {"grants": [{"role": "merchant", "merchant_id": SHOP}]},
        f"/api/v1/merchants/{SHOP}": a_shop(),
    }
    town["campaigns"].answers |= connections_of(SHOP)


def sent(town: dict[str, StandIn]) -> Any:
    request = town["campaigns"].asked[-1]
    return request.method, request.url.path


async def test_it_leads_to_the_platform_and_takes_back_whoever_returns(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["campaigns"].answers[f"{GOOGLE}/departures"] = {"url": "https://g.example/ask", "expires_in": 600}
    left = await client.post(
        PAGE, data={"do": "connect", "connector": "google-business-profile"}, headers=COOKIE
    )
    assert 'href="https://g.example/ask"' in left.text
    kept = [each for each in left.headers.get_list("set-cookie") if each.startswith("cococity-connecting=")]
    assert SHOP in kept[0]

    town["campaigns"].answers[f"{GOOGLE}/arrivals"] = {"state": "connected"}
    both = {"Cookie": f"{COOKIE['Cookie']}; cococity-connecting={SHOP}"}
    back = await client.get(f"{ARRIVAL}?state=s&code=c&scope=x", headers=both)
    assert back.headers["location"] == f"{PAGE}?lang=en&done=connected"
    assert sent(town) == ("POST", f"{GOOGLE}/arrivals")
    assert any('cococity-connecting=""' in each for each in back.headers.get_list("set-cookie"))
    assert "It is connected." in words((await client.get(f"{PAGE}?done=connected", headers=COOKIE)).text)

    town["campaigns"].answers[f"{GOOGLE}/arrivals"] = refusal(410)
    late = await client.get(f"{ARRIVAL}?state=s&code=c", headers=both)
    assert late.headers["location"].endswith("done=refused")


async def test_whoever_gave_no_leave_or_began_elsewhere_is_told(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    both = {"Cookie": f"{COOKIE['Cookie']}; cococity-connecting={SHOP}"}
    refused = await client.get(f"{ARRIVAL}?error=access_denied&state=s", headers=both)
    assert refused.headers["location"].endswith("done=not-given")
    lost = await client.get(f"{ARRIVAL}?state=s&code=c", headers=COOKIE)
    assert lost.headers["location"].startswith("/shops?")
    nobody = await client.get(f"{ARRIVAL}?state=s&code=c", headers={"Cookie": f"cococity-connecting={SHOP}"})
    assert nobody.headers["location"].startswith("/sign-in?next=%2Fconnect%2F")
    assert not any("cococity-connecting" in each for each in nobody.headers.get_list("set-cookie"))


async def test_the_shop_says_which_place_it_is_and_takes_its_account_back(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = await client.get(PAGE, headers=COOKIE)
    assert "Boulangerie Rigaux" in shown.text
    form = {"connector": "google-business-profile", "location": "accounts/1/locations/2"}
    town["campaigns"].answers |= {f"{GOOGLE}/location": {"state": "connected"}, GOOGLE: {}}
    chosen = await client.post(PAGE, data=form | {"do": "choose"}, headers=COOKIE)
    assert chosen.headers["location"].endswith("done=chosen")
    assert sent(town) == ("PUT", f"{GOOGLE}/location")
    taken = await client.post(PAGE, data=form | {"do": "take-back"}, headers=COOKIE)
    assert taken.headers["location"].endswith("done=taken-back")
    assert sent(town) == ("DELETE", GOOGLE)
    for path in ("/../../../x", "a/b", "?x"):
        await client.post(PAGE, data={"do": "take-back", "connector": path}, headers=COOKIE)
        assert town["campaigns"].asked[-1].url.path.startswith(OF)


async def test_a_shop_of_somebody_else_is_not_there(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers["/api/v1/people/me"] = {"grants": []}
    assert (await client.get(PAGE, headers=COOKIE)).status_code == 404
