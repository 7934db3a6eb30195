"""Valid resources, bundles, patches and searches that the fuzz spoils, and pieces of paths and headers to spoil them with."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_LOINC, _SCT, _UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
_WHO = {"reference": "Patient/p0"}
_EXTENSION = {"url": "urn:test:extension", "valueString": "x"}

RESOURCES: tuple[Json, ...] = (
    {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:test", "value": "1", "type": {"coding": [{"system": "urn:t", "code": "MR"}]}}],
        "active": True,
        "name": [{"family": "Moll", "given": ["Eva", "Maria"], "period": {"start": "2001-02-03"}}],
        "telecom": [{"system": "phone", "value": "+49 30 1", "use": "home"}],
        "gender": "female",
        "birthDate": "1970-05-28",
        "address": [{"city": "Berlin", "country": "DE", "line": ["Weg 1"]}],
        "contact": [{"name": {"text": "Uwe"}, "gender": "male"}],
        "extension": [_EXTENSION],
        "contained": [{"resourceType": "Practitioner", "id": "c", "name": [{"family": "Doe"}]}],
        "generalPractitioner": [{"reference": "#c"}],
    },
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": _LOINC, "code": "85354-9", "display": "Blood pressure"}], "text": "pressure"},
        "subject": _WHO,
        "effectiveDateTime": "2020-01-02T03:04:05.678+02:00",
        "issued": "2020-01-02T03:04:05Z",
        "component": [
            {
                "code": {"coding": [{"system": _LOINC, "code": "8480-6"}]},
                "valueQuantity": {"value": 120.50, "unit": "mmHg", "system": _UCUM, "code": "mm[Hg]"},
            },
            {"code": {"text": "note"}, "valuePeriod": {"start": "2020", "end": "2021-05"}},
        ],
        "referenceRange": [{"low": {"value": 1}, "high": {"value": 2, "comparator": "<"}}],
    },
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": _LOINC, "code": "29463-7"}]},
        "subject": {"reference": "Patient?identifier=urn:test|1"},
        "valueQuantity": {"value": 1.5e3, "comparator": ">=", "unit": "g", "system": _UCUM, "code": "g"},
    },
    {
        "resourceType": "Condition",
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {"coding": [{"system": _SCT, "code": "44054006"}]},
        "subject": _WHO,
        "onsetAge": {"value": 40, "unit": "a", "system": _UCUM, "code": "a"},
        "recordedDate": "2020-05",
    },
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1"}]},
        "subject": _WHO,
        "dosageInstruction": [
            {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseRange": {"low": {"value": 1}}}]}
        ],
    },
    {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": _WHO, "length": {"value": 1}},
    {"resourceType": "Group", "type": "person", "actual": True, "quantity": 3, "member": [{"entity": _WHO}]},
    {
        "resourceType": "Questionnaire",
        "status": "draft",
        "url": "http://example.org/q|1",
        "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "1.1", "type": "decimal"}]}],
    },
    {
        "resourceType": "ValueSet",
        "status": "active",
        "url": "http://example.org/v",
        "compose": {"include": [{"system": _LOINC, "concept": [{"code": "8480-6"}]}]},
    },
    {"resourceType": "Basic", "code": {"text": "x"}, "created": "2020-02-29", "author": {"reference": "Patient/p1"}},
    {"resourceType": "Binary", "contentType": "text/plain", "data": "aGVsbG8="},
    {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "focus": {"reference": "urn:uuid:5e1f4ad9-ee4a-4a6c-bb0b-2ed0f1a4f2f1"},
        "input": [{"type": {"text": "i"}, "valueTiming": {"event": ["2020-01-01"]}}],
        "meta": {"profile": ["http://example.org/p"], "tag": [{"system": "urn:t", "code": "a"}]},
    },
    {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": {"resourceType": "Basic", "code": {"text": "x"}}}]},
    {
        "resourceType": "RiskAssessment",
        "status": "final",
        "subject": _WHO,
        "prediction": [{"probabilityDecimal": 0.123, "whenRange": {"low": {"value": 1}, "high": {"value": 9}}}],
    },
    {"resourceType": "Location", "name": "x", "position": {"longitude": 13.4, "latitude": 52.5}},
    {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": "urn:uuid:5e1f4ad9-ee4a-4a6c-bb0b-2ed0f1a4f2f1", "resource": {"resourceType": "Basic", "code": {"text": "x"}}}],
    },
)  # fmt: skip
KINDS = tuple(dict.fromkeys(one["resourceType"] for one in RESOURCES))
IDS = tuple(f"p{at}" for at in range(8))

PATCHES: tuple[list[Json], ...] = (
    [{"op": "replace", "path": "/active", "value": False}],
    [{"op": "add", "path": "/name/0/given/-", "value": "Eva"}, {"op": "test", "path": "/gender", "value": "female"}],
    [{"op": "move", "from": "/name", "path": "/contact"}, {"op": "remove", "path": "/status"}],
    [{"op": "copy", "from": "/name/0", "path": "/name/1"}] * 3,
    [{"op": "add", "path": "/extension", "value": [_EXTENSION]}],
)

# values by kind of search parameter, right ones and those that only nearly are
VALUES: dict[str, tuple[str, ...]] = {
    "token": (f"{_LOINC}|8480-6", "urn:test|1", "|x", "urn:test|", "|", "a|b|c", "true", "final", "urn:t|MR|1", r"a\|b", r"\\"),
    "string": ("Mo", "moll,eva", "Ébène", "%", "_", "!%", r"\,", "  ", "x" * 3000),
    "date": ("2020", "ge2020-02-30", "lt2020-01-02T03:04:05Z", "ap0001", "sa9999-12-31", "eb0000-01-01", "2020-01-01T00:00:00+14:00"),
    "number": ("1", "lt1e200", "ap0", "1e999", "-0.0", "1E-400", "0.1234567890123456789012345678901234567890", "1e99999999999"),
    "quantity": (f"gt120|{_UCUM}|mm[Hg]", "1.5||g", "ap1e3", "1e300|http://unitsofmeasure.org|10*300.m", "5|", "5|a|b|c", "1||((((("),
    "reference": ("Patient/p0", "p0", "http://x.example/Patient/p0", "Patient/p0/_history/1", "urn:uuid:1", "Nothing/1", "#c", "../p0"),
    "uri": ("http://example.org/v", "urn:oid:1.2", "http://example.org/%", "", "http://["),
    "composite": ("8480-6$120", f"{_LOINC}|8480-6$gt1|{_UCUM}|mm[Hg]", "a$b$c", "$", "8480-6$"),
    "special": ("1|2|3|km", "x"),
}  # fmt: skip
MODIFIERS = (
    *("exact", "contains", "text", "not", "missing", "identifier", "of-type", "above", "below", "in", "not-in", "Patient"),
    *("Nothing", "", "exact:exact", "MISSING"),
)
RESULTS: dict[str, tuple[str, ...]] = {
    "_count": ("0", "1", "3", "-1", "1000", "1001", "9" * 30, "9" * 5000, "x", "٣", "1e3", " 1", "²"),
    "_sort": ("_id", "-_lastUpdated", "date,-code", "nothing", "-", ",", "-" * 50, "_id," * 200),
    "_summary": ("true", "text", "data", "count", "false", "TRUE", "x"),
    "_elements": ("id", "name,status", ",", "a.b", "x" * 2000, "resourceType"),
    "_total": ("none", "accurate", "estimate", "x"),
    "_include": ("*", "Observation:subject", "Observation:subject:Patient", "Patient:link", "x", "a:b:c:d", ":", "Task:focus"),
    "_include:iterate": ("Observation:subject", "Patient:general-practitioner", "*"),
    "_revinclude": ("*", "Observation:subject", "Provenance:target", "Task:patient", "x"),
    "_revinclude:iterate": ("Observation:subject", "*"),
    "_type": ("Patient", "Patient,Observation", "Nothing", ",", "Patient," * 300),
    "_contained": ("true", "false", "both"),
    "_format": ("json", "xml", "application/fhir+json", "application/fhir json", "*/*", "x" * 500),
    "_content": ("x", "eva", ",", "%", "x" * 3000),
    "_text": ("x",),
    "_list": ("1",),
    "_filter": ("name eq x",),
    "_since": ("2020-01-01", "soon", "9999-99-99", "0000", "٢٠٢٠"),
    "_before": ("0", "1", "9" * 15, "9" * 5000, "-1", "٣"),
    "_lastUpdated": ("gt2020", "lt9999-12-31T23:59:59Z", "x", "ap2020-01-01"),
    "_id": ("p0", "p0,p1", "x" * 65, "../x", ""),
    "_outputFormat": ("ndjson", "application/fhir+ndjson", "csv"),
    "drugs": ("x", ",", "x" * 5000),
    "population": ("x",),
    "_has:Observation:subject:code": ("8480-6",),
    "_has:Observation:subject:_has:Provenance:target:recorded": ("2020",),
    "_has:" * 20 + "Observation:subject:code": ("x",),
    "subject:Patient.name": ("Moll",),
    "subject.general-practitioner.organization.partof.partof.partof.partof.name": ("x",),
}  # fmt: skip

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 30)
SEGMENTS = (
    *(
        "..",
        ".",
        "%2e%2e",
        "%2E%2E%2f%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "%5c..%5c",
        "%00",
        "%0a",
        "%0d%0aX:%20y",
        "%ff",
        "%",
    ),
    *("%zz", "%u0041", "%25%30%30", "%E2%80%A8", "%ED%A0%80", "a" * 64, "a" * 65, "a" * 5000, "", " ".replace(" ", "%20")),
    *("*", "_history", "_search", "metadata", "$everything", "$validate", "$nof1-assess", "$export", "$", "$x", "$%00"),
    *("0", "1", "9" * 30, "%D9%A3", "%C2%B2", "-1", "Patient", "Observation", "Nothing", "patient", "Resource", "HumanName"),
    *("Patient%3Fname=x", "Patient;a=b", "Patient,Observation", "p0", "p1", "p0%20", "$export-status", "$export-files"),
)
HEADERS: dict[str, tuple[str, ...]] = {
    "accept": ("", "*/*", "application/xml", ",", ";;;", "a" * 8000, "application/fhir+json;q=x", "\xe9", "application/*", '"'),
    "content-type": (
        *("", "application/xml", "text/plain", "application/json; charset=utf-16", "application/fhir+json;;;", "a" * 8000),
        *("multipart/form-data", "application/x-www-form-urlencoded", "\xff", "application/json-patch+json", "json"),
    ),
    "prefer": (
        *("return=minimal", "return=representation", "return=OperationOutcome", "return=", "return=x", "handling=lenient"),
        *("handling=strict", "respond-async", ";;;,,,", '"', "return=minimal; handling=lenient, respond-async", "x" * 8000),
    ),
    "if-match": ('W/"1"', "1", "*", "", 'W/"x"', 'W/"' + "9" * 9 + '"', "9" * 5000, '"', "W/", "٣".encode().decode("latin-1"), "-1"),
    "if-none-match": ('W/"1"', "*", "", ",,,", "x" * 8000, '"'),
    "if-modified-since": (
        *("Wed, 21 Oct 2015 07:28:00 GMT", "Mon, 01 Jan 0001 00:00:00 -0000", "Mon, 01 Jan 0001 00:00:00 +1400", "", "x"),
        *("Fri, 31 Dec 9999 23:59:59 -2359", "0", "Mon, 99 Jan 2020 00:00:00 GMT", "1 Jan 99999999999 00:00:00 +9999999999"),
        *("1 1 1 1 1", "2020-01-01", ", ,", "Mon, 01 Jan 2020 99:99:99 GMT", "01 Jan 2020 00:00:00 +99999999999999999999"),
    ),
    "if-none-exist": (
        *("identifier=urn:test|1", "", "?", "x=y", "_id=p0", "identifier", "&&&", "%ff=%00", "_count=9", "name:=x", "_after=x"),
        *("_has:Observation:subject:code=x", "_sort=_id", "\xff=\xfe", "identifier=" + "x," * 2000, "_summary=count"),
    ),
    "accept-encoding": ("gzip", "gzip;q=0", "br", "identity", "*", "gzip, gzip", "x" * 8000),
    "content-encoding": ("gzip", "br", "x"),
    "authorization": ("Bearer x", "Basic eDp4", "Bearer", "Bearer " + "x" * 8000, "\xff"),
    "x-http-method-override": ("DELETE",),
    "host": ("x", "", "["),
    "range": ("bytes=0-1", "bytes=5-1,x"),
    "expect": ("x",),
}  # fmt: skip
