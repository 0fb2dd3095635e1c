"""What every test can ask for, and how tests are spread over workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.servers", "tests.support.fault_report"]

TESTS = Path(__file__).parent
WITH_A_WHOLE_SYSTEM = ("end_to_end", "faults", "browser", "integration/one_machine/test_system.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="fault runs at full length, with a table")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay together (they share fixtures), and whole systems are started one after the other."""
    for item in items:
        path = item.path.relative_to(TESTS).as_posix()
        group = "system" if path.startswith(WITH_A_WHOLE_SYSTEM) else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))


# How long an example takes is the machine's business: under load a deadline would fail at random.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
