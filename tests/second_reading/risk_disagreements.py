"""What the second reader of equations of risk and of rules on families found apart from the files, and what came of it.

``kept``: the file was right or says what the reader has; ``changed``: the file was wrong; ``narrower``: the file asks for less than
one reading permits, and stays. Where the reader and the file still differ, the test finds exactly the lines of ``STANDING``.
"""

from __future__ import annotations

SUM = (
    "kept: the sum of two lines of the authors' program has another last digit than the number that the paper prints, and the file "
    "has the printed one"
)
UNSEEN = "open: no second source was found, so that the equation stays provisional"
BMI = "narrower: two restatements have 18.5 to below 40, and the authors' package asks for it for heart failure only"
EGFR = "narrower: two restatements have 15 to 150, two 15 to 140; the authors' package asks for more than 0"
PREVENT = ("base", "uacr", "hba1c", "sdi", "full")

# (equation, kind, name, group): the reader's value, the file's value, what came of it
STANDING: dict[tuple[str, str, str, str], tuple[str, str, str]] = {
    ("score2-diabetes", "coefficient", "systolic", "male"): ("0.1323", "0.1322", SUM),
    ("score2-diabetes", "coefficient", "systolic", "female"): ("0.1422", "0.1421", SUM),
    ("score2-diabetes", "coefficient", "cholesterol", "female"): ("0.1128", "0.1127", SUM),
    ("score2-diabetes", "coefficient", "age_smoker", "female"): ("-0.1121", "-0.1122", SUM),
    ("score2-diabetes", "coefficient", "age_systolic", "female"): ("-0.0166", "-0.0167", SUM),
    ("score2-diabetes", "coefficient", "age_hdl", "female"): ("0.0187", "0.0186", SUM),
    **{(f"prevent-{one}", "domain", "bmi", "kg/m2"): ("18.5 40", "18.5 39.9", BMI) for one in PREVENT},
    **{(f"prevent-{one}", "domain", "egfr", ""): ("15 150", "15 140", EGFR) for one in PREVENT},
    ("meld-3", "domain", "age", ""): (
        "12 ",
        "18 130",
        "narrower: from 12 to 17 years the policy adds 1.33 for both sexes; the file is for adults",
    ),
    ("fib-4", "studied", "age", ""): (
        "35 65",
        "36 120",
        "kept: the paper found it poor up to 35 and gives a cut-off of its own from 65, so that 36 and more is studied",
    ),
    ("kfre-4", "domain", "age", ""): ("", "18 130", UNSEEN),
    ("kfre-8", "domain", "age", ""): ("", "18 130", UNSEEN),
}

# Examples that were read wrongly: what the same place gives instead
EXAMPLES = {
    # 16.7 is an old remark behind the example; the documentation of the package, where the example was run, prints 13.53
    ("framingham-2008", "male 55 hdl50 tc213 sbp140 untreated"): "0.1353",
}

# What differed and was changed, with the test that holds it
CHANGED = {
    "prevent-base, -uacr, -hba1c, -sdi, -full, HDL cholesterol": (
        "the range began at 0.52 mmol/L, so that 20 mg/dL (0.517 mmol/L), which every restatement permits, was refused"
    ),
    "score2, score2-op, categories": (
        "they were called low, moderate and high; the guideline of 2021 calls them low to moderate, high and very high"
    ),
    "score2-diabetes, categories": (
        "the guideline of 2023 counts severe damage of target organs, of which eGFR below 45 is one, as very high whatever the "
        "equation gives; the category followed the equation alone"
    ),
    "has-bled, kidney": (
        "creatinine above 200 umol/L; two restatements of the definition of the paper have 200 umol/L or more"
    ),
    "dutch-lipid-clinic-network, LDL cholesterol": (
        "one point from 155 mg/dL, so that 4.0 mmol/L (154.7 mg/dL), with which the same row begins, got none"
    ),
    "simon-broome-definite, simon-broome-possible, cholesterol": (
        "above 290 mg/dL, so that 7.5 mmol/L (290.03 mg/dL), which is not above the limit, was"
    ),
    "bethesda-revised, several tumours": (
        "the words asked for colorectal cancer and another tumour; the guideline and what is judged are two tumours of the syndrome"
    ),
}

# What was read and stays provisional, and why
NOT_WHOLE = {
    "kfre-4": "adults only, and without dialysis, transplant or acute kidney injury: one source says so; every number agrees",
    "kfre-8": "as kfre-4",
}

RULES_NOT_WHOLE = {
    "bethesda-revised": "the list of tumours was read again only after the file was opened; its third guideline is not judged",
}

# Read, but only after the files had been opened; they agree
NOT_BLIND = {
    "score2, score2-op, score2-diabetes": (
        "the countries of the regions: three specifications that restate table 1 of the paper, one of the guideline's moderate region "
        "and the low region as an author of RiskScorescvd lists it agree; one calculator has Armenia and Azerbaijan as high"
    ),
    "findrisc": "how likely diabetes is in each category: clincalc 0.4.0 has the same five",
    "bethesda-revised": "the list of tumours: two restatements, both as the file",
    "dutch-lipid-clinic-network, simon-broome": "who is referred (CG71 1.1.6), on a page of NICE, as the file",
}
