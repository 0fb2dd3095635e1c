"""One running town for all fault tests: what a test kills, it starts again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running_system import RunningSystem, running_system

LONGEST_SECONDS = 3 * 3600


@pytest.fixture(scope="package")
def town() -> Iterator[RunningSystem]:
    with running_system() as system:
        yield system


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A long run may take longer than its module allows the short one."""
    if config.getoption("--long"):
        for item in items:
            if item.path.parent == Path(__file__).parent:
                item.add_marker(pytest.mark.timeout(LONGEST_SECONDS), append=False)
