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


WIDER = "open: forbidden in a part of what the condition covers; the row says so in words and only warns"
NOT_SET = "open: no dose was set; the row warns, which is the nearest a limit has unless no_recommendation is used"
STARTING = "open: starting is not recommended, going on is possible; the row warns and says both"
STOP = "open: the box says to stop when pregnancy is found, section 4 does not name it; the row is the stricter"
BY_DOSE = "open: the grade goes by dose or indication; the row has one of them"
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
        "open: applies_to already narrows it to what is forbidden, as for eplerenone, where the row forbids without interrupting",
    ),
    Disagreement(
        limits("codeine/age-12-to-18", "tramadol/age-12-to-18"), "bounds", "", ">=12", "below 12 a row of its own holds"
    ),
    Disagreement(limits("verapamil/weak-heart"), "action", "contraindicated", "avoid", WIDER),
    Disagreement(
        limits("ketorolac/pregnancy"),
        "action",
        "contraindicated",
        "avoid",
        "open: late pregnancy is to be avoided, labour and delivery are forbidden; the row says both in words",
    ),
    Disagreement(
        limits("ketorolac/heart-failure"),
        "action",
        "avoid",
        "watch",
        "open: severe heart failure only, which the record may not tell; the row says it in words",
    ),
    Disagreement(limits("lisinopril/pregnancy", "losartan/pregnancy"), "action", "avoid", "contraindicated", STOP),
    Disagreement(
        limits("capecitabine/crcl-below-30", "escitalopram/crcl-below-20"), "action", "no_recommendation", "watch", NOT_SET
    ),
    Disagreement(limits("dapagliflozin/egfr-below-25", "metformin/egfr-30-to-45"), "action", "avoid", "watch", STARTING),
    Disagreement(
        limits("dofetilide/hypokalaemia"),
        "action",
        "test_first",
        "watch",
        "open: corrected before the first dose, which the reader codes as a test and the row as a warning",
    ),
    Disagreement(
        limits("lithium/pregnancy"), "action", "dose", "watch", "open: the dose follows the level; the row says so in words"
    ),
    Disagreement(
        limits("riociguat/smoking"),
        "action",
        "dose",
        "watch",
        "open: the label has a dose above the usual one; the row leaves it at watching and says more may be needed",
    ),
    Disagreement(limits("riociguat/smoking"), "direction", "increase", "", "as the action"),
    Disagreement(limits("riociguat/smoking"), "figures", "2.5", "", "as the action"),
    Disagreement(
        limits("digoxin/renal-impairment"), "figures", "62.5 500", "", "open: the ends of a table that the row points to"
    ),
    Disagreement(
        limits("gabapentin/dialysis"), "figures", "125 350", "4", "open: the further dose by clearance is not in the row"
    ),
    Disagreement(
        limits("ketorolac/age-65-or-light"),
        "figures",
        "6 15",
        "",
        "open: the row has the daily maximum, not the single dose",
    ),
    Disagreement(
        pairs("anticoagulant-aspirin"),
        "severity",
        "contraindicated+moderate+serious",
        "serious",
        "open: forbidden at doses against inflammation, and from 500 mg with an ulcer in the past; the row has neither",
    ),
    Disagreement(pairs("clopidogrel-aspirin"), "severity", "moderate+serious", "moderate", BY_DOSE),
    Disagreement(pairs("raas-aldosterone-antagonist"), "severity", "moderate+serious", "moderate", BY_DOSE),
    Disagreement(
        pairs("methotrexate-nsaid"),
        "severity",
        "moderate+serious",
        "serious",
        "open: aspirin against pain above 20 mg a week is forbidden, which the row says in words only",
    ),
    Disagreement(
        pairs("anticoagulant-anticoagulant", "ssri-st-johns-wort"),
        "action",
        "watch",
        "avoid",
        "open: the source asks for care, the row for avoiding the pair",
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
        "open: wider, and cirrhosis may be decompensated in class B",
    ),
    Disagreement(
        limits("bupropion/seizures"), "condition", "seizure disorder", "any seizure", "open: a single seizure interrupts"
    ),
    Disagreement(
        limits("citalopram/qt-risk"),
        "condition",
        "recent infarction, uncompensated heart failure as well",
        "not among the conditions",
        "open: narrower",
    ),
    Disagreement(
        limits("duloxetine/liver-disease"),
        "condition",
        "chronic liver disease",
        "hepatic impairment",
        "open: chronic liver disease without impairment is in the advice, not in the condition",
    ),
    Disagreement(
        limits("flecainide/heart-block"),
        "condition",
        "right bundle branch block with hemiblock as well",
        "heart block",
        "open: in the advice, not in the condition",
    ),
    Disagreement(
        limits("flecainide/recent-infarction"),
        "condition",
        "recent infarction",
        "any infarction or unstable angina",
        "open: wider; the advice asks when it was",
    ),
    Disagreement(
        limits("ivabradine/slow-heart"),
        "condition",
        "block of degree 3, bradycardia that matters",
        "block of degree 2 or 3, any bradycardia",
        "open: wider, and it interrupts",
    ),
    Disagreement(
        limits("siponimod/heart-block"),
        "condition",
        "Mobitz II or degree 3",
        "degree 2 or 3",
        "open: wider by Mobitz I, and it interrupts; the advice is right",
    ),
    Disagreement(
        limits("ketorolac/age-65-or-light"),
        "condition",
        "impaired kidneys as well",
        "age or weight",
        "open: narrower; the lower dose is missed with impaired kidneys",
    ),
    Disagreement(
        limits("ketorolac/advanced-renal-impairment"),
        "condition",
        "advanced, no figure",
        "stages 4 and 5, dialysis",
        "open: the stages are the row's own reading of advanced",
    ),
    Disagreement(
        limits("metformin/lactic-acidosis"),
        "condition",
        "any metabolic acidosis, diabetic ketoacidosis too",
        "lactic acidosis",
        "open: narrower; ketoacidosis is missed",
    ),
    Disagreement(
        limits("pimozide/qt-risk", "tetrabenazine/long-qt", "thioridazine/long-qt"),
        "condition",
        "congenital long QT, history of arrhythmia",
        "any long QT",
        "open: arrhythmia is missed, an acquired long QT is added",
    ),
    Disagreement(
        pairs("onc-21-qt-qt"),
        "severity",
        "forbidden with five drugs, otherwise not recommended for two groups, methadone and crizotinib",
        "contraindicated for every pair",
        "open: the edition of 2020, which the rows follow, is milder; the list of 2012 names no drugs",
    ),
    Disagreement(
        pairs("raas-aliskiren"),
        "condition",
        "none printed; not in the edition of 2020",
        "diabetes or weak kidneys",
        "open: the condition needs a source of its own",
    ),
    Disagreement(
        pairs("allopurinol-thiopurine"),
        "figures",
        "forbidden; the place of the smaller dose was not found",
        "a third to a quarter",
        "open: the second source was not read",
    ),
    Disagreement(
        pairs("simvastatin-mild-cyp3a4-inhibitor", "atorvastatin-cyp3a4-inhibitor"),
        "figures",
        "simvastatin 20 mg at most; atorvastatin 10 mg at most with cyclosporine",
        "a low dose",
        "open: the figure is not in the row",
    ),
    Disagreement(
        pairs("vka-acetaminophen"),
        "figures",
        "from 4 g a day for 4 days",
        "the highest doses",
        "open: the figure is missing",
    ),
    Disagreement(
        pairs("potassium-sparing-pair"),
        "drugs",
        "any two of them",
        "one of two groups with the other",
        "open: spironolactone with eplerenone is missed",
    ),
    Disagreement(
        pairs("anticoagulant-anticoagulant"),
        "drugs",
        "any two oral anticoagulants",
        "a vitamin K antagonist with a newer one",
        "open: two newer ones together are missed",
    ),
    Disagreement(
        inhibitors("CYP2D6", "desvenlafaxine"),
        "strength",
        "weak as the FDA once listed it, insignificant to the authors; not graded in the table of 2026",
        "weak",
        "open: the source itself argues against it",
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
        "open: weak by that list, not by a measured exposure",
    ),
    Disagreement(
        (*inhibitors("CYP2B6", "tenofovir disoproxil"), "modulator CYP3A4 inducer lumacaftor"),
        "drug",
        "tenofovir; lumacaftor and ivacaftor",
        "one form; one of the two",
        "open: the table names another substance or a fixed pair",
    ),
    Disagreement(
        ("equation schwartz-2009-bedside",),
        "condition",
        "children of 1 to 16 years were studied",
        "to 18 years",
        "open: the cited place does not give 18",
    ),
)

