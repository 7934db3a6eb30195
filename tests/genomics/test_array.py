"""Array raw data: every company's form, both strands, insertions and deletions, builds, and rows that do not fit."""

from __future__ import annotations

import gzip
import random
import zipfile
from pathlib import Path

import pytest

from genomics import vcf_text
from genomics.array_files import AT_37, COMPLEMENT, HEADS, P37, P38, Row, read, row, seen, write
from nof1.errors import GenomeError
from nof1.genomics.array_letters import is_palindrome
from nof1.model.genome import Locus

GENE = "CYP2C19"
LOCI = [
    locus for locus in next(gene for gene in P38.genes if gene.gene == GENE).loci
    if locus.id in AT_37 and locus.is_snv and locus.id.startswith("rs")
]  # fmt: skip
PLAIN = [locus for locus in LOCI if len(locus.alts) == 1 and not is_palindrome(locus) and locus.ref == AT_37[locus.id].ref]
PALINDROMES = [locus for gene in P38.genes for locus in gene.loci if is_palindrome(locus) and locus.id in AT_37]
INDELS = [
    locus for locus in P38.loci()
    if locus.id in AT_37 and locus.id.startswith("rs") and len(locus.alts) == 1 and len(locus.ref) != len(locus.alts[0])
]  # fmt: skip


def person(seed: int = 3) -> dict[str, str]:
    """Two letters at every plain locus."""
    chance = random.Random(seed)
    return {locus.id: "".join(chance.choice((locus.ref, locus.alts[0])) for _ in "ab") for locus in PLAIN}


def rows(letters: dict[str, str], turned: bool = False) -> list[Row]:
    loci = {locus.id: locus for locus in PLAIN}
    return [row(loci[name], two.translate(COMPLEMENT) if turned else two) for name, two in letters.items()]


def expected(letters: dict[str, str]) -> dict[str, str]:
    return {name: "/".join(sorted(two)) for name, two in letters.items()}


def shown(path: Path, letters: dict[str, str], **how: object) -> dict[str, str]:
    found, _, _ = read(path, GENE, **how)
    return {name: seen(found, name) for name in letters}


@pytest.mark.parametrize("style", HEADS)
def test_forms(tmp_path: Path, style: str) -> None:
    letters = person()
    file = write(tmp_path / "p.txt", rows(letters), style)
    found, _, genomes = read(file, GENE)
    assert {name: seen(found, name) for name in letters} == expected(letters)
    (described,) = genomes.described()
    maker = style.split(" ", 1)[0] if style.startswith("FTDNA") else style
    assert described.kind == ("array table" if style.startswith(("plain", "no")) else f"consumer array ({maker})")
    assert (described.build, genomes.names) == ("GRCh37", ("p",))
    others = {locus.id for locus in found.loci} - set(letters)
    assert {seen(found, name) for name in others} == {"not_covered"}


@pytest.mark.parametrize("packing", ["gzip", "zip", "crlf", "bom", "quoted names", "no last line end"])
def test_packings(tmp_path: Path, packing: str) -> None:
    letters = person(4)
    file = write(tmp_path / "p.csv", rows(letters), "MyHeritage")
    data = file.read_bytes()
    if packing == "gzip":
        file = tmp_path / "p.csv.gz"
        data = gzip.compress(data)
    elif packing == "zip":
        file = tmp_path / "p.zip"
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("p.csv", data)
        data = file.read_bytes()
    elif packing == "crlf":
        data = data.replace(b"\n", b"\r\n")
    elif packing == "bom":
        data = b"\xef\xbb\xbf" + data
    elif packing == "quoted names":
        data = data.replace(b"RSID,CHROMOSOME,POSITION,RESULT", b'"RSID","CHROMOSOME","POSITION","RESULT"')
    else:
        data = data.rstrip(b"\n")
    file.write_bytes(data)
    assert shown(file, letters) == expected(letters)


def test_reference_letters_are_a_genotype_and_absent_rows_are_not(tmp_path: Path) -> None:
    first, second = PLAIN[:2]
    found, _, _ = read(write(tmp_path / "p.txt", [row(first, first.ref * 2)]), GENE, absent="reference")
    assert seen(found, first.id) == f"{first.ref}/{first.ref}"
    assert seen(found, second.id) == "not_covered"


@pytest.mark.parametrize("nothing", ["--", "00", "0", "", "NC", "-"])
def test_no_calls(tmp_path: Path, nothing: str) -> None:
    found, _, _ = read(write(tmp_path / "p.txt", [row(PLAIN[0], nothing), row(PLAIN[1], "--")]), GENE)
    assert seen(found, PLAIN[0].id) == "no_call"


# strand


