"""``nof1 knowledge add fasta|gene-models|scores``: files that a user has downloaded, checked and kept."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.options import FILE

_INTO = click.option("--into", type=FILE, help="Folder to keep it in; by default the user's data folder.")
_BUILD = click.option("--build", default="", help="Build, where the file does not tell: GRCh38 or GRCh37.")


@click.command("fasta")
@click.argument("file", type=FILE)
@_INTO
@_BUILD
def fasta(file: Path, into: Path | None, build: str) -> None:
    """Bring a reference sequence (plain, or bgzip with .gzi), so that alleles are left-aligned and consequences assessed.

    The file stays where it is: its path, digest and build are recorded, and transcripts of the knowledge read through it.
    """
    from nof1.jobs.reference import FastaRecord, add_fasta

    made = add_fasta(file, into, build)
    record = made.record
    assert isinstance(record, FastaRecord)
    click.echo(f"reference on {record.build} by {record.by}, {record.read_through} transcripts read through")
    for line in record.unfit:
        click.echo(f"  does not fit: {line}")
    _told(is_new=made.is_new, place=made.place)


@click.command("gene-models")
@click.argument("file", type=FILE)
@click.option("--edition", default="", help="Release, where the file does not name it.")
@_INTO
@_BUILD
def gene_models(file: Path, edition: str, into: Path | None, build: str) -> None:
    """Bring gene models: GFF3 of MANE, Ensembl or RefSeq. They are checked and kept.

    nof1 assess and nof1 annotate --allele use them for genes of which the knowledge has no transcript; with
    --gene-models added before those of the knowledge.
    """
    from nof1.jobs.reference import ModelsRecord, add_gene_models

    made = add_gene_models(file, into, edition, build)
    record = made.record
    assert isinstance(record, ModelsRecord)
    click.echo(f"gene models {record.edition} on {record.build}: {len(record.transcripts):,} transcripts")
    for words, count in record.left_out.items():
        click.echo(f"  left out: {count:,} {words}")
    _told(is_new=made.is_new, place=made.place)


@click.command("scores")
@click.argument("file", type=FILE)
@_INTO
@_BUILD
def scores(file: Path, into: Path | None, build: str) -> None:
    """Bring a scoring file of the PGS Catalog, for nof1 score and nof1 assess --scores."""
    from nof1.knowledge.kept_scores import add_scores
    from nof1.report.markup import clean

    made = add_scores(file, into, build)
    about = made.about
    builds = " and ".join(dict.fromkeys(name for name in (about.harmonised, about.build) if name))
    said = f"{about.id}: {about.trait or 'trait not stated'}, {made.rows:,} rows, positions on {builds}"
    click.echo(clean(f"{said}; licence: {about.licence or 'not stated'}"))
    for words, count in made.refused.items():
        click.echo(f"  left out: {count:,} ({words})")
    for note in about.notes:
        click.echo(f"  {note}")
    _told(is_new=made.is_new, place=made.path)


def _told(*, is_new: bool, place: Path) -> None:
    click.echo(f"{'written' if is_new else 'already there, unchanged'}: {place}")


COMMANDS = fasta, gene_models, scores
