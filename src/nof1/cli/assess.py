"""``nof1 assess``: one person's genome in; a terminal summary, JSON and a page out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from nof1.cli.files import write_all
from nof1.cli.options import FILE, ExampleCommand, method_options, names, quality, reading_options
from nof1.cli.progress import counting

if TYPE_CHECKING:
    from nof1.genomics.array_letters import Strand
    from nof1.genomics.vcf import Quality
    from nof1.jobs.one_person import Absent
    from nof1.model.findings import Assessment

_EXAMPLES = """
nof1 assess person.vcf.gz
nof1 assess chr10.vcf.gz chr22.vcf.gz --sample NA00001 --drugs "{drug},{drug2}" --out report
nof1 assess person.g.vcf.gz --population {population} --outside-calls typed.tsv
"""


@click.command("assess", cls=ExampleCommand, epilog=_EXAMPLES)
@click.argument("genomes", nargs=-1, required=True, type=FILE, metavar="GENOME...")
@click.option("--sample", default="", help="The person, where the files hold several.")
@click.option("--drugs", default="", help="Only these drugs, separated by commas.")
@click.option("--out", type=FILE, default=Path("nof1-report"), show_default=True, help="Folder for the JSON and the page.")
@click.option("--quiet", is_flag=True, help="Print the path of the page only.")
@click.option("--sex", default="", metavar="SEX", help="Declared sex, male or female: checked against X and Y.")
@method_options
@reading_options
def command(
    genomes: tuple[Path, ...],
    sample: str,
    drugs: str,
    out: Path,
    quiet: bool,
    sex: str,
    method: str,
    population: str,
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
    """Assess one person: VCF, gVCF, BCF or array files (any number) in, drug advice with its reasons out.

    Writes assessment.json and report.html (one self-contained page) into --out and prints a summary.
    """
    made = assessment(
        genomes,
        sample,
        names(drugs),
        absent,
        callable_bed,
        outside_calls,
        Declared(build, strand, sex, assay, method, population),
        quality(min_gq, min_dp, accept_filter),
    )
    page = write_report(made, out)
    if not quiet:
        from nof1.report.text import summary

        click.echo(summary(made, width=min(shutil.get_terminal_size((100, 24)).columns, 120)))
    click.echo(str(page))


class Declared(NamedTuple):
    """What the user says about the files beyond what they say themselves."""

    build: str = ""
    strand: Strand = ""
    sex: str = ""
    assay: Path | None = None
    method: str = "certain"
    population: str = ""


def assessment(
    genomes: tuple[Path, ...],
    sample: str,
    drugs: list[str],
    absent: Absent,
    callable_bed: Path | None,
    outside_calls: tuple[Path, ...],
    declared: Declared,
    thresholds: Quality,
) -> Assessment:
    """The assessment, with a progress bar while a file without an index is read."""
    from nof1.jobs.one_person import assess

    with counting("records read:") as add:
        return assess(
            genomes,
            sample=sample,
            drugs=drugs,
            absent=absent,
            callable_bed=callable_bed,
            outside_calls=outside_calls,
            assay=declared.assay,
            build=declared.build,
            strand=declared.strand,
            sex=declared.sex,
            method=declared.method,
            population=declared.population,
            quality=thresholds,
            progress=add,
        )


def write_report(made: Assessment, out: Path) -> Path:
    """Write both files and return the path of the page."""
    import msgspec

    from nof1.report.html import page

    json = msgspec.json.format(msgspec.json.encode(made), indent=1)
    write_all(out, {"assessment.json": json + b"\n", "report.html": page(made).encode()})
    return out / "report.html"
