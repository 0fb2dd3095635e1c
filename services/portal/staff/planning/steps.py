"""The steps of a plan that are one form each: what it shows, and what of the plan it changes. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.portal.staff.planning.campaign import FIGURES, Planned
from services.portal.wording import LANGUAGES

_LOCAL = ZoneInfo("Europe/Brussels")
Form = Mapping[str, str]
Faults = dict[str, str]
COUNTED = tuple(each for each in FIGURES if each != "active-ambassadors")


@dataclass(frozen=True)
class Step:
    """One page of the plan."""

    name: str
    values: Callable[[Planned], dict[str, str]]
    """What its form shows before anybody types."""
    changes: Callable[[Planned, Form], tuple[dict[str, Any], Faults]]
    """What it says of the plan; with faults, by field, what it says is worth nothing."""


def local_day(at: datetime) -> str:
    """As a field for a day has it, on the calendar in Belgium."""
    return at.astimezone(_LOCAL).strftime("%Y-%m-%d")


def _local_time(at: datetime) -> str:
    return at.astimezone(_LOCAL).strftime("%H:%M")


def moment_of(day: str, time: str) -> str | None:
    """A day and a time of clocks in Belgium, as the wire has it; None for what is neither."""
    try:
        at = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=_LOCAL)
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return None


def number_of(text: str, most: int = 1_000_000) -> int | None:
    """A whole number from 1 on; None for anything else."""
    is_number = text.isdecimal() and text.isascii() and len(text) < 8
    return int(text) if is_number and 1 <= int(text) <= most else None


def _numbers(form: Form, prefix: str, names: Iterable[str]) -> tuple[dict[str, int], Faults]:
    """Those that were typed; what is left empty is none."""
    found: dict[str, int] = {}
    faults: Faults = {}
    for name in names:
        typed = form.get(f"{prefix}-{name}", "").strip()
        number = number_of(typed)
        if number is not None:
            found[name] = number
        elif typed:
            faults[f"{prefix}-{name}"] = "no-number"
    return found, faults


def _what(plan: Planned) -> dict[str, str]:
    return {
        "name": plan.own.name,
        "description": plan.own.description,
        "start_day": local_day(plan.starts_at),
        "start_time": _local_time(plan.starts_at),
        "end_day": local_day(plan.ends_at),
        "end_time": _local_time(plan.ends_at),
        "question": plan.question or "",
        "approval": "yes" if plan.approval else "",
    } | {f"go-{each.figure}": str(each.at_least) for each in plan.go_if}


def _what_changes(plan: Planned, form: Form) -> tuple[dict[str, Any], Faults]:
    starts = moment_of(form.get("start_day", ""), form.get("start_time", ""))
    ends = moment_of(form.get("end_day", ""), form.get("end_time", ""))
    body: dict[str, Any] = {
        "name": form.get("name", "").strip(),
        "description": form.get("description", "").strip(),
        "ends_at": ends,
    }
    faults: Faults = {} if body["name"] else {"name": "missing"}
    if ends is None:
        faults["end_day"] = "no-moment"
    if not plan.is_draft:
        return body, faults
    if starts is None:
        faults["start_day"] = "no-moment"
    elif ends is not None and ends <= starts:
        faults["end_day"] = "too-early"
    rule, wrong = _numbers(form, "go", FIGURES)
    question = form.get("question", "").strip()
    if rule and not question:
        faults["question"] = "no-question"
    body |= {
        "starts_at": starts,
        "question": question,
        "go_if": [{"figure": figure, "at_least": least} for figure, least in rule.items()],
        "approval": form.get("approval") == "yes",
    }
    return body, faults | wrong


def _ticked(form: Form, prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name, value in form.items() if name.startswith(prefix) and value]


def ids_ticked(form: Form, prefix: str) -> list[str]:
    """Ids among the names of boxes that are ticked."""
    found = []
    for each in _ticked(form, prefix):
        try:
            found.append(str(UUID(each)))
        except ValueError:
            continue
    return found


def _where(plan: Planned) -> dict[str, str]:
    return {f"district-{each}": "yes" for each in plan.district_ids} | {
        f"kind-{each}": "yes" for each in plan.kinds
    }


def _where_changes(_plan: Planned, form: Form) -> tuple[dict[str, Any], Faults]:
    return {"district_ids": ids_ticked(form, "district-"), "kinds": _ticked(form, "kind-")}, {}


def _goals(plan: Planned) -> dict[str, str]:
    return {f"goal-{each.figure}": str(each.target) for each in plan.goals}


def _goals_changes(_plan: Planned, form: Form) -> tuple[dict[str, Any], Faults]:
    goals, faults = _numbers(form, "goal", COUNTED)
    return {"goals": [{"figure": figure, "target": target} for figure, target in goals.items()]}, faults


def _texts(plan: Planned) -> dict[str, str]:
    values: dict[str, str] = {}
    for language in plan.languages[1:]:
        said = plan.texts.get(language)
        values |= {f"in-{language}": "yes", f"name-{language}": said.name if said else ""}
        values[f"description-{language}"] = said.description if said else ""
    return values


def _texts_changes(plan: Planned, form: Form) -> tuple[dict[str, Any], Faults]:
    own = plan.languages[0]
    if plan.is_draft:
        others = [each for each in LANGUAGES if each != own and form.get(f"in-{each}")]
    else:
        others = plan.languages[1:]
    faults: Faults = {}
    translations = {}
    for language in others:
        name = form.get(f"name-{language}", "").strip()
        said = form.get(f"description-{language}", "").strip()
        if name:
            translations[language] = {"name": name, "description": said}
        elif said:
            faults[f"name-{language}"] = "missing"
    body: dict[str, Any] = {"translations": translations}
    return body | ({"languages": [own, *others]} if plan.is_draft else {}), faults


STEPS = {
    each.name: each
    for each in (
        Step("what", _what, _what_changes),
        Step("where", _where, _where_changes),
        Step("goals", _goals, _goals_changes),
        Step("texts", _texts, _texts_changes),
    )
}
ORDER = ("what", "where", "asks", "goals", "texts", "analysis", "responsible")
"""Of all steps, as they follow each other."""
LATER = ("what", "goals", "texts", "responsible")
"""Those of which something may still change when it was announced."""


_CITYS = ("analysis", "responsible")
"""What its city alone says of a campaign."""


def order_of(*, is_draft: bool, is_officer: bool) -> tuple[str, ...]:
    """The steps that are open to whoever plans it."""
    order = ORDER if is_draft else LATER
    return order if is_officer else tuple(each for each in order if each not in _CITYS)


def after(step: str, order: tuple[str, ...]) -> str | None:
    """The step that follows; None where the overview does."""
    place = order.index(step) + 1 if step in order else len(order)
    return order[place] if place < len(order) else None
