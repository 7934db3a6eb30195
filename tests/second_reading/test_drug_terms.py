"""Drug terms: codes against two public tables each, ATC codes and classes against lists that did not make them."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pgx_source as source
import pytest

from nof1.knowledge.care import DrugTerm
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.terms import terms
from nof1.model.record import Code
from nof1.model.terms import Terms
from nof1.record.drug_names import Match, recognised

pytestmark = source.needs_data
TABLES = source.DATA / "terms/drug_terms"
# read by eye in the ATC index of 2026-04-25, for drugs whose codes the table takes from an older list or from another table
ATC_2026 = """
    omeprazole A02BC01; famotidine A02BA03; metoclopramide A03FA01; ondansetron A04AA01; metformin A10BA02; gliclazide A10BB09
    acarbose A10BF01; pioglitazone A10BG03; sitagliptin A10BH01; repaglinide A10BX02; warfarin B01AA03; acenocoumarol B01AA07
    enoxaparin B01AB05; clopidogrel B01AC04; dipyridamole B01AC07; prasugrel B01AC22; alteplase B01AD02; fondaparinux B01AX05
    tranexamic_acid B02AA02; digoxin C01AA05; quinidine C01BA01; flecainide C01BC04; amiodarone C01BD01; midodrine C01CA17
    isosorbide_dinitrate C01DA08; ranolazine C01EB18; clonidine C02AC01; doxazosin C02CA04; hydralazine C02DB02; bosentan C02KX01
    hydrochlorothiazide C03AA03; indapamide C03BA11; furosemide C03CA01; spironolactone C03DA01; amiloride C03DB01
    propranolol C07AA05; metoprolol C07AB02; carvedilol C07AG02; amlodipine C08CA01; verapamil C08DA01; diltiazem C08DB01
    enalapril C09AA02; losartan C09CA01; aliskiren C09XA02; simvastatin C10AA01; fenofibrate C10AB05; ezetimibe C10AX09
    oxybutynin G04BD04; sildenafil G04BE03; tamsulosin G04CA02; finasteride G04CB01; estradiol G03CA03; raloxifene G03XC01
    prednisone H02AB07; carbimazole H03BB01; cinacalcet H05BX01; doxycycline J01AA02; amoxicillin J01CA04; oxacillin J01CF04
    cefazolin J01DB04; cefuroxime J01DC02; ceftriaxone J01DD04; meropenem J01DH02; trimethoprim J01EA01; sulfadiazine J01EC02
    clarithromycin J01FA09; clindamycin J01FF01; amikacin J01GB06; ciprofloxacin J01MA02; vancomycin J01XA01; linezolid J01XX08
    fluconazole J02AC01; voriconazole J02AC03; rifabutin J04AB04; isoniazid J04AC01; ritonavir J05AE03; efavirenz J05AG03
    cyclophosphamide L01AA01; mercaptopurine L01BB02; fluorouracil L01BC02; capecitabine L01BC06; irinotecan L01CE02
    imatinib L01EA01; cisplatin L01XA01; tamoxifen L02BA01; letrozole L02BG04; cyclosporine L04AD01; tacrolimus L04AD02
    azathioprine L04AX01; diclofenac M01AB05; piroxicam M01AC01; ibuprofen M01AE01; celecoxib M01AH01; baclofen M03BX01
    succinylcholine M03AB01; allopurinol M04AA01; colchicine M04AC01; sevoflurane N01AB08; propofol N01AX10; lidocaine N01BB02
    morphine N02AA01; fentanyl N02AB03; tramadol N02AX02; acetaminophen N02BE01; sumatriptan N02CC01; phenytoin N03AB02
    carbamazepine N03AF01; valproic_acid N03AG01; lamotrigine N03AX09; gabapentin N02BF01; levodopa N04BA01; rasagiline N04BD02
    haloperidol N05AD01; clozapine N05AH02; risperidone N05AX08; lithium N05AN01; diazepam N05BA01; zolpidem N05CF02
    nortriptyline N06AA10; fluoxetine N06AB03; phenelzine N06AF03; moclobemide N06AG02; venlafaxine N06AX16; donepezil N06DA02
    methylphenidate N06BA04; hydroxychloroquine P01BA02; mefloquine P01BC02; ivermectin P02CF01; albuterol R03AC02
    theophylline R03DA04; montelukast R03DC03; codeine R05DA04; cetirizine R06AE07; levocetirizine R06AE09; iohexol V08AB02
