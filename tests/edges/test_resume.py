"""A job killed in the middle goes on where it was and ends with the same bytes; another job's parts are never used."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from genomics.vcf_text import PANEL, Record, at, gene_loci, sort, text
from nof1.cli.main import main

PEOPLE = 24
GENES = [gene.gene for gene in PANEL.genes if len(gene.loci) < 50]  # enough to be killed among, few enough to be quick
ONLY = ["--genes", ",".join(GENES)]


@dataclass(frozen=True)
class Killed:
    """What a killed job left, and what the whole job gives. ``put_back`` makes the folder as it was after the kill."""

    folder: Path
    file: Path
    out: Path
    left: Path
    whole: bytes

    @property
    def parts(self) -> Path:
        return self.out.with_name(f".{self.out.name}.parts")

    @property
    def finished(self) -> list[str]:
        return sorted(path.stem for path in self.left.glob("*.tsv"))

    def put_back(self) -> None:
        self.out.unlink(missing_ok=True)
        shutil.rmtree(self.parts, ignore_errors=True)
        shutil.copytree(self.left, self.parts)

    def run(self, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[bytes, str]:
        assert (
            main(["pgx", str(self.file), "--out", str(self.out), *(options if "--genes" in options else [*ONLY, *options])])
            == 0
        )
        said = capsys.readouterr().err
        assert not self.parts.exists()
        assert not self.out.with_name(f".{self.out.name}.writing").exists()
        return self.out.read_bytes(), said


def cohort(seed: int) -> bytes:
    rng = random.Random(seed)
    records = []
    for gene in GENES:
        for place in gene_loci(gene):
            records.append(
                at(place, *rng.choices(["0/0:50", "0/1:50", "1/1:15", "./.:."], [90, 6, 3, 1], k=PEOPLE), form="GT:GQ")
            )
    return text(sort(records), [f"P{number}" for number in range(PEOPLE)])


# A process that kills itself with -9 around its N-th os.replace, which is how parts and table are put in place.
KILL = """
import os, signal, sys
when, number = sys.argv.pop(1), int(sys.argv.pop(1))
put_in_place, done = os.replace, []
def replace(old, new):
    done.append(new)
    if when == "before" and len(done) == number:
        os.kill(os.getpid(), signal.SIGKILL)
    put_in_place(old, new)
    if when == "after" and len(done) == number:
        os.kill(os.getpid(), signal.SIGKILL)
