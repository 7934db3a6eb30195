"""DPWG's advice of 2024-03 as a second reader coded it without sight of the rules (``dpwg_blind.tsv``), against the rules.

Compared for each source row with all rules that cite it: the actions; those of them that turn away, test or change the dose
and hold in a stated situation only; the direction, figures and alternatives. Every disagreement stands in ``DISAGREEMENTS``
with what came of it, ``open`` as long as nobody decided. Change a rule, and its entry has to go or change with it.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.schema import DrugFile, Rule
from nof1.knowledge.shape import ActionCode
from nof1.knowledge.tables import read_yaml

TABLE = Path(__file__).with_name("dpwg_blind.tsv")
READ_ON = "2026-11-25"
SHA256 = "771be6a926ea1eba103ec258e78ba1108e6a00f85a3de7692ea0e5a0106c6726"  # as it stood before the rules were opened
ASPECTS = ("actions", "situations", "direction", "figures", "alternatives")
WEIGHTY = {"contraindicated", "avoid", "alternative", "test_first", "dose"}
# how the reader marks a figure that is reported or a threshold, not a dose to give
REPORTED = re.compile(r"\((?:observed|below|adults reached|400 mg/day, 2/3|test dose|0\.15 mg|40-60 mg)[^)]*\)|threshold.*")
IN_ADVICE = "told in the advice"


@dataclass(frozen=True)
class Disagreement:
    """What only the reader has and what only the rules have, for each of ``rows`` (drug/gene/result)."""

    rows: tuple[str, ...]
    aspect: str
    reader: str
    rules: str
    resolution: str


def rows(drug: str, gene: str, *results: str) -> tuple[str, ...]:
    return tuple(f"{drug}/{gene}/{result}" for result in results)


CONTRACEPTIVES = rows(
    "hormonal contraceptives for systemic use", "F5", "Factor V Leiden homozygous", "Factor V Leiden heterozygous"
)
TAMOXIFEN = rows("tamoxifen", "CYP2D6", "0.0", "0.25", "0.5", "0.75", "1.0")
DISAGREEMENTS = (
    Disagreement(rows("allopurinol", "ABCG2", "Decreased Function"), "figures", "100 200 400 500", "", IN_ADVICE),
    Disagreement(rows("allopurinol", "ABCG2", "Poor Function"), "figures", "100 300 400 600 700", "", IN_ADVICE),
    Disagreement(rows("allopurinol", "HLA-B", "*58:01 positive"), "figures", "1 5 10 25 200 500", "", IN_ADVICE),
    Disagreement(
        rows("atomoxetine", "CYP2D6", "0.0"),
        "actions",
        "",
        "caution",
        "the reader codes watching and reporting as monitor alone; the further label takes nothing away",
    ),
    Disagreement(rows("efavirenz", "CYP2B6", "Poor Metabolizer"), "figures", "0.5 0.75 10 100 150", "", IN_ADVICE),
    Disagreement(
        rows("eliglustat", "CYP2D6", "0.0"),
        "actions",
        "",
        "caution",
        "the reader codes watching for side effects as monitor alone; the further label takes nothing away",
    ),
    Disagreement(
        rows(
            "flucytosine",
            "DPYD",
            "0.5 (Phenotyping)",
            "1.0 (Phenotyping)",
            "1.0 (Intermediate Metabolizer)",
            "1.5 (Intermediate Metabolizer)",
        ),
        "actions",
        "avoid",
        "caution",
        "the reader codes stopping on severe side effects as avoid; on the rule it would turn every carrier away",
    ),
    Disagreement(
        CONTRACEPTIVES,
        "alternatives",
        "copper IUD+levonorgestrel IUD+progestogen-only depot injection",
        "copper intrauterine device+levonorgestrel intrauterine device+progestogen depot injection",
        "the same in other words",
    ),
    *(
        Disagreement(
            rows(drug, "HLA-B", "*15:02 positive"),
            "actions",
            "alternative",
            "",
            "avoid where another drug exists already says it; none is named",
        )
        for drug in ("lamotrigine", "oxcarbazepine", "phenytoin")
    ),
    *(
        Disagreement(
            rows(drug, "CYP2C19", "Ultrarapid Metabolizer"),
            "actions",
            "",
            "caution",
            "the reader codes being alert to a weaker effect as monitor alone; the further label takes nothing away",
        )
        for drug in ("lansoprazole", "omeprazole", "pantoprazole")
    ),
    *(
        Disagreement(
            rows(drug, gene, "Intermediate Metabolizer"),
            "actions",
            "use",
            "",
            "the normal dose is one of two ways to start in leukemia; the advice gives both, the rule the more cautious one",
        )
        for drug, gene in (("mercaptopurine", "NUDT15"), ("thioguanine", "NUDT15"), ("thioguanine", "TPMT"))
    ),
    Disagreement(
        rows("metoprolol", "CYP2D6", "0.0", "0.25", "0.5", "0.75", "1.0"),
        "direction",
        "limit",
        "decrease",
        "a ceiling below the normal dose is a decrease; the rule says that it is a ceiling",
    ),
    Disagreement(
        rows(
            "phenytoin",
            "CYP2C9",
            "{'*1': 1.0, '*2': 1.0}",
            "{'*1': 1.0, '*3': 1.0}",
            "{'*2': 1.0, '*3': 1.0}",
            "{'*2': 2.0}",
            "{'*3': 2.0}",
            "Intermediate Metabolizer",
            "Poor Metabolizer",
        ),
        "actions",
        "use",
        "",
        "only the loading dose stays as it is, which the advice tells; use beside dose would mislead",
    ),
    Disagreement(
        rows("siponimod", "CYP2C9", "{'*3': 2.0}"),
        "actions",
        "",
        "contraindicated",
        "the row's implication says so, for this diplotype alone; the reader coded the advice and noted it",
    ),
    Disagreement(
        TAMOXIFEN,
        "alternatives",
        "aromatase inhibitors",
        "",
        "a class of drugs, and after menopause only; told in the advice",
    ),
    Disagreement(
        TAMOXIFEN[1:], "situations", "dose", "", "the dose itself says that the endoxifen concentration has to call for it"
    ),
    Disagreement(
        rows("venlafaxine", "CYP2D6", "3.0", "4.0", "≥3.0", "≥3.25", "≥3.5", "≥4.0", "≥5.0", "≥6.0"),
        "situations",
        "dose",
        "",
        "the dose itself says that it is for when it is necessary",
    ),
    Disagreement(
        (
            *rows("warfarin", "CYP2C9", "{'*1': 1.0, '*3': 1.0}", "{'*2': 1.0, '*3': 1.0}", "{'*2': 2.0}", "{'*3': 2.0}"),
            *rows("warfarin", "CYP2C9", "Intermediate Metabolizer", "Poor Metabolizer"),
            *rows("warfarin", "VKORC1", "-1639 AA"),
        ),
        "actions",
        "use",
        "",
        "the standard algorithm from day six on, which the advice tells; use beside dose would mislead",
    ),
)

# rows on which the sets of actions are equal although one branch of the text has another action in each reading
APART_IN_ONE_BRANCH = {
    "fluorouracil/DPYD/0.0 (Poor Metabolizer)": "on the skin the reader codes the test that tells two phases apart; the advice does",
    "mercaptopurine/TPMT/Intermediate Metabolizer": "leukemia: the reader also codes the normal dose, one of two ways to start",
}


@dataclass(frozen=True)
class Reading:
    """One source row as the reader coded it."""

    id: str
    always: frozenset[str]
    sometimes: frozenset[str]
    direction: frozenset[str]
    figures: frozenset[float]
    alternatives: frozenset[str]

    @property
    def actions(self) -> frozenset[str]:
        return self.always | self.sometimes


def split(text: str, mark: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(mark) if part.strip())


def numbers(text: str) -> frozenset[float]:
    """The dose figures of a cell: percentages as fractions, factors and amounts; not shares of a maximum."""
    found: set[float] = set()
    for part in REPORTED.sub("", text).split(";"):
        if "of maximum" not in part:
            for percent in re.findall(r"[\d.]+(?:-[\d.]+)?(?=%)", part):
                found |= {round(float(one) / 100, 4) for one in percent.split("-")}
        for factor in re.findall(r"[\d.]+(?:-[\d.]+)?(?= x)", part):
            found |= {float(one) for one in factor.split("-")}
        found |= {float(one) for one in re.findall(r"([\d.]+)(?= (?:mg|ug))", part)}
        found |= {float(one) for one in re.findall(r"([\d.]+)(?=, [\d., ]* mg)", part)}
    return frozenset(found)


@cache
def readings() -> dict[str, Reading]:
    found: dict[str, Reading] = {}
    with TABLE.open(encoding="utf-8", newline="") as opened:
        for line in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE):
            ids, lookups = line["rows"].split("|"), line["lookups"].split("|")
            for row, lookup in zip(ids, lookups, strict=True):
                gene, result = lookup.split("=", 1)
                assert gene == line["gene"]
                key = f"{line['drug']}/{gene}/{result}"
                assert key not in found
                found[key] = Reading(
                    id=row,
                    always=split(line["unconditional"], ","),
                    sometimes=frozenset(part.split(":")[0] for part in split(line["conditional"], ";")),
                    direction=split(line["direction"], ","),
                    figures=numbers(line["figures"]),
                    alternatives=split(line["alternatives"], ";"),
                )
    return found


@cache
def rules() -> dict[str, list[Rule]]:
    problems: list[str] = []
    found: dict[str, list[Rule]] = {}
    for path in sorted((SHIPPED / "guidelines/dpwg").glob("*.yaml")):
        file = read_yaml(path, DrugFile, problems.append)
        for rule in file.rules if file else []:
            for row in rule.rows:
                found.setdefault(row, []).append(rule)
    assert problems == []
    return found


def amounts(rule: Rule) -> set[float]:
    if rule.dose is None:
        return set()
    factor = rule.dose.factor
    values = [] if factor is None else [factor]
    values += [one.value for one in rule.dose.absolute]
    return {round(float(one), 4) for value in values for one in (value if isinstance(value, list) else [value])}


def for_everyone(rule: Rule) -> set[str]:
    """Its actions that no situation but an age narrows."""
    if rule.applies_to or rule.setting.indication or rule.setting.prior_exposure or rule.setting.alternatives:
        return set()
    return set(rule.actions) - ({"dose"} if rule.dose and rule.dose.if_used else set())


def pair(reader: frozenset[str], cited: set[str]) -> tuple[str, str]:
    return "+".join(sorted(reader - cited)), "+".join(sorted(cited - reader))


def compared(reading: Reading, cited: list[Rule]) -> dict[str, tuple[str, str]]:
    """For each aspect what only the reader has, and what only the rules have."""
    figures = {one for rule in cited for one in amounts(rule)}
    everyone = {action for rule in cited for action in for_everyone(rule)}
    narrowed = (reading.sometimes - reading.always) & WEIGHTY
    return {
        "actions": pair(reading.actions, {action for rule in cited for action in rule.actions}),
        "situations": ("+".join(sorted(narrowed & everyone)), ""),
        "direction": pair(reading.direction, {rule.dose.direction for rule in cited if rule.dose} - {""}),
        "figures": (
            " ".join(f"{one:g}" for one in sorted(reading.figures - figures)),
            " ".join(f"{one:g}" for one in sorted(figures - reading.figures)),
        ),
        "alternatives": pair(reading.alternatives, {name for rule in cited for name in rule.alternatives}),
    }


@cache
def differences() -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row, aspect): apart
        for row, reading in readings().items()
        for aspect, apart in compared(reading, rules()[reading.id]).items()
        if apart != ("", "")
    }


def listed() -> dict[tuple[str, str], tuple[str, str]]:
    return {(row, one.aspect): (one.reader, one.rules) for one in DISAGREEMENTS for row in one.rows}


@cache
def agreed() -> frozenset[tuple[str, str]]:
    """The rules, by source and id, on whose rows both readings agree in every aspect."""
    apart = {readings()[row].id for row in [*(row for row, _ in differences()), *APART_IN_ONE_BRANCH]}
    return frozenset((rule.source, rule.id) for cited in rules().values() for rule in cited if not apart & set(rule.rows))


def test_the_reading_is_the_one_made_without_sight_of_the_rules():
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() == SHA256
    assert len(readings()) == 532
    assert {action for reading in readings().values() for action in reading.actions} <= set(get_args(ActionCode))


def test_each_row_read_is_cited_by_a_rule_and_no_rule_cites_another():
    assert set(rules()) == {reading.id for reading in readings().values()}


def test_every_disagreement_is_known_and_every_known_one_stands():
    assert differences() == listed()
    assert len(listed()) == sum(len(one.rows) for one in DISAGREEMENTS)
    assert all(one.resolution and one.aspect in ASPECTS for one in DISAGREEMENTS)


def test_a_rule_with_a_disagreement_is_not_called_machine_read():
    read = {(rule.source, rule.id) for cited in rules().values() for rule in cited if rule.status == "machine-read"}
    assert read and read <= agreed()
    assert APART_IN_ONE_BRANCH.keys() <= readings().keys() - {row for row, aspect in listed() if aspect == "actions"}


def test_figures_said_to_be_told_in_the_advice_are():
    for one in DISAGREEMENTS:
        if one.resolution != IN_ADVICE:
            continue
        for row in one.rows:
            told: set[float] = set()
            for rule in rules()[readings()[row].id]:
                told |= {float(number) for number in re.findall(r"\d+(?:\.\d+)?", rule.advice)}
            wanted = {float(number) for number in one.reader.split()}
            assert all(number in told or number * 100 in told for number in wanted), row


def test_agreement(capsys):
    """Prints the agreement; falls when less than 90 % of the rows agree on any aspect."""
    total = len(readings())
    apart = {aspect: sum(1 for _, one in differences() if one == aspect) for aspect in ASPECTS}
    weighty = sum(
        1 for (_, one), sides in differences().items() if one == "actions" and WEIGHTY & set("+".join(sides).split("+"))
    )
    with capsys.disabled():
        said = ", ".join(f"{aspect} {total - number}/{total}" for aspect, number in apart.items())
        still = sum(1 for one in DISAGREEMENTS if one.resolution == "open")
        print(f"\nDPWG, second reading of {READ_ON}, rows: {said}; weighty actions {total - weighty}/{total}; {still} open")
    assert all(number <= total // 10 for number in apart.values())
