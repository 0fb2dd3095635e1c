"""What every test can ask for, and how tests are spread over workers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler.loadscope import LoadScopeScheduling

pytest_plugins = ["tests.support.servers", "tests.support.fault_report"]

TESTS = Path(__file__).parent
FOLDERS_TOGETHER = ("faults", "browser", "end_to_end")
"""Their tests share what is dear: a whole system, or a browser. The longest first."""
WITH_OWN_SERVERS = tuple(
    f"faults/test_{name}.py" for name in ("cluster", "hostile_uploads", "poison", "redelivery")
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="fault runs at full length, with a table")


def pytest_configure(config: pytest.Config) -> None:
    """New examples with every run, and many more with `--long`."""
    settings.load_profile("long" if config.getoption("--long") else "any machine")


class _FilesTogether(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """xdist's own `loadgroup` does nothing under pytest 9.2: it renames tests, which is refused there."""

    def _split_scope(self, nodeid: str) -> str:
        return _together(nodeid)


QUICK_OF_A_FILE = 1
"""Of each file on real servers, `make test-quick` takes so many: every room is entered once."""
SLOW_COUNTS = 20
"""A slow test takes about as long as so many others."""


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On workers, the longest files first: one that begins last keeps a worker alone at the end."""
    _mark_thorough(items)
    if not hasattr(config, "workerinput"):
        return
    lengths: Counter[str] = Counter()
    for item in items:
        lengths[_together(item.nodeid)] += SLOW_COUNTS if item.get_closest_marker("slow") else 1
    for place, folder in enumerate(FOLDERS_TOGETHER):
        lengths[folder] += SLOW_COUNTS * len(items) * (len(FOLDERS_TOGETHER) - place)
    items.sort(key=lambda item: -lengths[_together(item.nodeid)])


def _mark_thorough(items: list[pytest.Item]) -> None:
    quick: Counter[Path] = Counter()
    for item in items:
        if item.path.is_relative_to(TESTS / "integration") and not item.get_closest_marker("slow"):
            quick[item.path] += 1
            if quick[item.path] > QUICK_OF_A_FILE:
                item.add_marker("thorough")


def _together(nodeid: str) -> str:
    """Files stay together, and some folders: they share fixtures. One system after the other in each."""
    path = nodeid.split("::", 1)[0].removeprefix(f"{TESTS.name}/")
    folder = path.split("/", 1)[0]
    return folder if folder in FOLDERS_TOGETHER and path not in WITH_OWN_SERVERS else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _FilesTogether(config, log)


# How long an example takes is the machine's business: under load a deadline would fail at random.
ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("any machine", ANY_MACHINE)
settings.register_profile("long", ANY_MACHINE, max_examples=400)
