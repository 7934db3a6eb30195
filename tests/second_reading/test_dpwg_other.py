"""DPWG on every gene but CYP2D6: each published row against the rules that must hold for it, and what its words mean."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import pgx_source as source
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.lookup import accepts
from nof1.knowledge.schema import DrugFile, Rule
from nof1.pgx.phenotype import meaning

pytestmark = source.needs_data
STRENGTHS = {"N/A": "not_applicable", "No recommendation": "no_recommendation", "": "not_applicable"}
# rows whose text splits by indication, age, route or care: how many ways, read by eye
BRANCHES = {
    "PA166299301": 2,  # acenocoumarol AA: anticoagulation clinic or not
    "PA166299178": 2,  # phenprocoumon AA: the same
    "PA166299126": 2,  # atorvastatin: further risk factors or none
    "PA166299127": 2,
    "PA166299296": 2,  # citalopram: up to 65 years, 65 or older
    "PA166299295": 2,
    "PA166299136": 2,  # escitalopram: the same
    "PA166299134": 2,
    "PA166299129": 2,  # clomipramine: obsessive-compulsive or anxiety disorder, depression
    "PA166299208": 2,  # clopidogrel: PCI, stroke or TIA; other
    "PA166299211": 2,
    "PA166299102": 4,  # efavirenz: single drug by weight and BMI (3), combination
    "PA166299172": 3,  # fluorouracil: systemic, systemic and not to be avoided, skin
    "PA166299235": 2,  # capecitabine: everyone; where it cannot be avoided
    "PA166299097": 2,  # flucloxacillin: everyone; raised liver enzymes or bilirubin
    "PA166299205": 2,  # factor V Leiden: thrombosis in family or history, or neither
    "PA166299207": 2,
    "PA166299063": 2,  # proton pump inhibitors: H. pylori, other
    "PA166299195": 2,
    "PA166299214": 2,
    "PA166299165": 2,  # azathioprine: immunosuppression, and below 1.5 mg/kg a day
    "PA166299169": 3,  # mercaptopurine: immunosuppression, and below 0.75 mg/kg a day; leukemia
    "PA166299091": 2,
    "PA166299228": 2,  # thioguanine: the same
    "PA166299149": 2,
    "PA166299124": 2,  # quetiapine: depression, other
    "PA166299247": 3,  # tacrolimus: liver of the same genotype, of another, not liver
    "PA166299246": 3,
}
# one setting only, although the text names it
ONE_SETTING = {"PA166299165": "immunosuppression", "PA166299095": "immunosuppression"}
# marked "alternate drug" by the source although the text only asks to think again when a CYP3A4 inducer is taken too
THINK_AGAIN = {"PA166299153", "PA166299156", "PA166299158"}
PHENOTYPING = "c.2846A>T/c.2846A>T"  # score 1 from two alleles of decreased function
SCORES = {
    "CYP2C9": {"Normal Metabolizer": ["2"], "Intermediate Metabolizer": ["1", "1.5"], "Poor Metabolizer": ["0", "0.5"]},
    "DPYD": {
        "2.0 (Normal Metabolizer)": ["2"],
        "1.5 (Intermediate Metabolizer)": ["1.5"],
        "1.0 (Intermediate Metabolizer)": ["1"],
        "1.0 (Phenotyping)": ["1"],
        "0.5 (Phenotyping)": ["0.5"],
        "0.0 (Poor Metabolizer)": ["0"],
    },
}
SPELLED = {"double": 2.0}


@dataclass(frozen=True)
class Row:
    """One recommendation row; ``values``: what a person it speaks of is looked up by, ``diplotype`` if it names one."""

    id: str
    drug: str
    gene: str
    word: str
    values: tuple[str, ...]
    diplotype: str
    strength: str
    is_alternative: bool
    is_dosing: bool
    text: str


@cache
def rows() -> tuple[Row, ...]:
    found = []
    for row in source.table(source.DATA / "pgx/recommendations_cpic_dpwg_2024-03.tsv"):
        gene, _, word = row["lookup"].partition("=")
        if row["source"] != "DPWG" or gene == "CYP2D6":
            continue
        found.append(
            Row(
                row["recommendation_id"],
                row["drug"],
                gene,
                word,
                tuple(SCORES.get(gene, {}).get(word, [word])),
                diplotype_of(word),
                row["strength"],
                row["alternate_drug"] == "1",
                row["dosing_info"] == "1",
                " ".join(row["text"].replace("&lt;", "<").split()),
            )
        )
    return tuple(found)


def diplotype_of(word: str) -> str:
    """The diplotype a row is keyed by: ``{'*1': 1.0, '*2': 1.0}``, or the odd words of two rows."""
    if word == "1.0 (Phenotyping)":
        return PHENOTYPING
    if word == "1511 and 1502":
        return "*15:02/*15:11"
    copies = re.findall(r"'([^']+)': (\d)", word)
    return "/".join(name for name, number in copies for _ in range(int(number)))


@cache
def files() -> dict[tuple[str, str], DrugFile]:
    """The files of this reading by drug and gene."""
    return {
        (file.drug, file.genes[0]): file
        for group in knowledge().guidelines.values()
        for file in group
        if file.body == "DPWG" and file.genes != ["CYP2D6"]
    }


def values_of(rule: Rule, gene: str) -> list[str]:
    """Everything that the rule accepts; a case holds either diplotypes or other values."""
    for case in rule.when:
        assert len({value.startswith("diplotype ") for value in case[gene]}) == 1, rule.id
    return [value for case in rule.when for value in case[gene]]


def holding(file: DrugFile, value: str, diplotype: str = "") -> list[Rule]:
    """The rules that hold: those that name the diplotype, otherwise (or if they recommend nothing, beside them) those of the
    phenotype or score in each branch."""
    (gene,) = file.genes
    branches: dict[Any, list[Rule]] = {}
    for rule in file.rules:
        branches.setdefault((rule.setting, rule.applies_to), []).append(rule)
    exact = [rule for rule in file.rules if diplotype and f"diplotype {diplotype}" in values_of(rule, gene)]
    if any(rule.actions != ["no_recommendation"] for rule in exact):
        return exact
    return exact + [
        rule
        for group in branches.values()
        for rule in group
        if any(accepts(condition, part) for condition in values_of(rule, gene) for part in value.split("; "))
    ]


def rules_for(row: Row) -> list[list[Rule]]:
    """For each value of the row, the rules that hold."""
    return [holding(files()[row.drug, row.gene], value, row.diplotype) for value in row.values]


ROWS = rows() if (source.DATA / "pgx").is_dir() else ()
IDS = [f"{row.drug}-{row.id}" for row in ROWS]


def test_every_guideline_is_here():
    assert len(ROWS) == 154
    assert set(files()) == {(row.drug, row.gene) for row in ROWS}
    assert len(files()) == 42
    for drug, gene in files():
        assert (SHIPPED / f"guidelines/dpwg/{drug.replace(' ', '_')}.{gene}.yaml").is_file()


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_exactly_one_rule_holds_in_each_branch(row):
    for found in rules_for(row):
        assert len(found) == BRANCHES.get(row.id, 1), [rule.id for rule in found]
        assert len({(rule.setting, rule.applies_to) for rule in found}) == len(found)
        for rule in found:
            assert row.id in rule.rows, rule.id
            assert rule.strength == STRENGTHS[row.strength], rule.id
    if row.id in ONE_SETTING:
        assert rules_for(row)[0][0].setting.indication == ONE_SETTING[row.id]


def test_every_row_is_cited_once_in_each_branch():
    cited: Counter[str] = Counter()
    for file in files().values():
        for rule in file.rules:
            guideline, _, place = rule.source.partition("#")
            assert guideline == file.guideline and place in rule.rows, rule.id
            cited.update(rule.rows)
    assert cited == Counter({row.id: BRANCHES.get(row.id, 1) for row in ROWS})


def test_a_rule_stands_for_one_text():
    texts: dict[tuple[str, str, str], set[str]] = {}
    for row in ROWS:
        for found in rules_for(row):
            for rule in found:
                texts.setdefault((row.drug, row.gene, rule.id), set()).add(re.sub(r"\W+", " ", row.text).strip().lower())
    wrong = {key: found for key, found in texts.items() if len(found) > 1}
    # siponimod *1/*3 and *2/*3, warfarin *1/*3 and *2/*2, phenytoin ... have the same text; nothing else is joined
    assert wrong == {}


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_directions_that_the_text_spells_out(row):
    """Plain words of the source must have their action in a rule of the row, and the other way round."""
    rules = rules_for(row)[0]
    actions = {action for rule in rules for action in rule.actions}
    text = row.text.lower()
    silent = "does not provide a recommendation" in text
    assert silent == (actions == {"no_recommendation"})
    nothing_to_do = len(re.findall(r"no action (?:is )?(?:needed|required)|dose adjustment is not required", text))
    assert nothing_to_do == sum(rule.actions == ["use"] for rule in rules)
    if re.match(r"(\* )?avoid|abacavir is contra", text):
        assert "avoid" in actions
    if "contra-indicated" in text:
        assert "contraindicated" in actions
    if "contraindicated" in actions:
        assert row.id in {"PA166299245", "PA166299159"}  # the latter by its implication
    if "avoid" in actions:
        assert "avoid" in text
    if re.search(r"choose an alternative|consider an alternative", text):
        assert "alternative" in actions
    if "test_first" in actions:
        assert "residual dpd activity" in text
    if "residual dpd activity" in text and row.drug in {"capecitabine", "fluorouracil"}:
        assert "test_first" in actions
    if row.is_alternative and row.id not in THINK_AGAIN:
        assert actions & {"avoid", "alternative", "contraindicated"}
    if row.is_dosing:
        assert actions & {"dose", "monitor", "avoid"}


def stated(text: str) -> set[float]:
    return {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)} | {
        value for word, value in SPELLED.items() if word in text.lower()
    }


def figures(value: float | list[float] | None) -> set[float]:
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {float(value)}


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_dose_figures_stand_in_the_text(row):
    """A factor below 1 is a percentage of the text, above 1 its "times" or "fold"; absolute figures stand as they are."""
    for rule in (rule for found in rules_for(row) for rule in found if rule.dose is not None):
        for factor in figures(rule.dose.factor):
            written = f"{100 * factor:g}"
            if factor < 1:
                assert re.search(rf"(?:^|[ -]){re.escape(written)}(?:-\d+)?\s?%", row.text), (rule.id, factor)
            else:
                pattern = rf"{factor:g}(?:x| times|-fold) |{'double' if factor == 2 else 'no-word'}"
                assert re.search(pattern, row.text), (rule.id, factor)
        for dose in rule.dose.absolute:
            assert figures(dose.value) <= stated(row.text), (rule.id, dose)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_every_advised_share_is_a_factor(row):
    """The other way round: "use 65% of the standard dose" must arrive as 0.65, and nothing else may."""
    advised = set()
    for low, high in re.findall(
        r"(?:use|start with|start at|reduce to) (\d+)(?:-(\d+))?%(?! if| DPD)", row.text, flags=re.IGNORECASE
    ):
        advised |= {int(low) / 100, int(high or low) / 100}
    for times in re.findall(r"(\d+(?:\.\d+)?)(?:x higher| times the|-fold higher dose)", row.text):
        advised.add(float(times))
    if row.drug == "tegafur":
        advised = set()  # its percentages are those of fluorouracil
    given = {
        factor for found in rules_for(row) for rule in found if rule.dose is not None for factor in figures(rule.dose.factor)
    }
    if "double the dose" in row.text:
        advised.add(2.0)
    assert given == advised


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_named_alternatives_stand_in_the_text(row):
    for rule in (rule for found in rules_for(row) for rule in found):
        for name in rule.alternatives:
            words = name.replace("intrauterine device", "IUD").split()
            assert all(word.lower() in row.text.lower() for word in words), (rule.id, name)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_wording_is_our_own(row):
    """No run of ten words of the source."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z0-9*%]+", text.lower())
        return {tuple(words[start : start + 10]) for start in range(len(words) - 9)}

    for rule in (rule for found in rules_for(row) for rule in found):
        assert not runs(rule.advice) & runs(row.text), rule.id
        assert rule.patient and not re.search(r"[\d*]|metaboli[sz]er", rule.patient), rule.id
        assert rule.patient.count(". ") <= 1, rule.id


