"""Normal forms of alleles: equal to ``bcftools norm``, and by the laws that define them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from nof1.model.alignment import Placed, bare, left_align, left_align_many, moved, room_left, room_right
from nof1.model.sequence import Window
from variants.drawn import change, changed, repeat_rich

BCFTOOLS = shutil.which("bcftools")
Row = tuple[str, int, str, tuple[str, ...]]


def synthetic(seed: int, contigs: int, length: int) -> dict[str, str]:
    rng = np.random.default_rng(seed)
    return {f"c{number}": repeat_rich(rng, length) for number in range(contigs)}


def drawn_rows(references: dict[str, str], count: int, seed: int) -> list[Row]:
    """Records, a third of them with several alternatives, many at the ends of a contig."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    while len(rows) < count:
        name = str(rng.choice(sorted(references)))
        reference = references[name]
        at = int(rng.choice([1, 2, 3, len(reference) - 1, len(reference)])) if rng.random() < 0.05 else None
        position, ref, alt = change(rng, reference, at)
        if not ref or not alt or ref == alt or set(ref + alt) - set("ACGTN"):
            continue
        alts = [alt]
        if rng.random() < 0.3:
            for _ in range(int(rng.integers(1, 3))):
                other = alt[0] + "".join(rng.choice(list("ACGT"), int(rng.integers(0, 5))))
                if other not in alts and other != ref:
                    alts.append(other)
        rows.append((name, position, ref, tuple(alts)))
    return rows


def ours(references: dict[str, str], rows: list[Row]) -> list[tuple[str, int, str, str]]:
    """Every alternative by itself, in its normal form, all of a contig at once."""
    flat = [(name, position, ref, alt) for name, position, ref, alts in rows for alt in alts]
    result: list[tuple[str, int, str, str]] = [("", 0, "", "")] * len(flat)
    for name, reference in references.items():
        at = [number for number, row in enumerate(flat) if row[0] == name]
        window = Window(name, 1, reference.upper())
        done = left_align_many(
            np.array([flat[number][1] for number in at]), [flat[n][2] for n in at], [flat[n][3] for n in at], window
        )
        assert set(done.placed.tolist()) <= {Placed.ALIGNED}
        for number, position, ref, alt in zip(at, done.positions.tolist(), done.refs, done.alts, strict=True):
            result[number] = (name, position, ref, alt)
    return result