def test_a_file_on_the_other_strand_is_turned(tmp_path: Path) -> None:
    letters = person(5)
    assert len(letters) >= 20
    file = write(tmp_path / "p.csv", rows(letters, turned=True), "FTDNA")
    assert shown(file, letters) == expected(letters)


def test_declared_reverse_is_turned_even_where_letters_cannot_tell(tmp_path: Path) -> None:
    place = PALINDROMES[0]
    gene = next(gene.gene for gene in P38.genes if place in gene.loci)
    file = write(tmp_path / "p.csv", [row(place, place.alts[0].translate(COMPLEMENT) * 2)], "FTDNA")
    assert seen(read(file, gene, strand="reverse")[0], place.id) == f"{place.alts[0]}/{place.alts[0]}"
    assert seen(read(file, gene, strand="forward")[0], place.id) == f"{place.ref}/{place.ref}"


@pytest.mark.parametrize("style", ["FTDNA", "23andMe"])
def test_letters_that_read_alike_need_a_declared_strand(tmp_path: Path, style: str) -> None:
    place = PALINDROMES[0]
    gene = next(gene.gene for gene in P38.genes if place in gene.loci)
    file = write(tmp_path / "p.csv", [*rows(person()), row(place, place.ref * 2)], style)
    found, notes, _ = read(file, gene)
    if style == "FTDNA":  # its header says nothing
        assert seen(found, place.id) == "no_call"
        assert [note.kind for note in notes if note.locus == place.id] == ["ambiguous_strand"]
    else:
        assert seen(found, place.id) == f"{place.ref}/{place.ref}"


def test_mixed_strands_are_refused_unless_each_row_may_speak(tmp_path: Path) -> None:
    letters = {locus.id: locus.ref + locus.alts[0] for locus in PLAIN}
    half = dict(list(letters.items())[:10])
    rest = {name: two for name, two in letters.items() if name not in half}
    file = write(tmp_path / "p.csv", [*rows(half), *rows(rest, turned=True)], "FTDNA")
    with pytest.raises(GenomeError, match=rf"strand contradicts itself: {PLAIN[0].id} .*{PLAIN[10].id} .*--strand"):
        read(file, GENE)
    assert shown(file, letters, strand="per-row") == expected(letters)
    forward = shown(file, letters, strand="per-row")
    assert forward[PLAIN[0].id] == expected(letters)[PLAIN[0].id]


def test_a_header_that_the_letters_contradict_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "p.txt", rows(person(6), turned=True), "23andMe")
    with pytest.raises(GenomeError, match="strand contradicts itself: the header says forward"):
        read(file, GENE)


def test_letters_that_fit_neither_strand_are_a_no_call(tmp_path: Path) -> None:
    place = PLAIN[0]
    letter = next(
        base for base in "ACGT" if base not in (place.ref, place.alts[0]) and base.translate(COMPLEMENT) in place.ref
    )
    file = write(tmp_path / "p.txt", [row(place, place.ref + letter), row(PLAIN[1], PLAIN[1].ref * 2)])
    found, notes, _ = read(file, GENE)
    assert seen(found, place.id) == "no_call"
    assert "array_letters" in [note.kind for note in notes if note.locus == place.id]


# insertions and deletions


@pytest.mark.parametrize("place", INDELS, ids=lambda place: place.id)
def test_insertions_and_deletions(tmp_path: Path, place: Locus) -> None:
    gene = next(gene for gene in P38.genes if place in gene.loci)
    shorter, longer = sorted((place.ref, place.alts[0]), key=len)
    text = {"II": [longer] * 2, "DD": [shorter] * 2, "DI": [shorter, longer], "ID": [longer, shorter]}
    for letters, texts in text.items():
        found, _, _ = read(write(tmp_path / "p.txt", [row(place, letters)]), gene.gene)
        if gene.ploidy == "diploid":
            assert seen(found, place.id) == "/".join(sorted(texts))
    written = f"{longer[len(shorter) :]}/-"
    found, _, _ = read(write(tmp_path / "p.txt", [row(place, written)]), gene.gene)
    assert seen(found, place.id) == "/".join(sorted((shorter, longer)))


def test_insertion_codes_at_a_single_base_are_a_no_call(tmp_path: Path) -> None:
    found, _, _ = read(write(tmp_path / "p.txt", [row(PLAIN[0], "DI")]), GENE)
    assert seen(found, PLAIN[0].id) == "no_call"


# builds and places


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_the_build_is_found_by_positions(tmp_path: Path, build: str) -> None:
    letters = person(7)
    loci = {locus.id: locus for locus in (P37 if build == "GRCh37" else P38).loci()}
    made = [row(loci[name], two, loci[name]) for name, two in letters.items()]
    file = write(tmp_path / "p.csv", made, "FTDNA")
    found, _, genomes = read(file, GENE)
    assert {name: seen(found, name) for name in letters} == expected(letters)
    assert genomes.described()[0].build == build


