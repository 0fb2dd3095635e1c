"""Which tools are shown first. Nobody can pay for a place: the order follows from what an entry says."""

from collections.abc import Iterable, Sequence
from typing import get_args

from services.assessment.advice.domain.entries import Cost, Skill, Tool, Training
from services.assessment.questionnaires.domain.scoring import Advice

FIRST = 3
"""Tools that are shown before all others: more are not compared by somebody between two customers."""
_COSTS, _SKILLS = get_args(Cost), get_args(Skill)


def in_order(tools: Iterable[Tool]) -> list[Tool]:
    """Free ones first, then those free to start; among equals what takes the least skill, then open source,
    then what takes the least time, then by name."""

    def rule(tool: Tool) -> tuple[int, int, bool, float, str]:
        cost, skill = _COSTS.index(tool.cost), _SKILLS.index(tool.skill)
        return cost, skill, not tool.open_source, tool.hours, tool.name.lower()

    return sorted(tools, key=rule)


def that_fit(tools: Iterable[Tool], advice: Sequence[Advice]) -> list[Tool]:
    """All tools that answer a need: one for each, the first step's first; then a second for each."""
    answering = {each.key: [tool for tool in in_order(tools) if each.key in tool.needs] for each in advice}
    found: dict[str, Tool] = {}
    while any(answering.values()):
        for waiting in answering.values():
            while waiting and waiting[0].key in found:
                waiting.pop(0)
            if waiting:
                tool = waiting.pop(0)
                found[tool.key] = tool
    return list(found.values())


def because(entry: Tool | Training, advice: Iterable[Advice]) -> list[str]:
    """Keys of the questions whose answers led to it, each once."""
    questions = (question for each in advice if each.key in entry.needs for question in each.because)
    return list(dict.fromkeys(questions))
