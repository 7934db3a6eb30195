"""What is known of secondary findings before a genome is opened: consent, tables, transcripts, places to be read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nof1.decision.situation import situation
from nof1.errors import RequestError
from nof1.genomics.fasta import Fasta
from nof1.genomics.provenance import source_of
from nof1.genomics.text import Overlap, Window
from nof1.jobs.carried import Place
from nof1.jobs.chosen_models import KNOWLEDGE, ChosenModels, chosen_models
from nof1.jobs.known_sites import GeneSites, known_sites
from nof1.jobs.reference import fasta_for
from nof1.jobs.signed_alleles import curated_alleles, signed_alleles
from nof1.knowledge.curation import CuratedVariant, read_policy
from nof1.knowledge.schema import Knowledge
from nof1.knowledge.secondary import SitePolicy
from nof1.knowledge.variant_index import VariantIndex
from nof1.knowledge.variant_store import opened, paths
from nof1.model.record import Record
from nof1.model.secondary import CARRIERS, FINDINGS, GenomeSource, SecondaryPerson, SecondaryReport, Sex
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, Assertion
from nof1.variants.secondary import secondary_findings

BUILD = "GRCh38"
_BESIDE = 5_000  # bases on either side of a transcript whose records are read: a change may be written away from where it is
_NO_TABLE = "no table of assertions was brought (nof1 knowledge add clinvar FILE)"


@dataclass(frozen=True, slots=True)
class Unasked:
    """What is said about secondary findings beyond the genome.

    ``consent``: reference to the recorded opt-in, ``carriers``: to that to carrier states; both are also read from the
    record. ``tables``: names of tables of assertions and frequencies, by default the newest of each kind that was brought.
    ``models``: whose gene models (``nof1.jobs.chosen_models``).
    """

    consent: str = ""
    carriers: str = ""
    tables: Sequence[str] = ()
    policy: Path | None = None
    curation: Path | None = None
    models: str = KNOWLEDGE


@dataclass(frozen=True, slots=True)
class Ahead:
    """Everything that a report rests on but the genome. ``curated`` and ``signed`` by allele; ``sites`` by gene."""

    known: Knowledge
    person: SecondaryPerson
    policy: SitePolicy | None
    tables: Sequence[VariantIndex]
    models: ChosenModels
    fasta: Fasta | None
    curated: Mapping[str, CuratedVariant]
    signed: Mapping[str, tuple[Place, Assertion]]
    sites: Mapping[str, GeneSites]

    @property
    def transcripts(self) -> tuple[Transcript, ...]:
        """The transcripts of the genes of the list."""
        return self.models.transcripts

    def windows(self) -> list[Window]:
        """All bases whose records are read: of transcripts and beside them, of known alleles elsewhere, of signed ones."""
        spans = [Window(one.chromosome, max(1, one.start - _BESIDE), one.end + _BESIDE) for one in self.transcripts]
        inside = Overlap(spans).touches
        elsewhere = (
            window for each in self.sites.values() for window in each.windows()
            if not all(inside(window.chromosome, base, base) for base in (window.start, window.end))
        )  # fmt: skip
        signed = (Window(place.chromosome, place.start, place.end) for place, _ in self.signed.values())
        return [*spans, *elsewhere, *signed]


def look_ahead(
    known: Knowledge, genomes: Sequence[Path], record: Record | None, today: date, asked: Unasked, sex: str = ""
) -> Ahead | SecondaryReport:
    """What a report rests on, or the report where nothing will be looked at. Without an opt-in no file is opened.

    Raises ``InputError`` for a file that cannot be read.
    """
    person = _person(known, record, today, asked, sex)
    policy = read_policy(asked.policy) if asked.policy else None
    if person.opted_in and not genomes:
        return not_analysed(known, "no genome file was given")
    if not person.opted_in:
        return secondary_findings((), {}, person, GenomeSource.SEQUENCE, known.secondary, known.criteria, policy)
    others = [told for path in genomes if (told := source_of(path))[0] is not GenomeSource.SEQUENCE]
    if others:
        return not_sequenced(known, person, policy, others)
    tables = _tables(asked.tables)
    if not any(table.header.kind == "clinvar" for table in tables):
        return not_analysed(known, _NO_TABLE)
    models = chosen_models(known.gene_models, known.secondary.genes, BUILD, asked.models)
    fasta = fasta_for(BUILD)
    curated = curated_alleles(known, asked.curation, fasta, today)
    signed, sites = signed_alleles(curated), _sites(known, tables, models.transcripts)
    _check_genes(signed, models.transcripts)
    return Ahead(known, person, policy, tables, models, fasta, curated, signed, sites)


def _check_genes(signed: Mapping[str, tuple[Place, Assertion]], transcripts: Sequence[Transcript]) -> None:
    """Raises ``RequestError`` where curators signed an allele under a gene in which it does not lie."""
    for key, (place, _) in signed.items():
        genes = {
            one.gene for one in transcripts if one.chromosome == place.chromosome and one.start <= place.start <= one.end
        }
        if genes and place.gene not in genes:
            raise RequestError(
                f"curation file: {key} is signed under {place.gene!r}, but lies in {', '.join(sorted(genes))}; correct it"
            )


def not_sequenced(
    known: Knowledge, person: SecondaryPerson, policy: SitePolicy | None, others: Sequence[tuple[GenomeSource, str]]
) -> SecondaryReport:
    """The report where genotypes come from something else than a sequence, with what says so."""
    made = secondary_findings((), {}, person, others[0][0], known.secondary, known.criteria, policy)
    return replace(made, notes=(*made.notes, *(words for _, words in others)))


def _sites(known: Knowledge, tables: Sequence[VariantIndex], transcripts: Sequence[Transcript]) -> dict[str, GeneSites]:
    """Alleles of each gene that would be a finding. Where one named change alone counts, that one."""
    found = dict(known_sites(tables, transcripts))
    for rule in known.secondary.rules.restrictions if known.secondary.rules else ():
        if rule.only_change is not None and rule.gene in found:
            chromosome, position, ref, alt = rule.only_change.allele.split(":")
            found[rule.gene] = found[rule.gene].only(Allele(chromosome, int(position), ref, alt))
    return found


def not_analysed(known: Knowledge, why: str) -> SecondaryReport:
    """A report that says why nothing was looked at."""
    nobody = secondary_findings((), {}, SecondaryPerson(), GenomeSource.SEQUENCE, known.secondary, known.criteria)
    return replace(nobody, notes=(f"none of these genes was analysed: {why}",))


def _person(known: Knowledge, record: Record | None, today: date, asked: Unasked, sex: str) -> SecondaryPerson:
    """Whom it is about. A consent that the record takes back holds, whatever is said beside it."""
    said = {one.code: one for one in record.opt_ins} if record else {}
    for code, stated in ((FINDINGS, asked.consent), (CARRIERS, asked.carriers)):
        if stated and code in said and not said[code].is_given:
            raise RequestError(
                f"the record says that {code} were refused ({said[code].place}); {stated!r} does not undo that"
            )
    given = {
        code: stated or (said[code].place if code in said and said[code].is_given else "")
        for code, stated in ((FINDINGS, asked.consent), (CARRIERS, asked.carriers))
    }
    told = sex or (record.sex if record else "")
    return SecondaryPerson(
        Sex(told) if told in (Sex.FEMALE, Sex.MALE) else Sex.UNKNOWN,
        _youngest(known, record, today),
        bool(given[FINDINGS]),
        bool(given[FINDINGS] and given[CARRIERS]),
        given[FINDINGS],
    )


def _youngest(known: Knowledge, record: Record | None, today: date) -> float:
    """The age in completed years; of a birth known by month or year the lowest it can be. NaN where none is known."""
    fact = situation(record, known.care, today).facts.get("age") if record is not None else None
    return math.nan if fact is None else float(fact.value)


def _tables(names: Sequence[str]) -> list[VariantIndex]:
    wanted = names or [kind for kind in ("clinvar", "gnomad") if paths(kind)]
    return [opened(name, BUILD) for name in wanted]
