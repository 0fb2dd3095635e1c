"""What callers are shown of tools and trainings, in their language."""

from collections.abc import Sequence
from datetime import date

from chassis.http import Listing, Shown
from services.assessment.advice.domain.entries import Tool, Training
from services.assessment.advice.words import FIELDS, AdviceWords
from services.assessment.questionnaires.shown import ShownText


class ShownTool(Shown):
    key: str
    name: str
    dimension: str
    address: str
    good_for: str
    not_for: str
    for_whom: str
    needs: list[str]
    """Keys of the recommendations that it answers."""
    cost: ShownText
    skill: ShownText
    hours: float
    """Until it is of use."""
    languages: list[str]
    data_kept: ShownText
    open_source: ShownText
    alternatives: list[str]
    written: date
    checked: date | None
    """When all its facts were last found on its maker's pages, as read on that day; null where not yet."""
    sources: list[str]
    """The pages on which they were found; a part of the facts only, where `checked` is null."""
    freshness: ShownText


class ShownTools(Listing[ShownTool]):
    order: str
    """The rule of the order, in words."""


class ComparedField(Shown):
    """One field of the tools side by side, in the order in which they were asked for."""

    field: str
    title: str
    values: list[str]
    differs: bool


class Comparison(Shown):
    tools: list[ShownTool]
    fields: list[ComparedField]


class ShownTraining(Shown):
    key: str
    title: str
    about: str
    dimension: str
    needs: list[str]
    level: ShownText
    hours: float
    languages: list[str]


def tool_shown(tool: Tool, words: AdviceWords, language: str, today: date) -> ShownTool:
    def named(field: str, key: str) -> ShownText:
        return ShownText(key=key, text=getattr(words, field)[key].into(language))

    return ShownTool(
        key=tool.key,
        name=tool.name,
        dimension=tool.dimension,
        address=tool.address,
        good_for=tool.good_for.into(language),
        not_for=tool.not_for.into(language),
        for_whom=tool.for_whom.into(language),
        needs=list(tool.needs),
        cost=named("cost", tool.cost),
        skill=named("skill", tool.skill),
        hours=tool.hours,
        languages=list(tool.languages),
        data_kept=named("data_kept", tool.data_kept),
        open_source=named("open_source", "yes" if tool.open_source else "no"),
        alternatives=list(tool.alternatives),
        written=tool.written,
        checked=tool.checked,
        sources=list(tool.sources),
        freshness=named("freshness", tool.freshness(today)),
    )


def compared(tools: Sequence[ShownTool], words: AdviceWords, language: str) -> Comparison:
    """The same fields of each, and which of them differ."""
    fields = []
    for field in FIELDS:
        values = [_in_words(getattr(tool, field)) for tool in tools]
        title = words.fields[field].into(language)
        fields.append(ComparedField(field=field, title=title, values=values, differs=len({*values}) > 1))
    return Comparison(tools=list(tools), fields=fields)


def _in_words(value: object) -> str:
    if isinstance(value, ShownText):
        return value.text
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def training_shown(training: Training, words: AdviceWords, language: str) -> ShownTraining:
    level = str(training.level)
    return ShownTraining(
        key=training.key,
        title=training.title.into(language),
        about=training.about.into(language),
        dimension=training.dimension,
        needs=list(training.needs),
        level=ShownText(key=level, text=words.level[level].into(language)),
        hours=training.hours,
        languages=list(training.languages),
    )
