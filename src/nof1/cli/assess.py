"""``nof1 assess``: one person's genome and record in; a terminal summary, JSON, a page and a FHIR bundle out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nof1.cli.assess_scores import score_options, scores_asked
from nof1.cli.files import write_all
from nof1.cli.options import FILE, ExampleCommand, asked, names, person_options, require_server
from nof1.cli.progress import counting
from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.jobs.assessed_scores import ScoresAsked
    from nof1.jobs.secondary_ahead import Unasked
    from nof1.model.findings import Assessment

_EXAMPLES = """
nof1 assess person.vcf.gz
nof1 assess person.g.vcf.gz --record bundle.json --out report
nof1 assess --record patient-folder/ --compare {class_}
nof1 assess chr10.vcf.gz chr22.vcf.gz --sample NA00001 --drugs "{drug},{drug2}" --out report
nof1 assess person.g.vcf.gz --population {population} --outside-calls typed.tsv --fhir
nof1 assess person.g.vcf.gz --record bundle.json --scores PGS000001 --score-panel panel.afreq.gz
"""


@click.command("assess", cls=ExampleCommand, epilog=_EXAMPLES)
@person_options
@click.option("--drugs", default="", help="Only these drugs, separated by commas.")
@click.option(
    "--compare", "classes", default="", metavar="CLASSES", help="Classes of drugs to compare, separated by commas."
)
@click.option(
    "--database",
    envvar="NOF1_DATABASE_URL",
    default="record.sqlite",
    show_default=True,
    help="With --patient alone: the record store that holds the patient, also from NOF1_DATABASE_URL.",
)
@click.option(
    "--secondary-findings",
    "consent",
    default="",
    metavar="CONSENT",
    help="Look at the genes of the list of secondary findings too. CONSENT: where the person's opt-in is recorded. A FHIR "
    "Consent in the record says the same.",
)
@click.option("--carrier-states", "carriers", default="", metavar="CONSENT", help="The same for carrier states.")
@click.option("--tables", default="", help="Tables for it, as clinvar@2026-11-01; the newest that were added by default.")
@click.option("--policy", type=FILE, help="A site's policy on secondary findings (YAML).")
@click.option("--curation", type=FILE, help="Classifications signed by the site's curators (YAML).")
@click.option(
    "--gene-models",
    "models",
    type=click.Choice(["knowledge", "added"]),
    default="knowledge",
    show_default=True,
    help="For it: transcripts of the knowledge, with added ones (nof1 knowledge add gene-models) for genes it lacks; or "
    "added ones first.",
)
@score_options
@click.option("--fhir", is_flag=True, help="Write bundle.json too: FHIR R4 after the Genomics Reporting guide.")
@click.option(
    "--report-status",
    type=click.Choice(["preliminary", "final", "corrected"]),
    default="preliminary",
    show_default=True,
    help="The laboratory's sign-out state, for the FHIR bundle.",
)
@click.option("--replaces", default="", metavar="REF", help="The report that a corrected one replaces.")
@click.option("--out", type=FILE, default=Path("nof1-report"), show_default=True, help="Folder for the files written.")
@click.option("--quiet", is_flag=True, help="Print the path of the page only.")
def command(**given: Any) -> None:
    """Assess one person: genome files, a health record, or both in; drug advice with its reasons out.

    Genomes are VCF, gVCF, BCF or array files (any number); the record is FHIR R4. Writes assessment.json and report.html
    (one self-contained page, with a part in plain words for the patient) into --out and prints a summary.

    With --patient ID and no files, the patient of a record store is assessed, with the genome attached there (nof1 record
    attach), and the result is written into the record.
    """
    if not given["fhir"] and (given["report_status"] != "preliminary" or given["replaces"]):
        raise RequestError("--report-status and --replaces say something about the FHIR bundle; add --fhir")
    drugs, classes, how = names(given["drugs"]), names(given["classes"]), asked(given)
    unasked, scores = _unasked(given), scores_asked(given)
    if how["patient"] and not given["genomes"] and not how["record"]:
        if unasked:
            raise RequestError("secondary findings are told from files; give genome files, and the record with --record")
        if scores:
            raise RequestError("polygenic scores are told from files; give genome files, and the record with --record")
        made = _stored(given["database"], how["patient"], drugs, classes, how)
    else:
        made = assessment(given["genomes"], drugs, classes, how, unasked, scores)
    page = write_report(made, given["out"], given["report_status"] if given["fhir"] else "", given["replaces"])
    if not given["quiet"]:
        from nof1.report.text import summary

        click.echo(summary(made, width=min(shutil.get_terminal_size((100, 24)).columns, 120)))
    click.echo(str(page))


def _stored(database: str, patient: str, drugs: list[str], classes: list[str], how: dict[str, Any]) -> Assessment:
    """The assessment of a patient of a record store."""
    from datetime import date

    require_server()
    from nof1.cli.record import audited, genomes_of, service_of
    from nof1.jobs.stored_assessment import assess_stored

    if refused := sorted(name for name in how if name in ("record", "outside_calls", "callable_bed", "assay") and how[name]):
        raise RequestError(f"--{refused[0].replace('_', '-')} belongs to files; attach them with nof1 record attach")
    kept = {
        name: value for name, value in how.items() if name in ("population", "method", "sex", "specimen", "absent", "build")
    }
    with service_of(database) as service:
        audited(service, "operation", f"Patient/{patient}", "assessment")
        found, _ = assess_stored(
            service, genomes_of(database), patient, today=date.today(), drugs=drugs, classes=classes, **kept
        )
    return found


def _unasked(given: dict[str, Any]) -> Unasked | None:
    """What is said about secondary findings; ``None`` for nothing."""
    said = any(given[name] for name in ("consent", "carriers", "tables", "policy", "curation"))
    if not said and given["models"] == "knowledge":
        return None
    from nof1.jobs.secondary_ahead import Unasked

    asked = given["consent"], given["carriers"], names(given["tables"]), given["policy"], given["curation"]
    return Unasked(*asked, models=given["models"])


def assessment(
    genomes: tuple[Path, ...],
    drugs: list[str],
    classes: list[str],
    how: dict[str, Any],
    secondary: Unasked | None = None,
    scores: ScoresAsked | None = None,
) -> Assessment:
    """The assessment, with a progress bar while a file without an index is read."""
    from nof1.jobs.one_person import assess

    with counting("records read:") as add:
        return assess(genomes, drugs=drugs, classes=classes, progress=add, secondary=secondary, scores=scores, **how)


def write_report(made: Assessment, out: Path, fhir_status: str = "", replaces: str = "") -> Path:
    """Write all files and return the path of the page; the FHIR bundle only with a status."""
    import msgspec

    from nof1.report.html import page

    texts = {"assessment.json": _json(msgspec.json.encode(made)), "report.html": page(made).encode()}
    if fhir_status:
        from nof1.report.fhir import bundle

        texts["bundle.json"] = _json(msgspec.json.encode(bundle(made, status=fhir_status, replaces=replaces)))
    write_all(out, texts)
    return out / "report.html"


def _json(raw: bytes) -> bytes:
    import msgspec

    return msgspec.json.format(raw, indent=1) + b"\n"
