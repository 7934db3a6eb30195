"""The terms as maps from codes and names."""

from __future__ import annotations

from small_record import CARE, CITED, TERMS

from nof1.knowledge.care import Care, DrugTerm
from nof1.knowledge.terms import terms
from nof1.model.terms import near_index, phrase, system_name


def test_codes_and_names_of_drugs() -> None:
    assert TERMS.drug_codes["rxnorm", "32968"] == ("clopidogrel",)
    assert TERMS.drug_codes["atc", "J01CR02"] == ("amoxicillin", "clavulanic acid")
    assert TERMS.drug_names["plavix"] == ("clopidogrel",)
    assert TERMS.drug_names["peginterferon alfa 2a"] == ("peginterferon alfa-2a",)
    assert TERMS.longest_name == 3


def test_a_code_of_several_substances_is_their_combination() -> None:
    rows = [DrugTerm(name, "", code, "", "", *CITED) for name, code in (("a", "X01|Y01"), ("b", "X02|Y01"))]
    found = terms(Care(drugs={row.name: row for row in rows}))
    assert found.drug_codes == {("atc", "X01"): ("a",), ("atc", "Y01"): ("a", "b"), ("atc", "X02"): ("b",)}


def test_a_first_name_goes_before_another_drugs_brand() -> None:
    rows = [DrugTerm("a", "", "", "b", "", *CITED), DrugTerm("b", "", "", "", "", *CITED)]
    assert terms(Care(drugs={row.name: row for row in rows})).drug_names == {"a": ("a",), "b": ("b",)}


def test_classes_measurements_conditions_and_routes() -> None:
    assert TERMS.class_codes == {("snomed", "91936005"): ("penicillins",), ("atc", "J01C"): ("penicillins",)}
    assert TERMS.measurement_codes["loinc", "38483-4"] == "creatinine"
    creatinine = TERMS.measurements["creatinine"]
    assert (creatinine.unit, creatinine.molar_mass, creatinine.low, creatinine.high) == ("umol/L", 113.12, 5, 3000)
    assert TERMS.measurements["smoking"].answers["snomed|266919005"] == "never"
    assert TERMS.condition_prefixes["N185"] == ("kidney_disease_5",)
    assert TERMS.route_codes == {("snomed", "26643006"): "oral", ("", "6064005"): "topical", ("", "PO"): "oral"}
    assert "oral inhalation" in TERMS.local_words


def test_without_a_policy_no_route_is_known() -> None:
    found = terms(Care(drugs=CARE.drugs))
    assert (found.route_codes, found.systemic_words) == ({}, frozenset())


def test_systems_by_any_of_their_names() -> None:
    assert {system_name(one) for one in ("http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96")} == {"snomed"}
    assert system_name("http://snomed.info/sct|http://snomed.info/sct/731000124108") == "snomed"
    assert system_name("https://example.org/mine") == "https://example.org/mine"


def test_phrases_and_hints() -> None:
    assert phrase("  Peginterferon  ALFA-2a ") == "peginterferon alfa 2a"
    assert TERMS.nearest("simvistatin") == "simvastatin"
    assert TERMS.nearest("warfarin") == "warfarin"
    assert TERMS.nearest("xyz") == ""
    assert near_index(["abcd", "two words"]) == {}
