"""Reads one person's files and returns the assessment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nof1.assessment.assay import SEXES
from nof1.assessment.assess import Person
from nof1.assessment.assess import assess as assess_person
from nof1.errors import OutsideCallError, RequestError
from nof1.genomics.array_letters import Strand
from nof1.genomics.assay import read_assay
from nof1.genomics.blocks import block
from nof1.genomics.genomes import GenomeSet
from nof1.genomics.outside_calls import OutsideCall, call_files, read_outside_calls
from nof1.genomics.shared_pass import SharedPass
from nof1.genomics.text import Window
from nof1.genomics.vcf import Quality
from nof1.jobs.joined import joined
from nof1.jobs.method import METHODS, Method, chosen
from nof1.jobs.person_findings import look_for, reported
from nof1.jobs.reading import Absent, described, reading
from nof1.jobs.records import Specimen, person_record
from nof1.jobs.software import software
from nof1.jobs.tested import check_sex, with_assay
from nof1.knowledge.compiled import knowledge as shipped_knowledge
from nof1.knowledge.panel import panels
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import Assessment
from nof1.model.genome import GenotypeBlock
from nof1.model.record import Record
from nof1.model.secondary import SecondaryReport

if TYPE_CHECKING:
    import numpy as np

    from nof1.jobs.assessed_scores import ScoresAsked
    from nof1.jobs.secondary_ahead import Ahead, Unasked
    from nof1.model.score_report import ScoreReport

_SEED = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about one person beyond the files: how genotypes are read and weighed, and what is declared.

    ``sample`` names the person where files hold several, ``patient`` where a record does. ``sex`` (male or female) is
    checked against the genome; without it the record's is. ``specimen``: ``germline`` or ``tumour``.
    """

    sample: str = ""
    method: str = METHODS[0]
    population: str = ""
    outside_calls: Sequence[Path | str] | Path | str | None = None
    absent: Absent = "unknown"
    callable_bed: Path | str | None = None
    assay: Path | str | None = None
    build: str = ""
    strand: Strand = ""
    sex: str = ""
    quality: Quality | None = None
    record: Sequence[Path | str] | Path | str | None = None
    patient: str = ""
    specimen: Specimen = "germline"


@dataclass(frozen=True, slots=True)
class Gathered:
    """One person's files as read: the person, settings, populations, and the genome set (``None`` without genome files)."""

    known: Knowledge
    person: Person
    ways: Method
    settings: dict[str, str]
    genome_set: GenomeSet | None
    blocks: dict[str, GenotypeBlock]
    sex: str
    ahead: Ahead | SecondaryReport | None = None
    shares: SharedPass | None = None


def assess(
    genomes: Sequence[Path | str] = (),
    *,
    drugs: Sequence[str] = (),
    classes: Sequence[str] = (),
    today: date | None = None,
    knowledge: Knowledge | None = None,
    progress: Callable[[int], None] | None = None,
    secondary: Unasked | None = None,
    scores: ScoresAsked | None = None,
    **asked: Any,
) -> Assessment:
    """The assessment of one person from genome files, a health record, or both.

    ``genomes`` VCF, gVCF, BCF or array files of that person; ``drugs`` narrows the advice and asks about them; ``classes``
    are classes of drugs to compare; ``today`` defaults to the current date. Everything else is a field of ``Asked``:
    ``record`` FHIR R4 files or folders of one person, ``method`` certain or named-allele, ``population`` the reference
    populations to weigh under (all by themselves when empty); ``outside_calls`` one file or several; ``absent`` says
    whether a position without a record is unknown or reference, ``assay`` is a laboratory's list of positions that are;
    ``strand`` is that of an array's letters; ``secondary`` (``nof1.jobs.secondary.Unasked``) asks for secondary findings,
    which need an opt-in; ``scores`` (``nof1.jobs.assessed_scores.ScoresAsked``) names polygenic scores, which only adults
    are given. Raises ``InputError`` for a file or request that is wrong, ``KnowledgeError`` for the knowledge.
    """
    day = today or date.today()
    what = wanted(asked)
    found = gathered(genomes, what, day, knowledge, progress, partial(look_for, genomes, what, day, secondary))
    made = assess_person(
        found.known,
        found.person,
        today=day.isoformat(),
        software=software(),
        settings=found.settings,
        drugs=drugs,
        asked=found.ways.asked if found.ways.name == "certain" else None,
        absent_is_reference=found.ways.absent_is_reference,
        classes=classes,
        randomness=generator,
    )
    made = with_assay(made, found.known, found.genome_set, found.blocks, found.sex) if found.genome_set else made
    identity = made.assay.get("identity", {})
    report = reported(found, genomes, what, identity, has_to=secondary is not None)
    made = joined(made, found.known, found.person.record, day, report)
    if scores is None:
        return made
    found = replace(found, genome_set=None, ahead=None, shares=None)  # a score of a million rows needs their memory
    return replace(made, scores=_scores(found, genomes, what, day, scores, progress))


