"""Codes, units and states of records read a second time: from the tables of codes themselves, without nof1's readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from functools import cache

import pgx_source as source
import pytest

from nof1.errors import UnitError
from nof1.knowledge.care import ConditionTerm, MeasurementTerm, RecordPolicy, TermsFile
from nof1.knowledge.tables import read_yaml
from nof1.units.convert import convert

TERMS = source.DATA / "terms"
SHIPPED = source.ROOT / "src/nof1/knowledge/data"
needs_terms = pytest.mark.skipif(not (TERMS / "loinc").is_dir(), reason=source.ABSENT)

# LOINC codes that the reference tables do not have, with the name read beside each and where it was read on 2026-11-25
CONNECTOR = "eHealth Connector, org.ehealth_connector.cda.ch.lab.lrqc.enums.LabObsList (2015)"
GEN_LABS = "table gen.labs of a published PostgreSQL dump (laboratory codes of a hospital with LOINC names)"
LABITEMS = "public copies of the MIMIC-III D_LABITEMS map to LOINC, and of the LOINC top 2000 list"
FHIR = "US Core 7 and the FHIR Physical Activity guide 1.0"
SEVERAL = "several public FHIR value sets and code maps that agree"
READ_ELSEWHERE = {
    "38370-3": (
        "Voriconazole [Mass/volume] in Serum or Plasma",
        "a hospital's public mapping of its laboratory to LOINC 2.42",
    ),
    "14682-9": ("Creatinine [Moles/volume] in Serum or Plasma", CONNECTOR),
    "33863-2": ("Cystatin C [Mass/volume] in Serum or Plasma", SEVERAL),
    "22664-7": ("Urea [Moles/volume] in Serum or Plasma", CONNECTOR),
    "2000-8": ("Calcium [Moles/volume] in Serum or Plasma", CONNECTOR),
    "14749-6": ("Glucose [Moles/volume] in Serum or Plasma", CONNECTOR),
    "1558-6": ("Fasting glucose [Mass/volume] in Serum or Plasma", GEN_LABS),
    "17856-6": ("Hemoglobin A1c/Hemoglobin.total in Blood by HPLC", CONNECTOR),
    "59261-8": ("Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", CONNECTOR),
    "14631-6": ("Bilirubin.total [Moles/volume] in Serum or Plasma", CONNECTOR),
    "1968-7": ("Bilirubin.direct [Mass/volume] in Serum or Plasma", SEVERAL),
    "14629-0": ("Bilirubin.direct [Moles/volume] in Serum or Plasma", SEVERAL),
    "61151-7": ("Albumin [Mass/volume] in Serum or Plasma by Bromocresol green (BCG) dye binding method", CONNECTOR),
    "61152-5": ("Albumin [Mass/volume] in Serum or Plasma by Bromocresol purple (BCP) dye binding method", CONNECTOR),
    "2324-2": ("Gamma glutamyl transferase [Enzymatic activity/volume] in Serum or Plasma", CONNECTOR),
    "34714-6": ("INR in Blood by Coagulation assay", CONNECTOR),
    "778-1": ("Platelets [#/volume] in Blood by Manual count", CONNECTOR),
    "804-5": ("Leukocytes [#/volume] in Blood by Manual count", CONNECTOR),
    "3084-1": ("Urate [Mass/volume] in Serum or Plasma", CONNECTOR),
    "14933-6": ("Urate [Moles/volume] in Serum or Plasma", CONNECTOR),
    "14647-2": ("Cholesterol [Moles/volume] in Serum or Plasma", CONNECTOR),
    "13457-7": ("Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation", GEN_LABS),
    "2089-1": ("Cholesterol in LDL [Mass/volume] in Serum or Plasma", GEN_LABS),
    "39469-2": ("Cholesterol in LDL [Moles/volume] in Serum or Plasma by calculation", LABITEMS),
    "22748-8": ("Cholesterol in LDL [Moles/volume] in Serum or Plasma", SEVERAL),
    "14646-4": ("Cholesterol in HDL [Moles/volume] in Serum or Plasma", CONNECTOR),
    "14927-8": ("Triglyceride [Moles/volume] in Serum or Plasma", CONNECTOR),
    "30522-7": ("C reactive protein [Mass/volume] in Serum or Plasma by High sensitivity method", CONNECTOR),
    "11580-8": ("Thyrotropin [Units/volume] in Serum or Plasma by Detection limit <= 0.005 mIU/L", GEN_LABS),
    "9318-7": ("Albumin/Creatinine [Mass Ratio] in Urine", SEVERAL),
    "98979-8": (
        "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by"
        " Creatinine-based formula (CKD-EPI 2021)",
        SEVERAL,
    ),
    "10535-3": ("Digoxin [Mass/volume] in Serum or Plasma", CONNECTOR),
    "14698-5": ("Digoxin [Moles/volume] in Serum or Plasma", CONNECTOR),
    "14334-7": ("Lithium [Moles/volume] in Serum or Plasma", CONNECTOR),
    "20578-1": ("Vancomycin [Mass/volume] in Serum or Plasma", GEN_LABS),
    "35668-3": ("Gentamicin [Mass/volume] in Serum or Plasma", LABITEMS),
    "3968-5": ("Phenytoin [Mass/volume] in Serum or Plasma", GEN_LABS),
    "4086-5": ("Valproate [Mass/volume] in Serum or Plasma", GEN_LABS),
    "3432-2": ("Carbamazepine [Mass/volume] in Serum or Plasma", GEN_LABS),
    "4049-3": ("Theophylline [Mass/volume] in Serum or Plasma", GEN_LABS),
    "3520-4": ("cycloSPORINE [Mass/volume] in Blood", LABITEMS),
    "14978-1": ("Cyclosporine [Mass/volume] in Blood by Immunoassay", SEVERAL),
    "14836-1": ("Methotrexate [Moles/volume] in Serum or Plasma", GEN_LABS),
    "2118-8": ("Choriogonadotropin (pregnancy test) [Presence] in Serum or Plasma", GEN_LABS),
    "2106-3": ("Choriogonadotropin (pregnancy test) [Presence] in Urine", GEN_LABS),
    "82810-3": ("Pregnancy status", FHIR),
    "8636-3": ("Q-T interval corrected", SEVERAL),
    "76635-2": ("Q-T interval corrected based on Bazett formula", SEVERAL),
    "74013-4": ("Alcoholic drinks per day", SEVERAL),
    "89555-7": (
        "How many days per week did you engage in moderate to strenuous physical activity in the last 30 days",
        FHIR,
    ),
    "68516-4": (
        "On those days that you engage in moderate to strenuous exercise, how many minutes, on average, do you exercise",
        FHIR,
    ),
    "2098-2": ("Cholinesterase [Enzymatic activity/volume] in Serum or Plasma", SEVERAL),
    "35670-9": ("Tobramycin [Mass/volume] in Serum or Plasma", LABITEMS),
}
# SNOMED CT codes of the US edition, read in US Core's value set of smoking status
US_EDITION = {"428041000124106": "Current some day smoker"}

# What the name of a code must say, per term
MEASURED = {
    "urea": "urea", "hba1c": "A1c", "hba1c_ifcc": "A1c.*IFCC", "bilirubin": r"bilirubin\.total", "alt": "alanine amino",
    "bilirubin_direct": r"bilirubin\.direct", "ast": "aspartate amino", "alp": "alkaline phosphatase",
    "ggt": "gamma glutamyl", "haemoglobin": "hemoglobin", "uric_acid": "urate", "cholesterol": "cholesterol",
    "ldl_cholesterol": "(in LDL|low density)", "hdl_cholesterol": "(in HDL|high density)", "triglycerides": "triglyceride",
    "crp": "C reactive", "creatine_kinase": "creatine kinase", "tsh": "thyrotropin", "cystatin_c": "cystatin C",
    "urine_albumin_creatinine": "albumin.*creatinine", "egfr_reported": "glomerular filtration", "inr": "INR",
    "ciclosporin_level": "cyclosporine", "pregnancy_test": "pregnancy test", "pregnancy_status": "pregnancy status",
    "weight": "body weight", "height": "body height", "bmi_reported": "body mass index", "blood_pressure": "blood pressure",
    "heart_rate": "heart rate", "temperature": "temperature", "oxygen_saturation": "oxygen saturation", "qtc": "Q-T",
    "smoking_status": "smoking status", "alcohol_drinks": "alcoholic drinks", "audit_c": "AUDIT-C", "phq9": "PHQ-9",
    "activity_days": "days per week.*physical activity", "activity_minutes": "exercise.*minutes", "lvef": "ejection fraction",
    "g6pd_activity": "glucose-6-phosphate", "haematocrit": "hematocrit", "butyrylcholinesterase": "cholinesterase",
}  # fmt: skip
NOT_MEANT = {"cholesterol": "LDL|HDL|density", "glucose": "phosphate|gluc.*tolerance|post", "calcium": "ionized"}

# What the names of the codes of a state must say
STATES = {
    "pregnancy": r"pregnan|gestation|eclamps|ectopic|edema|hypertension|amnio|placent|fet|antepartum|labor|membranes|"
    r"abnormality of pelvic|abruptio|hemorrhage in early|malpresentation|disproportion|antenatal|maternal|malnutrition",
    "lactation": "lactat|breast.?feeding",
    "smoker": "smok|nicotine dependence|tobacco",
    "liver_transplant": "liver",
    "kidney_transplant": "kidney|renal",
    "heart_transplant": "transplant.*heart|heart.*(transplant|recipient)",
    "lung_transplant": "transplant.*lung|lung.*transplant",
    "stem_cell_transplant": "stem cell|bone marrow|graft-versus",
    "recent_transfusion": "transfusion",
    "dialysis": "dialysis",
    "end_stage_renal_disease": "end.?stage",
    "chronic_kidney_disease": "chronic kidney|renal|kidney",
    "renal_impairment": "renal",
    "acute_kidney_injury": "acute.*(renal|kidney)",
    "hepatic_failure": "hepatic failure",
    "hepatic_encephalopathy": "encephalopathy",
    "cirrhosis": "cirrhosis",
    "hepatic_impairment": "liver",
    "heart_failure": "heart failure|cardiac failure",
    "heart_failure_reduced_ef": "systolic",
    "long_qt": "QT",
    "av_block": "block|sick sinus|bradycardia",
    "bradycardia": "bradycardia",
    "atrial_fibrillation": "atrial (fibrillation|flutter)",
    "acute_coronary_syndrome": "infarct|coronary syndrome|unstable angina|acute ischemic",
    "percutaneous_coronary_intervention": "coronary",
    "coronary_disease": "coronary|angina|ischemic heart|aortocoronary",
    "haemorrhagic_stroke": "hemorrhag|hematoma",
    "stroke_tia": "stroke|cerebr|ischemic attack",
    "peptic_ulcer": "ulcer",
    "gi_bleeding": "hemorrhage|melena|hematemesis|bleeding",
    "venous_thromboembolism": "thrombo|embol",
    "bleeding_disorder": "hemophilia|willebrand|coagulation|factor|hemorrhagic",
    "mechanical_heart_valve": "valve",
    "myasthenia_gravis": "myasthenia",
    "seizure": "seizure|convuls",
    "epilepsy": "epilep|seizure",
    "asthma": "asthma",
    "copd": "obstructive|emphysema|bronchitis",
    "diabetes": "diabet|glomerulosclerosis",
    "diabetes_type_1": "type (1|I)\\b",
    "diabetes_type_2": "type (2|II)\\b",
    "gout": "gout|urate",
    "porphyria": "porphyri",
    "g6pd_deficiency": "glucose-6-phosphate",
    "hypothyroidism": "hypothyroid",
    "hyperthyroidism": "thyrotoxicosis|hyperthyroid|graves",
    "adrenal_insufficiency": "addison|adren",
    "glaucoma_angle_closure": "angle",
    "urinary_retention": "retention",
    "prostatic_hyperplasia": "prostatic",
    "parkinson_disease": "parkinson",
    "dementia": "dementia|alzheimer|lewy",
    "depression": "depressi|dysthym",
    "bipolar": "bipolar|mania|manic",
    "schizophrenia": "schizo",
    "alcohol_dependence": "alcohol",
    "cancer": "malignan|neoplas|tumor|cancer|leukemia|lymphoma|melanoma|myeloma|carcinoma",
    "hiv": r"human immunodeficiency|\bHIV\b",
    "hypertension": "hypertens|goldblatt",
    "hyperkalaemia": "hyperkal",
    "hypokalaemia": "hypokal",
    "hypomagnesaemia": "hypomagnes",
    "hyponatraemia": "hyponatr",
    "hyperlipidaemia": "lipid|lipoprotein|cholester|triglycer",
    "familial_hypercholesterolaemia": "familial hypercholesterol",
    "rhabdomyolysis": "rhabdomyolysis",
    "cystic_fibrosis": "cystic fibrosis",
    "sickle_cell_disease": "sickle|hb-?c|Hb-S",
    "mitochondrial_disease": "mitochondri",
    "urea_cycle_disorder": "urea",
    "methaemoglobinaemia": "methemoglob",
    "malignant_hyperthermia": "malignant hyperthermia",
    "severe_skin_reaction": "stevens|epidermal necrolysis|eosinophilia",
    "inflammatory_bowel_disease": "crohn|ulcerative colitis",
    "bowel_obstruction": "obstruct|ileus",
    "pulmonary_hypertension": "pulmonary hypertension|portopulmonary",
    "peripheral_artery_disease": "peripheral|native arteries of extremities|atherosclerosis of native",
    "phaeochromocytoma": "pheochromocytoma",
    "migraine": "migraine",
    "osteoporosis": "osteoporo",
    "sleep_apnoea": "sleep apnea",
    "brugada_syndrome": "brugada",
    "lactic_acidosis": "lactic acidosis",
}


def terms(name: str) -> TermsFile:
    """One shipped file of terms, which must load without a problem."""
    problems: list[str] = []
    found = read_yaml(SHIPPED / "terms" / name, TermsFile, problems.append)
    assert found is not None and not problems, problems
    return found


MEASUREMENTS = {term.id: term for term in terms("measurements.yaml").measurements}
CONDITIONS = {term.id: term for term in terms("conditions.yaml").conditions}


def zipped(path: str) -> list[dict[str, str]]:
    """Rows of a gzipped tab-separated table."""
    with gzip.open(TERMS / path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@cache
def synthea() -> dict[str, dict[str, str]]:
    """Codes and displays that really occur in the Synthea bundles, by system."""
    found: dict[str, dict[str, str]] = {"http://loinc.org": {}, "http://snomed.info/sct": {}}

    def walk(node: object) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if node.get("system") in found and "code" in node and node.get("display"):
                found[node["system"]].setdefault(node["code"], node["display"])
            for item in node.values():
                walk(item)

    for path in sorted((source.DATA / "fhir/synthea").glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            walk(json.load(file))
    return found


@cache
def omop(vocabulary: str) -> dict[str, str]:
    """Codes and names of a vocabulary in the OMOP concept table."""
    with zipfile.ZipFile(TERMS / "omop/Synthea27Nj_5.4.zip") as archive, archive.open("CONCEPT.csv") as raw:
        rows = csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8"))
        return {row["concept_code"]: row["concept_name"] for row in rows if row["vocabulary_id"] == vocabulary}


@cache
def analytes() -> list[dict[str, str]]:
    """Analytes with LOINC codes and unit factors."""
    return source.table(TERMS / "loinc/labunits_analytes.tsv")


def loinc_names(code: str) -> list[str]:
    """Every name the reference tables (or the list above) have for a code."""
    names = [omop("LOINC").get(code), synthea()["http://loinc.org"].get(code), READ_ELSEWHERE.get(code, ("",))[0]]
    table = (f"{row['name']} in {row['specimen']}" for row in analytes() if row["loinc"] == code)
    return [name for name in [*names, *table] if name]


@cache
def snomed() -> dict[str, str]:
    """Codes and names of SNOMED CT in the open sets."""
    found = dict(US_EDITION)
    found |= synthea()["http://snomed.info/sct"] | omop("SNOMED")
    for name in ("problems", "procedures"):
        found |= {row["conceptId"]: row["term"] for row in source.table(TERMS / f"snomed/ips_free_set_{name}.tsv")}
    return found | {row["conceptId"]: row["term"] for row in zipped("snomed/snomed_gps_2019-09.tsv.gz")}


@cache
def icd() -> dict[str, str]:
    """Codes of ICD-10-CM without dots, with their names."""
    rows = [*zipped("icd/icd10cm_names_2022.tsv.gz"), *zipped("icd/icd10cm_tabular_2026-04_names.tsv.gz")]
    return {row["code"].replace(".", ""): row["name"] for row in rows}


@needs_terms
@pytest.mark.parametrize("term", MEASUREMENTS.values(), ids=lambda term: term.id)
def test_every_loinc_code_is_what_the_term_measures(term: MeasurementTerm) -> None:
    words = MEASURED.get(term.id, re.escape(term.id.removesuffix("_level")))
    for code in term.loinc:
        names = loinc_names(code)
        assert names, f"{code} of {term.id} is in no table"
        assert any(re.search(words, name, re.IGNORECASE) for name in names), (code, names)
        assert not any(re.search("cerebral|csf|dialysis fluid|body fluid|hair|sweat", name, re.IGNORECASE) for name in names)
        if term.id in NOT_MEANT:
            assert not any(re.search(NOT_MEANT[term.id], name, re.IGNORECASE) for name in names), (code, names)
        if "urine" not in term.id and term.id != "pregnancy_test":
            assert not any("in urine" in name.lower() for name in names), (code, names)


def test_a_loinc_code_and_a_name_belong_to_one_term() -> None:
    codes = [code for term in MEASUREMENTS.values() for code in term.loinc]
    assert len(codes) == len(set(codes))
    owner: dict[str, str] = {}
    for term in MEASUREMENTS.values():
        for name in {" ".join(re.findall("[a-z0-9]+", text.lower())) for text in (term.title, *term.also_named)}:
            assert owner.setdefault(name, term.id) == term.id, name


@needs_terms
def test_unit_factors_agree_with_the_table() -> None:
    compared = set()
    for row in analytes():
        term = next((term for term in MEASUREMENTS.values() if row["loinc"] in term.loinc), None)
        if term is None:
            continue
        units = [row[column].replace("μ", "u") for column in ("traditional_units", "si_units")]
        if any(re.search("kat|of Hb|of total|hemoglobin|meq", unit, re.IGNORECASE) for unit in units):
            continue  # not UCUM, another quantity, or (equivalents) not convertible without a charge
        assert convert(1, units[0], units[1], term.molar_mass) == pytest.approx(float(row["factor_to_si"]), rel=2e-3), row
        compared.add(term.id)
    assert {"creatinine", "urea", "glucose", "magnesium", "triglycerides", "albumin", "tacrolimus_level"} <= compared


@pytest.mark.parametrize(
    ("name", "given", "si", "factor"),
    [
        ("bilirubin", "mg/dL", "umol/L", 17.1), ("calcium", "mg/dL", "mmol/L", 0.2495), ("cholesterol", "mg/dL", "mmol/L", 0.02586),
        ("ldl_cholesterol", "mg/dL", "mmol/L", 0.0259), ("uric_acid", "mg/dL", "mmol/L", 0.0595), ("digoxin_level", "ng/mL", "nmol/L", 1.281),
        ("phenytoin_level", "mg/L", "umol/L", 3.964), ("carbamazepine_level", "mg/L", "umol/L", 4.23),
        ("theophylline_level", "mg/L", "umol/L", 5.55), ("gentamicin_level", "mg/L", "umol/L", 2.09),
    ],
)  # fmt: skip
def test_unit_factors_of_published_lists(name: str, given: str, si: str, factor: float) -> None:
    assert convert(1, given, si, MEASUREMENTS[name].molar_mass) == pytest.approx(factor, rel=2e-3)


@needs_terms
def test_units_of_synthea_are_read_and_believed() -> None:
    """Units and values as they really occur fit the unit and the limits of the term."""
    seen = set()
    for path in sorted((source.DATA / "fhir/synthea").glob("sof_*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            entries = json.load(file)["entry"]
        for resource in (entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Observation"):
            for part in (resource, *resource.get("component", [])):
                code = part["code"].get("coding", [{}])[0].get("code")
                term = next((term for term in MEASUREMENTS.values() if code in term.loinc), None)
                quantity = part.get("valueQuantity")
                if term is None or not quantity or not quantity.get("code") or term.id == "egfr_reported":
                    continue
                try:
                    value = convert(quantity["value"], quantity["code"], term.unit, term.molar_mass)
                except UnitError as error:
                    raise AssertionError(f"{term.id}: {error}") from error
                assert term.plausible[0] <= value <= term.plausible[1], (term.id, quantity)
                seen.add(term.id)
    assert {"creatinine", "urea", "glucose", "potassium", "weight", "height", "systolic", "hba1c", "platelets"} <= seen


@needs_terms
@pytest.mark.parametrize("term", CONDITIONS.values(), ids=lambda term: term.id)
def test_every_code_of_a_state_fits_it(term: ConditionTerm) -> None:
    words = STATES.get(term.id, re.escape(term.title.split(",")[0]))
    for code in term.snomed:
        assert code in snomed(), f"{code} of {term.id} is in no table"
        assert re.search(words, snomed()[code], re.IGNORECASE), (code, snomed()[code])
    for prefix in term.icd10:
        bare = prefix.replace(".", "")
        names = [name for code, name in icd().items() if code == bare] or [
            name for code, name in icd().items() if code.startswith(bare)
        ]
        assert names, f"{prefix} of {term.id} is in no table"
        assert any(re.search(words, name, re.IGNORECASE) for name in names), (prefix, names[:3])


def test_states_that_must_not_be_mixed_up() -> None:
    """A transplant of a person's own cells leaves the genes as they are; passive smoking is no smoking."""
    assert not {"58776007", "425983008"} & set(CONDITIONS["stem_cell_transplant"].snomed)
    assert not {"43381005", "8517006", "160618006", "266919005"} & set(CONDITIONS["smoker"].snomed)
    assert not {"60001007", "250425007", "271903000", "102874004"} & set(CONDITIONS["pregnancy"].snomed)
    assert not {"13569004", "11397000"} & set(CONDITIONS["recent_transfusion"].snomed)
    assert not {"161693006"} & set(CONDITIONS["dialysis"].snomed)


