"""A made-up person with a record: every section filled, every kind of recommendation, names that try to be markup."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sample

from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import (
    Action,
    Assessment,
    Compared,
    Comparison,
    Dose,
    DrugAdvice,
    EffectivePhenotype,
    ExposureRatio,
    FirstTest,
    Indeterminate,
    Interaction,
    Kind,
    Missing,
    Recommendation,
)

A = Action
EVIL = sample.INJECTION
GUIDE, LABEL, PAIRS = SourceRef("guide-1", "row-1"), SourceRef("label-2", "row-2"), SourceRef("pairs-3", "row-3")
WORDED = "Your body breaks this medicine down slowly. Do not take it; ask your doctor today."
PAIR_WORDED = "Together these medicines can harm muscles. Do not take both; speak to your doctor before the next dose."
CODED = "Your CYP2D6 result is *4/*4."
OUTDATED, WITHHELD = "may be outdated: last checked 2024-01-01", "age not stated by the source: dose figures are withheld"


def _why(claim: str, place: str = "") -> Because:
    steps = (Because("taken", claim, SourceRef("record", place)),) if place else ()
    return Because(claim, "", GUIDE, FactStatus.PROVISIONAL, steps)


def rec(name: str, actions: tuple[Action, ...], advice: str, **more: Any) -> Recommendation:
    """A recommendation on ``name``; anything may be set."""
    drug = name.split("/", maxsplit=1)[0]
    base = Recommendation(
        id=name, drug=drug, body="CPIC", actions=actions, strength="strong", advice=advice, implications=(),
        setting={"age": sample.AGE}, applies_to="", dose=None, alternatives=(), monitor=(),
        because_of={"CYP2C9": "Intermediate Metabolizer (activity score 1.5)"}, is_partial=False, source=GUIDE, rows=(),
        status=FactStatus.PROVISIONAL, checked="2026-11-25", because=_why(advice),
    )  # fmt: skip
    return replace(base, **more)


def _of_other(drug: str, other: str, pair: Interaction) -> Recommendation:
    return rec(
        f"{drug}/interaction/{pair.id}", pair.actions, f"With {other}: {pair.effect} {pair.advice}",
        kind=Kind.INTERACTION, because_of={other: other}, setting={"basis": "interaction"}, strength="not_applicable",
        body="pairs", source=PAIRS, interrupts=pair.interrupts, patient=pair.patient,
    )  # fmt: skip


def pair(one: str, other: str, rule: str, severity: str, interrupts: bool, **more: Any) -> Interaction:
    """An interaction of two drugs; anything may be set."""
    base = Interaction(
        id=f"{one}+{other}/{rule}", drugs=(one, other), severity=severity, interrupts=interrupts,
        actions=(A.CONTRAINDICATED,) if interrupts else (A.MONITOR,), effect=f"Effect of {rule}.", advice=f"Advice of {rule}.",
        source=PAIRS, status=FactStatus.PROVISIONAL, checked="2026-11-25",
        because=Because(rule, "", PAIRS, None, (Because(one, f"{one} 40 mg", SourceRef("record", "b.json M/1")),)),
        mechanism=f"How {rule} works.",
    )  # fmt: skip
    return replace(base, **more)


GRAVE = pair("statinol", "mycin", "grave", "contraindicated", True, patient=PAIR_WORDED, notes=("route not stated",))
ALSO = pair("statinol", "mycin", "also-grave", "contraindicated", True)
MILD = pair("statinol", "mycin", "kinetic", "moderate", False, monitor=("muscle pain",))
QUIET = pair("thinner", "painkiller", "bleeding", "serious", False)


def _drugs() -> tuple[DrugAdvice, ...]:
    kidney = rec(
        "glucol/limit/kidney", (A.AVOID,), "Do not give below this clearance.", kind=Kind.FACT, setting={"basis": "kidney"},
        because_of={"crcl": "28 mL/min/{1.73_m2} (equation from creatinine)"}, interrupts=True, patient=WORDED,
        because=_why("clearance 28", "b.json Observation/o1"), strength="not_applicable", alternatives=("otherol", "newdrug"),
    )  # fmt: skip
    some = rec(
        "glucol/cpic/some",
        (A.ALTERNATIVE,),
        "Only after a stent.",
        setting={"age": sample.AGE, "indication": "stent"},
        patient="P-some",
    )
    always = rec("glucol/dpwg/always", (A.DOSE,), "Halve it.", body="DPWG", dose=Dose("decrease", (0.5, 0.5), "starting dose"),
                 notes=(OUTDATED, WITHHELD), evidence="graded 1A", patient=CODED)  # fmt: skip
    lower = rec(
        "glucol/cpic/lower",
        (A.AVOID,),
        "Lower evidence says avoid.",
        because_of={"CYP2C19": "Poor Metabolizer"},
        kind=Kind.LOWER_EVIDENCE,
        patient="P-lower",
    )
    allergy = rec("thinner/allergy/x", (A.AVOID,), "An allergy is recorded.", kind=Kind.ALLERGY, body="record",
                  source=SourceRef("record", "b.json AllergyIntolerance/a1"), setting={"basis": "allergy"},
                  because_of={"allergy": f"penicillin {EVIL}"}, interrupts=True, strength="not_applicable")  # fmt: skip
    unlikely = rec("chemo/cpic/poor", (A.AVOID,), "Avoid in poor ones.", because_of={"CYP2C19": "Poor"}, chance=(0.01, 0.04),
                   dose=Dose("decrease", (0.25, 0.25), "starting dose"))  # fmt: skip
    test = FirstTest(
        "the result of DPYD is not settled",
        ("CPIC: DPYD Poor Metabolizer, probability 0.01 to 0.04: avoid", "kidney: no creatinine; if low: avoid"),
        ("rs1", "rs2", "rs3", "rs4", "rs5", "rs6", "rs7", "and 70 more positions"),
        ("chemo/cpic/poor",),
    )
    use = rec("otherol/cpic/use", (A.USE,), "Use it.")
    return (
        DrugAdvice("glucol", "1", A.AVOID, (some, lower, kidney, always), (Indeterminate("glucol", "potassium is not known"),),
                   "active", None, ("CPIC: alternative", "DPWG: dose"), True, {"otherol": "", "badol": "An allergy is recorded.", "newdrug": ""}),
        DrugAdvice("statinol", "2", A.CONTRAINDICATED, (_of_other("statinol", "mycin", GRAVE), _of_other("statinol", "mycin", ALSO)), (), "active", interrupts=True),
        DrugAdvice("mycin", "3", A.CONTRAINDICATED, (_of_other("mycin", "statinol", GRAVE),), (), "active", interrupts=True),
        DrugAdvice("thinner", "4", A.AVOID, (allergy,), (), "unknown", interrupts=True),
        DrugAdvice("chemo", "5", A.TEST_FIRST, (unlikely,), (), "planned", test),
        DrugAdvice("waiter", "6", A.TEST_FIRST, (), (), "", replace(test, cautious=())),
        DrugAdvice("creamol", "7", A.NO_RECOMMENDATION, (), (), "active"),
        DrugAdvice("otherol", "8", A.USE, (use,), ()),
        DrugAdvice("badol", "9", A.AVOID, (rec("badol/cpic/x", (A.AVOID,), "Avoid it."),), ()),
    )  # fmt: skip


def _medication(drugs: list[str], text: str, course: str, **more: Any) -> dict[str, Any]:
    base = {
        "drugs": drugs, "text": text, "matched": f'name "{text}"' if drugs else "", "course": course, "since": "2026-01-01", "until": "",
        "route": "", "is_systemic": None, "dose": "", "place": "b.json MedicationStatement/m",
    }  # fmt: skip
    return base | more


def record() -> dict[str, Any]:
    """The record's section."""
    return {
        "person": "p", "read": {"Patient": 1, "Observation": 4}, "sources": ["b.json"], "birth_date": "1951-02-11", "sex": "female",
        "facts": {
            "female": {"words": "female", "is_old": False},
            "male": {"words": "female", "is_old": False},
            "weight": {"words": "weight 71 kg, 2023-01-30, old", "is_old": True},
            "crcl": {"words": "28 mL/min/{1.73_m2} (equation from weight 71 kg, old, creatinine)", "is_old": True},
            "pregnant": {"words": "Pregnancy, 2026-08-01", "is_old": False},
        },
        "answers": {},
        "unknown": {"potassium": "potassium: not recorded", "lactating": "lactation is not recorded, and that says nothing"},
        "medications": [
            _medication(["oldol"], "Oldol", "stopped", until="2026-02-02"),
            _medication(["glucol"], "Glucol 500 mg", "active", dose="500 mg twice a day", route="oral", is_systemic=True, matched="RxNorm 1"),
            _medication(["statinol"], "Statinol forte", "active"),
            _medication(["mycin"], "Mycin", "active"),
            _medication(["thinner"], "Thinner", "unknown"),
            _medication(["chemo"], "Chemo infusion", "planned"),
            _medication(["creamol"], "Creamol cream", "active", route="topical", is_systemic=False),
            _medication([], f"Herbal tea {EVIL}", "active"),
        ],
        "conditions": [
            {"text": "Heart failure", "terms": ["hf"], "course": "active", "since": "2019-01-01", "place": "c1"},
            {"text": "Sprain", "terms": [], "course": "active", "since": "", "place": "c2"},
        ],
        "allergies": [{"text": "penicillin", "drugs": [], "classes": ["pen"], "reaction": "rash", "criticality": "high", "is_refuted": False, "place": "a1"}],
        "relatives": [{"relation": "mother", "text": "thrombosis", "place": "f1"}],
        "said_none": ["procedures"],
        "notes": ["weight is 1395 days old (2023-01-30)", "creatinine: 80 and 140 umol/L on one day"],
        "left_out": [{"kind": "value_implausible", "place": "Observation/o4", "value": "potassium 9999 mmol/L", "reason": "outside what can be"}],
        "not_recognised": [f"Herbal tea {EVIL}"],
    }  # fmt: skip


