"""A wrong file or request ends with exit code 2 and one line: where, what stands there, what to do. Nothing is left behind."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import nof1
from genomics.vcf_text import (
    EOF_BLOCK,
    FIELDS,
    KNOWN,
    Record,
    at,
    bgzf,
    filler,
    gene_loci,
    gene_records,
    locus,
    tabix,
    text,
    with_calls,
    write_as,
)
from nof1.cli.main import main

GENE = "CYP2C9"
HET = locus("rs1799853")
GOOD = text(gene_records(GENE))
ROW = GOOD.split(b"\n").index(at(HET, "0/0").line().encode()) + 1  # the line of HET, from 1
COLUMNS = GOOD.split(b"\n").index(at(gene_loci(GENE)[0], "0/0").line().encode())  # the line of #CHROM, from 1
HEAD, BODY = GOOD.split(b"#CHROM")[0], GOOD.split(b"\n", COLUMNS)[COLUMNS]


ZIPPED_BED = gzip.compress(b"".join(b"chr10\t%d\t%d\n" % (start, start + 3) for start in range(0, 14000, 7)), mtime=0)


def changed(record: Record | str) -> bytes:
    """The good file with the record at ``HET`` replaced."""
    lines = GOOD.split(b"\n")
    lines[ROW - 1] = (record.line() if isinstance(record, Record) else record).encode()
    return b"\n".join(lines)


def run(capsys: pytest.CaptureFixture[str], arguments: list[object]) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def outputs(verb: str, folder: Path) -> list[object]:
    return ["--out", folder / "report"] if verb == "assess" else ["--out", folder / "calls.tsv"]


def refused(
    capsys: pytest.CaptureFixture[str], verb: str, folder: Path, arguments: list[object], message: str, code: int = 2
) -> None:
    """``verb`` refuses with one line that matches ``message``, and leaves the folder as it was."""
    before = sorted(folder.rglob("*"))
    stopped, out, err = run(capsys, [verb, *arguments, *outputs(verb, folder)])
    assert stopped == code, err
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert re.fullmatch(f"nof1: {message}\n", err), err
    assert sorted(folder.rglob("*")) == before


VERBS = pytest.mark.parametrize("verb", ["assess", "pgx"])

FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r"{file}: is empty; give a VCF, gVCF or BCF file"),
    "no vcf": (b"sample,gene\nA,B\n", r"{file} line 1: begins with 'sample,gene', not with ##fileformat=VCF; give a VCF.*"),
    "json": (b'{"resourceType": "Bundle"}', r"""{file} line 1: begins with '{"resourceType": "Bundle"}', not with .*; give .*"""),
    "blank line first": (b"\n" + GOOD, r"{file} line 1: begins with '', not with ##fileformat=VCF; give .*"),
    "utf-16": (GOOD.decode().encode("utf-16"), r"{file} line 1: begins with .*, not with ##fileformat=VCF; give .*"),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD, r"{file} line 1: begins with .*, not with ##fileformat=VCF; give .*"),
    "noise": (bytes(range(256)) * 40, r"{file} line 1: begins with .*, not with ##fileformat=VCF; give .*"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(500), r"{file} line 1: begins with .*, not with ##fileformat=VCF; give .*"),
    "zip": (b"PK\x03\x04" + bytes(500), r"{file} line 1: begins with .*; give a VCF, gVCF or BCF file"),
    "gzip of text": (gzip.compress(b"hello\nworld\n"), r"{file} line 1: begins with 'hello', not with .*; give .*"),
    "gzip of nothing": (gzip.compress(b""), r"{file} line 1: begins with '', not with ##fileformat=VCF; give .*"),
    "gzip header and noise": (b"\x1f\x8b" + bytes(range(256)), r"{file}.*; (give|copy) .*"),
    "gzip cut": (gzip.compress(GOOD)[:-400], r"{file}: is cut short or damaged \(the compressed data ends early\); copy .*"),
    "gzip without its end": (gzip.compress(GOOD)[:-4], r"{file}: is cut short or damaged .*; copy the file again"),
    "gzip damaged": (gzip.compress(GOOD, mtime=0)[:900] + b"\0" * 50 + gzip.compress(GOOD, mtime=0)[950:], r"{file}.*damaged.*; copy .*"),
    "bgzip cut": (bgzf(GOOD)[:-500], r"{file}: is cut short \(no end-of-file block\); copy the file again"),
    "bgzip without its end": (bgzf(GOOD, end=False), r"{file}: is cut short \(no end-of-file block\); copy the file again"),
    "bgzip damaged": (bgzf(GOOD)[:900] + b"\0" * 50 + bgzf(GOOD)[950:], r"{file}.*damaged.*; copy the file again"),
    "bgzip only the end": (EOF_BLOCK, r"{file} line 1: begins with '', not with .*; give .*"),
    "header only one line": (b"##fileformat=VCFv4.2\n", r"{file} line 2: no #CHROM line before the records; .*"),
    "no column line": (HEAD + BODY, rf"{{file}} line {COLUMNS}: no #CHROM line before the records; the header is incomplete"),
    "no samples": (b"\n".join(line.rsplit(b"\t", 2)[0] if not line.startswith(b"##") and line else line for line in GOOD.split(b"\n")),
                   r"{file}: has no sample column; give a file with genotypes"),
    "one name twice": (text([at(HET, "0/1", "0/0")], ["A", "A"]), r"{file}: sample 'A' stands in two columns; names must differ"),
    "GRCh37 by lengths": (text(gene_records(GENE), with_lengths=False, extra="##contig=<ID=10,length=135534747>\n"), r"{file}: is on GRCh37 \(length of chr10 in the header\), but its reference bases fit GRCh38; correct the header"),
    "GRCh37 by name": (text(gene_records(GENE), with_lengths=False, extra="##reference=file:///ref/hs37d5.fa\n"), r"{file}: is on GRCh37 \('hs37' in the header\), but its .* fit GRCh38; correct the header"),
    "hg18": (text(gene_records(GENE), with_lengths=False, extra="##reference=hg18\n"), r"{file}: is on NCBI36 .*lift the file over to GRCh38 or GRCh37"),
    "other reference bases": (
        text([Record("chr10", place.position, {"A": "C", "C": "G", "G": "T", "T": "A"}[place.ref[0]], ("N",), ("0/0",)) for place in gene_loci(GENE)]),
        r"{file}: \d+ of \d+ reference bases are not those of GRCh38 \(first: REF \w at chr10:\d+; .*\); give a GRCh38 file"),
    "line cut": (changed("chr10\t94942290\t.\tC"), rf"{{file}} line {ROW}: 4 columns, expected 10: .*; the line is cut short or damaged"),
    "file cut in a line": (GOOD[: GOOD.index(b"94942290") + 20], rf"{{file}} line {ROW}: \d columns, expected 10: .*; the line is cut short or damaged"),
    "one column more": (changed(at(HET, "0/1", "0/1")), rf"{{file}} line {ROW}: 11 columns, expected 10: .*; the line .*"),
    "spaces for tabs": (changed(at(HET, "0/1").line().replace("\t", " ")), rf"{{file}} line {ROW}: 1 columns, expected 10: .*; the line .*"),
    "position in words": (changed(at(HET, "0/1").line().replace("94942290", "ninety")), rf"{{file}} line {ROW}: POS is 'ninety', expected a number; .*"),
    "negative position": (changed(at(HET, "0/1").line().replace("94942290", "-94942290")), rf"{{file}} line {ROW}: POS is '-94942290', expected a number; .*"),
    "GT in letters": (changed(at(HET, "C/T")), rf"{{file}} line {ROW}: GT is 'C/T', expected allele numbers like 0/1; .*"),
    "GT empty": (changed(at(HET, "")), rf"{{file}} line {ROW}: GT is '', expected allele numbers like 0/1; .*"),
    "GT negative": (changed(at(HET, "0/-1")), rf"{{file}} line {ROW}: GT is '0/-1', expected allele numbers like 0/1; .*"),
    "GT unfinished": (changed(at(HET, "0/")), rf"{{file}} line {ROW}: GT is '0/', expected allele numbers like 0/1; .*"),
    "GT that would wrap to reference": (changed(at(HET, "0/65536")), rf"{{file}} line {ROW}: GT is '0/65536', expected .*; .*"),
    "GT that would wrap, first": (changed(at(HET, "65536/0")), rf"{{file}} line {ROW}: GT is '65536/0', expected .*; .*"),
    "GQ in words": (changed(with_calls(at(HET, "0/1"), "0/1:high", form="GT:GQ")), rf"{{file}} line {ROW}: cannot be read as a record: 'chr10.*; correct .*"),
    "a second header": (GOOD + b"##fileformat=VCFv4.2\n", r"{file} line \d+: 1 columns, expected 10: '##fileformat=VCFv4.2'; .*"),
    "html of a login page": (b"<!DOCTYPE html><html>", r"{file} line 1: begins with '<!DOCTYPE html><html>', not with .*; give .*"),
}  # fmt: skip


@VERBS
@pytest.mark.parametrize("name", FILES)
def test_bad_genome_file(capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str, name: str) -> None:
    data, message = FILES[name]
    file = tmp_path / "person.vcf.gz"
    file.write_bytes(data)
    refused(capsys, verb, tmp_path, [file], message.replace("{file}", re.escape(str(file))))


@VERBS
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_good_file_is_good(capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str, ending: str) -> None:
    """Or the tests above would prove nothing."""
    file = tmp_path / "person.vcf"
    file.write_bytes(GOOD.replace(b"\n", ending.encode()))
    code, _, err = run(capsys, [verb, file, *outputs(verb, tmp_path)])
    assert code == 0, err
    assert "Traceback" not in err


@VERBS
def test_bcf_cut(capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str) -> None:
    file = write_as(tmp_path / "person", "bcf", GOOD)
    whole = file.read_bytes()
    for size in (len(whole) - 28, len(whole) // 2, 40):
        file.write_bytes(whole[:size])
        refused(capsys, verb, tmp_path, [file], rf"{re.escape(str(file))}.*(cut short|damaged).*")
    file.write_bytes(whole[:200] + bytes(60) + whole[260:])
    refused(capsys, verb, tmp_path, [file], rf"{re.escape(str(file))}.*(cut short|damaged).*")


@VERBS
@pytest.mark.parametrize("old", [b"\tS1\n", b"PASSED", b"chr10,"], ids=["name", "FT", "contig"])
def test_bcf_whose_words_are_no_text(capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str, old: bytes) -> None:
    """Intact compression around damaged words: the library decodes them late, each in another place."""
    data = text([at(HET, "0/1:PASSED", form="GT:FT")])
    file = write_as(tmp_path / "person", "bcf", data)
    whole = gzip.decompress(file.read_bytes())
    assert whole.count(old) == 1
    file.write_bytes(bgzf(whole.replace(old, old[:1] + b"\xff" * (len(old) - 2) + old[-1:])))
    refused(capsys, verb, tmp_path, [file], rf"{re.escape(str(file))}.*(cut short or damaged|is no record).*")


@VERBS
def test_an_index_that_is_no_index(capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str) -> None:
    file = write_as(tmp_path / "person", "bgzip", GOOD)
    for data in (b"", b"not an index", tabix(GOOD)[:60]):
        Path(f"{file}.tbi").write_bytes(data)
        refused(
            capsys,
            verb,
            tmp_path,
            [file],
            rf"{re.escape(str(file))}\.tbi: the index is damaged .*; make it again or remove it",
        )


@VERBS
def test_paths_that_are_no_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str) -> None:
    missing = tmp_path / "missing.vcf"
    refused(capsys, verb, tmp_path, [missing], rf"{missing}: cannot be opened \(No such file or directory\); check the path")
    folder = tmp_path / "folder.vcf"
    folder.mkdir()
    refused(capsys, verb, tmp_path, [folder], rf"{folder}: cannot be opened \(Is a directory\); check the path")


@VERBS
def test_one_bad_file_among_good_ones(capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: str) -> None:
    good, bad = tmp_path / "good.vcf", tmp_path / "bad.vcf"
    good.write_bytes(GOOD)
    bad.write_bytes(changed(at(HET, "x")))
    refused(capsys, verb, tmp_path, [good, bad], rf"{bad} line {ROW}: GT is 'x', expected allele numbers like 0/1; .*")


# requests


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "person.vcf"
    path.write_bytes(GOOD)
    return path


def test_unknown_sample(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path) -> None:
    message = "sample 'NA12878' is in none of the files; they hold S1"
    refused(capsys, "assess", tmp_path, [good, "--sample", "NA12878"], message)
    refused(capsys, "pgx", tmp_path, [good, "--samples", "S1,NA12878"], message)
    names = tmp_path / "names.txt"
    names.write_text("S1\nNA12878\n")
    refused(capsys, "pgx", tmp_path, [good, "--samples", f"@{names}"], message)
    refused(
        capsys,
        "pgx",
        tmp_path,
        [good, "--samples", f"@{tmp_path}/no.txt"],
        r"--samples '@.*/no\.txt': .* cannot be read .*; give .*",
    )


def test_several_people_and_no_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "two.vcf"
    file.write_bytes(text([at(HET, "0/1", "0/0")], ["A", "B"]))
    refused(capsys, "assess", tmp_path, [file], r"the files hold 2 people \(A, B\); name one with --sample")


@pytest.mark.parametrize("name", ["Doe,John", "^A", "-", "-A"])
@pytest.mark.parametrize("kind", ["plain", "indexed", "bcf"])
def test_a_name_the_library_would_take_for_another(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str, name: str
) -> None:
    """The library takes names in one text with commas: unseen, this person would get another one's genotypes."""
    file = write_as(tmp_path / "three", kind, text([at(HET, "1/1", "0/1", "0/0")], ["A", name, "B"]))
    message = rf"{re.escape(str(file))}: sample '{re.escape(name)}' cannot be picked out of 3: .*; rename it, .*"
    refused(capsys, "assess", tmp_path, [file, f"--sample={name}"], message)
    rows = nof1.call([file], method="named-allele", genes=[GENE])
    assert dict(zip(rows["sample"], rows["gene"], strict=True)) == dict.fromkeys(["A", name, "B"], GENE)
    others = nof1.call([file], method="named-allele", genes=[GENE], samples=["B"])
    assert set(others["sample"]) == {"B"}


