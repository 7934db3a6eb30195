"""``nof1 annotate`` and ``nof1 knowledge add`` with files that are wrong: one line, exit code 2, and nothing written or lost."""

from __future__ import annotations

import gzip
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.cli.main import main

sys.path.insert(0, str(Path(__file__).parents[1]))
from annotation.made import CLINVAR_INFO, GRCH37, GRCH38, clinvar, contigs, genome, packed

SNVS = [(("chr1", 100 + 9 * number, "A", "C"), str(number), "CLNSIG=Pathogenic") for number in range(40)]
LINES = [f"chr1\t{place}\t.\tA\tC\t.\tPASS\tAC=1\tGT:DP:GQ:PS\t0/1:30:50:." for (_, place, *_), *_ in SNVS]
GNOMAD = "##fileformat=VCFv4.2\n##reference=GRCh38\n##fileDate=20260101\n" + "".join(
    f'##INFO=<ID={name},Number={count},Type=Float,Description="{words}">\n'
    for name, count, words in (
        ("AC", "A", "n"), ("AN", "1", "n"), ("AF", "A", "f"), ("AF_afr", "A", "Alternate allele frequency in samples of Africans"),
    )
) + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"  # fmt: skip
TSV = "chrom\tpos\tref\talt\tclassification\tstars\treview\n1\t100\tA\tC\tPathogenic\t3\treviewed by expert panel\n"
ON = ("--edition", "t", "--build", "GRCh38")