def test_build_36_is_matched_by_rsid_alone(tmp_path: Path) -> None:
    letters = person(8)
    moved = [(name, chrom, position + 12_345, two) for name, chrom, position, two in rows(letters)]
    head = "# reference human assembly build 36, plus strand\n# rsid\tchromosome\tposition\tgenotype\n"
    found, _, genomes = read(write(tmp_path / "p.txt", moved, head=head), GENE)
    assert {name: seen(found, name) for name in letters} == expected(letters)
    assert genomes.described()[0].build == "NCBI36"
    unknown = write(tmp_path / "q.csv", moved, "FTDNA")
    with pytest.raises(GenomeError, match="build is unknown"):
        read(unknown, GENE)
    assert shown(unknown, letters, build="36") == expected(letters)


def test_a_wrong_build_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "p.csv", rows(person()), "FTDNA")
    with pytest.raises(GenomeError, match=r"GRCh38 .*lie at their GRCh37 positions"):
        read(file, GENE, build="38")


def test_a_row_at_another_place_is_told_and_not_used(tmp_path: Path) -> None:
    good, bad = PLAIN[:2]
    name, chrom, position, _ = row(bad, "")
    found, notes, _ = read(
        write(tmp_path / "p.txt", [row(good, good.ref * 2), (name, chrom, position + 7, bad.ref * 2)]), GENE
    )
    assert seen(found, bad.id) == "no_call"
    assert [note.kind for note in notes] == ["array_position"]


def test_other_ids_are_found_by_position(tmp_path: Path) -> None:
    letters = person(9)
    made = [(f"i{4000000 + number}", chrom, position, two) for number, (_, chrom, position, two) in enumerate(rows(letters))]
    assert shown(write(tmp_path / "p.txt", made), letters) == expected(letters)


def test_two_rows_of_one_position(tmp_path: Path) -> None:
    same, other = PLAIN[:2]
    het = same.ref + same.alts[0]
    made = [
        row(same, het),
        ("i4000001", *row(same, "")[1:3], het[::-1]),
        row(other, other.ref * 2),
        row(other, other.alts[0] * 2),
    ]
    found, notes, _ = read(write(tmp_path / "p.txt", made), GENE)
    assert seen(found, same.id) == "/".join(sorted(het))
    assert seen(found, other.id) == "no_call"
    assert [note.kind for note in notes] == ["contradiction"]


def test_one_letter_is_one_copy_on_x_and_half_a_genotype_elsewhere(tmp_path: Path) -> None:
    on_x = next(locus for locus in P38.loci() if locus.chromosome == "chrX" and locus.is_snv and locus.id in AT_37)
    gene = next(gene.gene for gene in P38.genes if on_x in gene.loci)
    file = write(tmp_path / "p.txt", [row(on_x, on_x.ref), row(PLAIN[0], PLAIN[0].ref)])
    found, _, _ = read(file, gene)
    column = [locus.id for locus in found.loci].index(on_x.id)
    assert found.genotype[0, column].tolist() == [0, -2]
    assert seen(read(file, GENE)[0], PLAIN[0].id) == "no_call"


# the same person in every form


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("form", ["array", "array, other strand", "gvcf"])
def test_one_person_in_every_form(tmp_path: Path, seed: int, form: str) -> None:
    letters = person(seed + 20)
    loci = {locus.id: locus for locus in PLAIN}
    records = []
    for name, two in letters.items():
        place = loci[name]
        numbers = sorted("01"[letter != place.ref] for letter in two)
        records.append(vcf_text.at(place, "/".join(numbers)))
    vcf = vcf_text.write(tmp_path / "v.vcf", sorted(records, key=lambda record: record.position), ["S1"])
    if form == "gvcf":
        blocks = [
            vcf_text.Record(r.chromosome, r.position, r.ref, ("<NON_REF>",), r.calls) if r.calls == ("0/0",) else r
            for r in records
        ]
        other = vcf_text.write(tmp_path / "g.vcf", sorted(blocks, key=lambda record: record.position), ["S1"])
    else:
        style = "FTDNA" if "other" in form else "23andMe"
        other = write(tmp_path / "a.txt", rows(letters, turned="other" in form), style)
    one, another = shown(vcf, letters), shown(other, letters)
    assert one == another == expected(letters)
    if form != "gvcf":  # together they agree, too
        found, notes, _ = read([vcf, other], GENE, ["S1"], array_name="S1")
        assert {name: seen(found, name) for name in letters} == one
        assert not [note for note in notes if note.kind == "contradiction"]