def test_included_states_are_named_in_full() -> None:
    """A decision looks one level deep, so what an included state includes is listed as well."""
    for term in CONDITIONS.values():
        for part in term.includes:
            assert set(CONDITIONS[part].includes) <= set(term.includes), (term.id, part)


def test_an_unknown_answer_stays_unknown() -> None:
    for term in MEASUREMENTS.values():
        assert not any("unknown" in word or "unknown" in key for key, word in term.answers.items()), term.id


@needs_terms
def test_coded_answers_are_what_they_say() -> None:
    expected = {
        "current": r"^(?!.*(ex-|former|never|non-)).*smok",
        "former": "ex-smoker|former",
        "never": "never",
        "pregnant": "pregnant",
        "not pregnant": "not pregnant",
    }
    expected |= {"positive": "positive", "negative": "negative"}
    for term in MEASUREMENTS.values():
        for key, word in term.answers.items():
            if "|" in key:
                name = snomed()[key.rpartition("|")[2]]
                assert re.search(expected[word], name, re.IGNORECASE), (key, word, name)
                assert word == "not pregnant" or not name.lower().startswith("not "), (key, name)


def test_uracil_limits_are_those_of_has_and_inca() -> None:
    """16 ng/mL and more: partial deficiency; 150 ng/mL and more: complete; below 16 nothing is said."""
    rows = {row.when: row.phenotype for row in MEASUREMENTS["uracil"].activity_rows}
    assert rows == {"value >= 150": "Poor Metabolizer", "16 <= value < 150": "Intermediate Metabolizer"}
    assert MEASUREMENTS["uracil"].unit == "ng/mL"


