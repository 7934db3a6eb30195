"""The same person written another way gets the same answer."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genomics import vcf_text
from genomics.reading import genotypes, read, table
from genomics.vcf_text import PANEL, REFSEQ, Record, at, base, gene_loci, gene_records, sort, text, write, write_as
from nof1.model.genome import Locus

GENES = tuple(gene.gene for gene in PANEL.genes)
CALLED = tuple(gene for gene in GENES if vcf_text.KNOWN.genes[gene].file.call.methods != ["outside"])
SPANNED = [place for place in PANEL.loci() if not place.is_snv and place.span]
MULTIPLE = [place for place in PANEL.loci() if len(place.alts) > 1]
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@dataclass(frozen=True)
class Person:
    """A gene and the loci at which the person is not reference: allele numbers of two strands."""

    gene: str
    strands: dict[str, tuple[int, int]]
    sep: str

    def record(self, place: Locus) -> Record:
        one, two = self.strands.get(place.id, (0, 0))
        return at(place, f"{one}{self.sep}{two}")

    def records(self) -> list[Record]:
        return [self.record(place) for place in gene_loci(self.gene)]


@st.composite
def people(draw: st.DrawFn, sep: str = "/|", genes: Sequence[str] = CALLED, multiple: bool = False) -> Person:
    gene = draw(st.sampled_from(list(genes)))
    loci = list(gene_loci(gene))
    several = [place for place in loci if len(place.alts) > 1]
    if multiple and several:
        loci = several
    chosen = draw(st.lists(st.sampled_from(loci), max_size=4, unique_by=lambda place: place.id))
    strands = {}
    for place in chosen:
        allele = st.integers(0, len(place.alts))
        strands[place.id] = (draw(allele), draw(allele))
    return Person(gene, strands, draw(st.sampled_from(sep)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("same")


@cache
def everyone() -> tuple[Record, ...]:
    """A person who differs from the reference in every gene, phased, with indels and repeats."""
    rng = random.Random(7)
    records = []
    for gene in GENES:
        loci = gene_loci(gene)
        varied = {place.id for place in rng.sample(loci, min(2, len(loci)))}
        for place in loci:
            alleles = (rng.randint(0, len(place.alts)), rng.randint(0, 1)) if place.id in varied else (0, 0)
            records.append(at(place, f"{alleles[0]}|{alleles[1]}:50:30", form="GT:GQ:DP"))
    return tuple(sort(records))


@pytest.fixture(scope="module")
def plainly(folder: Path) -> Path:
    """The file that the other writings are compared with."""
    return write_as(folder / "plainly", "plain", text(everyone()))


@pytest.fixture(scope="module")
def answer(plainly: Path) -> list[tuple[object, ...]]:
    """What it gives."""
    return table(plainly)


def split(record: Record) -> list[Record]:
    """One record for each alternative, as ``bcftools norm -m-`` writes them: other alternatives become 0."""
    out = []
    for number, alt in enumerate(record.alts, start=1):
        gt = "".join(("1" if sign == str(number) else "0") if sign.isdigit() else sign for sign in record.calls[0])
        out.append(replace(record, alts=(alt,), calls=(gt,)))
    return out


def same(folder: Path, gene: str, one: Sequence[Record], *others: Sequence[Record], blocks: bool = True) -> None:
    """Every writing gives the first one's genotypes and calls; ``others`` may be several files' records."""
    first = write(folder / "one.vcf", one)
    for number, records in enumerate(others):
        other = write(folder / f"other-{number}.vcf", records)
        assert table(other, genes=[gene]) == table(first, genes=[gene])
        if blocks:
            assert genotypes(read(other, gene)[0]) == genotypes(read(first, gene)[0])


# how alternatives are written


@few
@given(people(multiple=True))
def test_split_and_joined_multiallelics(folder: Path, person: Person) -> None:
    joined = person.records()
    same(folder, person.gene, joined, [part for record in joined for part in split(record)])


@pytest.mark.parametrize("gt", ["1/2", "2|1", "2/2", "0/2"])
@pytest.mark.parametrize("gene", sorted({gene.gene for gene in PANEL.genes if set(gene.loci) & set(MULTIPLE)}))
def test_split_sites_show_both_alternatives(folder: Path, gene: str, gt: str) -> None:
    places = [place for place in gene_loci(gene) if len(place.alts) > 1]
    joined = [at(place, gt) for place in places]
    shown = genotypes(read(write(folder / "joined.vcf", joined), gene)[0])
    for place in places:
        texts = [place.ref, *place.alts]
        wanted = [texts[int(number)] for number in gt if number.isdigit()]
        assert shown[place.id] == ("|".join(wanted) if "|" in gt else "/".join(sorted(wanted)))
    assert genotypes(read(write(folder / "split.vcf", [part for one in joined for part in split(one)]), gene)[0]) == shown


def ways(place: Locus, alt: str) -> list[tuple[int, str, str]]:
    """Every position, REF and ALT inside the span that make the same change: shifted left or right, padded or trimmed."""
    changed = alt + place.span[len(place.ref) :]
    shorter = min(len(place.span), len(changed))
    head = next((n for n in range(shorter) if place.span[n] != changed[n]), shorter)
    tail = next((n for n in range(shorter) if place.span[-1 - n] != changed[-1 - n]), shorter)
    found = []
    for start in range(head + 1):
        for end in range(tail + 1):
            ref, new = place.span[start : len(place.span) - end], changed[start : len(changed) - end]
            if ref and new and ref[0] == new[0] and ref != new:
                found.append((place.position + start, ref, new))
    return found


@pytest.mark.parametrize("place", SPANNED, ids=lambda place: place.id)
def test_indels_trimmed_padded_or_shifted(folder: Path, place: Locus) -> None:
    gene = next(gene.gene for gene in PANEL.genes if place in gene.loci)
    apart = [other for other in gene_loci(gene) if other.end < place.position or other.position > place.end]
    clear = [place.id, *(other.id for other in apart)]  # a base inside the repeat is deleted in some writings, not in others
    rest = [at(other, "0/0") for other in apart]
    for number, alt in enumerate(place.alts, start=1):
        canonical = write(folder / "a.vcf", [*rest, at(place, f"0/{number}")])
        wanted_table, wanted = table(canonical, genes=[gene]), genotypes(read(canonical, gene)[0])
        assert wanted[place.id] == "/".join(sorted([place.ref, alt]))
        all_ways = ways(place, alt)
        assert (place.position, place.ref, alt) in all_ways
        for position, ref, new in {all_ways[0], all_ways[-1], max(all_ways), max(all_ways, key=lambda way: len(way[1]))}:
            written = write(folder / "b.vcf", [*rest, Record(place.chromosome, position, ref, (new,), ("0/1",))])
            said = genotypes(read(written, gene)[0])
            assert {key: said[key] for key in clear} == {key: wanted[key] for key in clear}, (position, ref, new)
            assert table(written, genes=[gene]) == wanted_table, (position, ref, new)


def test_some_indels_can_be_shifted() -> None:
    moved = [place.id for place in SPANNED for alt in place.alts if max(ways(place, alt))[0] > place.position]
    assert len(moved) > 20


@few
@given(people(), st.integers(1, 3))
def test_single_bases_padded_to_the_right(folder: Path, person: Person, length: int) -> None:
    loci = gene_loci(person.gene)
    taken = {base for place in loci for base in range(place.position, place.end + 1)}
    padded = []
    for place in loci:
        record = person.record(place)
        if (
            any(person.strands.get(place.id, ()))
            and place.is_snv
            and not taken & set(range(place.position + 1, place.position + length + 1))
        ):
            pad = "A" * length
            record = replace(record, ref=record.ref + pad, alts=tuple(alt + pad for alt in record.alts))
        padded.append(record)
    same(folder, person.gene, person.records(), padded)


# how the file is written


@pytest.mark.parametrize(
    "style",
    [{chrom: chrom[3:] for chrom in REFSEQ}, REFSEQ, {chrom: chrom.upper() for chrom in REFSEQ}],
    ids=["bare", "refseq", "upper"],
)
def test_contig_names(tmp_path: Path, answer: list[tuple[object, ...]], style: dict[str, str]) -> None:
    assert len({row[1] for row in answer if row[9] == "called"}) > len(CALLED) / 2
    for kind in ("plain", "indexed"):
        assert table(write_as(tmp_path / "other", kind, text(everyone(), names=style))) == answer


@pytest.mark.parametrize(
    ("kind", "newline"),
    [
        ("gzip", "\n"),
        ("bgzip", "\n"),
        ("indexed", "\n"),
        ("bcf", "\n"),
        ("plain", "\r\n"),
        ("gzip", "\r\n"),
        ("bgzip", "\r\n"),
    ],
)
def test_containers_and_line_ends(
    tmp_path: Path, plainly: Path, answer: list[tuple[object, ...]], kind: str, newline: str
) -> None:
    other = write_as(tmp_path / "other", kind, text(everyone(), newline=newline))
    assert table(other) == answer
    for gene in ("UGT1A1", "CYP2C9", "G6PD"):
        assert genotypes(read(other, gene)[0]) == genotypes(read(plainly, gene)[0])


@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_an_index_changes_nothing_where_positions_are_absent(tmp_path: Path, absent: str) -> None:
    rng = random.Random(3)
    data = text([record for record in everyone() if rng.random() < 0.3])
    one = table(write_as(tmp_path / "one", "plain", data), absent=absent)
    assert table(write_as(tmp_path / "two", "indexed", data), absent=absent) == one
    assert table(write_as(tmp_path / "three", "bcf", data), absent=absent) == one


@few
@given(people(), st.randoms(use_true_random=False))
def test_order_of_records(folder: Path, person: Person, rng: random.Random) -> None:
    shuffled = person.records()
    rng.shuffle(shuffled)
    same(folder, person.gene, person.records(), shuffled)


@few
@given(people(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_one_file_or_several_in_any_order(folder: Path, person: Person, count: int, rng: random.Random) -> None:
    parts: list[list[Record]] = [[] for _ in range(count)]
    for record in person.records():
        for number in rng.sample(range(count), rng.choice([1, 1, 2])):  # some records stand in two files
            parts[number].append(record)
    files = [write(folder / f"part-{number}.vcf", part) for number, part in enumerate(parts)]
    one = write(folder / "whole.vcf", person.records())
    wanted = table(one, genes=[person.gene])
    rng.shuffle(files)
    assert table(files, genes=[person.gene]) == wanted
    found, notes = read(files, person.gene)
    assert genotypes(found) == genotypes(read(one, person.gene)[0])
    assert not [note for note in notes if note.kind == "contradiction"]


# what phase and company do not change


@few
@given(people(sep="/"), st.randoms(use_true_random=False))
def test_phase_of_homozygotes_means_nothing(folder: Path, person: Person, rng: random.Random) -> None:
    mixed = [
        replace(record, calls=(record.calls[0].replace("/", rng.choice("/|")),)) if _is_homozygous(record) else record
        for record in person.records()
    ]
    same(folder, person.gene, person.records(), mixed, blocks=False)


@few
@given(people(sep="|"))
def test_strands_have_no_order(folder: Path, person: Person) -> None:
    turned = replace(person, strands={key: (two, one) for key, (one, two) in person.strands.items()})
    same(folder, person.gene, person.records(), turned.records(), blocks=False)


@few
@given(people(sep="/"))
def test_alleles_of_an_unphased_genotype_have_no_order(folder: Path, person: Person) -> None:
    turned = replace(person, strands={key: (two, one) for key, (one, two) in person.strands.items()})
    same(folder, person.gene, person.records(), turned.records())


@few
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=3, max_size=3), st.sampled_from(CALLED))
def test_alone_or_among_others(folder: Path, alleles: list[tuple[int, int]], gene: str) -> None:
    loci = gene_loci(gene)
    varied = {place.id: tuple(f"{one}/{two}" for one, two in alleles) for place in loci[:: max(len(loci) // 3, 1)]}
    names = ("S1", "S2", "S3")
    together = write(folder / "together.vcf", gene_records(gene, varied, 3), names)
    rows = table(together, genes=[gene])
    alone = []
    for number, name in enumerate(names):
        mine = {key: (calls[number],) for key, calls in varied.items()}
        alone += table(write(folder / "alone.vcf", gene_records(gene, mine), [name]), genes=[gene])
        assert table(together, genes=[gene], samples=[name]) == [row for row in rows if row[0] == name]
    assert rows == alone


@few
@given(people(sep="/"), st.sampled_from(["<NON_REF>", "<*>", ""]))
def test_blocks_or_reference_written_out(folder: Path, person: Person, catch_all: str) -> None:
    place_of = {place.id: place for place in gene_loci(person.gene)}
    lone = {
        key: alleles
        for key, alleles in person.strands.items()
        if not any(
            other.id != key and other.position <= place_of[key].end and other.end >= place_of[key].position
            for other in place_of.values()
        )
    }
    person = replace(person, strands=lone)
    variants = [person.record(place_of[key]) for key in lone if any(lone[key])]
    written = write(folder / "written.vcf", person.records())
    blocks = write(folder / "blocks.vcf", as_blocks(person.gene, variants, catch_all))
    assert table(blocks, genes=[person.gene]) == table(written, genes=[person.gene])
    said = genotypes(read(blocks, person.gene)[0])
    for place in place_of.values():
        carried = any(lone.get(place.id, (0, 0)))
        assert said[place.id].startswith("=") != carried


def as_blocks(gene: str, variants: Sequence[Record], catch_all: str) -> list[Record]:
    """The variants and, between them, blocks that say reference."""
    loci = gene_loci(gene)
    out, start = [], loci[0].position - 50
    for record in [*sorted(variants, key=lambda record: record.position), None]:
        end = record.position - 1 if record else max(place.end for place in loci) + 50
        if end >= start:
            out.append(
                Record(
                    loci[0].chromosome, start, base(loci[0].chromosome, start), (catch_all,) if catch_all else (),
                    ("0/0:40:30",), "GT:GQ:MIN_DP", info=f"END={end}",
                )
            )  # fmt: skip
        if record:
            out.append(record)
            start = record.position + len(record.ref)
    return out


def _is_homozygous(record: Record) -> bool:
    one, two = record.calls[0].split("/")
    return one == two


# the work stays small


@pytest.mark.parametrize("gene", sorted(GENES, key=lambda gene: -len(gene_loci(gene)))[:4])
@pytest.mark.parametrize("form", ["unphased", "own phase sets"])
def test_many_heterozygous_positions_are_called_in_bounded_time(tmp_path: Path, gene: str, form: str) -> None:
    loci = gene_loci(gene)
    if form == "unphased":
        records = [at(place, "0/1") for place in loci]
    else:
        records = [at(place, f"0|1:{place.position}", form="GT:PS") for place in loci]
    file = write(tmp_path / "many.vcf", records)
    before = time.monotonic()
    rows = table(file, genes=[gene])
    assert time.monotonic() - before < 20
    assert len(str(rows[0][10]).split(",")) < 10  # only what lies inside a deletion carried elsewhere
    if vcf_text.KNOWN.genes[gene].file.call.methods == ["lowest_function"]:
        assert len(loci) >= 300
        assert len({row[3] for row in rows}) == len(rows) > 250
    else:
        assert [row[9] for row in rows] == ["no_call"]
