"""Progress and messages go to standard error, so that standard output holds results alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def messages() -> Console:
    """Where people are told what goes on."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def counting(what: str) -> Progress:
    """A progress bar that shows numbers: `what 1,200/5,000 0:00:03`."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what),
        TimeElapsedColumn(),
        console=messages(),
        transient=True,
    )
