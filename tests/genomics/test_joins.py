"""Several files are one genome set: joined by sample, merged where they agree, no-call and listed where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from genomics.reading import read, table
from genomics.vcf_text import Record, at, gene_loci, gene_records, locus, seen, text, with_calls, write, write_as
from nof1.errors import RequestError

GENE = "CYP2C9"
HET = locus("rs1799853")
OTHER = locus("rs1057910")
BOTH = locus("rs7900194")  # two documented alternatives
FIRST, LAST = gene_loci(GENE)[0].position, gene_loci(GENE)[-1].end


def said(folder: Path, one: list[Record], two: list[Record], **how: object) -> tuple[str, list[str]]:
    """What two files of one person come to at ``HET``, and the kinds of notes about it."""
    files = [write(folder / "one.vcf", one), write(folder / "two.vcf", two)]
    found, notes = read(files, GENE, **how)
    turned, _ = read(files[::-1], GENE, **how)
    assert seen(turned, HET.id) == seen(found, HET.id)
    return seen(found, HET.id), [note.kind for note in notes if note.locus == HET.id]


def test_people_of_two_cohorts_stand_side_by_side(tmp_path: Path) -> None:
    one = write(tmp_path / "one.vcf", [at(HET, "0/1", "0/0")], ["A", "B"])
    two = write(tmp_path / "two.vcf", [at(HET, "1/1", "0/1")], ["C", "A"])
    found, notes = read([one, two], GENE)
    assert found.samples == ("A", "B", "C")
    assert [seen(found, HET.id, row) for row in range(3)] == ["C/T", "C/C", "T/T"]
    assert notes == []


def test_chromosomes_in_files_of_their_own_are_one_person(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{gene}.vcf", gene_records(gene)) for gene in ("CYP2C9", "TPMT", "NUDT15")]
    rows = table(files, genes=["CYP2C9", "TPMT", "NUDT15"])
    assert [(row[0], row[3], row[10]) for row in rows] == [("S1", "*1/*1", "")] * 3


@pytest.mark.parametrize(
    ("one", "two", "result"),
    [
        ("0/1", "0/1", "C/T"), ("0/1", "1/0", "C/T"), ("1/1", "1|1", "T/T"), ("0|1", "0|1", "C|T"), ("0/0", "0/0", "C/C"),
        ("0|1", "0/1", "C/T"), ("0/1", "./.", "C/T"), ("0/1", "./1", "C/T"), ("./.", "./.", "no_call"),
        ("./0", "./0", "no_call"), ("./0", "./.", "no_call"),
    ],
)  # fmt: skip
def test_files_that_agree_merge(tmp_path: Path, one: str, two: str, result: str) -> None:
    shown, kinds = said(tmp_path, [at(HET, one)], [at(HET, two)])
    assert shown == result
    assert "contradiction" not in kinds
    assert ("no_genotype" in kinds) == ("." in one + two)


@pytest.mark.parametrize(
    ("one", "two"), [("0/1", "0/0"), ("0/1", "1/1"), ("0/0", "1/1"), ("./1", "0/0"), ("0", "0/0"), ("1", "1/1")]
)
def test_files_that_contradict_are_a_listed_no_call(tmp_path: Path, one: str, two: str) -> None:
    shown, kinds = said(tmp_path, [at(HET, one)], [at(HET, two)], absent="reference")
    assert shown == "no_call"
    assert kinds[-1] == "contradiction"


@pytest.mark.parametrize(
    "cover",
    [at(HET, "0/0", alts=()), Record("chr10", FIRST, gene_loci(GENE)[0].ref, ("<NON_REF>",), ("0/0",), info=f"END={LAST}")],
    ids=["one base", "block"],
)
def test_a_variant_against_another_files_reference_block(tmp_path: Path, cover: Record) -> None:
    assert said(tmp_path, [cover], [at(HET, "0/1")]) == ("no_call", ["contradiction"])
    assert said(tmp_path, [cover], [at(HET, "0/0")]) == ("C/C", [])
    assert said(tmp_path, [cover], [at(HET, "./.")]) == ("no_call", ["no_genotype"])


@pytest.mark.parametrize("identifier", ["rs1304490498", "rs9332131"])
def test_an_indel_against_another_files_reference_block(tmp_path: Path, identifier: str) -> None:
    place = locus(identifier)
    cover = Record("chr10", FIRST, gene_loci(GENE)[0].ref, ("<NON_REF>",), ("0/0",), info=f"END={LAST}")
    found, notes = read([write(tmp_path / "one.vcf", [cover]), write(tmp_path / "two.vcf", [at(place, "0/1")])], GENE)
    assert seen(found, place.id) == "no_call"
    assert [note.kind for note in notes if note.locus == place.id] == ["contradiction"]


def test_a_contradiction_names_both_places_and_the_person(tmp_path: Path) -> None:
    one = write(tmp_path / "one.vcf", [at(HET, "0/1", "0/1")], ["A", "B"])
    two = write(tmp_path / "two.vcf", [at(HET, "0/0", "0/1")], ["A", "B"])
    found, notes = read([one, two], GENE)
    assert [seen(found, HET.id, row) for row in range(2)] == ["no_call", "C/T"]
    assert [(note.sample, note.place) for note in notes] == [
        ("A", f"one.vcf chr10:{HET.position} and two.vcf chr10:{HET.position}")
    ]


def test_many_contradictions_are_counted(tmp_path: Path) -> None:
    names = [f"P{number}" for number in range(30)]
    one = write(tmp_path / "one.vcf", [at(HET, *["0/1"] * 30)], names)
    two = write(tmp_path / "two.vcf", [at(HET, *["1/1"] * 30)], names)
    found, notes = read([one, two], GENE)
    assert {seen(found, HET.id, row) for row in range(30)} == {"no_call"}
    assert len(notes) == 21
    assert notes[-1].message.startswith("30 people")


@pytest.mark.parametrize(
    ("call", "form", "filter_"),
    [
        ("0/1:5", "GT:GQ", "PASS"),
        ("0/1:3", "GT:DP", "PASS"),
        ("0/1", "GT", "LowQual"),
        ("0/7", "GT", "PASS"),
        ("0/1/1", "GT", "PASS"),
    ],
)
def test_an_unusable_record_leaves_the_word_to_a_usable_one_of_another_file(
    tmp_path: Path, call: str, form: str, filter_: str
) -> None:
    bad = with_calls(at(HET, "0/1"), call, form=form, filter=filter_)
    assert said(tmp_path, [bad], [at(HET, "1/1")]) == ("T/T", ["rejected"])
    assert said(tmp_path, [bad], [at(OTHER, "0/0")], absent="reference") == ("no_call", ["rejected"])


@pytest.mark.parametrize("gt", ["0/0", "0/1"])
def test_a_split_site_is_used_whole_or_not_at_all(tmp_path: Path, gt: str) -> None:
    """Where one record of a split site is rejected, its alternative is unknown: the other record's 0 is no reference."""
    parts = [at(BOTH, f"{gt}:60", alts=["A"], form="GT:GQ"), at(BOTH, "0/0:5", alts=["T"], form="GT:GQ")]
    for records in (parts, parts[::-1]):
        found, notes = read(write(tmp_path / "a.vcf", records), GENE, absent="reference")
        assert seen(found, BOTH.id) == "no_call"
        assert [note.message for note in notes if note.locus == BOTH.id] == ["GQ below 20"]
    other = write(tmp_path / "b.vcf", [at(BOTH, gt)])
    found, _ = read([write(tmp_path / "a.vcf", parts), other], GENE)
    assert seen(found, BOTH.id) == {"0/0": "G/G", "0/1": "G/A"}[gt]


