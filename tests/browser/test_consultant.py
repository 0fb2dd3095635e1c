"""A consultant in a hall: forms on paper, and who comes in at the door, by keyboard; without signal too."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import JSONResponse
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.integration.portal.living_town import SHOP, a_shop
from tests.integration.portal.session_room import OF_SESSION, TOWN_SESSION, of_the_consultant
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("full_town")]
OTHER = "01890000-0000-7000-8000-000000000ccc"
FORMS = f"{OF_SESSION}/forms"


async def signed_in(visit: Visit, path: str) -> Page:
    (name, morsel), *_ = SimpleCookie(COOKIE["Cookie"]).items()
    await visit.page.context.add_cookies([{"name": name, "value": morsel.value, "url": visit.address}])
    return await visit.to(f"{path}?lang=en")


async def test_a_hall_without_signal_is_no_obstacle(visit: Visit, town: dict[str, StandIn]) -> None:
    entered: dict[str, Any] = {}
    paper = of_the_consultant()["assessment"][FORMS]

    def answer(request: Request) -> Any:
        if request.method == "GET":
            return paper | {"forms": len(entered)}
        entered.setdefault(request.headers["idempotency-key"], json.loads(request.state.body)["forms"][0])
        return JSONResponse({"entered": 1, "assessment_ids": []}, 201)

    town["assessment"].answers[FORMS] = answer
    page = await signed_in(visit, f"/desk/sessions/{TOWN_SESSION}/paper")
    keys = page.keyboard
    await expect(page.get_by_label("Kind of shop")).to_be_focused()
    await page.locator("#q-maps").focus()
    await keys.press("2")  # leads on by itself
    await expect(page.locator("#q-ease")).to_be_focused()
    await keys.type("4")
    await keys.press("Enter")
    await expect(page.get_by_text("Forms so far: 1")).to_be_visible()

    await page.context.set_offline(True)
    for ease in ("3", "5"):
        await page.locator("#q-maps").focus()
        await keys.press("1")
        await keys.type(ease)
        await keys.press("Enter")
        await expect(page.locator("#q-ease")).to_have_value("")
    await expect(page.get_by_text("kept on this device")).to_contain_text("2")
    assert len(entered) == 1
    await page.context.set_offline(False)
    visit.complaints.clear()  # that nobody was reached, as was asked for
    await expect(page.get_by_text("Forms so far: 3")).to_be_visible()
    await expect(page.get_by_text("kept on this device")).to_be_hidden()
    answers = sorted((form["answers"]["maps"], form["answers"]["ease"]) for form in entered.values())
    assert answers == [(["mine"], [3]), (["mine"], [5]), (["nothing"], [4])]


async def test_a_form_that_may_be_entered_is_sent_a_day_later_only_when_the_consultant_says_so(
    visit: Visit, town: dict[str, StandIn]
) -> None:
    entered: list[str] = []
    paper = of_the_consultant()["assessment"][FORMS]

    def answer(request: Request) -> Any:
        if request.method == "GET":
            return paper | {"forms": len(entered)}
        entered.append(request.headers["idempotency-key"])
        return JSONResponse({"entered": 1, "assessment_ids": []}, 201)

    town["assessment"].answers[FORMS] = answer
    page = await signed_in(visit, f"/desk/sessions/{TOWN_SESSION}/paper")
    await page.evaluate(
        """() => {
          const form = [...new FormData(document.querySelector("#paper form"))];
          const typed = (attempt, maps) => form.map(([name, value]) =>
            [name, name === "attempt" ? attempt : name === "q-maps" ? maps : value]);
          const [yesterday, lately] = [24, 22].map((hours) => Date.now() - hours * 3600000);
          const kept = [
            { fields: typed(crypto.randomUUID(), "1"), tried: yesterday },
            typed(crypto.randomUUID(), "2"),
            { fields: typed(crypto.randomUUID(), "2"), tried: lately },
            { fields: typed(crypto.randomUUID(), "1"), tried: null },
          ];
          const place = document.querySelector("[data-paper]").dataset.paper;
          localStorage.setItem(`cococity-paper-${place}`, JSON.stringify(kept));
        }"""
    )
    await page.reload()
    await expect(page.get_by_text("Forms so far: 2")).to_be_visible()
    assert len(entered) == 2
    await expect(page.get_by_text("may be entered already")).to_be_visible()
    await expect(page.get_by_text("kept on this device")).to_be_hidden()
    await page.get_by_role("button", name="Discard").last.click()
    await page.get_by_role("button", name="Send it all the same").click()
    await expect(page.get_by_text("Forms so far: 3")).to_be_visible()
    await expect(page.get_by_text("may be entered already")).to_be_hidden()
    assert len(set(entered)) == 3


async def test_at_the_door_the_beginning_of_a_name_is_enough(visit: Visit, town: dict[str, StandIn]) -> None:
    answers, came = town["assessment"].answers, False
    names = {OTHER: "Chez Lulu", SHOP: "Au Pain Doré"}
    for merchant, name in names.items():
        town["directory"].answers[f"/api/v1/merchants/{merchant}"] = a_shop(id=merchant, name=name)

    def attending(request: Request) -> dict[str, Any]:
        nonlocal came
        came = bool(json.loads(request.state.body)["attended"])
        return {}

    def registered(_: Request) -> dict[str, Any]:
        seats = [
            {"merchant_id": each, "is_waiting": False, "attended": came if each == SHOP else None}
            for each in names
        ]
        return {"items": seats, "next": None}

    answers[f"{OF_SESSION}/registrations"] = registered
    answers[f"{OF_SESSION}/registrations/{SHOP}/attendance"] = attending
    page = await signed_in(visit, f"/desk/sessions/{TOWN_SESSION}/registrations")
    await page.get_by_label("Shop at the door").focus()
    await page.keyboard.type("dore")  # the beginning of any word, without its accents
    await expect(page.get_by_text("Chez Lulu")).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="1 came")).to_be_visible()
    await expect(page.get_by_label("Shop at the door")).to_have_value("")
    await expect(page.get_by_label("Shop at the door")).to_be_focused()
    await expect(page.get_by_text("Chez Lulu")).to_be_visible()
