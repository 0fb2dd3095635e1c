"""One running town for all fault tests: what a test kills, it starts again."""

from collections.abc import Iterator

import pytest

from tests.support.running_system import RunningSystem, running_system


@pytest.fixture(scope="session")
def town() -> Iterator[RunningSystem]:
    with running_system() as system:
        yield system
