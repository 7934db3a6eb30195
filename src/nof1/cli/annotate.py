"""``nof1 annotate``: what brought tables say of the alleles of genome files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nof1.cli.options import FILE
from nof1.errors import RequestError


@click.command("annotate")
@click.argument("genomes", nargs=-1, type=FILE, metavar="[GENOME]...")
@click.option(
    "--allele", "alleles", multiple=True, metavar="NAME",
    help="In place of files: HGVS g. or m., SPDI, or chr:position:REF:ALT. May be given again.",
)  # fmt: skip
@click.option(
    "--with", "tables", default="", metavar="NAMES",
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
@click.option(
    "--gene-models", "models", type=click.Choice(["knowledge", "added"]), default="knowledge", show_default=True,
    help="With --allele: transcripts of the knowledge, with added ones for genes it lacks; or added ones first.",
)  # fmt: skip
@click.option("--json", "json_out", type=FILE, metavar="OUT", help="With --allele: write the answer as JSON too.")
def command(
    genomes: tuple[Path, ...], tables: str, out: Path | None, vcf: Path | None, sample: str, columns: str, build: str,
    left_align: bool, folder: Path | None, alleles: tuple[str, ...], models: str, json_out: Path | None,
) -> None:  # fmt: skip
    """Join GENOME files (VCF, gVCF, BCF) with tables brought by nof1 knowledge add.

    Alleles are trimmed and compared exactly; the file is read once and not changed. What could not be looked up is counted
    by reason on standard error.

    With --allele no file is read: the allele is shown in its normal form, under its other names, with its consequence where
    a reference (nof1 knowledge add fasta) has the place, and what the tables say of it.
    """
    if alleles:
        others = {"GENOME": genomes, "--out": out, "--vcf": vcf, "--sample": sample, "--columns": columns}
        _alone(others | {"--left-align": left_align})
        _show(alleles, tables, build, folder, models, json_out)
        return
    _check_files(genomes, tables, json_out, models)
    from nof1.cli.options import names
    from nof1.cli.progress import amount
    from nof1.jobs.annotate import Output, annotate, summary

    align = None
    if left_align:
        from nof1.jobs.aligned import aligner_of

        align = aligner_of(genomes, build)
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
    for words, count in sorted(align.left.items()) if align else ():
        click.echo(f"  {count:,} insertions or deletions were not moved to the left: {words}", err=True)


def _alone(others: dict[str, object]) -> None:
    """Raises ``RequestError`` for what belongs to files."""
    if said := [name for name, value in others.items() if value]:
        raise RequestError(f"--allele is asked without files, so leave out {said[0]}")


def _check_files(genomes: tuple[Path, ...], tables: str, json_out: Path | None, models: str) -> None:
    if not genomes or not tables:
        raise RequestError("name genome files and tables (--with), or an allele with --allele")
    if json_out or models != "knowledge":
        raise RequestError(f"{'--json' if json_out else '--gene-models'} belongs to --allele; leave it out")


def _show(
    alleles: tuple[str, ...], tables: str, build: str, folder: Path | None, models: str, json_out: Path | None
) -> None:
    from nof1.cli.options import names
    from nof1.jobs.named_alleles import allele_lines, named_alleles

    found = named_alleles(alleles, names(tables), build=build, folder=folder, models=models)
    if json_out:
        import msgspec

        from nof1.cli.files import write_file

        write_file(json_out, "--json", msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    for one in found:
        for line in allele_lines(one):
            click.echo(line)
