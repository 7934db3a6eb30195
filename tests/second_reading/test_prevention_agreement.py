"""Actions of prevention as a second reader read their sources without sight of the rows, against the rows.

``prevention_blind.tsv`` was written from the sources that its second column names and places before the rows were opened. ``ages``:
first..last, both included; ``20~25`` where the source gives the start as a range, of which the row has the earliest. ``months``: soonest
and latest of each service. Years, ages, intervals, grades, genes, degrees, risks and sex are compared; conditions in words were compared
by eye. What is apart stands in ``APART`` with why, and such a row stays provisional. Change a row that is machine-read, and it has
to be read again.
"""

from __future__ import annotations

import csv
import hashlib
from functools import cache
from pathlib import Path

import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.prevention import Action

BLIND = Path(__file__).with_name("prevention_blind.tsv")
SHA256 = "787148b9af917469fb50f915124fc595b648fe366ee664c05560d9cf4e1b2ab6"  # as it stood before the rows were opened
READ_ON = "2026-11-26"
NO_DATE = "the source bears no date; the row gives no year"
# action -> aspect -> why it is apart, or was not read blind
APART = {
    "aga-family-colorectal": {"year": NO_DATE, "grade": "the table has no grade; the word is ours"},
    "apc-colonoscopy": {"year": NO_DATE},
    "bethesda-msi": {"year": "the table that was read cites the paper of 2004", "body": "read as the criteria alone"},
    "fh-specialist-dutch": {"year": "both hold: the recommendation is of 2017, the edition of 2019"},
    "fh-specialist-simon-broome": {"year": "both hold: the recommendation is of 2017, the edition of 2019"},
    "lynch-cascade": {"degrees": "the source names relatives without a degree", "genes": "it names the syndrome"},
    "nccn-brca-examination": {"year": NO_DATE},
    "nccn-brca-mammography": {"year": NO_DATE},
    "nccn-brca-mri": {"year": NO_DATE},
    "nccn-brca1-ovaries": {"year": "the table that was read bears no date", "strength": "the source says: consider"},
    "nccn-brca2-ovaries": {"year": "the table that was read bears no date", "strength": "the source says: consider"},
    "nice-cg164-referral": {"year": "both hold: the recommendation is of 2004, the edition of 2023"},
    "uspstf-2019-brca": {"ages": "no age in what was read", "once": "no interval in what was read"},
    "uspstf-2021-hypertension-18": {"condition": "of what raises the risk only weight is judged"},
    "uspstf-2022-statin-10": {"equation": "which equation gives the risk was not read blind"},
    "uspstf-2022-statin-7.5": {"equation": "which equation gives the risk was not read blind"},
    "uspstf-2025-osteoporosis": {"once": "no interval in what was read"},
}
WORDS = (
    "review of guidelines",
    "guideline",
    "guideline, restated",
    "recommendation",
    "offer",
)  # no grade of a body


@cache
def lines() -> dict[str, dict[str, str]]:
    with BLIND.open(encoding="utf-8", newline="") as opened:
        return {line["id"]: line for line in csv.DictReader(opened, delimiter="\t")}


def action(name: str) -> Action:
    return knowledge().prevention.actions[name]


def number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def as_read(line: dict[str, str]) -> dict[str, str]:
    """What the reader wrote, a start that is a range by its earliest age."""
    first, _, last = line["ages"].partition("..")
    read = {name: line[name] for name in ("year", "sex", "genes", "degrees", "risk", "once")}
    read["grade"] = line["grade"].lower()
    read["ages"] = f"{first.partition('~')[0]}..{last}"
    read["months"] = "|".join(sorted(filter(None, line["months"].split("|"))))
    return read


def as_row(one: Action) -> dict[str, str]:
    wanted = one.wanted
    return {
        "year": number(one.year),
        "sex": one.sex,
        "grade": "" if one.grade in WORDS else one.grade.lower(),
        "genes": "|".join(sorted(wanted.findings)),
        "degrees": "|".join(map(str, one.for_degrees)),
        "risk": f"{number(wanted.at_least)}..{number(wanted.below)}" if wanted.risks else "",
        "once": "|".join(option.service for option in one.options if option.once),
        "ages": f"{number(one.from_age)}..{number(one.to_age)}",
        "months": "|".join(
            sorted(f"{option.service} {option.months[0]:g}-{option.months[1]:g}" for option in one.options if option.months)
        ),
    }


def apart(name: str) -> set[str]:
    """The aspects in which the row differs; what the source did not say is not compared where the row says nothing of its own."""
    line, row = as_read(lines()[name]), as_row(action(name))
    silent = (
        {"year"} if name.startswith("lynch-") else {"genes"} if name == "fh-cascade" else set()
    )  # of one table; of the illness
    return {aspect for aspect in row if line[aspect] != row[aspect] and not (aspect in silent and not line[aspect])}


def test_the_reading_is_as_it_was_written() -> None:
    assert hashlib.sha256(BLIND.read_bytes()).hexdigest() == SHA256
    assert set(lines()) <= set(knowledge().prevention.actions)
    assert all(line["source"] for line in lines().values())


@pytest.mark.parametrize("name", sorted(lines()))
def test_every_difference_is_told(name: str) -> None:
    assert apart(name) <= set(APART.get(name, {}))


def test_status_follows_the_comparison() -> None:
    for name in lines():
        assert action(name).status == ("provisional" if name in APART else "machine-read"), name
        assert action(name).checked == READ_ON
    for name in set(knowledge().prevention.actions) - set(lines()):
        assert action(name).status == "provisional", name


def test_family_onset_and_limits() -> None:
    """The numbers that stand inside conditions."""
    assert action("uspstf-2021-lung").wanted.when == "pack_years >= 20 and (smoker or years_since_quitting <= 15)"
    assert lines()["uspstf-2021-lung"]["limits"] == "pack_years 20|years_since_quitting 15"
    assert action("uspstf-2021-diabetes").wanted.when == "bmi >= 25 and not pregnancy"
    assert lines()["uspstf-2021-diabetes"]["limits"] == "bmi 25"
    assert action("aga-family-colorectal").years_before_youngest == 10
    rule = knowledge().prevention.rules["family-colorectal-cancer"]
    groups = [group for one in rule.criteria for group in one.relatives]
    assert [(group.degrees, group.least, group.before) for group in groups] == [([1], 1, 60), ([1], 2, None)]
