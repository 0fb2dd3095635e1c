"""`cococity footprint`."""

from __future__ import annotations

import typer

from operations.up import DEFAULT_ROOT, Root


def register(app: typer.Typer) -> None:
    app.command()(footprint)


def footprint(root: Root = DEFAULT_ROOT) -> None:
    """Print the time to ready of the last start, and the memory of every running process."""
    from deploy.one_machine.footprint import measure

    measured = measure(root / "run")
    if measured is None:
        typer.echo(f"Nothing runs over {root}.", err=True)
        raise typer.Exit(1)
    for share in measured.shares:
        typer.echo(f"{share.name:<16}{share.bytes / 1e6:>8.1f} MB  {share.processes} process(es)")
    typer.echo(f"{'total':<16}{measured.total / 1e6:>8.1f} MB  {measured.measure}")
    if measured.seconds_to_ready is not None:
        typer.echo(f"ready after     {measured.seconds_to_ready:>8.1f} s")
