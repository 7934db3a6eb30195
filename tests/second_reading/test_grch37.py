"""GRCh37 positions derived a second time: from PyPGx's tables read anew, from phase 3, and from who carries what."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pgx_source as source
import pytest
from cyvcf2 import VCF

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.schema import Position

pytestmark = source.needs_data
TABLES = source.DATA / "pgx/pypgx_tables"
PHASE3 = source.DATA / "pgx/kgp_grch37"
DEEP = source.DATA / "pgx/kgp_3202_grch38"
GENES = sorted(name for name, gene in knowledge().genes.items() if gene.positions)
IN_PHASE3 = sorted(path.name.split(".")[0] for path in PHASE3.glob("*.vcf.gz"))
IN_BOTH = [gene for gene in IN_PHASE3 if (DEEP / f"{gene}.vcf.gz").exists()]


def rows(gene: str, place: str = "") -> list[Position]:
    """Our rows of a gene whose GRCh37 source has this place (``table``, ``offset``), or all."""
    return [row for row in knowledge().genes[gene].positions if not place or row.from_37.endswith(f"#{place}")]


def cell(gene: str, columns: str) -> list[list[str]]:
    """Columns of PyPGx's variant table for a gene."""
    with (TABLES / "variant-table.csv").open(encoding="utf-8") as lines:
        return [[line[name] for name in columns.split()] for line in csv.DictReader(lines) if line["Gene"] == gene]


def inserted(text: str) -> tuple[int, str, str]:
    """``1-97915621-TG-T`` as (first changed base, removed bases, added bases)."""
    _, position, ref, alt = text.split("-")
    start = int(position)
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


@cache
def pairs(gene: str) -> dict[tuple[int, str, str], int]:
    """From a change on GRCh38 to the first changed base on GRCh37."""
    return {inserted(here): inserted(there)[0] for there, here in cell(gene, "GRCh37Name GRCh38Name")}


@cache
def anchors(gene: str) -> list[tuple[int, int]]:
    """(GRCh38, GRCh37) places that are known on both builds: variants, and starts of exons of one length on both."""
    found = {(int(here), int(there)) for there, here in cell(gene, "GRCh37Position GRCh38Position")}
    csv.field_size_limit(10**8)
    with (TABLES / "gene-table.csv").open(encoding="utf-8") as lines:
        line = next((line for line in csv.DictReader(lines) if line["Gene"] == gene), {})
    names = ("GRCh38ExonStarts", "GRCh38ExonEnds", "GRCh37ExonStarts", "GRCh37ExonEnds")
    edges = [[int(number) for number in re.findall(r"\d+", line.get(name, ""))] for name in names]
    if len(edges[0]) == len(edges[2]):
        for start, end, start_37, end_37 in zip(*edges, strict=True):
            if end - start == end_37 - start_37:
                found.add((start + 1, start_37 + 1))
    return sorted(found)


@cache
def phase3(gene: str) -> list[tuple[int, str, str, tuple[str, ...]]]:
    """Position, rs numbers, REF and ALTs of each phase 3 record."""
    return [(v.POS, v.ID or "", v.REF, tuple(v.ALT)) for v in VCF(str(PHASE3 / f"{gene}.vcf.gz"))]


@pytest.mark.parametrize("gene", GENES)
def test_rows_from_the_table(gene: str) -> None:
    """Rows said to stand in the table stand there; rows of the table that are ours were taken."""
    for row in knowledge().genes[gene].positions:
        changes = [inserted(f"-{row.position}-{row.ref}-{alt}") for alt in row.alts]
        told = {pairs(gene)[change] - change[0] for change in changes if change in pairs(gene)}
        assert told or not row.from_37.endswith("#table"), row.id
        assert told <= {row.position_37 - row.position}, row.id
    given = cell(gene, "GRCh38Position GRCh37Allele GRCh38Allele")
    swapped = {int(place): there for place, there, here in given if there != here}
    for row in rows(gene, "table"):
        assert row.ref_37 == swapped.get(row.position, row.ref), row.id


@pytest.mark.parametrize("gene", GENES)
def test_rows_by_offset(gene: str) -> None:
    """Two anchors on each side, the nearest, all at one distance; where they are not, the row is empty."""
    for row in knowledge().genes[gene].positions:
        if row.from_37.endswith("#table"):
            continue
        last = row.position + max(len(row.ref), len(row.span)) - 1
        left = [pair for pair in anchors(gene) if pair[0] <= row.position][-2:]
        right = [pair for pair in anchors(gene) if pair[0] >= last and pair not in left][:2]
        distances = {there - here for here, there in left + right}
        is_fixed = len(left) == len(right) == 2 and len(distances) == 1
        assert bool(row.position_37) == is_fixed, row.id
        if is_fixed:
            assert row.position_37 == row.position + distances.pop(), row.id


