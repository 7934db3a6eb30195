"""Polygenic scores of people whose genotypes come as records: read once for all scores, then each score by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nof1.errors import RequestError
from nof1.genomics.array_text import is_array
from nof1.genomics.genomes import Reading
from nof1.genomics.identity import X_ONLY
from nof1.genomics.score_genotypes import ScoreGenotypes, read_genotypes
from nof1.genomics.vcf import GenomeFile
from nof1.model.allele_codes import NO_SEQUENCE, Codes, chromosome_name, letters
from nof1.model.genome import Locus
from nof1.model.panel import Panel, PanelGene
from nof1.model.scores import FATE_WORDS, LAST_SCORED, Fate, Floats, Placement, PolygenicScore, ScoreAbout, ScoringFile
from nof1.risk.ancestry import adjusted, placements, placing_forest, projected, standardised, unshrunk
from nof1.risk.matching import match, weight_share
from nof1.risk.one_genome import Genotyped, RowAnswer, answer, frequencies, with_panel

if TYPE_CHECKING:
    from nof1.jobs.scoring import Beside, ScoreWishes
    from nof1.knowledge.score_panel import Loadings

NOT_RISK = (
    "A score ranks a person among others. It is no absolute risk, and nothing follows from it without a guideline and a "
    "calibration in people of matching ancestry."
)
_FEW_LOADINGS = 0.75


@dataclass(frozen=True, slots=True)
class PersonScores:
    """Scores of each person; ``matches``: by score, what became of each row in the first person."""

    samples: tuple[str, ...]
    build: str
    scores: tuple[tuple[PolygenicScore, ...], ...]
    matches: tuple[tuple[ScoringFile, Codes, RowAnswer], ...]
    files: tuple[tuple[str, str], ...]
    meaning: str = NOT_RISK


def score_people(
    paths: Sequence[Path],
    files: Sequence[ScoringFile],
    builds: Sequence[str],
    beside: Beside,
    reading: Reading,
    wishes: ScoreWishes,
    progress: Callable[[int], None] | None,
) -> PersonScores:
    """Every score of everybody in ``paths``."""
    build = _build(paths, builds, reading)
    wanted = [file.places(build) for file in files]
    places = [found for found in wanted if found is not None]
    asked = [*places, *([beside.loadings.variants.place] if beside.loadings else [])]
    joined = np.sort(np.concatenate([np.zeros(1, np.int64), *asked]))
    joined = joined[1:][np.diff(joined) > 0]
    panels = [_panel(files, name) for name in builds] if any(is_array(path) for path in paths) else []
    read = read_genotypes(paths, joined, reading, panels, [build], progress, wishes.sample)
    if len(read.samples) > 1 and wishes.sex:
        raise RequestError(f"--sex was given, but the files hold {len(read.samples)} people; name one with --sample")
    if beside.panel is not None and beside.panel.build not in ("", build):
        raise RequestError(f"the panel {beside.panel.name} is on {beside.panel.build}, the genome on {build}")
    if beside.loadings is not None and beside.loadings.build not in ("", build):
        raise RequestError(f"the loadings are on {beside.loadings.build}, the genome on {build}; give loadings on {build}")
    genotyped = with_panel(read.variants, read.copies, read.ploidy, read.places, read.reference, beside.panel)
    answers = [
        _answers(file, place, genotyped, beside, wishes, build, len(read.samples))
        for file, place in zip(files, places, strict=True)
    ]
    placed = _placed(read, genotyped, beside, wishes)
    rows = tuple(
        tuple(
            _written(file, rows[person], build, wishes, placed, person, beside)
            for file, rows in zip(files, answers, strict=True)
        )
        for person in range(len(read.samples))
    )
    first = tuple((file, place, rows[0]) for file, place, rows in zip(files, places, answers, strict=True))
    return PersonScores(read.samples, build, rows, first, read.files)


def _build(paths: Sequence[Path], builds: Sequence[str], reading: Reading) -> str:
    """The build that the places are taken on: that of the files, as asked, or the only one the scores have."""
    if any(is_array(path) for path in paths) and len(builds) > 1 and not reading.build:
        raise RequestError("the scores have positions on two builds; say with --build on which the array is")
    stated = next((build for path in paths if not is_array(path) and (build := GenomeFile(path).build)), "")
    asked = next((build for build in builds if reading.build and build.endswith(reading.build[-2:])), "")
    return stated or asked or builds[0]


def _panel(files: Sequence[ScoringFile], build: str) -> Panel:
    """The rows of scores as loci, chromosome by chromosome: what the reader of arrays asks for."""
    at: dict[int, tuple[str, set[str]]] = {}
    for file in files:
        places = file.places(build)
        assert places is not None
        for row in np.flatnonzero((file.refused == 0) & (places > 0) & (file.other != NO_SEQUENCE)).tolist():
            codes = {int(file.effect[row]), *file.others.get(row, (int(file.other[row]),))}
            name, alleles = at.setdefault(int(places[row]), (file.names[row], set()))
            alleles.update(text for code in codes if (text := letters(code)) != "...")
    genes: dict[int, list[Locus]] = {}
    for key in sorted(at):
        name, alleles = at[key]
        number, position = key >> 32, key & 0xFFFFFFFF
        ref, *alts = sorted(alleles, key=lambda text: (len(text), text))
        genes.setdefault(number, []).append(
            Locus(
                name if name.startswith("rs") else f"{number}:{position}",
                chromosome_name(number),
                position,
                ref,
                tuple(alts),
            )
        )
    return Panel(
        build,
        tuple(PanelGene(chromosome_name(number), chromosome_name(number), tuple(loci)) for number, loci in genes.items()),
    )


def _answers(
    file: ScoringFile, places: Codes, genotyped: Genotyped, beside: Beside, wishes: ScoreWishes, build: str, people: int
) -> list[RowAnswer]:
    matched = match(file, places, genotyped.variants, wishes.policy)
    frequency = frequencies(file, places, beside.panel, wishes.policy)
    only = X_ONLY.get(build)
    return [
        answer(file, places, matched, genotyped, frequency, person, wishes.sex, wishes.hemizygous, only)
        for person in range(people)
    ]


Placed = tuple[Floats, tuple[Placement, ...]]


def _placed(read: ScoreGenotypes, genotyped: Genotyped, beside: Beside, wishes: ScoreWishes) -> Placed | None:
    """Components and the most similar population of each person; ``None`` where no reference people were given."""
    if beside.people is None:
        return None
    if beside.components is not None:
        names, theirs = beside.components
        absent = next((name for name in read.samples if name not in names), "")
        if absent:
            raise RequestError(f"the table of components has no {absent!r}; names must be those of the genome file")
        components = theirs[[names.index(name) for name in read.samples]]
    else:
        assert beside.loadings is not None
        components = _components(read, genotyped, beside.loadings, wishes)
    if components.shape[1] < beside.people.pcs.shape[1]:
        raise RequestError(
            f"the person has {components.shape[1]} components, the reference people "
            f"{beside.people.pcs.shape[1]}; give the same ones"
        )
    forest = placing_forest(beside.people, np.random.default_rng(wishes.seed))
    return components, placements(forest, components, wishes.placing_share)


def _components(read: ScoreGenotypes, genotyped: Genotyped, loadings: Loadings, wishes: ScoreWishes) -> Floats:
    count = len(loadings.variants)
    zeros = np.zeros(count, np.int64)
    as_score = ScoringFile(
        ScoreAbout("loadings"), zeros, zeros, zeros, loadings.variants.allele[1::2], loadings.variants.allele[::2], {},
        np.zeros((count, 3)), np.zeros(count, np.uint8), ("",) * count, np.full(count, np.nan),
    )  # fmt: skip
    matched = match(as_score, loadings.variants.place, genotyped.variants, wishes.policy)
    dosage = np.full((len(read.samples), count), np.nan)
    seen = genotyped.copies[matched.column[matched.scored]].astype(float).T
    dosage[:, matched.scored] = np.where(seen < 0, np.nan, seen)
    share = float(np.isfinite(dosage).mean(axis=1).min())
    if share < _FEW_LOADINGS:
        raise RequestError(
            f"only {share:.0%} of the {count} variants with loadings have a genotype; a person cannot be placed by them "
            "(give a gVCF, or --callable, with --panel)"
        )
    plain = projected(dosage, loadings.frequency, loadings.weights)
    if loadings.singular is None:
        return plain
    length = (standardised(dosage, loadings.frequency) ** 2).sum(axis=1)
    return unshrunk(plain, length, loadings.singular)


def _written(
    file: ScoringFile,
    rows: RowAnswer,
    build: str,
    wishes: ScoreWishes,
    placed: Placed | None,
    person: int,
    beside: Beside,
) -> PolygenicScore:
    seen = rows.fate <= LAST_SCORED
    share = float(seen.mean())
    reason = _refusal(file, rows, share, wishes.policy.minimum_overlap)
    is_refused = bool(reason)
    about = file.about
    beside_people = None
    notes = [*about.notes, *_notes(file, rows, wishes)]
    if placed is not None and not is_refused and beside.people is not None:
        components, who = placed
        if about.id in beside.people.scores:
            try:
                value = np.array([rows.value])
                beside_people = adjusted(value, components[[person]], [who[person]], beside.people, about.id)[0]
            except ValueError as error:
                notes.append(f"not adjusted: {error}")
        else:
            notes.append(f"not adjusted: the reference people have no score {about.id}")
    return PolygenicScore(
        about.id, about.name, about.trait, None if is_refused else rows.value, reason,
        None if is_refused or rows.variance is None else float(np.sqrt(rows.variance)),
        len(file), int(seen.sum()), int(rows.imputed.sum()), share, weight_share(file, seen),
        about.licence or "none stated in the file", about.citation, about.digest, build, about.weights,
        {Fate(code).name: int(count) for code, count in zip(*np.unique(rows.fate, return_counts=True), strict=True)},
        beside_people, tuple(notes), None if is_refused else rows.lowest, None if is_refused else rows.highest,
    )  # fmt: skip


def _refusal(file: ScoringFile, rows: RowAnswer, share: float, least: float) -> str:
    """Why there is no sum, empty where there is one: too few rows, or none, whatever overlap was asked for."""
    if 0 < share >= least:
        return ""
    if not share:
        return f"none of the {len(file)} rows could be scored: {_why(rows)}"
    count = int((rows.fate <= LAST_SCORED).sum())
    return f"only {count} of {len(file)} rows ({share:.1%}) could be scored, {least:.0%} are needed: {_why(rows)}"


def _why(rows: RowAnswer) -> str:
    codes, counts = np.unique(rows.fate[rows.fate > LAST_SCORED], return_counts=True)
    order = np.argsort(-counts)[:3]
    return "; ".join(f"{int(counts[at])} {FATE_WORDS[Fate(codes[at])]}" for at in order)


def _notes(file: ScoringFile, rows: RowAnswer, wishes: ScoreWishes) -> list[str]:
    notes = []
    refused = [Fate(code) for code in np.unique(file.refused[file.refused > 0])]
    for fate in refused:
        lines = file.line[file.refused == fate]
        shown = ", ".join([*(str(line) for line in lines[:3].tolist()), *(["..."] if len(lines) > 3 else [])])
        what = fate.name.lower().replace("_", " ")
        notes.append(f"{len(lines)} rows are left out, {what} (line {shown})")
    if rows.haploid:
        counts = "one copy" if wishes.hemizygous == 1 else "two copies"
        notes.append(f"{rows.haploid} rows on the only copy of a chromosome: a carried allele counts as {counts}")
    if rows.left_as_written:
        notes.append(f"{rows.left_as_written} rows on X: sex was not declared, copies are taken as written")
    unknown = int(np.isin(rows.fate, (Fate.NOT_THERE, Fate.NO_GENOTYPE, Fate.REFERENCE_UNKNOWN)).sum()) - int(
        rows.imputed.sum()
    )
    if unknown > 0:
        notes.append(f"{unknown} rows were not seen and no panel gives their frequency: they add nothing to the sum")
    return notes