os.replace = replace
from nof1.cli.main import run
run()
"""


def killed_run(file: Path, out: Path, when: str, number: int) -> None:
    command = [sys.executable, "-c", KILL, when, str(number), "pgx", str(file), "--out", str(out), *ONLY]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("resume")
    file, out, left = folder / "cohort.vcf", folder / "calls.tsv", folder / "left"
    file.write_bytes(cohort(1))
    parts = folder / ".calls.tsv.parts"
    killed_run(file, out, "after", 5)
    assert not out.exists()
    shutil.copytree(parts, left)
    shutil.rmtree(parts)
    assert main(["pgx", str(file), "--out", str(out), *ONLY]) == 0
    return Killed(folder, file, out, left, out.read_bytes())


def test_the_whole_table_is_there(killed: Killed) -> None:
    assert len(killed.finished) == 5
    assert len({line.split(b"\t")[0] for line in killed.whole.splitlines()[1:]}) == PEOPLE


def test_a_killed_job_goes_on_and_ends_with_the_same_bytes(killed: Killed, capsys: pytest.CaptureFixture[str]) -> None:
    killed.put_back()
    made, said = killed.run(capsys)
    assert f"{len(killed.finished)} genes were kept from the interrupted run\n" in said
    assert made == killed.whole


@pytest.mark.parametrize(("when", "more"), [("before", 1), ("after", 3)])
def test_a_job_killed_twice(killed: Killed, capsys: pytest.CaptureFixture[str], when: str, more: int) -> None:
    killed.put_back()
    killed_run(killed.file, killed.out, when, more)
    assert not killed.out.exists()
    made, said = killed.run(capsys)
    kept = len(killed.finished) + (more if when == "after" else more - 1)
    assert f"{kept} genes were kept from the interrupted run\n" in said
    assert made == killed.whole


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_job_killed_at_its_last_step(killed: Killed, capsys: pytest.CaptureFixture[str], when: str) -> None:
    killed.put_back()
    killed_run(killed.file, killed.out, when, len(GENES) - len(killed.finished) + 1)
    if when == "after":
        assert killed.out.read_bytes() == killed.whole
    else:
        assert not killed.out.exists()
    assert killed.run(capsys)[0] == killed.whole


def test_notes_of_kept_genes_are_told_again(killed: Killed, capsys: pytest.CaptureFixture[str]) -> None:
    _, fresh = killed.run(capsys)
    killed.put_back()
    _, resumed = killed.run(capsys)
    assert [line for line in resumed.splitlines() if "kept" not in line] == fresh.splitlines()
    assert "GQ below 20" in fresh


def test_half_written_files_are_written_anew(killed: Killed, capsys: pytest.CaptureFixture[str]) -> None:
    killed.put_back()
    missing = next(gene for gene in GENES if gene not in killed.finished)
    (killed.parts / f"{missing}.writing").write_text("P0\tha")
    (killed.parts / f"{missing}.evidence").write_text("{")
    killed.out.with_name(f".{killed.out.name}.writing").write_text("sample\tge")
    made, said = killed.run(capsys)
    assert f"{len(killed.finished)} genes were kept" in said
    assert made == killed.whole


@pytest.mark.parametrize(
    "options",
    [["--min-gq", "10"], ["--min-dp", "9"], ["--accept-filter", "x"], ["--absent", "reference"], ["--build", "GRCh38"],
     ["--genes", "TPMT,CYP2C9,ABCG2"], ["--samples", "P3,P1"], ["--all-matches"]],
    ids=lambda options: options[0],
)  # fmt: skip
def test_other_options_use_no_parts(killed: Killed, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    shutil.rmtree(killed.parts, ignore_errors=True)
    narrow = options if "--genes" in options else [*options, "--genes", "TPMT,CYP2C9,ABCG2"]
    fresh, _ = killed.run(capsys, *narrow)
    killed.put_back()
    made, said = killed.run(capsys, *narrow)
    assert "kept" not in said
    assert made == fresh


def test_changed_input_uses_no_parts(killed: Killed, capsys: pytest.CaptureFixture[str]) -> None:
    before, times = killed.file.read_bytes(), killed.file.stat()
    try:
        killed.put_back()
        killed.file.write_bytes(cohort(2))
        made, said = killed.run(capsys, "--genes", "TPMT")
        assert "kept" not in said
        assert made != killed.whole
        killed.put_back()
        killed.file.write_bytes(before)  # same bytes, another time: cannot be known to be the same
        os.utime(killed.file, ns=(times.st_atime_ns, times.st_mtime_ns + 10**9))
        assert "kept" not in killed.run(capsys)[1]
    finally:
        killed.file.write_bytes(before)
        os.utime(killed.file, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_changed_side_files_use_no_parts(killed: Killed, capsys: pytest.CaptureFixture[str]) -> None:
    regions, typed = killed.folder / "r.bed", killed.folder / "typed.tsv"
    regions.write_text("chr1\t1\t2\n")
    typed.write_text("sample\tgene\tdiplotype\nP1\tCYP2D6\t*1/*4\n")
    for options in (["--callable", str(regions)], ["--outside-calls", str(typed)]):
        killed.put_back()
        assert "kept" not in killed.run(capsys, *options, "--genes", "TPMT")[1]


def test_a_resumed_job_still_judges_the_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Reference bases of genes finished before the kill count: the file is refused, and its parts are worth nothing."""
    wrong = {"A": "C", "C": "G", "G": "T", "T": "A"}
    records = []
    for number, gene in enumerate(GENES):
        for place in gene_loci(gene):
            ref, alts = (wrong[place.ref[0]], ("N",)) if number < 5 else (place.ref, place.alts)
            records.append(Record(place.chromosome, place.position, ref, alts, ("0/0",)))
    file, out = tmp_path / "a.vcf", tmp_path / "calls.tsv"
    file.write_bytes(text(sort(records)))
    killed_run(file, out, "after", 6)
    assert main(["pgx", str(file), "--out", str(out), *ONLY]) == 2
    assert "reference bases are not those of GRCh38" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_every_format_resumes(killed: Killed, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    out = killed.out.with_suffix(f".{suffix}")
    assert main(["pgx", str(killed.file), "--out", str(out), *ONLY]) == 0
    whole = out.read_bytes()
    out.unlink()
    shutil.copytree(killed.left, out.with_name(f".{out.name}.parts"))
    capsys.readouterr()
    assert main(["pgx", str(killed.file), "--out", str(out), *ONLY]) == 0
    assert "genes were kept" in capsys.readouterr().err
    assert out.read_bytes() == whole


def test_killed_while_the_parts_were_cleared_away(killed: Killed, capsys: pytest.CaptureFixture[str]) -> None:
    """The table is there, some files of the parts are gone already: the same command must still end well."""
    for gone in ("key", f"{killed.finished[0]}.evidence", f"{killed.finished[0]}.tsv"):
        killed.put_back()
        (killed.parts / gone).unlink()
        assert killed.run(capsys)[0] == killed.whole