@VERBS
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--build", "GRCh37"], r".*: is on GRCh38 \(length of .*\), but --build is 'GRCh37'; leave --build out"),
        (["--build", "hg18"], r"--build is 'hg18'; files on GRCh38 or GRCh37 can be read"),
        (["--build", "mars"], r"--build is 'mars'; files on GRCh38 or GRCh37 can be read"),
        (["--absent", "maybe"], r"Invalid value for '--absent': 'maybe' is not one of 'unknown', 'reference'."),
        (["--min-gq", "high"], r"Invalid value for '--min-gq': 'high' is not a valid float range."),
        (["--min-dp", "-1"], r"Invalid value for '--min-dp': -1 is not in the range x>=0."),
        (["--no-such-option"], r"No such option.*--no-such-option.*"),
    ],
)
def test_bad_option(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path, verb: str, arguments: list[str], message: str
) -> None:
    refused(capsys, verb, tmp_path, [good, *arguments], message)


def test_names_nobody_knows(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path) -> None:
    refused(
        capsys,
        "assess",
        tmp_path,
        [good, "--drugs", "asprin"],
        r"drug 'asprin' is not in the knowledge; did you mean .*aspirin.*\?",
    )
    refused(
        capsys,
        "pgx",
        tmp_path,
        [good, "--genes", "CYP2C99"],
        r"gene 'CYP2C99' is not in the knowledge; did you mean .*CYP2C9.*\?",
    )
    refused(
        capsys,
        "pgx",
        tmp_path,
        [good, "--method", "magic"],
        r".*'--method': 'magic' is not one of 'certain', 'named-allele'.*",
    )
    refused(capsys, "pgx", tmp_path, [good, "--population", "EUX"], r"population 'EUX' is not known; choose AFR .*EUR .*")


