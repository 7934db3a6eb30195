"""The FDA table of 2021-03-22, row by row: what its words ask for, derived here anew, against the rules that carry the row."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from functools import cache

import pgx_source as source
import pytest

from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.lookup import accepts
from nof1.knowledge.schema import DrugFile, Rule
from nof1.knowledge.tables import read_yaml

FILE = source.DATA / "terms/pgx_fda/fda_pgx_associations_2021-03-22.json"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"no FDA table at {FILE}: set NOF1_REFERENCE_DATA")
GUIDELINE = "fda-pgx-associations-2021-03-22"
SECTIONS = {"recommendation": "1", "impact": "2", "pk": "3"}
EVIDENCE = {
    "1": "section 1: management recommended",
    "2": "section 2: safety or response",
    "3": "section 3: exposure only",
}
NOT_CARRIED = {("Warfarin", "CYP4F2")}  # docs/reference/fda_associations.md
GENES = {"TPMT and/or NUDT15": ["TPMT", "NUDT15"], "Nonspecific (NAT)": ["NAT2"]}
# what a person of each subgroup has, as the rules are asked: values of the gene's phenotype rule
SCORED = {
    "poor": ["0.0"],
    "intermediate": ["0.25", "0.5", "1.0"],
    "normal": ["1.25", "2.0", "2.25"],
    "ultrarapid": ["2.5", "≥3.0"],
}
BY_TWO = {"poor": ["0.0", "0.5"], "intermediate": ["1.0", "1.5"], "normal": ["2.0"]}
WORDS = {
    "poor": ["Poor Metabolizer"],
    "intermediate": ["Intermediate Metabolizer"],
    "normal": ["Normal Metabolizer"],
    "ultrarapid": ["Ultrarapid Metabolizer"],
    "rapid": ["Rapid Metabolizer"],
}
LIKELY = WORDS | {
    "poor": ["Poor Metabolizer", "Likely Poor Metabolizer"],
    "intermediate": ["Intermediate Metabolizer", "Likely Intermediate Metabolizer"],
}
POSSIBLE = WORDS | {"intermediate": ["Intermediate Metabolizer", "Possible Intermediate Metabolizer"]}
PEOPLE = {
    "CYP2D6": SCORED,
    "CYP2C9": BY_TWO,
    "DPYD": BY_TWO,
    "CYP2C19": LIKELY,
    "CYP3A5": POSSIBLE,
    "TPMT": POSSIBLE,
    "NUDT15": POSSIBLE,
    "SLCO1B1": {
        "poor": ["Poor Function"],
        "intermediate": ["Decreased Function", "Possible Decreased Function"],
        "normal": ["Normal Function"],
        "increased": ["Increased Function"],
    },
    "VKORC1": {"-1639G>A": ["-1639 AG", "-1639 AA"], "normal": ["-1639 GG"]},
}
# rows of which a part of the subgroup is only warned, or nothing is advised for it
WARNED_IN_PART = {
    ("Brivaracetam", "CYP2C19"),  # intermediate: risk only
    ("Capecitabine", "DPYD"),  # intermediate: too little is known
    ("Fluorouracil", "DPYD"),
    ("Codeine", "CYP2D6"),  # from 12 years on: risk only
    ("Tramadol", "CYP2D6"),
    ("Mivacurium", "BCHE"),  # intermediate: risk only
    ("Succinylcholine", "BCHE"),
    ("Propafenone", "CYP2D6"),  # without an inhibitor: risk only
}
SILENT_IN_PART = {("Piroxicam", "CYP2C9")}  # intermediate: exposure only
ADVICE = {
    "contraindicated": r"contraindicated",
    "avoid": r"avoid use|do not use|no dosage has proven safe|indicated for normal|breastfeeding is not recommended",
    "alternative": r"alternative agent|consider alternative therapy|consider use of another",
    "dose": r"(?<!no )dosage adjustment|dos(e|age) reduction|reduced? (starting )?dos|reducing (the )?(starting )?dosage|lower starting"
    r"|lowest recommended starting|is lower|maximum recommended|not exceed|adjust (dos|titration)|select initial dosage|should be reduced"
    r"|dosages are based|titrate dosage|reduce(d)? dosage",
    "monitor": r"\bmonitor (for|and|patients|liver)|measure drug|withhold or discontinue",
    "use": r"no dosage adjustment is needed",
}
RISK = r"adverse reaction risk|reduced efficacy|use with caution|risk and benefit"
LESS = r"reduc|\blower starting|lowest recommended starting|dosage is lower"
LIMIT = r"maximum recommended|not exceed"


@cache
def rows() -> tuple[dict[str, str], ...]:
    found = []
    for raw in json.loads(FILE.read_text(encoding="utf-8"))["table"]:
        row = {"drug": raw["Drug"], "gene": raw["Gene"], "who": raw["Affected Subgroups+"]}
        found.append(row | {"text": raw["Description of Gene-Drug Interaction"], "section": SECTIONS[raw["table"]]})
    return tuple(found)


CARRIED = [row for row in (rows() if FILE.is_file() else ()) if (row["drug"], row["gene"]) not in NOT_CARRIED]
each_row = pytest.mark.parametrize("row", CARRIED, ids=lambda row: f"{row['section']}-{row['drug']}-{row['gene']}")


@cache
def files() -> dict[tuple[str, tuple[str, ...]], DrugFile]:
    problems: list[str] = []
    read = [read_yaml(path, DrugFile, problems.append) for path in sorted((SHIPPED / "guidelines/fda").glob("*.yaml"))]
    assert problems == []
    return {(file.drug, tuple(file.genes)): file for file in read if file is not None and file.guideline == GUIDELINE}


def genes_of(row: dict[str, str]) -> list[str]:
    return GENES.get(row["gene"], [row["gene"]])


def place(row: dict[str, str]) -> str:
    gene = {"TPMT and/or NUDT15": "TPMT+NUDT15", "Nonspecific (NAT)": "NAT"}.get(row["gene"], row["gene"])
    return f"{row['section']}/{row['drug'].lower().replace(' ', '_')}/{gene}"


def file_of(row: dict[str, str]) -> DrugFile:
    return files()[row["drug"].lower(), tuple(genes_of(row))]


def rules_of(row: dict[str, str]) -> list[Rule]:
    return [rule for rule in file_of(row).rules if place(row) in rule.rows]


def people(gene: str) -> dict[str, list[str]]:
    if gene.startswith("HLA"):
        return {}
    return PEOPLE.get(gene, WORDS)


def subgroup(row: dict[str, str], gene: str) -> set[str]:
    """The values of the people the row names."""
    if gene.startswith("HLA"):
        found = re.fullmatch(r"(\*\d\d:\d\d) allele positive", row["who"])
        assert found
        return {f"{found[1]} positive"}
    if gene == "VKORC1":
        assert row["who"] == "-1639G>A variant carriers"
        return set(people(gene)["-1639G>A"])
    who = row["who"].lower()
    words = [word for word in ("ultrarapid", "normal", "intermediate", "poor") if re.search(rf"\b{word}\b", who)]
    assert words and re.search(r"metabolizer|function transporter", who), who
    return {value for word in words for value in people(gene)[word]}


def holding(rules: list[Rule], person: dict[str, str]) -> list[Rule]:
    return [
        rule
        for rule in rules
        if any(all(any(accepts(one, person[gene]) for one in values) for gene, values in case.items()) for case in rule.when)
    ]


def situations(rules: list[Rule]) -> list[tuple[object, str]]:
    return [(rule.setting, rule.applies_to) for rule in rules]


def test_every_row_is_carried_or_listed():
    assert len(rows()) == 111 and len(CARRIED) == 110
    cited = [row for file in files().values() for rule in file.rules for row in rule.rows]
    assert set(cited) == {place(row) for row in CARRIED}
    for drug, gene in NOT_CARRIED:
        left_out = files()[drug.lower(), (gene,)]
        assert left_out.rules == [] and "V433M" in left_out.gap
    assert {key for key, file in files().items() if file.gap} == {(drug.lower(), (gene,)) for drug, gene in NOT_CARRIED}


def test_no_file_speaks_of_a_pair_the_table_lacks():
    assert set(files()) == {(row["drug"].lower(), tuple(genes_of(row))) for row in rows()}


@each_row
def test_the_rules_hold_for_the_people_the_row_names(row):
    """Everybody in the subgroup meets one rule in each situation; nobody outside meets any."""
    genes, rules = genes_of(row), rules_of(row)
    met: set[str] = set()
    if len(genes) == 2:
        return  # test_thiopurines
    inside = subgroup(row, genes[0])
    everyone = {value for values in people(genes[0]).values() for value in values} | {
        "Indeterminate",
        "no_result",
        "no_score",
    }
    for value in everyone | inside:
        found = holding(rules, {genes[0]: value})
        assert bool(found) == (value in inside), (value, [rule.id for rule in found])
        assert len(set(situations(found))) == len(found), value
        met |= {rule.id for rule in found}
    assert met == {rule.id for rule in rules}


@pytest.mark.parametrize("drug", ["azathioprine", "mercaptopurine", "thioguanine"])
def test_thiopurines(drug):
    """Poor for one gene outweighs the other; both intermediate is another rule than one."""
    rules = files()[drug, ("TPMT", "NUDT15")].rules
    values = [value for group in ("poor", "intermediate", "normal") for value in POSSIBLE[group]] + [
        "Indeterminate",
        "no_result",
    ]
    for one in values:
        for two in values:
            found = [rule.id for rule in holding(rules, {"TPMT": one, "NUDT15": two})]
            reduced = [value in POSSIBLE["intermediate"] for value in (one, two)]
            if "Poor Metabolizer" in (one, two):
                assert found == ["poor"]
            elif any(reduced):
                assert found == ["intermediate-both" if all(reduced) else "intermediate-one"]
            else:
                assert found == []


@each_row
def test_actions_are_those_of_the_words(row):
    text = row["text"].lower()
    asked = {action for action, pattern in ADVICE.items() if re.search(pattern, text)}
    pair = (row["drug"], row["gene"])
    in_part = pair in WARNED_IN_PART and row["section"] == "1"
    if in_part or (re.search(RISK, text) and (not asked or "regardless of genotype" in text)):
        asked.add("caution")  # what is watched in everybody is no answer to the risk of these people
    if not asked or pair in SILENT_IN_PART:
        asked.add("no_recommendation")
    if re.search(r"use with caution", text):
        assert asked == {"caution"}
    assert {action for rule in rules_of(row) for action in rule.actions} == asked, row["text"]


@each_row
def test_direction_and_figures_of_doses(row):
    text = row["text"]
    for rule in rules_of(row):
        if rule.dose is None:
            continue
        wanted = "limit" if re.search(LIMIT, text) else "decrease" if re.search(LESS, text, re.IGNORECASE) else ""
        assert rule.dose.direction == wanted, (rule.id, text)
        stated = set(re.findall(r"\d+(?:\.\d+)?", text.replace("half", "50%")))
        for dose in rule.dose.absolute:
            assert f"{dose.value:g}" in stated and re.search(
                rf"\b{dose.value:g} {re.escape(dose.unit.split(' ')[0])}", text
            ), rule.id
        if isinstance(rule.dose.factor, list):
            low, high = rule.dose.factor
            assert low == 0 and f"{100 * high:g}% or less" in text, rule.id
        elif rule.dose.factor is not None:
            assert f"{100 * rule.dose.factor:g}" in stated and "or less" not in text, rule.id


@each_row
def test_every_figure_of_the_row_is_told(row):
    said = " ".join(f"{rule.advice} {rule.applies_to}" for rule in rules_of(row)).replace("half of", "50 %")
    for figure, unit in re.findall(r"(\d+(?:\.\d+)?)\s?(mg|%|days|years|and in)", row["text"].replace("half of", "50%")):
        assert re.search(rf"\b{re.escape(figure)} ?{unit if unit != 'and in' else 'years'}", said), (figure, unit, said)


PARTS = {  # (drug, gene, person) -> actions of each situation: the parts of rows that speak of a part of the subgroup
    ("azathioprine", "poor"): ["alternative"],
    ("azathioprine", "intermediate-one"): ["dose"],
    ("mercaptopurine", "poor"): ["dose"],
    ("thioguanine", "poor"): ["dose"],
    ("brivaracetam", "poor"): ["dose"],
    ("brivaracetam", "intermediate"): ["caution"],
    ("capecitabine", "poor"): ["avoid", "monitor"],
    ("capecitabine", "intermediate"): ["caution", "monitor"],
    ("fluorouracil", "poor"): ["avoid", "monitor"],
    ("fluorouracil", "intermediate"): ["caution", "monitor"],
    ("celecoxib", "poor"): ["dose"],
    ("celecoxib", "poor-juvenile-arthritis"): ["alternative"],
    ("codeine", "ultrarapid-under-12"): ["contraindicated"],
    ("eliglustat", "ultrarapid"): ["avoid"],
    ("eliglustat", "intermediate-or-poor-with-strong-cyp3a-inhibitor"): ["contraindicated"],
    ("mivacurium", "poor"): ["avoid"],
    ("mivacurium", "intermediate"): ["caution"],
    ("succinylcholine", "poor"): ["avoid"],
    ("succinylcholine", "intermediate"): ["caution"],
    ("pantoprazole", "poor-children"): ["dose"],
    ("pantoprazole", "poor-adults"): ["use"],
    ("piroxicam", "poor"): ["dose"],
    ("piroxicam", "intermediate"): ["no_recommendation"],
    ("propafenone", "poor-with-cyp3a4-inhibitor"): ["avoid"],
    ("siponimod", "no-activity"): ["avoid"],
    ("siponimod", "intermediate-or-poor"): ["dose"],
    ("tramadol", "ultrarapid-under-12-or-after-tonsillectomy"): ["contraindicated"],
    ("tramadol", "ultrarapid-breastfeeding"): ["avoid"],
}


@pytest.mark.parametrize(("drug", "rule"), PARTS)
def test_parts_of_a_subgroup(drug, rule):
    (found,) = [one for (name, _), file in files().items() if name == drug for one in file.rules if one.id == rule]
    assert found.actions == PARTS[drug, rule]


def test_nothing_but_avoid_turns_a_person_away():
    """Every rule that forbids or turns away, by name: none is missing and none was slipped in."""
    away = {"contraindicated": set(), "avoid": set(), "alternative": set(), "test_first": set()}
    for (drug, _), file in files().items():
        for rule in file.rules:
            for action in away.keys() & set(rule.actions):
                away[action].add(drug)
    assert away["contraindicated"] == {"codeine", "eliglustat", "thioridazine", "tramadol"}
    assert away["avoid"] == {
        *("abacavir", "capecitabine", "carbamazepine", "eliglustat", "fluorouracil", "mivacurium"),
        *("propafenone", "siponimod", "succinylcholine", "tramadol"),
    }
    assert away["alternative"] == {"amphetamine", "azathioprine", "celecoxib", "clopidogrel"}
    assert away["test_first"] == set()


@each_row
def test_source_section_and_status(row):
    for rule in rules_of(row):
        assert rule.source == f"{GUIDELINE}#{place(row)}" and rule.rows == [place(row)]
        assert rule.evidence == EVIDENCE[row["section"]]
        assert rule.strength == "not_applicable" and rule.status in ("provisional", "machine-read")
        assert row["section"] != "3" or "use" not in rule.actions


@each_row
def test_exposure_is_an_implication_in_its_direction(row):
    """More, less or just other: as the row says, with its "may"."""
    texts = [item.text for item in file_of(row).implications if item.source.endswith(f"#{place(row)}")]
    assert texts
    first = row["text"].split(".")[0].lower()
    if not re.search(r"concentration", first):
        return
    for text in texts:
        more, less = "More" in text, "Less" in text
        assert more == ("higher systemic" in first) and less == ("lower systemic" in first), text
        hedged = bool(re.match(r"may (alter|affect|result in higher systemic|result in lower systemic)", first))
        assert hedged == bool(re.search(r"may (be in the blood|differ)", text)), (text, first)


@each_row
def test_words_are_our_own(row):
    """No run of ten words of the row stands in a rule."""
    theirs = re.findall(r"[a-z0-9:*]+", row["text"].lower())
    runs = {tuple(theirs[at : at + 10]) for at in range(len(theirs) - 9)}
    for text in [rule.advice for rule in rules_of(row)] + [item.text for item in file_of(row).implications]:
        ours = re.findall(r"[a-z0-9:*]+", text.lower())
        assert not runs & {tuple(ours[at : at + 10]) for at in range(len(ours) - 9)}, text


@each_row
def test_patients_are_told_in_two_short_sentences(row):
    for rule in rules_of(row):
        sentences = re.findall(r"[^.!?]+[.!?]", rule.patient)
        assert 1 <= len(sentences) <= 2 and all(len(one.split()) <= 25 for one in sentences), rule.patient
        assert not re.search(
            r"\b(halve|mg|take (less|more|half)|reduce|lower|double)\b", rule.patient.replace("lower your blood", "")
        ), rule.patient


def test_fingerprints_are_those_of_the_words():
    """The table by which newer editions are compared, computed here anew."""
    lines = (SHIPPED / "guidelines/fda/rows.tsv").read_text(encoding="utf-8").splitlines()
    ours = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    assert len(ours) == len(rows())
    for mine, row in zip(ours, rows(), strict=True):
        words = unicodedata.normalize("NFKC", f"{row['who']}\n{row['text']}").casefold()
        words = " ".join(words.replace(".", " ").split())
        assert mine["fingerprint"] == hashlib.blake2b(words.encode(), digest_size=6).hexdigest()
        assert (mine["section"], mine["drug"], mine["gene"]) == (row["section"], row["drug"].lower(), row["gene"])
        assert mine["source"] == f"{GUIDELINE}#{place(row)}"