"""
# drugs of CPIC's tables with none of their ATC codes: moved since; in chapters (D01-D08, V03) that were not read again; one
# that CPIC gives only as a combination; a salt that is no drug of its own here
ATC_MOVED = {"cetuximab", "gefitinib", "irinotecan", "lapatinib", "nilotinib", "rituximab", "sirolimus", "sunitinib"}
ATC_ELSEWHERE = {"dimercaprol", "ethanol", "naloxone", "naproxen", "terbinafine", "fluticasone propionate"}
# groups of the ANSM and the class that holds the same kind of drug; what the group holds beside it
GROUPS = {
    "SELECTIVE SEROTONIN REUPTAKE INHIBITORS (SSRIs)": ("ssri", {"dapoxetine", "vortioxetine"}),
    "TRICYCLIC ANTIDEPRESSANTS": ("tricyclic_antidepressants", set()),
    "HMG-COA REDUCTASE INHIBITORS (STATINS)": ("statin", set()),
    "PROTON PUMP INHIBITORS": ("ppi", set()),
    "NON STEROIDAL ANTI-INFLAMMATORY DRUGS": ("nsaid", set()),
    "ORAL ANTICOAGULANTS": ("anticoagulant", set()),
    "VITAMIN K ANTAGONISTS": ("vitamin_k_antagonist", set()),
    "PLATELET AGGREGATION INHIBITORS": ("platelet_inhibitor", {"epoprostenol", "iloprost", "treprostinil"}),
    "ANGIOTENSIN CONVERTING ENZYME INHIBITORS (ACE INHIBITORS)": ("ace_inhibitor", set()),
    "ANGIOTENSIN II RECEPTOR ANTAGONISTS or ANGIOTENSIN RECEPTOR BLOCKERS (ARBs)": ("angiotensin_receptor_blocker", set()),
    "BETA BLOCKING AGENTS (EXCEPT ESMOLOL)": ("beta_blocker", {"levobunolol"}),
    "THIAZIDE DIURETICS AND RELATED": ("thiazide", {"althiazide", "cicletanine"}),
    "LOOP DIURETICS": ("loop_diuretic", set()),
    "POTASSIUM SPARING DIURETICS (ALONE OR IN COMBINATION)": ("potassium_sparing_diuretic", set()),
    "TYPE 5 PHOSPHODIESTERASE INHIBITORS": ("pde5_inhibitor", set()),
    "TRIPTANS": ("triptan", set()),
    "XANTHINE OXYDASE INHIBITORS": ("xanthine_oxidase_inhibitor", set()),
    "FIBRATES": ("fibrate", set()),
    "BISPHOSPHONATES": ("bisphosphonate", {"oxidronic acid"}),
    "FLUOROQUINOLONES": ("fluoroquinolone", set()),
    "AMINOGLYCOSIDES": ("aminoglycoside", set()),
    "PENICILLINS": ("penicillin", set()),
    "GLIPTINS": ("dpp4_inhibitor", set()),
    "STEP III OPIOID ANALGESICS": ("opioid", set()),
    "TETRACYCLINE ANTIBIOTICS": ("tetracycline_group", set()),
    "IODINATED X-RAY CONTRAST MEDIA": ("iodinated_contrast", set()),
    "HALOGENATED HYDROCARBON ANESTHETICS": ("volatile_anaesthetic", set()),
    "ANTI-TNF ALPHA": ("tnf_inhibitor", set()),
    "CALCIUM CHANNEL BLOCKERS": ("calcium_channel_blocker", set()),
    "DIHYDROPYRIDINES": ("dihydropyridine", set()),
    "H2 RECEPTOR ANTAGONISTS": ("h2_blocker", set()),
    "BARBITURATES": ("barbiturate", set()),
    "NEUROLEPTICS": (
        "antipsychotic",
        {"metoclopramide", "alizapride", "metopimazine", "promethazine", "trimeprazine", "carpipramine"},
    ),
    "SUBSTANCES THAT TEND TO INDUCE TORSADES DE POINTES": ("qt_prolonging", set()),
    "MEDICATIONS AT THE ORIGIN OF A SEROTONIN SYNDROME": ("serotonergic", set()),
    "SEDATIVE MEDICATIONS": ("cns_depressant", {"naloxone"}),
}
ALLERGY_WORDS = {  # what the name of a code has to say
    "benzodiazepine": "benzodiazepine",
    "barbiturate": "barbiturate",
    "heparin_group": "heparin",
    "ace_inhibitor": "angiotensin-converting enzyme inhibitor",
    "angiotensin_receptor_blocker": "angiotensin ii receptor antagonist",
    "beta_blocker": "beta adrenergic receptor antagonist",
    "calcium_channel_blocker": "calcium channel blocker",
    "nsaid": "non-steroidal anti-inflammatory",
    "penicillin": "penicillin",
    "cephalosporin": "cephalosporin structure",
    "carbapenem": "carbapenem",
    "sulfonamide_antibiotic": "sulfonamide structure and antibacterial",
    "macrolide": "macrolide structure",
    "fluoroquinolone": "quinolone structure",
    "tetracycline_group": "tetracycline structure",
    "aminoglycoside": "aminoglycoside structure",
    "iodinated_contrast": "contrast media",
}
LISTS = {  # names in the lists of others that are no drug of one substance
    "hormonal contraceptives for systemic use",
    "oral contraceptives",
    "tobacco (smoking)",
    "nsaid",
}


@cache
def drugs() -> dict[str, DrugTerm]:
    return dict(knowledge().care.drugs)


def names(term: DrugTerm) -> list[str]:
    return [term.name, *filter(None, term.also_named.split("|"))]


@cache
def owners() -> dict[str, str]:
    return {name: term.name for term in drugs().values() for name in reversed(names(term))} | {
        name: name for name in drugs()
    }


@cache
def members(group: str) -> frozenset[str]:
    """The members of a class, worked out here anew."""
    found = knowledge().care.classes[group]
    by_code = {
        term.name
        for term in drugs().values()
        if not term.ingredients and any(code[: len(start)] == start for code in term.atc.split("|") for start in found.atc)
    }
    return frozenset((by_code | set(found.members)) - set(found.without))


def rows(path: Path, delimiter: str = "\t") -> Iterator[dict[str, str]]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


@cache
def stated() -> dict[str, dict[str, set[str]]]:
    """Table -> RxCUI -> names; CPIC's two tables are one."""
    found: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in ("va", "fda", "cpic", "worldvista", "ansm")}
    for row in rows(TABLES / "ndfrt_rxnorm_names_2014.tsv.gz"):
        found["va"][row["rxcui"]].add(row["drugname"].removesuffix(" [Chemical/Ingredient]").lower())
    for row in rows(TABLES / "fda_unii_rxcui_drugbank_chebi_2014.tsv.gz"):
        found["fda"][row["RxNorm_CUI"]].add(row["FDA_PreferredTerm"].lower())
    for row in rows(TABLES / "cpic_drugs_2020.tsv"):
        found["cpic"][row["rxnormid"]].add(row["name"].lower())
    for row in rows(source.DATA / "pgx/pypgx_tables/cpic-table.csv", ","):
        for code in row["RxNorm"].split(","):
            found["cpic"][code.strip()].add(row["Drug"].lower())
    for row in rows(source.DATA / "terms/ddi/worldvista_ansm_groups_2016.tsv"):
        found["worldvista"][row["RxNorm"].strip()].add(row["Drug Name"].strip().lower())
    for row in rows(TABLES / "ansm_substances_rxnorm.tsv"):
        found["ansm"][row["RxNorm"]].add(row["substance"].lower())
    return found


