"""What a second factor is refused with."""

from chassis.problems import Problem


def worthless() -> Problem:
    """410: which of the reasons it is helps nobody but somebody who guesses."""
    detail = "The code is wrong, too old, or was given before. Wait for the next one."
    return Problem(410, "code-worthless", "Not valid", detail, field="code")
