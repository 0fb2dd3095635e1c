"""The portal in a real browser: what is seen, what is announced, what is loaded."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.async_api import Page, expect

from services.portal.wording import LANGUAGES
from tests.browser.conftest import Visit
from tests.browser.test_consultant import signed_in
from tests.integration.portal.import_desk import MAPS
from tests.integration.portal.living_people import SHOP as OF_PEOPLE
from tests.integration.portal.stand_ins import CITY, StandIn

pytestmark = pytest.mark.browser
SERVICES = ("directory", "campaigns", "notifications", "assessment")


async def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


async def heading_levels(page: Page) -> list[int]:
    levels = await page.eval_on_selector_all(
        "h1,h2,h3,h4,h5,h6", "all => all.map(one => Number(one.tagName[1]))"
    )
    return [int(level) for level in levels]


async def test_a_visitor_sees_what_it_is_what_is_on_and_what_runs(visit: Visit) -> None:
    page = await visit.to("/")
    await expect(page).to_have_title("CoCoCity – citizens carry their shops")
    await expect(page.get_by_role("heading", level=1)).to_have_text("A town recommends its shops.")
    await expect(page.get_by_role("img", name="How the loop closes")).to_be_visible()
    await expect(page.get_by_role("heading", name="Le mois des ambassadeurs")).to_be_visible()
    for service in SERVICES:
        row = page.get_by_role("row", name=service)
        await expect(row.get_by_text("Ready", exact=True)).to_be_visible()


async def test_headings_descend_step_by_step_and_everything_has_a_name(visit: Visit) -> None:
    page = await visit.to("/")
    levels = await heading_levels(page)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    nameless = await page.eval_on_selector_all(
        "a, button, img, svg[role=img], nav",
        "all => all.filter(one => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')"
        " || one.getAttribute('alt') || one.textContent.trim())).map(one => one.outerHTML)",
    )
    assert nameless == []


async def test_the_keyboard_reaches_the_content_first(visit: Visit) -> None:
    page = await visit.to("/")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("width", [320, 768, 1200])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_language_is_too_long_for_any_screen(visit: Visit, width: int, language: str) -> None:
    await visit.page.set_viewport_size({"width": width, "height": 700})
    page = await visit.to(f"/?lang={language}")
    assert await sideways(page) <= 0
    # Labels of the picture stay inside it, and off its circles.
    outside = await page.eval_on_selector_all(
        ".loop-label",
        "all => { const box = all[0].ownerSVGElement.viewBox.baseVal; return all.filter(one => {"
        " const label = one.getBBox(); return label.x < box.x || label.x + label.width > box.x + box.width"
        " || label.y < 0 || label.y + label.height > box.height }).map(one => one.textContent) }",
    )
    assert outside == []


@pytest.mark.parametrize("service", SERVICES)
async def test_the_documentation_of_every_service_is_drawn(visit: Visit, service: str) -> None:
    page = await visit.to(f"/docs?service={service}")
    await expect(page.get_by_role("heading", name="API documentation")).to_be_visible()
    await expect(page.locator(".swagger-ui .info .title")).to_contain_text(f"CoCoCity {service}")
    assert await page.locator(".opblock").count() > 1
    assert await page.locator(".errors-wrapper").count() == 0
    if service == "campaigns":
        await visit.picture("docs")


async def test_one_service_leads_to_another(visit: Visit) -> None:
    page = await visit.to("/docs")
    title = page.locator(".swagger-ui .info .title")
    await expect(title).to_contain_text("CoCoCity directory")  # or leaving breaks off what it reads
    await page.get_by_role("navigation", name="Service").get_by_role("link", name="assessment").click()
    await expect(title).to_contain_text("CoCoCity assessment")
    await page.get_by_role("navigation", name="Language").get_by_role("link", name="Nederlands").click()
    await expect(page.get_by_role("heading", name="API-documentatie")).to_be_visible()
    await page.locator(".opblock", has_text="/api/v1/questionnaires").first.click()
    await expect(page.get_by_role("button", name="Try it out")).to_be_visible()


@pytest.mark.usefixtures("full_town")
async def test_a_map_is_chosen_once_and_let_in_after_a_look(visit: Visit, town: dict[str, StandIn]) -> None:
    page = await signed_in(visit, f"/desk/cities/{CITY}/imports")
    chosen = {"name": "habay.geojson", "mimeType": "application/geo+json", "buffer": b'{"type": "x"}'}
    await page.locator("#file").set_input_files(chosen)  # type: ignore[arg-type]
    await page.get_by_role("button", name="See what would change").click()
    await expect(page.get_by_role("heading", name="What the map would change")).to_be_focused()
    await page.get_by_role("button", name="Let it change this").click()
    await expect(page.get_by_role("heading", name="What the map changed")).to_be_visible()
    sent = [each for each in town["directory"].asked if each.url.path == MAPS]
    assert [each.query_params["dry_run"] for each in sent] == ["true", "false"]
    assert {each.state.body for each in sent} == {chosen["buffer"]}


@pytest.mark.usefixtures("full_town")
async def test_a_box_to_tick_stands_where_it_stood_before_its_words_arrived(visit: Visit) -> None:
    """A page arrives in parts: a box that is shown before its words, and then moves, was once seen to."""
    page = await signed_in(visit, f"/merchants/{OF_PEOPLE}/review")
    await page.set_viewport_size({"width": 320, "height": 640})
    boxes = """() => [...document.querySelectorAll("label.tick")].map(label => {
      const top = each => each.getBoundingClientRect().top;
      const above = () => top(label.querySelector("input")) - top(label);
      const with_words = above();
      label.querySelector("span").remove();
      return above() - with_words;
    })"""
    moved = await page.evaluate(boxes)
    assert len(moved) > 5
    assert set(moved) == {0}
