"""A notification in words: what happened, in the reader's language, with its plural rules.

Small counts are shown as counts, never as percentages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, cast

from babel.support import Translations

from services.notifications.advice.steps import step_name
from services.notifications.contributions.domain import PHOTO, REVIEW, SHARE
from services.notifications.feed import merchant_news, person_news, staff_news
from services.notifications.feed.because import BECAUSE, UNKNOWN
from services.notifications.languages import number, translations

Kind = Literal[
    "milestone",
    "first",
    "unusual-rise",
    "campaign-begins",
    "campaign-ends",
    "next-step",
    "reassessment-due",
    "seat-given",
    "coaching-offered",
    "account-changed",
    "claim-disputed",
    "welcome",
    "held",
    "decision",
    "report-decided",
    "appeal-decided",
    "review-answered",
    "answer-needed",
    "contribution-reported",
    "photo-taken-back",
    "goal-reached",
    "request-waiting",
    "queue-waiting",
    "thanks",
]
"""What merchants and people are told of; each has its words below, and why they get it in `because.py`."""


class Words(NamedTuple):
    """A notification as people read it."""

    title: str
    text: str
    step: str | None
    """The sentence that names the first recommended step, where there is one."""
    because: str
    """Why the reader gets it."""

    def in_full(self) -> str:
        return f"{self.text} {self.step}" if self.step else self.text


def words_for(kind: str, data: Mapping[str, Any], language: str) -> Words:
    """Title and text of a notification of that kind, in one of LANGUAGES."""
    catalogue = translations(language)
    write = _WRITERS.get(cast("Kind", kind), _something)
    title, text = write(data, language, catalogue)
    because = str(catalogue.ugettext(BECAUSE.get(kind, UNKNOWN)))
    return Words(title, text, _first_step(data, language, catalogue), because)


def _milestone(data: Mapping[str, Any], language: str, catalogue: Translations) -> tuple[str, str]:
    threshold = int(data["threshold"])
    shown = number(threshold, language)
    translate, count = catalogue.ungettext, {"count": shown}
    if data["kind"] == REVIEW:
        title = translate("{count} review of your shop", "{count} reviews of your shop", threshold)
        text = translate(
            "A citizen has reviewed your shop: your audience has begun to grow.",
            "Citizens have now reviewed your shop {count} times.",
            threshold,
        )
    elif data["kind"] == SHARE:
        title = translate(
            "Your shop was shared {count} time", "Your shop was shared {count} times", threshold
        )
        text = translate(
            "A citizen has recommended your shop to others: your audience has begun to grow.",
            "Citizens have now recommended your shop to others {count} times.",
            threshold,
        )
    else:
        title = translate(
            "{count} contribution for your shop", "{count} contributions for your shop", threshold
        )
        text = translate(
            "A citizen has done something for your shop: your audience has begun to grow.",
            "Citizens have now done something for your shop {count} times.",
            threshold,
        )
    return title.format(**count), text.format(**count)


def _first(data: Mapping[str, Any], language: str, catalogue: Translations) -> tuple[str, str]:
    if data["kind"] == PHOTO:
        return (
            catalogue.ugettext("The first photo of your shop"),
            catalogue.ugettext("A citizen shows your shop to others: your audience has begun to grow."),
        )
    return _milestone(data, language, catalogue)


def _something(_data: Mapping[str, Any], _language: str, catalogue: Translations) -> tuple[str, str]:
    """A kind that this version does not know, of a newer one that was rolled back."""
    return catalogue.ugettext("News for your shop"), catalogue.ugettext("There is news for your shop.")


def _first_step(data: Mapping[str, Any], language: str, catalogue: Translations) -> str | None:
    key = data.get("first_step")
    if not key:
        return None
    name = step_name(key, language)
    if name is None:
        return str(catalogue.ugettext("Your assessment recommends a first step: have a look at it."))
    return str(catalogue.ugettext("Your first recommended step: {step}.")).format(step=name)


_Writer = Callable[[Mapping[str, Any], str, Translations], tuple[str, str]]
_WRITERS: Mapping[Kind, _Writer] = {
    "milestone": _milestone,
    "first": _first,
    "unusual-rise": merchant_news.unusual_rise,
    "campaign-begins": merchant_news.campaign_begins,
    "campaign-ends": merchant_news.campaign_ends,
    "next-step": merchant_news.next_step,
    "reassessment-due": merchant_news.reassessment_due,
    "seat-given": merchant_news.seat_given,
    "coaching-offered": merchant_news.coaching_offered,
    "account-changed": merchant_news.account_changed,
    "claim-disputed": merchant_news.claim_disputed,
    "welcome": merchant_news.welcome,
    "held": person_news.held,
    "decision": person_news.decision,
    "report-decided": person_news.report_decided,
    "appeal-decided": person_news.appeal_decided,
    "review-answered": person_news.review_answered,
    "answer-needed": merchant_news.answer_needed,
    "contribution-reported": merchant_news.contribution_reported,
    "photo-taken-back": merchant_news.photo_taken_back,
    "goal-reached": staff_news.goal_reached,
    "request-waiting": staff_news.request_waiting,
    "queue-waiting": staff_news.queue_waiting,
    "thanks": person_news.thanks,
}
