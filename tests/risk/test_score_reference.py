"""Scores beside other programs: plink2's published sums, pgsc_calc's populations, regressions of statsmodels and SciPy."""

from __future__ import annotations

import csv
import gzip
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from nof1.genomics.genomes import Reading
from nof1.jobs.score_cohort import CohortScores
from nof1.jobs.score_person import PersonScores
from nof1.jobs.scoring import ScoreWishes, score
from nof1.model.scores import Placement, ReferencePeople
from nof1.risk.ancestry import adjusted, adjustment, placements, placing_forest
from nof1.risk.matching import MatchingPolicy

FORWARD = ScoreWishes(are_adults=True, policy=MatchingPolicy(ambiguous="forward"))
STRICT = ScoreWishes(are_adults=True)


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else open(path) as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def cohort(reference_data: Path, wishes: ScoreWishes, name: str = "PGS001229_22.txt") -> CohortScores:
    folder = reference_data / "geno" / "pgsc_calc"
    found = score([folder / "target_genomes" / "cineca_synthetic_subset.bed"], [folder / "scorefiles" / name], wishes=wishes)
    assert isinstance(found, CohortScores)
    return found


def test_sums_are_those_of_plink2_to_its_six_digits(reference_data: Path) -> None:
    found = cohort(reference_data, FORWARD)
    expected = rows(reference_data / "geno/pgsc_calc/expected/cineca_PGS001229_22_plink2.sscore")
    assert int(found.matches[0].scored.sum()) == 829
    assert found.totals.unseen.sum() == 96
    assert [f"{value:.6g}" for value in found.totals.value[:, 0]] == [row["SCORE1_SUM"] for row in expected]


def test_one_person_of_a_vcf_has_the_sum_of_the_plink_set(reference_data: Path) -> None:
    many = cohort(reference_data, STRICT)
    folder = reference_data / "geno" / "pgsc_calc"
    complete = np.flatnonzero(many.totals.unseen[:, 0] == 0)[:40:20]
    for person in complete.tolist():
        wishes = ScoreWishes(are_adults=True, sample=f"{many.samples[person]}_{many.samples[person]}")
        one = score(
            [folder / "target_genomes/cineca_synthetic_subset.vcf.gz"],
            [folder / "scorefiles/PGS001229_22.txt"],
            wishes=wishes,
            reading=Reading(build="GRCh37"),
        )
        assert isinstance(one, PersonScores)
        value = one.scores[0][0].value
        assert value == pytest.approx(many.totals.value[person, 0], abs=1e-9)
        assert one.scores[0][0].fates == {"REFALT": 216, "ALTREF": 566, "NOT_THERE": 6, "AMBIGUOUS": 47}


def test_dominant_and_recessive_rows_as_plink2_adds_them(reference_data: Path, tmp_path: Path) -> None:
    """plink2's --score dominant and recessive on the same row alone, where its letters are counted as they stand."""
    _needs_plink2()
    folder = reference_data / "geno/pgsc_calc/target_genomes"
    table = rows(folder / "cineca_synthetic_subset.pvar")
    picked = [row for row in table if {row["REF"], row["ALT"]} not in ({"A", "T"}, {"C", "G"})][:40]
    for model in ("dominant", "recessive"):
        lines = [f"{row['#CHROM']}\t{row['POS']}\t{row['ALT']}\t{row['REF']}\t0.5\tTRUE" for row in picked]
        mine = tmp_path / f"{model}.txt"
        head = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\t"
        mine.write_text(f"#pgs_id={model}\n#genome_build=GRCh37\n{head}is_{model}\n" + "\n".join(lines) + "\n")
        theirs = tmp_path / f"{model}.plink"
        theirs.write_text("".join(f"{row['ID']}\t{row['ALT']}\t0.5\n" for row in picked))
        command = ["--bfile", str(folder / "cineca_synthetic_subset"), "--score", str(theirs), model, "cols=+scoresums"]
        sums = [row["SCORE1_SUM"] for row in _plink2([*command, "no-mean-imputation"], tmp_path)]
        found = score([folder / "cineca_synthetic_subset.bed"], [mine], wishes=STRICT)
        assert isinstance(found, CohortScores)
        whole = found.totals.unseen[:, 0] == 0
        assert whole.sum() > 2000
        got = np.array([f"{value:.6g}" for value in found.totals.value[:, 0]])
        assert (got == np.array(sums))[whole].all()