def theirs(references: dict[str, str], rows: list[Row], folder: Path) -> list[tuple[str, int, str, str]]:
    """The same by ``bcftools norm -m -any``, in the order given."""
    fasta, vcf = folder / "r.fa", folder / "in.vcf"
    fasta.write_text("".join(f">{name}\n{text}\n" for name, text in references.items()))
    head = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name},length={len(text)}>" for name, text in references.items())]
    body = [
        f"{name}\t{position}\t{number}\t{ref}\t{','.join(alts)}\t.\t.\t."
        for number, (name, position, ref, alts) in enumerate(rows)
    ]
    vcf.write_text("\n".join([*head, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO", *body]) + "\n")
    run = subprocess.run(
        [str(BCFTOOLS), "norm", "-m", "-any", "-f", str(fasta), str(vcf)], capture_output=True, text=True, check=True
    )
    found: dict[int, list[tuple[str, int, str, str]]] = {}
    for line in run.stdout.splitlines():
        if not line.startswith("#"):
            name, position, number, ref, alt = line.split("\t")[:5]
            found.setdefault(int(number), []).append((name, int(position), ref.upper(), alt.upper()))
    return [allele for number in range(len(rows)) for allele in sorted(found[number])]


def in_their_order(rows: list[Row], alleles: list[tuple[str, int, str, str]]) -> list[tuple[str, int, str, str]]:
    ordered: list[tuple[str, int, str, str]] = []
    at = 0
    for row in rows:
        ordered += sorted(alleles[at : at + len(row[3])])
        at += len(row[3])
    return ordered


def differing(references: dict[str, str], rows: list[Row], folder: Path) -> list[str]:
    want, have = theirs(references, rows, folder), in_their_order(rows, ours(references, rows))
    assert len(want) == len(have)
    return [f"bcftools {one}, ours {other}" for one, other in zip(want, have, strict=True) if one != other]


@pytest.mark.skipif(BCFTOOLS is None, reason="bcftools absent: apt-get install bcftools to run this test")
def test_equal_to_bcftools_on_repeats(tmp_path: Path) -> None:
    references = synthetic(7, 6, 3000)
    assert differing(references, drawn_rows(references, 12000, 8), tmp_path) == []


@pytest.mark.skipif(BCFTOOLS is None, reason="bcftools absent: apt-get install bcftools to run this test")
def test_equal_to_bcftools_on_two_genes(tmp_path: Path, reference_data: Path) -> None:
    parts = (reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa").read_text().split(">")[1:]
    references = {f"g{number}": "".join(part.split("\n")[1:]) for number, part in enumerate(parts)}
    assert [len(text) for text in references.values()] == [120290, 86253]
    assert differing(references, drawn_rows(references, 12000, 9), tmp_path) == []


def test_what_is_compared_is_worth_comparing() -> None:
    references = synthetic(7, 6, 3000)
    rows = drawn_rows(references, 12000, 8)
    flat = [(name, position, ref, alt) for name, position, ref, alts in rows for alt in alts]
    assert sum(len(ref) != len(alt) for _, _, ref, alt in flat) > 10000
    assert sum(len(row[3]) > 1 for row in rows) > 2000
    assert sum(one != other for one, other in zip(flat, ours(references, rows), strict=True)) > 4000


def test_arrays_and_one_at_a_time_agree() -> None:
    references = synthetic(21, 2, 800)
    rows = drawn_rows(references, 1500, 22)
    have = iter(ours(references, rows))
    for name, position, ref, alts in rows:
        window = Window(name, 1, references[name].upper())
        for alt in alts:
            assert left_align(position, ref, alt, window) == (*next(have)[1:], Placed.ALIGNED)


def test_normal_form_is_the_same_change_leftmost_and_final() -> None:
    references = synthetic(31, 2, 700)
    rows = drawn_rows(references, 1500, 32)
    flat = [(name, position, ref, alt) for name, position, ref, alts in rows for alt in alts]
    normal = ours(references, rows)
    again = ours(references, [(name, position, ref, (alt,)) for name, position, ref, alt in normal])
    assert again == normal
    for (name, *given), (_, position, ref, alt) in zip(flat, normal, strict=True):
        reference = references[name]
        haplotype = changed(reference, *given)
        assert changed(reference, position, ref, alt) == haplotype
        assert min(len(ref), len(alt)) >= 1
        if len(ref) != len(alt) and min(len(ref), len(alt)) == 1 and position > 1:
            short = reference[position - 2 : position - 1 + len(ref) - 1].upper()
            kept = haplotype[position - 2 : position - 2 + len(alt)]
            assert changed(reference, position - 1, short, kept) != haplotype, "could stand one base further left"


def test_every_place_of_a_change_is_the_same_change_and_no_other_is() -> None:
    references = synthetic(41, 1, 600)
    reference = references["c0"].upper()
    window = Window("c0", 1, reference)
    for _, position, ref, alts in drawn_rows(references, 600, 42):
        one = bare(position, ref, alts[0])
        if one.deleted and one.inserted:
            assert room_left(one, window) == room_right(one, window) == (0, False)
            continue
        (left, _), (right, _) = room_left(one, window), room_right(one, window)
        want = changed(reference, position, ref, alts[0])

        def apply(start: int, deleted: str, inserted: str) -> str:
            return reference[: start - 1] + inserted + reference[start - 1 + len(deleted) :]

        for by in range(-left, right + 1):
            there = moved(one, by)
            assert reference[there.start - 1 : there.end] == there.deleted
            assert apply(there.start, there.deleted, there.inserted) == want
        beyond = one.end + right
        if one.deleted and beyond < len(reference):
            start = one.start + right + 1
            assert apply(start, reference[start - 1 : start - 1 + len(one.deleted)], "") != want


def test_what_cannot_be_placed_stands_as_it_came() -> None:
    window = Window("chr1", 101, "ACGTTTTTACGA")
    given = [
        (101, "A", "<DEL>", Placed.NOT_PLAIN),
        (101, "A", "*", Placed.NOT_PLAIN),
        (101, "A", "A", Placed.NOT_PLAIN),
        (101, "R", "A", Placed.NOT_PLAIN),
        (101, "É", "A", Placed.NOT_PLAIN),
        (101, "", "A", Placed.NOT_PLAIN),
        (101, "C", "A", Placed.REF_DIFFERS),
        (102, "CGA", "C", Placed.REF_DIFFERS),
        (100, "A", "C", Placed.NOT_AT_HAND),
        (111, "GAC", "G", Placed.NOT_AT_HAND),
        (0, "A", "C", Placed.NOT_AT_HAND),
        (101, "AC", "C", Placed.AT_THE_EDGE),
        (107, "TT", "T", Placed.ALIGNED),
        (108, "ta", "t", Placed.ALIGNED),
    ]
    columns = list(zip(*given, strict=True))
    done = left_align_many(np.array(columns[0]), list(columns[1]), list(columns[2]), window)
    assert done.placed.tolist() == list(columns[3])
    assert done.positions.tolist() == [*columns[0][:12], 103, 108]
    assert done.refs == [*columns[1][:12], "GT", "TA"] and done.alts == [*columns[2][:12], "G", "T"]
    one_by_one = [left_align(position, ref, alt, window) for position, ref, alt, _ in given]
    assert one_by_one == [
        (*row, Placed(placed))
        for *row, placed in zip(done.positions.tolist(), done.refs, done.alts, done.placed, strict=True)
    ]


def test_no_alleles_at_all() -> None:
    done = left_align_many(np.zeros(0, dtype=np.int64), [], [], Window("chr1", 1, "ACGT"))
    assert done.positions.shape == done.placed.shape == (0,) and done.refs == done.alts == []