# drugs on a row of which the cited editions say nothing, or that stand in another class there
EXTRA = {
    "edoxaban": pairs(
        *(f"anticoagulant-{other}" for other in ("nsaid", "aspirin", "antiplatelet", "anticoagulant", "ssri", "snri"))
    ),
    "phenindione": pairs(
        *(f"vka-{other}" for other in ("amiodarone", "azole", "miconazole", "sulfamethoxazole", "fluoropyrimidine")),
        *(f"vka-{other}" for other in ("macrolide", "fluoroquinolone", "allopurinol", "fibrate", "tramadol", "tamoxifen")),
        *(f"vka-{other}" for other in ("disulfiram", "dronedarone", "propafenone", "acetaminophen", "enzyme-inducer")),
        "vka-st-johns-wort",
    ),
    "lovastatin": pairs("statin-gemfibrozil", "statin-fibrate", "statin-fusidic-acid"),
}
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
# graded by the FDA's table and without a row
NO_MODULATOR = {
    ("CYP1A2", "inhibitor", "oral contraceptives"),
    *(
        ("CYP3A4", "inhibitor", f"{name} and ritonavir")
        for name in ("elvitegravir", "indinavir", "lopinavir", "saquinavir", "tipranavir")
    ),
    ("CYP3A4", "inhibitor", "paritaprevir and ritonavir with ombitasvir or dasabuvir"),
}
# days until the enzyme was back, as the abstract gives them
WASHOUT = {"fluoxetine": 63.2, "paroxetine": 20.3, "sertraline": 25.0}
