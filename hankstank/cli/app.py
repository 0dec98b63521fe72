"""The `hankstank` command line: all commands in one app; usage errors are JSON when `--json` is given."""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from hankstank import errors, exit_codes
from hankstank.cli.commands import (
    backfill,
    cluster,
    data,
    dead_letters,
    failed_loads,
    fault_injection,
    features,
    keys,
    live,
    maintenance,
    models,
    notify,
    predict,
    report,
    results,
    run,
    simulator,
)


class HankstankGroup(TyperGroup):
    """All commands. With --json, usage errors are printed as JSON too."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that `args` name and exit with its code."""
        as_json = "--json" in (sys.argv[1:] if args is None else args)
        ends_process = standalone_mode and not as_json
        try:
            code = super().main(args, prog_name, complete_var, ends_process, windows_expand_args, **extra)
        except TyperException as error:
            if not as_json:
                raise
            code = getattr(error, "exit_code", exit_codes.FAILED)
            errors.report_error(error.format_message(), code, as_json=True)
        return sys.exit(code or 0) if standalone_mode else code


def _show_version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(f"hankstank {version('hankstank')}")
        raise typer.Exit


app = typer.Typer(
    cls=HankstankGroup,
    help="Baseball forecasts, from data collection to an HTTP API. Start with `hankstank run`, then "
    "`hankstank status`; the --help of every command has an example.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    suggest_commands=True,
)


@app.callback()
def _global_options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass


for part in (run, predict, results, data, report, maintenance, fault_injection):
    app.add_typer(part.app)
for name, part in {
    "live": live,
    "backfill": backfill,
    "models": models,
    "features": features,
    "keys": keys,
    "notify": notify,
    "dead-letters": dead_letters,
    "failed-loads": failed_loads,
    "simulator": simulator,
    "cluster": cluster,
}.items():
    app.add_typer(part.app, name=name, rich_help_panel=part.PANEL)
