"""Haplotype counts and published frequencies derived a second time: counted anew from the panel, read anew from the table.

Two decisions of this reading. A position is one the panel has when a record there changes it, whatever the alternative: the
place was looked at. Inside the span of an insertion or deletion a substitution says nothing about its length and is left to
its own position.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pgx_source as source
import pytest
from cyvcf2 import VCF, Variant

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.schema import Allele, Position

pytestmark = source.needs_data
DEEP, PHASE3 = source.DATA / "pgx/kgp_3202_grch38", source.DATA / "pgx/kgp_grch37"
FREQUENCIES = source.DATA / "terms/allele_freq"
PUBLISHED = FREQUENCIES / "cpic_pharmgkb_9group_allele_freq_via_panno2022.tsv"
GENES = sorted(name for name, gene in knowledge().genes.items() if set(gene.file.call.methods) - {"outside"})
COUNTED = [name for name in GENES if knowledge().genes[name].haplotypes]
COMMON, APART = 0.2, 2000  # lowest frequency of the rarer allele; bases between sites
OPPOSITE = 2  # most opposite homozygotes of parent and child, genotyping errors included
Event = tuple[int, str, str]  # first changed base, bases removed, bases added


def event(start: int, ref: str, alt: str) -> Event:
    """A change in its shortest form."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


@dataclass(frozen=True)
class Place:
    """A position of the knowledge in the coordinates of one panel. ``documented``: event -> its letters in the knowledge."""

    id: str
    start: int
    end: int
    documented: dict[Event, str]
    ref: str
    ours: str
    is_indel: bool

    def letters(self, found: Event) -> str | None:
        """What a change makes of the position: documented letters, ``?`` for others, None if it is about something else."""
        if found in self.documented:
            return self.documented[found]
        start, removed, added = found
        if self.is_indel and len(removed) == len(added):
            return None
        first = self.start + 1 if self.is_indel else self.start
        reaches = first <= start <= self.end if self.is_indel else False
        return "?" if reaches or (start <= self.end and start + len(removed) > first) else None


def place(row: Position, is_37: bool) -> Place:
    start, ref = (row.position_37, row.ref_37) if is_37 else (row.position, row.ref)
    texts = {row.ref, *row.alts} - {ref}
    lengths = {len(text) for text in (ref, *texts)}
    last = start + max(len(row.span), len(ref)) - 1
    return Place(row.id, start, last, {event(start, ref, text): text for text in texts}, ref, row.ref, len(lengths) > 1)


@cache
def members() -> dict[str, tuple[str, str]]:
    """The 2,504 people of phase 3: name -> (population, sex)."""
    listed = {
        row["sample"]: (row["super_pop"], row["gender"]) for row in source.table(FREQUENCIES / "1000G_samples_panel.tsv")
    }
    return {name: listed[name] for name in VCF(str(PHASE3 / "DPYD.vcf.gz")).samples}


@cache
def recount(gene: str) -> tuple[frozenset[str], dict[frozenset[str], Counter[str]]]:
    """Positions the panel has, and how often each population shows each whole haplotype."""
    is_37 = not (DEEP / f"{gene}.vcf.gz").exists()
    path = (PHASE3 if is_37 else DEEP) / f"{gene}.vcf.gz"
    if not path.exists():
        return frozenset(), {}
    left = set(knowledge().certainty.panel.left_out)
    file = VCF(str(path), samples=[name for name in members() if name not in left])
    gone = np.zeros(len(file.samples), dtype=bool)
    shown: dict[str, np.ndarray] = {}
    for row in knowledge().genes[gene].positions:
        if row.used == "yes" and (row.position_37 or not is_37):
            here = place(row, is_37)
            found = letters(file, here, gone)
            if found is not None:
                shown[row.id] = np.where(found == row.ref, "", found)
                gone |= (found == "?").any(axis=1)
    return frozenset(shown), tallied(file.samples, shown, gone)


