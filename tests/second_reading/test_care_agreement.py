"""Limits, modulators, interactions and equations as a second reader coded them without sight of the rows, against the rows.

The tables ``*_blind.tsv`` hold what the reader found at the cited place before the rows were opened: for a limit whom it holds
for, the figures and what to do; for a modulator its strength; for an interaction the level in each edition. What is apart stands
in ``care_disagreements.py`` with what came of it. A row that says ``machine-read`` was opened in full and is apart in nothing.
What a class of the source has beyond an interaction (``GAPS``) does not make what the row says wrong; it is listed as well.
Change a row, and its entry has to go or change with it; a row whose condition or drugs change has to be read again.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from functools import cache
from itertools import product
from pathlib import Path

import care_disagreements as apart
from msgspec.structs import replace

from nof1.knowledge.care import Care, InteractionRule, Limit
from nof1.knowledge.load import load

HERE = Path(__file__).parent
READ_ON = "2026-11-25"
SHA256 = {  # as they stood before the rows were opened
    "limits_blind.tsv": "e406094430a4bc5cc45abf68096a7ff0feeb6a9d9cde63d963708aa8acc6517c",
    "modulators_blind.tsv": "a93780e757b9509bc6e52ca16e2ad81105bfd6aed5c2bcd571d9f07c30bcaf31",
    "interactions_blind.tsv": "7e4e2c5ce6fbd14be230fe0b06af5cc18585b749bbe4d2fa62a572c3cb6cd1d9",
    "record_blind.tsv": "859dd5e838721211a7f14c56dac99d008ff99176926c6a7c92427e5d1533410f",
}
AS_COMPARED = {  # what no table can hold: conditions in words and members of classes, as they were when compared
    "limits": "090cc43ebed22944d83f2c17457f11d398a7f6c9084f16cb15b9c43f4e504385",
    "interactions": "adc2681594634ca8dde6926f657bd2e6f2f561b76521c4d6127643cace6a1547",
}
SHARE = {"limit": 0.74, "pair": 0.71, "modulator": 0.76, "equation": 0.71}  # of rows that are apart in nothing
GRADES = ("contraindicated", "avoid", "dose", "no_recommendation", "test_first")
SEVERITY = {"CI": "contraindicated", "AD": "serious", "PE": "moderate", "APEC": "moderate"}
OTHER = {"ONC contraindicated": "contraindicated", "FDA avoid": "serious", "FDA boxed": "serious"}
HEAD = {"contraindicated": "contraindicated", "serious": "avoid", "moderate": "watch", "minor": "watch"}
SYNONYMS = {"lumacaftor and ivacaftor": "lumacaftor", "tenofovir": "tenofovir disoproxil"}
Line = dict[str, str]
Apart = dict[tuple[str, str], tuple[str, str]]


def table(name: str) -> list[Line]:
    with (HERE / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def care() -> Care:
    return load().care


@cache
def limits() -> dict[str, Limit]:
    """The limits written from labels, by drug/limit."""
    rows = {f"{drug}/{row.id}": row for file in care().limits for drug in file.drugs[:1] for row in file.limits}
    return {key: row for key, row in rows.items() if row.source.startswith("fda-label-")}


@cache
def interactions() -> dict[str, InteractionRule]:
    return {row.id: row for row in care().interactions}


def numbers(text: str) -> set[float]:
    return {float(one) for one in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}


def bounds(text: str) -> set[str]:
    return {f"{sign}{float(one):g}" for sign, one in re.findall(r"([<>]=?)\s*(\d+(?:\.\d+)?)", text)}


def grade(actions: set[str]) -> str:
    """The gravest of its actions; beside it nothing else is compared."""
    return next((one for one in GRADES if one in actions), "watch")


def dosed(limit: Limit) -> set[float]:
    if limit.dose is None:
        return set()
    words = [limit.dose.interval] + [f"{one.unit} {one.value}" for one in limit.dose.absolute]
    return {one for text in [*words, str(limit.dose.factor or "")] for one in numbers(text)}


def toward(direction: str) -> str:
    """A ceiling below the normal dose is a decrease; a time of giving is no direction."""
    return {"limit": "decrease", "decrease": "decrease", "increase": "increase"}.get(direction, "")


def spread(values: set[str] | set[float]) -> str:
    return " ".join(one if isinstance(one, str) else f"{one:g}" for one in sorted(values))


def compared_limit(line: Line, row: Limit) -> dict[str, tuple[str, str]]:
    read, written = bounds(line["bounds"]), bounds(row.when)
    figures = numbers(re.sub(r" at [\d.]+", "", line["figures"].replace("-", " ")))
    return {
        "action": (grade(set(line["actions"].split("+"))), grade(set(row.actions))),
        "direction": (toward(line["direction"]), toward(row.dose.direction if row.dose else "")),
        "bounds": (spread(read - written), spread(written - read)),
        "figures": (spread(figures - dosed(row)), spread(dosed(row) - figures)),
    }


def levels(line: Line) -> set[str]:
    """The severities the source gives; the edition of 2020 counts before that of 2016."""
    if line["other"]:
        return {OTHER[line["other"]]}
    return {SEVERITY[one] for one in (line["ansm_2020"] or line["ansm_2016"]).split("+") if one}


def compared_interaction(line: Line, row: InteractionRule) -> dict[str, tuple[str, str]]:
    found = {
        "severity": ("+".join(sorted(levels(line))), row.severity),
        "action": (HEAD[row.severity], grade(set(row.actions))),
        "interrupts": (str(row.severity == "contraindicated"), str(row.interrupts)),
        "drugs": ("", ""),
    }
    if line["other"].startswith("ONC") and "not named" not in line["left"]:
        sides = [set(line[side].split("; ")) for side in ("left", "right")]
        pairs = {frozenset(pair) for pair in product(*sides)}
        written = {frozenset(pair) for pair in product(row.a.drugs, row.b.drugs)}
        missing, beyond = ({"+".join(sorted(pair)) for pair in one} for one in (pairs - written, written - pairs))
        found["drugs"] = (spread(missing), spread(beyond))
    return found


@cache
def differences() -> Apart:
    """What is apart, by row and aspect: what only the reader has and what only the row has."""
    found: Apart = {}
    for line in table("limits_blind.tsv"):
        key = f"{line['drug']}/{line['limit']}"
        found |= {(f"limit {key}", aspect): two for aspect, two in compared_limit(line, limits()[key]).items()}
    for line in table("interactions_blind.tsv"):
        if line["opened"] == "yes":
            key = line["rule"]
            found |= {(f"pair {key}", what): two for what, two in compared_interaction(line, interactions()[key]).items()}
    strengths: dict[str, str] = {f"{row.enzyme} {row.role} {row.drug}": row.strength for row in care().modulators}
    for line in table("modulators_blind.tsv"):
        key = f"{line['enzyme']} {line['role']} {line['drug']}"
        if key in strengths and line["opened"] != "no":
            found[f"modulator {key}", "strength"] = (line["strength"], strengths[key])
    policy = care().policy
    assert policy is not None
    formulas = {row.id: numbers(row.formula.replace("-", " ")) - {1, 2.54} for row in policy.equations}
    for line in table("record_blind.tsv"):
        if line["opened"] == "full":
            read = numbers(line["figures"].replace("-", " ")) - {1}
            two = (spread(read - formulas[line["equation"]]), spread(formulas[line["equation"]] - read))
            found[f"equation {line['equation']}", "figures"] = two
    return {key: two for key, two in found.items() if two[0] != two[1]}


@cache
def listed() -> Apart:
    found = {(row, one.aspect): (one.reader, one.row) for one in apart.COMPUTED for row in one.rows}
    return found | {key: two[:2] for key, two in apart.SAME.items()}


@cache
def statuses() -> dict[str, str]:
    """The status of every row that was read, under the name it has in the lists of what is apart."""
    policy = care().policy
    assert policy is not None
    found: dict[str, str] = {f"limit {key}": row.status for key, row in limits().items()}
    found |= {f"pair {key}": row.status for key, row in interactions().items()}
    found |= {f"modulator {row.enzyme} {row.role} {row.drug}": row.status for row in care().modulators}
    return found | {f"equation {row.id}": row.status for row in policy.equations}


@cache
def read() -> frozenset[str]:
    """The rows of the tables, under the names of ``statuses``."""
    found = {f"limit {line['drug']}/{line['limit']}" for line in table("limits_blind.tsv")}
    found |= {f"pair {line['rule']}" for line in table("interactions_blind.tsv")}
    found |= {f"equation {line['equation']}" for line in table("record_blind.tsv")}
    for line in table("modulators_blind.tsv"):
        if (line["enzyme"], line["role"], line["drug"]) not in apart.NO_MODULATOR:
            drug = SYNONYMS.get(line["drug"], line["drug"])
            found.add(f"modulator {line['enzyme']} {line['role']} {drug}")
    return frozenset(found)


@cache
def not_agreed() -> frozenset[str]:
    """Rows that are apart, were not read or not opened in full, or hold more than was read."""
    found = set(statuses()) - read()
    found |= {row for one in (*apart.COMPUTED, *apart.BY_HAND) for row in one.rows}
    found |= {row for rows in apart.EXTRA.values() for row in rows}
    found |= {f"limit {line['drug']}/{line['limit']}" for line in table("limits_blind.tsv") if line["opened"] != "full"}
    found |= {f"pair {line['rule']}" for line in table("interactions_blind.tsv") if line["opened"] != "yes"}
    found |= {f"equation {line['equation']}" for line in table("record_blind.tsv") if line["opened"] != "full"}
    opened = {
        (line["enzyme"], line["role"], line["drug"]) for line in table("modulators_blind.tsv") if line["opened"] != "no"
    }
    for row in care().modulators:
        if row.disagrees or (row.enzyme, row.role, row.drug) not in opened:  # what others say of it was not read
            found.add(f"modulator {row.enzyme} {row.role} {row.drug}")
    return frozenset(found)


def as_compared(kind: str) -> str:
    """A digest of the conditions or drugs of the rows of ``kind`` that are machine-read."""
    if kind == "limits":
        words = {f"limit {key}": f"{row.when}|{row.applies_to}" for key, row in limits().items()}
    else:
        words = {
            f"pair {key}": f"{sorted(row.a.drugs)}|{sorted(row.b.drugs)}|{row.when}" for key, row in interactions().items()
        }
    text = "\n".join(f"{key} {words[key]}" for key in sorted(words) if statuses()[key] == "machine-read")
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_tables_are_those_read_before_the_rows_were_opened() -> None:
    assert {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in SHA256} == SHA256
    assert {line["date"] for name in SHA256 for line in table(name)} == {READ_ON}


def test_every_row_that_was_read_is_still_there() -> None:
    assert read() - set(statuses()) == set()


def test_the_place_read_is_the_place_cited() -> None:
    apart_in_place = {
        key: (line["place"], limits()[key].source)
        for line in table("limits_blind.tsv")
        if (key := f"{line['drug']}/{line['limit']}") and line["place"] != limits()[key].source
    }
    assert apart_in_place == {}
    sources = {(line["enzyme"], line["role"], line["drug"]): line["source"] for line in table("modulators_blind.tsv")}
    cited = {(row.enzyme, row.role, row.drug): row.source.partition("#")[0] for row in care().modulators}
    assert {key: cited[key] for key in cited if key in sources and sources[key] != cited[key]} == {}


def test_every_difference_is_listed_with_what_came_of_it() -> None:
    assert differences() == listed()
    entries = (*apart.COMPUTED, *apart.BY_HAND)
    assert [one for one in entries if not one.resolution or not one.rows] == []
    rows = [row for one in entries for row in one.rows] + [row for several in apart.EXTRA.values() for row in several]
    assert set(rows) - set(statuses()) == set()


def test_what_is_missing_or_too_much_still_is() -> None:
    for drug, rows in apart.EXTRA.items():
        assert [row for row in rows if drug not in sides(row.removeprefix("pair "))] == [], drug
    for key, drugs in apart.GAPS.items():
        assert [drug for drug in drugs if drug in sides(key) or drug not in care().drugs] == [], key


def sides(key: str) -> set[str]:
    return {*interactions()[key].a.drugs, *interactions()[key].b.drugs}


def test_days_until_the_enzyme_is_back() -> None:
    days = {row.drug: float(row.washout_days) for row in care().modulators if row.washout_days}
    assert days.keys() == apart.WASHOUT.keys()
    assert [drug for drug, one in days.items() if not 0 <= apart.WASHOUT[drug] - one < 1] == []


def test_only_agreed_rows_are_machine_read() -> None:
    assert {row for row, status in statuses().items() if status == "machine-read"} & not_agreed() == set()


def test_rows_that_are_machine_read_are_as_they_were_compared() -> None:
    assert {kind: as_compared(kind) for kind in AS_COMPARED} == AS_COMPARED


def test_a_changed_row_is_noticed() -> None:
    line = next(one for one in table("limits_blind.tsv") if (one["drug"], one["limit"]) == ("metformin", "egfr-below-30"))
    row = limits()["metformin/egfr-below-30"]
    assert [two for two in compared_limit(line, row).values() if two[0] != two[1]] == []
    assert compared_limit(line, replace(row, when="egfr < 20"))["bounds"] == ("<30", "<20")
    assert compared_limit(line, replace(row, actions=["caution"]))["action"] == ("contraindicated", "watch")
    pair = interactions()["onc-6-febuxostat-thiopurine"]
    line = next(one for one in table("interactions_blind.tsv") if one["rule"] == pair.id)
    fewer = replace(pair, b=replace(pair.b, drugs=["azathioprine"]), severity="serious")
    assert compared_interaction(line, fewer)["drugs"] == ("febuxostat+mercaptopurine", "")
    assert compared_interaction(line, fewer)["severity"] == ("contraindicated", "serious")


def test_agreement() -> None:
    """How far the two readings agree; printed, and not below what was seen when they were first compared."""
    total = Counter(key.partition(" ")[0] for key in read())
    whole = Counter(key.partition(" ")[0] for key in read() - not_agreed())
    print({kind: f"{whole[kind]} of {total[kind]}" for kind in total})
    assert all(whole[kind] / total[kind] >= share for kind, share in SHARE.items())
