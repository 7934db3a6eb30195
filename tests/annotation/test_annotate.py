"""The joined table and the annotated file: contents, people, counts of what was left out, files that are refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from cyvcf2 import VCF

from nof1.cli.main import main
from nof1.errors import GenomeError, InputError, NotInKnowledge, RequestError
from nof1.jobs.annotate import Output, annotate, summary
from nof1.jobs.carried import Place, carried
from nof1.jobs.reclassified import compare
from nof1.jobs.variant_tables import add
from nof1.knowledge.variant_index import VariantIndex
from nof1.knowledge.variant_store import opened
from nof1.model.variants import Zygosity

from .made import GRCH37, clinvar, genome, make, write

BENIGN, RISK = "CLNSIG=Benign;CLNREVSTAT=practice_guideline;GENEINFO=ABC1:1", "CLNSIG=Pathogenic;CLNDN=An_illness"
ROWS = [
    (("chr1", 100, "A", "C"), "1", RISK), (("chr1", 100, "A", "G"), "2", BENIGN), (("chr1", 200, "CAA", "C"), "3", RISK),
    (("chrX", 500, "G", "T"), "4", RISK), (("chrY", 600, "G", "T"), "5", RISK), (("chrM", 700, "A", "G"), "6", RISK),
]  # fmt: skip
LINES = [
    "chr1\t100\t.\tA\tT,C\t50\tPASS\tAC=1,1\tGT:DP:GQ:PS\t1|2:31:45:77\t0/1:9:9:.",
    "chr1\t200\t.\tCAAG\tCG,C,*\t50\tq10\tAC=1,1,1\tGT:DP:GQ\t0/1:30:99\t./.:.:.",
    "chrX\t500\t.\tG\tT\t50\tPASS\t.\tGT\t1\t0/1",
    "chrY\t600\t.\tG\tT\t50\tPASS\t.\tGT\t1/1\t0",
    "chrM\t700\t.\tA\tG\t50\tPASS\t.\tGT\t0/1\t1/1",
]


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    path = tmp_path / "clinvar.vcf"
    path.write_text(clinvar(ROWS))
    add("clinvar", path, tmp_path / "tables")
    return tmp_path / "tables"


def put(folder: Path, text: str, name: str = "genome.vcf") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def joined(path: Path, tables: Path, **options: object) -> list[list[str]]:
    out = path.with_name("out.tsv")
    annotate([path], ["clinvar"], Output(out), tables=tables, **options)  # type: ignore[arg-type]
    return [line.split("\t") for line in out.read_text().splitlines()]


def test_the_joined_table_of_a_person(tables: Path, tmp_path: Path) -> None:
    path = put(tmp_path, genome(LINES, samples=("S1", "S2")))
    rows = joined(path, tables, sample="S1", columns=["id", "clinvar.germline"])
    assert rows == [
        [
            "chromosome",
            "position",
            "ref",
            "alt",
            "filter",
            "genotype",
            "zygosity",
            "phase_set",
            "strand",
            "quality",
            "depth",
            "clinvar.id",
            "clinvar.germline",
        ],
        ["chr1", "100", "A", "C", "PASS", "1|2", "heterozygous", "77", "1", "45", "31", "1", "pathogenic"],
        ["chr1", "200", "CAA", "C", "q10", "0/1", "heterozygous", "", "", "99", "30", "3", "pathogenic"],
        ["chrX", "500", "G", "T", "PASS", "1", "hemizygous", "", "", "", "", "4", "pathogenic"],
        ["chrY", "600", "G", "T", "PASS", "1/1", "hemizygous", "", "", "", "", "5", "pathogenic"],
        ["chrM", "700", "A", "G", "PASS", "0/1", "unknown", "", "", "", "", "6", "pathogenic"],
    ]


def test_nothing_is_silently_negative(tables: Path, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        genome(
            [*LINES, "chr1\t300\t.\tN\tA\t.\t.\t.\tGT\t0/1\t0/1", "chr1\t200\t.\tG\tA\t.\t.\t.\tGT\t0/1\t0/1"],
            samples=("S1", "S2"),
        ),
    )
    (done,) = annotate([path], ["clinvar"], Output(tmp_path / "o.tsv"), tables=tables, sample="S2")
    told = "\n".join(summary(done))
    assert "7 records, 10 alternatives, 8 looked up, 5 known" in told
    assert "1 letters other than A, C, G, T" in told and "1 * (the base is deleted" in told
    assert "2 known to a table, not carried by the sample" in told
    assert "1 known to a table, the sample has no genotype there (listed, zygosity unknown)" in told
    assert "1 of 6 REF compared differ from the tables (first chr1:200 REF G)" in told
    rows = [line.split("\t")[:8] for line in (tmp_path / "o.tsv").read_text().splitlines()]
    assert ["chr1", "200", "CAA", "C", "q10", "./.", "unknown", ""] in rows


def test_carried_for_the_assessment(tables: Path, tmp_path: Path) -> None:
    path = put(tmp_path, genome([*LINES, "chr2\t55\t.\tG\tA\t.\tPASS\t.\tGT\t1/1\t0/1"], samples=("S1", "S2")))
    found = carried(path, "S1", [opened("clinvar", "GRCh38", tables)], [Place("chr2", 50, 60, "XYZ")])
    assert [(one.allele.chromosome, one.zygosity, len(one.assertions)) for one in found.variants] == [
        ("chr1", Zygosity.HETEROZYGOUS, 1), ("chr1", Zygosity.HETEROZYGOUS, 1), ("chrX", Zygosity.HEMIZYGOUS, 1), ("chrY", Zygosity.HEMIZYGOUS, 1),
        ("chrM", Zygosity.UNKNOWN, 1), ("chr2", Zygosity.HOMOZYGOUS, 0),
    ]  # fmt: skip
    first, last = found.variants[0], found.variants[-1]
    assert (first.phase_set, first.strand, first.quality, first.depth, first.place) == (
        77,
        1,
        45.0,
        31,
        "genome.vcf line 14",
    )
    assert first.assertions[0].conditions == ("An illness",) and last.gene == "XYZ"
    assert carried(path, "S2", [opened("clinvar", "GRCh38", tables)]).not_called == 1


@pytest.mark.parametrize("name", ["out.vcf", "out.vcf.gz"])
def test_the_annotated_file_is_the_old_one_with_fields_added(name: str, tmp_path: Path) -> None:
    made = make(11)
    path, table, _ = write(tmp_path, made)
    add("clinvar", table, tmp_path)
    out = tmp_path / name
    annotate([path], ["clinvar"], Output(vcf=out), tables=tmp_path)
    text = (gzip.decompress(out.read_bytes()) if name.endswith("gz") else out.read_bytes()).decode()
    stripped = [line for line in text.splitlines() if not line.startswith("##INFO=<ID=CLINVAR_")]
    known = {change: str(number) for number, change in enumerate(made.table, 1)}
    from nof1.genomics.normalize import trim

    was = path.read_text().splitlines()
    assert len(stripped) == len(was)
    fields = 0
    for variant, line, before in zip(
        VCF(str(out)), [one for one in stripped if one[0] != "#"], [one for one in was if one[0] != "#"], strict=True
    ):
        alts = before.split("\t")[4].split(",")
        wanted = [known.get((variant.CHROM, *trim(variant.POS, variant.REF, alt)), ".") for alt in alts]
        found = variant.INFO.get("CLINVAR_ID")
        assert (found.split(",") if found else ["."] * len(alts)) == wanted
        fields += found is not None
        now = line.split("\t")
        now[7] = ";".join(part for part in now[7].split(";") if not part.startswith("CLINVAR_"))
        assert now == before.split("\t")
    assert fields > 100


def test_parquet_has_the_rows_of_the_table(tables: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = put(tmp_path, genome(LINES, samples=("S1", "S2")))
    rows = joined(path, tables, sample="S1")
    annotate([path], ["clinvar"], Output(tmp_path / "out.parquet"), tables=tables, sample="S1")
    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.column_names == rows[0]
    as_text = [
        ["" if value is None else f"{value:g}" if isinstance(value, float) else str(value) for value in row.values()]
        for row in found.to_pylist()
    ]
    assert as_text == rows[1:]


def test_a_file_on_another_build_is_refused(tables: Path, tmp_path: Path) -> None:
    path = put(tmp_path, genome(LINES, GRCH37, ("S1", "S2")))
    with pytest.raises(NotInKnowledge, match=r"'clinvar' on GRCh37 is not there .there is: clinvar-2026-11-20-GRCh38"):
        joined(path, tables)
    with pytest.raises(
        GenomeError, match=r"is on GRCh37 .length of chr1 in the header., clinvar 2026-11-20 .GRCh38. is on GRCh38"
    ):
        carried(path, "S1", [opened("clinvar", "", tables)])


def test_a_header_that_lies_is_told_by_its_bases(tmp_path: Path) -> None:
    made = make(12)
    path, table, _ = write(tmp_path, made)
    add("clinvar", table, tmp_path)
    swap = str.maketrans("ACGT", "GTAC")
    lines = [line.split("\t") for line in made.lines]
    path.write_text(genome(["\t".join([*one[:3], one[3].translate(swap), "AC", *one[5:]]) for one in lines]))
    with pytest.raises(
        GenomeError, match=r"says it is on GRCh38 .length of chr1.*, but REF differs .* it is on another build"
    ):
        annotate([path], ["clinvar"], Output(tmp_path / "o.tsv"), tables=tmp_path)
    assert not (tmp_path / "o.tsv").exists() and not list(tmp_path.glob(".*part"))


def test_a_silent_header_needs_evidence(tables: Path, tmp_path: Path) -> None:
    text = "".join(line for line in genome(LINES, samples=("S1", "S2")).splitlines(keepends=True) if "##contig" not in line)
    path = put(tmp_path, text)
    with pytest.raises(
        GenomeError, match=r"does not say its build, and only 5 of its REF bases could be compared; say it with --build"
    ):
        joined(path, tables)
    assert len(joined(path, tables, build="hg38")) == 6


BAD_GT = [LINES[0].replace("1|2", "1|x")]


@pytest.mark.parametrize(
    ("lines", "options", "words"),
    [
        ([LINES[0], "chr1\t5\tA"], {}, r"line 15: 3 columns, expected 11"),
        ([LINES[0], LINES[0].replace("\t100\t", "\t1e2\t")], {}, "line 15: POS is '1e2'"),
        (BAD_GT, {"sample": "S1"}, r"line 14: GT is '1\|x'"),
        (LINES, {"sample": "S9"}, "no sample 'S9'; it has S1, S2"),
        (LINES, {"columns": ["colour"]}, "--columns names 'colour'"),
        (LINES, {"build": "hg19"}, "is on GRCh38 .* but --build is 'hg19'"),
    ],
)
def test_bad_input_is_one_line_and_no_output(
    lines: list[str], options: dict[str, object], words: str, tables: Path, tmp_path: Path
) -> None:
    path = put(tmp_path, genome(lines, samples=("S1", "S2")))
    with pytest.raises(InputError, match=words) as caught:
        joined(path, tables, **options)
    assert "\n" not in str(caught.value) and not (tmp_path / "out.tsv").exists()


def test_a_file_cut_short_is_refused(tables: Path, tmp_path: Path) -> None:
    whole = gzip.compress(genome(LINES * 3000, samples=("S1", "S2")).encode())
    path = tmp_path / "cut.vcf.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GenomeError, match=r"cut short or damaged"):
        joined(path, tables)


def test_another_mitochondrial_sequence_is_left_out(tables: Path, tmp_path: Path) -> None:
    text = genome(LINES, samples=("S1", "S2")).replace("##INFO", "##contig=<ID=chrM,length=16571>\n##INFO", 1)
    (done,) = annotate([put(tmp_path, text)], ["clinvar"], Output(tmp_path / "o.tsv"), tables=tables)
    assert done.tally.excluded["on a mitochondrial sequence other than rCRS"] == 1
    assert "chrM" not in (tmp_path / "o.tsv").read_text()


def test_reclassifications_and_whom_they_touch(tables: Path, tmp_path: Path) -> None:
    rows = [
        (change, name, text.replace("Pathogenic", "Benign") if name in "14" else text)
        for change, name, text in ROWS
        if name != "3"
    ]
    (tmp_path / "new.vcf").write_text(clinvar([*rows, (("chr2", 9, "A", "C"), "9", RISK)], date="2026-12-01"))
    add("clinvar", tmp_path / "new.vcf", tables)
    path = put(tmp_path, genome(LINES, samples=("S1", "S2")))
    found = compare(opened("clinvar@2026-11-20", "", tables), opened("clinvar", "", tables), [path])
    assert (found.same, found.added, found.removed) == (3, 1, 1)
    told = [(change.allele.position, change.before, change.after, change.people) for change in found.changes]
    assert told == [
        (100, "pathogenic (unknown stars)", "benign (unknown stars)", ("genome.vcf: S1 (heterozygous)",)),
        (
            500,
            "pathogenic (unknown stars)",
            "benign (unknown stars)",
            ("genome.vcf: S1 (hemizygous)", "genome.vcf: S2 (heterozygous)"),
        ),
        (200, "pathogenic (unknown stars)", "", ("genome.vcf: S1 (heterozygous)", "genome.vcf: S2 (unknown)")),
    ]


def test_from_the_command_line(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    (tmp_path / "clinvar.vcf").write_text(clinvar(ROWS))
    path = put(tmp_path, genome(LINES, samples=("S1", "S2")))
    assert main(["knowledge", "add", "clinvar", str(tmp_path / "clinvar.vcf")]) == 0
    assert main(["knowledge", "list", "tables", "--check"]) == 0
    assert "clinvar@2026-11-20" in capfd.readouterr().out
    assert main(["annotate", str(path), "--with", "clinvar@2026-11-20", "--sample", "S1"]) == 0
    shown = capfd.readouterr()
    assert shown.out.count("\n") == 6 and "5 records, 8 alternatives, 7 looked up, 5 known" in shown.err
    assert main(["knowledge", "diff", "clinvar@2026-11-20", "clinvar@2026-11-20", "--vcf", str(path)]) == 0
    assert "0 changes told, 6 alleles the same" in capfd.readouterr().out
    assert main(["annotate", str(path), "--with", "gnomad"]) == 2
    assert "bring it with nof1 knowledge add gnomad FILE" in capfd.readouterr().err
    (compiled,) = (tmp_path / "home" / "nof1" / "tables").iterdir()
    compiled.write_bytes(compiled.read_bytes()[:-7])
    assert main(["annotate", str(path), "--with", "clinvar"]) == 2
    error = capfd.readouterr().err
    assert error.startswith("nof1: ") and "cut short or damaged" in error and error.count("\n") == 1


def test_damage_in_a_table_stops_the_answer(tables: Path, tmp_path: Path) -> None:
    (compiled,) = tables.iterdir()
    data = bytearray(compiled.read_bytes())
    _, at, *_ = VariantIndex(compiled).header.blocks["germline.codes"]
    data[at] ^= 1
    compiled.write_bytes(data)
    with pytest.raises(RequestError, match="another checksum"):
        joined(put(tmp_path, genome(LINES, samples=("S1", "S2"))), tables)
    assert not (tmp_path / "out.tsv").exists()
