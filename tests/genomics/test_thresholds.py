"""Thresholds on a genotype: stated, adjustable, and each miss told."""

from __future__ import annotations

from pathlib import Path

import pytest

from genomics.reading import read
from genomics.vcf_text import FIELDS, at, locus, seen, write
from nof1.genomics.vcf import Quality

GENE = "CYP2C9"
HET = locus("rs1799853")


@pytest.mark.parametrize(
    ("form", "call", "quality", "reason"),
    [
        ("GT:GQ", "0/1:19", {}, "GQ below 20"), ("GT:GQ", "0/1:20", {}, ""), ("GT:GQ", "0/1:.", {}, ""),
        ("GT:GQ", "0/1:-3", {}, "GQ below 20"), ("GT:GQ", "0/1:0", {"min_gq": 0}, ""), ("GT:GQ", "0/1", {}, ""),
        ("GT:GQ", "0/1:50", {"min_gq": 51}, "GQ below 51"),
        ("GT:DP", "0/1:7", {}, "DP below 8"), ("GT:DP", "0/1:8", {}, ""), ("GT:DP", "0/1:.", {}, ""),
        ("GT:DP", "0/1:7", {"min_dp": 7}, ""), ("GT:DP", "0/1:0", {}, "DP below 8"), ("GT:DP", "0/1:99999999999", {}, ""),
        ("GT:FT", "0/1:PASS", {}, ""), ("GT:FT", "0/1:.", {}, ""), ("GT:FT", "0/1:LowQual", {}, "FT is not PASS"),
        ("GT:FT", "0/1:PASS;LowQual", {}, "FT is not PASS"),
        ("GT:FT", "0/1:LowQual", {"filters": frozenset({"LowQual"})}, ""),
        ("GT:AD", "0/1:20,0", {}, "heterozygous with reads on one allele only (AD)"),
        ("GT:AD", "0/1:0,20", {}, "heterozygous with reads on one allele only (AD)"),
        ("GT:AD", "0/1:20,1", {}, ""), ("GT:AD", "0/1:0,0", {}, ""), ("GT:AD", "0/1:.", {}, ""), ("GT:AD", "0/1:20,.", {}, ""),
        ("GT:AD", "1/1:0,20", {}, ""), ("GT:AD", "0/1:20,0", {"allele_depths": False}, ""),
    ],
)  # fmt: skip
def test_each_threshold(tmp_path: Path, form: str, call: str, quality: dict[str, object], reason: str) -> None:
    found, notes = read(write(tmp_path / "a.vcf", [at(HET, call, form=form)]), GENE, quality=quality)
    assert seen(found, HET.id) == ("no_call" if reason else {"0": "C/T", "1": "T/T"}[call[0]])
    assert [(note.kind, note.message, note.sample) for note in notes] == ([("rejected", reason, "S1")] if reason else [])


@pytest.mark.parametrize(
    ("value", "accepted", "reason"),
    [
        ("PASS", (), ""), (".", (), ""), ("RefCall", (), ""), ("LowQual", (), "FILTER is LowQual"), ("LowQual", ("LowQual",), ""),
        ("LowQual;Other", ("LowQual",), "FILTER is LowQual;Other"), ("never_declared", (), "FILTER is never_declared"),
    ],
)  # fmt: skip
def test_filter(tmp_path: Path, value: str, accepted: tuple[str, ...], reason: str) -> None:
    quality = {"filters": frozenset(accepted)}
    found, notes = read(write(tmp_path / "a.vcf", [at(HET, "0/1", filter=value)]), GENE, quality=quality)
    assert seen(found, HET.id) == ("no_call" if reason else "C/T")
    assert [note.message for note in notes] == ([reason] if reason else [])


@pytest.mark.parametrize("kind", ["Integer", "Float", "String"])
def test_a_threshold_holds_whatever_type_the_header_declares(tmp_path: Path, kind: str) -> None:
    for key, low, high in (("GQ", 5, 50), ("DP", 5, 50)):
        fields = FIELDS.replace(f"ID={key},Number=1,Type=Integer", f"ID={key},Number=1,Type={kind}")
        for value, said in ((low, "no_call"), (high, "C/T")):
            file = write(tmp_path / "a.vcf", [at(HET, f"0/1:{value}", form=f"GT:{key}")], fields=fields)
            assert seen(read(file, GENE)[0], HET.id) == said
    undeclared = write(tmp_path / "b.vcf", [at(HET, "0/1:5", form="GT:GQ")], fields="")
    assert seen(read(undeclared, GENE)[0], HET.id) == "no_call"


def test_the_smallest_depth_of_a_block_counts(tmp_path: Path) -> None:
    for call, said in (("0/0:30:7", "no_call"), ("0/0:7:30", "=C/C"), ("0/0:30:.", "=C/C")):
        file = write(tmp_path / "a.vcf", [at(HET, call, alts=(), form="GT:DP:MIN_DP")])
        assert seen(read(file, GENE)[0], HET.id) == said


@pytest.mark.parametrize("kind", ["Integer", "String"])
def test_phase_sets_a_base_apart_stay_apart(tmp_path: Path, kind: str) -> None:
    """Phase sets are positions: nine digits must not be rounded, and names that are no number must stay apart."""
    sets = ("94942290", "94942291") if kind == "Integer" else ("94942290_A_G", "94942291_A_G")
    fields = FIELDS.replace("ID=PS,Number=1,Type=Integer", f"ID=PS,Number=1,Type={kind}")
    one, two = locus("rs1799853"), locus("rs1057910")
    records = [at(one, f"0|1:{sets[0]}", form="GT:PS"), at(two, f"0|1:{sets[1]}", form="GT:PS")]
    found, _ = read(write(tmp_path / "a.vcf", records, fields=fields), GENE)
    columns = [found.loci.index(place) for place in (one, two)]
    first, second = (int(found.phase_set[0, column]) for column in columns)
    assert first != second
    assert 0 not in (first, second)
    together = [at(one, f"0|1:{sets[0]}", form="GT:PS"), at(two, f"0|1:{sets[0]}", form="GT:PS")]
    found, _ = read(write(tmp_path / "b.vcf", together, fields=fields), GENE)
    assert len({int(found.phase_set[0, column]) for column in columns}) == 1


def test_a_rejected_genotype_is_told_for_everyone_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.vcf", [at(HET, "0/1:5", "0/0:5", "1/1:50", form="GT:GQ")], ["A", "B", "C"])
    found, notes = read(file, GENE)
    assert [seen(found, HET.id, row) for row in range(3)] == ["no_call", "no_call", "T/T"]
    assert [(note.place, note.message, note.sample) for note in notes] == [
        (f"chr10:{HET.position}", "GQ below 20 (2 people)", "")
    ]


def test_thresholds_are_printed() -> None:
    assert Quality(30, 10, frozenset({"b", "a"}), False).described() == {
        "minimum GQ where given": "30",
        "minimum DP where given": "10",
        "FILTER accepted": "PASS, ., RefCall, a, b",
        "heterozygous needs reads on both alleles (AD)": "no",
    }
