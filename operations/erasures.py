"""`cococity erasures`: who waits to be forgotten, by whom, and whose month is nearly over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from operations.gateway_session import (
    DEFAULT_GATEWAY,
    NEEDS_A_PERSON,
    GatewayOption,
    JsonOption,
    Session,
    TokenOption,
    session,
)

PATH = "/api/v1/people/erasures"
OVERDUE_AFTER = timedelta(days=1)
"""Services need seconds. The law gives a month (GDPR art. 12(3)): a day leaves time to look."""
LEGAL_LIMIT = timedelta(days=30)


def register(app: typer.Typer) -> None:
    app.command()(erasures)


def erasures(
    everything: Annotated[bool, typer.Option("--all", help="Completed ones too.")] = False,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erasures that are not complete, and who is not done. Exits with 1 where one is overdue."""
    with session(gateway, token) as opened:
        now = datetime.now(UTC)
        found = [_seen(each, now) for each in _confirmed(opened)]
    shown = [each for each in found if everything or each["state"] != "completed"]
    if as_json:
        typer.echo(json.dumps(shown))
    else:
        _show(shown)
    raise typer.Exit(NEEDS_A_PERSON if any(each["overdue"] for each in shown) else 0)


def _confirmed(opened: Session) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = opened.get(PATH, after=after, limit=500)
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def _seen(erasure: dict[str, Any], now: datetime) -> dict[str, Any]:
    confirmed_at = datetime.fromisoformat(erasure["confirmed_at"])
    open_parts = [part["owner"] for part in erasure["parts"] if part["done_at"] is None]
    overdue = bool(open_parts) and now - confirmed_at >= OVERDUE_AFTER
    return {**erasure, "waits_for": open_parts, "overdue": overdue, "due_by": str(confirmed_at + LEGAL_LIMIT)}


def _show(found: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not found:
        console.print("Nobody waits to be forgotten.")
        return
    table = Table(title="Erasures", title_justify="left")
    for name in ("id", "confirmed", "waits for", "by law until"):
        table.add_column(name, no_wrap=name == "id", overflow="fold")
    for each in found:
        waits = ", ".join(each["waits_for"]) or "nobody: complete"
        waits = f"[red]{waits}[/]" if each["overdue"] else waits
        table.add_row(each["id"], each["confirmed_at"][:16].replace("T", " "), waits, each["due_by"][:10])
    console.print(table)
    for owner in sorted({owner for each in found if each["overdue"] for owner in each["waits_for"]}):
        console.print(
            f"{owner} is late: cococity status; its consumer is {owner}__erasures.", highlight=False
        )
