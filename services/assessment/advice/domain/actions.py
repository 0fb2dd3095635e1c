"""What doing a recommended step takes, and where it leads. These are the types of the files too."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Annotated

from msgspec import Meta, field

from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.questions import Choice, Key, Part, Text

Time = Annotated[float, Meta(gt=0, le=200, multiple_of=0.5)]


class Action(Part, frozen=True, kw_only=True):
    """Hours and euros are estimates of ours for a shop of one or two people, shown as such."""

    key: Key
    """Of the recommendation."""
    hours: Time
    """Of work in all, a tool to choose and to learn included."""
    hours_with_tool: Time
    """Where a tool for it is in use already."""
    euros: Annotated[int, Meta(ge=0)]
    """In the first year. With a tool in use already there is nothing to buy."""
    monday: Text
    """What to do first, in less than an hour."""
    after: tuple[Key, ...] = ()
    """Actions to be done before it, where they are called for too."""
    leads_to: dict[Key, Key] = field(default_factory=dict)
    """Per question, the option that it leads to, where that is not the best one."""


def faults_of(
    actions: Mapping[str, Action], questionnaires: Iterable[Questionnaire], recommended: Iterable[str]
) -> Iterator[str]:
    """`<file>: <field>: <what is wrong>` for what the types alone do not see."""
    for missing in sorted({*recommended} - {*actions}):
        yield f"{missing}.yaml: is missing among the actions, though it is recommended"
    for key, action in actions.items():
        for other in sorted({*action.after} - {*actions}):
            yield f"{key}.yaml: $.after: {other!r} is no action"
        if action.hours_with_tool > action.hours:
            yield f"{key}.yaml: $.hours_with_tool: a tool in use makes it no longer"
        yield from _of_options(action, [*questionnaires])
    try:
        TopologicalSorter({key: action.after for key, action in actions.items()}).prepare()
    except CycleError as cycle:
        first, *way = cycle.args[1]
        yield f"{first}.yaml: $.after: waits for itself ({' – '.join(way)})"


def _of_options(action: Action, questionnaires: Iterable[Questionnaire]) -> Iterator[str]:
    for name, option in action.leads_to.items():
        asked = [found for each in questionnaires if (found := each.question(name))]
        known = [
            {each.key for each in question.options} if isinstance(question, Choice) else set()
            for question in asked
        ]
        if not known or any(option not in options for options in known):
            yield f"{action.key}.yaml: $.leads_to: {option!r} is no option of {name!r}"
