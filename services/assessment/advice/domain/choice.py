"""Which tools are shown first. Nobody can pay for a place: the order follows from what an entry says."""

from collections.abc import Iterable, Sequence
from typing import get_args

from services.assessment.advice.domain.entries import Cost, Tool, Training
from services.assessment.questionnaires.domain.scoring import Advice

FIRST = 3
"""Tools that are shown before all others: more are not compared by somebody between two customers."""
_COSTS = get_args(Cost)


def in_order(tools: Iterable[Tool]) -> list[Tool]:
    """Free ones first, then those free to start; among equals open source, then least time, then by name."""
    return sorted(
        tools, key=lambda tool: (_COSTS.index(tool.cost), not tool.open_source, tool.hours, tool.name.lower())
    )


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
