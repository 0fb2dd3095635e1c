"""`cococity up`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Root = Annotated[Path, typer.Option(help="Where data, logs and secrets are kept.", envvar="COCOCITY_ROOT")]
DEFAULT_ROOT = Path("var")


def register(app: typer.Typer) -> None:
    app.command()(up)


def up(
    root: Root = DEFAULT_ROOT,
    port: Annotated[
        int, typer.Option(min=1024, max=65_000, help="The gateway's; all others move with it.")
    ] = 8080,
    demo: Annotated[bool, typer.Option(help="Load the demo town.")] = True,
) -> None:
    """Start the whole system on this machine and keep it running until Ctrl-C."""
    from deploy.one_machine.start import CannotStart
    from deploy.one_machine.start import up as run

    try:
        run(root, port, demo)
    except CannotStart as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
