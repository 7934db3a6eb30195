"""Scoring files in every form, the malformed ones in one line each, and kept ones."""

from __future__ import annotations

import gzip
import math
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.cli.main import main
from nof1.errors import RequestError
from nof1.knowledge.kept_scores import add_scores, kept_score, opened
from nof1.knowledge.score_panel import read_loadings, read_panel, read_people
from nof1.knowledge.scores import read_score
from nof1.model.allele_codes import letters, place
from nof1.model.scores import Fate, ScoringFile

HEAD = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight"
BUILD = "#genome_build=GRCh38\n"


def written(folder: Path, text: str, name: str = "s.txt") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


@pytest.mark.parametrize(
    ("header", "build"),
    [
        (
            "###PGS CATALOG SCORING FILE\n#format_version=2.0\n##POLYGENIC\n#pgs_id=PGS9\n#genome_build=hg19\n#license=CC BY\n",
            "GRCh37",
        ),
        ("# PGS ID = PGS9\n# Reported Trait = T\n# Original Genome Build = GRCh38\n# LICENSE = CC BY\n", "GRCh38"),
        ("\ufeff#pgs_id=PGS9\r\n#genome_build=GRCh38\t\t\r\n#license=CC BY\r\n", "GRCh38"),
    ],
)
@pytest.mark.parametrize("name", ["s.txt", "s.txt.gz"])
def test_every_kind_of_header(tmp_path: Path, header: str, build: str, name: str) -> None:
    made = read_score(written(tmp_path, header + f"{HEAD}\n1\t100\tA\tG\t0.5\n", name))
    assert (made.about.id, made.about.build, made.about.licence) == ("PGS9", build, "CC BY")
    assert made.own.tolist() == [place(1, 100)]
    assert made.weights.tolist() == [[0, 0.5, 1]]


def test_no_header_takes_the_declared_build_and_the_name_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}\nchrX\t100\tA\tG\t-2e-3\n", "mine.txt")
    with pytest.raises(RequestError, match="names no genome_build"):
        read_score(path)
    made = read_score(path, "37")
    assert (made.about.id, made.about.build, int(made.own[0])) == ("mine", "GRCh37", place(23, 100))