def test_how_many():
    single = [term for term in drugs().values() if not term.ingredients]
    assert len(single) >= 2000
    assert sum(bool(term.rxnorm) for term in single) >= 1800
    assert sum(bool(term.atc) for term in single) >= 1800


def test_codes_agree_in_two_tables():
    """Two independent tables give the RxCUI to one and the same name of the drug."""
    wrong = []
    for term in drugs().values():
        if term.rxnorm:
            by_name: dict[str, set[str]] = defaultdict(set)
            for table, codes in stated().items():
                for name in codes.get(term.rxnorm, ()):
                    by_name[name].add(table)
            known = set(names(term)) | {name for name in by_name if name.startswith(f"{term.name} ")}
            if not any(len(tables) > 1 for name, tables in by_name.items() if name in known):
                wrong.append((term.name, term.rxnorm, dict(by_name)))
    assert wrong == []


def test_a_code_is_that_of_one_substance():
    held: dict[str, list[str]] = defaultdict(list)
    for term in drugs().values():
        if term.rxnorm:
            held[term.rxnorm].append(term.name)
    assert {code: found for code, found in held.items() if len(found) > 1} == {}


def test_names_are_unique():
    held: dict[str, set[str]] = defaultdict(set)
    for term in drugs().values():
        for name in names(term):
            assert name == name.lower().strip() and name, (term.name, name)
            held[name].add(term.name)
    assert {name: found for name, found in held.items() if len(found) > 1} == {}


