"""Polygenic scores of the person of an assessment: only those named by the user, only of adults, never a reason to act."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nof1.decision.situation import Situation, situation
from nof1.errors import RequestError
from nof1.genomics.genomes import Reading
from nof1.genomics.provenance import source_of
from nof1.jobs.score_person import NOT_RISK, PersonScores
from nof1.jobs.scoring import ScoreWishes, score
from nof1.knowledge.schema import Knowledge
from nof1.model.record import Record
from nof1.model.score_report import ScoreReport, ScoreStanding
from nof1.model.secondary import GenomeSource

CODE = "polygenic-scores"
_KNOWN_BY = {  # what is to be known of genotypes that are no sequence's
    GenomeSource.ARRAY: "not confirmed by a laboratory, and what the array does not hold was not seen",
    GenomeSource.IMPUTED: "what was guessed counts as seen, and how unsure it is, is not in the sum",
}


@dataclass(frozen=True, slots=True)
class ScoresAsked:
    """What is asked: ``names`` of kept scores or scoring files, and what they are compared with (see ``nof1.score``).

    ``is_adult``: declared, for a person whose date of birth no record tells. ``sex`` and ``specimen`` as of the assessment.
    """

    names: Sequence[str]
    is_adult: bool = False
    panel: Path | None = None
    reference: Path | None = None
    components: Path | None = None
    loadings: Path | None = None
    sex: str = ""
    specimen: str = "germline"


def score_report(
    known: Knowledge,
    genomes: Sequence[Path],
    sample: str,
    record: Record | None,
    today: date,
    asked: ScoresAsked,
    reading: Reading,
    progress: Callable[[int], None] | None = None,
) -> ScoreReport:
    """The scores that ``asked`` names, of the person ``sample``; withheld where the person is no adult or the genome
    may be somebody else's.

    Raises ``RequestError`` where the record says that scores were refused, and ``InputError`` for a file that cannot be
    used.
    """
    if asked.specimen == "tumour":
        raise RequestError("polygenic scores are of the genome a person is born with; DNA of a tumour does not tell it")
    _require_no_refusal(record)
    here = situation(record, known.care, today) if record is not None else None
    adult, reason = _adult(known, here, asked)
    reason = reason or _blocked(known, here) or _dead(record)
    if reason:
        return ScoreReport(ScoreStanding.WITHHELD, tuple(asked.names), NOT_RISK, reason=reason)
    if not genomes:
        raise RequestError("polygenic scores need a genome file; without one leave --scores out")
    found = score(
        genomes, asked.names, panel=asked.panel, reference=asked.reference, components=asked.components,
        loadings=asked.loadings, reading=replace(reading, array_name=sample),
        wishes=ScoreWishes(are_adults=True, sex=asked.sex, sample=sample), progress=progress,
    )  # fmt: skip
    assert isinstance(found, PersonScores)  # a PLINK set was no genome file for the assessment either
    return ScoreReport(
        ScoreStanding.CALCULATED,
        tuple(asked.names),
        found.meaning,
        found.scores[0],
        adult=adult,
        panel=asked.panel.name if asked.panel else "",
        notes=tuple(_source_notes(genomes)),
    )


def _source_notes(genomes: Sequence[Path]) -> Iterator[str]:
    for path in genomes:
        source, words = source_of(path)
        if source in _KNOWN_BY:
            yield f"{words}: {_KNOWN_BY[source]}"


def _require_no_refusal(record: Record | None) -> None:
    said = next((one for one in record.opt_ins if one.code == CODE), None) if record is not None else None
    if said is not None and not said.is_given:
        raise RequestError(f"the record says that {CODE} were refused ({said.place}); --scores does not undo that")


def _adult(known: Knowledge, here: Situation | None, asked: ScoresAsked) -> tuple[str, str]:
    """How it is known that the person is an adult, or why scores are withheld; what the record says of age wins."""
    policy = known.care.policy
    adult = policy.adult_age if policy else 0
    fact = here.facts.get("age") if here is not None else None
    if fact is not None:
        if fact.value >= adult:
            return fact.words, ""
        return "", f"the person's age is {fact.words}; polygenic scores are given to adults only ({adult} years)"
    if asked.is_adult:
        return "declared", ""
    return "", (
        "the person's age is not known, and polygenic scores are given to adults only: a record with the date of birth "
        "shows it, --adult declares it"
    )


def _blocked(known: Knowledge, here: Situation | None) -> str:
    """Why the whole genotype does not hold for the person (a transplant of stem cells); empty where nothing says so."""
    for block in known.care.policy.blocks if here is not None and known.care.policy else ():
        fact = here.facts.get(block.condition) if here is not None else None
        if "genotype" in block.what and not block.genes and fact is not None and fact.value:
            return f"the genome is not used because of {fact.words}: {block.advice}"
    return ""


def _dead(record: Record | None) -> str:
    has_died = record is not None and (record.died is not None or bool(record.details.get("is_dead")))
    return "the record says that the person has died" if has_died else ""