def test_real_files_of_the_catalog(reference_data: Path) -> None:
    folder = reference_data / "geno" / "pgs_core"
    first = read_score(folder / "PGS000001_hmPOS_GRCh38.txt.gz")
    assert (len(first), first.about.harmonised, first.about.build, first.about.weight_type) == (77, "GRCh38", "", "")
    assert first.places("GRCh38") is not None and first.places("GRCh37") is None
    assert int(first.harmonised[0]) == place(11, 69516650)
    assert first.weights[0].tolist() == [0, 0.16220387987485377, 2 * 0.16220387987485377]
    both = read_score(folder / "OPGS017309_hmPOS_GRCh38.txt.gz")
    assert (both.about.build, both.about.harmonised, both.about.licence, len(both)) == ("GRCh37", "GRCh38", "CC BY", 697)
    curved = read_score(folder / "PGS004255_hmPOS_GRCh38.txt.gz")
    assert curved.weights[0].tolist() == [-0.09833810000000001, 0.08934160000000001, 0.4437184]
    models = read_score(folder / "PGS000802_hmPOS_GRCh37.txt")
    assert models.weights[:2].tolist() == [[0, 0.123, 0.123], [0, 0, 0.491]]
    assert models.frequency[:2].tolist() == [0.377, 0.892]
    complex_ = read_score(folder / "complex_variants_PGS004239.txt", "GRCh37")
    assert [Fate(code).name for code in complex_.refused[complex_.refused > 0]] == [
        "HAPLOTYPE", "HAPLOTYPE", *["NO_SEQUENCE"] * 5, "HAPLOTYPE", "NO_SEQUENCE",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("pgs_core/bad_harmonised.txt", "none of its 3 rows has a position"),
        ("pgs_core/invalid_scorefile.txt", "neither chr_name and chr_position nor hm_chr and hm_pos"),
        ("pgs_core/PGS000001.txt.gz", "neither chr_name and chr_position nor hm_chr and hm_pos"),
        ("pgs_core/complex_variants_PGS000021.txt", "neither chr_name and chr_position nor hm_chr and hm_pos"),
        ("pgs_match/duplicated_scorefile.txt", "names no genome_build"),
        ("pgs_match/good_match.pvar", "no column effect_allele"),
        ("pgs_match/target.afreq.gz", "no column effect_allele"),
        ("pgs_ancestry/aggregate/cineca_22_additive_0.scorefile.gz", "neither effect_weight nor"),
        ("pgs_ancestry/aggregate/cineca_22_additive_0.sscore.zst", "is no text"),
        ("pgsc_calc/scorefiles/multiscore.txt", "neither effect_weight nor"),
    ],
)
def test_malformed_files_at_hand(reference_data: Path, name: str, told: str) -> None:
    with pytest.raises(RequestError, match=told) as raised:
        read_score(reference_data / "geno" / name)
    assert "\n" not in str(raised.value) and Path(name).name in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("#genome_build=GRCh38\n", "no line of column names"),
        (BUILD + HEAD + "\n", "column names and no rows"),
        (BUILD + HEAD + "\n1\t100\tA\tG\t\n", r"line 3: effect_weight is ''"),
        (BUILD + HEAD + "\n1\t100\tA\tG\tnan\n", r"line 3: effect_weight is 'nan'"),
        (BUILD + HEAD + "\n1\t100\tA\tG\t1_0\n", r"line 3: effect_weight is '1_0'"),
        (BUILD + HEAD + "\n\n1\t100\tA\tG\t1\n1\t1e5\tA\tG\t1\n", r"line 5: chr_position is '1e5'"),
        (BUILD + HEAD + "\n1\t100\t\tG\t1\n", "line 3: no effect_allele"),
        (BUILD + HEAD + "\n1\t100\tA\tG\t1\t7\n", "line 3: 6 columns, expected 5"),
        (
            BUILD + HEAD + "\tis_dominant\tis_recessive\n1\t100\tA\tG\t1\tTrue\tTrue\n",
            "line 3: is both dominant and recessive",
        ),
        (BUILD + HEAD + "\tis_dominant\n1\t100\tA\tG\t1\tmaybe\n", "line 3: is_dominant is 'maybe'"),
        (
            BUILD + "#weight_type=OR\n" + HEAD + "\n1\t100\tA\tG\t-1\n",
            "line 4: effect_weight is -1, but the header declares OR",
        ),
        (BUILD + HEAD + "\n1\t100\tA\tG\t1e308\n", r"line 3: effect_weight is '1e308', beyond 1e\+100"),
        (BUILD + HEAD + "\n1\t100\tA\tG\t-1e101\n", r"line 3: effect_weight is '-1e101', beyond"),
        (BUILD + HEAD + "\n1\t100\tA\tG\tinf\n", "line 3: effect_weight is 'inf'"),
        (BUILD + HEAD + "\n1\t100\tA\tG\t\u0661\n", "line 3: effect_weight is '\u0661', expected a number"),
        (BUILD + HEAD + "\n1\t\u0661\tA\tG\t1\n", "line 3: chr_position is '\u0661', expected a whole number"),
        (BUILD + HEAD + f"\n1\t{(1 << 32) + 100}\tA\tG\t1\n", "line 3: chr_position is '4294967396'"),
        (BUILD + HEAD + "\n1\t100\tA\tG\t0\n1\t200\tA\tG\t0\n", "every weight of its 2 rows adds 0"),
        (BUILD + HEAD + "\teffect_weight\n1\t100\tA\tG\t1\t1\n", "a column stands twice"),
        (BUILD + HEAD + "\thm_chr\thm_pos\n1\t100\tA\tG\t1\t1\t1\n", "no HmPOS_build"),
    ],
)
def test_bad_rows_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        read_score(written(tmp_path, text))


