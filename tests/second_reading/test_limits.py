"""Limits: what each drug label asks at which figure, read a second time against the files."""

from __future__ import annotations

import re

import pytest

from nof1.knowledge.care import Limit
from nof1.knowledge.check_care import BASE_NAMES
from nof1.knowledge.formula import parse
from nof1.knowledge.judge import judge
from nof1.knowledge.load import load
from nof1.knowledge.schema import Knowledge

# drug/limit: the figures of its condition and its dose, and the section of the label in which they stand
FIGURES: dict[str, tuple[list[float], str]] = {
    "metformin/egfr-below-30": ([30], "4 Contraindications"),
    "metformin/egfr-30-to-45": ([30, 45], "2.3 Recommendations for use in renal impairment"),
    "dapagliflozin/egfr-below-45": ([45], "2.2 Recommended dosage for glycemic control"),
    "dapagliflozin/egfr-below-25": ([25], "2.3 Recommended dosage for other indications in adults"),
    "allopurinol/egfr-30-to-60": ([30, 60, 50], "2.6 Recommended dosage in patients with renal impairment, table 1"),
    "allopurinol/egfr-15-to-30": ([15, 30, 50], "2.6 Recommended dosage in patients with renal impairment, table 1"),
    "allopurinol/egfr-5-to-15": ([5, 15, 50], "2.6 Recommended dosage in patients with renal impairment, table 1"),
    "allopurinol/egfr-below-5": ([5, 50], "2.6 Recommended dosage in patients with renal impairment, table 1"),
    "apixaban/two-of-age-weight-creatinine": ([80, 60, 1.5, 2.5], "2.1 Recommended dose"),
    "edoxaban/crcl-above-95": ([95], "2.1 Nonvalvular atrial fibrillation"),
    "edoxaban/crcl-15-to-50": ([15, 50, 30], "2.1 and 2.2 Dosage"),
    "edoxaban/weight-60-or-less": ([60, 30], "2.2 Treatment of deep vein thrombosis and pulmonary embolism"),
    "enoxaparin/crcl-below-30": ([30, 1], "2.3 Dose reduction for patients with severe renal impairment, table 1"),
    "enoxaparin/crcl-30-to-80": ([30, 80], "2.3 Dose reduction for patients with severe renal impairment"),
    "prasugrel/age-75": ([75], "Boxed warning"),
    "prasugrel/age-75-diabetes": ([75], "Boxed warning"),
    "prasugrel/weight-below-60": ([60, 5], "2 Dosage and administration: low weight"),
    "eplerenone/potassium-above-5.5": ([5.5], "4 Contraindications"),
    "eplerenone/crcl-30-or-less": ([30], "4 Contraindications"),
    "eplerenone/crcl-below-50-hypertension": ([30, 50], "4 Contraindications"),
    "eplerenone/creatinine-hypertension": ([2, 1.8], "4 Contraindications"),
    "spironolactone/egfr-30-to-50": ([30, 50, 25], "2.2 Treatment of heart failure"),
    "losartan/hepatic-impairment": ([25], "2.4 Dosage modifications in patients with hepatic impairment"),
    "lisinopril/crcl-10-to-30": ([10, 30, 0.5], "2.4 Dose in patients with renal impairment"),
    "lisinopril/crcl-below-10": ([10, 2.5], "2.4 Dose in patients with renal impairment"),
    "dofetilide/crcl-below-20": ([20], "Dosage and administration, step 3 (contraindicated)"),
    "dofetilide/qtc-above-440": ([440], "Dosage and administration, step 1 (contraindicated)"),
    "dofetilide/crcl-20-to-40": ([20, 40, 125], "Dosage and administration, step 3"),
    "dofetilide/crcl-40-to-60": ([40, 60, 250], "Dosage and administration, step 3"),
    "sotalol/potassium-below-4": ([4], "4 Contraindications"),
    "sotalol/qtc-above-450": ([450], "4 Contraindications"),
    "sotalol/crcl-30-to-60": ([30, 60, 80, 24], "2.5 Dosage for patients with renal impairment, table 1"),
    "sotalol/crcl-10-to-30": ([10, 30, 80, 36, 48], "2.5 Dosage for patients with renal impairment, table 1"),
    "flecainide/crcl-35-or-less": ([35, 100], "Dosage and administration: severe renal impairment"),
    "verapamil/low-blood-pressure": ([90], "Contraindications"),
    "diltiazem/low-blood-pressure": ([90], "Contraindications"),
    "metoprolol/low-blood-pressure": ([100], "4 Contraindications"),
    "simvastatin/crcl-15-to-30": ([15, 30, 5], "2.4 Recommended dosage in patients with renal impairment"),
    "rosuvastatin/crcl-below-30": ([30, 5, 10], "2.5 Recommended dosage in patients with renal impairment"),
    "lithium/crcl-below-30": ([30], "2.5 Dosage adjustments for patients with renal impairment"),
    "lithium/crcl-30-to-89": ([30, 89], "2.5 Dosage adjustments for patients with renal impairment"),
    "citalopram/age-above-60": ([60, 20], "2.3 Recommended dosage for specific populations"),
    "citalopram/hepatic-impairment": ([20], "2.3 Recommended dosage for specific populations"),
    "citalopram/qtc-above-500": ([500], "5.2 QT prolongation and torsade de pointes"),
    "escitalopram/hepatic-impairment": ([10], "2.5 Recommended dosage for specific populations"),
    "escitalopram/crcl-below-20": ([20], "2.5 Recommended dosage for specific populations"),
    "duloxetine/egfr-below-30": ([30], "2.7 Dosage in patients with hepatic impairment or severe renal impairment"),
    "venlafaxine/hepatic-impairment": ([0.5], "Dosage and administration: hepatic impairment"),
    "venlafaxine/gfr-10-to-70": ([10, 70, 0.75], "Dosage and administration: renal impairment"),
    "venlafaxine/dialysis": ([0.5], "Dosage and administration: renal impairment"),
    "atomoxetine/moderate-hepatic-impairment": ([0.5], "2.4 Dosing in specific populations"),
    "atomoxetine/severe-hepatic-impairment": ([0.25], "2.4 Dosing in specific populations"),
    "bupropion/hepatic-impairment": ([150], "2 Dosage and administration: hepatic impairment (2.6)"),
    "siponimod/heart-rate-below-55": ([55], "2.4 First dose monitoring"),
    "tizanidine/crcl-below-25": ([25], "2.3 Recommended dosage in patients with renal impairment"),
    "topiramate/crcl-below-70": ([70, 0.5], "2.5 Dosing in patients with renal impairment"),
    "gabapentin/crcl-30-to-60": ([30, 60, 400, 1400], "2.3 Dosage adjustment in patients with renal impairment, table 1"),
    "gabapentin/crcl-15-to-30": ([15, 30, 200, 700], "2.3 Dosage adjustment in patients with renal impairment, table 1"),
    "gabapentin/crcl-below-15": ([15, 100, 300], "2.3 Dosage adjustment in patients with renal impairment, table 1"),
    "gabapentin/dialysis": ([4], "2.3 Dosage adjustment in patients with renal impairment, table 1"),
    "pregabalin/crcl-30-to-60": ([30, 60, 75, 300], "2 Dosage and administration, table 2"),
    "pregabalin/crcl-15-to-30": ([15, 30, 25, 150], "2 Dosage and administration, table 2"),
    "pregabalin/crcl-below-15": ([15, 25, 75], "2 Dosage and administration, table 2"),
    "tramadol/under-12": ([12], "4 Contraindications"),
    "tramadol/age-12-to-18": ([12, 18], "4 Contraindications"),
    "codeine/under-12": ([12], "4 Contraindications"),
    "codeine/age-12-to-18": ([12, 18], "4 Contraindications"),
    "celecoxib/moderate-hepatic-impairment": ([0.5], "2.7 Special populations"),
    "ketorolac/age-65-or-light": ([65, 50, 15, 60], "Dosage and administration: multiple-dose treatment"),
    "nitrofurantoin/crcl-below-60": ([60], "4 Contraindications"),
    "doxycycline/age-8-or-less": ([8], "Warnings"),
    "fluconazole/crcl-50-or-less": ([50, 0.5], "Dosage in patients with impaired renal function"),
    "fluconazole/dialysis": ([1], "Dosage in patients with impaired renal function"),
    "abacavir/mild-hepatic-impairment": ([200], "2.4 Recommended dosage for patients with hepatic impairment"),
    "capecitabine/crcl-30-to-50": ([30, 50, 0.75], "2.7 Dosage modification for renal impairment"),
    "capecitabine/crcl-below-30": ([30], "2.7 Dosage modification for renal impairment"),
    "metoclopramide/crcl-below-40": ([40, 0.5], "Dosage and administration: renal or hepatic impairment"),
}
# drug, facts, limits that must hold: edges of ranges as the labels write them ("below", "or less", "greater than")
HOLDS: list[tuple[str, dict[str, float], set[str]]] = [
    ("metformin", {"egfr": 29.9, "lactic_acidosis": 0}, {"egfr-below-30"}),
    ("metformin", {"egfr": 30, "lactic_acidosis": 0}, {"egfr-30-to-45"}),
    ("metformin", {"egfr": 46, "lactic_acidosis": 0}, set()),
    ("apixaban", {"age": 80, "weight": 60, "creatinine": 1.0}, {"two-of-age-weight-creatinine"}),
    ("apixaban", {"age": 79, "weight": 60, "creatinine": 1.5}, {"two-of-age-weight-creatinine"}),
    ("apixaban", {"age": 80, "weight": 61, "creatinine": 1.4}, set()),
    ("edoxaban", {"crcl": 95, "weight": 70}, set()),
    ("edoxaban", {"crcl": 96, "weight": 70}, {"crcl-above-95"}),
    ("edoxaban", {"crcl": 50, "weight": 60}, {"crcl-15-to-50", "weight-60-or-less"}),
    ("allopurinol", {"egfr": 60}, {"egfr-30-to-60"}),
    ("allopurinol", {"egfr": 30}, {"egfr-15-to-30"}),
    ("allopurinol", {"egfr": 15}, {"egfr-5-to-15"}),
    ("allopurinol", {"egfr": 4.9}, {"egfr-below-5"}),
    ("dofetilide", {"crcl": 20, "qtc": 440, "hypokalaemia": 0}, {"crcl-20-to-40"}),
    ("dofetilide", {"crcl": 19.9, "qtc": 441, "hypokalaemia": 0}, {"crcl-below-20", "qtc-above-440"}),
    ("dofetilide", {"crcl": 40, "qtc": 400, "hypokalaemia": 0}, {"crcl-40-to-60"}),
    ("dofetilide", {"crcl": 61, "qtc": 400, "hypokalaemia": 0}, set()),
    ("nitrofurantoin", {"crcl": 60, "pregnancy": 0}, set()),
    ("nitrofurantoin", {"crcl": 59, "pregnancy": 0}, {"crcl-below-60"}),
    ("lithium", {"crcl": 29, "pregnancy": 0}, {"crcl-below-30"}),
    ("lithium", {"crcl": 30, "pregnancy": 1}, {"crcl-30-to-89", "pregnancy"}),
    ("lisinopril", {"crcl": 10, "dialysis": 0, "pregnancy": 0}, {"crcl-10-to-30"}),
    ("lisinopril", {"crcl": 50, "dialysis": 1, "pregnancy": 0}, {"crcl-below-10"}),
    (
        "venlafaxine",
        {"egfr": 70, "dialysis": 0, "hepatic_impairment_mild": 0, "hepatic_impairment_moderate": 0},
        {"gfr-10-to-70"},
    ),
    (
        "warfarin",
        {"pregnancy": 1, "mechanical_heart_valve": 1, "bleeding_disorder": 0, "renal_impairment": 0},
        {"pregnancy-mechanical-valve"},
    ),
    (
        "prasugrel",
        {
            "age": 75,
            "weight": 60,
            "diabetes": 0,
            "stroke_tia": 0,
            "haemorrhagic_stroke": 0,
            "gi_bleeding": 0,
            "peptic_ulcer": 0,
        },
        {"age-75"},
    ),
    (
        "prasugrel",
        {
            "age": 74,
            "weight": 59,
            "diabetes": 0,
            "stroke_tia": 1,
            "haemorrhagic_stroke": 0,
            "gi_bleeding": 0,
            "peptic_ulcer": 0,
        },
        {"stroke-or-tia", "weight-below-60"},
    ),
    ("tramadol", {"age": 11.9, "seizure": 0, "epilepsy": 0}, {"under-12"}),
    ("tramadol", {"age": 12, "seizure": 0, "epilepsy": 0}, {"age-12-to-18"}),
    ("tramadol", {"age": 18, "seizure": 0, "epilepsy": 0}, set()),
    ("eplerenone", {"crcl": 30, "potassium": 5.5, "male": 1, "female": 0, "creatinine": 2}, {"crcl-30-or-less"}),
    (
        "eplerenone",
        {"crcl": 49, "potassium": 5.6, "male": 0, "female": 1, "creatinine": 1.9},
        {"crcl-below-50-hypertension", "creatinine-hypertension", "potassium-above-5.5"},
    ),
]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load()


