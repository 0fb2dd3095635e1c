"""Places where a test can kill the process, to see that nothing is lost or done twice.

Set COCOCITY_CRASH_AT to `<point>` or `<point>:<n>` (the n-th time it is reached). Settings refuse the
variable outside the test environment. Elsewhere `reached` costs one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

BEFORE_COMMIT: Final = "before_commit"
AFTER_COMMIT: Final = "after_commit"
AFTER_PUBLISH: Final = "after_publish"
BEFORE_ACK: Final = "before_ack"
AFTER_CLAIM: Final = "after_claim"
"""Something to send was leased, and nothing of it has begun."""
AFTER_SEND: Final = "after_send"
"""Something was sent to somebody outside, and that is not noted yet."""

_point, _, _count = os.environ.get("COCOCITY_CRASH_AT", "").partition(":")
_left = int(_count or 1)


def reached(point: str) -> None:
    """Kill this process with SIGKILL, here, if a test asked for it."""
    global _left  # noqa: PLW0603 - one countdown for the process
    if point != _point:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