def test_damaged_and_absent_files(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress((BUILD + HEAD + "\n1\t1\tA\tG\t1\n" * 500).encode())[:-20])
    with pytest.raises(RequestError, match="cut short or damaged"):
        read_score(path)
    with pytest.raises(RequestError, match="cannot be read"):
        read_score(tmp_path / "none.txt")


def test_ratios_are_logged_only_where_declared(tmp_path: Path) -> None:
    row = "\n1\t100\tA\tG\t2\n"
    for declared, taken in (("OR", math.log(2)), ("Hazard Ratio", math.log(2)), ("beta", 2), ("NR", 2), ("log(OR)", 2)):
        made = read_score(written(tmp_path, f"{BUILD}#weight_type={declared}\n{HEAD}{row}"))
        assert made.weights[0].tolist() == pytest.approx([0, taken, 2 * taken])
        assert ("logarithm" in made.about.weights) == (taken != 2)


def test_other_alleles_inferred_and_several(tmp_path: Path) -> None:
    head = "hm_chr\thm_pos\teffect_allele\teffect_weight\thm_inferOtherAllele"
    text = f"#HmPOS_build=GRCh37\n{head}\n1\t5\tA\t1\tG\n1\t6\tA\t1\tC/T\n1\t7\tA\t1\t\n"
    made = read_score(written(tmp_path, text))
    assert [letters(code) for code in made.other.tolist()] == ["G", "C", ""]
    assert [letters(code) for code in made.others[1]] == ["C", "T"]


def test_rows_that_cannot_be_scored_are_named(tmp_path: Path) -> None:
    head = HEAD + "\tis_interaction\tis_diplotype"
    text = f"{BUILD}{head}\n1\t5\tA\tG\t1\tTrue\tFalse\n1\t6\tA_x_T\tG\t1\t\t\n1\t7\tA/A\tG\t1\tFalse\tTrue\n1\t8\tA\tG\t1\t\t\n"
    made = read_score(written(tmp_path, text))
    assert made.refused.tolist() == [Fate.INTERACTION, Fate.INTERACTION, Fate.DIPLOTYPE, 0]


def test_rows_whose_alleles_say_nothing_are_named(tmp_path: Path) -> None:
    rows = [
        ("A", "G"),
        ("G", "G"),
        ("*", "G"),
        ("A", "*"),
        ("A", "N"),
        ("I", "D"),
        ("A", ""),
        ("A", "NA"),
        ("AT", "-"),
        ("A", "C/N"),
    ]
    body = "".join(f"1\t{at}\t{effect}\t{other}\t1\n" for at, (effect, other) in enumerate(rows, start=1))
    made = read_score(written(tmp_path, f"{BUILD}{HEAD}\n{body}"))
    said = [Fate(code).name if code else "" for code in made.refused.tolist()]
    none = "NO_SEQUENCE"
    assert said == ["", "SAME_ALLELE", none, none, none, none, "", "", none, none]


def test_an_interaction_needs_no_position_that_can_be_read(tmp_path: Path) -> None:
    text = f"{BUILD}{HEAD}\n1_x_2\t5_x_6\tA_x_T\tG_x_C\t1\n1\t8\tA\tG\t1\n"
    made = read_score(written(tmp_path, text))
    assert made.refused.tolist() == [Fate.INTERACTION, 0]
    with pytest.raises(RequestError, match="chr_position is '5_x_6'"):
        read_score(written(tmp_path, text.replace("A_x_T", "A").replace("G_x_C", "G")))