@pytest.mark.parametrize("copies", [1, 2])
def test_x_of_men_as_plink2_counts_it(tmp_path: Path, copies: int) -> None:
    """``--xchr-model 1`` counts one copy, 2 (its default) two; means replace missing genotypes."""
    _needs_plink2()
    rng = np.random.default_rng(5)
    people, variants = 61, 60
    sex = rng.integers(1, 3, people)
    frequency = rng.uniform(0.1, 0.9, variants)
    dosage = rng.binomial(2, frequency[:, None], (variants, people))
    dosage[:, sex == 1] = 2 * rng.binomial(1, frequency[:, None], (variants, int((sex == 1).sum())))
    dosage[rng.random(dosage.shape) < 0.05] = -1
    weights = rng.normal(size=variants)
    path = _plink_set(tmp_path / "x", dosage, sex, ["X"] * variants)
    (tmp_path / "w").write_text("".join(f"v{at}\tA\t{weight!r}\n" for at, weight in enumerate(weights.tolist())))
    command = [
        "--bfile",
        str(tmp_path / "x"),
        "--score",
        str(tmp_path / "w"),
        "cols=+scoresums",
        "--xchr-model",
        str(copies),
    ]
    sums = [row["SCORE1_SUM"] for row in _plink2(command, tmp_path)]
    lines = [f"X\t{5_000_000 + at}\tA\tC\t{weight!r}\n" for at, weight in enumerate(weights.tolist())]
    mine = tmp_path / "x.txt"
    mine.write_text(
        "#genome_build=GRCh38\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n" + "".join(lines)
    )
    found = score([path], [mine], wishes=ScoreWishes(are_adults=True, hemizygous=copies))
    assert isinstance(found, CohortScores)
    assert [f"{value:.6g}" for value in found.totals.value[:, 0]] == sums


