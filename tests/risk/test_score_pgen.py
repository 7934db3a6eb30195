"""PLINK 2 sets: the sums of plink2 itself, with dosages, several alternatives and X; and files that do not fit together."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from score_files import HEAD, scoring_file

from nof1.cli.main import main
from nof1.errors import GenomeError, RequestError
from nof1.genomics.genomes import Reading
from nof1.jobs.score_cohort import CohortScores
from nof1.jobs.scoring import ScoreWishes, score
from nof1.risk.matching import MatchingPolicy

FORWARD = ScoreWishes(are_adults=True, policy=MatchingPolicy(ambiguous="forward"))
BUILD_38 = Reading(build="GRCh38")
VCF = """##fileformat=VCFv4.2
##contig=<ID=1>
##contig=<ID=X>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">
"""


def sums(path: Path) -> list[str]:
    with open(path) as lines:
        return [row["SCORE1_SUM"] for row in csv.DictReader(lines, delimiter="\t")]


def six(found: object) -> list[str]:
    assert isinstance(found, CohortScores)
    return [f"{value:.6g}" for value in found.totals.value[:, 0]]


@pytest.fixture(scope="session")
def plink2() -> str:
    path = shutil.which("plink2")
    if path is None:
        pytest.skip("plink2 absent: install it to compare with it (Debian: plink2)")
    return path


def run(*arguments: object) -> None:
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_the_library_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nof1.genomics.pgen.find_spec", lambda name: None)
    path = tmp_path / "s.pgen"
    path.write_bytes(b"\x6c\x1b\x10")
    with pytest.raises(
        GenomeError, match=r"needs Pgenlib \(pip install 'nof1\[pgen\]'\); or make a \.bed .* plink2 --pfile SET --make-bed"
    ):
        score([path], [scoring_file(tmp_path)], wishes=FORWARD, reading=BUILD_38)


def test_published_sums(reference_data: Path) -> None:
    """The .pgen, as the .bed of the same people, gives plink2's six printed digits."""
    pytest.importorskip("pgenlib")
    folder = reference_data / "geno" / "pgsc_calc"
    found = score(
        [folder / "target_genomes/cineca_synthetic_subset.pgen"], [folder / "scorefiles/PGS001229_22.txt"], wishes=FORWARD
    )
    assert six(found) == sums(folder / "expected/cineca_PGS001229_22_plink2.sscore")


def written(folder: Path, name: str, lines: list[str], plink2: str, sex: np.ndarray, *more: str) -> None:
    """A PLINK 2 set of ``lines`` of a VCF, made by plink2."""
    people = [f"p{at}" for at in range(len(sex))]
    head = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(people)
    (folder / f"{name}.vcf").write_text(VCF + head + "\n" + "\n".join(lines) + "\n")
    (folder / "sex").write_text("#IID\tSEX\n" + "".join(f"{who}\t{one}\n" for who, one in zip(people, sex, strict=True)))
    run(
        plink2, "--vcf", folder / f"{name}.vcf", *more, "--update-sex", folder / "sex", "--make-pgen", "--out", folder / name
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, plink2: str) -> Path:
    """80 people. Set ``two``: 40 variants with dosages, some of every tenth missing; 20 on X. ``several``: two alternatives."""
    pytest.importorskip("pgenlib")
    folder = tmp_path_factory.mktemp("pgen")
    rng = np.random.default_rng(3)
    sex = rng.integers(1, 3, 80)
    lines = []
    for at in range(40):
        cells = []
        for person in range(80):
            dosage = rng.uniform(0, 2)
            missing = at % 10 == 0 and person % 7 == 0
            cells.append("./.:." if missing else f"{['0/0', '0/1', '1/1'][round(dosage)]}:{dosage:.3f}")
        lines.append(f"1\t{1000 + at}\tv{at}\tA\tG\t.\t.\t.\tGT:DS\t" + "\t".join(cells))
    for at in range(20):
        pairs = rng.integers(0, 2, (80, 2))
        cells = [str(one[0]) if sex[person] == 1 else f"{one[0]}/{one[1]}" for person, one in enumerate(pairs)]
        lines.append(f"X\t{5_000_000 + at}\tx{at}\tC\tT\t.\t.\t.\tGT\t" + "\t".join(cells))
    written(folder, "two", lines, plink2, sex, "dosage=DS", "--split-par", "hg38")
    lines = []
    for at in range(10):
        cells = [f"{first}/{second}" if rng.random() > 0.1 else "./." for first, second in rng.integers(0, 3, (80, 2))]
        lines.append(f"1\t{2000 + at}\tm{at}\tA\tG,T\t.\t.\t.\tGT\t" + "\t".join(cells))
    written(folder, "several", lines, plink2, sex)
    return folder


