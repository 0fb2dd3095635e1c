"""Templates are good to announce as they are, and end at the hour they begin at."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.campaigns.lifecycle.domain import InvalidPlan, Translation
from services.campaigns.templates.catalogue import FILE, BadTemplate, read, templates
from tests.unit.campaigns.test_lifecycle import a_plan_with

BRUSSELS = ZoneInfo("Europe/Brussels")
WORDS = "{fr: a, nl: b, de: c, en: d}"


def test_there_is_the_month_of_the_ambassadors_and_a_pilot_with_its_rule() -> None:
    found = templates()
    assert found["month-of-ambassadors"].name.fr == "Le mois des ambassadeurs"
    assert [each.key for each in found.values() if each.question and each.go_if] == ["one-street"]
    assert found == read(FILE.read_bytes())


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [("2027-03-15T09:00", "2027-04-15T09:00"), ("2026-10-01T18:00", "2026-11-01T18:00")],
)
def test_a_draft_ends_at_its_hour_also_when_the_clocks_change_meanwhile(starts_at: str, ends_at: str) -> None:
    start = datetime.fromisoformat(starts_at).replace(tzinfo=BRUSSELS).astimezone(UTC)
    plan = templates()["month-of-ambassadors"].plan(["nl", "fr"], start)
    assert plan.ends_at.astimezone(BRUSSELS).isoformat()[:16] == ends_at
    assert (plan.name, [each.language for each in plan.translations]) == (
        "De maand van de ambassadeurs",
        ["fr"],
    )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (f"{{key: a, days: 3, name: {WORDS}}}", "description"),
        (f"{{key: a, days: 3, name: {WORDS}, description: {{fr: a, nl: b, de: c, en: ' '}}}}", "description"),
        (f"{{key: a, days: 0, name: {WORDS}, description: {WORDS}}}", "ends_at"),
        (f"{{key: a, days: 3, name: {WORDS}, description: {WORDS}, question: {WORDS}}}", "go_if"),
        (
            f"{{key: a, days: 3, name: {WORDS}, description: {WORDS},"
            " asks: [{platform: yelp, action: review}]}",
            "asks.0",
        ),
        (
            f"{{key: a, days: 3, name: {WORDS}, description: {WORDS},"
            " goals: [{figure: active-ambassadors, target: 3}]}",
            "goals",
        ),
        (
            f"{{key: a, days: 3, name: {WORDS}, description: {WORDS}}},"
            f" {{key: a, days: 3, name: {WORDS}, description: {WORDS}}}",
            "twice",
        ),
    ],
)
def test_a_template_that_could_not_be_announced_is_refused_by_field(template: str, said: str) -> None:
    with pytest.raises(BadTemplate, match=said):
        read(f"[{template}]".encode())


@pytest.mark.parametrize("language", ["fr", "de", "es"])
def test_a_translation_is_into_another_of_the_campaigns_languages(language: str) -> None:
    a_plan_with(languages=("fr", "nl"), translations=(Translation("nl", "Een maand", ""),)).check()
    with pytest.raises(InvalidPlan) as refused:
        a_plan_with(languages=("fr", "nl"), translations=(Translation(language, "x", ""),)).check()
    assert refused.value.field == f"translations.{language}"
