"""Pairs that prolong the QT interval, and oral anticoagulants, against the thesaurus of the ANSM of October 2020 itself."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from nof1.knowledge.care import InteractionRule
from nof1.knowledge.load import load

ROOT = Path(__file__).parents[2]
DDI = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data")) / "terms" / "ddi"
PAIRS, CLASSES = DDI / "ansm_thesaurus_2020-10.json.gz", DDI / "ansm_substances_classes_2020-10.json.gz"
pytestmark = pytest.mark.skipif(
    not PAIRS.exists(), reason="reference data (ANSM 2020) are not here; see NOF1_REFERENCE_DATA"
)

PROLONG = "substances susceptibles de donner des torsades de pointes"
ENGLISH = {
    "arsenieux": "arsenic trioxide",
    "erythromycine": "erythromycin",
    "levomepromazine": "methotrimeprazine",
    "moxifloxacine": "moxifloxacin",
    "pipéraquine": "piperaquine",
    "spiramycine": "spiramycin",
    "vandétanib": "vandetanib",
    "dompéridone": "domperidone",
    "édoxaban": "edoxaban",
}
IDS = ("onc-21-qt-qt", "qt-qt-forbidden", "qt-qt-avoid", "qt-qt-erythromycin")


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as opened:
        rows: list[dict[str, Any]] = json.load(opened)
    return rows


def members(name: str) -> set[str]:
    return {ENGLISH.get(row["substance"], row["substance"]) for row in read(CLASSES) if name in row["drug_classes"]}


def forbidden_with_all() -> set[str]:
    """The drugs that the entry of the whole group calls contraindicated whatever the other is."""
    texts = [
        level["info"]
        for row in read(PAIRS)
        if row["main_drug"].startswith("TORSADOGÈNES")
        for level in row["severity_levels"]
        if level["level"] == "CONTRE-INDICATION"
    ]
    last = texts[0].rpartition("- ")[2]
    return {drug for drug in members(PROLONG) if drug.removesuffix("e") in last or f"{drug}i" in last} | {
        english for french, english in ENGLISH.items() if french in last
    }


def excepted() -> set[str]:
    """The members that have an entry of their own, or by a narrower group, which does not recommend the pair."""
    own = {
        row["main_drug"].lower()
        for row in read(PAIRS)
        if row["plus_drug"].lower() == PROLONG and any("DECONSEILLEE" in level["level"] for level in row["severity_levels"])
    }
    groups = {name for name in own if name.endswith("torsades de pointes")}
    return {ENGLISH.get(name, name) for name in own} & members(PROLONG) | {drug for name in groups for drug in members(name)}


@cache
def rules() -> dict[str, InteractionRule]:
    return {row.id: row for row in load().care.interactions}


def test_grades_of_pairs_that_prolong_the_qt_interval() -> None:
    always, mild = forbidden_with_all(), excepted()
    assert always == {"citalopram", "domperidone", "escitalopram", "hydroxyzine", "piperaquine"}
    found: dict[frozenset[str], set[str]] = {}
    for rule in (rules()[name] for name in IDS):
        for pair in (frozenset((one, other)) for one in rule.a.drugs for other in rule.b.drugs if one != other):
            found.setdefault(pair, set()).add(rule.severity)
    ours = sorted({drug for pair in found for drug in pair} - {"erythromycin"})  # counts only when given into a vein
    assert set(ours) <= members(PROLONG)
    wanted = {
        frozenset(pair): {"serious" if not always & {*pair} and mild & {*pair} else "contraindicated"}
        for pair in combinations(ours, 2)
    }
    assert {pair: grade for pair, grade in found.items() if "erythromycin" not in pair} == wanted
    assert {*map(frozenset, (("erythromycin", drug) for drug in ours))} == {pair for pair in found if "erythromycin" in pair}


def test_oral_anticoagulants_are_those_of_the_class() -> None:
    named = {"warfarine": "warfarin"}
    class_of = {named.get(drug, drug) for drug in members("anticoagulants oraux")}
    for other in ("nsaid", "aspirin", "antiplatelet", "anticoagulant", "ssri", "snri"):
        assert set(rules()[f"anticoagulant-{other}"].a.drugs) - class_of == set(), other
    assert "edoxaban" in class_of


def test_no_vitamin_k_antagonist_from_outside_the_class() -> None:
    named = {"warfarine": "warfarin"}
    class_of = {named.get(drug, drug) for drug in members("antivitamines K")}
    rows = [row for row in rules().values() if row.id.startswith("vka-") and row.source.startswith("ansm-")]
    assert len(rows) >= 17
    assert {row.id: set(row.a.drugs) - class_of for row in rows if set(row.a.drugs) - class_of} == {}