def test_codes_of_combinations_stand_on_combinations():
    """ATC keeps J05AR, C10BA and C10BX, and numbers from 50 to 59 and 70 to 79 of M04AA, N02AA, N03AB and L01BC, for them."""
    codes = re.compile(r"J05AR\d\d|C10B[AX]\d\d|(?:M04AA|N02AA|N03AB|L01BC)[57]\d|A10BH5\d")
    single = [term for term in drugs().values() if not term.ingredients]
    assert {term.name: term.atc for term in single if codes.search(term.atc)} == {}
    of = {code: term.ingredients for term in drugs().values() if term.ingredients for code in term.atc.split("|") if code}
    assert of["J05AR02"] == "abacavir|lamivudine" and of["C10BX04"] == "aspirin|ramipril|simvastatin"


def test_drug_files_and_terms_agree():
    for name, file in knowledge().drugs.items():
        term = drugs()[name]
        assert term.rxnorm == (file.rxnorm.value if file.rxnorm else ""), name
        assert {code.value for code in file.atc} <= set(term.atc.split("|")), name


def test_atc_read_again():
    wrong = []
    for text in re.split(r"[;\n]", ATC_2026):
        if text.strip():
            name, code = text.split()
            if code not in drugs()[name.replace("_", " ")].atc.split("|"):
                wrong.append((name, code, drugs()[name.replace("_", " ")].atc))
    assert wrong == []


def test_atc_codes_are_of_substances():
    for term in drugs().values():
        assert all(re.fullmatch(r"[A-Z]\d\d[A-Z]{2}\d\d", code) for code in filter(None, term.atc.split("|"))), term.name


def test_atc_as_in_cpic():
    """A drug that CPIC's tables give an ATC code to has one of theirs here."""
    theirs: dict[str, set[str]] = defaultdict(set)
    for row in rows(TABLES / "cpic_drugs_2020.tsv"):
        theirs[row["name"].lower()].update(re.findall(r"[A-Z]\d\d[A-Z]{2}\d\d", row["atcid"]))
    for row in rows(source.DATA / "pgx/pypgx_tables/cpic-table.csv", ","):
        theirs[row["Drug"].lower()].update(re.findall(r"[A-Z]\d\d[A-Z]{2}\d\d", row["ATC"]))
    wrong = {}
    for name, codes in theirs.items():
        ours = set(drugs()[owners()[name]].atc.split("|")) if name in owners() else set()
        if codes and not codes & ours:
            wrong[name] = (sorted(codes), sorted(ours))
    assert wrong.keys() == ATC_MOVED | ATC_ELSEWHERE
    assert all(wrong[name][1] for name in ATC_MOVED)


@pytest.mark.parametrize("group", GROUPS)
def test_classes_against_groups_of_the_ansm(group):
    name, beside = GROUPS[group]
    theirs = {
        row["Drug Name"].strip().lower()
        for row in rows(source.DATA / "terms/ddi/worldvista_ansm_groups_2016.tsv")
        if row["Class Name"] == group
    }
    known = {owners()[drug] for drug in theirs if drug in owners()}
    assert len(known) >= 0.5 * len(theirs), sorted(theirs - owners().keys())
    assert known - beside - members(name) == set()


def test_classes_have_members():
    assert {name: sorted(members(name)) for name in knowledge().care.classes if len(members(name)) < 2} == {}