def test_sources():
    for (drug, gene), file in files().items():
        name = f"DPWG_{drug.replace(' ', '_')}_and_{gene.replace('-', '_')}.json"
        content = json.loads((source.GUIDELINES / name).read_text(encoding="utf-8"))
        ours = knowledge().sources[file.guideline]
        assert ours.url == content["guideline"]["url"] and ours.version == content["version"]
        newest = max(content["citations"], key=lambda item: item["year"], default=None)
        assert ours.pmid == (str(newest["pmid"]) if newest else "")


# drug, gene, alleles of a person -> the rule that must speak, by what the guideline calls that person
PEOPLE = [
    ("clopidogrel", "CYP2C19", ("*1", "*17"), ["no-recommendation"]),
    ("clopidogrel", "CYP2C19", ("*17", "*17"), ["ultrarapid"]),
    ("clopidogrel", "CYP2C19", ("*2", "*17"), ["intermediate-pci-stroke-tia", "intermediate-other"]),
    ("clopidogrel", "CYP2C19", ("*1", "*9"), ["intermediate-pci-stroke-tia", "intermediate-other"]),
    ("clopidogrel", "CYP2C19", ("*2", "*9"), ["poor-pci-stroke-tia", "poor-other"]),
    ("clopidogrel", "CYP2C19", ("*9", "*10"), ["poor-pci-stroke-tia", "poor-other"]),
    ("warfarin", "CYP2C9", ("*1", "*1"), ["no-recommendation"]),
    ("warfarin", "CYP2C9", ("*1", "*2"), ["1-2"]),
    ("warfarin", "CYP2C9", ("*2", "*2"), ["1-3-or-2-2"]),
    ("warfarin", "CYP2C9", ("*1", "*8"), ["intermediate"]),
    ("warfarin", "CYP2C9", ("*1", "*6"), ["intermediate"]),
    ("warfarin", "CYP2C9", ("*5", "*8"), ["poor"]),
    ("warfarin", "CYP2C9", ("*2", "*6"), ["poor"]),
    ("phenytoin", "CYP2C9", ("*2", "*2"), ["2-2-or-2-3"]),
    ("siponimod", "CYP2C9", ("*3", "*3"), ["3-3"]),
    ("siponimod", "CYP2C9", ("*2", "*2"), ["1-2-or-2-2"]),
    ("capecitabine", "DPYD", ("Reference", "c.1905+1G>A (*2A)"), ["score-1"]),
    ("capecitabine", "DPYD", ("c.2846A>T", "c.2846A>T"), ["activity-not-told-by-genotype"]),
    ("capecitabine", "DPYD", ("c.2846A>T", "c.1129-5923C>G, c.1236G>A (HapB3)"), ["activity-not-told-by-genotype"]),
    ("capecitabine", "DPYD", ("c.2846A>T", "c.1905+1G>A (*2A)"), ["activity-not-told-by-genotype"]),
    ("capecitabine", "DPYD", ("c.1679T>G (*13)", "c.1905+1G>A (*2A)"), ["score-0", "score-0-not-avoidable"]),
    ("tegafur", "DPYD", ("c.2846A>T", "c.2846A>T"), ["activity-not-told-by-genotype"]),
    ("flucytosine", "DPYD", ("c.2846A>T", "c.2846A>T"), ["score-0-5-to-1-5"]),
    ("irinotecan", "UGT1A1", ("*28", "*80+*28"), ["poor"]),
    ("irinotecan", "UGT1A1", ("*1", "*36"), ["no-recommendation"]),
    ("irinotecan", "UGT1A1", ("*28", "*36"), ["intermediate"]),
    ("mercaptopurine", "NUDT15", ("*1", "*5"), ["intermediate-immunosuppression", "intermediate-leukemia"]),
    ("mercaptopurine", "NUDT15", ("*3", "*5"), ["poor"]),
    (
        "azathioprine",
        "TPMT",
        ("*1", "*8"),
        ["intermediate-immunosuppression", "intermediate-immunosuppression-low-dose"],
    ),
    ("azathioprine", "TPMT", ("*3A", "*8"), ["poor"]),
    ("quetiapine", "CYP3A4", ("*1", "*22"), ["intermediate"]),
    ("tacrolimus", "CYP3A5", ("*3", "*3"), ["no-recommendation"]),
    ("warfarin", "VKORC1", ("rs9923231 variant (T)",) * 2, ["aa"]),
    ("carbamazepine", "HLA-B", ("*15:02", "*15:11"), ["15-02-and-15-11", "15-02-positive", "15-11-positive"]),
    (
        "hormonal contraceptives for systemic use",
        "F5",
        ("rs6025 C", "rs6025 T (Factor V Leiden)"),
        ["heterozygous-thrombosis-in-family-or-history", "heterozygous-no-thrombosis-in-family-or-history"],
    ),
]


