"""``nof1 knowledge add``: public tables that a user has downloaded, checked and kept as a knowledge pack."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.knowledge_add_files import COMMANDS
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


def _tables(kind: str, what: str) -> click.Command:
    """A command that compiles a table of alleles."""

    @click.command(kind, help=f"Bring {what}. It is compiled once and used by nof1 annotate; editions stay side by side.")
    @click.argument("file", type=FILE)
    @click.option("--edition", default="", help="Date or version, where the file does not name it.")
    @click.option("--build", default="", help="Build of a file that does not say: GRCh38 or GRCh37.")
    @click.option("--into", type=FILE, help="Folder for the compiled file; by default the user's data folder.")
    def bring(file: Path, edition: str, build: str, into: Path | None) -> None:
        from nof1.cli.progress import amount
        from nof1.jobs.variant_tables import add as compile_table

        with amount(kind, file.stat().st_size if file.is_file() else 0) as told:
            made = compile_table(kind, file, into, edition, build, told)
        header = made.header
        click.echo(
            f"{kind} {header.edition} on {header.build}: {header.rows:,} rows of {header.source.records:,} records, "
            f"SHA-256 {header.source.digest}"
        )
        for words, count in header.source.left_out.items():
            click.echo(f"  left out: {count:,} {words}")
        for review in made.unlisted:
            click.echo(f"  review status {review!r} is not listed; its stars are unknown")
        click.echo(f"{'written' if made.is_new else 'already there, unchanged'}: {made.path}")

    return bring


TABLES = {  # further kinds of files: a line here, or a command of their own
    "clinvar": "ClinVar's VCF, or a tab-separated table with chrom, pos, ref, alt, classification",
    "gnomad": "a sites VCF of gnomAD with allele frequencies by group",
}
for _kind, _what in TABLES.items():
    add.add_command(_tables(_kind, _what))
for _command in COMMANDS:
    add.add_command(_command)


def _tell(what: str, rows: Iterable[TableRow | CodedRow]) -> None:
    listed = list(rows)
    click.echo(f"{what}: {len(listed)}")
    for row in listed:
        click.echo(f"  {row.drug}, {row.gene}" + (f" (section {row.section})" if row.section else ""))