@pytest.mark.parametrize("name", ["calls.csv", "calls", "calls.tsv.gz"])
def test_a_table_in_an_unknown_format(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path, name: str) -> None:
    code, _, err = run(capsys, ["pgx", good, "--out", tmp_path / name])
    assert (code, err) == (2, f"nof1: --out is '{name}'; end it in .tsv, .json or .parquet\n")
    code, _, err = run(capsys, ["pgx", good, "--out", tmp_path / "no" / "calls.tsv"])
    assert code == 2
    assert re.fullmatch(r"nof1: --out is '.*calls\.tsv'; the folder '.*' does not exist, make it first\n", err)
    assert sorted(tmp_path.iterdir()) == [good]


@pytest.mark.parametrize("kind", ["folder", "below a file"])
def test_a_table_that_cannot_be_put_there(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path, kind: str) -> None:
    out = tmp_path / "calls.tsv"
    if kind == "folder":
        out.mkdir()
    else:
        (tmp_path / ".calls.tsv.parts").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    code, _, err = run(capsys, ["pgx", good, "--out", out])
    assert (code, err.count("\n")) == (2, 1)
    assert str(out) in err
    assert sorted(tmp_path.rglob("*")) == before


def test_the_table_never_replaces_an_input(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path) -> None:
    typed = tmp_path / "typed.tsv"
    typed.write_text("CYP2D6\t*1/*4\n")
    code, _, err = run(capsys, ["pgx", good, "--outside-calls", typed, "--out", typed])
    assert (code, err.count("\n")) == (2, 1)
    assert typed.read_text() == "CYP2D6\t*1/*4\n"


