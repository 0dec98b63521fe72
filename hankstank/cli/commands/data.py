"""Commands that read the warehouse: tables, export, query."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hankstank.cli.options import DATA_PANEL, HOME, From, Home, Json, To
from hankstank.errors import handles_errors_read_only

app = typer.Typer()


@app.command(rich_help_panel=DATA_PANEL)
@handles_errors_read_only
def tables(
    table: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="Show this table's columns.")] = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """List the tables with rows and days, or one table's columns with type, meaning and pitfalls.

    Example: hankstank tables player_stats_historical
    """
    from hankstank import terminal
    from hankstank.cli import data_views
    from hankstank.ops import tables as ops_tables

    if table is None:
        terminal.show_value(ops_tables.describe_tables(home), data_views.draw_tables, json)
    else:
        terminal.show_value(ops_tables.list_columns(table), data_views.draw_columns, json)


@app.command(rich_help_panel=DATA_PANEL)
@handles_errors_read_only
def export(
    table: Annotated[str, typer.Argument(help="Such as player_stats_historical.")],
    first: From = None,
    last: To = None,
    season: Annotated[
        list[int] | None, typer.Option(help="Only this season, instead of days; may be repeated.")
    ] = None,
    kind: Annotated[Literal["parquet", "csv"], typer.Option("--format", help="File format.")] = "parquet",
    column: Annotated[list[str] | None, typer.Option(help="Only this column; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="File or folder; default: TABLE.FORMAT here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Write a table, or some days, seasons or columns of it, to a Parquet or CSV file.

    The file is written atomically, and never inside a stores folder.

    Example: hankstank export games_historical --from 2026-04-01 --to 2026-04-30 --format csv

    Example: hankstank export k_rates --season 2016
    """
    from hankstank import terminal
    from hankstank.cli import data_views
    from hankstank.ops import tables as ops_tables

    options = ops_tables.ExportOptions(table, column or (), first, last, kind, out, force, season or ())
    terminal.show_value(ops_tables.export_table(home, options), data_views.draw_export, json)


@app.command(rich_help_panel=DATA_PANEL)
@handles_errors_read_only
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT in DuckDB's dialect.")],
    form: Annotated[
        Literal["table", "csv", "json"] | None,
        typer.Option("--format", help="Default: a table on a terminal, CSV in a pipe."),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Maximum rows of a table to show.")] = 40,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="Maximum seconds of work.")] = 60,
    home: Home = HOME,
) -> None:
    """Run one SELECT on the warehouse; it cannot change anything or open a file.

    It may use 2 GB of memory, no disk, and --seconds of work; beyond that it ends with an error.

    Example: hankstank query "select game_date, count(*) as games from games_historical group by 1 order by 1"
    """
    from hankstank.cli import output_formats
    from hankstank.ops import tables as ops_tables

    output_formats.write_result(ops_tables.query_warehouse(home, sql, seconds), form, rows)