def letters(file: VCF, here: Place, gone: np.ndarray) -> np.ndarray | None:
    """(people, 2) letters at a position, None where no record speaks; ``-`` for the strand that a man has not."""
    found = np.full((len(file.samples), 2), here.ref, dtype=object)
    spoke = False
    for record in file(f"{file.seqnames[0]}:{here.start}-{here.end}"):
        read = {index: here.letters(event(record.POS, record.REF, text)) for index, text in enumerate(record.ALT, start=1)}
        if any(read.values()):
            spoke = True
            written(record, read, found, here.ref, gone)
    return found if spoke else None


def written(record: Variant, read: dict[int, str | None], found: np.ndarray, ref: str, gone: np.ndarray) -> None:
    genotypes = record.genotype.array()
    strands = genotypes[:, :2]
    gone |= (strands == -1).any(axis=1)
    gone |= (genotypes[:, 2] == 0) & (strands[:, 0] != strands[:, 1]) & (strands[:, 1] != -2)
    found[strands == -2] = "-"
    for index, text in read.items():
        carried = strands == index
        if text is not None:
            found[carried] = np.where(found[carried] == ref, text, "?")


def tallied(names: list[str], shown: dict[str, np.ndarray], gone: np.ndarray) -> dict[frozenset[str], Counter[str]]:
    counts: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
    for person in np.flatnonzero(~gone):
        population, sex = members()[names[person]]
        for strand in (0, 1):
            texts = {name: found[person, strand] for name, found in shown.items()}
            if "-" in texts.values():
                assert sex == "male" and set(texts.values()) == {"-"}, names[person]
                continue
            counts[frozenset(f"{name}:{text}" for name, text in texts.items() if text)][population] += 1
    return dict(counts)


@pytest.mark.parametrize("gene", GENES)
def test_every_haplotype_is_counted_as_often_as_here(gene: str) -> None:
    positions, counts = recount(gene)
    frequencies = knowledge().genes[gene].frequencies
    counted = frequencies.counted if frequencies else None
    assert positions == frozenset(counted.positions if counted else ())
    ours = {}
    for row in knowledge().genes[gene].haplotypes:
        tokens = frozenset(row.haplotype.split()) - {"reference"}
        assert tokens not in ours, f"{row.haplotype} twice"
        ours[tokens] = {
            code: int(number) for code, number in (text.split(":") for text in row.counts.split()) if int(number)
        }
    assert ours == ({tokens: dict(number) for tokens, number in counts.items()} if positions else {})


@pytest.mark.parametrize("gene", COUNTED)
def test_tokens_name_what_differs_from_the_reference_of_positions(gene: str) -> None:
    """A panel of another build has another reference at some positions; the counts must not be written against that one."""
    reference = {f"{row.id}:{row.ref}" for row in knowledge().genes[gene].positions}
    for row in knowledge().genes[gene].haplotypes:
        assert not reference & set(row.haplotype.split()), row.haplotype


def test_men_have_one_haplotype_where_the_gene_is_on_x() -> None:
    left = set(knowledge().certainty.panel.left_out)
    people = [sex for name, (_, sex) in members().items() if name not in left]
    for gene in COUNTED:
        total = sum(sum(count.values()) for count in recount(gene)[1].values())
        is_on_x = knowledge().genes[gene].file.chromosome.endswith("X")
        most = sum(1 if is_on_x and sex == "male" else 2 for sex in people)
        assert 0.8 * most < total <= most, gene


def number(cell: str) -> float | None:
    """A cell of the table: ``NA<=1e-5`` is "not available" merged with "very small", so nothing is known."""
    return None if cell.startswith("NA") else float(cell)


@cache
def published() -> dict[tuple[str, str], dict[str, float | None]]:
    """(gene, allele) -> group -> frequency; rows that are marked unusable are not there."""
    groups = sorted({group for item in knowledge().certainty.populations for group in item.published_as})
    return {
        (row["gene"], row["allele"]): {group: number(row[group]) for group in groups}
        for row in source.table(PUBLISHED)
        if row["usable"] == "yes"
    }


def in_table(gene: str, allele: Allele) -> dict[str, float | None] | None:
    """The row of the table about an allele; one with a single position may be called there by its base."""
    rows = knowledge().genes[gene].positions
    base = allele.variants.rpartition(":")[2] if allele.variants != "reference" else rows[0].ref
    names = [allele.name, base] if len(rows) == 1 else [allele.name]
    return next((published()[gene, name] for name in names if (gene, name) in published()), None)


