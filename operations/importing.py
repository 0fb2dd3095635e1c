"""`cococity import`: merchants of a city from an OpenStreetMap extract, or from a sheet as a job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from operations.gateway_session import (
    DEFAULT_GATEWAY,
    REFUSED,
    CommandFailed,
    GatewayOption,
    Session,
    TokenOption,
    session,
)
from operations.importing_in_parts import Reading, import_in_parts

SHEETS = (".csv", ".tsv", ".txt")
REGISTER = ".zip"
LARGEST_BYTES = 20 * 1024 * 1024
IMPORT_SECONDS = 120


def register(app: typer.Typer) -> None:
    app.command("import")(import_extract)


def import_extract(
    nis: Annotated[str, typer.Argument(help="NIS code of the commune, such as 85046.")],
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            readable=True,
            help="A GeoJSON file, a sheet (.csv), or the register's open data (its .zip, or a folder).",
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would happen; change nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the report, feature by feature, to this file.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="Whose list a sheet is: its rows are compared with earlier ones of that name.")
    ] = "sheet",
    complete: Annotated[
        bool, typer.Option("--complete", help="The file has all shops; what is missing may have closed.")
    ] = False,
    column: Annotated[
        list[str] | None, typer.Option(help="A field's column, from 0: name=3. Otherwise by the headings.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Of rows without one, such as shop=bakery.")] = None,
    place: Annotated[
        str | None, typer.Option(help="longitude,latitude of rows whose street nobody knows.")
    ] = None,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """List the shops of a map extract, a sheet or the register. Importing a file twice changes nothing."""
    with session(gateway, token) as opened:
        if file.is_dir() or file.suffix.lower() in (*SHEETS, REGISTER):
            how = Reading(source, dry_run, complete, column or (), kind, place)
            import_in_parts(opened, _city(opened, nis), file, how, report)
            return
        body = _content(file)
        found = _send(opened, _city(opened, nis), body, dry_run=dry_run, complete=complete)
        if report is not None:
            report.write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")
    _show(found, dry_run)
    if report is not None:
        typer.echo(f"What became of each feature: {report}")


def _content(file: Path) -> bytes:
    body = file.read_bytes()
    if len(body) > LARGEST_BYTES:
        raise CommandFailed(
            f"{file} is larger than {LARGEST_BYTES // 1024 // 1024} MiB.",
            "Import the city in parts.",
            REFUSED,
        )
    return body


def _city(opened: Session, nis: str) -> str:
    found = opened.get("/api/v1/cities", nis_code=nis)["items"]
    if not found:
        raise CommandFailed(
            f"No city with the NIS code {nis} takes part.",
            'It joins with: POST /api/v1/cities {"nis_code": "…"} (an operator\'s token; see /docs).',
            REFUSED,
        )
    return str(found[0]["id"])


def _send(opened: Session, city: str, body: bytes, *, dry_run: bool, complete: bool) -> Any:
    import httpx

    from operations.terminal import messages

    with messages().status(f"{len(body) / 1e6:.1f} MB are read and compared with the directory …"):
        return opened.post(
            f"/api/v1/cities/{city}/imports",
            params={"dry_run": str(dry_run).lower(), "is_complete": str(complete).lower()},
            content=body,
            headers={"Content-Type": "application/geo+json"},
            timeout=httpx.Timeout(IMPORT_SECONDS),
        )


def _show(found: dict[str, Any], dry_run: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    totals, reasons = found["totals"], found["reasons"]
    title = "Would become of the features" if dry_run else "What became of the features"
    table = Table(title=title, title_justify="left")
    table.add_column("outcome")
    table.add_column("features", justify="right")
    for outcome in ("listed", "updated", "unchanged", "left_out"):
        table.add_row(outcome.replace("_", " "), f"{totals[outcome]:,}")
    for reason, count in sorted(reasons.items(), key=lambda each: -each[1]):
        table.add_row(f"  [dim]{reason.replace('_', ' ')}[/]", f"[dim]{count:,}[/]")
    table.add_section()
    table.add_row("all", f"{totals['features']:,}")
    Console().print(table)
    if may_have_closed := found.get("may_have_closed"):
        print(f"May have closed, for a person to decide: {may_have_closed:,} (GET …/closures of the city)")
