"""Rules of the design that imports cannot show, as functions from a module to the lines that offend."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("contracts", "chassis", "services", "operations", "demo", "deploy")
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


@dataclass(frozen=True)
class Module:
    """A Python file of the product, or a made-up one."""

    path: str
    """Relative to the project."""
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def _docstrings(self) -> set[int]:
        """Where strings stand that are nobody's value: documentation may speak of what is forbidden."""
        return {
            id(node.value)
            for node in self.nodes
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }

    def strings(self) -> Iterator[tuple[int, str]]:
        """Every string in the code, documentation left out, with its line."""
        for node in self.nodes:
            match node:
                case ast.Constant(value=str(text)) if id(node) not in self._docstrings:
                    yield node.lineno, text

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the last part of the name that is called."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                match node.func:
                    case ast.Attribute(attr=name) | ast.Name(id=name):
                        yield node, name

    def inside(self, *places: str) -> bool:
        """Whether the file is one of `places`, or lies in one that ends with a slash."""
        return any(
            self.path == place or (place.endswith("/") and self.path.startswith(place)) for place in places
        )


Rule = Callable[[Module], Iterator[str]]


def product() -> list[Module]:
    """Every module of the product."""
    return [
        Module(str(path.relative_to(ROOT)), path.read_text())
        for package in PRODUCT
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def only_the_relay_publishes(module: Module) -> Iterator[str]:
    """Rule 2: an event leaves by the outbox, or a crash between commit and publish loses it."""
    if module.inside("chassis/relay.py") or module.inside("demo/stray.py"):
        return  # the latter's message is no event: it is there to be found undeliverable
    for call, name in module.calls():
        if name in {"publish", "publish_async"}:
            yield f"{module.path}:{call.lineno}: .{name}(: record it with chassis.outbox.record"


_NOTIFY = re.compile(r"\bNOTIFY\b|\bpg_notify\b|(?i:^\s*notify\s+\w+\s*(,|;|$))")


def only_the_bell_notifies(module: Module) -> Iterator[str]:
    """Rule 3: NOTIFY inside of a transaction makes every commit of the server wait for every other."""
    if module.inside("chassis/bell.py"):
        return
    for line, text in module.strings():
        if _NOTIFY.search(text):
            yield f"{module.path}:{line}: NOTIFY: chassis.bell rings after the commit"


_OUTBOX = re.compile(r"\b(INTO|UPDATE|FROM|JOIN|TABLE|TRUNCATE|COPY)\s+(ONLY\s+)?\"?outbox\b", re.IGNORECASE)


def only_the_chassis_touches_the_outbox(module: Module) -> Iterator[str]:
    """`chassis.outbox.record` refuses what the bus would refuse; a row written beside it blocks the relay."""
    if not module.inside("chassis/"):
        for line, text in module.strings():
            if _OUTBOX.search(text):
                yield f"{module.path}:{line}: SQL on the outbox: use chassis.outbox.record"
        for call, name in module.calls():
            if name == "Table" and any(
                isinstance(a, ast.Constant) and a.value == "outbox" for a in call.args
            ):
                yield f"{module.path}:{call.lineno}: a table of the outbox: use chassis.outbox.record"
    if not module.inside("chassis/outbox.py", "chassis/replay.py"):
        for call, name in module.calls():
            if name == "record_again":
                yield f"{module.path}:{call.lineno}: record_again(: facts of the past are chassis.replay's"


_METRICS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}
_SPANS = {"start_as_current_span", "start_span", "continued", "batch_span", "event_span"}
_NAMES = "chassis/telemetry_names.py"


def telemetry_is_named_in_one_place(module: Module) -> Iterator[str]:
    """Dashboards and alerts rely on names: they are declared once, and a name that is used is declared."""
    if module.inside(_NAMES):
        return
    imported = {
        alias.asname or alias.name
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prometheus_client")
        for alias in node.names
    }
    for call, name in module.calls():
        if name in imported & _METRICS or (name.startswith("create_") and name[7:] in _INSTRUMENTS):
            yield f"{module.path}:{call.lineno}: a metric: declare it in {_NAMES}"
        if name in _SPANS and any(isinstance(a, ast.Constant | ast.JoinedStr) for a in _name_of(call)):
            yield f"{module.path}:{call.lineno}: a span by a literal name: declare it in {_NAMES}"
    for line, text in module.strings():
        if re.fullmatch(r"cococity(_[a-z]+)+", text) and text not in declared_metrics():
            yield f"{module.path}:{line}: {text}: not declared in {_NAMES}"


_INSTRUMENTS = {"counter", "up_down_counter", "histogram", "gauge", "observable_gauge", "observable_counter"}


def _name_of(call: ast.Call) -> list[ast.expr]:
    return call.args[:1] + [each.value for each in call.keywords if each.arg == "name"]


def declared_metrics() -> set[str]:
    """The names of all metrics, with those of the series a histogram is made of."""
    names = {
        text
        for _, text in Module(_NAMES, (ROOT / _NAMES).read_text()).strings()
        if text.startswith("cococity_")
    }
    return names | {f"{name}_{part}" for name in names for part in ("bucket", "sum", "count")}


def files_and_functions_are_short(module: Module) -> Iterator[str]:
    """A guard, not the aim (which is 300 and 40): what is longer wants a better name for its parts."""
    lines = module.source.count("\n")
    if lines > LONGEST_FILE:
        yield f"{module.path}: {lines} lines, {LONGEST_FILE} are allowed"
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            long = (node.end_lineno or node.lineno) - node.lineno + 1
            if long > LONGEST_FUNCTION:
                yield f"{module.path}:{node.lineno}: {node.name} has {long} lines, not {LONGEST_FUNCTION}"


_NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}


def modules_are_named_for_what_they_hold(module: Module) -> Iterator[str]:
    """A module called after nothing collects everything."""
    for part in Path(module.path).with_suffix("").parts:
        if part in _NAMELESS or _NAMELESS & {part.rsplit("_", 1)[-1]}:
            yield f"{module.path}: {part!r} says nothing of what it holds"


RULES: tuple[Rule, ...] = (
    only_the_relay_publishes,
    only_the_bell_notifies,
    only_the_chassis_touches_the_outbox,
    telemetry_is_named_in_one_place,
    files_and_functions_are_short,
    modules_are_named_for_what_they_hold,
)