@pytest.mark.parametrize(("drug", "gene", "alleles", "wanted"), PEOPLE, ids=[f"{p[0]}-{'_'.join(p[2])}" for p in PEOPLE])
def test_a_person_gets_the_rule_the_guideline_means(drug, gene, alleles, wanted):
    person = meaning(knowledge().genes[gene]).of(alleles)
    assert [rule.id for rule in holding(files()[drug, gene], person.lookup, person.recommendation_diplotype)] == wanted


def test_factor_v_leiden_lies_where_two_tables_say():
    (position,) = knowledge().genes["F5"].positions
    (listed,) = [
        row for row in source.table(source.DATA / "pgx/pypgx_tables/variant-table.csv", ",") if row["rsID"] == position.id
    ]
    assert (listed["GRCh38Position"], listed["GRCh38Allele"]) == (str(position.position), position.ref)
    assert (listed["GRCh37Position"], listed["GRCh37Allele"]) == (str(position.position_37), position.ref_37)
    with gzip.open(source.DATA / "pgx/kgp_3202_grch38/F5.vcf.gz", "rt") as file:
        (line,) = [line for line in file if line.startswith(f"chr1\t{position.position}\t")]
    assert line.split("\t")[3:5] == [position.ref, *position.alts]
    (allele,) = [row for row in knowledge().genes["F5"].alleles if row.function == "Factor V Leiden positive"]
    assert allele.variants == f"{position.id}:{position.alts[0]}"
