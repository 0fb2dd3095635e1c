"""The catalogue of tools, trainings and actions, read and checked when the service starts.

An entry that names what does not exist, or a recommendation without an action or an answer, stops the start
with an error that names file and field: a merchant is never sent to a dead end.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TypeVar

import msgspec.yaml

from services.assessment.advice.domain.actions import Action, faults_of
from services.assessment.advice.domain.entries import Tool, Training
from services.assessment.questionnaires.catalogue import Catalogue as Questionnaires

FOLDER = Path(__file__).parent


class BadEntry(ValueError):
    """Says which file, which field, and what is wrong with it."""


class Catalogue:
    """Every tool, training and action, by key."""

    def __init__(
        self, tools: Mapping[str, Tool], trainings: Mapping[str, Training], actions: Mapping[str, Action]
    ) -> None:
        self.tools = dict(tools)
        self.trainings = dict(trainings)
        self.actions = dict(actions)


E = TypeVar("E", Tool, Training, Action)


def load(questionnaires: Questionnaires, folder: Path = FOLDER) -> Catalogue:
    """All entries below `folder`. Raises BadEntry."""
    tools, trainings = read(folder / "tools", Tool), read(folder / "trainings", Training)
    actions = read(folder / "actions", Action)
    recommended = {
        known.key for questionnaire in questionnaires.every() for known in questionnaire.recommendations
    }
    for fault in chain(
        _faults(tools, trainings, recommended), faults_of(actions, questionnaires.every(), recommended)
    ):
        raise BadEntry(fault)
    return Catalogue(tools, trainings, actions)


def read(folder: Path, kind: type[E]) -> dict[str, E]:
    """The entries of a folder, each as its file says. Raises BadEntry."""
    entries = (_parse(file, kind) for file in sorted(folder.glob("*.yaml")))
    return {entry.key: entry for entry in entries}


def _parse(file: Path, kind: type[E]) -> E:
    try:
        entry = msgspec.yaml.decode(file.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise BadEntry(f"{file.name}: {error}") from error
    if file.stem != entry.key:
        raise BadEntry(f"{file.name}: $.key: is {entry.key!r}, the file is called otherwise")
    return entry


def _faults(
    tools: Mapping[str, Tool], trainings: Mapping[str, Training], recommended: set[str]
) -> Iterator[str]:
    for entry in (*tools.values(), *trainings.values()):
        yield from (
            f"{entry.key}.yaml: $.needs: no questionnaire recommends {need!r}"
            for need in entry.needs
            if need not in recommended
        )
    for tool in tools.values():
        yield from _of_tool(tool, tools)
    for need in sorted(recommended - _answered((*tools.values(), *trainings.values()))):
        yield f"{need}: no tool and no training answers this recommendation ($.needs)"


def _of_tool(tool: Tool, tools: Mapping[str, Tool]) -> Iterator[str]:
    for other in tool.alternatives:
        if other not in tools or other == tool.key:
            yield f"{tool.key}.yaml: $.alternatives: {other!r} is no other tool"
    if tool.checked and tool.checked < tool.written:
        yield f"{tool.key}.yaml: $.checked: is before it was written"
    if tool.checked and not tool.sources:
        yield f"{tool.key}.yaml: $.sources: names no page on which the check found the facts"
    if len({*tool.sources}) < len(tool.sources):
        yield f"{tool.key}.yaml: $.sources: names a page twice"


def _answered(entries: Iterable[Tool | Training]) -> set[str]:
    return {need for entry in entries for need in entry.needs}