class Place:
    """A folder with a genome file and a user's data folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.genome = self.file("g.vcf", genome(LINES))
        self.table = self.file("clinvar.vcf", clinvar(SNVS))

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *arguments: object) -> tuple[int, str]:
        code = main([str(one) for one in arguments])
        return code, self._capsys.readouterr().err

    def added(self, *arguments: object) -> None:
        assert self.run("knowledge", "add", *arguments) == (0, "")

    def annotated(self, *arguments: object) -> str:
        out = self.folder / "out.tsv"
        code, told = self.run("annotate", *arguments, "--out", out)
        assert code == 0, told
        return out.read_text()

    def held(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def refused(self, *arguments: object) -> str:
        """The one line that is told; no file of the folder is made, changed or lost."""
        before = self.held()
        code, told = self.run(*arguments)
        assert (code, told.count("\n")) == (2, 1), told
        assert self.held() == before
        return told


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Place(tmp_path, capsys)


@pytest.fixture
def with_table(place: Place) -> Place:
    place.added("clinvar", place.table)
    return place


@pytest.mark.parametrize("option", ["--out", "--vcf"])
@pytest.mark.parametrize("where", ["g.vcf", "link.vcf", "", ".", "no/x.vcf", "g.vcf/x", "/dev/null"])
def test_no_output_goes_where_something_else_is(with_table: Place, where: str, option: str) -> None:
    (with_table.folder / "link.vcf").symlink_to(with_table.genome)
    path = where if where in ("", "/dev/null") else with_table.folder / where
    told = with_table.refused("annotate", with_table.genome, "--with", "clinvar", option, path)
    assert f"{option} is " in told and ("name" in told or "make it first" in told)


def test_a_table_is_not_written_over(with_table: Place) -> None:
    (table,) = (with_table.folder / "data").rglob("*.nof1variants")
    assert "also read" in with_table.refused("annotate", with_table.genome, "--with", table, "--out", table)


def test_two_outputs_or_a_vcf_called_otherwise_are_refused(with_table: Place) -> None:
    both = ("annotate", with_table.genome, "--with", "clinvar", "--vcf", with_table.folder / "x.vcf")
    assert "one at a time" in with_table.refused(*both, "--out", with_table.folder / "x.tsv")
    assert "end it in .vcf" in with_table.refused(*both[:-1], with_table.folder / "x.bcf")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("clinvar@2026", "is not there"), ("clinvar@2026-11-2", "is not there"), ("clinvar@", "names no table"),
        ("@", "names no table"), ("*", "names no table"), ("clin*", "names no table"), ("/x/y", "names no table"),
        ("../clinvar", "names no table"), ("clinvar,clinvar@2026-11-20", "named twice"),
    ],
)  # fmt: skip
def test_a_name_means_one_edition_or_none(with_table: Place, name: str, said: str) -> None:
    told = with_table.refused("annotate", with_table.genome, "--with", name, "--out", with_table.folder / "x.tsv")
    assert said in told


def test_editions_side_by_side_have_columns_of_their_own(with_table: Place) -> None:
    newer = [(change, name, "CLNSIG=Benign") for change, name, _ in SNVS]
    with_table.added("clinvar", with_table.file("newer.vcf", clinvar(newer, date="2026-12-01")))
    both = (with_table.genome, "--with", "clinvar@2026-11-20,clinvar@2026-12-01")
    head, first = with_table.annotated(*both, "--columns", "germline").splitlines()[:2]
    assert head.split("\t")[5:] == ["clinvar_2026_11_20.germline", "clinvar_2026_12_01.germline"]
    assert first.split("\t")[5:] == ["pathogenic", "benign"]
    vcf = with_table.folder / "x.vcf"
    assert with_table.run("annotate", *both, "--vcf", vcf)[0] == 0
    names = [
        line.partition("ID=")[2].partition(",")[0] for line in vcf.read_text().splitlines() if "##INFO=<ID=CLIN" in line
    ]
    assert len(names) == len(set(names)) and "CLINVAR_2026_12_01_GERMLINE" in names


@pytest.mark.parametrize("how", ["gz", "bgz", "bcf"])
def test_a_genome_file_cut_short_anywhere_is_refused(with_table: Place, how: str) -> None:
    whole = packed(with_table.genome, how).read_bytes()
    for size in sorted({*range(0, 60, 7), *range(60, len(whole), max(len(whole) // 25, 1)), len(whole) - 1}):
        cut = with_table.file("cut.vcf.gz", whole[:size])
        with_table.refused("annotate", cut, "--with", "clinvar", "--out", with_table.folder / "x.tsv")


@pytest.mark.parametrize("how", ["gz", "bgz"])
def test_bytes_changed_in_packed_text_are_told(with_table: Place, how: str) -> None:
    whole, chance = packed(with_table.genome, how).read_bytes(), random.Random(7)
    said = []
    for _ in range(40):
        changed = bytearray(whole)
        changed[chance.randrange(20, len(whole) - 40)] ^= 1 << chance.randrange(8)
        file = with_table.file("changed.vcf.gz", bytes(changed))
        said.append(with_table.refused("annotate", file, "--with", "clinvar", "--out", with_table.folder / "x.tsv"))
    assert any("cut short or damaged" in told for told in said)


def test_a_damaged_table_is_told_as_damaged_and_made_again(with_table: Place) -> None:
    (table,) = (with_table.folder / "data").rglob("*.nof1variants")
    whole, chance = table.read_bytes(), random.Random(3)
    expected = with_table.annotated(with_table.genome, "--with", "clinvar")
    damaged = 0
    for _ in range(60):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        table.write_bytes(bytes(changed))
        code, told = with_table.run("annotate", with_table.genome, "--with", "clinvar", "--out", with_table.folder / "x.tsv")
        damaged += code == 2
        assert (code == 2 and "damaged" in told) or (with_table.folder / "x.tsv").read_text() == expected, told
    assert damaged > 30
    table.write_bytes(whole[: len(whole) // 2])
    with_table.added("clinvar", with_table.table)
    assert table.read_bytes() == whole


def test_an_edition_is_not_replaced_by_another_file(with_table: Place) -> None:
    other = with_table.file("other.vcf", clinvar(SNVS[1:]))
    assert "made from another file (clinvar.vcf" in with_table.refused("knowledge", "add", "clinvar", other)
    with_table.added("clinvar", with_table.table)  # the same one again is no error


CLINVAR = clinvar(SNVS)
LONG = "x" * 300


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (CLINVAR.replace("GRCh38", "hg18"), (), "is on NCBI36"),
        (CLINVAR, ("--build", "hg19"), "GRCh38"),
        (CLINVAR, ("--edition", LONG), "up to 60 letters"),
        (CLINVAR, ("--edition", ".."), "--edition is '..'"),
        (CLINVAR.replace("2026-11-20", "2026-99-99"), (), "neither date nor version"),
        (CLINVAR.replace("\t100\t", "\t4294967396\t"), (), "line 19: POS is 4294967396"),
        (CLINVAR.replace("CLNSIG=Pathogenic", "CLNSIG=Pathogenic\textra", 1), (), "9 columns"),
        (CLINVAR.replace("CLNSIG=", "CLNSIG=Benign;CLNSIG=", 1), (), "line 19: CLNSIG stands twice"),
    ],
)  # fmt: skip
def test_a_vcf_of_assertions_that_is_wrong(place: Place, text: str, options: tuple[str, ...], said: str) -> None:
    assert said in place.refused("knowledge", "add", "clinvar", place.file("c.vcf", text), *options)


def test_stars_are_no_field_of_the_vcf(place: Place) -> None:
    text = CLINVAR.replace("CLNSIG=", "STARS=9;CLNREVSTAT=practice_guideline;CLNSIG=", 1)
    place.added("clinvar", place.file("c.vcf", text))
    assert place.annotated(place.genome, "--with", "clinvar", "--columns", "germline_stars").splitlines()[1][-1] == "4"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TSV.replace("\t3\t", "\t7\t"), "line 2: stars is '7'"),
        (TSV.replace("\t3\t", "\t4\t"), "line 2: stars is 4, but the review status 'reviewed by expert panel' has 3"),
        (TSV.replace("\tstars\t", "\tpos\t"), "two columns are named 'pos'"),
        (TSV.replace("Pathogenic", "Path\xe9").encode("latin-1"), "line 2: byte 15 is not UTF-8"),
        (TSV + "1\t5\tA\n", "line 3: 3 columns, expected 7"),
        (gzip.compress((TSV * 3).encode())[:-12], "cut short or damaged"),
        (gzip.compress((TSV * 3).encode())[:-1], "cut short or damaged"),
        (TSV.encode("utf-16"), "line 1: begins with"),
    ],
)  # fmt: skip
def test_a_table_of_assertions_that_is_wrong(place: Place, text: str | bytes, said: str) -> None:
    assert said in place.refused("knowledge", "add", "clinvar", place.file("t.tsv", text), *ON)


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n"), str.upper])
def test_a_table_may_be_saved_by_an_office(place: Place, change: Callable[[str], str]) -> None:
    place.added("clinvar", place.file("t.tsv", change(TSV)), *ON)
    assert place.annotated(place.genome, "--with", "clinvar").splitlines()[1].split("\t")[5:7] == ["pathogenic", change("Pathogenic").strip("\ufeff")]  # fmt: skip


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ("AC=1;AN=100;AF=1.5", "AF is '1.5'"), ("AC=1;AN=100;AF=-0.1", "AF is '-0.1'"), ("AF=nan", "AF is 'nan'"),
        ("AF=inf", "AF is 'inf'"), ("AF=0.1;AF_afr=x", "AF_afr is 'x'"), ("AC=x", "AC is 'x'"), ("AC=-1", "AC is '-1'"),
        ("AC=99999999999999999999;AN=1", "AC is '9999"), ("AC=200;AN=100;AF=0.5", "AC is 200 and AN 100"),
        ("AC=1;AN=100;AF=0.9", "AF is 0.9, but AC / AN is 1 / 100 = 0.01"),
    ],
)  # fmt: skip
def test_a_frequency_that_cannot_be_is_refused_with_its_line(place: Place, info: str, said: str) -> None:
    text = GNOMAD + "1\t4\t.\tA\tC\t.\tPASS\tAC=1;AN=100;AF=0.01\n\n" + f"1\t5\t.\tA\tC\t.\tPASS\t{info}\n"
    told = place.refused("knowledge", "add", "gnomad", place.file("g.vcf.txt", text))
    assert "line 11: " in told and said in told


def test_frequencies_are_those_of_alternatives(place: Place) -> None:
    file = place.file("r.vcf", GNOMAD.replace("AF,Number=A", "AF,Number=R") + "1\t5\t.\tA\tC\t.\t.\tAF=0.9,0.1\n")
    assert "declares AF with Number=R" in place.refused("knowledge", "add", "gnomad", file)


GFF = (
    "##gff-version 3\nchr1\tx\tmRNA\t1\t99\t.\t+\t.\tID=t;gene=G\nchr1\tx\texon\t1\t99\t.\t+\t.\tParent=t\n"
    "chr1\tx\tCDS\t1\t99\t.\t+\t0\tParent=t\n"
)  # fmt: skip


def _damaged(text: str) -> bytes:
    whole = bytearray(gzip.compress(text.encode() * 50))
    whole[30:32] = b"\xff\xff"
    return bytes(whole)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GFF.replace("ID=t;", ""), "line 2: the transcript has no ID"),
        (GFF.replace("99", "9" * 30), "is no stretch of a strand"),
        (_damaged(GFF), "cut short or damaged"),
    ],
)  # fmt: skip
def test_gene_models_that_are_wrong(place: Place, content: str | bytes, said: str) -> None:
    assert said in place.refused("knowledge", "add", "gene-models", place.file("m.gff3", content))


def test_gene_models_may_begin_with_a_mark_of_utf8(place: Place) -> None:
    place.added("gene-models", place.file("m.gff3", "\ufeff" + GFF))


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (">chr1\nMKLW\n", ("--build", "GRCh38"), "contig 'chr1' holds 'L', which is no base"),
        (">chrQ\nACGT\n", (), "neither contig lengths nor genes"),
        (">chrQ\nACGT\n", ("--build", "foo"), "build 'foo' is not known"),
    ],
)  # fmt: skip
def test_a_reference_that_is_wrong_leaves_no_index(place: Place, text: str, options: tuple[str, ...], said: str) -> None:
    assert said in place.refused("knowledge", "add", "fasta", place.file("r.fa", text), *options)


def test_a_reference_whose_last_chromosome_is_cut_short_is_told(place: Place) -> None:
    file = place.folder / "r.fa"
    with open(file, "wb") as out:  # chr22 whole, of N, and a chr21 ... of another length than GRCh38's chr20
        row = b"N" * 60 + b"\n"
        out.write(b">chr22\n" + row * (50818468 // 60) + b"N" * (50818468 % 60) + b"\n>chr19\nACGT\n")
    told = place.refused("knowledge", "add", "fasta", file)
    assert "chr19 has 4 bases and not 58,617,616" in told
    file.unlink()


def test_a_bgzip_reference_without_its_last_block_is_cut_short(place: Place, tmp_path: Path) -> None:
    from nof1.jobs.annotated_vcf import blocks

    file = place.file("r.fa.gz", blocks(b">chr1\n" + b"ACGT" * 100 + b"\n"))
    assert "cut short" in place.refused("knowledge", "add", "fasta", file, "--build", "GRCh38")


def test_left_alignment_takes_the_reference_of_the_file(with_table: Place) -> None:
    with_table.added("clinvar", with_table.file("c37.vcf", clinvar(SNVS, build="GRCh37")))
    with_table.added("fasta", with_table.file("r.fa", ">chr1\n" + "A" * 999 + "\n"), "--build", "GRCh38")
    old = with_table.file("g37.vcf", genome(LINES, GRCH37))
    asked = ("--with", "clinvar", "--left-align", "--out", with_table.folder / "x.tsv")
    assert "needs a reference on GRCh37" in with_table.refused("annotate", old, *asked)
    silent = with_table.file("silent.vcf", genome(LINES, {}))
    assert "say it with --build" in with_table.refused("annotate", silent, *asked)
    assert with_table.run("annotate", silent, *asked, "--build", "hg38")[0] == 0


def test_a_header_with_the_lengths_of_two_builds_names_none(with_table: Place) -> None:
    text = genome(LINES[:5], {}).replace(
        "##FORMAT", contigs({"chr1": GRCH38["chr1"], "chr2": GRCH37["chr2"]}) + "##FORMAT", 1
    )
    mixed = with_table.file("mixed.vcf", text)
    told = with_table.refused("annotate", mixed, "--with", "clinvar", "--out", with_table.folder / "x.tsv")
    assert "does not say its build" in told


def test_differences_with_a_damaged_table_are_not_told(with_table: Place) -> None:
    (table,) = (with_table.folder / "data").rglob("*.nof1variants")
    changed = bytearray(table.read_bytes())
    at = changed.index(b"pathogenic")
    changed[at : at + 10] = b"pathogenix"
    copy = with_table.file("copy.nof1variants", bytes(changed))
    assert "damaged" in with_table.refused("knowledge", "diff", "clinvar@2026-11-20", copy)


@pytest.mark.skipif(os.fsencode("\udcff") != b"\xff", reason="the file system's names are not bytes")
@pytest.mark.parametrize(("kind", "text"), [("clinvar", CLINVAR), ("fasta", ">1\nACGT\n"), ("gene-models", GFF)])
def test_a_name_that_is_not_utf8(place: Place, kind: str, text: str) -> None:
    file = place.file("x\udcff", text)
    assert "its name is not UTF-8" in place.refused("knowledge", "add", kind, file)
    file.unlink()


def test_other_names_are_kept(place: Place) -> None:
    place.added("clinvar", place.file("clînvar \u202e'<b>.vcf", CLINVAR), *ON)
    assert place.run("knowledge", "list", "tables", "--check")[0] == 0


NOF1 = [sys.executable, "-c", "from nof1.cli.main import run; run()"]


def test_adding_may_be_killed_at_any_time(place: Place) -> None:
    """What is there is whole, and the next one succeeds; whatever was half-written has a hidden name."""
    many = [
        (("chr1", 1000 + 3 * number, "A", "C"), str(number), f"CLNSIG=Benign;CLNDN=c{number}") for number in range(20_000)
    ]
    command = [*NOF1, "knowledge", "add", "clinvar", str(place.file("many.vcf", clinvar(many)))]
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lasted, (table,) = time.perf_counter() - begin, (place.folder / "data").rglob("*.nof1variants")
    whole = table.read_bytes()
    for share in (0.5, 0.8, 0.9, 0.97):
        shutil.rmtree(table.parent, ignore_errors=True)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(share * lasted)
            process.send_signal(signal.SIGKILL)
        assert not table.exists() or table.read_bytes() == whole
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert [path.name for path in table.parent.iterdir()] == [table.name] and table.read_bytes() == whole


ODD = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12)
FIELD = (
    st.sampled_from(["chr1", "1", "100", "0", "-1", "A", "C", "ACGT", "*", "<DEL>", ".", "", "PASS", *CLINVAR_INFO]) | ODD
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.lists(FIELD, min_size=6, max_size=12), min_size=1, max_size=4), kind=st.sampled_from(["clinvar", "gnomad", "t"]))  # fmt: skip
def test_any_line_is_read_or_refused_in_one_line(with_table: Place, lines: list[list[str]], kind: str) -> None:
    head = {"clinvar": CLINVAR.partition("#CHROM")[0] + GNOMAD.rpartition("\n#")[2].replace("CHROM", "#CHROM", 1), "gnomad": GNOMAD, "t": TSV}  # fmt: skip
    text = head[kind] + "".join("\t".join(line) + "\n" for line in lines)
    shutil.rmtree(with_table.folder / "odd", ignore_errors=True)
    into = ("--into", with_table.folder / "odd", *(ON if kind == "t" else ("--edition", "t")))
    file = with_table.file("odd.txt", text)
    code, told = with_table.run("knowledge", "add", "gnomad" if kind == "gnomad" else "clinvar", file, *into)
    assert (code, told.count("\n")) in ((0, 0), (2, 1)), told
    body = "".join("\t".join(line) + "\n" for line in lines)
    code, told = with_table.run(
        "annotate", with_table.file("odd.vcf", genome([]) + body), "--with", "clinvar", "--out", with_table.folder / "x.tsv"
    )
    assert code == 0 or (code, told.count("\n")) == (2, 1), told


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on the size of files")
@pytest.mark.parametrize(
    ("words", "most"),
    [
        (("annotate", "GENOME", "--with", "clinvar", "--out", "x.tsv"), 500),
        (("annotate", "GENOME", "--with", "clinvar", "--vcf", "x.vcf.gz"), 500),
        (("annotate", "GENOME", "--with", "clinvar", "--vcf", "x.vcf"), 500),
        (("knowledge", "add", "clinvar", "TABLE", "--edition", "other"), 500),
        (("knowledge", "add", "gene-models", "MODELS"), 20),
        (("knowledge", "add", "fasta", "FASTA", "--build", "GRCh38"), 20),
    ],
)
def test_nothing_is_left_where_the_disk_is_full(with_table: Place, words: tuple[str, ...], most: int) -> None:
    """A limit on the size of files stands for the disk: the system refuses further bytes in the same way."""
    files = {
        "GENOME": with_table.genome, "TABLE": with_table.table, "MODELS": with_table.file("m.gff3", GFF),
        "FASTA": with_table.file("r.fa", ">chr1\n" + "ACGT" * 50 + "\n"),
    }  # fmt: skip
    before, (soft, hard) = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    asked = [files.get(word, with_table.folder / word if word.startswith("x.") else word) for word in words]
    held = with_table.held()
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        code, told = with_table.run(*asked)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert (code, told.count("\n")) == (2, 1) and "cannot be written" in told, told
    assert with_table.held() == held


@pytest.mark.parametrize("option", ["--out", "--vcf"])
def test_annotating_may_be_killed_at_any_time(with_table: Place, option: str) -> None:
    """Before it is whole nothing has the name asked for; what a killed run leaves is gone after the next."""
    lines = [f"chr1\t{100 + 9 * n}\t.\tA\tC\t.\tPASS\tAC=1\tGT:DP:GQ:PS\t0/1:30:50:." for n in range(60_000)]
    genome_file, out = with_table.file("many.vcf", genome(lines)), with_table.folder / "r[1].vcf"
    command = [*NOF1, "annotate", str(genome_file), "--with", "clinvar", option, str(out)]
    begin = time.perf_counter()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    lasted, whole = time.perf_counter() - begin, out.read_bytes()
    for share in (0.6, 0.8, 0.95):
        out.unlink(missing_ok=True)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(share * lasted)
            process.kill()
        assert not out.exists() or out.read_bytes() == whole
    (with_table.folder / ".r[1].vcf.999999999.part").write_bytes(b"left")
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    assert out.read_bytes() == whole
    assert [path.name for path in with_table.folder.iterdir() if path.name.endswith(".part")] == []


def test_what_left_alignment_could_not_move_is_told(with_table: Place) -> None:
    with_table.added("fasta", with_table.file("r.fa", ">chr1\n" + "GT" + "CA" * 500 + "\n"), "--build", "GRCh38")
    indels = [(4, "ACA", "A", "chr1"), (50, "ACA", "A", "chr1"), (60, "GGG", "G", "chr1"), (70, "ACA", "A", "chr2")]
    lines = [f"{name}\t{at}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t0/1" for at, ref, alt, name in indels]
    file = with_table.file("indels.vcf", genome(lines))
    code, told = with_table.run("annotate", file, "--with", "clinvar", "--left-align", "--out", with_table.folder / "x.tsv")
    assert code == 0
    assert [line.strip() for line in told.splitlines() if "moved" in line] == [
        "1 insertions or deletions were not moved to the left: REF differs from the reference sequence",
        "1 insertions or deletions were not moved to the left: the reference sequence has no such place",
    ]