@pytest.mark.parametrize(
    ("one", "two", "result"),
    [
        ("1/.", "./1", "A/T"), ("./1", "0/0", "./A"), ("./0", "0/0", "no_call"), ("0|.", "0|0", "no_call"), ("1|0", "0|1", "A|T"),
        ("1/1", "0/1", "no_call"), ("1|0", "1|0", "no_call"), ("1/0", "1/0", "A/T"), ("1|.", ".|1", "A|T"),
    ],
)  # fmt: skip
def test_split_records_with_missing_strands(tmp_path: Path, one: str, two: str, result: str) -> None:
    found, _ = read(write(tmp_path / "a.vcf", [at(BOTH, one, alts=["A"]), at(BOTH, two, alts=["T"])]), GENE)
    assert seen(found, BOTH.id) == result


def test_a_split_deletion_is_no_reference(tmp_path: Path) -> None:
    found, notes = read(write(tmp_path / "a.vcf", [at(BOTH, "1/0", alts=["A"]), at(BOTH, "0/1", alts=["*"])]), GENE)
    assert seen(found, BOTH.id) == "no_call"
    assert [note.kind for note in notes] == ["deleted"]
    atomized = [at(BOTH, "1/2", alts=["A", "*"]), at(BOTH, "2/1", alts=["T", "*"])]  # bcftools norm --atom-overlaps '*'
    assert seen(read(write(tmp_path / "b.vcf", atomized), GENE)[0], BOTH.id) == "A/T"


def test_one_file_named_twice_changes_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "a.vcf", gene_records(GENE, {HET.id: ["0/1"], BOTH.id: ["1/2"]}))
    assert table([file, file], genes=[GENE]) == table(file, genes=[GENE])


@pytest.mark.parametrize("kind", ["plain", "bgzip", "indexed", "bcf"])
def test_only_the_people_asked_for_in_the_order_asked(tmp_path: Path, kind: str) -> None:
    file = write_as(tmp_path / "a", kind, text([at(HET, "0/0", "0/1", "1/1")], ["A", "B", "C"]))
    found, _ = read(file, GENE, samples=["C", "A"])
    assert found.samples == ("C", "A")
    assert [seen(found, HET.id, row) for row in range(2)] == ["T/T", "C/C"]
    with pytest.raises(RequestError, match=r"sample 'D' is in none of the files; they hold A, B, C"):
        read(file, GENE, samples=["A", "D"])


def test_a_file_without_the_person_is_not_read(tmp_path: Path) -> None:
    one = write(tmp_path / "one.vcf", [at(HET, "0/1")], ["A"])
    two = write(tmp_path / "two.vcf", [Record("chr10", HET.position, "A", ("T",), ("0/1",))] * 5, ["B"])
    found, notes = read([one, two], GENE, samples=["A"])
    assert seen(found, HET.id) == "C/T"
    assert notes == []