def test_a_report_where_a_file_stands(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path) -> None:
    code, out, err = run(capsys, ["assess", good, "--out", good])
    assert (code, out) == (2, "")
    assert re.fullmatch(r"nof1: --out '.*person\.vcf': cannot be written \(.*\); choose another folder\n", err)
    assert good.read_bytes() == GOOD


# callable regions and outside calls


@VERBS
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"chr10\t5\n", r"{file} line 1: .* is no BED interval; write contig, start, end"),
        (b"#x\nchr10\tfive\t9\n", r"{file} line 2: .* is no BED interval; write contig, start, end"),
        (b"chr10\t9\t9\n", r"{file} line 1: interval 9-9 is empty; end must be above start"),
        (b"chr10\t9\t3\n", r"{file} line 1: interval 9-3 is empty; end must be above start"),
        (b"chr10\t-4\t3\n", r"{file} line 1: interval -4-3 .*; .*"),
        (gzip.compress(b"chr10\t1\t9\n" * 99)[:-6], r"{file}: cannot be read as BED \(.*\); give a plain or gzip BED file"),
        (ZIPPED_BED[:10] + b"\xff" * 30, r"{file}: cannot be read as BED \(.*\); give a plain or gzip BED file"),
        (b"\xff\xfe\x00", r"{file}: cannot be read as BED \(.*\); give a plain or gzip BED file"),
    ],
)  # fmt: skip
def test_bad_bed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path, verb: str, data: bytes, message: str
) -> None:
    file = tmp_path / "regions.bed"
    file.write_bytes(data)
    refused(capsys, verb, tmp_path, [good, "--callable", file], message.replace("{file}", re.escape(str(file))))