@pytest.mark.parametrize("declared", ["\u00b2", "9" * 5000, "-3", "1e3", ""])
def test_a_declared_number_that_is_none_is_left_aside(tmp_path: Path, declared: str) -> None:
    made = read_score(written(tmp_path, f"{BUILD}#variants_number={declared}\n{HEAD}\n1\t5\tA\tG\t1\n"))
    assert (made.about.declared_variants, made.about.notes) == (0, ())


def test_gzip_of_several_members_and_of_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "two.gz"
    path.write_bytes(gzip.compress(f"{BUILD}{HEAD}\n".encode()) + gzip.compress(b"1\t5\tA\tG\t1\n"))
    assert len(read_score(path)) == 1
    monkeypatch.setattr("nof1.knowledge.scores._MOST_BYTES", 1000)
    path.write_bytes(gzip.compress(f"{BUILD}{HEAD}\n".encode() + b"1\t5\tA\tG\t1\n" * 1000))
    with pytest.raises(RequestError, match="GB unpacked"):
        read_score(path)


def test_fewer_rows_than_declared_is_told(tmp_path: Path) -> None:
    made = read_score(written(tmp_path, f"{BUILD}#variants_number=9\n{HEAD}\n1\t5\tA\tG\t1\n"))
    assert made.about.notes == ("the header declares 9 variants, the file has 1",)


