"""CPIC's advice of 2024-03 as a second reader coded it without sight of the rules (``cpic_blind.tsv``), against the rules.

Compared for each source row with all rules of ``drugs/`` that cite it (one, or one for each branch): the actions over all
branches, the direction, figures and alternatives. Every disagreement stands in ``DISAGREEMENTS`` with what came of it, ``open`` as long as nobody decided.
Change a rule, and its entry has to go or change with it.
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

TABLE = Path(__file__).with_name("cpic_blind.tsv")
READ_ON = "2026-11-25"
SHA256 = "2b42585d54ac13c387b9c1d5d00382e2ef5f2faf956c65fe45f2dcea382fbacf"  # as it stood before the rules were opened
ASPECTS = ("actions", "direction", "figures", "alternatives")
WEIGHTY = {"contraindicated", "avoid", "alternative", "test_first", "dose"}
INSTRUCTION = "instruction"  # the row tells how to enter a result and advises nothing
THRICE = re.compile("three times a week|3 days a week")
# how the reader marks a figure that is a level, a threshold or the usual dose, not a dose to give
NOT_A_DOSE = re.compile(r"(?:level|aim|usual|caution|lowest|wait) .*|.*(?:of maximum|not inferior|dose to avoid).*")

OPEN = "open"  # how a resolution begins that nobody decided
USUAL_START = "the usual start, which the advice tells; use beside a change would mislead"
USUAL_DOSE = "the usual dose, no change of it; told in the advice"
AGAIN = "caution alone is the more careful label of the same; the advice says that it may be considered"
REPLACEMENT = "the caution is about the drug given instead, which the rule codes as alternative; the advice tells both"


@dataclass(frozen=True)
class Disagreement:
    """What only the reader has and what only the rules have, for every row of ``places`` (text/drug, or text/drug/rule)."""

    places: tuple[str, ...]
    aspect: str
    reader: str
    rules: str
    resolution: str


def at(text: str, *drugs: str) -> tuple[str, ...]:
    return tuple(f"{text}/{drug}" for drug in drugs)


AMINOGLYCOSIDES = ("amikacin", "gentamicin", "kanamycin", "paromomycin", "plazomicin", "streptomycin", "tobramycin")
PROTON_PUMP_INHIBITORS = ("dexlansoprazole", "lansoprazole", "omeprazole", "pantoprazole")
ANESTHETICS = ("desflurane", "enflurane", "halothane", "isoflurane", "methoxyflurane", "sevoflurane", "succinylcholine")
PHENYTOINS = ("fosphenytoin", "phenytoin")
PYRIMIDINES = ("capecitabine", "fluorouracil")
ATOMOXETINE_USUAL = tuple(f"{text}/atomoxetine" for text in ("T031", "T032", "T033", "T036"))
ATOMOXETINE_SLOWER = tuple(f"{text}/atomoxetine" for text in ("T034", "T035", "T037", "T038"))
SERTRALINE_USUAL = tuple(f"{text}/sertraline" for text in ("T268", "T269", "T270", "T271", "T279"))

DISAGREEMENTS = (
    Disagreement(
        at("T006", *AMINOGLYCOSIDES),
        "actions",
        "dose",
        "",
        "one of the precautions of the note, without a figure; told in the advice",
    ),
    Disagreement(at("T006", *AMINOGLYCOSIDES), "direction", "limit", "", "as the action: a precaution, no ceiling"),
    Disagreement(
        ATOMOXETINE_USUAL,
        "actions",
        "use",
        "",
        "the usual steps, which the rule gives in figures; the later ones depend on a level",
    ),
    Disagreement(
        ATOMOXETINE_USUAL,
        "direction",
        "increase",
        "",
        "only after a low level, which the advice tells; nobody starts higher",
    ),
    Disagreement(
        ATOMOXETINE_SLOWER,
        "direction",
        "increase",
        "",
        "only after a low level, which the advice tells; the planned steps are slower than usual",
    ),
    Disagreement(
        at("T067", *PYRIMIDINES),
        "actions",
        "",
        "alternative",
        "the text sets the low dose against other agents, and the source flags another drug; the reader left it implied",
    ),
    Disagreement(at("T067", *PYRIMIDINES), "figures", "", "0", "below a quarter is written from nothing to a quarter"),
    Disagreement(
        at("T069", "carbamazepine"),
        "actions",
        "",
        "alternative",
        "avoid where another drug exists already says it; the further label takes nothing away",
    ),
    Disagreement(at("T071", "carbamazepine"), "actions", "use", "caution", AGAIN),
    Disagreement(("T072/carbamazepine/b1502-positive-naive",), "actions", "caution", "alternative", REPLACEMENT),
    Disagreement(
        ("T072/carbamazepine/b1502-positive-no-alternatives",),
        "actions",
        "caution",
        "",
        "the caution is about the drug given instead; told in the advice",
    ),
    Disagreement(
        (*at("T073", "carbamazepine"), *at("T074", "carbamazepine"), *at("T178", *PHENYTOINS), *at("T233", "oxcarbazepine")),
        "actions",
        "use",
        "",
        AGAIN,
    ),
    Disagreement(
        at("T082", "citalopram", "escitalopram") + SERTRALINE_USUAL,
        "actions",
        "use",
        "",
        USUAL_START,
    ),
    Disagreement(
        at("T083", "escitalopram"), "direction", "limit", "", "the maximum is that of citalopram, as the reader notes"
    ),
    Disagreement(at("T083", "escitalopram"), "figures", "20", "", "the maximum is that of citalopram, as the reader notes"),
    *(Disagreement(at(text, "clopidogrel"), "figures", "75", "", USUAL_DOSE) for text in ("T094", "T100", "T105")),
    Disagreement(
        at("T111", "codeine") + at("T181", "hydrocodone") + at("T182", "hydrocodone") + at("T318", "tramadol"),
        "actions",
        "alternative",
        "",
        "only after no response, which the advice tells; on the rule it would turn every carrier away",
    ),
    *(
        Disagreement(
            at(text, *ANESTHETICS),
            "actions",
            "",
            "caution",
            "clinical findings and the family history decide beside the test; the further label takes nothing away",
        )
        for text in ("T123", "T125", "T126")
    ),
    Disagreement(
        (*at("T132", *PROTON_PUMP_INHIBITORS), *at("T133", *PROTON_PUMP_INHIBITORS), *at("T134", *PROTON_PUMP_INHIBITORS)),
        "actions",
        "use",
        "",
        USUAL_START,
    ),
    *(Disagreement(at(text, "efavirenz"), "figures", "600", "", USUAL_DOSE) for text in ("T145", "T146")),
    Disagreement(
        (*at("T174", *PHENYTOINS), *at("T176", *PHENYTOINS)),
        "actions",
        "use",
        "",
        "only the first dose stays as it is, which the advice tells; use beside dose would mislead",
    ),
    Disagreement(at("T175", *PHENYTOINS), "actions", "caution", "alternative", REPLACEMENT),
    Disagreement(at("T231", "oxcarbazepine"), "actions", "caution", "alternative", REPLACEMENT),
    Disagreement(
        (*at("T196", "meloxicam"), *at("T237", "piroxicam", "tenoxicam")),
        "actions",
        "",
        "caution",
        "the reader left a possible higher risk to the remark; the further label takes nothing away",
    ),
    Disagreement(
        at("T227", "nortriptyline"),
        "actions",
        "no_recommendation",
        "",
        "the rule has it as strength and acts by the row's note, levels or close watching",
    ),
    Disagreement(
        at("T230", "ondansetron", "tropisetron"),
        "actions",
        "no_recommendation",
        "",
        "the rule has it as strength and acts by the row's second sentence, the usual start",
    ),
    *(
        Disagreement(
            at(text, "rosuvastatin"),
            "actions",
            "",
            "caution",
            "the reader did not code the note on stronger interactions; the further label takes nothing away",
        )
        for text in ("T252", "T255", "T258")
    ),
    *(
        Disagreement(
            at(text, "tamoxifen"),
            "actions",
            "caution",
            "",
            "about drugs beside it that inhibit the enzyme; told in the advice",
        )
        for text in ("T288", "T289")
    ),
    Disagreement(
        at("T244", "primaquine"),
        "direction",
        "",
        "decrease",
        "a third and a fourth reader read once a week in place of daily as less (test_direction.py)",
    ),
    Disagreement(at("T288", "tamoxifen"), "figures", "20", "", USUAL_DOSE),
    Disagreement(
        at("T290", "tamoxifen"),
        "alternatives",
        "anastrozole",
        "",
        "named in the reasoning only; a class of drugs is advised",
    ),
    Disagreement(at("T341", "vortioxetine"), "actions", "use", "", "the usual start if given anyway; told in the advice"),
)


@dataclass(frozen=True)
class Reading:
    """One source row as the reader coded it."""

    id: str
    place: str
    actions: frozenset[str]
    direction: frozenset[str]
    figures: frozenset[float]
    alternatives: frozenset[str]
    thrice_a_week: bool


def split(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split("|") if part)


def spread(span: str) -> list[float]:
    return [float(one) for one in span.split("-")]


def numbers(text: str) -> frozenset[float]:
    """The dose figures of a cell: shares and factors of the usual dose, and amounts."""
    found: set[float] = set()
    for part in text.split("; "):
        if NOT_A_DOSE.fullmatch(part):
            continue
        for percents, sort in re.findall(r"([\d.]+(?:-[\d.]+)?)%(?: or more)? (less|more|above|of)", part):
            for percent in spread(percents):
                found.add(round({"less": 1 - percent / 100, "of": percent / 100}.get(sort, 1 + percent / 100), 4))
        found |= {1 / float(one) for one in re.findall(r"daily dose /(\d+)", part)}
        found |= {one for span in re.findall(r"([\d.]+(?:-[\d.]+)?) (?:mg|times usual)", part) for one in spread(span)}
    return frozenset(found)


@cache
def lines() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))


def coded(row: str, line: dict[str, str], drug: str) -> Reading:
    return Reading(
        id=row,
        place=f"{line['text_id'].split('.')[0]}/{drug}",
        actions=split(line["actions"]),
        direction=split(line["direction"]),
        figures=numbers(line["figures"]),
        alternatives=split(line["alternatives"].lower()),
        thrice_a_week=bool(THRICE.search(line["figures"])),
    )


@cache
def rules() -> dict[str, tuple[str, list[Rule]]]:
    """By source row: the drug and the rules that cite the row."""
    problems: list[str] = []
    found: dict[str, tuple[str, list[Rule]]] = {}
    for path in sorted((SHIPPED / "drugs").glob("*.yaml")):
        file = read_yaml(path, DrugFile, problems.append)
        assert file is not None
        for rule in file.rules:
            for row in rule.rows:
                drug, cited = found.setdefault(row, (file.drug, []))
                assert drug == file.drug and all(one.situational for one in (*cited, rule)[1:]), f"{row} is cited twice"
                cited.append(rule)
    assert problems == []
    return found


@cache
def readings() -> dict[str, Reading]:
    """By source row; without the rows that only tell how to enter a result."""
    advising = [line for line in lines() if line["actions"] != INSTRUCTION]
    return {row: coded(row, line, rules()[row][0]) for line in advising for row in line["rows"].split("|")}


def amounts(rule: Rule) -> set[float]:
    if rule.dose is None:
        return set()
    values = [] if rule.dose.factor is None else [rule.dose.factor]
    values += [one.value for one in rule.dose.absolute]
    return {round(float(one), 4) for value in values for one in (value if isinstance(value, list) else [value])}


def directions(rule: Rule) -> set[str]:
    """Where the rule moves the dose; a maximum among its figures is a limit beside the direction."""
    if rule.dose is None:
        return set()
    return ({rule.dose.direction} | {"limit" for one in rule.dose.absolute if one.kind in ("maximum", "below")}) - {""}


def pair(reader: frozenset[str], rule: set[str]) -> tuple[str, str]:
    return "+".join(sorted(reader - rule)), "+".join(sorted(rule - reader))


def compared(reading: Reading, cited: list[Rule]) -> dict[str, tuple[str, str]]:
    """For each aspect what only the reader has, and what only the rules have."""
    figures = {figure for rule in cited for figure in amounts(rule)}
    return {
        "actions": pair(reading.actions, {action for rule in cited for action in rule.actions}),
        "direction": pair(reading.direction, {one for rule in cited for one in directions(rule)}),
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
        for aspect, apart in compared(reading, rules()[row][1]).items()
        if apart != ("", "")
    }


def rows_at(place: str) -> list[str]:
    return [
        row
        for row, reading in readings().items()
        if place in (reading.place, *(f"{reading.place}/{rule.id}" for rule in rules()[row][1]))
    ]


@cache
def listed() -> dict[tuple[str, str], Disagreement]:
    found: dict[tuple[str, str], Disagreement] = {}
    for one in DISAGREEMENTS:
        for place in one.places:
            rows = rows_at(place)
            assert rows, f"{place}: no such place"
            assert not found.keys() & {(row, one.aspect) for row in rows}, f"{place}: listed twice"
            found |= {(row, one.aspect): one for row in rows}
    return found


def is_weighty(row: str, aspect: str) -> bool:
    """Whether the readings differ on turning away, testing or giving less."""
    sides = set("+".join(differences()[row, aspect]).split("+"))
    if aspect == "actions":
        return bool(WEIGHTY & sides)
    lowers = "decrease" in readings()[row].direction or any("decrease" in directions(rule) for rule in rules()[row][1])
    return aspect == "alternatives" or lowers


def by_rule(keep: set[str]) -> set[tuple[str, str]]:
    return {(drug, rule.id) for drug, cited in rules().values() for rule in cited if keep & set(rule.rows)}


def every_rule() -> dict[tuple[str, str], Rule]:
    return {(drug, rule.id): rule for drug, cited in rules().values() for rule in cited}


@cache
def agreed() -> frozenset[tuple[str, str]]:
    """The rules, by drug and id, on whose rows both readings agree in every aspect."""
    return frozenset(every_rule().keys() - by_rule({row for row, _ in differences()}))


def test_the_reading_is_the_one_made_without_sight_of_the_rules():
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() == SHA256
    assert len({line["text_id"].split(".")[0] for line in lines()}) == 342
    rows = [row for line in lines() for row in line["rows"].split("|")]
    assert len(rows) == len(set(rows)) == 2054
    assert {action for reading in readings().values() for action in reading.actions} <= set(get_args(ActionCode))


def test_each_row_read_is_cited_by_a_rule_of_its_drug_and_no_rule_cites_another():
    assert set(rules()) == set(readings())
    for line in lines():
        cited = {rules()[row][0] for row in line["rows"].split("|") if row in rules()}
        assert cited == (set() if line["actions"] == INSTRUCTION else split(line["drug"])), line["text_id"]


def test_every_disagreement_is_known_and_every_known_one_stands():
    assert differences() == {key: (one.reader, one.rules) for key, one in listed().items()}
    assert all(one.resolution and one.aspect in ASPECTS for one in DISAGREEMENTS)


def test_a_rule_with_a_disagreement_is_not_called_machine_read():
    assert {key for key, rule in every_rule().items() if rule.status == "machine-read"} == agreed()


def test_doses_three_times_a_week_are_the_same_ones():
    for row, reading in readings().items():
        doses = [rule.dose for rule in rules()[row][1] if rule.dose is not None]
        assert reading.thrice_a_week == any(THRICE.search(dose.interval) for dose in doses), row


def test_usual_doses_said_to_be_told_in_the_advice_are():
    for (row, _), one in listed().items():
        if one.resolution == USUAL_DOSE:
            assert one.reader in re.findall(r"\d+(?:\.\d+)?", " ".join(rule.advice for rule in rules()[row][1])), row


def test_agreement(capsys):
    """Prints the agreement; falls when less than 85 % of the rows agree on any aspect, or less than 90 % on what weighs."""
    total = len(readings())
    apart = {aspect: sum(1 for _, one in differences() if one == aspect) for aspect in ASPECTS}
    weighty = len({row for row, aspect in differences() if aspect == "actions" and is_weighty(row, aspect)})
    provisional = {key for key, rule in every_rule().items() if rule.status == "provisional"}
    still = sum(1 for one in listed().values() if one.resolution.startswith(OPEN))
    with capsys.disabled():
        said = ", ".join(f"{aspect} {total - number}/{total}" for aspect, number in apart.items())
        print(f"\nCPIC, second reading of {READ_ON}, rows: {said}; weighty actions {total - weighty}/{total}; {still} open")
        every = len(every_rule())
        print(
            f"rules equal in every aspect: {len(agreed())}/{every}, {len(provisional & agreed())} of them still provisional"
        )
    assert all(number <= total * 0.15 for number in apart.values())
    assert weighty <= total // 10
