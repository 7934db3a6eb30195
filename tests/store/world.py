"""A small random world of resources, and what each search parameter finds in them, written by hand from the specification."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

Json = dict[str, Any]
LOINC, SNOMED, LOCAL, UCUM = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://local.example/codes",
    "http://unitsofmeasure.org",
)
OPEN = 2**62
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Coded(NamedTuple):
    """What a token parameter sees: codes with their systems, and texts."""

    codes: tuple[tuple[str, str], ...]
    texts: tuple[str, ...] = ()


class Measured(NamedTuple):
    low: Decimal | None
    high: Decimal | None
    system: str
    unit: str


def span(text: str) -> tuple[int, int]:
    """The interval of a FHIR date, by its precision."""
    if "T" in text:
        whole = datetime.fromisoformat(
            text.replace("Z", "+00:00") if text[-1] == "Z" or "+" in text[10:] or "-" in text[10:] else f"{text}+00:00"
        )
        step = (
            timedelta(minutes=1) if text.count(":") - ("+" in text[10:] or "-" in text[10:]) == 1 else timedelta(seconds=1)
        )
        if "." in text:
            step = timedelta(milliseconds=1)
        return micro(whole), micro(whole + step)
    parts = [int(part) for part in text.split("-")]
    low = datetime(*[*parts, 1, 1][:3], tzinfo=UTC)
    if len(parts) == 3:
        return micro(low), micro(low + timedelta(days=1))
    year, month = (parts[0] + 1, 1) if len(parts) == 1 or parts[1] == 12 else (parts[0], parts[1] + 1)
    return micro(low), micro(datetime(year, month, 1, tzinfo=UTC))


def micro(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def period(value: Json) -> tuple[int, int]:
    return (span(value["start"])[0] if "start" in value else -OPEN, span(value["end"])[1] if "end" in value else OPEN)


def concept(value: Json | None) -> list[Coded]:
    if not value:
        return []
    codings = value.get("coding", [])
    texts = [one["display"] for one in codings if "display" in one] + ([value["text"]] if "text" in value else [])
    return [Coded(tuple((one.get("system", ""), one["code"]) for one in codings if "code" in one), tuple(texts))]


def code(value: Any, system: str = "") -> list[Coded]:
    """A code; one that must come from a value set has its system."""
    return [] if value is None else [Coded(((system, str(value).lower() if isinstance(value, bool) else value),))]


def identifiers(resource: Json) -> list[Coded]:
    return [Coded(((one.get("system", ""), one["value"]),)) for one in resource.get("identifier", [])]


def reference(value: Json | None) -> list[tuple[str, str]]:
    """(type, id), or ('', address)."""
    if not value or "reference" not in value:
        return []
    text = value["reference"]
    return [("", text)] if text.startswith(("http:", "urn:")) else [tuple(text.split("/"))]  # type: ignore[list-item]


def quantity(value: Json | None) -> list[Measured]:
    if not value or "value" not in value:
        return []
    number = Decimal(str(value["value"]))
    low, high = {"<": (None, number.next_minus()), ">": (number.next_plus(), None)}.get(
        value.get("comparator", ""), (number, number)
    )
    return [Measured(low, high, value.get("system", ""), value.get("code", value.get("unit", "")))]


def names(resource: Json, *parts: str) -> list[str]:
    found = []
    for name in resource.get("name", []):
        for part in parts:
            value = name.get(part, [])
            found += [value] if isinstance(value, str) else value
    return found


def dates(resource: Json, *keys: str) -> list[tuple[int, int]]:
    found = []
    for key in keys:
        if f"{key}DateTime" in resource:
            found.append(span(resource[f"{key}DateTime"]))
        if f"{key}Period" in resource:
            found.append(period(resource[f"{key}Period"]))
        if isinstance(resource.get(key), str):
            found.append(span(resource[key]))
    return found


def all_of(listed: list[Any], read: Callable[[Any], list[Any]]) -> list[Any]:
    return [found for one in listed for found in read(one)]


def components(resource: Json) -> list[Json]:
    return list(resource.get("component", []))


def is_patient(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """References that name a patient, here or elsewhere."""
    return [one for one in found if one[0] == "Patient" or "/Patient/" in one[1]]


WHOLE = ("family", "given", "text", "prefix", "suffix")
# (type, code) -> (kind, id of the parameter, values of a resource)
PARAMETERS: dict[tuple[str, str], tuple[str, str, Callable[[Json], list[Any]]]] = {
    ("Patient", "identifier"): ("token", "Patient-identifier", identifiers),
    ("Patient", "active"): ("token", "Patient-active", lambda r: code(r.get("active"))),
    ("Patient", "gender"): (
        "token",
        "individual-gender",
        lambda r: code(r.get("gender"), "http://hl7.org/fhir/administrative-gender"),
    ),
    ("Patient", "family"): ("string", "individual-family", lambda r: names(r, "family")),
    ("Patient", "given"): ("string", "individual-given", lambda r: names(r, "given")),
    ("Patient", "name"): ("string", "Patient-name", lambda r: names(r, *WHOLE)),
    ("Patient", "birthdate"): ("date", "individual-birthdate", lambda r: dates(r, "birthDate")),
    ("Patient", "general-practitioner"): (
        "reference",
        "Patient-general-practitioner",
        lambda r: all_of(r.get("generalPractitioner", []), reference),
    ),
    ("Patient", "organization"): ("reference", "Patient-organization", lambda r: reference(r.get("managingOrganization"))),
    ("Practitioner", "name"): ("string", "Practitioner-name", lambda r: names(r, *WHOLE)),
    ("Practitioner", "family"): ("string", "individual-family", lambda r: names(r, "family")),
    ("Practitioner", "gender"): (
        "token",
        "individual-gender",
        lambda r: code(r.get("gender"), "http://hl7.org/fhir/administrative-gender"),
    ),
    ("Practitioner", "identifier"): ("token", "Practitioner-identifier", identifiers),
    ("Organization", "name"): ("string", "Organization-name", lambda r: [r["name"]] if "name" in r else []),
    ("Organization", "partof"): ("reference", "Organization-partof", lambda r: reference(r.get("partOf"))),
    ("Observation", "code"): ("token", "clinical-code", lambda r: concept(r.get("code"))),
    ("Observation", "status"): (
        "token",
        "Observation-status",
        lambda r: code(r.get("status"), "http://hl7.org/fhir/observation-status"),
    ),
    ("Observation", "subject"): ("reference", "Observation-subject", lambda r: reference(r.get("subject"))),
    ("Observation", "patient"): ("reference", "clinical-patient", lambda r: is_patient(reference(r.get("subject")))),
    ("Observation", "performer"): (
        "reference",
        "Observation-performer",
        lambda r: all_of(r.get("performer", []), reference),
    ),
    ("Observation", "has-member"): (
        "reference",
        "Observation-has-member",
        lambda r: all_of(r.get("hasMember", []), reference),
    ),
    ("Observation", "date"): ("date", "clinical-date", lambda r: dates(r, "effective")),
    ("Observation", "value-quantity"): (
        "quantity",
        "Observation-value-quantity",
        lambda r: quantity(r.get("valueQuantity")),
    ),
    ("Observation", "value-concept"): (
        "token",
        "Observation-value-concept",
        lambda r: concept(r.get("valueCodeableConcept")),
    ),
    ("Observation", "component-code"): (
        "token",
        "Observation-component-code",
        lambda r: all_of(components(r), lambda one: concept(one.get("code"))),
    ),
    ("Condition", "code"): ("token", "clinical-code", lambda r: concept(r.get("code"))),
    ("Condition", "patient"): ("reference", "clinical-patient", lambda r: is_patient(reference(r.get("subject")))),
    ("Condition", "onset-date"): ("date", "Condition-onset-date", lambda r: dates(r, "onset")),
    ("RiskAssessment", "probability"): (
        "number",
        "RiskAssessment-probability",
        lambda r: [
            Decimal(str(one["probabilityDecimal"])) for one in r.get("prediction", []) if "probabilityDecimal" in one
        ],
    ),
    ("RiskAssessment", "patient"): ("reference", "clinical-patient", lambda r: is_patient(reference(r.get("subject")))),
    ("RiskAssessment", "date"): (
        "date",
        "clinical-date",
        lambda r: dates({"occurrenceDateTime": r["occurrenceDateTime"]} if "occurrenceDateTime" in r else {}, "occurrence"),
    ),
}
KINDS = ("Patient", "Practitioner", "Organization", "Observation", "Condition", "RiskAssessment")
for _kind in KINDS:
    PARAMETERS[_kind, "_tag"] = (
        "token",
        "Resource-tag",
        lambda r: [Coded(((one.get("system", ""), one["code"]),)) for one in r.get("meta", {}).get("tag", [])],
    )
    PARAMETERS[_kind, "_profile"] = ("uri", "Resource-profile", lambda r: list(r.get("meta", {}).get("profile", [])))
# (type, code) -> (id, groups of a resource, (code of the part, values of a group) for each part)
COMPOSITES: dict[
    tuple[str, str], tuple[str, Callable[[Json], list[Json]], tuple[tuple[str, Callable[[Json], list[Any]]], ...]]
] = {
    ("Observation", "code-value-quantity"): (
        "Observation-code-value-quantity",
        lambda r: [r],
        (("code", lambda g: concept(g.get("code"))), ("value-quantity", lambda g: quantity(g.get("valueQuantity")))),
    ),
    ("Observation", "component-code-value-quantity"): (
        "Observation-component-code-value-quantity",
        components,
        (("code", lambda g: concept(g.get("code"))), ("value-quantity", lambda g: quantity(g.get("valueQuantity")))),
    ),
    ("Observation", "combo-code-value-quantity"): (
        "Observation-combo-code-value-quantity",
        lambda r: [r, *components(r)],
        (("code", lambda g: concept(g.get("code"))), ("value-quantity", lambda g: quantity(g.get("valueQuantity")))),
    ),
    ("Observation", "code-value-concept"): (
        "Observation-code-value-concept",
        lambda r: [r],
        (("code", lambda g: concept(g.get("code"))), ("value-concept", lambda g: concept(g.get("valueCodeableConcept")))),
    ),
}
CODES = (
    (LOINC, "8480-6"),
    (LOINC, "8462-4"),
    (LOINC, "4548-4"),
    (SNOMED, "38341003"),
    (LOCAL, "8480-6"),
    ("", "plain"),
    (LOCAL, "a,b|c$d\\e"),
)
DISPLAYS = ("Systolic blood pressure", "Hypertensive disorder", "Hémoglobine A1c", "Straße 100%", "x_y")
FAMILIES = ("Müller", "Muller", "Maier", "van der Berg", "O'Neil", "Smith", "smith", "SMITHE", "Ångström", "Li", "Иванова")
GIVENS = ("Anna", "Ann", "anna", "Zoë", "José María", "Bob")
DATES = ("2019", "2020", "2020-02", "2020-02-28", "2020-02-29", "2021-01-01", "1970-01-01", "1955-07-30", "2020-02-29T10:00:00Z", "2020-02-29T10:00:00.500Z", "2020-02-29T10:00:00+02:00", "2020-02-29T23:30:00-05:00", "2020-12-31T23:59:59Z", "2021-06")  # fmt: skip
NUMBERS = ("5", "5.4", "5.35", "5.45", "5.40", "100", "99.5", "0.054", "0", "-3", "1000", "0.1", "7.25")
UNITS = (
    (UCUM, "mg/dL"),
    (UCUM, "g/L"),
    (UCUM, "mmol/L"),
    (UCUM, "Cel"),
    ("", "mg/dL"),
    ("http://units.example", "drops"),
    (UCUM, "not a unit"),
)
PROFILES = (
    "http://a.example/p/one",
    "http://a.example/p/one/deep",
    "http://a.example/p/onemore",
    "http://b.example/x|2.0",
    "urn:oid:1.2",
)


@dataclass(repr=False)
class World:
    """Resources by (type, id) and when each was changed last; ``order``: as they were created."""

    resources: dict[tuple[str, str], Json] = field(default_factory=dict)
    updated: dict[tuple[str, str], int] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)


def concept_of(random: random.Random, most: int = 2) -> Json:
    made: Json = {}
    codings = []
    for system, value in random.sample(CODES, random.randint(0, most)):
        coding = {"code": value} | ({"system": system} if system else {})
        codings.append(coding | ({"display": random.choice(DISPLAYS)} if random.random() < 0.5 else {}))
    if codings:
        made["coding"] = codings
    if random.random() < 0.3 or not codings:
        made["text"] = random.choice(DISPLAYS)
    return made


def quantity_of(random: random.Random) -> Json:
    system, unit = random.choice(UNITS)
    made: Json = {"value": float(random.choice(NUMBERS)) if random.random() < 0.5 else int(float(random.choice(NUMBERS)))}
    made |= {"system": system, "code": unit} if system else {"unit": unit}
    if random.random() < 0.15:
        made["comparator"] = random.choice("<>")
    return made


def moment_of(random: random.Random, key: str) -> Json:
    chance = random.random()
    if chance < 0.15:
        return {}
    if chance < 0.7:
        return {f"{key}DateTime": random.choice(DATES)}
    start, end = sorted(random.sample(DATES, 2), key=lambda text: span(text)[0])
    made = {"start": start, "end": end}
    for part in ("start", "end"):
        if random.random() < 0.2 and len(made) == 2:
            del made[part]
    return {f"{key}Period": made}


def name_of(random: random.Random) -> list[Json]:
    return [
        {"family": random.choice(FAMILIES), "given": random.sample(GIVENS, random.randint(0, 2))}
        for _ in range(random.randint(0, 2))
    ]


def resource_of(random: random.Random, kind: str, ids: dict[str, list[str]]) -> Json:
    def link(*kinds: str) -> Json:
        if random.random() < 0.1:
            return {"reference": random.choice(("http://elsewhere.example/Patient/p1", "urn:uuid:0f"))}
        chosen = random.choice(kinds)
        return {"reference": f"{chosen}/{random.choice(ids[chosen])}"}

    made: Json = {"resourceType": kind, "meta": {}}
    if random.random() < 0.3:
        made["meta"]["tag"] = [{"system": LOCAL, "code": random.choice("xyz")}]
    if random.random() < 0.3:
        made["meta"]["profile"] = random.sample(PROFILES, random.randint(1, 2))
    if kind in ("Patient", "Practitioner"):
        made |= {"name": name_of(random), "gender": random.choice(("male", "female"))}
        if random.random() < 0.5:
            made["identifier"] = [{"system": random.choice((LOCAL, LOINC)), "value": random.choice(("1", "2", "a,b|c"))}]
    if kind == "Patient":
        made |= {"birthDate": random.choice([one for one in DATES if "T" not in one])} if random.random() < 0.8 else {}
        made |= {"active": random.random() < 0.5} if random.random() < 0.7 else {}
        made |= {"generalPractitioner": [link("Practitioner", "Organization")]} if random.random() < 0.6 else {}
        made |= {"managingOrganization": link("Organization")} if random.random() < 0.5 else {}
    elif kind == "Organization":
        made |= {"name": random.choice(FAMILIES)}
        made |= {"partOf": link("Organization")} if random.random() < 0.7 else {}
    elif kind == "Observation":
        made |= {"status": random.choice(("final", "amended")), "code": concept_of(random), **moment_of(random, "effective")}
        made |= {"subject": link("Patient", "Patient", "Patient", "Group")} if random.random() < 0.9 else {}
        made |= {"performer": [link("Practitioner", "Organization")]} if random.random() < 0.5 else {}
        made |= {"hasMember": [link("Observation")]} if random.random() < 0.3 else {}
        made |= random.choice(({"valueQuantity": quantity_of(random)}, {"valueCodeableConcept": concept_of(random)}, {}))
        made["component"] = [
            {"code": concept_of(random, 1)} | ({"valueQuantity": quantity_of(random)} if random.random() < 0.8 else {})
            for _ in range(random.randint(0, 2))
        ]
    elif kind == "Condition":
        made |= {"code": concept_of(random), "subject": link("Patient"), **moment_of(random, "onset")}
    elif kind == "RiskAssessment":
        made |= {"subject": link("Patient"), "status": "final", **moment_of(random, "occurrence")}
        made["prediction"] = [{"probabilityDecimal": float(random.choice(NUMBERS))} for _ in range(random.randint(0, 2))]
    return {key: value for key, value in made.items() if value or value is False}


SIZES = {
    "Patient": 14,
    "Practitioner": 5,
    "Organization": 6,
    "Observation": 60,
    "Condition": 20,
    "RiskAssessment": 10,
    "Group": 0,
}


def steps(seed: int) -> list[tuple[str, str, str, Json | None]]:
    """What happens in the world: (put or delete, type, id, resource), some changed and some deleted afterwards."""
    chance = random.Random(seed)
    ids = {kind: [f"{kind[0].lower()}{number}" for number in range(size + 1)] for kind, size in SIZES.items()}
    keys = [(kind, name) for kind, names_ in ids.items() if kind != "Group" for name in names_[: SIZES[kind]]]
    chance.shuffle(keys)
    made: list[tuple[str, str, str, Json | None]] = [("put", *key, resource_of(chance, key[0], ids)) for key in keys]
    made += [("put", *key, resource_of(chance, key[0], ids)) for key in chance.sample(keys, 15)]
    made += [("delete", *key, None) for key in chance.sample(keys, 8)]
    return made
