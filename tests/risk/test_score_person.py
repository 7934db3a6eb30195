"""The score of one person: what a file says and does not say, what a panel adds, and who is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from score_files import HEAD, PANEL, panel, scoring_file, vcf

from nof1.cli.main import main
from nof1.errors import GenomeError, RequestError
from nof1.genomics.callable import read_bed
from nof1.genomics.genomes import Reading
from nof1.jobs.score_cohort import CohortScores
from nof1.jobs.score_person import PersonScores
from nof1.jobs.score_tables import score_table
from nof1.jobs.scoring import ScoreWishes, score
from nof1.model.scores import PolygenicScore
from nof1.risk.matching import MatchingPolicy


def answer(folder: Path, genome: Path, least: float = 0.0, rows: Path | None = None, **more: object) -> PolygenicScore:
    wishes = ScoreWishes(are_adults=True, policy=MatchingPolicy(minimum_overlap=least), sex=str(more.pop("sex", "")),
                         hemizygous=int(str(more.pop("hemizygous", 1))))  # fmt: skip
    found = score([genome], [rows or scoring_file(folder)], wishes=wishes, **more)  # type: ignore[arg-type]
    assert isinstance(found, PersonScores)
    return found.scores[0][0]


def test_records_are_counted_by_allele(tmp_path: Path) -> None:
    found = answer(tmp_path, vcf(tmp_path, "1000 A G 0/1", "2000 T C 1/1", "3000 T G 0/1", "4000 C A 0/0"))
    assert found.value == 1 * 1 + 2 * 2 + 4 * 1
    assert (found.seen, found.overlap, found.weight_seen, found.spread) == (4, 1.0, 1.0, None)
    assert (found.licence, found.name) == ("CC0", "made up")


def test_absent_is_unknown_and_says_so(tmp_path: Path) -> None:
    genome = vcf(tmp_path, "1000 A G 0/1", "2000 T C 1/1", "9000 A C 0/1")
    found = answer(tmp_path, genome)
    assert (found.value, found.seen) == (5, 2)
    assert found.fates["NOT_THERE"] == 2
    assert any("add nothing to the sum" in note for note in found.notes)
    refused = answer(tmp_path, genome, 0.75)
    assert refused.value is None
    assert refused.reason == (
        "only 2 of 4 rows (50.0%) could be scored, 75% are needed: 2 no record at this position: unknown, not reference"
    )


def test_a_panel_gives_what_is_expected_and_how_unsure_it_is(tmp_path: Path) -> None:
    found = answer(tmp_path, vcf(tmp_path, "1000 A G 0/1", "2000 T C 1/1"), panel=panel(tmp_path))
    missing = 4 * 2 * 0.7 + 8 * 2 * 0.4
    assert found.value == pytest.approx(5 + missing)
    assert found.spread == pytest.approx((4**2 * 2 * 0.3 * 0.7 + 8**2 * 2 * 0.4 * 0.6) ** 0.5)
    assert (found.seen, found.imputed) == (2, 2)


def test_blocks_are_reference_where_a_panel_knows_its_letter(tmp_path: Path) -> None:
    genome = vcf(tmp_path, "900 A <NON_REF> 0/0 END=2500", "2600 C G,<NON_REF> 0/1 .", "2900 G <NON_REF> 0/0 END=5000")
    known = answer(tmp_path, genome, panel=panel(tmp_path))
    assert known.value == 4 * 2  # only at 3000 the effect allele is the reference
    assert (known.seen, known.spread) == (4, 0)
    unknown = answer(tmp_path, genome)
    assert (unknown.value, unknown.fates) == (None, {"REFERENCE_UNKNOWN": 4})
    assert unknown.reason.startswith("none of the 4 rows could be scored: 4 reference there")


def test_a_reference_record_says_its_letter_itself(tmp_path: Path) -> None:
    found = answer(tmp_path, vcf(tmp_path, "1000 A <NON_REF> 0/0 END=1000", "3000 T . 0/0", "4000 G . 0/0"))
    assert (found.value, found.seen) == (8, 2)
    assert found.fates["OTHER_ALLELES"] == 1


def test_a_block_of_low_quality_is_unknown(tmp_path: Path) -> None:
    genome = vcf(tmp_path, "900 A <NON_REF> 0/0 END=2500 3:30", "2600 A <NON_REF> 0/0 END=5000 99:2")
    found = answer(tmp_path, genome, panel=panel(tmp_path))
    assert (found.seen, found.imputed) == (0, 4)


def test_a_deletion_over_a_place_is_not_reference(tmp_path: Path) -> None:
    genome = vcf(tmp_path, "900 A <NON_REF> 0/0 END=5000", "2998 ATTA A 0/1")
    found = answer(tmp_path, genome, panel=panel(tmp_path))
    assert (found.seen, found.imputed) == (3, 1)


def test_declarations_make_absence_reference(tmp_path: Path) -> None:
    genome = vcf(tmp_path, "500 A G 0/1", "1000 A G 0/1", "9000 A C 0/1")
    bed = tmp_path / "looked.bed"
    bed.write_text("chr1\t2500\t3500\n")
    regions = answer(tmp_path, genome, panel=panel(tmp_path), reading=Reading(callable_regions=read_bed(bed)))
    assert (regions.seen, regions.imputed) == (2, 2)
    declared = answer(tmp_path, genome, panel=panel(tmp_path), reading=Reading(absent="reference"))
    assert (declared.seen, declared.value) == (4, 1 + 8)


def test_split_records_of_one_place_are_one_variant(tmp_path: Path) -> None:
    rows = scoring_file(tmp_path, [(1000, "A", "G", 1.0), (2000, "C", "T", 10.0)])
    genome = vcf(tmp_path, "1000 A G 0/1", "1000 A C 0/1", "2000 T C 1/1", "2000 T C 0/1")
    found = answer(tmp_path, genome, rows=rows)
    assert (found.value, found.fates) == (0, {"REFALT": 1, "NO_GENOTYPE": 1})  # G and C, no A; then a contradiction


def test_refused_and_half_genotypes_are_missing(tmp_path: Path) -> None:
    genome = vcf(tmp_path, "1000 A G 0/1 . 5:30", "2000 T C ./1", "3000 T G 1", "4000 C A ./.")
    found = answer(tmp_path, genome, panel=panel(tmp_path))
    assert (found.seen, found.imputed, found.fates) == (0, 4, {"NO_GENOTYPE": 4})


@pytest.mark.parametrize(("copies", "value"), [(1, 1.0), (2, 2.0)])
@pytest.mark.parametrize("genotype", ["1", "1/1"])
def test_x_of_a_man(tmp_path: Path, genotype: str, copies: int, value: float) -> None:
    at = 5_000_000
    rows = scoring_file(tmp_path, [(at, "G", "A", 1.0)], "X")
    genome = vcf(tmp_path, f"chrX {at} A G {genotype}")
    assert answer(tmp_path, genome, rows=rows, sex="male", hemizygous=copies).value == value
    as_written = answer(tmp_path, genome, rows=rows, hemizygous=copies)
    assert any("sex was not declared" in note for note in as_written.notes) == (genotype == "1/1")


def test_x_of_a_man_that_is_expected(tmp_path: Path) -> None:
    at = 5_000_000
    rows = scoring_file(tmp_path, [(at, "G", "A", 1.0), (at + 9, "G", "A", 1.0)], "X")
    genome = vcf(tmp_path, f"chrX {at + 9} A G 0/0")
    there = panel(tmp_path, "X", [(at, "A", "G", 0.3)])
    assert answer(tmp_path, genome, rows=rows, panel=there, sex="male").value == pytest.approx(0.3)
    assert answer(tmp_path, genome, rows=rows, panel=there, sex="female").value == pytest.approx(0.6)


def test_pseudoautosomal_x_of_a_man_has_two_copies(tmp_path: Path) -> None:
    rows = scoring_file(tmp_path, [(100_000, "G", "A", 1.0)], "X")
    assert answer(tmp_path, vcf(tmp_path, "chrX 100000 A G 1/1"), rows=rows, sex="male").value == 2


def test_an_array_is_scored_by_its_letters(tmp_path: Path) -> None:
    rows = scoring_file(tmp_path)
    array = tmp_path / "array.txt"
    head = "# 23andMe, build 38\n# genotype call oriented with respect to the plus strand\n# rsid\tchromosome\tposition\tgenotype\n"
    lines = ["i1\t1\t1000\tAG\n", "i2\t1\t2000\tCC\n", "i3\t1\t3000\t--\n", "i4\t1\t4000\tCC\n"]
    array.write_text(head + "".join(lines))
    found = answer(tmp_path, array, rows=rows, reading=Reading(build="GRCh38", strand="forward"))
    assert (found.value, found.seen) == (5, 3)


def test_only_adults_are_scored(tmp_path: Path) -> None:
    genome, rows = vcf(tmp_path, "1000 A G 0/1"), scoring_file(tmp_path)
    with pytest.raises(RequestError, match="adults only"):
        score([genome], [rows])
    for born, adult in ((date(2008, 11, 27), False), (date(2008, 11, 26), True)):
        wishes = ScoreWishes(born=born, today=date(2026, 11, 26), are_adults=True, policy=MatchingPolicy(minimum_overlap=0))
        if adult:
            assert isinstance(score([genome], [rows], wishes=wishes), PersonScores)
        else:
            with pytest.raises(RequestError, match=r"17 years old; .* adults only"):
                score([genome], [rows], wishes=wishes)


def test_builds_must_meet(tmp_path: Path) -> None:
    rows = tmp_path / "37.txt"
    rows.write_text(f"#pgs_id=S\n#genome_build=GRCh37\n{HEAD}\n1\t5\tA\tG\t1\n")
    genome = vcf(tmp_path, "1000 A G 0/1")
    wishes = ScoreWishes(are_adults=True)
    with pytest.raises(RequestError, match=r"is on GRCh38, the scores have positions on GRCh37 only"):
        score([genome], [rows], wishes=wishes)
    with pytest.raises(RequestError, match="no build in common"):
        score([genome], [rows, scoring_file(tmp_path)], wishes=wishes)
    wrong = panel(tmp_path)
    wrong.write_text(wrong.read_text().replace("GRCh38", "GRCh37"))
    with pytest.raises(RequestError, match=r"the panel panel\.tsv on GRCh37"):
        answer(tmp_path, genome, panel=wrong)


def test_a_person_among_reference_people(tmp_path: Path) -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    centres = {"AAA": 0.0, "BBB": 9.0}
    lines = ["IID\tpopulation\t" + "\t".join(f"PC{number}" for number in range(1, 6)) + "\tS1\n"]
    for name, centre in centres.items():
        for number in range(30):
            pcs = "\t".join(f"{centre + rng.normal():.4f}" for _ in range(5))
            lines.append(f"{name}{number}\t{name}\t{pcs}\t{5 + centre + rng.normal():.4f}\n")
    people, components = tmp_path / "people.tsv", tmp_path / "pcs.tsv"
    people.write_text("".join(lines))
    components.write_text("IID\tPC1\tPC2\tPC3\tPC4\tPC5\nP\t9\t9\t9\t9\t9\n")
    found = answer(tmp_path, vcf(tmp_path, "1000 A G 0/1", "2000 T C 1/1", "3000 T G 0/1", "4000 C A 0/0"),
                   reference=people, components=components)  # fmt: skip
    assert found.adjusted is not None
    assert (found.adjusted.placement.population, found.adjusted.placement.is_low) == ("BBB", False)
    assert found.adjusted.z_population is not None and found.adjusted.z_population < -3
    assert found.adjusted.percentile == 0
    components.write_text("IID\tPC1\nQ\t9\n")
    with pytest.raises(RequestError, match="no 'P'"):
        answer(tmp_path, vcf(tmp_path, "1000 A G 0/1"), reference=people, components=components)


def test_the_command_writes_scores_and_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genome = vcf(tmp_path, "1000 A G 0/1", "2000 T C 1/1", "3000 T G 0/1", "4000 C A 0/0")
    wanted = ["score", str(genome), "--score", str(scoring_file(tmp_path)), "--panel", str(panel(tmp_path))]
    assert main(wanted) == 2
    assert "adults only" in capsys.readouterr().err
    out, rows = tmp_path / "scores.json", tmp_path / "rows.tsv"
    assert main([*wanted, "--adult", "--json", str(out), "--matches", str(rows)]) == 0
    said = capsys.readouterr().out
    assert "S1: made up" in said and "licence: CC0" in said and "no absolute risk" in said
    document = json.loads(out.read_text())
    assert document["people"][0]["scores"][0]["value"] == 9
    assert "no absolute risk" in document["meaning"]
    table = [line.split("\t") for line in rows.read_text().splitlines()]
    assert table[1][:9] == ["S1", "6", "", "chr1", "1000", "G", "A", "seen", "ALTREF"]
    assert len(table) == 5


def test_a_score_that_is_refused_ends_with_its_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(vcf(tmp_path, "1000 A G 0/1")), "--score", str(scoring_file(tmp_path)), "--adult"]) == 2
    shown = capsys.readouterr()
    assert "only 1 of 4 rows (25.0%) could be scored, 75% are needed" in shown.out
    assert shown.err == "nof1: no score could be given; the lines above say why\n"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda data: data[:-1], "bytes, expected"),
        (lambda data: b"xx" + data[2:], "PLINK|VCF|begin"),
        (lambda data: data[:2] + b"\x00" + data[3:], "stored person by person"),
    ],
)
def test_damaged_plink_sets(reference_data: Path, tmp_path: Path, damage, told: str) -> None:  # type: ignore[no-untyped-def]
    for suffix in (".bed", ".bim", ".fam"):
        (tmp_path / f"s{suffix}").write_bytes((reference_data / f"geno/bed/some_missing{suffix}").read_bytes())
    bed = tmp_path / "s.bed"
    bed.write_bytes(damage(bed.read_bytes()))
    with pytest.raises((GenomeError, RequestError), match=told):
        score([bed], [scoring_file(tmp_path)], wishes=ScoreWishes(are_adults=True), reading=Reading(build="GRCh38"))


def test_the_spread_is_of_what_the_panel_expects(tmp_path: Path) -> None:
    """Nothing is expected where the panel has none of the rows that were not seen: no spread of 0 is claimed."""
    seen = ("1000 A G 0/1", "2000 T C 1/1", "4000 C A 0/0")
    found = answer(tmp_path, vcf(tmp_path, *seen), panel=panel(tmp_path, frequencies=PANEL[:2]))
    assert (found.value, found.spread, found.imputed) == (5, None, 0)
    whole = answer(tmp_path, vcf(tmp_path, *seen, "3000 T G 0/1"), panel=panel(tmp_path))
    assert whole.spread == 0


def test_text_of_a_scoring_file_does_not_steer_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = scoring_file(tmp_path)
    rows.write_text("#trait_reported=K\u00f6rper\x1b[2J\u202e\n" + rows.read_text())
    genome = vcf(tmp_path, "1000 A G 0/1", "2000 T C 1/1", "3000 T G 0/1", "4000 C A 0/0")
    assert main(["score", str(genome), "--score", str(rows), "--adult"]) == 0
    said = capsys.readouterr().out
    assert "K\u00f6rper" in said and "\x1b" not in said and "\u202e" not in said


def test_an_overlap_that_is_no_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genome = vcf(tmp_path, "1000 A G 0/1")
    assert main(["score", str(genome), "--score", str(scoring_file(tmp_path)), "--adult", "--min-overlap", "nan"]) == 2
    assert capsys.readouterr().err == "nof1: --min-overlap is not a number; write a share from 0 to 1\n"


def test_loadings_on_another_build(tmp_path: Path) -> None:
    people, loadings = tmp_path / "people.tsv", tmp_path / "loadings.tsv"
    people.write_text("IID\tpopulation\tPC1\tS1\na\tA\t1\t2\nb\tB\t2\t3\n")
    loadings.write_text("##genome_build=GRCh37\nCHROM\tPOS\tREF\tALT\tAF\tPC1\n1\t1000\tA\tG\t0.5\t0.1\n")
    with pytest.raises(RequestError, match="the loadings are on GRCh37, the genome on GRCh38"):
        answer(tmp_path, vcf(tmp_path, "1000 A G 0/1"), reference=people, loadings=loadings)


BED = b"\x6c\x1b\x01"


def plink_set(folder: Path, genotypes: bytes, variants: Sequence[tuple[int, str, str, float]] = PANEL) -> Path:
    """One person's set of the panel's variants, whose alternative is A1."""
    (folder / "one.bed").write_bytes(BED + genotypes)
    (folder / "one.bim").write_text("".join(f"1\tv{at}\t0\t{at}\t{alt}\t{ref}\n" for at, ref, alt, _ in variants))
    (folder / "one.fam").write_text("f p 0 0 1 -9\n")
    return folder / "one.bed"


def of_set(folder: Path, genotypes: bytes, least: float = 0.0, **panel_of: object) -> list[str]:
    """The row of the table of one person."""
    wishes = ScoreWishes(are_adults=True, policy=MatchingPolicy(minimum_overlap=least))
    found = score([plink_set(folder, genotypes)], [scoring_file(folder)], panel=panel(folder, **panel_of), wishes=wishes)  # type: ignore[arg-type]
    assert isinstance(found, CohortScores)
    return score_table(found).splitlines()[1].split("\t")


def test_a_person_of_a_set_without_enough_genotypes_has_no_value(tmp_path: Path) -> None:
    assert of_set(tmp_path, bytes([2, 0, 2, 3]))[:4] == ["p", "S1", "9", "0"]
    assert of_set(tmp_path, bytes([1, 1, 1, 1]))[:4] == ["p", "S1", "", ""]
    assert of_set(tmp_path, bytes([2, 1, 2, 1]), 0.75)[:4] == ["p", "S1", "", ""]
    assert of_set(tmp_path, bytes([2, 0, 2, 1]), 0.75)[2] == "15.4"  # 1 + 4 + 4, and 8 x 2 x 0.4 expected


def test_missing_genotypes_without_a_frequency_are_counted(tmp_path: Path) -> None:
    row = of_set(tmp_path, bytes([1, 0, 2, 3]), frequencies=PANEL[1:])
    assert (row[2], row[6], row[-1]) == ("8", "1", "1")
    twice = of_set(tmp_path, bytes([1, 0, 2, 3]), frequencies=[*PANEL, (1000, "A", "G", 0.9)])
    assert (twice[2], twice[-1]) == ("8", "1")


def test_a_set_that_meets_no_row_or_a_panel_of_another_build(tmp_path: Path) -> None:
    elsewhere = [(at + 7, ref, alt, share) for at, ref, alt, share in PANEL]
    path = plink_set(tmp_path, bytes([2, 0, 2, 3]), elsewhere)
    wishes = ScoreWishes(are_adults=True, policy=MatchingPolicy(minimum_overlap=0))
    with pytest.raises(RequestError, match=r"only 0 of 4 rows \(0\.0%\) match, 25% are needed: 4 no record"):
        score([path], [scoring_file(tmp_path)], panel=panel(tmp_path), wishes=wishes)
    wrong = panel(tmp_path)
    wrong.write_text(wrong.read_text().replace("GRCh38", "GRCh37"))
    with pytest.raises(RequestError, match=r"the panel panel\.tsv is on GRCh37, the scores of .* are taken on GRCh38"):
        score([path], [scoring_file(tmp_path)], panel=wrong, wishes=wishes)


@pytest.mark.parametrize("suffix", [".bim", ".fam"])
def test_a_set_of_nothing(tmp_path: Path, suffix: str) -> None:
    path = plink_set(tmp_path, b"")
    path.with_suffix(suffix).write_text("")
    with pytest.raises(GenomeError, match="is empty; give the"):
        score([path], [scoring_file(tmp_path)], panel=panel(tmp_path), wishes=ScoreWishes(are_adults=True))


@pytest.mark.parametrize("position", ["\u00b2", "--5", "9" * 5000, "x"])
def test_positions_of_a_bim_that_are_none(tmp_path: Path, position: str) -> None:
    path = plink_set(tmp_path, bytes([2, 0, 2, 3]))
    path.with_suffix(".bim").write_text(path.with_suffix(".bim").read_text().replace("1000", position, 2))
    with pytest.raises(GenomeError, match=r"line 1: .* is no variant"):
        score([path], [scoring_file(tmp_path)], panel=panel(tmp_path), wishes=ScoreWishes(are_adults=True))


def test_a_file_that_the_genomes_do_not_fit_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "person.vcf"
    broken.write_text("no header\n")
    wanted = ["score", str(broken), "--score", str(scoring_file(tmp_path)), "--adult", "--out", str(tmp_path / "t.tsv")]
    assert main(wanted) == 2
    assert "--out is for a PLINK set; write the scores of persons with --json" in capsys.readouterr().err
    (tmp_path / "set.bed").write_bytes(b"\x6c\x1b\x01")
    assert main(["score", str(tmp_path / "set.bed"), "--score", str(scoring_file(tmp_path)), "--adult"]) == 2
    assert "the scores of a PLINK set are written as a table; name it with --out" in capsys.readouterr().err
