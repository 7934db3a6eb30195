"""Reference blocks as the callers write them, and what a block may and may not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genomics.reading import read, table
from genomics.vcf_text import Record, at, base, gene_loci, locus, seen, text, write, write_as

GENE = "CYP2C9"
FIRST, LAST = gene_loci(GENE)[0].position, gene_loci(GENE)[-1].end
HET = locus("rs1799853")
NEXT = gene_loci(GENE)[0]


def block(start: int, end: int, call: str, form: str, alt: str = "", chrom: str = "chr10", **more: str) -> Record:
    return Record(
        chrom, start, base(chrom, start), (alt,) if alt else (), (call,), form, more.get("filter", "PASS"), f"END={end}"
    )


def gatk(gq: int = 60, dp: int = 30) -> list[Record]:
    """HaplotypeCaller -ERC GVCF: variant with <NON_REF>, banded blocks with GQ and MIN_DP."""
    form = "GT:DP:GQ:MIN_DP:PL"
    return [
        block(FIRST - 500, HET.position - 40, f"0/0:33:{gq}:{dp}:0,60,900", form, "<NON_REF>"),
        block(HET.position - 39, HET.position - 1, "0/0:35:99:31:0,99,1485", form, "<NON_REF>"),
        Record("chr10", HET.position, HET.ref, ("T", "<NON_REF>"), ("0/1:16,15,0:31:99:500,0,480,530,520,1050",), "GT:AD:DP:GQ:PL", "."),
        block(HET.position + 1, LAST + 500, "0/0:33:60:28:0,60,900", form, "<NON_REF>"),
    ]  # fmt: skip


def deepvariant() -> list[Record]:
    """DeepVariant --output_gvcf: <*>, GQ, MIN_DP, no-call blocks where it was unsure."""
    form = "GT:GQ:MIN_DP:PL"
    return [
        block(FIRST - 500, HET.position - 1, "0/0:50:30:0,90,899", form, "<*>", filter="."),
        Record("chr10", HET.position, HET.ref, ("T", "<*>"), ("0/1:47:31:16,15,0:0.48,0:47,0,50,990,990,990",), "GT:GQ:DP:AD:VAF:PL"),
        block(HET.position + 1, LAST + 500, "0/0:50:28:0,84,839", form, "<*>", filter="."),
    ]  # fmt: skip


def bcftools() -> list[Record]:
    """bcftools mpileup -g | call -g: blocks with ALT '.' or <*>, DP of the sample, MinDP in INFO, no GQ."""
    return [
        Record("chr10", FIRST - 500, "A", (), ("0/0:30",), "GT:DP", ".", f"END={HET.position - 1};MinDP=25"),
        Record("chr10", HET.position, HET.ref, ("T",), ("0/1:120,0,110:31",), "GT:PL:DP", ".", "."),
        Record(
            "chr10",
            HET.position + 1,
            base("chr10", HET.position + 1),
            ("<*>",),
            ("0/0:30",),
            "GT:DP",
            ".",
            f"END={LAST + 500};MinDP=20",
        ),
    ]


def illumina() -> list[Record]:
    """Strelka: ALT '.', GQX instead of GQ, BLOCKAVG in INFO."""
    form, info = "GT:GQX:DP:DPF:MIN_DP", ";BLOCKAVG_min30p3a"
    return [
        Record("chr10", FIRST - 500, "A", (), ("0/0:60:31:1:30",), form, "PASS", f"END={HET.position - 1}{info}"),
        Record("chr10", HET.position, HET.ref, ("T",), ("0/1:99:90:31:1:16,15",), "GT:GQ:GQX:DP:DPF:AD"),
        Record(
            "chr10",
            HET.position + 1,
            base("chr10", HET.position + 1),
            (),
            ("0/0:60:31:1:28",),
            form,
            "PASS",
            f"END={LAST + 500}{info}",
        ),
    ]


STYLES: dict[str, Any] = {"gatk": gatk, "deepvariant": deepvariant, "bcftools": bcftools, "illumina": illumina}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", ["plain", "indexed", "bcf"])
def test_every_style_says_reference_around_the_variant(tmp_path: Path, style: str, kind: str) -> None:
    extra = '##FORMAT=<ID=VAF,Number=A,Type=Float,Description="Allele fraction">\n'
    file = write_as(tmp_path / style, kind, text(STYLES[style](), extra=extra))
    found, notes = read(file, GENE)
    assert seen(found, HET.id) == "C/T"
    for place in gene_loci(GENE):
        if place != HET:
            assert seen(found, place.id) == f"={place.ref}/{place.ref}"
    assert notes == []
    rows = table(file, genes=[GENE])
    assert [row[3] for row in rows] == ["*1/*2"]
    assert rows[0][10] == ""


def test_a_block_tells_its_quality_and_depth(tmp_path: Path) -> None:
    found, _ = read(write(tmp_path / "a.vcf", gatk(gq=45, dp=12)), GENE)
    column = found.loci.index(NEXT)
    assert (found.quality[0, column], found.depth[0, column]) == (45.0, 12)
    column = found.loci.index(HET)
    assert (found.quality[0, column], found.depth[0, column]) == (99.0, 31)


@pytest.mark.parametrize(
    ("gq", "dp", "quality", "said"),
    [
        (19, 30, {}, "no_call"), (20, 30, {}, "reference"), (60, 7, {}, "no_call"), (60, 8, {}, "reference"),
        (19, 30, {"min_gq": 10}, "reference"), (60, 7, {"min_dp": 0}, "reference"), (60, 30, {"min_gq": 61}, "no_call"),
        (60, 30, {"min_dp": 31}, "no_call"),
    ],
)  # fmt: skip
def test_blocks_have_thresholds_that_can_be_moved(
    tmp_path: Path, gq: int, dp: int, quality: dict[str, float], said: str
) -> None:
    found, notes = read(write(tmp_path / "a.vcf", gatk(gq, dp)), GENE, quality=quality)
    assert seen(found, NEXT.id) == (said if said == "no_call" else f"={NEXT.ref}/{NEXT.ref}")
    told = [note for note in notes if note.locus == NEXT.id]
    assert [note.kind for note in told] == (["rejected"] if said == "no_call" else [])
    if told:
        assert told[0].place == f"chr10:{FIRST - 500}"
        wanted = f"GQ below {quality.get('min_gq', 20):g}" if gq < quality.get("min_gq", 20) else "DP below"
        assert told[0].message.startswith(wanted)
        assert ";" not in told[0].message  # only the threshold that was missed is named


def test_low_illumina_and_gatk_reference_qualities_count_too(tmp_path: Path) -> None:
    for form, name in (("GT:GQX", "GQX"), ("GT:RGQ", "RGQ"), ("GT:GQ", "GQ")):
        for value, said in ((19, "no_call"), (20, "=C/C")):
            found, notes = read(write(tmp_path / "a.vcf", [at(HET, f"0/0:{value}", alts=(), form=form)]), GENE)
            assert seen(found, HET.id) == said
            assert [note.message for note in notes] == ([f"{name} below 20"] if said == "no_call" else [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"call": "0/0:60:30", "filter": "LowGQX"}, "FILTER is LowGQX"),
        ({"call": "./.:60:30"}, "the block does not say reference"),
        ({"call": "0/1:60:30"}, "the block does not say reference"),
        ({"call": "./0:60:30"}, "the block does not say reference"),
    ],
)
@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_a_block_that_does_not_say_reference_is_no_call(
    tmp_path: Path, change: dict[str, str], message: str, absent: str
) -> None:
    blocks = [block(FIRST - 500, LAST + 500, change["call"], "GT:GQ:DP", "<NON_REF>", filter=change.get("filter", "PASS"))]
    around = [Record("chr10", FIRST - 900, "A", ("G",), ("0/1:60:30",), "GT:GQ:DP"),
              Record("chr10", LAST + 900, "A", ("G",), ("0/1:60:30",), "GT:GQ:DP")]  # fmt: skip
    found, notes = read(write(tmp_path / "a.vcf", [around[0], *blocks, around[1]]), GENE, absent=absent)
    assert {seen(found, place.id) for place in gene_loci(GENE)} == {"no_call"}
    assert {note.message for note in notes} == {message}


def test_a_block_without_gt_is_no_reference(tmp_path: Path) -> None:
    records = [block(FIRST - 500, LAST + 500, "30", "DP", "<*>"), *_around()]
    found, notes = read(write(tmp_path / "a.vcf", records), GENE, absent="reference")
    assert {seen(found, place.id) for place in gene_loci(GENE)} == {"no_call"}
    assert {note.message for note in notes} == {"no GT in FORMAT"}


def _around() -> list[Record]:
    return [Record("chr10", position, "A", ("G",), ("0/1",)) for position in (FIRST - 900, LAST + 900)]


# where blocks begin and end

DELETION = locus("rs1304490498")  # eleven reference bases, eighteen in the span


@pytest.mark.parametrize("short", [0, 1, 5])
def test_a_block_that_ends_inside_a_deletion_leaves_it_open(tmp_path: Path, short: int) -> None:
    end = DELETION.position + len(DELETION.ref) - 1 - short
    records = [block(DELETION.position - 100, end, "0/0:60:30", "GT:GQ:DP", "<NON_REF>")]
    found, _ = read(write(tmp_path / "a.vcf", records), "CYP2C9")
    assert seen(found, DELETION.id) == ("not_covered" if short else f"={DELETION.ref}/{DELETION.ref}")


@pytest.mark.parametrize(("second", "said"), [("60", "=CAATGGAAAGA/CAATGGAAAGA"), ("5", "no_call")])
def test_adjacent_blocks_together_cover_a_deletion(tmp_path: Path, second: str, said: str) -> None:
    middle = DELETION.position + 4
    records = [
        block(DELETION.position - 100, middle, "0/0:60:30", "GT:GQ:DP", "<NON_REF>"),
        block(middle + 1, DELETION.end + 100, f"0/0:{second}:30", "GT:GQ:DP", "<NON_REF>"),
    ]
    found, notes = read(write(tmp_path / "a.vcf", records), "CYP2C9")
    assert seen(found, DELETION.id) == said
    assert [note.message for note in notes if note.locus == DELETION.id] == (["GQ below 20"] if said == "no_call" else [])


@pytest.mark.parametrize("gap", [1, 3])
def test_a_gap_of_one_base_between_blocks_is_a_gap(tmp_path: Path, gap: int) -> None:
    middle = DELETION.position + 4
    records = [
        block(DELETION.position - 100, middle - gap, "0/0:60:30", "GT:GQ:DP", "<NON_REF>"),
        block(middle + 1, DELETION.end + 100, "0/0:60:30", "GT:GQ:DP", "<NON_REF>"),
    ]
    found, _ = read(write(tmp_path / "a.vcf", records), "CYP2C9")
    assert seen(found, DELETION.id) == "not_covered"


@pytest.mark.parametrize(("start", "end", "said"), [(0, 0, "=C/C"), (1, 0, "not_covered"), (0, -1, "not_covered")])
def test_first_and_last_base_of_a_block_belong_to_it(tmp_path: Path, start: int, end: int, said: str) -> None:
    records = [Record("chr10", HET.position - 5, "A", ("<*>",), ("0/0",), info=f"END={HET.position + end}")]
    if start:
        records = [
            Record(
                "chr10",
                HET.position + 1,
                base("chr10", HET.position + 1),
                ("<*>",),
                ("0/0",),
                info=f"END={HET.position + 9}",
            )
        ]
    found, _ = read(write(tmp_path / "a.vcf", records), GENE)
    assert seen(found, HET.id) == said


def test_blocks_are_read_without_a_header_line_for_end(tmp_path: Path) -> None:
    fields = '##INFO=<ID=X,Number=1,Type=Integer,Description="X">\n'
    records = [Record("chr10", FIRST - 9, "A", ("<*>",), ("0/0",), info=f"DP=3;END={LAST + 9};X=1")]
    found, _ = read(write(tmp_path / "a.vcf", records, fields=fields), GENE)
    assert {seen(found, place.id) for place in gene_loci(GENE)} == {f"={place.ref}/{place.ref}" for place in gene_loci(GENE)}


def test_a_carried_catch_all_is_not_reference(tmp_path: Path) -> None:
    found, notes = read(
        write(tmp_path / "a.vcf", [at(HET, "0/2", alts=("T", "<NON_REF>")), *_around()]), GENE, absent="reference"
    )
    assert seen(found, HET.id) == "no_call"
    assert [(note.kind, note.place) for note in notes if note.locus == HET.id] == [
        ("unknown_alternative", f"chr10:{HET.position}")
    ]


def test_a_variant_record_with_a_catch_all_covers_its_own_bases(tmp_path: Path) -> None:
    """A deletion that nobody carries, written with <NON_REF>, says reference for the bases it lists."""
    record = Record("chr10", HET.position - 2, "GTC", ("G", "<NON_REF>"), ("0/0:60",), "GT:GQ")
    found, _ = read(write(tmp_path / "a.vcf", [record]), GENE)
    assert seen(found, HET.id) == "=C/C"
    plain = Record("chr10", HET.position - 2, "GTC", ("G",), ("0/0:60",), "GT:GQ")
    found, _ = read(write(tmp_path / "a.vcf", [plain]), GENE)
    assert seen(found, HET.id) == "not_covered"


def test_people_of_one_file_have_blocks_of_their_own(tmp_path: Path) -> None:
    records = [
        Record("chr10", FIRST - 9, "A", ("<NON_REF>",), ("0/0:60", "0/0:3", "./.:."), "GT:GQ", info=f"END={LAST + 9}")
    ]
    found, notes = read(write(tmp_path / "a.vcf", records, ["A", "B", "C"]), GENE)
    assert [seen(found, HET.id, row) for row in range(3)] == ["=C/C", "no_call", "no_call"]
    assert [note.message for note in notes if note.locus == HET.id] == ["GQ below 20 (2 people)"]


def test_block_and_variant_in_one_file_contradict_each_other_at_one_base(tmp_path: Path) -> None:
    for cover in (at(HET, "0/0", alts=()), block(FIRST - 9, LAST + 9, "0/0", "GT", "<NON_REF>")):
        found, notes = read(write(tmp_path / "a.vcf", [cover, at(HET, "0/1")]), GENE)
        assert seen(found, HET.id) == "no_call"
        assert [note.kind for note in notes if note.locus == HET.id] == ["contradiction"]


def test_bcftools_writes_an_insertion_beside_the_reference_base(tmp_path: Path) -> None:
    place = locus("rs67666821")
    records = [at(place, "0/0", alts=()), at(place, "0/1")]
    found, notes = read(write(tmp_path / "a.vcf", records), "CYP3A4")
    assert seen(found, place.id) == "G/GT"
    assert notes == []