def policy() -> RecordPolicy:
    """The shipped policy."""
    problems: list[str] = []
    found = read_yaml(SHIPPED / "record.yaml", RecordPolicy, problems.append)
    assert found is not None and not problems, problems
    return found


def test_blocks_name_genes_and_states_that_exist() -> None:
    genes = {path.name for path in (SHIPPED / "genes").iterdir() if path.is_dir()}
    for block in policy().blocks:
        assert block.condition in CONDITIONS
        assert set(block.genes) <= genes
    assert {block.condition for block in policy().blocks} == {
        "liver_transplant", "stem_cell_transplant", "recent_transfusion", "tumour_dna",
    }  # fmt: skip
    # what red cells or marrow express is not the liver's
    liver = {gene for block in policy().blocks if block.condition == "liver_transplant" for gene in block.genes}
    assert not {"TPMT", "NUDT15", "G6PD", "HLA-A", "HLA-B", "RYR1", "CACNA1S"} & liver


@needs_terms
def test_route_codes_are_what_they_say_and_lead_somewhere() -> None:
    routes = policy()
    known = {*routes.systemic_routes, *routes.local_routes}
    assert not set(routes.systemic_routes) & set(routes.local_routes)
    said = {"intraarterial": "intra-arterial", "intraarticular": "intra-articular", "otic": "otic|auric"}
    for key, word in routes.route_codes.items():
        assert word in known
        system, _, code = key.rpartition("|")
        if "snomed" in system and code != "10547007":  # FHIR R5 value set of routes: Otic route
            assert re.search(said.get(word, word), snomed()[code], re.IGNORECASE), (code, snomed()[code])
