"""What the second reader of limits, modulators, interactions and equations found apart from the rows, and what came of it.

``COMPUTED`` is what ``test_care_agreement.py`` finds by itself; ``BY_HAND`` what needs a reader: conditions in words, members of
classes, strengths that the source itself doubts. ``SAME`` looks apart and is not. ``open`` as long as nobody decided.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Disagreement:
    """What the reader has and what the rows have, for each of ``rows`` (limit | pair | modulator | equation, then its name)."""

    rows: tuple[str, ...]
    aspect: str
    reader: str
    row: str
    resolution: str


def limits(*names: str) -> tuple[str, ...]:
    return tuple(f"limit {name}" for name in names)


def pairs(*names: str) -> tuple[str, ...]:
    return tuple(f"pair {name}" for name in names)


def inhibitors(enzyme: str, *names: str) -> tuple[str, ...]:
    return tuple(f"modulator {enzyme} inhibitor {name}" for name in names)


WIDER = "kept: said in the row, which only warns; it is forbidden in a part of what the condition covers"
NAMED = "changed: the record does not tell the part that is forbidden, so the row names it, avoids and no longer interrupts"
NOT_SET = "kept: said in the row, which warns; no dose was set"
STARTING = "kept: said in the row, which warns; starting is not recommended, going on is possible"
BY_DOSE = "kept: said in the row, which gives the other grade and when it holds"
SPLIT = "the graver or milder part has a row of its own, or the advice tells the dose at which it begins"
COMPUTED = (
    Disagreement(
        limits(
            "clopidogrel/bleeding",
            "codeine/asthma",
            "eliglustat/mild-hepatic-impairment",
            "prasugrel/bleeding",
            "siponimod/recent-vascular-event",
            "tetrabenazine/depression",
            "ticagrelor/bleeding",
        ),
        "action",
        "contraindicated",
        "watch",
        WIDER,
    ),
    Disagreement(
        limits("codeine/age-12-to-18", "nitrofurantoin/pregnancy", "tramadol/age-12-to-18"),
        "action",
        "contraindicated",
        "watch",
        "kept: said in the row, whose applies_to narrows it to what is forbidden",
    ),
    Disagreement(
        limits("codeine/age-12-to-18", "tramadol/age-12-to-18"), "bounds", "", ">=12", "below 12 a row of its own holds"
    ),
    Disagreement(
        limits("verapamil/weak-heart"), "action", "contraindicated", "avoid", "kept: said in the row, which avoids"
    ),
    Disagreement(
        limits("ketorolac/pregnancy"),
        "action",
        "contraindicated",
        "avoid",
        "kept: said in the row: avoided in late pregnancy, forbidden in labour",
    ),
    Disagreement(
        limits("ketorolac/heart-failure"),
        "action",
        "avoid",
        "watch",
        "kept: said in the row: severe heart failure only, which the record may not tell",
    ),
    Disagreement(
        limits("ivabradine/slow-heart", "siponimod/heart-block", "thioridazine/long-qt"),
        "action",
        "contraindicated",
        "avoid",
        NAMED,
    ),
    Disagreement(
        limits("metoprolol/low-blood-pressure"),
        "action",
        "contraindicated",
        "avoid",
        "changed: older labels and the manufacturer's page tie it to the treatment of an infarction; the row says so and avoids",
    ),
    Disagreement(
        limits("capecitabine/crcl-below-30", "escitalopram/crcl-below-20"), "action", "no_recommendation", "watch", NOT_SET
    ),
    Disagreement(limits("dapagliflozin/egfr-below-25", "metformin/egfr-30-to-45"), "action", "avoid", "watch", STARTING),
    Disagreement(
        limits("dofetilide/hypokalaemia"),
        "action",
        "test_first",
        "watch",
        "kept: said in the row: corrected before the first dose",
    ),
    Disagreement(
        limits("lithium/pregnancy"), "action", "dose", "watch", "kept: said in the row: the dose follows the level"
    ),
    Disagreement(
        limits("riociguat/smoking"),
        "action",
        "dose",
        "watch",
        "kept: said in the row: more may be needed while smoking",
    ),
    Disagreement(limits("riociguat/smoking"), "direction", "increase", "", "as the action"),
    Disagreement(limits("riociguat/smoking"), "figures", "2.5", "", "as the action"),
    Disagreement(
        limits("digoxin/renal-impairment"), "figures", "62.5 500", "", "kept: the ends of a table that the row points to"
    ),
    Disagreement(
        limits("gabapentin/dialysis"), "figures", "125 350", "4", "kept: said in the row, in the words of the advice"
    ),
    Disagreement(
        pairs("anticoagulant-aspirin"),
        "severity",
        "contraindicated+moderate+serious",
        "serious",
        "kept: said in the row, which now gives the grade by dose and ulcer",
    ),
    Disagreement(pairs("clopidogrel-aspirin"), "severity", "moderate+serious", "moderate", BY_DOSE),
    Disagreement(pairs("raas-aldosterone-antagonist"), "severity", "moderate+serious", "moderate", BY_DOSE),
    Disagreement(
        pairs("methotrexate-nsaid"),
        "severity",
        "moderate+serious",
        "serious",
        "kept: said in the row, for aspirin against pain above 20 mg a week",
    ),
)
SAME = {
    ("limit eplerenone/crcl-below-50-hypertension", "bounds"): ("", ">30", "at 30 and below the stricter row holds"),
    ("limit flecainide/crcl-35-or-less", "figures"): ("50", "", "50 mg twice is the 100 mg a day, and in the advice"),
    ("limit fluconazole/dialysis", "figures"): ("", "1", "the whole dose, which the reader noted in words"),
    ("limit lisinopril/crcl-10-to-30", "figures"): ("2.5 5", "", "the half of each usual first dose"),
    ("pair colchicine-strong-cyp3a4-inhibitor", "severity"): ("contraindicated+serious", "serious", SPLIT),
    ("pair methotrexate-ppi", "severity"): ("moderate+serious", "serious", SPLIT),
    ("pair raas-potassium-sparing", "severity"): ("moderate+serious", "serious", SPLIT),
}

BY_HAND = (
    Disagreement(
        limits("atorvastatin/liver-failure", "simvastatin/liver-failure"),
        "condition",
        "acute liver failure, decompensated cirrhosis",
        "any liver failure or severe impairment",
        "kept: said in the row, that it is the nearest and that class B may be decompensated too",
    ),
    Disagreement(
        limits("citalopram/qt-risk"),
        "condition",
        "recent infarction, uncompensated heart failure as well",
        "not among the conditions",
        "changed: in a row of their own, which warns, as the record may not tell how recent or how well compensated",
    ),
    Disagreement(
        limits("duloxetine/liver-disease"),
        "condition",
        "chronic liver disease",
        "hepatic impairment",
        "kept: said in the row; the term for impairment has the codes of chronic liver disease too",
    ),
    Disagreement(
        limits("flecainide/heart-block"),
        "condition",
        "right bundle branch block with hemiblock as well",
        "heart block",
        "kept: said in the row; there is no term for the block of two branches",
    ),
    Disagreement(
        limits("flecainide/recent-infarction"),
        "condition",
        "recent infarction",
        "any infarction or unstable angina",
        "kept: said in the row, which asks when it was",
    ),
    Disagreement(
        limits("ivabradine/slow-heart"),
        "condition",
        "block of degree 3, bradycardia that matters",
        "block of degree 2 or 3, any bradycardia",
        NAMED,
    ),
    Disagreement(
        limits("siponimod/heart-block"),
        "condition",
        "Mobitz II or degree 3",
        "degree 2 or 3",
        NAMED,
    ),
    Disagreement(
        limits("ketorolac/advanced-renal-impairment"),
        "condition",
        "advanced, no figure",
        "stages 4 and 5, dialysis",
        "kept: said in the row: the stages are its own reading of advanced",
    ),
    Disagreement(
        limits("metformin/lactic-acidosis"),
        "condition",
        "any metabolic acidosis, diabetic ketoacidosis too",
        "lactic acidosis",
        "kept: said in the row; there is no term for other acidosis",
    ),
    Disagreement(
        limits("pimozide/qt-risk", "tetrabenazine/long-qt", "thioridazine/long-qt"),
        "condition",
        "congenital long QT, history of arrhythmia",
        "any long QT",
        "changed: the rows name the inborn one and an arrhythmia, avoid and do not interrupt; pimozide keeps its salts apart",
    ),
    Disagreement(
        pairs("onc-21-qt-qt"),
        "severity",
        "forbidden with five drugs, otherwise not recommended for two groups, methadone and crizotinib",
        "contraindicated for every pair",
        "changed: five drugs with every other, and those outside the excepted groups among themselves; other rows avoid the rest",
    ),
    Disagreement(
        pairs(
            *(f"anticoagulant-{other}" for other in ("nsaid", "aspirin", "antiplatelet", "anticoagulant", "ssri", "snri"))
        ),
        "drugs",
        "edoxaban not found in the class",
        "edoxaban",
        "kept: the edition of 2020 has it among its oral anticoagulants, written with an accent, and the row now cites it",
    ),
    Disagreement(
        pairs("atorvastatin-cyp3a4-inhibitor"),
        "drugs",
        "ranolazine as well; nothing of fluconazole",
        "fluconazole",
        "changed: both stand in the edition of 2020",
    ),
    Disagreement(
        pairs("raas-aliskiren"),
        "condition",
        "none printed; not in the edition of 2020",
        "diabetes or weak kidneys",
        "kept: said in the row",
    ),
    Disagreement(
        pairs("allopurinol-thiopurine"),
        "figures",
        "forbidden; the place of the smaller dose was not found",
        "a third to a quarter",
        "kept: said in the row",
    ),
    Disagreement(
        (
            *inhibitors("CYP2D6", "chlorpromazine", "citalopram", "clemastine", "clomipramine", "diphenhydramine"),
            *inhibitors("CYP2D6", "haloperidol", "hydroxyzine", "methadone", "metoclopramide", "midodrine"),
            *inhibitors("CYP2D6", "perphenazine", "promethazine"),
            *inhibitors("CYP2C19", "armodafinil", "chloramphenicol", "cimetidine", "isoniazid", "modafinil", "topiramate"),
            *inhibitors("CYP2B6", "thiotepa"),
        ),
        "strength",
        "put among the weak also when known from cells only or under review",
        "weak",
        "kept: weak by that list, which the row cites, not by a measured exposure",
    ),
    Disagreement(
        (*inhibitors("CYP2B6", "tenofovir disoproxil"), "modulator CYP3A4 inducer lumacaftor"),
        "drug",
        "tenofovir; lumacaftor and ivacaftor",
        "one form; one of the two",
        "kept: the place in the row has the name of the table",
    ),
)

# drugs on a row of which the cited editions say nothing, or that stand in another class there: removed, or in rows of their own
EXTRA: dict[str, tuple[str, ...]] = {}
_NSAID = ("alminoprofen", "morniflumate", "rofecoxib", "valdecoxib")
_STRONG = ("boceprevir", "telaprevir")
_MACROLIDES = ("josamycin", "midecamycin", "roxithromycin")
# members of a class of the source that have a name among our drugs and are not on the row
GAPS = {
    "anticoagulant-nsaid": _NSAID,
    "ssri-nsaid": _NSAID,
    "lithium-nsaid": _NSAID,
    "methotrexate-nsaid": _NSAID,
    "ace-inhibitor-nsaid": _NSAID,
    "anticoagulant-antiplatelet": ("epoprostenol", "iloprost", "treprostinil"),
    "anticoagulant-snri": ("oxitriptan",),
    "ssri-reversible-maoi": ("oxitriptan",),
    "vka-fluoropyrimidine": ("tegafur",),
    "vka-macrolide": _MACROLIDES,
    "colchicine-macrolide": _MACROLIDES,
    "vka-fluoroquinolone": ("enoxacin", "lomefloxacin", "pefloxacin"),
    "factor-xa-strong-cyp3a4-inhibitor": _STRONG,
    "ticagrelor-strong-cyp3a4-inhibitor": _STRONG,
    "quetiapine-strong-cyp3a4-inhibitor": _STRONG,
    "ivabradine-cyp3a4-inhibitor": _STRONG,
    "pimozide-inhibitor": _STRONG,
    "colchicine-strong-cyp3a4-inhibitor": _STRONG,
    "lithium-thiazide": ("althiazide", "cicletanine", "clopamide"),
    "methotrexate-antibiotic": (
        *("penicillin g", "penicillin v", "cloxacillin", "oxacillin", "pivmecillinam", "ticarcillin"),
    ),
    "theophylline-cyp1a2-inhibitor": ("aminophylline",),
    "theophylline-erythromycin": ("aminophylline",),
    "theophylline-st-johns-wort": ("aminophylline",),
    "lamotrigine-valproate": ("valpromide",),
    "metformin-contrast": ("ioxaglic acid", "ioxitalamic acid"),
    "verapamil-beta-blocker": ("levobunolol", "tertatolol"),
    "retinoid-tetracycline": ("tretinoin", "lymecycline", "methacycline", "tigecycline"),
    "contraceptive-st-johns-wort": ("estradiol",),
    "contraceptive-enzyme-inducer": ("estradiol",),
    "levodopa-antiemetic": ("alizapride",),
    "opioid-benzodiazepine": ("clotiazepam", "loprazolam", "nordazepam", "tetrazepam"),
    "onc-21-qt-qt": ("cocaine", "cyamemazine", "mequitazine", "pipamperone", "pipotiazine", "vincamine"),
}
# graded by the FDA's table and without a row; desvenlafaxine was graded only once, and the source argues against it
NO_MODULATOR = {
    ("CYP2D6", "inhibitor", "desvenlafaxine"),
    ("CYP1A2", "inhibitor", "oral contraceptives"),
    *(
        ("CYP3A4", "inhibitor", f"{name} and ritonavir")
        for name in ("elvitegravir", "indinavir", "lopinavir", "saquinavir", "tipranavir")
    ),
    ("CYP3A4", "inhibitor", "paritaprevir and ritonavir with ombitasvir or dasabuvir"),
}
# days until the enzyme was back, as the abstract gives them
WASHOUT = {"fluoxetine": 63.2, "paroxetine": 20.3, "sertraline": 25.0}
