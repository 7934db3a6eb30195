"""``nof1 annotate --allele``: an allele given by name, its normal form and other names, and what is known of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nof1.errors import RequestError
from nof1.genomics.contigs import canonical_build, chromosome
from nof1.genomics.fasta import Fasta
from nof1.jobs.allele_rows import rows_on
from nof1.jobs.chosen_models import KNOWLEDGE, ChosenModels, select_models
from nof1.jobs.consequences import consequences_on
from nof1.jobs.reference import MODELS_BUILD, fasta_for
from nof1.knowledge.asserted_rows import assertions_of
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.gene_models import GeneModels
from nof1.knowledge.variant_index import VariantIndex
from nof1.knowledge.variant_store import opened
from nof1.model.alignment import trim
from nof1.model.sequence import Window
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele, Assertion, Consequence, ObservedVariant, Zygosity
from nof1.variants.hgvs import coding_name, genomic_name
from nof1.variants.hgvs_read import Name, allele_of, parse
from nof1.variants.spdi import spdi

_WRITTEN = re.compile(r"((?:chr)?(?:[1-9]|1\d|2[0-2]|X|Y|MT?))([:-])([1-9]\d*)\2([ACGTN]+)\2([ACGTN]+)", re.IGNORECASE)
_ON_CHROMOSOME = re.compile(r"(?:chr)?(?:[1-9]|1\d|2[0-2]|X|Y|MT?)", re.IGNORECASE)
_FLANK = 1 << 16  # bases on either side, over which a change may be moved
_NOT_MOVED = "not moved to the left, since no reference that has the place was added: a table may know it at another place"
_NO_MODELS = "no transcripts on {}: those of the knowledge are on {} (nof1 knowledge add gene-models FILE)"


@dataclass(frozen=True, slots=True)
class TableSays:
    """What a table says of an allele: ``lines`` in words, none where it has no row."""

    table: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedAllele:
    """An allele that was named. Names that the sequence at hand does not decide are empty.

    ``is_normal``: it is left-aligned for certain. ``consequences``: on transcripts that it lies in.
    """

    given: str
    build: str
    allele: Allele
    is_normal: bool
    spdi: str
    hgvs_g: str
    consequences: tuple[Consequence, ...]
    tables: tuple[TableSays, ...]
    notes: tuple[str, ...] = ()


def named_alleles(
    given: Sequence[str], tables: Sequence[str] = (), *, build: str = "", folder: Path | None = None, models: str = KNOWLEDGE
) -> list[NamedAllele]:
    """Each of ``given`` (HGVS ``g.`` or ``m.``, SPDI, ``chr:position:REF:ALT``) by its names and what ``tables`` say of it.

    ``build`` is needed for names without an accession, on another build than GRCh38. Raises ``RequestError`` for what is no
    name, contradicts the reference or the build, or needs a sequence that is not at hand; ``NotInKnowledge`` for a table.
    """
    if build and not canonical_build(build):
        raise RequestError(f"build {build!r} is not known; write GRCh38 or GRCh37")
    known, at_hand = knowledge().gene_models, dict[str, _AtHand]()
    found = []
    for text in given:
        name = _parsed(text)
        contig, on = _placed(name, known, canonical_build(build) if build else "")
        if on not in at_hand:
            opened_tables = tuple(opened(one, on, folder) for one in tables)
            at_hand[on] = _AtHand(on, fasta_for(on), select_models(known, on, models), opened_tables)
        found.append(_named(name, contig, known, at_hand[on]))
    return found


@dataclass(frozen=True, slots=True)
class _AtHand:
    """What there is on one build."""

    build: str
    fasta: Fasta | None
    models: ChosenModels
    tables: tuple[VariantIndex, ...]


def _named(name: Name, contig: str, known: GeneModels, here: _AtHand) -> NamedAllele:
    on, fasta, chosen = here.build, here.fasta, here.models
    window = _window(name, contig, fasta)
    is_at_hand = window.holds(name.first, max(name.first, name.last))
    allele, is_normal = (allele_of(name, contig, window), True) if is_at_hand else _as_written(name, contig, on, fasta)
    if not is_at_hand and is_normal:
        window = Window(contig, allele.position, allele.ref)
    accession = known.accession(contig, on)
    there = [one for one in chosen.transcripts if _is_in(one, allele)]
    notes = [] if is_normal else [_NOT_MOVED]
    notes += [] if chosen.transcripts else [_NO_MODELS.format(on, MODELS_BUILD)]
    return NamedAllele(
        name.text,
        on,
        allele,
        is_normal,
        spdi(allele, accession, window) if is_normal else "",
        genomic_name(allele, accession, window) if is_normal else "",
        tuple(_consequence(one, allele, fasta, known, window) for one in there),
        tuple(_said(table, allele) for table in here.tables),
        (*notes, *(chosen.notes if there else ())),
    )


def _parsed(text: str) -> Name:
    """The name; ``chr:position:REF:ALT`` and ``chr-position-REF-ALT`` too, the position counted from 1."""
    given = text.strip()
    if (match := _WRITTEN.fullmatch(given)) is None:
        if given.count(":") == 3 and _ON_CHROMOSOME.fullmatch(given.partition(":")[0]):
            raise RequestError(f"{given!r}: write chr:position:REF:ALT, counted from 1, with bases; SPDI has an accession")
        return parse(text)
    first, ref, alt = int(match[3]), match[4].upper(), match[5].upper()
    return Name(match[1], "delins", first, first + len(ref) - 1, ref, alt, text=given)


def _placed(name: Name, known: GeneModels, build: str) -> tuple[str, str]:
    """The chromosome (``chr`` style) and build of a name."""
    if _ON_CHROMOSOME.fullmatch(name.accession):
        return _inside(name, chromosome(name.accession), build or MODELS_BUILD, known)
    contig, builds = known.place(name.accession)
    if not contig:
        stem = name.accession.partition(".")[0] + "."
        alike = [f"{row.accession} ({row.build})" for row in known.chromosomes if row.accession.startswith(stem)]
        hint = " or ".join(dict.fromkeys(alike)) or "the RefSeq accession of a chromosome, as NC_000017.11, or chr17"
        raise RequestError(f"{name.text!r}: {name.accession} is no chromosome of GRCh38 or GRCh37; write {hint}")
    if build and build not in builds:
        raise RequestError(f"{name.text!r} is on {builds[0]}, not on {build}; leave the build out, or give the other name")
    return _inside(name, contig, build or (MODELS_BUILD if MODELS_BUILD in builds else builds[0]), known)


def _inside(name: Name, contig: str, on: str, known: GeneModels) -> tuple[str, str]:
    """The place, as long as the chromosome has it."""
    length = next((row.length for row in known.chromosomes if (row.chromosome, row.build) == (contig, on)), 0)
    if length and name.last > length:
        raise RequestError(f"{name.text!r}: {contig} of {on} has {length:,} bases; is it of another build?")
    return contig, on


def _window(name: Name, contig: str, fasta: Fasta | None) -> Window:
    """What is at hand around the place; a base that is replaced by others is known from its name."""
    if fasta is not None:
        found = fasta.window(contig, max(1, name.first - _FLANK), name.last + _FLANK)
        if found.holds(name.first, max(name.first, name.last)):
            return found
    return Window(contig, name.first, "")


def _as_written(name: Name, contig: str, build: str, fasta: Fasta | None) -> tuple[Allele, bool]:
    """The allele without a reference, where both alleles are written out; whether that is its normal form for certain."""
    if not (name.deleted and name.inserted and name.kind in ("substitution", "delins")):
        why = f"{fasta.path.name} lacks the place" if fasta is not None else f"no reference on {build} was added"
        raise RequestError(
            f"{name.text!r} needs the bases around it, and {why}: bring them with nof1 knowledge add fasta FILE, or write "
            "it as chr:position:REF:ALT"
        )
    if len(name.deleted) != name.last - name.first + 1:
        raise RequestError(
            f"{name.text!r} names {len(name.deleted)} bases for {name.first}-{name.last}; correct one of them"
        )
    if name.deleted == name.inserted:
        raise RequestError(f"{name.text!r} changes nothing against the reference")
    position, ref, alt = trim(name.first, name.deleted, name.inserted)
    return Allele(contig, position, ref, alt), len(ref) == len(alt)


def _is_in(transcript: Transcript, allele: Allele) -> bool:
    last = allele.position + len(allele.ref) - 1
    return transcript.chromosome == allele.chromosome and transcript.is_near(allele.position, last)


def _consequence(one: Transcript, allele: Allele, fasta: Fasta | None, known: GeneModels, window: Window) -> Consequence:
    """What the allele does on a transcript; its name there too where only that can be told."""
    observed = ObservedVariant(allele, one.gene, Zygosity.UNKNOWN)
    found = consequences_on([one], [observed], fasta, known)[0][0]
    is_covered = window.holds(allele.position, allele.position + len(allele.ref) - 1)
    return found if found.hgvs_c or not is_covered else replace(found, hgvs_c=coding_name(allele, one, window))


def _said(table: VariantIndex, allele: Allele) -> TableSays:
    name = f"{table.header.kind} {table.header.edition}"
    rows = rows_on(table, allele)
    if not rows:
        _agrees(table, allele, name)
    return TableSays(name, tuple(line for row in rows for line in _lines(table, row)))


def _agrees(table: VariantIndex, allele: Allele, name: str) -> None:
    """Raises ``RequestError`` where the table has another base at the place: the allele is of another build."""
    first = np.frombuffer(allele.ref[:1].encode("ascii"), np.uint8)
    if table.contradicted(table.numbers([allele.chromosome]), np.array([allele.position]), first)[0] < 0:
        place = f"{allele.chromosome}:{allele.position}"
        raise RequestError(
            f"{place}: REF begins with {allele.ref[0]}, {name} has another base there; is it of another build?"
        )


def _lines(table: VariantIndex, row: int) -> Iterator[str]:
    """What one row says: assertions in words; of other tables every column that holds something."""
    assertions = assertions_of(table, row)
    yield from map(_asserted, assertions)
    if not assertions:
        told = ((name, column.text(row)) for name, column in table.columns.items())
        yield ", ".join(f"{name} {text}" for name, text in told if text)


def _asserted(one: Assertion) -> str:
    parts = [
        f"{one.origin}: {one.classification}, {one.stars} of 4 review stars",
        "low penetrance" if one.is_low_penetrance else "",
        ", ".join(f"{count} {name}" for name, count in one.counts.items()),
        one.gene.replace("|", ", "),
        ", ".join(one.conditions),
        f"id {one.id}" if one.id else "",
    ]
    return "; ".join(part for part in parts if part)


def allele_lines(found: NamedAllele) -> Iterator[str]:
    """The answer as lines of text."""
    allele = found.allele
    yield f"{found.given} on {found.build}"
    yield f"  VCF   {allele.chromosome}:{allele.position}:{allele.ref}:{allele.alt}"
    for title, name in (("SPDI", found.spdi), ("HGVS", found.hgvs_g)):
        yield f"  {title}  {name or 'not told without the bases around it'}"
    for one in found.consequences:
        yield f"  {one.transcript} ({one.gene}): {_consequence_words(one)}"
    for table in found.tables:
        yield from (f"  {table.table}: {line}" for line in table.lines or ("no row on this allele",))
    yield from (f"  ! {note}" for note in found.notes)


def _consequence_words(one: Consequence) -> str:
    decay = f"nonsense-mediated decay {one.decay}" if one.decay else ""
    names = " ".join(name for name in (one.hgvs_c.rpartition(":")[2], one.hgvs_p) if name)
    exon = f"exon {one.exon}" if one.exon else ""
    parts = (names, ", ".join(one.terms).replace("_", " ") or one.reason, exon, decay)
    return "; ".join(part for part in parts if part)
