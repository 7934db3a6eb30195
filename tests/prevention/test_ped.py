"""PED files: trios, several families, unknown and absent parents, twins, and what cannot be a family."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nof1.errors import RecordError
from nof1.record.ped import families, read_ped
from nof1.report.pedigree import drawing, section
from nof1.risk.kinship import kin

TRIO = ["FAM 1 2 3 1 2", "FAM 2 0 0 1 1", "FAM 3 0 0 2 -9"]


def test_a_trio(tmp_path: Path) -> None:
    path = tmp_path / "trio.ped"
    path.write_text("#family person father mother sex phenotype\n" + "\n".join(TRIO) + "\n\n")
    found = read_ped(path, "colorectal_cancer", "colorectal cancer")["FAM"]
    child, mother = found.persons["1"], found.persons["3"]
    assert (child.sex, child.father, child.mother, child.illnesses[0].terms) == ("male", "2", "3", ("colorectal_cancer",))
    assert (mother.told, mother.sex, found.persons["2"].told) == ("nothing", "female", "whole")
    assert {name: row.degrees for name, row in kin(replace(found, proband="1")).items()} == {"2": (1,), "3": (1,)}


def test_several_families_and_a_parent_without_a_line() -> None:
    found = families([*TRIO, "OTHER 1 9 0 0 0"], "x.ped")
    assert list(found) == ["FAM", "OTHER"]
    assert (found["OTHER"].persons["9"].sex, found["OTHER"].persons["9"].told) == ("male", "nothing")
    assert found["OTHER"].notes == ("9, the father of 1, has no line of its own; nothing is known of 9",)


def test_twins_by_a_named_column() -> None:
    lines = [
        "#fid iid pat mat sex pheno twins",
        *(f"F {name} f m 2 1 mz1" for name in "ab"),
        "F f 0 0 1 1 0",
        "F m 0 0 2 1 0",
    ]
    persons = families(lines, "x.ped")["F"].persons
    assert persons["a"].twins == persons["b"].twins == "mz1"
    assert persons["a"].are_identical is True
    assert persons["f"].twins == ""


def test_cousins_who_marry_are_a_family() -> None:
    lines = ["F g 0 0 1 1", "F h 0 0 2 1", "F a g h 1 1", "F b g h 2 1", "F c a 0 1 1", "F d 0 b 2 1", "F e c d 1 2"]
    found = replace(families(lines, "x.ped")["F"], proband="e")
    assert kin(found)["g"].degrees == (2,)  # a great-grandfather on both sides: r = 1/4


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["F 1 1 0 1 1"], "x.ped family F: 1: own ancestor, so the parents go round in a circle; correct the parents"),
        (["F a b 0 1 1", "F b a 0 1 1"], "own ancestor"),
        ([*TRIO, "FAM 1 0 0 1 1"], "x.ped line 4: 1 of family FAM stands in line 1 too; give each person one line"),
        (["F 1 2 0 1 1", "F 2 0 0 2 1"], "x.ped family F: 2 is the father of 1 and female; correct the sex or the father"),
        (["F 1 0 2 1 1", "F 2 0 0 1 1"], "2 is the mother of 1 and male"),
        (["F 1 2 2 1 1"], "2 is both father and mother of 1"),
        (["F 1 0 0"], "x.ped line 1: 4 columns, expected 6"),
        (["F 0 0 0 1 1"], "the person is 0"),
        ([], "x.ped: no person"),
    ],
)
def test_what_cannot_be_is_named_in_one_line(lines: list[str], words: str) -> None:
    with pytest.raises(RecordError) as caught:
        families(lines, "x.ped")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.ped"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordError, match="cannot be read as text"):
        read_ped(path)


@pytest.mark.parametrize("count", [61, 1200])
def test_a_line_of_too_many_generations_is_named(count: int) -> None:
    lines = [f"F p{number} {f'p{number - 1}' if number else 0} 0 1 1" for number in range(count)]
    with pytest.raises(RecordError, match=f"x.ped family F: {count} generations, more than 60"):
        families(lines, "x.ped")
    assert len(families(lines[:60], "x.ped")["F"].persons) == 60


def test_sixty_generations_and_five_hundred_people_are_drawn() -> None:
    line = families([f"F p{n} {f'p{n - 1}' if n else 0} 0 1 1" for n in range(60)], "x.ped")["F"]
    wide = families(["F f 0 0 1 1", "F m 0 0 2 1", *(f"F p{n} f m {1 + n % 2} 2" for n in range(498))], "x.ped")["F"]
    for family, me in ((line, "p59"), (wide, "p0")):
        pedigree = replace(family, proband=me)
        assert drawing(pedigree, {}).count("<title>") == len(family.persons)
        assert len(kin(pedigree)) == len(family.persons) - 1


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\"'><svg/onload=alert(1)>", "]]></desc><b>"])
def test_names_of_a_file_are_text_in_the_drawing(name: str) -> None:
    family = families([f"F {name} 0 0 1 2"], "x.ped", "c", f"a {name}")["F"]
    told = section(replace(family, proband=name), {"c": name})
    assert name not in told and "<script" not in told and "onload" not in re.sub(r"&[a-z#0-9]+;[^<]*", "", told)
