"""`cococity`: what an operator does from a terminal. Each command is a module with `register(app)`.

The modules import what is heavy inside their commands: `cococity up` stays in memory for as long as the
system runs.
"""

from __future__ import annotations

import typer

from operations import (
    dead_letters,
    deliveries,
    erasures,
    footprint,
    importing,
    rebuild,
    refill,
    retention,
    rewind,
    sign_in,
    simulating,
    status,
    up,
)

app = typer.Typer(
    name="cococity",
    help="Run and look after CoCoCity.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for module in (
    up,
    status,
    dead_letters,
    deliveries,
    erasures,
    retention,
    refill,
    rebuild,
    rewind,
    sign_in,
    importing,
    simulating,
    footprint,
):
    module.register(app)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
