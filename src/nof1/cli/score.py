"""``nof1 score``: polygenic scores of people, from scoring files that a user brings."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nof1.cli.files import write_file
from nof1.cli.options import FILE, quality
from nof1.cli.progress import counting
from nof1.errors import RequestError

if TYPE_CHECKING:
    from nof1.jobs.score_cohort import CohortScores
    from nof1.jobs.score_person import PersonScores

_EXAMPLES = """
Examples:

\b
  nof1 score person.g.vcf.gz --score PGS000001_hmPOS_GRCh38.txt.gz --panel panel.afreq.gz --adult
  nof1 score person.g.vcf.gz --score score.txt --panel panel.afreq --adult --matches rows.tsv --json scores.json
  nof1 score biobank.bed --score score.txt --build GRCh37 --adult --out scores.tsv
  nof1 score biobank.pgen --score score.txt --build GRCh37 --adult --out scores.tsv
"""


@click.command("score", epilog=_EXAMPLES)
@click.argument("genomes", nargs=-1, type=FILE, metavar="GENOME...")
@click.option(
    "--score", "scores", multiple=True, metavar="FILE|ID", help="A scoring file or a kept one. May be given again."
)
@click.option("--panel", type=FILE, help="Frequencies of alleles in a reference panel (.afreq or a table).")
@click.option("--reference", type=FILE, help="People of a reference panel: population, components, their scores.")
@click.option("--components", type=FILE, help="Components of the people asked about, on the reference's axes.")
@click.option("--loadings", type=FILE, help="Loadings of variants, to work these components out.")
@click.option("--adult", is_flag=True, help="Declares that the people are adults; scores are given to adults only.")
@click.option("--born", default="", metavar="DATE", help="Date of birth, in place of --adult.")
@click.option("--sample", default="", help="The person, where the genome files hold several.")
@click.option(
    "--sex",
    type=click.Choice(["", "male", "female"]),
    default="",
    metavar="SEX",
    help="male or female, for rows on X and Y.",
)
@click.option("--build", default="", help="Build of genome files whose header does not say: GRCh38 or GRCh37.")
@click.option("--score-build", default="", help="Build of a scoring file's positions where its header does not say.")
@click.option("--absent", type=click.Choice(["unknown", "reference"]), default="unknown", show_default=True,
              help="What a position without a record means.")  # fmt: skip
@click.option("--callable", "callable_bed", type=FILE, help="BED of regions looked at: inside, no record means reference.")
@click.option("--strand", type=click.Choice(["", "forward", "reverse", "per-row"]), default="", metavar="STRAND",
              help="Strand of an array's letters: forward, reverse or per-row.")  # fmt: skip
@click.option("--min-gq", type=click.FloatRange(0), default=20.0, show_default=True, help="Lowest GQ used, where given.")
@click.option("--min-dp", type=click.IntRange(0), default=8, show_default=True, help="Lowest DP used, where given.")
@click.option("--accept-filter", multiple=True, metavar="NAME", help="A FILTER value to accept besides PASS and '.'.")
@click.option("--ambiguous", type=click.Choice(["exclude", "forward"]), default="exclude", show_default=True,
              help="A/T and C/G rows: leave them out, or take them as written on the forward strand.")  # fmt: skip
@click.option("--min-overlap", type=click.FloatRange(0, 1), default=0.75, show_default=True,
              help="Share of a score's rows that must be seen.")  # fmt: skip
@click.option("--hemizygous", type=click.IntRange(1, 2), default=1, show_default=True,
              help="Copies that an allele on the only copy of a chromosome counts.")  # fmt: skip
@click.option("--json", "json_out", type=FILE, metavar="OUT", help="Write the scores of persons as JSON.")
@click.option("--out", type=FILE, metavar="TABLE", help="Write the scores of a PLINK set's people as a table.")
@click.option("--matches", type=FILE, metavar="TABLE", help="Write what became of each row of each scoring file.")
def command(**given: Any) -> None:
    """Add up polygenic scores, with what was not seen and how much it may matter.

    Nothing is scored unless it is asked for, and only for adults. A score is no absolute risk and leads to no action by
    itself.
    """
    found = _found(given)
    from nof1.jobs.score_person import PersonScores
    from nof1.jobs.score_tables import match_table

    if given["matches"]:
        write_file(given["matches"], "--matches", match_table(found).encode())
    if isinstance(found, PersonScores):
        _tell_persons(found, given["json_out"])
    else:
        _write_many(found, given["out"])


def _found(given: dict[str, Any]) -> PersonScores | CohortScores:
    if given["out"] and given["json_out"]:
        raise RequestError("--json is for persons, --out for a PLINK set; give one of them")
    if math.isnan(given["min_overlap"]):
        raise RequestError("--min-overlap is not a number; write a share from 0 to 1")
    from nof1.jobs.reading import reading
    from nof1.jobs.scoring import ScoreWishes, is_set, score
    from nof1.risk.matching import MatchingPolicy

    with_set = any(is_set(path) for path in given["genomes"] if path.is_file())
    if given["out"] and not with_set:
        raise RequestError("--out is for a PLINK set; write the scores of persons with --json")
    if with_set and not given["out"]:
        raise RequestError("the scores of a PLINK set are written as a table; name it with --out")
    wishes = ScoreWishes(
        given["adult"], _day(given["born"]), date.today(), given["sex"], given["sample"], given["score_build"],
        given["hemizygous"], MatchingPolicy(given["ambiguous"], True, given["min_overlap"]),
    )  # fmt: skip
    numbers = quality(given["min_gq"], given["min_dp"], given["accept_filter"])
    how = reading(given["absent"], given["callable_bed"], given["build"], numbers, None, given["strand"])
    with counting("records read:") as add:
        return score(
            given["genomes"], given["scores"], panel=given["panel"], reference=given["reference"],
            components=given["components"], loadings=given["loadings"], reading=how, wishes=wishes, progress=add,
        )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise RequestError(f"--born is {text!r}; write YYYY-MM-DD") from None


def _tell_persons(found: PersonScores, json_out: Path | None) -> None:
    from nof1.report.scores_text import scores_text

    for name, scores in zip(found.samples, found.scores, strict=True):
        click.echo(scores_text(name, scores, found.meaning))
    if json_out:
        import msgspec

        people = [{"person": name, "scores": scores} for name, scores in zip(found.samples, found.scores, strict=True)]
        document = {"build": found.build, "files": found.files, "meaning": found.meaning, "people": people}
        write_file(json_out, "--json", msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
        click.echo(str(json_out))
    if all(score.value is None for scores in found.scores for score in scores):
        raise RequestError("no score could be given; the lines above say why")


def _write_many(found: CohortScores, out: Path) -> None:
    from nof1.jobs.score_tables import score_table
    from nof1.report.markup import clean

    write_file(out, "--out", score_table(found).encode())
    for number, (file, matching) in enumerate(zip(found.files, found.matches, strict=True)):
        licence = clean(file.about.licence) or "none stated in the file"
        count = int(matching.scored.sum())
        click.echo(f"{file.about.id}: {count} of {len(file)} rows on {found.build}, licence: {licence}")
        without = len(found.samples) - int(found.enough[:, number].sum())
        if without:
            click.echo(f"  {without} of {len(found.samples)} people have too few genotypes of these rows: no value")
        if unknown := int(found.totals.unknown[:, number].sum()):
            click.echo(f"  {unknown} missing genotypes have no frequency: they add nothing")
    click.echo(str(out))