@pytest.mark.parametrize("gene", IN_PHASE3)
def test_reference_bases_of_phase_3(gene: str) -> None:
    """Wherever phase 3 shows a reference base at one of our positions, it is ours."""
    bases: dict[int, str] = {}
    for position, _, ref, _ in phase3(gene):
        bases.update({position + offset: base for offset, base in enumerate(ref)})
    checked = 0
    for row in rows(gene):
        known = row.span if row.span and row.ref == row.ref_37 else row.ref_37
        for offset, base in enumerate(known):
            assert bases.get(row.position_37 + offset, base) == base, (row.id, offset)
        checked += bool(row.position_37) and all(row.position_37 + offset in bases for offset in range(len(row.ref_37)))
    assert checked or gene == "IFNL3"  # that file begins behind the gene's one position


@pytest.mark.parametrize("gene", IN_PHASE3)
def test_same_rs_number_same_place(gene: str) -> None:
    """rs number and place in phase 3 know nothing of anchors."""
    places = defaultdict(set)
    for position, names, _, _ in phase3(gene):
        for name in names.split(";"):
            places[name].add(position)
    for row in rows(gene):
        if row.position_37 and row.id in places:
            assert places[row.id] == {row.position_37}, row.id


def carriers(path: Path, people: list[str]) -> tuple[list[int], list[tuple[str, str]], np.ndarray]:
    """Of each common single-base change: position, its rarer and its other base, who carries the rarer."""
    reader = VCF(str(path), samples=people)
    order = np.argsort([people.index(name) for name in reader.samples])
    positions, bases, doses = [], [], []
    for variant in reader:
        if len(variant.REF) == 1 and len(variant.ALT) == 1 and len(variant.ALT[0]) == 1:
            numbers = variant.genotype.array()[order, :2]
            rarer = int((numbers == 1).sum() <= (numbers == 0).sum())
            dose = (numbers == rarer).any(axis=1)
            if 25 <= dose.sum() < len(dose) - 25:
                pair = (variant.ALT[0], variant.REF) if rarer else (variant.REF, variant.ALT[0])
                positions, bases, doses = [*positions, variant.POS], [*bases, pair], [*doses, dose]
    return positions, bases, np.array(doses, np.float32)


def matched(gene: str) -> list[tuple[int, int]]:
    """(GRCh38, GRCh37) places of changes with the same bases and almost the same carriers, best match only."""
    files = [folder / f"{gene}.vcf.gz" for folder in (DEEP, PHASE3)]
    both = set(VCF(str(files[0])).samples)
    people = [name for name in VCF(str(files[1])).samples if name in both]
    assert len(people) == 2504
    (here, bases, doses), (there, bases_37, doses_37) = (carriers(file, people) for file in files)
    size, size_37 = (doses**2).sum(axis=1), (doses_37**2).sum(axis=1)
    apart = (size[:, None] + size_37 - 2 * doses @ doses_37.T) / (size[:, None] + size_37)
    apart[np.array([[one != two for two in bases_37] for one in bases])] = 9
    best = apart.argmin(axis=1)
    return [(here[row], there[best[row]]) for row in range(len(here)) if apart[row, best[row]] < 0.02]


@pytest.mark.slow
@pytest.mark.parametrize("gene", IN_BOTH)
def test_same_carriers_same_distance(gene: str) -> None:
    """Around each of our rows, changes carried by the same people lie at the row's distance between the builds.

    Nothing but bases and people is matched: no coordinate, no rs number, no table. A neighbour in full linkage may be
    taken for the change itself, so the commonest distance of the nearest matches on both sides counts.
    """
    known = matched(gene)
    assert len(known) >= 20
    for row in rows(gene):
        near = [pair for pair in known if pair[0] <= row.position][-9:] + [pair for pair in known if pair[0] > row.position][
            :9
        ]
        distances = Counter(there - here for here, there in near).most_common(2)
        assert distances[0][1] > sum(count for _, count in distances[1:]), row.id
        if row.position_37:
            assert row.position_37 - row.position == distances[0][0], row.id