@VERBS
def test_missing_side_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path, verb: str) -> None:
    refused(
        capsys, verb, tmp_path, [good, "--callable", tmp_path / "no.bed"], r".*/no\.bed: cannot be read as BED .*; give .*"
    )
    refused(
        capsys,
        verb,
        tmp_path,
        [good, "--outside-calls", tmp_path / "no.tsv"],
        r".*/no\.tsv: cannot be opened \(No such .*\); check the path",
    )


@VERBS
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"CYP2D6 *1/*4\n", r"{file} line 1: 'CYP2D6 \*1/\*4' has no tab; write gene, tab, diplotype"),
        (b"# ours\nCYP9Z9\t*1/*3\n", r"{file} line 2: gene 'CYP9Z9' is not in the knowledge; see nof1 knowledge list genes"),
        (
            b"CYP2D6\t*1/*9999\n",
            r"{file} line 1: CYP2D6 allele '\*9999' is not in the knowledge; see nof1 knowledge show CYP2D6",
        ),
        (b"CYP2D6\t*1/*4/*5\n", r"{file} line 1: CYP2D6 '\*1/\*4/\*5' names 3 alleles; write one or two"),
        (b"CYP2D6\t*1/*4\t\tlots\n", r"{file} line 1: CYP2D6 activity score 'lots'; write a number"),
        (
            b"HLA-B\t57/58\n",
            r"{file} line 1: HLA-B allele '57' is not read; write at least two fields of digits, like \*01:01",
        ),
        (
            b"CYP2D6\t*1/*4\tx\t1\ty\n",
            r"{file} line 1: 5 columns, expected at most 4: gene, diplotype, phenotype, activity_score",
        ),
        (b"CYP2D6\t*1/*4\xff\n", r"{file} byte 12: not text in UTF-8; give a tab-separated table"),
    ],
)
def test_bad_outside_calls(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path, verb: str, data: bytes, message: str
) -> None:
    file = tmp_path / "typed.tsv"
    file.write_bytes(data)
    refused(capsys, verb, tmp_path, [good, "--outside-calls", file], message.replace("{file}", re.escape(str(file))))


