"""Array files that are wrong: one clear line, exit code 2, and nothing read as reference."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genomics.array_files import AT_37, HEADS, P37, P38, read, row, seen, write
from nof1.cli.main import main
from nof1.errors import InputError
from nof1.genomics.array import ArrayFile
from nof1.model.genome import CallCode

LOCUS = next(locus for gene in P38.genes if gene.gene == "CYP2C9" for locus in gene.loci if locus.id == "rs1799853")
GOOD = "\t".join(str(field).removeprefix("chr") for field in row(LOCUS, "CC"))
HEAD = HEADS["23andMe"][0]


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, HEAD + GOOD + "\n" + f"{GOOD}\n" * 500)
    return made.getvalue()


FILES: dict[str, tuple[bytes, str]] = {
    "no rows": (HEAD.encode(), "has no rows of data"),
    "blank rows": ((HEAD + "\n\n").encode(), "has no rows of data"),
    "a line cut short": ((HEAD + GOOD + "\nrs12\t1\t5").encode(), "line 6: 3 columns, expected 4: .*cut short"),
    "a line too long": ((HEAD + GOOD + "\nrs12\t1\t5\tAA\tGG\n").encode(), "line 6: 5 columns, expected 4"),
    "position is no number": ((HEAD + GOOD + "\nrs12\t1\t1e+05\tAA\n").encode(), r"line 6: position is '1e\+05'"),
    "two people": (
        ("rsid\tchromosome\tposition\tANNA\tBERT\n" + GOOD + "\tCC\n").encode(), "columns anna, bert are not understood; .* one person"
    ),
    "a column too many": (("rsid\tchromosome\tposition\tgenotype\tscore\n" + GOOD + "\t1\n").encode(), "columns score are not"),
    "no genotype column": (("rsid\tchromosome\tposition\tallele1\n" + GOOD + "\n").encode(), "genotype are missing or double"),
    "zero bytes": ((HEAD + GOOD + "\n").encode() + b"\0" * 100, "zero bytes"),
    "gzip cut short": (gzip.compress((HEAD + f"{GOOD}\n" * 40_000).encode(), mtime=0)[:-9], "cut short or damaged"),
    "zip of two": (zipped("a.txt", "b.txt"), r"the zip holds 2 files \(a.txt, b.txt\)"),
    "unknown build": (b"rsid\tchromosome\tposition\tgenotype\nrs1799853\t10\t5\tCC\n", "its build is unknown .* pass --build"),
    "two builds": (
        (HEAD.replace("build 37", "build 36 or build 38") + "rs1799853\t10\t5\tCC\n").encode(), "header names several"
    ),
    "wrong build in the header": ((HEAD.replace("build 37", "build 38") + GOOD + "\n").encode(), "lie at their GRCh37 positions"),
}  # fmt: skip


@pytest.mark.parametrize("verb", ["assess", "pgx"])
@pytest.mark.parametrize("name", FILES)
def test_bad_array(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, verb: str) -> None:
    data, message = FILES[name]
    file = tmp_path / ("person.zip" if data[:2] == b"PK" else "person.txt")
    file.write_bytes(data)
    out = ["--out", str(tmp_path / ("report" if verb == "assess" else "t.tsv"))]
    assert main([verb, str(file), *out]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert re.fullmatch(rf"nof1: {re.escape(str(file))}.*{message}.*", error), error
    assert not (tmp_path / "t.tsv").exists()
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("letters", ["QQ", "C?", "CTG", "C/", "NN", "AZ", "1", "ID", "G-", "\xe9C", "CCC", "C C C", "T/T/T"])
def test_letters_that_are_none_are_never_reference(tmp_path: Path, letters: str) -> None:
    file = write(tmp_path / "p.txt", [row(LOCUS, letters)])
    found, _, _ = read(file, "CYP2C9")
    assert seen(found, LOCUS.id) == "no_call"


def test_regions_do_not_fit_an_array(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(tmp_path / "p.txt", [row(LOCUS, "CC")])
    bed = tmp_path / "r.bed"
    bed.write_text("chr10\t0\t100000000\n")
    assert main(["assess", str(file), "--callable", str(bed), "--out", str(tmp_path / "r")]) == 2
    assert "list them with --assay" in capsys.readouterr().err


def test_two_arrays_are_two_people(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = [str(write(tmp_path / f"{name}.txt", [row(LOCUS, "CC")])) for name in ("anna", "bert")]
    assert main(["assess", *files, "--out", str(tmp_path / "r")]) == 2
    assert "the files hold 2 people (anna, bert)" in capsys.readouterr().err


LINE = st.one_of(
    st.builds(
        "{}\t{}\t{}\t{}".format,
        st.sampled_from([LOCUS.id, "rs1", "i400", "", "rs", "RS1799853", "rs99999999999999999999"]),
        st.sampled_from(["10", "chr10", "X", "MT", "26", "", "99"]),
        st.sampled_from([str(AT_37[LOCUS.id].position), str(LOCUS.position), "0", "", "NA", "-", "7"]),
        st.sampled_from(["CC", "CT", "TT", "GG", "GA", "--", "", "I", "DI", "C", "N", "xx", "C/T"]),
    ),
    st.text(max_size=30),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([head for head, separator, _ in HEADS.values() if separator == "\t"]),
    st.lists(LINE, max_size=6),
    st.binary(max_size=12),
)
def test_any_text_is_read_or_refused(tmp_path: Path, head: str, lines: list[str], noise: bytes) -> None:
    """Whatever stands in a file: a reference genotype comes only from a row that says so."""
    file = tmp_path / "p.txt"
    file.write_bytes(head.encode() + "\n".join(lines).encode("utf-8", "replace") + noise)
    try:
        records = list(ArrayFile(file, [P38, P37], "", "").stream([_window()], None))  # type: ignore[arg-type]
    except InputError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert "\n" not in refused
        return
    says = [line.split("\t")[3] for line in lines if line.count("\t") == 3]
    for record in records:
        if record.usable[0] and record.first[0] == 0 and record.second[0] == 0:
            assert {"CC", "GG"} & set(says)


def _window() -> object:
    from nof1.genomics.text import Window

    return Window(LOCUS.chromosome, LOCUS.position, LOCUS.position)


def test_codes_of_a_good_file(tmp_path: Path) -> None:
    """The tests above can fail: the same file, written well, is read."""
    found, _, _ = read(write(tmp_path / "p.txt", [row(LOCUS, "CC")]), "CYP2C9")
    assert (found.code == CallCode.CALLED).sum() == 1
