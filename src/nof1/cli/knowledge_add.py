"""``nof1 knowledge add``: public tables that a user has downloaded, checked and kept as a knowledge pack."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.options import FILE

if TYPE_CHECKING:
    from nof1.knowledge.fda_table import CodedRow, TableRow


@click.group("add")
def add() -> None:
    """Add knowledge from a file you have downloaded: checked, recorded by digest, written as a pack."""


@add.command("fda-associations")
@click.argument("file", type=FILE)
@click.option("--into", type=FILE, help="Folder for the pack; by default one named by date in the user's data folder.")
@click.option("--date", "when", default="", metavar="YYYY-MM-DD", help="Day of the table, where the file does not name it.")
@click.option("--partial", is_flag=True, help="The file is a part of the table: no row is told as no longer there.")
def fda_associations(file: Path, into: Path | None, when: str, partial: bool) -> None:
    """Bring a newer FDA Table of Pharmacogenetic Associations: JSON, CSV, TSV, or the saved web page.

    Rows that differ from the coded edition are shown beside the advice in the file's own words, marked as not coded. Nothing
    is derived from them, and coded advice stays as it is.
    """
    from nof1.jobs.fda_table import bring

    made = bring(file, into, when, is_partial=partial)
    changes = made.changes
    click.echo(f"FDA table of {made.date}: {len(made.table.rows)} rows, SHA-256 {made.table.digest}")
    click.echo(f"against the edition of {made.edition} coded here: {changes.same} the same")
    _tell("added", changes.added)
    _tell("changed", changes.changed)
    _tell("no longer there", changes.removed)
    click.echo(f"{'written' if made.is_new else 'already there, unchanged'}: {made.folder}")
    click.echo("to use it, name the folder in NOF1_KNOWLEDGE (several: separated as in PATH)")


def _tell(what: str, rows: Iterable[TableRow | CodedRow]) -> None:
    listed = list(rows)
    click.echo(f"{what}: {len(listed)}")
    for row in listed:
        click.echo(f"  {row.drug}, {row.gene}" + (f" (section {row.section})" if row.section else ""))