def test_outside_calls_and_several_people(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, typed = tmp_path / "two.vcf", tmp_path / "typed.tsv"
    file.write_bytes(text([at(HET, "0/1", "0/0")], ["A", "B"]))
    typed.write_text("CYP2D6\t*1/*4\n")
    refused(
        capsys,
        "pgx",
        tmp_path,
        [file, "--outside-calls", typed],
        rf"{typed}: the files hold 2 people and a line names none; add .*",
    )
    typed.write_text("sample\tgene\tdiplotype\nC\tCYP2D6\t*1/*4\n")
    refused(
        capsys,
        "pgx",
        tmp_path,
        [file, "--outside-calls", typed],
        rf"{typed} line 2: sample 'C' is not among the people read",
    )


def test_two_sources_that_disagree_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, good: Path) -> None:
    """A laboratory's own phenotype against its alleles; and two laboratories: nothing is dropped, all of it is told."""
    import json

    typed = tmp_path / "typed.tsv"
    typed.write_text("CYP2C9\t*2/*3\n CYP2D6\t*1/*4\tPoor Metabolizer\nCYP2D6\t*1/*1\n")
    code, _, err = run(capsys, ["assess", good, "--outside-calls", typed, "--out", tmp_path / "report"])
    assert code == 0, err
    genes = {gene["gene"]: gene for gene in json.loads((tmp_path / "report" / "assessment.json").read_text())["genes"]}
    assert (genes["CYP2C9"]["call_source"], genes["CYP2C9"]["diplotypes"][0]["name"]) == ("outside", "*2/*3")
    assert [item["name"] for item in genes["CYP2D6"]["diplotypes"]] == ["*1/*4", "*1/*1"]
    messages = " ".join(genes["CYP2D6"]["messages"])
    assert "the laboratory states Poor Metabolizer" in messages
    assert "2 outside calls are given for this gene; all are kept" in messages


# nothing is lost


@pytest.mark.parametrize("name", ["line cut", "GT in letters", "GRCh37 by lengths", "other reference bases"])
def test_an_earlier_table_survives_a_bad_run(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    out, file = tmp_path / "calls.tsv", tmp_path / "person.vcf"
    file.write_bytes(GOOD)
    assert run(capsys, ["pgx", file, "--out", out])[0] == 0
    kept = out.read_bytes()
    assert kept.count(b"\n") == 1 + len(KNOWN.genes)
    file.write_bytes(FILES[name][0])
    assert run(capsys, ["pgx", file, "--out", out])[0] == 2
    assert out.read_bytes() == kept
    assert sorted(tmp_path.iterdir()) == [out, file]


def test_an_earlier_report_survives_a_bad_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, file = tmp_path / "report", tmp_path / "person.vcf"
    file.write_bytes(GOOD)
    assert run(capsys, ["assess", file, "--out", out])[0] == 0
    kept = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(kept) == ["assessment.json", "report.html"]
    file.write_bytes(FILES["line cut"][0])
    assert run(capsys, ["assess", file, "--out", out])[0] == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == kept


def test_python_raises_the_same_line(tmp_path: Path) -> None:
    from nof1.errors import GenomeError

    file = tmp_path / "person.vcf"
    file.write_bytes(changed(at(HET, "C/T")))
    readers: list[Callable[[list[Path]], object]] = [nof1.call, nof1.assess]
    for reader in readers:
        with pytest.raises(GenomeError, match=rf"person\.vcf line {ROW}: GT is 'C/T'"):
            reader([file])


def test_records_elsewhere_are_no_offence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Alternate contigs, a contig of no gene, positions of a decoy: read past."""
    odd = [
        Record(name, 5, "A", ("G",), ("0/1",))
        for name in ("chr6_GL000250v2_alt", "HLA-A*01:01:01:01", "chrUn_KI270742v1", "17")
    ]
    file = tmp_path / "person.vcf"
    file.write_bytes(text([*odd, *gene_records(GENE), *filler("chr2", [5, 5, 5])]))
    assert run(capsys, ["pgx", file, "--out", tmp_path / "calls.tsv"])[0] == 0
    assert f"S1\t{GENE}\t1\t*1/*1" in (tmp_path / "calls.tsv").read_text()


def test_fields_are_declared_as_the_files_of_these_tests_need() -> None:
    assert all(f"ID={key}," in FIELDS for key in ("GT", "GQ", "DP", "AD", "PS", "FT", "END", "MIN_DP"))