@pytest.fixture(scope="module")
def limits(known: Knowledge) -> dict[str, Limit]:
    """Limits of the files written from drug labels, by drug/limit."""
    rows = {f"{drug}/{row.id}": row for file in known.care.limits for drug in file.drugs for row in file.limits}
    return {key: row for key, row in rows.items() if row.source.startswith("fda-label-")}


def _figures(limit: Limit) -> set[float]:
    texts = [limit.when]
    if limit.dose:
        texts += [limit.dose.interval, str(limit.dose.factor or "")]
        texts += [str(item.value) for item in limit.dose.absolute]
    return {float(number) for text in texts for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}


def test_every_figure_stands_in_the_table_of_figures_read(limits: dict[str, Limit]) -> None:
    written = {key: _figures(row) for key, row in limits.items() if _figures(row)}
    assert written == {key: set(figures) for key, (figures, _) in FIGURES.items()}
    assert {key: row.rows for key, row in limits.items() if key in FIGURES} == {
        key: [place] for key, (_, place) in FIGURES.items()
    }


@pytest.mark.parametrize(("drug", "facts", "expected"), HOLDS)
def test_edges_of_ranges(limits: dict[str, Limit], drug: str, facts: dict[str, float], expected: set[str]) -> None:
    mine = {key.partition("/")[2]: row for key, row in limits.items() if key.startswith(drug + "/")}
    assert {name for name, row in mine.items() if judge(row.when, facts)} == expected