def test_kept_scores_are_the_file_and_versions_stand_side_by_side(tmp_path: Path) -> None:
    long = "A" * 40
    text = f"#pgs_id=PGS7\n#license=CC BY\n{BUILD}rsID\t{HEAD}\nrs1\t1\t5\tA\tC/T\t0.5\nrs2\t2\t7\t{long}\tA\t1\n"
    path = written(tmp_path, text)
    first = add_scores(path, tmp_path / "kept")
    assert first.is_new and not add_scores(path, tmp_path / "kept").is_new
    made, kept = read_score(path), opened("PGS7", within=tmp_path / "kept")
    assert made.about == kept.about
    assert (made.names, made.others) == (kept.names, kept.others)
    for name in ("line", "own", "harmonised", "effect", "other", "weights", "refused"):
        assert np.array_equal(getattr(made, name), getattr(kept, name))
    second = add_scores(written(tmp_path, text.replace("0.5", "0.6"), "t.txt"), tmp_path / "kept")
    with pytest.raises(RequestError, match=r"several versions of PGS7 are kept: PGS7@\w{8} \(GRCh38, [st]\.txt\), PGS7@"):
        kept_score("PGS7", tmp_path / "kept")
    assert kept_score(f"PGS7@{second.about.digest[:8]}", tmp_path / "kept").weights[0, 1] == 0.6
    with pytest.raises(RequestError, match="no score 'PGS8' is kept"):
        kept_score("PGS8", tmp_path / "kept")
    with pytest.raises(RequestError, match=r"no score .*first \(kept are PGS7\)"):
        kept_score("PGS8", tmp_path / "kept")
    for name in ("../PGS7", "PGS7@*", "PGS7@../PGS7/", "PGS7@[0-9a-f]"):
        with pytest.raises(RequestError, match="no score"):
            kept_score(name, tmp_path / "kept")


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"PK\x03\x04" + data[4:90]]
)
def test_a_kept_score_that_is_damaged_is_named_and_written_anew(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    path = written(tmp_path, f"#pgs_id=PGS7\n{BUILD}{HEAD}\n1\t5\tA\tG\t1\n")
    kept = add_scores(path, tmp_path / "kept").path
    kept.write_bytes(damage(kept.read_bytes()))
    with pytest.raises(RequestError, match=r"the kept score cannot be read \(.*\); add its file again"):
        kept_score("PGS7", tmp_path / "kept")
    assert add_scores(path, tmp_path / "kept").is_new
    assert len(kept_score("PGS7", tmp_path / "kept")) == 1


def test_what_was_left_half_written_is_cleared_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "PGS7"
    folder.mkdir(parents=True)
    for name, age in (("old.part", 7200), ("new.part", 0)):
        (folder / name).write_bytes(b"half")
        there = (folder / name).stat().st_mtime - age
        os.utime(folder / name, (there, there))
    add_scores(written(tmp_path, f"#pgs_id=PGS7\n{BUILD}{HEAD}\n1\t5\tA\tG\t1\n"), tmp_path / "kept")
    assert [path.name for path in folder.glob("*.part")] == ["new.part"]
    assert len(kept_score("PGS7", tmp_path / "kept")) == 1


def test_of_versions_on_two_builds_that_of_the_genome_is_taken(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    head = "#pgs_id=PGS7\n#HmPOS_build={}\nhm_chr\thm_pos\teffect_allele\tother_allele\teffect_weight\n1\t{}\tA\tG\t1\n"
    for build, at in (("GRCh37", 5), ("GRCh38", 7)):
        add_scores(written(tmp_path, head.format(build, at), f"{build}.txt"), kept)
    assert kept_score("PGS7", kept, "GRCh37").harmonised.tolist() == [place(1, 5)]
    assert opened("PGS7", within=kept, genome="GRCh38").harmonised.tolist() == [place(1, 7)]
    with pytest.raises(RequestError, match=r"several versions of PGS7 are kept: .*\(GRCh3[78], GRCh3[78]\.txt\)"):
        kept_score("PGS7", kept)
    add_scores(written(tmp_path, head.format("GRCh38", 9), "newer.txt"), kept)
    with pytest.raises(RequestError, match="several versions"):
        kept_score("PGS7", kept, "GRCh38")


def test_a_bad_file_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        add_scores(written(tmp_path, BUILD + HEAD + "\n1\t5\tA\tG\tx\n"), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_panels_of_plink2_and_of_tables(reference_data: Path, tmp_path: Path) -> None:
    panel = read_panel(reference_data / "geno/pgs_match/target.afreq.gz")
    assert int(panel.variants.place[0]) == place(12, 149791)
    assert panel.frequency[:2].tolist() == [1 - 0.00755124, 0.00755124]
    table = "##genome_build=GRCh37\nCHROM\tPOS\tREF\tALT\tAF\nchr1\t5\tA\tG\t0.25\n"
    made = read_panel(written(tmp_path, table))
    assert (made.build, made.frequency.tolist()) == ("GRCh37", [0.75, 0.25])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("CHROM\tPOS\tREF\tALT\n1\t5\tA\tG\n", "needs a column alt_freqs"),
        ("CHROM\tPOS\tREF\tALT\tAF\n1\t5\tA\tG\t1.5\n", "line 2: AF is '1.5'"),
        ("CHROM\tPOS\tREF\tALT\tAF\n1\tx\tA\tG\t0.5\n", "line 2: no position"),
        ("CHROM\tPOS\tREF\tALT\tAF\n1\t5\tA\n", "line 2: 3 columns, expected 5"),
        ("CHROM\tPOS\tREF\tALT\tAF\n", "column names and no rows"),
        (f"CHROM\tPOS\tREF\tALT\tAF\n1\t{'9' * 5000}\tA\tG\t0.5\n", "line 2: no position"),
        (f"CHROM\tPOS\tREF\tALT\tAF\n1\t{(1 << 32) + 5}\tA\tG\t0.5\n", "line 2: no position"),
        ("CHROM\tPOS\tREF\tALT\tAF\tAF\n1\t5\tA\tG\t0.5\t0.1\n", "line 1: the panel has two columns 'af'"),
    ],
)
def test_bad_panels(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        read_panel(written(tmp_path, text))


def test_reference_people_and_loadings(tmp_path: Path) -> None:
    people = read_people(written(tmp_path, "IID\tSuperPop\tPC1\tPC2\tPGS7\na\tEUR\t1\t2\t0.5\nb\tAFR\t3\t4\t-1\n"))
    assert people.population == ("EUR", "AFR")
    assert people.pcs.tolist() == [[1, 2], [3, 4]]
    assert people.scores["PGS7"].tolist() == [0.5, -1]
    text = "##singular_values=9,x\nCHROM\tPOS\tREF\tALT\tAF\tPC1\tPC2\n1\t5\tA\tG\t0.5\t0.1\t0.2\n"
    with pytest.raises(RequestError, match="singular_values is '9,x', expected 2 numbers"):
        read_loadings(written(tmp_path, text))
    with pytest.raises(RequestError, match="line 3: AF is 1; a variant that does not vary has no loading"):
        read_loadings(written(tmp_path, text.replace("9,x", "9,4").replace("0.5", "1")))
    assert read_loadings(written(tmp_path, text.replace("9,x", "9,4"))).singular.tolist() == [9, 4]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a\tEUR\t1\t2\t0.5\na\tAFR\t3\t4\t1\n", "line 3: 'a' stands in line 2 too"),
        ("a\tEUR\t1\t2\t0.5\nb\t\t3\t4\t1\n", "line 3: SuperPop is empty"),
        ("a\tEUR\t1\t2\t0.5\nb\tAFR\t3\t4\t1e308\n", "line 3: PGS7 is '1e308', expected a number"),
        ("a\tEUR\t1\tnan\t0.5\n", "line 2: PC2 is 'nan'"),
    ],
)
def test_bad_reference_people(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        read_people(written(tmp_path, "IID\tSuperPop\tPC1\tPC2\tPGS7\n" + rows))


def test_a_kept_score_whose_id_looks_like_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    add_scores(written(tmp_path, f"#pgs_id=SCORE.v2\n{BUILD}{HEAD}\n1\t5\tA\tG\t1\n"), kept)
    assert len(opened("SCORE.v2", within=kept)) == 1
    monkeypatch.chdir(tmp_path)
    (tmp_path / "SCORE.v2").mkdir()  # a folder of that name is no scoring file
    assert len(opened("SCORE.v2", within=kept)) == 1
    with pytest.raises(RequestError, match=r"none\.txt: cannot be read"):
        opened("none.txt", within=kept)


_ODD = st.sampled_from(
    ["", "NA", "-1", "1e5", "9" * 12, "*", "N", "A/C", "A_x_G", "nan", "inf", "-1e99", "1e308", "1_0", "\u0661", "\u00b2", "\x00",
     "\u202e", '"1"', "6_alt", "maybe", "T\tT"]
)  # fmt: skip
_PLACE = {"name": ["1", "X", "chr2", "MT", "23"], "position": ["100", "5000000", "7", "249000000"]}
_ALLELES = ["A", "G", "T", "AT", "a", "A" * 40]
_WEIGHTS = ["0.5", "-2", "1e-3", "3"]
_USUAL = {
    "chr_name": _PLACE["name"], "chr_position": _PLACE["position"], "hm_chr": _PLACE["name"], "hm_pos": _PLACE["position"],
    "effect_allele": _ALLELES, "other_allele": [*_ALLELES, ""], "hm_inferOtherAllele": ["C/T", "", "G"],
    "effect_weight": _WEIGHTS, "dosage_0_weight": _WEIGHTS, "dosage_1_weight": _WEIGHTS, "dosage_2_weight": _WEIGHTS,
    "is_dominant": ["True", "", "0"], "is_recessive": ["", "F"], "is_interaction": ["", "TRUE"], "is_haplotype": ["", "1"],
    "effect_type": ["additive", "dominant", ""], "allelefrequency_effect": ["0.1", ""], "rsID": ["rs1", ""], "foreign": ["x", ""],
}  # fmt: skip
_HEADERS = st.sampled_from(
    ["#HmPOS_build=GRCh37", "#HmPOS_build=GRCh38", "#weight_type=OR", "#weight_type=NR", "#pgs_id=A B", "# PGS ID = P",
     "#variants_number=x", "##", "#=", "#genome_build=NR"]
)  # fmt: skip


@st.composite
def _files(draw: st.DrawFn) -> str:
    """A scoring file of which most cells are usual ones."""
    needed = ["chr_name", "chr_position", "effect_allele", "effect_weight"]
    more = draw(st.lists(st.sampled_from(sorted(set(_USUAL) - set(needed))), unique=True, max_size=5))
    names = draw(st.permutations([*needed, *more]))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        odd = draw(st.sampled_from(["", "", *names]))
        rows.append([draw(_ODD if name == odd else st.sampled_from(_USUAL[name])) for name in names])
    heads = draw(st.lists(_HEADERS, max_size=3))
    return "\n".join([BUILD.strip(), *heads, "\t".join(names), *("\t".join(row) for row in rows)])


def _read(path: Path) -> tuple[ScoringFile | None, str]:
    try:
        return read_score(path), ""
    except RequestError as error:
        return None, str(error)


@settings(max_examples=150, deadline=None)
@given(_files())
def test_any_file_is_read_whole_or_refused_in_one_line(text: str) -> None:
    """What is read has finite weights, places on chromosomes, and a reason for every row that has neither."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.txt"
        path.write_text(text, encoding="utf-8")
        made, said = _read(path)
    assert len(said.splitlines()) <= 1
    if made is None:
        assert said
        return
    assert np.isfinite(made.weights).all()
    for places in (made.own, made.harmonised):
        assert ((places == 0) | ((places >> 32 >= 1) & (places >> 32 <= 25))).all()
        assert ((places & 0xFFFFFFFF) < 1_000_000_000).all()
    assert ((made.refused > 0) | ((made.effect != 0) & (made.effect != made.other))).all()


def test_adding_tells_what_cannot_be_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    head = f"#pgs_id=PGS7\n#trait_reported=Größe\x1b[2J\n#license=CC BY\u202e\n#variants_number=9\n{BUILD}{HEAD}\tis_haplotype\n"
    path = written(tmp_path, head + "1\t5\tA\tG\t1\t\n1\t6\tA\tG\t1\tTrue\n1\t7\tG\tG\t1\t\n1\t8\t*\tG\t1\t\n")
    assert main(["knowledge", "add", "scores", str(path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "PGS7: Größe\ufffd[2J, 4 rows, positions on GRCh38; licence: CC BY\ufffd"
    assert told[1:-1] == [
        "  left out: 1 (a haplotype: cannot be scored from variants)",
        "  left out: 1 (an allele is no sequence of A, C, G and T: cannot be scored)",
        "  left out: 1 (effect and other allele are the same letter: cannot be scored)",
        "  the header declares 9 variants, the file has 4",
    ]
    assert told[-1].startswith("written: ")


@pytest.mark.parametrize(
    "name",
    ["pgs_core/PGS000001_hmPOS_GRCh38.txt.gz", "pgs_core/PGS000802_hmPOS_GRCh37.txt", "pgs_core/PGS004255_hmPOS_GRCh38.txt.gz",
     "pgs_core/OPGS017309_hmPOS_GRCh38.txt.gz", "pgsc_calc/scorefiles/PGS001229_22.txt"],
)  # fmt: skip
def test_cells_taken_at_once_and_line_by_line_are_the_same(
    reference_data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = reference_data / "geno" / name
    at_once = read_score(path)
    monkeypatch.setattr("nof1.knowledge.score_rows._cells", lambda lines, width: None)
    by_line = read_score(path)
    assert (at_once.about, at_once.names, at_once.others) == (by_line.about, by_line.names, by_line.others)
    for column in ("line", "own", "harmonised", "effect", "other", "weights", "refused", "frequency"):
        assert np.array_equal(getattr(at_once, column), getattr(by_line, column), equal_nan=column == "frequency"), column