def _scores(
    found: Gathered, genomes: Sequence[Path | str], asked: Asked, day: date, scores: ScoresAsked,
    progress: Callable[[int], None] | None,
) -> ScoreReport:  # fmt: skip
    """The polygenic scores that are named."""
    from nof1.jobs.assessed_scores import score_report  # loaded only where it is asked for

    bed = Path(asked.callable_bed) if asked.callable_bed else None
    how = reading(asked.absent, bed, asked.build, asked.quality, None, asked.strand)
    whose = replace(scores, specimen=asked.specimen, sex=found.sex)
    person, paths = found.person, [Path(path) for path in genomes]
    return score_report(found.known, paths, person.name, person.record, day, whose, how, progress)


def generator() -> np.random.Generator:
    """Draws begin anew for every drug, so that the same person gets the same answer."""
    import numpy

    return numpy.random.default_rng(_SEED)


def _check_declared(sex: str, record: Record | None) -> None:
    """``RequestError`` where the sex declared contradicts the record: one of them is about another person."""
    if sex and record is not None and record.sex in SEXES and record.sex != sex:
        raise RequestError(f"--sex says {sex}, the record says {record.sex}; check whose record it is, or leave --sex out")


def wanted(asked: Mapping[str, Any]) -> Asked:
    """What is asked, from keywords; ``RequestError`` for one that does not exist."""
    names = {field.name for field in fields(Asked)}
    if unknown := sorted(set(asked) - names):
        raise RequestError(f"{unknown[0]!r} is no option; choose from {', '.join(sorted(names))}")
    return Asked(**asked)