def test_drugs_and_names_are_known(known: Knowledge, limits: dict[str, Limit]) -> None:
    care = known.care
    assert len(limits) >= 150 and len({key.partition("/")[0] for key in limits}) >= 60
    assert {key for key in limits if key.partition("/")[0] not in care.drugs} == set()
    assert care.policy is not None
    names = BASE_NAMES | set(care.measurements) | set(care.conditions) | {item.gives for item in care.policy.equations}
    assert {key: parse(row.when).names - names for key, row in limits.items() if parse(row.when).names - names} == {}
    assert {key for key, row in limits.items() if not parse(row.when).names} == set()


def test_only_contraindications_and_boxed_stops_interrupt(limits: dict[str, Limit]) -> None:
    wrong = {
        key
        for key, row in limits.items()
        if row.interrupts
        and not ("contraindicated" in row.actions and re.search("contraindicat|boxed", row.rows[0], re.IGNORECASE))
        and not ("avoid" in row.actions and row.rows == ["Boxed warning"])
    }
    assert wrong == set()
    silent = {key for key, row in limits.items() if "contraindicated" in row.actions and not row.interrupts}
    assert silent == {"eplerenone/crcl-below-50-hypertension", "eplerenone/creatinine-hypertension"}, "indication unknown"


def test_what_is_unknown_stays_unknown(limits: dict[str, Limit]) -> None:
    assert {key for key, row in limits.items() if judge(row.when, {}) is not None} == set()


def test_basis_fits_the_facts(limits: dict[str, Limit]) -> None:
    kidney = {
        "egfr",
        "crcl",
        "creatinine",
        "dialysis",
        "renal_impairment",
        "acute_kidney_injury",
        "end_stage_renal_disease",
        "ckd_stage_4",
        "ckd_stage_5",
    }
    needed = {
        "renal": kidney,
        "pregnancy": {"pregnancy"},
        "lactation": {"lactation"},
        "age": {"age"},
        "lifestyle": {"smoker"},
    }
    wrong = {key for key, row in limits.items() if row.basis in needed and not parse(row.when).names & needed[row.basis]}
    wrong |= {
        key
        for key, row in limits.items()
        if row.basis == "hepatic" and not any("hepatic" in name or name == "cirrhosis" for name in parse(row.when).names)
    }
    assert wrong == set()


def test_patients_are_told_in_two_short_sentences(limits: dict[str, Limit]) -> None:
    for key, row in limits.items():
        sentences = re.findall(r"[^.!?]+[.!?]", row.patient)
        assert 1 <= len(sentences) <= 2 and len(row.patient) <= 180, key
        assert not re.search(r"\b(mg|reduce|increase|double|halve)\b|contraindicated|\bdose (down|up)", row.patient), key