def with_record() -> Assessment:
    """A whole assessment of one person with a record."""
    effective = (
        EffectivePhenotype("CYP2C9", ("Intermediate Metabolizer (activity score 1.5)",), ("Poor Metabolizer (activity score 0.0)",),
                           ("mycin (strong inhibitor)",), "guideline", ("a note on the rule",), ("creamol (moderate inhibitor): given locally",),
                           GUIDE, Because("CYP2C9 under mycin", "", GUIDE, None, (Because("mycin", "Mycin", SourceRef("record", "b.json M/3")),)), ("b.json M/3",)),
        EffectivePhenotype("TPMT", ("Normal",), ("Normal",), (), "lower", (), ("thinner (weak inhibitor): weak modulators never change a phenotype",), GUIDE, _why("TPMT")),
    )  # fmt: skip
    compared = Comparison(
        "statin", "Statins",
        (Compared("otherol", "usual", ("CPIC: Use it.",), (), ()), Compared("glucol", "caution or dose change", ("x",), (), ("potassium is not known",), True),
         Compared("badol", "avoid", ("y",), (), ()), Compared("statinol", "contraindicated", ("z",), (), (), True), Compared("newdrug", "no data", (), (), ())),
        GUIDE, "Drugs of one bin are tied.",
    )  # fmt: skip
    ratio = ExposureRatio(
        "glucol",
        "mycin",
        "CYP2C9",
        4.0,
        2.0,
        8.0,
        "Intermediate Metabolizer",
        LABEL,
        "for information only: it sets no dose",
    )
    missing = (
        Missing("potassium", ("a potassium value",), ("glucol: avoid if potassium > 5",), ("glucol",)),
        Missing("CYP2C19", ("rs1", "rs2"), ("chemo: avoid if Poor; use if Normal",), ("chemo",), 0.12),
    )
    plain = sample.assessment()
    genes = tuple(call for call in plain.genes if call.gene in ("CYP2C9", "CYP2C19", "TPMT"))
    return replace(
        plain, genes=genes, unknown=(), drugs=_drugs(), record=record(), effective_phenotypes=effective, interactions=(MILD, GRAVE, QUIET, ALSO),
        comparisons=(compared,), exposure_ratios=(ratio,), missing=missing,
    )  # fmt: skip
