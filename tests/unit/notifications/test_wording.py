"""What merchants read: four languages, their plural rules, no text left untranslated."""

from __future__ import annotations

from typing import get_args

import pytest

from services.assessment.questionnaires.catalogue import load
from services.campaigns.moderation.reasons import reasons
from services.notifications.advice.steps import STEPS, step_name
from services.notifications.feed.wording import Kind, words_for
from services.notifications.languages import DOMAIN, FOLDER, LANGUAGES
from services.notifications.people.domain import WITHDRAWN
from services.notifications.people.grounds import GROUNDS, ground_in_words
from tests.support.catalogues import faults_of


def milestone(threshold: int, kind: str = "review") -> dict[str, object]:
    return {"kind": kind, "threshold": threshold, "count": threshold}


SIDES, OUTCOMES = ("author", "reporter"), ("published", "removed")


FIGURES = ("reviews", "photos", "videos", "shares", "ambassadors", "merchants-reached")


def decided(side: str, outcome: str, appellant: str | None = None) -> dict[str, object]:
    ground = "insult" if outcome == "removed" else "no-rule-broken"
    return {"side": side, "outcome": outcome, "ground": ground, "appellant": appellant}


def came(contributions: int, answers: int, reused: int, visits: int, claims: int) -> dict[str, object]:
    counts = {"contributions": contributions, "answers": answers, "visits": visits, "claims": claims}
    return {"week": "2026-11-16", **counts, "photos_reused": reused}


def queue(held: int, reported: int, appeals: int, overdue: int) -> dict[str, object]:
    sorts = {"held": held, "reported": reported, "appeals": appeals}
    return {**sorts, "overdue": overdue, "oldest_since": "2026-11-24T23:30:00+00:00"}


@pytest.mark.parametrize(
    ("language", "one", "ten"),
    [
        (
            "fr",
            "1 photo de vous qu'un commerce utilise désormais. Merci.",
            "10 photos de vous que des commerces utilisent désormais. Merci.",
        ),
        (
            "nl",
            "1 foto van u die een zaak nu gebruikt. Dank u.",
            "10 foto's van u die zaken nu gebruiken. Dank u.",
        ),
        (
            "de",
            "1 Foto von Ihnen, das ein Geschäft jetzt verwendet. Vielen Dank.",
            "10 Fotos von Ihnen, die Geschäfte jetzt verwenden. Vielen Dank.",
        ),
        (
            "en",
            "1 photo of yours that a shop uses now. Thank you.",
            "10 photos of yours that shops use now. Thank you.",
        ),
    ],
)
def test_photos_that_shops_use_are_thanked_for_in_one_line(language: str, one: str, ten: str) -> None:
    said = [words_for("thanks", came(0, 0, reused, 0, 0), language).text for reused in (1, 10)]
    assert [" ".join(each.partition(": ")[2].split()) for each in said] == [one, ten]


@pytest.mark.parametrize(
    ("language", "one", "five", "thousand"),
    [
        ("fr", "1 avis sur votre commerce", "5 avis sur votre commerce", "1 000 avis sur votre commerce"),
        ("nl", "1 review over uw zaak", "5 reviews over uw zaak", "1.000 reviews over uw zaak"),
        (
            "de",
            "1 Bewertung Ihres Geschäfts",
            "5 Bewertungen Ihres Geschäfts",
            "1.000 Bewertungen Ihres Geschäfts",
        ),
        ("en", "1 review of your shop", "5 reviews of your shop", "1,000 reviews of your shop"),
    ],
)  # fmt: skip
def test_titles_follow_the_plural_rules(language: str, one: str, five: str, thousand: str) -> None:
    titles = [words_for("milestone", milestone(number), language).title for number in (1, 5, 1000)]
    assert [" ".join(title.split()) for title in titles] == [one, five, thousand]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words_in_every_language(language: str) -> None:
    told: list[tuple[Kind, dict[str, object]]] = [
        ("milestone", milestone(5)),
        ("milestone", milestone(5, "share")),
        ("milestone", milestone(5, "a-kind-of-tomorrow")),
        ("first", {"kind": "photo", "threshold": 1}),
        ("first", milestone(1)),
        ("campaign-ends", {"own": 0, "around": 1, "shops": 1}),
        ("campaign-ends", {"own": 12, "around": 3_400, "shops": 120}),
        (
            "unusual-rise",
            {"week": "2026-11-16", "rises": [{"kind": "review", "count": 12, "median": 1.5}]},
        ),
        ("next-step", {}),
        ("reassessment-due", {"assessed_at": "2026-05-02T10:00:00+00:00"}),
        ("seat-given", {"starts_at": "2026-12-02T18:00:00+00:00"}),
        ("coaching-offered", {"expires_at": "2026-12-02T18:00:00+00:00"}),
        ("claim-disputed", {}),
        ("account-changed", {"claimed_at": "2026-11-26T10:00:00+00:00"}),
        ("campaign-begins", {"ends_at": "2026-12-31T22:59:00+00:00"}),
        ("welcome", {"totals": {"review": 3, "share": 2}}),
        ("held", {"grounds": ["link", "insult"], "was_public": False}),
        ("held", {"grounds": ["of-a-newer-version"], "was_public": True}),
        *(("decision", decided("author", outcome)) for outcome in OUTCOMES),
        *(("report-decided", decided("reporter", outcome)) for outcome in OUTCOMES),
        *(
            ("appeal-decided", decided(side, outcome, appellant))
            for side in SIDES
            for outcome in OUTCOMES
            for appellant in SIDES
        ),
        ("review-answered", {}),
        ("answer-needed", {"count": 1}),
        ("answer-needed", {"count": 4}),
        ("photo-taken-back", {"posted_on": "2026-11-16"}),
        ("contribution-reported", {"kind": "review", "outcome": None}),
        ("contribution-reported", {"kind": "photo", "outcome": None}),
        ("contribution-reported", {"kind": "review", "outcome": WITHDRAWN}),
        ("contribution-reported", {"kind": "photo", "outcome": WITHDRAWN}),
        ("report-decided", {"outcome": WITHDRAWN}),
        *(
            ("contribution-reported", {"kind": kind, "on_appeal": second, **decided("author", outcome)})
            for kind in ("review", "photo")
            for second in (False, True)
            for outcome in OUTCOMES
        ),
        *(("goal-reached", {"figure": figure, "target": 1_200}) for figure in FIGURES),
        ("request-waiting", {"count": 1}),
        ("request-waiting", {"count": 3}),
        ("thanks", came(1, 0, 0, 0, 0)),
        ("thanks", came(2, 1, 1, 1_200, 3)),
        ("queue-waiting", queue(0, 0, 2, 0) | {"deputy_city_id": "01a1fe93-8bd6-7a12-b09b-0a23d2e994c6"}),
        *(("queue-waiting", queue(*sorts)) for sorts in ((1, 0, 0, 0), (1_200, 3, 1, 2))),
    ]
    assert {kind for kind, _ in told} == set(get_args(Kind))
    said = [words_for(kind, data, language) for kind, data in told]
    said.append(words_for("of-a-newer-version", {}, language))
    texts = [words.text for words in said]
    # Who won an appeal, and who hears that the other side lost one, read the same under another title.
    assert len({(words.title, words.text) for words in said}) == len(said)
    reasons = {words.because for words in said}
    assert len(reasons) == len(get_args(Kind)) + 1  # and that of the unknown one
    assert not any("{" in text for text in (*texts, *reasons, *(words.title for words in said)))


