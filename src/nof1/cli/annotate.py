"""``nof1 annotate``: what brought tables say of the alleles of genome files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nof1.cli.options import FILE


@click.command("annotate")
@click.argument("genomes", nargs=-1, required=True, type=FILE, metavar="GENOME...")
@click.option(
    "--with", "tables", required=True, metavar="NAMES",
    help="Tables, separated by commas: a kind (its newest edition), KIND@EDITION, or a compiled file.",
)  # fmt: skip
@click.option("--out", type=FILE, help="The joined table: .parquet, or tab-separated. By default on standard output.")
@click.option("--vcf", type=FILE, help="The genome file again with fields in INFO (.vcf, or bgzip with .gz); one file.")
@click.option("--sample", default="", help="Only what this person carries, with genotype, phase, quality and depth.")
@click.option(
    "--columns", default="", metavar="NAMES", help="Columns of the tables to write, separated by commas; by default all."
)
@click.option("--build", default="", help="Build of files whose header does not say: GRCh38 or GRCh37.")
@click.option(
    "--left-align", is_flag=True, help="Move insertions and deletions to the left first, by the reference that was added."
)
@click.option("--tables", "folder", type=FILE, help="Folder of compiled tables, instead of the user's own.")
def command(
    genomes: tuple[Path, ...], tables: str, out: Path | None, vcf: Path | None, sample: str, columns: str, build: str,
    left_align: bool, folder: Path | None,
) -> None:  # fmt: skip
    """Join GENOME files (VCF, gVCF, BCF) with tables brought by nof1 knowledge add.

    Alleles are trimmed and compared exactly; the file is read once and not changed. What could not be looked up is counted
    by reason on standard error.
    """
    from nof1.cli.options import names
    from nof1.cli.progress import amount
    from nof1.jobs.annotate import Output, annotate, summary

    align = None
    if left_align:
        from nof1.jobs.aligned import aligner_of

        align = aligner_of(build)
    size = sum(path.stat().st_size for path in genomes if path.is_file())
    with amount("annotate", size) as told:
        output = Output(out, vcf, None if out or vcf else sys.stdout.buffer)
        done = annotate(
            genomes, names(tables), output, sample=sample, build=build, columns=names(columns), tables=folder, align=align,
            progress=told,
        )  # fmt: skip
    for each in done:
        for line in summary(each):
            click.echo(line, err=True)