def rows_of(kind: str) -> list[tuple[str, str, int, str, str, float]]:
    rng = np.random.default_rng(8)
    if kind == "several":
        return [(f"m{at}", "1", 2000 + at, "GTA"[at % 3], "AAT"[at % 3], float(rng.normal())) for at in range(10)]
    autosomal = [(f"v{at}", "1", 1000 + at, *("GA" if at % 3 else "AG"), float(rng.normal())) for at in range(40)]
    return [*autosomal, *((f"x{at}", "X", 5_000_000 + at, "T", "C", float(rng.normal())) for at in range(20))]


@pytest.mark.parametrize(("kind", "model"), [("two", ""), ("several", ""), ("two", "dominant"), ("two", "recessive")])
def test_sums_are_those_of_plink2_in_the_same_run(made: Path, plink2: str, tmp_path: Path, kind: str, model: str) -> None:
    """Dosages, either allele counted, X of men once; dominant and recessive as plink2 adds dosages between whole numbers."""
    rows = [row for row in rows_of(kind) if not model or (row[1] == "1" and row[3] == "G")]
    theirs = tmp_path / "weights"
    theirs.write_text("".join(f"{name}\t{effect}\t{weight!r}\n" for name, _, _, effect, _, weight in rows))
    run(plink2, "--pfile", made / kind, "--score", theirs, *([model] if model else []), "cols=+scoresums",
        "--xchr-model", "1", "--out", tmp_path / "out")  # fmt: skip
    mine = tmp_path / "mine.txt"
    flag = ("\tis_" + model, "\tTrue") if model else ("", "")
    body = "".join(
        f"{where}\t{at}\t{effect}\t{other}\t{weight!r}{flag[1]}\n" for _, where, at, effect, other, weight in rows
    )
    mine.write_text(f"#genome_build=GRCh38\n{HEAD}{flag[0]}\n{body}")
    wishes = ScoreWishes(are_adults=True, policy=MatchingPolicy(ambiguous="forward", minimum_overlap=0))
    found = score([made / f"{kind}.pgen"], [mine], wishes=wishes)
    assert isinstance(found, CohortScores)
    assert int(found.matches[0].scored.sum()) == len(rows)
    whole = found.totals.unseen[:, 0] == 0
    assert whole.sum() > (20 if kind == "several" else 60)
    expected = sums(tmp_path / "out.sscore")
    got = six(found)
    if not model:
        assert got == expected
    assert [got[at] for at in np.flatnonzero(whole)] == [expected[at] for at in np.flatnonzero(whole)]


def damaged(made: Path, folder: Path, name: str, change: object) -> Path:
    for suffix in (".pgen", ".pvar", ".psam"):
        shutil.copy(made / f"two{suffix}", folder / f"s{suffix}")
    path = folder / name
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    return folder / "s.pgen"


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("s.pgen", lambda data: data[: len(data) // 2], "damaged|cannot be read"),
        ("s.pgen", lambda data: data[:5], "damaged or belongs to another"),
        ("s.pvar", lambda data: b"", r"s\.pvar: is empty"),
        ("s.pvar", lambda data: data.replace(b"#CHROM", b"CHROM"), "no line that begins with #CHROM"),
        ("s.pvar", lambda data: data.replace(b"\t1003\t", b"\tx\t"), r"s\.pvar line \d+: .* is no variant"),
        ("s.pvar", lambda data: b"\n".join(data.splitlines()[:-3]) + b"\n", "damaged or belongs to another"),
        ("s.psam", lambda data: b"\n".join(data.splitlines()[:-1]) + b"\n", "damaged or belongs to another"),
        ("s.psam", lambda data: data.replace(b"p7\t", b"p8\t"), "'p8' stands in it twice"),
        ("s.psam", lambda data: data[1:], "no line that begins with #FID or #IID"),
    ],
)
def test_files_that_are_damaged_or_do_not_fit(made: Path, tmp_path: Path, name: str, change: object, told: str) -> None:
    path = damaged(made, tmp_path, name, change)
    last = scoring_file(tmp_path, [(5_000_019, "T", "C", 1.0)], "X")
    with pytest.raises(GenomeError, match=told) as raised:
        score(
            [path], [last], wishes=ScoreWishes(are_adults=True, policy=MatchingPolicy(minimum_overlap=0)), reading=BUILD_38
        )
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("suffix", [".bim", ".fam", ".pvar", ".psam", ".bgen"])
def test_other_files_of_a_set_name_the_one_to_give(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"s{suffix}"
    path.write_text("x")
    assert main(["score", str(path), "--score", str(scoring_file(tmp_path)), "--adult"]) == 2
    assert "give its ." in capsys.readouterr().err or suffix == ".bgen"


def test_what_a_set_cannot_be_given_with(reference_data: Path, tmp_path: Path) -> None:
    bed = reference_data / "geno/pgsc_calc/target_genomes/cineca_synthetic_subset.bed"
    for wishes in (ScoreWishes(are_adults=True, sample="x"), ScoreWishes(are_adults=True, sex="male")):
        with pytest.raises(RequestError, match="leave --sample and --sex out"):
            score([bed], [scoring_file(tmp_path)], wishes=wishes)
