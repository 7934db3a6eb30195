"""``nof1 pgx``: star alleles and phenotypes of many people, as one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1 import __version__
from nof1.cli.options import FILE, ExampleCommand, method_options, names, quality, reading_options
from nof1.cli.progress import steps
from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.genomics.array_letters import Strand
    from nof1.jobs.many_people import CohortCalls
    from nof1.jobs.reading import Absent

_EXAMPLES = """
nof1 pgx cohort.vcf.gz --out calls.tsv
nof1 pgx cohort.vcf.gz --population {population} --out calls.tsv
nof1 pgx chr*.vcf.gz --genes {gene},{gene2} --absent reference --out calls.parquet
nof1 pgx cohort.bcf --samples @people.txt --callable panel.bed --out calls.json
"""
_NOTES_SHOWN = 10


@click.command("pgx", cls=ExampleCommand, epilog=_EXAMPLES)
@click.argument("genomes", nargs=-1, required=True, type=FILE, metavar="GENOME...")
@click.option("--out", type=FILE, required=True, help="The table: .tsv, .json or .parquet.")
@click.option("--genes", default="", help="Only these genes, separated by commas.")
@click.option("--samples", default="", help="Only these people, separated by commas, or @FILE with one a line.")
@method_options
@click.option("--all-matches", is_flag=True, help="Keep the fitting diplotypes below the best score too.")
@reading_options
def command(
    genomes: tuple[Path, ...],
    out: Path,
    genes: str,
    samples: str,
    method: str,
    population: str,
    all_matches: bool,
    build: str,
    strand: Strand,
    absent: Absent,
    callable_bed: Path | None,
    assay: Path | None,
    outside_calls: tuple[Path, ...],
    min_gq: float,
    min_dp: int,
    accept_filter: tuple[str, ...],
) -> None:
    """Call every gene of every person in the files.

    One row a sample, gene and candidate. An interrupted run goes on where it was when the same command is given again.
    """
    from nof1.genomics.outside_calls import plain_path
    from nof1.jobs.many_people import CohortCalls
    from nof1.jobs.tables import check_out, job_key, write_table

    inputs = [*genomes, *(path for path in (callable_bed, assay) if path), *map(plain_path, outside_calls)]
    check_out(out, inputs)
    calls = CohortCalls(
        genomes,
        genes=names(genes),
        samples=_samples(samples),
        method=method,
        population=population,
        absent=absent,
        callable_bed=callable_bed,
        assay=assay,
        build=build,
        strand=strand,
        outside_calls=outside_calls,
        quality=quality(min_gq, min_dp, accept_filter),
        all_matches=all_matches,
    )
    options: dict[str, object] = {
        "genes": calls.genes, "samples": calls.set.names, "method": method,
        "population": calls.method.populations, "absent": absent, "build": build,
        "strand": strand, "callable": str(callable_bed), "assay": str(assay),
        "software": __version__, "quality": [min_gq, min_dp, sorted(accept_filter)], "all": all_matches,
        "outside": [str(path) for path in outside_calls],
    }  # fmt: skip
    key = job_key(inputs, options, calls.known.edition.digest)
    kept: list[str] = []
    with steps(f"{calls.set.people} people", len(calls.genes)) as step:

        def done(symbol: str, was_kept: bool) -> None:
            step(symbol)
            if was_kept:
                kept.append(symbol)

        rows = write_table(calls, out, key, done)
    _tell(calls, len(kept), rows, out)


def _samples(text: str) -> list[str]:
    if not text.startswith("@"):
        return names(text)
    try:
        lines = Path(text[1:]).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"--samples {text!r}: the list cannot be read ({error}); give one name a line") from error
    found = [line.strip() for line in lines if line.strip()]
    if not found:
        raise RequestError(f"--samples {text!r}: the list is empty; give one name a line")
    return found


def _tell(calls: CohortCalls, kept: int, rows: int, out: Path) -> None:
    if kept:
        click.echo(f"{kept} genes were kept from the interrupted run", err=True)
    _tell_notes([f"{note.place} {note.locus}: {note.message}" for note in calls.notes])
    from nof1.report.words import counted

    told = f"{counted(rows, 'row')} for {counted(calls.set.people, 'person', 'people')}"
    click.echo(f"{told} and {counted(len(calls.genes), 'gene')}: {out}", err=True)


def _tell_notes(notes: list[str]) -> None:
    for note in notes[:_NOTES_SHOWN]:
        click.echo(f"note: {note}", err=True)
    if len(notes) > _NOTES_SHOWN:
        click.echo(f"note: and {len(notes) - _NOTES_SHOWN} more", err=True)
