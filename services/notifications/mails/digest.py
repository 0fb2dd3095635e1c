"""What a message says: about one notice, or as a digest of several, those of a kind merged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from uuid import UUID

from services.notifications.advice.steps import step_name
from services.notifications.delivery.queue import Due, Item
from services.notifications.feed.kinds import kind_of
from services.notifications.feed.places import place_of
from services.notifications.feed.wording import Words, words_for
from services.notifications.languages import translations
from services.notifications.mails.content import Content, Step
from services.notifications.mails.content import Item as Line
from services.notifications.mails.notice import agreed, feed_of, notice
from services.notifications.mails.weeks import Weeks, chart_of
from services.notifications.recipients import RecipientKind


def content_of(due: Due, language: str, *, name: str, now: datetime, weeks: Weeks | None = None) -> Content:
    """A message in that language, to whoever knows itself as `name`; what is binding has no way out.

    A digest shows `weeks` as its chart.
    """
    token = None if due.is_binding else due.unsubscribe_token
    whose = due.recipient.kind
    return written(due.id, due.items, whose, language, name=name, token=token, now=now, weeks=weeks)


def written(
    mail: UUID,
    items: tuple[Item, ...],
    whose: RecipientKind,
    language: str,
    *,
    name: str,
    token: str | None,
    now: datetime,
    weeks: Weeks | None = None,
) -> Content:
    """The same of news that is in no message yet; without a `token` it has no way out."""
    news = list(merged(items))
    if len(news) == 1:
        (only,) = news
        return notice(mail, only.kind, only.data, language, name=name, token=token, now=now)
    said = translations(language)
    lines = [(words_for(each.kind, each.data, language), each) for each in news]
    steps = [step_name(str(each.data.get("first_step") or ""), language) for each in news]
    step = next((each for each in steps if each), None)
    title = said.ungettext("{count} piece of news", "{count} pieces of news", len(news))
    return Content(
        mail,
        language,
        "digest",
        name,
        title=title.format(count=len(news)),
        lead=str(said.ugettext("This is what is new since the last message.")),
        reason=agreed(whose, language),
        token=token,
        written_at=now,
        items=tuple(_line(words, each) for words, each in lines),
        step=Step(step) if step else None,
        chart=chart_of(weeks, language) if weeks else None,
        path=feed_of(whose),
    )


def _line(words: Words, of: Item) -> Line:
    return Line(words.title, words.text, words.because, place_of(of.kind, of.data))


def merged(items: tuple[Item, ...]) -> Iterator[Item]:
    """Kind by kind, in the order in which each kind first came, as the kind's rule merges them."""
    order = list(dict.fromkeys(each.kind for each in items))
    by_kind = sorted(items, key=lambda each: order.index(each.kind))
    for kind, group in groupby(by_kind, key=lambda each: each.kind):
        notices = list(group)
        for data in kind_of(kind).merge([each.data for each in notices]):
            yield Item(notices[-1].notification_id, kind, dict(data))