def test_what_is_said_of_classes_is_needed():
    """No member that the ATC group holds anyway, none left out that it does not hold."""
    wrong = []
    for group in knowledge().care.classes.values():
        by_code = {
            term.name
            for term in drugs().values()
            if not term.ingredients and any(code.startswith(start) for code in term.atc.split("|") for start in group.atc)
        }
        wrong += [(group.id, name) for name in group.members if name in by_code]
        wrong += [(group.id, name) for name in group.without if name not in by_code]
    assert wrong == []


def test_codes_of_allergies_to_classes():
    listed = {row["conceptId"]: row["term"].lower() for row in rows(source.DATA / "terms/snomed/snomed_gps_2019-09.tsv.gz")}
    for group in knowledge().care.classes.values():
        for text in group.codes:
            system, code = text.split("|")
            assert system == "http://snomed.info/sct"
            assert ALLERGY_WORDS[group.id] in listed[code], (group.id, code, listed[code])


@cache
def read(text: str) -> Match:
    return recognised((Code("", "", text),), (text,), shipped())


@cache
def shipped() -> Terms:
    return terms(knowledge().care)


def prescribed() -> set[str]:
    found = set()
    for path in sorted((source.DATA / "fhir/synthea").glob("*.json.gz")):
        for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]:
            resource = entry["resource"]
            concept = resource.get("medicationCodeableConcept") or resource.get("vaccineCode")
            if concept is None and resource["resourceType"] == "Medication":
                concept = resource["code"]
            if concept:
                coding = (concept.get("coding") or [{}])[0]
                found.add(coding.get("display") or concept["text"])
    return found


def test_every_medication_of_the_sample_patients_is_recognised():
    texts = prescribed()
    assert len(texts) >= 90
    unknown = {text: read(text).why for text in texts if not read(text).drugs or read(text).unmatched}
    assert unknown.keys() == {"Simvistatin 10 MG"}, "a slip of the pen is asked about, never guessed"
    assert "did you mean simvastatin?" in unknown["Simvistatin 10 MG"]


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Plavix 75 mg", ["clopidogrel"]),
        ("Coumadin 5 MG Oral Tablet", ["warfarin"]),
        ("Percocet 5/325", ["acetaminophen", "oxycodone"]),
        ("Bactrim DS", ["sulfamethoxazole", "trimethoprim"]),
        ("Sinemet", ["carbidopa", "levodopa"]),
        ("Trikafta", ["elexacaftor", "ivacaftor", "tezacaftor"]),
        ("paracetamol", ["acetaminophen"]),
        ("Glibenclamide 5 mg", ["glyburide"]),
        ("rifampicin", ["rifampin"]),
        ("Divalproex sodium 500 MG", ["valproic acid"]),
        ("St John's wort", ["st. john's wort"]),
        ("Norinyl 1+50 28 Day Pack", ["mestranol", "norethindrone"]),
    ],
)
def test_brands_and_other_names(text, drugs):
    assert sorted(read(text).drugs) == drugs


def wanted() -> Iterator[str]:
    """Names in the lists whose every drug has to be known."""
    for row in rows(source.DATA / "pgx/recommendations_cpic_dpwg_2024-03.tsv"):
        yield row["drug"]
    for row in rows(source.DATA / "terms/pgx_fda/cyp_modulators_with_source.tsv"):
        yield row["drug"]
    for row in rows(source.DATA / "terms/ddi/onc_high_priority_expanded_no_qt.tsv"):
        yield from (row["object_drug"], row["precipitant_drug"])
    associations = json.loads((source.DATA / "terms/pgx_fda/fda_pgx_associations_2021-03-22.json").read_text())
    yield from re.findall(r'"drug": "([^"]+)"', json.dumps(associations), re.IGNORECASE)


MISSPELT = {  # as printed in the list of high-priority interactions
    "esmoprazole": "esomeprazole",
    "lisdexamefetamine": "lisdexamfetamine",
    "moclobamide": "moclobemide",
    "voreconazole": "voriconazole",
    "st john’s wort": "st. john's wort",
}


def test_every_drug_of_the_lists_is_known():
    unknown = set()
    lower = {text.strip().lower() for text in wanted()} - LISTS
    for name in {MISSPELT.get(name, name) for name in lower}:
        if name not in owners() and not read(name).drugs:
            unknown.add(name)
    assert unknown == set()