def wanted(gene: str) -> dict[str, dict[str, float | None]]:
    """Alleles that a published frequency helps with: those that need a position the panel has not, and their look-alikes.

    The reference allele is what the others leave over, except in a gene without any count.
    """
    rows = {row.name: row for row in knowledge().genes[gene].alleles if row.used == "yes" and row.variants != "outside"}
    frequencies = knowledge().genes[gene].frequencies
    seen = set(frequencies.counted.positions) if frequencies and frequencies.counted else set()
    tokens = {name: set(row.variants.split()) - {"reference", "all"} for name, row in rows.items()}
    looks = {name: frozenset(text for text in found if text.split(":")[0] in seen) for name, found in tokens.items()}
    known = {
        name: found
        for name, row in rows.items()
        if (found := in_table(gene, row)) and any(value is not None for value in found.values())
    }
    hidden = {name for name in known if looks[name] != tokens[name]}
    alike = {name for name in known if looks[name] in {looks[other] for other in hidden}}
    return {name: known[name] for name in alike if not (seen and rows[name].variants == "reference")}


@pytest.mark.parametrize("gene", GENES)
def test_published_frequencies_are_those_of_the_table(gene: str) -> None:
    frequencies = knowledge().genes[gene].frequencies
    ours = frequencies.published if frequencies else None
    expected = wanted(gene) if frequencies else {}
    listed = {} if ours is None else {name: dict(zip(ours.groups, row, strict=True)) for name, row in ours.alleles.items()}
    assert listed == expected


def opposite_homozygotes() -> tuple[list[str], np.ndarray]:
    """Names and (people, people) numbers of common, spaced autosomal sites at which two people share no allele."""
    names: list[str] = []
    sites = []
    for path in sorted(DEEP.glob("*.vcf.gz")):
        header, found = common_sites(path)
        assert names in ([], header), f"{path.name}: other people or another order"
        names = header
        sites.extend(found)
    doses = np.array(sites, dtype=np.int8)
    none, both = (doses == 0).astype(np.float32), (doses == 2).astype(np.float32)
    half = none.T @ both
    return names, half + half.T


def common_sites(path: Path) -> tuple[list[str], list[np.ndarray]]:
    """People of a file and their numbers of alternative alleles at the sites taken from it."""
    found: list[np.ndarray] = []
    names, last = [], -APART
    with gzip.open(path) as lines:
        for line in lines:
            if line.startswith(b"#"):
                names = line.decode().split()[9:] if line.startswith(b"#CHROM") else names
                continue
            chromosome, start, _, ref, alt, _, _, info, _, genotypes = line.rstrip().split(b"\t", 9)
            frequency = re.search(rb"(?:^|;)AF=([^;,]+)", info)
            spaced = int(start) - last >= APART and len(ref) == len(alt) == 1 and chromosome != b"chrX"
            if spaced and frequency and COMMON <= float(frequency[1]) <= 1 - COMMON:
                letters_of = np.frombuffer(genotypes + b"\t", dtype=np.uint8).reshape(len(names), 4)
                found.append((letters_of[:, 0] == ord("1")).astype(np.int8) + (letters_of[:, 2] == ord("1")))
                last = int(start)
    return names, found


def test_people_left_out_are_those_with_published_genotypes_and_their_families() -> None:
    truth = {row["sample"] for row in source.table(source.DATA / "pgx/getrm_truth.tsv")}
    checked = truth | set((source.DATA / "pgx/getrm88.txt").read_text().split())
    names, opposite = opposite_homozygotes()
    close = defaultdict(set)
    for one, other in np.argwhere(opposite <= OPPOSITE):
        close[names[one]].add(names[other])
    family = set(checked)
    ahead = list(checked)
    while ahead:
        new = close[ahead.pop()] - family
        family |= new
        ahead.extend(new)
    assert set(knowledge().certainty.panel.left_out) == family & set(members())
