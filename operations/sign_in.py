"""`cococity token`: act as a person of the demo."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.gateway_session import DEFAULT_GATEWAY, GatewayOption, session


def register(app: typer.Typer) -> None:
    app.command()(token)


def token(
    person: Annotated[
        str,
        typer.Argument(
            help="claire (officer) · marc, nele, dieter (merchants) · anna (consultant) · otto (operator) · "
            "sophie, tom, lea, ambassador-1 … ambassador-10000 (ambassadors)"
        ),
    ],
    gateway: GatewayOption = DEFAULT_GATEWAY,
) -> None:
    """Print a token of a person of the demo: curl -H "Authorization: Bearer $(cococity token sophie)" …"""
    with session(gateway, None) as opened:
        typer.echo(opened.demo_token(person))