def _plink_set(stem: Path, dosage: np.ndarray, sex: np.ndarray, chromosomes: list[str]) -> Path:
    """A PLINK 1 set of A (counted) and C at made-up places."""
    variants, people = dosage.shape
    codes = np.array([3, 2, 0, 1], np.uint8)[dosage]  # 0, 1, 2 copies, missing
    packed = np.zeros((variants, -(-people // 4)), np.uint8)
    for person in range(people):
        packed[:, person // 4] |= codes[:, person] << (2 * (person % 4))
    stem.with_suffix(".bed").write_bytes(b"\x6c\x1b\x01" + packed.tobytes())
    lines = [f"{chrom}\tv{at}\t0\t{5_000_000 + at}\tA\tC\n" for at, chrom in enumerate(chromosomes)]
    stem.with_suffix(".bim").write_text("".join(lines))
    stem.with_suffix(".fam").write_text("".join(f"p{at}\tp{at}\t0\t0\t{sex[at]}\t-9\n" for at in range(people)))
    return stem.with_suffix(".bed")


def _needs_plink2() -> None:
    if shutil.which("plink2") is None:
        pytest.skip("plink2 absent: install it to compare with it (Debian: plink2)")


def _plink2(arguments: list[str], folder: Path) -> list[dict[str, str]]:
    done = subprocess.run(
        ["plink2", *arguments, "--out", str(folder / "out"), "--threads", "1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return rows(folder / "out.sscore")


def reference_people(folder: Path) -> tuple[ReferencePeople, list[str], np.ndarray, np.ndarray]:
    """The panel with its scores; names, components and scores of the people compared with it."""
    sums = {row["IID"]: float(row["SUM"]) for row in rows(folder / "aggregated_scores.txt")}
    populations = {row["#IID"]: row["SuperPop"] for row in rows(folder / "ref.psam")}
    panel, people = rows(folder / "ref.pcs"), rows(folder / "target.pcs")

    def components(table: list[dict[str, str]]) -> np.ndarray:
        return np.array([[float(row[f"PC{number}"]) for number in range(1, 11)] for row in table])

    made = ReferencePeople(
        tuple(row["IID"] for row in panel),
        tuple(populations[row["IID"]] for row in panel),
        components(panel),
        {"S": np.array([sums[row["IID"]] for row in panel])},
    )
    names = [row["IID"] for row in people]
    return made, names, components(people), np.array([sums[name] for name in names])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_populations_are_those_of_pgsc_calc(reference_data: Path, seed: int) -> None:
    """At least 99 % of the people whom pgsc_calc places with confidence; where we are sure too, all but one in a thousand."""
    folder = reference_data / "geno" / "pgs_ancestry"
    panel, names, components, _ = reference_people(folder)
    theirs = {row["IID"]: row for row in rows(folder / "expected/hgdp_popsimilarity.txt.gz") if row["sampleset"] == "hgdp"}
    found = placements(placing_forest(panel, np.random.default_rng(seed)), components)
    sure = [theirs[name]["MostSimilarPop_LowConfidence"] == "False" for name in names]
    same = np.array([place.population == theirs[name]["MostSimilarPop"] for name, place in zip(names, found, strict=True)])
    assert sum(sure) == 862
    assert same[sure].mean() >= 0.99
    both = np.array(sure) & ~np.array([place.is_low for place in found])
    assert both.sum() > 800
    assert same[both].mean() >= 0.999


def test_z_scores_are_those_of_other_regressions(reference_data: Path) -> None:
    """statsmodels 0.15.0: OLS, and GLM(r**2, Gamma(Log())) with tol=1e-14, on four standardised components of the panel."""
    panel, names, components, sums = reference_people(reference_data / "geno" / "pgs_ancestry")
    first, second = adjustment(panel.scores["S"], panel.pcs).z(sums, components)
    picked = [names.index(name) for name in ("HGDP00001", "HGDP00177", "HGDP00849", "HGDP01419")]
    assert first[picked] == pytest.approx([0.67703, 1.76318, 1.813699, 0.185682], abs=1e-6)
    assert second[picked] == pytest.approx([0.626016, 1.676083, 1.809635, 0.213935], abs=1e-6)
    assert (first**2).sum() == pytest.approx(1075.622583, abs=1e-4)
    assert (second**2).sum() == pytest.approx(1015.262059, abs=1e-4)


def test_z_norm2_is_what_scipy_finds(reference_data: Path) -> None:
    """The Gamma log-likelihood maximised by another method, on raw components."""
    panel, _, components, sums = reference_people(reference_data / "geno" / "pgs_ancestry")
    design = np.hstack([np.ones((len(panel.names), 1)), panel.pcs[:, :4]])
    theirs = np.linalg.solve(design.T @ design, design.T @ panel.scores["S"])
    rest = panel.scores["S"] - design @ theirs
    scale = np.array([1, *panel.pcs[:, :4].std(axis=0)])

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        linear = design @ (beta / scale)
        ratio = rest**2 * np.exp(-linear)
        return float((ratio + linear).mean()), (design.T @ (1 - ratio)) / scale / len(rest)

    start = np.array([np.log((rest**2).mean()), 0, 0, 0, 0])
    beta = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-10}).x / scale
    there = np.hstack([np.ones((len(components), 1)), components[:, :4]])
    expected = (sums - there @ theirs) / np.exp(0.5 * there @ beta)
    first, second = adjustment(panel.scores["S"], panel.pcs).z(sums, components)
    assert np.abs(first - (sums - there @ theirs) / rest.std()).max() < 1e-8
    assert np.abs(second - expected).max() < 1e-4


def test_z_of_the_most_similar_population(reference_data: Path) -> None:
    panel, _, components, sums = reference_people(reference_data / "geno" / "pgs_ancestry")
    place = Placement("EUR", 1.0, False, {"EUR": 1.0}, "given")
    found = adjusted(sums[:1], components[:1], [place], panel, "S")[0]
    among = panel.scores["S"][np.array(panel.population) == "EUR"]
    assert found.z_population == pytest.approx((sums[0] - among.mean()) / among.std())
    assert found.percentile == pytest.approx(100 * (among < sums[0]).mean(), abs=1e-9)


def test_people_of_the_panels_are_among_its_people_and_one_far_away_is_not(reference_data: Path) -> None:
    panel, names, components, sums = reference_people(reference_data / "geno" / "pgs_ancestry")
    places = [Placement("EUR", 1.0, False, {"EUR": 1.0}, "given")] * len(names)
    assert len(adjusted(sums, components, places, panel, "S")) == 929
    with pytest.raises(ValueError, match="far outside those of the reference people"):
        adjusted(sums[:1], components[:1] * 1000, places[:1], panel, "S")


def test_a_score_of_51209_rows_row_by_row(reference_data: Path) -> None:
    """986 rows meet tiny1000G; one person's sum worked out record by record, with plain strings."""
    folder = reference_data / "geno" / "pgs_calc"
    path = folder / "structured/PGS001229_hmPOS_GRCh38.txt.gz"
    at = {(row["chr_name"], row["chr_position"]): row for row in rows(path)}
    total, used = 0.0, 0
    with gzip.open(folder / "vcf/tiny1000G.vcf.gz", "rt") as lines:
        for line in lines:
            fields = line.split("\t", 11)
            row = None if line.startswith("#") else at.get((fields[0], fields[1]))
            if row is None or {fields[3], fields[4]} != {row["effect_allele"], row["other_allele"]}:
                continue
            if {fields[3], fields[4]} in ({"A", "T"}, {"C", "G"}):
                continue
            copies = [[fields[3], fields[4]][int(one)] for one in fields[9].split("|")].count(row["effect_allele"])
            total, used = total + copies * float(row["effect_weight"]), used + 1
    policy = MatchingPolicy(flips=False, minimum_overlap=0.0)
    wishes = ScoreWishes(are_adults=True, sample="HG00096", score_build="GRCh38", policy=policy)
    found = score([folder / "vcf/tiny1000G.vcf.gz"], [path], wishes=wishes, reading=Reading(build="GRCh38"))
    assert isinstance(found, PersonScores)
    assert used > 800
    assert found.scores[0][0].seen == used
    assert found.scores[0][0].value == pytest.approx(total, abs=1e-12)