@pytest.mark.parametrize("end", ["2026-12-31T22:59:00+00:00", "2026-12-31T23:00:00+00:00"])
def test_what_ends_at_midnight_ends_with_the_day_before(end: str) -> None:
    assert "31 décembre 2026" in words_for("campaign-begins", {"ends_at": end}, "fr").text
    offered = words_for("coaching-offered", {"expires_at": end}, "en").text
    assert offered.startswith("Take it by 31 December 2026")
    assert ("23:59" in offered) is ("22:59" in end), "the time alone where it is no whole day"


def test_days_and_times_are_written_as_on_the_pages() -> None:
    begins = {"starts_at": "2026-12-02T18:00:00+00:00"}
    said = {language: words_for("seat-given", begins, language).text for language in LANGUAGES}
    assert "on 2 December 2026 at 19:00" in said["en"]
    assert "2 décembre 2026" in said["fr"]
    assert "2. Dezember 2026" in said["de"]
    assert all("19:00" in text for text in said.values())


def test_a_queue_is_told_by_what_is_in_it_with_the_local_day_of_the_oldest() -> None:
    some, all_sorts = (
        words_for("queue-waiting", queue(*sorts), "en") for sorts in ((2, 0, 0, 0), (2, 1, 1, 3))
    )
    assert some.title == "2 contributions wait for a decision"
    assert some.text == "The oldest has waited since 25 November 2026. What waits: 2 held."
    assert all_sorts.title == "4 contributions wait for a decision"
    assert all_sorts.text.endswith(
        "What waits: 2 held, 1 reported, 1 appeal. Past the time in which your town decides: 3."
    )


def test_the_first_step_is_named_and_an_unknown_one_alluded_to() -> None:
    known = words_for("milestone", milestone(5) | {"first_step": "answer-reviews"}, "nl")
    assert known.step == "Uw eerste aanbevolen stap: Beantwoord reviews, in twee zinnen."
    unknown = words_for("milestone", milestone(5) | {"first_step": "of-tomorrow"}, "nl")
    assert unknown.step == "Uw zelftest beveelt een eerste stap aan: bekijk hem eens."
    assert words_for("milestone", milestone(5), "nl").step is None


def test_steps_are_those_the_assessment_recommends_under_the_same_names() -> None:
    named = {step.key: step.title for each in load().latest() for step in each.recommendations}
    assert STEPS.keys() == named.keys()
    for key, title in named.items():
        for language in LANGUAGES:
            assert step_name(key, language) == getattr(title, language)


def test_grounds_are_those_of_campaigns_in_the_same_words() -> None:
    named = {key: each.text for key, each in reasons().items() if key != "other"}
    assert GROUNDS.keys() == named.keys()
    for key, words in named.items():
        for language in LANGUAGES:
            assert ground_in_words(key, language) == words.into(language)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("appellant", [None, *SIDES])
def test_only_the_side_that_lost_is_told_how_to_object(side: str, appellant: str | None) -> None:
    kind = "appeal-decided" if appellant else {"author": "decision", "reporter": "report-decided"}[side]
    lost = {"author": "removed", "reporter": "published"}[side]
    for outcome in OUTCOMES:
        text = words_for(kind, decided(side, outcome, appellant), "en").text
        assert ("you may ask once" in text) is (outcome == lost and appellant != side)
        assert ("to a court" in text) is (outcome == lost and appellant == side)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete_and_keep_their_placeholders(language: str) -> None:
    assert faults_of(FOLDER, language, DOMAIN) == []
