"""`cococity retention`: how long what is kept, and how much was deleted because it was over."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from operations.gateway_session import (
    DEFAULT_GATEWAY,
    NEEDS_A_PERSON,
    GatewayOption,
    JsonOption,
    Service,
    TokenOption,
    session,
)

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def register(app: typer.Typer) -> None:
    app.command()(retention)


def retention(
    service: Annotated[Service | None, typer.Option(help="Of this service only; all without.")] = None,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """How long what is kept, and what was deleted in the last thirty days; ends with 1 where a rule fails."""
    with session(gateway, token) as opened:
        asked = [service] if service else list(Service)
        found = [opened.get(f"/api/v1/operations/{name}/retention") for name in asked]
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for each in found:
            _show(each)
    fails = any(rule["failing"] for each in found for rule in each["rules"])
    raise typer.Exit(NEEDS_A_PERSON if fails else 0)


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=found["service"], title_justify="left")
    for name in ("what", "kept", "after", "deleted in 30 days", "last", "stay"):
        table.add_column(name, justify="right" if name.startswith("deleted") else "left")
    for rule in found["rules"]:
        last = _minute(rule["last_at"]) if rule["last_at"] else "–"
        kept = in_short(rule["kept_seconds"])
        stay = f"{rule['kept_back']:,}" if rule["kept_back"] is not None else "–"
        table.add_row(rule["what"], kept, rule["since"], f"{rule['deleted']:,}", last, stay)
    console = Console()
    console.print(table)
    for rule in found["rules"]:
        if failing := rule["failing"]:
            since = _minute(failing["since"])
            said = (
                f"{rule['what']}: could not be deleted since {since} ({failing['error']}); it is tried again."
            )
            console.print(said, style="red", highlight=False)


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def in_short(seconds: int) -> str:
    """`30 d`, `24 h`; nothing where it is not kept beyond what it is for."""
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return "–"
