"""The text of searches, as the specification's own examples write them, read into trees; and what is refused, with its message."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import RequestError
from nof1.fhir.definitions import definitions
from nof1.fhir.query import QueryError, parsed
from nof1.fhir.query_tree import (
    Amount,
    Chain,
    Combined,
    Content,
    Has,
    Include,
    Link,
    Match,
    Missing,
    Moment,
    Number,
    OfType,
    Text,
    Token,
    Uri,
)
from nof1.fhir.query_values import split, unescaped

BASE = "http://example.org/fhir"
DAY = 86_400_000_000


def read(url: str, **options: Any) -> Any:
    """The search of an address as it stands behind the base."""
    kind, _, query = url.partition("?")
    return parsed(kind, parse_qsl(query, keep_blank_values=True), base=BASE, **options)


def values(url: str) -> Any:
    (match,) = read(url).criteria
    assert isinstance(match, Match)
    return match.values


def at(text: str) -> int:
    from datetime import UTC, datetime

    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


# search.html of R4: the examples of each kind of parameter
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("RiskAssessment?probability=100", (Number("eq", 100, 99.5, 100.5),)),
        ("RiskAssessment?probability=100.00", (Number("eq", 100, 99.995, 100.005),)),
        ("RiskAssessment?probability=lt100", (Number("lt", 100, 99.5, 100.5),)),
        ("RiskAssessment?probability=ne0.8", (Number("ne", 0.8, 0.75, 0.85),)),
        ("RiskAssessment?probability=-5.4", (Number("eq", -5.4, -5.45, -5.35),)),
        ("RiskAssessment?probability=ap10", (Number("ap", 10, 9, 11),)),
        ("Observation?date=eq2013-01-14", (Moment("eq", at("2013-01-14"), at("2013-01-15")),)),
        ("Observation?date=2013-03", (Moment("eq", at("2013-03-01"), at("2013-04-01")),)),
        ("Observation?date=ge2013-01-14T10:00Z", (Moment("ge", at("2013-01-14T10:00"), at("2013-01-14T10:01")),)),
        ("Observation?date=sa2013-03-14T00:00:00%2B01:00", (Moment("sa", at("2013-03-13T23:00"), at("2013-03-13T23:00:01")),)),
        ("Patient?given=eve", (Text("eve"),)),
        ("Patient?given=Eve,Peter%20James", (Text("Eve"), Text("Peter James"))),
        (r"Patient?name=a\,b,c\\d\|", (Text("a,b"), Text("c\\d|"))),
        ("ValueSet?url=http://acme.org/fhir/ValueSet/123", (Uri("http://acme.org/fhir/ValueSet/123"),)),
        ("ValueSet?url=urn:oid:1.2.3.4.5", (Uri("urn:oid:1.2.3.4.5"),)),
        ("Patient?identifier=http://acme.org/patient|2345", (Token("http://acme.org/patient", "2345"),)),
        ("Patient?gender=male", (Token(None, "male"),)),
        ("Patient?active=true", (Token(None, "true"),)),
        ("Condition?code=http://acme.org/conditions/codes|ha125,|x,http://y|", (Token("http://acme.org/conditions/codes", "ha125"), Token("", "x"), Token("http://y", None))),
        ("Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|446053", (OfType("http://terminology.hl7.org/CodeSystem/v2-0203", "MR", "446053"),)),
        ("Observation?value-quantity=5.4|http://unitsofmeasure.org|mg", (Amount(Number("eq", 5.4, 5.35, 5.45), "http://unitsofmeasure.org", "mg"),)),
        ("Observation?value-quantity=5.40e-3|http://unitsofmeasure.org|g", (Amount(Number("eq", 0.0054, 0.005395, 0.005405), "http://unitsofmeasure.org", "g"),)),
        ("Observation?value-quantity=5.4||mg", (Amount(Number("eq", 5.4, 5.35, 5.45), None, "mg"),)),
        ("Observation?value-quantity=le5.4", (Amount(Number("le", 5.4, 5.35, 5.45), None, None),)),
        ("Observation?subject=Patient/23", (Link("Patient", "23"),)),
        ("Observation?subject=23", (Link("", "23"),)),
        ("Observation?subject:Patient=23", (Link("Patient", "23"),)),
        ("Patient?organization=23", (Link("Organization", "23"),)),
        ("Observation?subject=Patient/23/_history/4", (Link("Patient", "23"),)),
        ("Observation?subject=http://example.org/fhir/Patient/23", (Link("Patient", "23"),)),
        ("Observation?subject=http://acme.org/fhir/Patient/23", (Link("", "", "http://acme.org/fhir/Patient/23"),)),
        ("Observation?subject=urn:uuid:5e0f", (Link("", "", "urn:uuid:5e0f"),)),
        ("Observation?subject:identifier=http://acme.org/fhir/identifier/mrn|123456", (Token("http://acme.org/fhir/identifier/mrn", "123456"),)),
        ("DiagnosticReport?code:in=http://acme.org/set", (Uri("http://acme.org/set"),)),
        ("Observation?code-value-quantity=http://loinc.org|12907-2$ge150|http://unitsofmeasure.org|mmol/L", (Combined((Token("http://loinc.org", "12907-2"), Amount(Number("ge", 150, 149.5, 150.5), "http://unitsofmeasure.org", "mmol/L"))),)),
        ("Group?characteristic-value=gender$mixed,owner$a", (Combined((Token(None, "gender"), Token(None, "mixed"))), Combined((Token(None, "owner"), Token(None, "a"))))),
        ("Patient?_id=23,a.b-c", (Token(None, "23"), Token(None, "a.b-c"))),
    ],
)  # fmt: skip
def test_values_are_read_as_the_specification_says(url: str, expected: Any) -> None:
    assert values(url) == expected


def test_a_modifier_stands_on_the_criterion() -> None:
    (match,) = read("Patient?family:exact=Son").criteria
    assert (match.parameter.id, match.modifier) == ("individual-family", "exact")
    (match,) = read("Patient?gender:not=male,female").criteria
    assert match.is_negative and len(match.values) == 2
    (missing,) = read("Patient?gender:missing=true").criteria
    assert missing == Missing(definitions().by_id["individual-gender"], True)


def test_chains_follow_references() -> None:
    (chain,) = read("DiagnosticReport?subject:Patient.name=peter").criteria
    assert isinstance(chain, Chain)
    ((kind, end),) = chain.ends
    assert (chain.parameter.id, kind, end.parameter.id, end.values) == (
        "DiagnosticReport-subject",
        "Patient",
        "Patient-name",
        (Text("peter"),),
    )


def test_a_chain_without_a_type_takes_every_type_that_has_the_parameter() -> None:
    (chain,) = read("DiagnosticReport?subject.name=peter").criteria
    assert {kind for kind, _ in chain.ends} == {"Patient", "Location"}  # Group and Device have no 'name'
    (chain,) = read("Patient?general-practitioner.name:exact=x").criteria
    assert {(kind, end.modifier) for kind, end in chain.ends} == {("Practitioner", "exact"), ("Organization", "exact")}


def test_chains_may_be_long() -> None:
    (chain,) = read("Observation?encounter:Encounter.service-provider.partof.name=x").criteria
    last = chain.ends[0][1].ends[0][1].ends[0][1]
    assert last.parameter.id == "Organization-name"
    assert len(read("AuditEvent?entity:Observation.has-member:Observation.has-member:Observation.code=x").criteria) == 1


def test_has_turns_a_reference_round() -> None:
    (has,) = read("Patient?_has:Observation:patient:code=1234-5").criteria
    assert isinstance(has, Has)
    assert (has.kind, has.parameter.id, has.criterion.parameter.id) == ("Observation", "clinical-patient", "clinical-code")
    (has,) = read("Patient?_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/1").criteria
    assert (has.criterion.kind, has.criterion.criterion.values) == ("AuditEvent", (Link("Practitioner", "1"),))
    (chain,) = read("Encounter?patient._has:Group:member:_id=102").criteria
    assert chain.ends[0][1].kind == "Group"
    (has,) = read("Patient?_has:Observation:patient:performer:Practitioner.family=x").criteria
    assert isinstance(has.criterion, Chain)


def test_what_is_said_about_the_answer() -> None:
    found = read(
        "Observation?_sort=status,-date&_count=0&_total=accurate&_summary=count&_elements=status,code&_after=abc&_format=json&_pretty=true&_contained=false"
    )
    assert [(one.parameter.code, one.is_descending) for one in found.sort] == [("status", False), ("date", True)]
    assert (found.count, found.total, found.summary, found.elements, found.after) == (
        0,
        "accurate",
        "count",
        ("status", "code"),
        "abc",
    )
    assert read("Observation").count == 50
    assert read("Observation?_count=100000").count == 1000


def test_includes() -> None:
    found = read(
        "MedicationRequest?_include=MedicationRequest:patient&_include:iterate=Patient:general-practitioner:Organization&_revinclude=Provenance:target&_revinclude=*"
    )
    known = definitions().parameters
    assert found.includes == (
        Include("MedicationRequest", known["MedicationRequest"]["patient"], "", False),
        Include("Patient", known["Patient"]["general-practitioner"], "Organization", True),
    )
    assert found.revincludes == (
        Include("Provenance", known["Provenance"]["target"], "", False),
        Include("", None, "", False),
    )
    assert read("Patient?_include=Patient:*").includes == (Include("Patient", None, "", False),)


def test_searches_over_all_types() -> None:
    found = read("?_type=Patient,Observation&_lastUpdated=gt2020&_tag=a")
    assert (found.kind, found.types) == ("", ("Patient", "Observation"))
    assert [one.parameter.id for one in found.criteria] == ["Resource-lastUpdated", "Resource-tag"]


def test_content_is_words() -> None:
    assert read(r"Patient?_content=smith,a\,b").criteria == (Content(("smith", "a,b")),)


def test_dates_may_be_about_a_moment() -> None:
    now = at("2024-01-11")
    (match,) = read("Observation?date=ap2024-01-01", now=now).criteria
    assert match.values == (Moment("ap", at("2024-01-01") - DAY, at("2024-01-02") + DAY),)


# what must not be answered: the message says which parameter, which value and what else
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("Patient?famly=x", "search: famly=x: Patient has no parameter 'famly'; did you mean 'family'?"),
        ("Patient?this-is-not-a-real-param=garbage", "search: this-is-not-a-real-param=garbage: Patient has no parameter"),
        ("Patient?Family=x", "did you mean 'family'?"),
        ("Observation?code:exact=x", "search: code:exact=x: a token parameter has no modifier ':exact'"),
        ("Observation?date:contains=x", "a date parameter has no modifier ':contains'; known: missing"),
        ("Observation?code:=x", "a modifier is missing after ':'"),
        ("Observation?code-value-quantity:missing=true", "a composite parameter has no modifier ':missing'"),
        ("Patient?family=", "search: family: a value is empty"),
        ("Patient?family=a,,b", "search: family=a,,b: a value is empty"),
        ("Patient?gender:missing=yes", "write true or false"),
        ("Observation?date=2013-1-14", "'2013-1-14' is no date"),
        ("Observation?date=2013-02-30", "'2013-02-30' is no day of the calendar"),
        ("Observation?date=0000", "'0000' is no day of the calendar"),
        ("Observation?date=14.1.2013", "is no date; write YYYY"),
        ("Observation?date=2013-01-14T10", "is no date"),
        ("Observation?date=2013-01-14T10:00:00+01:00", "a '+' of the zone must be written %2B"),
        ("Observation?date=xx2013", "is no date"),
        ("RiskAssessment?probability=high", "'high' is no number"),
        ("RiskAssessment?probability=1,5x", "'5x' is no number"),
        ("RiskAssessment?probability=1e999", "is no number"),
        ("RiskAssessment?probability=nan", "is no number"),
        ("Observation?value-quantity=5|mg", "write 'number', 'number|system|code' or 'number||code'"),
        ("Observation?value-quantity=5||", "write 'number', 'number|system|code' or 'number||code'"),
        ("Observation?code=|", "neither system nor code"),
        ("Observation?code=a|b|c", "more than one '|'"),
        ("Patient?identifier:of-type=a|b", "write 'system of the type|code of the type|value of the identifier'"),
        ("Observation?subject=Patient/23/x", "no reference; write 'Type/id', 'id' or a whole address"),
        ("Observation?subject=Patient/", "no reference"),
        ("Observation?patient=Observation/1", "patient does not refer to 'Observation'; known: Group, Patient"),
        ("Observation?subject:Patient=Group/1", "'Group' is not the type 'Patient' that the modifier names"),
        ("Observation?subject:Medication=1", "a reference parameter has no modifier ':Medication'"),
        ("Observation?subject:Patient.nme=x", "search: subject:Patient.nme=x: Patient has no parameter 'nme'; did you mean 'name'"),
        ("Observation?subject:Medication.code=x", "subject does not refer to 'Medication'"),
        ("Observation?code.name=x", "'code' is a token, no reference to follow"),
        ("Patient?_has:Observation:patient=x", "write '_has:Type:reference:parameter=value'"),
        ("Patient?_has:Obs:patient:code=x", "there is no type 'Obs'"),
        ("Patient?_has:Observation:device:code=x", "Observation.device does not refer to Patient but to Device, DeviceMetric"),
        ("Patient?_has:Observation:patient:cod=x", "Observation has no parameter 'cod'; did you mean 'code'"),
        ("?_has:Observation:patient:code=x", "_has needs a type to search"),
        ("Observation?code-value-quantity=8480-6", "1 parts, not 2; write 'code$value-quantity'"),
        ("Observation?code-value-quantity=8480-6$", "a part is empty"),
        ("Patient?_id=a/b", "'a/b' is no id"),
        ("Patient?_id:exact=a", "has no modifier ':exact'"),
        ("Patient?_count=-1", "no count"),
        ("Patient?_count=ten", "no count"),
        ("Patient?_count=1&_count=2", "given twice"),
        ("Patient?_total=exact", "known: accurate, estimate, none"),
        ("Patient?_summary=yes", "known: count, data, false, text, true"),
        ("Patient?_sort=nme", "Patient has no parameter 'nme'; did you mean 'name'"),
        ("Patient?_sort=_score", "there is no score"),
        ("Observation?_sort=code-value-quantity", "is composite and has no order"),
        ("?_sort=_tag", "sorted by _id or _lastUpdated"),
        ("Patient?_elements=nme", "Patient has no element 'nme'; did you mean 'name'?"),
        ("Patient?_type=Patient", "it is for searches over all types"),
        ("?_type=Patiant", "there is no type 'Patiant'; did you mean 'Patient'?"),
        ("?family=x", "a search over all types has no parameter 'family'"),
        ("Patient?_contained=true", "contained resources are not searched"),
        ("Patient?_containedType=container", "contained resources are not searched"),
        ("Patient?_filter=name eq x", "filter expressions are not supported"),
        ("Patient?_query=x", "named queries are not supported"),
        ("Patient?_list=x", "lists are not supported"),
        ("Patient?_text=", "a value is empty"),
        ("Patient?_content=", "a value is empty"),
        ("Location?near=1|2", "'near' is not supported"),
        ("Patient?_include=Observation:subject", "the search is of Patient; add ':iterate'"),
        ("Observation?_include=Observation:subjct", "Observation has no parameter 'subjct'; did you mean 'subject'?"),
        ("Observation?_include=Observation:code", "'code' is no reference"),
        ("Observation?_include=Observation", "write 'Type:parameter'"),
        ("Observation?_include=Observation:subject:Medication", "does not refer to 'Medication'"),
        ("Observation?_include:recurse=Observation:subject", "did you mean"),
        ("Patient?_revinclude=Observation:device", "it does not refer to Patient"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(url: str, says: str) -> None:
    with pytest.raises(QueryError) as refused:
        read(url)
    assert says in str(refused.value)
    assert refused.value.parameter in url


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(RequestError, match="there is no type 'Patiant'; did you mean 'Patient'"):
        read("Patiant?name=x")


def test_leniency_is_for_unknown_parameters_alone() -> None:
    found = read("Patient?famly=x&subject:Patient.x=1&gender=male", is_lenient=True)
    assert found.ignored == ("famly", "subject:Patient.x") and len(found.criteria) == 1
    for wrong in ("birthdate=x", "gender:exact=male", "_count=x", "_filter=x", "family="):
        with pytest.raises(QueryError):
            read(f"Patient?{wrong}", is_lenient=True)


@given(st.lists(st.text(min_size=1, alphabet=st.sampled_from("ab,$|\\ é")), min_size=1, max_size=4), st.sampled_from(",$|"))
def test_what_is_escaped_comes_back(texts: list[str], sign: str) -> None:
    def escaped(text: str) -> str:
        return "".join(f"\\{one}" if one in ",$|\\" else one for one in text)

    assert [unescaped(one) for one in split(sign.join(map(escaped, texts)), sign)] == texts


NAMES = st.one_of(
    st.sampled_from(["name", "birthdate", "identifier", "general-practitioner", "_id", "_sort", "_include", "_has:Observation:patient:code", "organization.name", "_count", "_after", "_lastUpdated", "link", "_type", "_elements"]),
    st.text(max_size=12),
)  # fmt: skip


@given(
    st.sampled_from(["Patient", ""]),
    st.lists(
        st.tuples(
            st.builds(lambda a, b: a + b, NAMES, st.sampled_from(["", ":not", ":missing", ":Patient", ".x", ":"])),
            st.text(max_size=20),
        ),
        max_size=3,
    ),
    st.booleans(),
)
def test_any_text_is_read_or_refused(kind: str, pairs: list[tuple[str, str]], is_lenient: bool) -> None:
    try:
        found = parsed(kind, pairs, is_lenient=is_lenient)
    except RequestError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert found.kind == kind


def test_every_parameter_of_every_type_can_be_asked_for() -> None:
    some = {"token": "a", "string": "a", "date": "2020", "number": "1", "quantity": "1", "uri": "urn:x", "reference": "a"}
    asked = 0
    for kind, known in definitions().parameters.items():
        if kind not in definitions().resources:
            continue
        for code, parameter in known.items():
            if parameter.kind == "special":
                continue
            parts = [definitions().by_id[one].kind for one, _ in parameter.components] or [parameter.kind]
            found = parsed(kind, [(code, "$".join(some[part] for part in parts))])
            assert found.criteria[0].parameter is parameter
            asked += 1
    assert asked > 2500
