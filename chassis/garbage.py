"""How often Python looks for garbage: rarely, and not among what lives as long as the process."""

import gc

_YOUNG, _MIDDLE, _OLD = 20_000, 20, 50


def look_rarely() -> None:
    """Called before a process imports what it needs: at least an eighth of its start was spent on looking."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def settle() -> None:
    """Called once a process has imported and built what it keeps.

    A batch of 500 events makes some thousand short-lived objects; with Python's own thresholds the
    collector walks all modules again and again on their account: an eighth of the consumer's time.
    """
    gc.collect()
    gc.freeze()
    look_rarely()