def gathered(
    genomes: Sequence[Path | str],
    asked: Asked,
    day: date,
    knowledge: Knowledge | None = None,
    progress: Callable[[int], None] | None = None,
    ahead: Callable[[Knowledge, Record | None, str], Ahead | SecondaryReport | None] | None = None,
) -> Gathered:
    """One person's files, read and named.

    ``ahead``: what else is asked of the genome, by knowledge, record and sex; both are answered by one reading.
    """
    known = knowledge or shipped_knowledge()
    ways = chosen(known, asked.method, asked.population, asked.absent)
    check_sex(asked.sex)
    record = person_record(known, asked.record, day, asked.patient, asked.specimen)
    _check_declared(asked.sex, record)
    sex = asked.sex or (record.sex if record and record.sex in SEXES else "")
    more = ahead(known, record, sex) if ahead is not None else None
    if not genomes:
        if record is None:
            raise RequestError("nothing to assess; give genome files, a record with --record, or both")
        calls = outside_by_gene(known, [read_outside_calls(path) for path in call_files(asked.outside_calls)], asked.sample)
        settings = {"genome": "none given", **ways.described(), **limits(ways)}
        person = Person(asked.sample or record.person or "patient", 0, {}, calls, (), (), record)
        return Gathered(known, person, ways, settings, None, {}, asked.sex, more)
    here, *also = panels(known)
    listed = read_assay(Path(asked.assay)).bound([here, *also]) if asked.assay else None
    regions = Path(asked.callable_bed) if asked.callable_bed else None
    how = reading(asked.absent, regions, asked.build, asked.quality, listed, asked.strand)
    shares = None
    if more is not None and not isinstance(more, SecondaryReport):
        loci = (locus for each in (here, *also) for locus in each.loci())
        shares = SharedPass([*more.windows(), *(Window(one.chromosome, one.position, one.end) for one in loci)])
    how = replace(how, array_name=asked.sample, shares=shares)
    genome_set = GenomeSet([Path(path) for path in genomes], here, how, [asked.sample] if asked.sample else [], also)
    name = one_person(genome_set)
    if asked.specimen == "germline":
        _refuse_tumours(genome_set, name)
    outside = outside_by_gene(known, [read_outside_calls(path) for path in call_files(asked.outside_calls)], name)
    genome_set.stream(progress)
    blocks: dict[str, GenotypeBlock] = {}
    for gene in genome_set.panel.genes:
        blocks[gene.gene] = block(genome_set.names, genome_set.sites(gene))
    genome_set.check_builds()
    person = Person(name, 0, blocks, outside, tuple(genome_set.notes), genome_set.described(), record)
    settings = described(how) | ways.described() | limits(ways)
    return Gathered(known, person, ways, settings, genome_set, blocks, sex, more, shares)


def one_person(genome_set: GenomeSet) -> str:
    """The only sample of the set; ``RequestError`` when there are several."""
    if genome_set.people > 1:
        shown = ", ".join(genome_set.names[:5]) + (", ..." if genome_set.people > 5 else "")
        raise RequestError(f"the files hold {genome_set.people} people ({shown}); name one with --sample")
    return genome_set.names[0]


def _refuse_tumours(genome_set: GenomeSet, name: str) -> None:
    """``RequestError`` where a file says that this sample is of a tumour: its genotypes are not the person's own."""
    for file in genome_set.files:
        if name in getattr(file, "tumour_samples", ()):
            raise RequestError(
                f"{file.path}: the sample {name!r} is of a tumour, as the file says; give the germline sample, or say "
                "--specimen tumour"
            )


def outside_by_gene(known: Knowledge, files: Sequence[Sequence[OutsideCall]], name: str) -> dict[str, list[OutsideCall]]:
    """The outside calls of person ``name`` by gene, from one file or several.

    A gene nobody knows is an error, except among the many that a tool lists. So is a file that has nothing to say.
    """
    found: dict[str, list[OutsideCall]] = {}
    for calls in files:
        mine = [call for call in calls if call.sample in ("", name)]
        if calls and not mine:
            others = ", ".join(sorted({call.sample for call in calls})[:3])
            raise OutsideCallError(f"{calls[0].place}: no line is for {name!r}; the table is about {others}")
        asked = [call for call in mine if call.gene in known.genes or not call.is_listed]
        if mine and not asked:
            listed = ", ".join(dict.fromkeys(call.gene[:20] for call in mine[:3]))
            raise OutsideCallError(
                f"{mine[0].place}: no gene here is in the knowledge ({listed}); see nof1 knowledge list genes"
            )
        for call in asked:
            if call.gene not in known.genes:
                raise OutsideCallError(
                    f"{call.place}: gene {call.gene!r} is not in the knowledge; see nof1 knowledge list genes"
                )
            found.setdefault(call.gene, []).append(call)
    return found


def limits(ways: Method) -> dict[str, str]:
    """The thresholds of the statuses, as printed; empty for a method that weighs nothing."""
    if ways.name != "certain":
        return {}
    levels = ways.certainty.thresholds
    return {"assured": f"at least {levels.assured:g}", "probable": f"at least {levels.probable:g}"}
