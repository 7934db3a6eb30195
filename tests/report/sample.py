"""A made-up assessment with every oddity a report has to survive; no person, and not the advice of any guideline."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import (
    Action,
    Assessment,
    CallStatus,
    Chance,
    Diplotype,
    Dose,
    DrugAdvice,
    GeneCall,
    Indeterminate,
    Phenotype,
    PositionSeen,
    Recommendation,
    Settles,
)
from nof1.model.genome import SiteNote, SourceFile

INJECTION = '<script>alert("x")</script>'
PERSON = f"Zoë-東京 {INJECTION}\u202eevil\x1b[31m"
AGE = "not stated: dose figures are for adults, warnings for everyone"
DISCLAIMER = (
    "Decision support for health professionals. Not a medical device: not cleared by any authority and not CE-marked."
)
A = Action
NEEDED = ("rs1", "rs2", "rs3", "rs4", "rs5", "rs6", "and 144 more positions")

STATES = {"r": "reference", "c": "called", "n": "no_call", "-": "not_covered", "v": "called"}

# gene: chromosome, drawn positions, candidates as label -> (term, score), status, source
GENES: dict[str, tuple[str, str, dict[str, tuple[str, str]], CallStatus, str]] = {
    "ABCG2": (
        "chr4",
        "v",
        {"rs2231142 reference (G)/rs2231142 variant (T)": ("Decreased Function", "")},
        CallStatus.CALLED,
        "genome",
    ),
    "CACNA1S": ("chr1", "rr", {"Reference/Reference": ("Uncertain Susceptibility", "")}, CallStatus.CALLED, "genome"),
    "CFTR": (
        "chr7",
        "r" * 90 + "nn-",
        {"Reference/Reference": ("ivacaftor non-responsive in CF patients", "")},
        CallStatus.CALLED,
        "genome",
    ),
    "CYP2B6": ("chr19", "-" * 48, {}, CallStatus.NO_CALL, "genome"),
    "CYP2C19": (
        "chr10",
        "v" + "c" * 20 + "---" + "n" + "r" * 9 + "v",
        {"*1/*4": ("Intermediate Metabolizer", ""), "*1/*17": ("Rapid Metabolizer", "")},
        CallStatus.CALLED,
        "genome",
    ),
    "CYP2C9": (
        "chr10",
        "c" * 40 + "v" + "c" * 43,
        {"*1/*2": ("Intermediate Metabolizer", "1.5")},
        CallStatus.CALLED,
        "genome",
    ),
    "CYP2D6": ("chr22", "-" * 156, {"*4/*10": ("Intermediate Metabolizer", "0.25")}, CallStatus.CALLED, "outside"),
    "CYP3A4": ("chr7", "c" * 42, {"*1/*1": ("Normal Metabolizer", "")}, CallStatus.CALLED, "genome"),
    "CYP3A5": ("chr7", "ccvcc", {"*3/*3": ("Poor Metabolizer", "")}, CallStatus.CALLED, "genome"),
    "CYP4F2": ("chr19", "c" * 19 + "n", {"*1/*1": ("n/a", "")}, CallStatus.CALLED, "genome"),
    "DPYD": ("chr1", "c" * 30 + "v" + "r" * 20 + "vv" + "c" * 30, {}, CallStatus.CALLED, "genome"),
    "G6PD": (
        "chrX",
        "r" * 170,
        {"Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham": ("Deficient", "")},
        CallStatus.CALLED,
        "genome",
    ),
    "HLA-A": ("chr6", "", {}, CallStatus.NO_CALL, "genome"),
    "HLA-B": (
        "chr6",
        "",
        {"*07:02/*57:01": ("*15:02 negative; *57:01 positive; *58:01 negative", "")},
        CallStatus.CALLED,
        "outside",
    ),
    "IFNL3": ("chr19", "v", {"rs12979860 reference (C)/rs12979860 variant (T)": ("n/a", "")}, CallStatus.CALLED, "genome"),
    "MT-RNR1": ("chrM", "", {}, CallStatus.NO_CALL, "genome"),
    "NAT2": ("chr8", "c" * 45 + "vv", {"*5/*6": ("Poor Metabolizer", "")}, CallStatus.CALLED, "genome"),
    "NUDT15": ("chr13", "c" * 18, {"*1/*1": ("Normal Metabolizer", "")}, CallStatus.CALLED, "genome"),
    "RYR1": (
        "chr19",
        "r" * 100 + "c" * 60 + "v" + "n" * 12 + "-" * 90 + "r" * 50,
        {"Reference/c.7522C>T": ("Malignant Hyperthermia Susceptibility", "")},
        CallStatus.CALLED,
        "genome",
    ),
    "SLCO1B1": (
        "chr12",
        "v" + "-" * 33 + "v",
        {
            f"*{one}/*{two}": ("Poor Function" if one > 14 else "Decreased Function", "")
            for one in (1, 5, 14, 15, 45, 46)
            for two in (15, 45, 47)
        },
        CallStatus.CALLED,
        "genome",
    ),
    "TPMT": ("chr6", "-" * 43, {}, CallStatus.NO_CALL, "genome"),
    "UGT1A1": ("chr2", "vcvc", {"*1/*80+*28": ("Intermediate Metabolizer", "")}, CallStatus.CALLED, "genome"),
    "VKORC1": (
        "chr16",
        "v",
        {"rs9923231 reference (C)/rs9923231 variant (T)": ("-1639 AG", "")},
        CallStatus.CALLED,
        "genome",
    ),
}

_NAMES = """
abacavir acenocoumarol allopurinol amikacin amitriptyline aripiprazole atazanavir atomoxetine atorvastatin azathioprine
brexpiprazole brivaracetam capecitabine carbamazepine celecoxib citalopram clobazam clomipramine clopidogrel codeine
dapsone deflazacort desflurane desipramine deutetrabenazine dexlansoprazole doxepin efavirenz elagolix eliglustat
enflurane escitalopram fluorouracil flurbiprofen fluvastatin fluvoxamine fosphenytoin gentamicin halothane hydrocodone
ibuprofen imipramine irinotecan isoflurane ivacaftor kanamycin lansoprazole lofexidine lornoxicam lovastatin meloxicam
mercaptopurine metoprolol nitrofurantoin nortriptyline omeprazole ondansetron oxcarbazepine pantoprazole paroxetine
peginterferon_alfa-2a phenytoin pimozide piroxicam pitavastatin pravastatin primaquine propafenone rasburicase ribavirin
rosuvastatin sertraline sevoflurane siponimod succinylcholine tacrolimus tamoxifen tenoxicam thioguanine tramadol
trimipramine tropisetron venlafaxine voriconazole vortioxetine warfarin sulfamethoxazole/trimethoprim-in-fixed-combination
"""
DRUGS = _NAMES.split()

PLANS = [
    (A.CONTRAINDICATED, A.AVOID),
    (A.AVOID, A.ALTERNATIVE),
    (A.ALTERNATIVE,),
    (A.TEST_FIRST, A.DOSE, A.MONITOR),
    (A.DOSE, A.MONITOR),
    (A.CAUTION,),
    (A.MONITOR, A.USE),
    (A.USE,),
    (A.USE,),
    (A.NO_RECOMMENDATION,),
    (),
]
ADVICE = {
    A.CONTRAINDICATED: "Do not give this drug: a severe and possibly fatal reaction has been described in carriers.",
    A.AVOID: "Avoid this drug because response may be sub-optimal; consider a drug that this enzyme does not metabolise. If it is needed all the same, guide dose changes by therapeutic drug monitoring and titrate until symptoms improve with few or no side effects.",
    A.ALTERNATIVE: "Choose another drug of the class.",
    A.TEST_FIRST: "Test the missing gene before the first dose; if treatment cannot wait, begin with 30-80% of the usual dose.",
    A.DOSE: "Begin with half the usual starting dose, then titrate by effect and toxicity.",
    A.CAUTION: "Use with caution and watch for the first signs of toxicity.",
    A.MONITOR: "Dose as usual; watch drug concentration.",
    A.USE: "Use the standard dose; no change is needed for these genes.",
    A.NO_RECOMMENDATION: "The guideline makes no recommendation for this result.",
}
SOURCES = [f"cpic-class-{number}-20{10 + number}" for number in range(1, 15)]


def _position(gene: str, chromosome: str, place: int, sign: str) -> PositionSeen:
    genotype = {"v": "A/G", "c": "G/G", "r": "G/G"}.get(sign, "")
    return PositionSeen(
        f"rs{1000 + place}", chromosome, 94_000_000 + 37 * place, STATES[sign], genotype, sign == "v",
        99.0 if sign in "cv" else None, 31 if sign in "cv" else None,
    )  # fmt: skip


def _gene(gene: str) -> GeneCall:
    chromosome, drawn, results, status, source = GENES[gene]
    positions = tuple(_position(gene, chromosome, place, sign) for place, sign in enumerate(drawn))
    diplotypes = tuple(Diplotype(gene, label, label, tuple((part,) for part in label.split("/"))) for label in results)
    phenotypes = tuple(
        Phenotype(gene, term, score, score or term, ("Normal function", "No function"), label, tuple(label.split("/")))
        for label, (term, score) in results.items()
    )
    if gene == "DPYD":
        names = ("c.1129-5923C>G, c.1236G>A (HapB3)", "c.1627A>G (*5)", "c.85T>C (*9A) (homozygous)")
        diplotypes = tuple(Diplotype(gene, name, name, ((name,),)) for name in names)
        meaning = Phenotype(
            gene,
            "Intermediate Metabolizer",
            "1.5",
            "1.5",
            ("Decreased function", "Normal function"),
            "/".join(names[:2]),
            names[:2],
        )
        phenotypes = (meaning,) * 3
    unseen = [seen.id for seen in positions if seen.state in ("not_covered", "no_call")]
    open_ = tuple(f"*{number}" for number in range(2, 2 + min(len(unseen), 60)))
    why = "no position of the gene was seen" if drawn else "not read from genomes: these alleles need dedicated typing"
    steps = (
        Because(f"{next(iter(results), 'this')} means", "Intermediate Metabolizer", SourceRef("clinpgx-functions", gene), FactStatus.MACHINE_READ,
                (Because("allele *1", "Normal function", SourceRef("clinpgx-functions", gene), FactStatus.PROVISIONAL),)),
    )  # fmt: skip
    because = Because(
        f"{gene} is {' or '.join(results)}", f"found by {source}", SourceRef("methods-3", "matcher"), None, steps
    )
    if status is CallStatus.NO_CALL:
        because = Because(f"{gene} is not called", why, SourceRef("methods-3", "matcher"))
    messages = ("not seen although recommended for testing: rs1018, rs1021",) if gene == "CYP2C19" else ()
    undocumented = ("rs1040",) if gene == "CYP2C9" else ()
    return GeneCall(
        gene, status, "named-allele", source, diplotypes, phenotypes, positions, open_, undocumented, messages, because
    )


def _recommendation(
    drug: str, number: int, place: int, actions: tuple[Action, ...], genes: dict[str, str], partial: bool
) -> Recommendation:
    source = SourceRef(SOURCES[number % len(SOURCES)], f"PA{166296758 + number}")
    status = list(FactStatus)[number % 3]
    lead = min(actions, key=lambda code: code.urgency)
    setting = {"age": AGE} | (
        {"prior exposure": "never taken" if place == 0 else "tolerated for more than 3 months"} if number % 5 == 0 else {}
    )
    change = None
    if A.DOSE in actions:
        change = Dose(
            "decrease", (0.3, 0.8), "normal dose", ((22.5, 60.0, "mg/m2/day", "start"), (0.45, 1.2, "mg/kg/day", "start"))
        )
    elif lead is A.CAUTION:
        change = Dose("limit", None, "", ((20.0, 20.0, "mg/day", "maximum"),), "", True)
    because = Because(f"{drug}: {ADVICE[lead]}", "", source, status, (_gene(next(iter(genes))).because,))
    return Recommendation(
        id=f"{drug}/cpic/rule-{place}", drug=drug, body="CPIC", actions=actions,
        strength=("strong", "moderate", "optional", "not_applicable")[number % 4], advice=ADVICE[lead],
        implications=("Exposure is raised and side effects are more frequent.",) if lead.urgency < 6 else (),
        setting=setting, applies_to="patients with neuropathic pain & normal renal function" if number % 7 == 0 else "",
        dose=change, alternatives=("nortriptyline", "desipramine") if A.ALTERNATIVE in actions else (),
        monitor=("drug concentration", "skin reactions (SJS/TEN)") if A.MONITOR in actions else (),
        because_of=genes, is_partial=partial, source=source, rows=("PA1",), status=status, checked="2026-11-23", because=because,
    )  # fmt: skip


def _drug(number: int, name: str) -> DrugAdvice:
    drug = name.replace("_", " ")
    actions = PLANS[number % len(PLANS)]
    unknown: tuple[Indeterminate, ...] = ()
    genes = {"CYP2C9": "Intermediate Metabolizer (activity score 1.5)"}
    if not actions:
        why = f"TPMT is unknown: no position of the gene was seen {INJECTION if number > 80 else ''}".strip()
        return DrugAdvice(drug, str(700 + number), A.NO_RECOMMENDATION, (), (Indeterminate(drug, why, NEEDED),))
    partial = number % 6 == 3
    if partial:
        genes = {"CYP2C19": "Rapid Metabolizer", "CYP2D6": "no result"}
        unknown = (
            Indeterminate(
                drug, "CYP2D6 is unknown: whole-gene deletions, duplications and hybrids decide the result", NEEDED
            ),
        )
    given = [_recommendation(drug, number, 0, actions, genes, partial)]
    if number % 5 == 0:
        given += [_recommendation(drug, number, 1, (A.USE,), genes, False)]
    if number % 9 == 4:
        given += [_recommendation(drug, number, 2, (A.USE,), dict.fromkeys(genes, "Normal Metabolizer"), False)]
    return DrugAdvice(drug, str(700 + number), given[0].headline, tuple(given), unknown)


@cache
def assessment() -> Assessment:
    """23 genes, 87 drugs, a name and notes that try to be markup."""
    genes = tuple(_gene(gene) for gene in GENES)
    sources = {
        source: {
            "title": f"Guideline for a class of drugs & the genes that matter to it ({source})", "body": "CPIC", "year": "2017",
            "url": f"https://pubmed.ncbi.nlm.nih.gov/{28000000 + place}/", "licence": "facts only; CPIC data are CC0",
            "because": "recommendations", "version": "2024-03-11", "pmid": str(28000000 + place),
        }
        for place, source in enumerate([*SOURCES[:-1], "clinpgx-functions", "methods-3"])
    }  # fmt: skip
    sources["methods-3"]["url"] = "javascript:alert(1)"
    notes = (
        SiteNote("rejected", "chr10:94781859", "rs1020", f"genotype rejected: GQ 3 is below 20 {INJECTION}"),
        *(
            SiteNote(
                "undocumented",
                f"chr19:{38_440_000 + place}",
                f"rs{place}",
                "alternative ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT is not documented",
            )
            for place in range(70)
        ),
    )
    return Assessment(
        person=PERSON, created="2026-11-23", software="nof1 0.1.0", knowledge_edition="cef4d8659d80aa17e2", knowledge_date="2026-11-23",
        disclaimer=DISCLAIMER,
        files=(SourceFile(f"/home/labor/Proben/überlange-pfade-{'x' * 60}/genome{INJECTION}.g.vcf.gz", "gVCF", "GRCh38", "contig lengths", 1, 1235, True),),
        settings={"absent position": "unknown", "minimum GQ where given": "20", "minimum DP where given": "8", "FILTER accepted": "PASS, ., RefCall"},
        genes=genes, drugs=tuple(_drug(number, name) for number, name in enumerate(DRUGS)),
        unknown=tuple(Indeterminate(call.gene, call.because.value, NEEDED) for call in genes if call.status is CallStatus.NO_CALL),
        site_notes=notes, sources=sources,
    )  # fmt: skip


S = CallStatus
ASKED = ("AFR", "EAS", "EUR")
RANGES = {  # status of the phenotype: mean, lowest and highest probability of the first, of the second
    S.CERTAIN: ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    S.ASSURED: ((0.9971, 0.9932, 0.9996), (0.0029, 0.0004, 0.0068)),
    S.PROBABLE: ((0.9752, 0.9612, 0.9899), (0.0248, 0.0101, 0.0388)),
    S.UNDETERMINED: ((0.6124, 0.4312, 0.7931), (0.3511, 0.1707, 0.5304)),
}
GRADED = {S.CERTAIN: "CYP3A5", S.ASSURED: "TPMT", S.PROBABLE: "CYP2C9", S.UNDETERMINED: "CYP2C19"}
FIRST, SECOND = "Normal Metabolizer", "Poor Metabolizer"


def _graded(gene: str, status: CallStatus) -> GeneCall:
    """A gene of the method that weighs: two phenotypes, three candidates, and what they leave."""
    plain = _gene(gene)
    (mean, low, high), (other, other_low, other_high) = RANGES[status]
    chances = [Chance(FIRST, "", FIRST, mean, low, high), Chance(SECOND, "", SECOND, other, other_low, other_high)]
    if status is S.UNDETERMINED:
        chances.append(Chance("", "", "", 0.0365, 0.0302, 0.0402))
    labels = ("*1/*1", "*1/(*35 or *61 or 3 more)", "*2/*2")
    means = (FIRST, FIRST, SECOND)
    rows = tuple(
        Diplotype(gene, label, label, (("*1",), ("*1",)), 0.0, share)
        for label, share in zip(labels, (mean - 0.0007, 0.0007, other), strict=True)
    )
    return replace(
        plain,
        status=status,
        method="certain",
        diplotypes=rows,
        phenotypes=tuple(Phenotype(gene, term, "", term, (), label, ()) for label, term in zip(labels, means, strict=True)),
        diplotype_status=S.UNDETERMINED if status in (S.UNDETERMINED, S.PROBABLE) else status,
        populations=ASKED,
        chances=tuple(chances),
        remainder=0.0183,
        settles=tuple(Settles(f"rs{900 + number}", 0.234 / number, (f"*{number + 1}",)) for number in range(1, 10)),
    )


def _resting(drug: str, rules: dict[str, tuple[tuple[Action, ...], str]], genes: dict[str, str]) -> DrugAdvice:
    """A drug whose rules each rest on one result of one gene, with the words that matching gives them."""
    given = [
        _recommendation(drug, 1, place, actions, dict(genes) | {gene: value}, False)
        for place, (gene, (actions, value)) in enumerate(
            (rule.split("#")[0], (actions, value)) for rule, (actions, value) in rules.items()
        )
    ]
    return DrugAdvice(drug, "7", given[0].headline, tuple(given), ())


def graded() -> Assessment:
    """A gene of each status, a drug on each of them, and an assay that has something to say."""
    genes = tuple(_graded(gene, status) for status, gene in GRADED.items())
    genes += (_gene("CYP2D6"), _gene("MT-RNR1"))
    drugs = tuple(
        _resting(f"drug-{status.value}", {gene: ((A.USE,), FIRST)}, {})
        for status, gene in GRADED.items()
        if status is not S.UNDETERMINED
    )
    open_ = GRADED[S.UNDETERMINED]
    first, second = f"{FIRST}, not settled: probability 0.43 to 0.79", f"{SECOND}, not settled: probability 0.17 to 0.53"
    drugs += (
        _resting("drug-undetermined", {f"{open_}#1": ((A.AVOID,), second), f"{open_}#2": ((A.USE,), first)}, {}),
        _resting("drug-both", {open_: ((A.USE,), f"{first} or {second}")}, {GRADED[S.CERTAIN]: FIRST}),
    )
    return replace(
        assessment(),
        genes=genes,
        drugs=drugs,
        unknown=(),
        settings={
            "absent position": "unknown",
            "method": "certain",
            "population": "none declared: AFR, EAS, EUR, each by itself",
            "assured": "at least 0.99",
            "probable": "at least 0.95",
        },
        assay={
            "kind": "array",
            "laboratory": {"laboratory": f"Labor Nord {INJECTION}", "limits": "no copy number"},
            "interrogated": 1234,
            "not_interrogated": 77,
            "declared_reference": {"callable": 0, "assay": 55, "absent": 0},
            "confirm": "Confirm in an accredited laboratory: many raw-data findings are false [some-source].",
            "identity": {
                "declared_sex": "male",
                "observed_sex": "female",
                "verdict": "disagree",
                "evidence": {"source": "array rows", "x_called": 2000, "x_heterozygous": 500},
            },
        },
    )
