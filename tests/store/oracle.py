"""What a search must find, decided resource by resource in plain Python, and random searches with their texts."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import world as w
from hypothesis import strategies as st
from world import COMPOSITES, PARAMETERS, Coded, Json, Measured, World

Key = tuple[str, str]
Meets = Callable[[World, Key], bool]


@dataclass(frozen=True)
class Term:
    """A criterion: its text, and whether a resource meets it."""

    name: str
    value: str
    meets: Meets

    def __repr__(self) -> str:
        return f"{self.name}={self.value}"


def folded(text: str) -> str:
    text = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join(text.split())


def escaped(text: str) -> str:
    for sign in ("\\", ",", "$", "|"):
        text = text.replace(sign, f"\\{sign}")
    return text


# --- one value of a parameter: its text, and whether a value of a resource is it
@dataclass(frozen=True)
class One:
    text: str
    has: Callable[[Any], bool]


PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def date_is(prefix: str, search: tuple[int, int], target: tuple[int, int]) -> bool:
    (a, b), (low, high) = search, target
    inside, above, below = a <= low and high <= b, high > b, low < a
    return {
        "": inside,
        "eq": inside,
        "ne": not inside,
        "gt": above,
        "lt": below,
        "ge": above or inside,
        "le": below or inside,
        "sa": low >= b,
        "eb": high <= a,
        "ap": low < b and high > a,
    }[prefix]


def half(text: str) -> Decimal:
    return Decimal(5).scaleb(Decimal(text).as_tuple().exponent - 1)  # type: ignore[operator]


def number_is(prefix: str, text: str, low: Any, high: Any, turned: Callable[[Decimal], Any] = lambda x: x) -> bool:
    """``low`` and ``high``: of the resource, None without end; the search's number is ``turned`` into the same unit."""
    value, near = Decimal(text), half(text)
    if prefix == "ap":
        near = abs(value) / 10
    a, v, b = turned(value - near), turned(value), turned(value + near)
    inside = low is not None and high is not None and a <= low and high < b
    return {
        "": inside,
        "eq": inside,
        "ne": not inside,
        "gt": high is None or high > v,
        "lt": low is None or low < v,
        "ge": high is None or high >= v,
        "le": low is None or low <= v,
        "sa": low is not None and low > v,
        "eb": high is not None and high < v,
        "ap": (low is None or low <= b) and (high is None or high >= a),
    }[prefix]


FACTORS = {
    "mg/dL": ("mass", Fraction(10)),
    "g/L": ("mass", Fraction(1000)),
    "mmol/L": ("amount", Fraction(1)),
    "Cel": ("heat", Fraction(1)),
}


def measured_is(prefix: str, number: str, system: str | None, unit: str | None, target: Measured) -> bool:
    if system == w.UCUM and unit in FACTORS:
        if target.system != w.UCUM or target.unit not in FACTORS or FACTORS[unit][0] != FACTORS[target.unit][0]:
            return False
        ratio = FACTORS[unit][1]
        own = FACTORS[target.unit][1]
        low, high = (None if one is None else Fraction(one) * own for one in (target.low, target.high))
        return number_is(prefix, number, low, high, lambda one: Fraction(one) * ratio)
    if (system and target.system != system) or (unit and target.unit != unit):
        return False
    return number_is(prefix, number, target.low, target.high)


def token_ones() -> list[One]:
    """Every code of the world in every form."""
    made = []
    for system, code in (
        *w.CODES,
        (w.LOCAL, "x"),
        ("", "male"),
        ("", "final"),
        ("", "true"),
        (w.LOCAL, "1"),
        (w.LOINC, "none"),
    ):
        made.append(One(escaped(code), lambda v, code=code: any(c == code for _, c in v.codes)))
        made.append(One(f"{escaped(system)}|{escaped(code)}", lambda v, whole=(system, code): whole in v.codes))
    for system in (w.LOINC, w.SNOMED, w.LOCAL, "http://unknown.example"):
        made.append(One(f"{escaped(system)}|", lambda v, system=system: any(s == system for s, _ in v.codes)))
    return made


def date_ones() -> list[One]:
    return [One(p + text, lambda v, p=p, text=text: date_is(p, w.span(text), v)) for p in PREFIXES for text in w.DATES]


def quantity_ones(numbers: tuple[str, ...] = (*w.NUMBERS, "5e0", "1e2"), prefixes: tuple[str, ...] = PREFIXES) -> list[One]:
    made = []
    for p, text in itertools.product(prefixes, numbers):
        forms: set[tuple[str | None, str | None]] = {(None, None)}
        for system, unit in w.UNITS:
            forms |= {(None, unit)} | ({(system, None), (system, unit)} if system else set())
        for system, unit in sorted(forms, key=str):
            end = f"|{system or ''}|{unit or ''}" if system or unit else ""
            made.append(One(f"{p}{text}{end}", lambda v, p=p, text=text, s=system, u=unit: measured_is(p, text, s, u, v)))
    return made


def number_ones() -> list[One]:
    return [One(p + text, lambda v, p=p, text=text: number_is(p, text, v, v)) for p in PREFIXES for text in w.NUMBERS]


def string_ones(modifier: str) -> list[One]:
    words = (*w.FAMILIES, *w.GIVENS, "M", "ma", "mu", "%", "_", "ann", "Jose", "berg", "É", "Иван", "a")
    if modifier == "exact":
        return [One(escaped(text), lambda v, text=text: v == text) for text in words]
    if modifier in ("contains", "text"):
        return [One(escaped(text), lambda v, text=text: folded(text) in folded(v)) for text in words]
    return [One(escaped(text), lambda v, text=text: folded(v).startswith(folded(text))) for text in words]


def text_ones() -> list[One]:
    words = (*w.DISPLAYS, "hyper", "TENSIVE", "hemo", "strasse", "%", "_", "100%", "nothing", "!")
    return [One(escaped(text), lambda v, text=text: any(folded(text) in folded(one) for one in v.texts)) for text in words]


def under(uri: str, base: str) -> bool:
    return uri == base or uri.startswith(base if base.endswith("/") else base + "/")


def uri_ones(modifier: str) -> list[One]:
    known = (*w.PROFILES, "http://a.example/p", "http://a.example", "http://b.example/x", "http://a.example/p/one/deep/er")
    if modifier == "below":
        return [One(escaped(text), lambda v, text=text: any(under(one, text) for one in unversioned(v))) for text in known]
    if modifier == "above":
        return [One(escaped(text), lambda v, text=text: any(under(text, one) for one in unversioned(v))) for text in known]
    return [One(escaped(text), lambda v, text=text: text in unversioned(v)) for text in known]


MODIFIERS = {"token": ("", "not", "text"), "string": ("", "exact", "contains", "text"), "uri": ("", "below", "above")}


@cache
def ones(form: str, modifier: str) -> tuple[One, ...]:
    """Every value that parameters of a kind are asked for."""
    makers: dict[str, Callable[[], list[One]]] = {
        "token": text_ones if modifier == "text" else token_ones,
        "string": lambda: string_ones(modifier),
        "date": date_ones,
        "quantity": quantity_ones,
        "number": number_ones,
        "uri": lambda: uri_ones(modifier),
    }
    return tuple(makers[form]())


def unversioned(uri: str) -> set[str]:
    """A canonical address is found with and without its version."""
    return {uri, uri.partition("|")[0]}


BASE = "http://here.example/fhir"
TARGETS = {
    ("Patient", "general-practitioner"): ("Practitioner", "Organization"),
    ("Patient", "organization"): ("Organization",),
    ("Organization", "partof"): ("Organization",),
    ("Observation", "subject"): ("Patient", "Group"),
    ("Observation", "patient"): ("Patient",),
    ("Observation", "performer"): ("Practitioner", "Organization", "Patient"),
    ("Observation", "has-member"): ("Observation",),
    ("Condition", "patient"): ("Patient",),
    ("RiskAssessment", "patient"): ("Patient",),
}


@st.composite
def reference_term(draw: Any, kind: str, code: str) -> Term:
    read = PARAMETERS[kind, code][2]
    target = draw(st.sampled_from(TARGETS[kind, code]))
    name = f"{target[0].lower()}{draw(st.integers(0, 14))}"
    form = draw(st.sampled_from(("whole", "whole", "id", "type", "address", "elsewhere", "version", "two")))

    def meets(has: Callable[[Key], bool]) -> Meets:
        return lambda world, key: any(has(one) for one in read(world.resources[key]))

    if form == "id":
        return Term(code, name, meets(lambda one: one[0] != "" and one[1] == name))
    if form == "type":
        return Term(f"{code}:{target}", name, meets(lambda one: one == (target, name)))
    if form == "address":
        return Term(code, f"{BASE}/{target}/{name}", meets(lambda one: one == (target, name)))
    if form == "elsewhere":
        return Term(
            code,
            "http://elsewhere.example/Patient/p1",
            meets(lambda one: one == ("", "http://elsewhere.example/Patient/p1")),
        )
    if form == "version":
        return Term(code, f"{target}/{name}/_history/3", meets(lambda one: one == (target, name)))
    if form == "two":
        return Term(
            code,
            f"{target}/{name},{target}/{target[0].lower()}1",
            meets(lambda one: one in ((target, name), (target, f"{target[0].lower()}1"))),
        )
    return Term(code, f"{target}/{name}", meets(lambda one: one == (target, name)))


def any_of(code: str, modifier: str, ones: list[One], read: Callable[[Json], list[Any]], is_not: bool = False) -> Term:
    name = f"{code}:{modifier}" if modifier else code

    def meets(world: World, key: Key) -> bool:
        return any(one.has(value) for value in read(world.resources[key]) for one in ones) != is_not

    return Term(name, ",".join(one.text for one in ones), meets)


def missing_term(kind: str, code: str, wanted: bool) -> Term:
    read = PARAMETERS[kind, code][2]

    def is_so(world: World, key: Key) -> bool:
        values = [v for v in read(world.resources[key]) if not isinstance(v, Coded) or v.codes or v.texts]
        return bool(values) != wanted

    return Term(f"{code}:missing", "true" if wanted else "false", is_so)


@st.composite
def simple_term(draw: Any, kind: str) -> Term:
    code = draw(st.sampled_from(sorted(c for k, c in PARAMETERS if k == kind)))
    form, _, read = PARAMETERS[kind, code]
    if draw(st.integers(0, 9)) == 0:
        return missing_term(kind, code, draw(st.booleans()))
    if form == "reference":
        return draw(reference_term(kind, code))
    modifier = draw(st.sampled_from(MODIFIERS.get(form, ("",))))
    some = draw(st.lists(st.sampled_from(ones(form, modifier)), min_size=1, max_size=draw(st.sampled_from((1, 1, 3)))))
    return any_of(code, modifier, some, read, modifier == "not")


def grouped_term(code: str, first: One, second: One) -> Term:
    _, groups, parts = COMPOSITES["Observation", code]

    def meets(world: World, key: Key) -> bool:
        return any(
            any(first.has(one) for one in parts[0][1](group)) and any(second.has(one) for one in parts[1][1](group))
            for group in groups(world.resources[key])
        )

    return Term(code, f"{first.text}${second.text}", meets)


@st.composite
def composite_term(draw: Any) -> Term:
    code = draw(st.sampled_from(sorted(c for _, c in COMPOSITES)))
    forms = ["quantity" if name == "value-quantity" else "token" for name, _ in COMPOSITES["Observation", code][2]]
    first, second = (draw(st.sampled_from(ones(form, ""))) for form in forms)
    return grouped_term(code, first, second)


@st.composite
def own_term(draw: Any, kind: str) -> Term:
    if draw(st.booleans()):
        ids = draw(st.lists(st.integers(0, 14), min_size=1, max_size=3))
        names = [f"{kind[0].lower()}{number}" for number in ids]
        return Term("_id", ",".join(names), lambda _, key: key[1] in names)
    prefix, minute = draw(st.sampled_from(PREFIXES)), draw(st.integers(0, 59))
    text = f"2024-01-01T00:{minute:02}:00Z"
    return Term(
        "_lastUpdated",
        prefix + text,
        lambda world, key: date_is(prefix, w.span(text), (world.updated[key], world.updated[key] + 1)),
    )


@st.composite
def chain_term(draw: Any, kind: str, depth: int) -> Term:
    code = draw(st.sampled_from(sorted(c for k, c in TARGETS if k == kind)))
    target = draw(st.sampled_from([one for one in TARGETS[kind, code] if one in w.KINDS]))
    return chained(kind, code, target, draw(term(target, depth - 1)))


def chained(kind: str, code: str, target: str, inner: Term) -> Term:
    read = PARAMETERS[kind, code][2]

    def meets(world: World, key: Key) -> bool:
        return any(
            one[0] == target and one in world.resources and inner.meets(world, one) for one in read(world.resources[key])
        )

    return Term(f"{code}:{target}.{inner.name}", inner.value, meets)


@st.composite
def has_term(draw: Any, kind: str, depth: int) -> Term:
    source, code = draw(st.sampled_from(sorted(key for key, targets in TARGETS.items() if kind in targets)))
    return turned(source, code, draw(term(source, depth - 1)))


def turned(source: str, code: str, inner: Term) -> Term:
    read = PARAMETERS[source, code][2]

    def meets(world: World, key: Key) -> bool:
        return any(
            key in read(world.resources[other]) and inner.meets(world, other)
            for other in world.resources
            if other[0] == source
        )

    return Term(f"_has:{source}:{code}:{inner.name}", inner.value, meets)


def term(kind: str, depth: int = 2) -> st.SearchStrategy[Term]:
    ways = [simple_term(kind), simple_term(kind), simple_term(kind), own_term(kind)]
    if kind == "Observation":
        ways += [composite_term(), composite_term()]
    if depth and any(k == kind for k, _ in TARGETS):
        ways.append(chain_term(kind, depth))
    if depth and any(kind in targets for targets in TARGETS.values()):
        ways.append(has_term(kind, depth))
    return st.one_of(ways)


SORTED = {
    "Patient": ("family", "birthdate", "gender", "_id", "_lastUpdated", "organization"),
    "Observation": ("date", "code", "value-quantity", "status", "_id", "_lastUpdated"),
    "Practitioner": ("name", "_lastUpdated"),
    "Organization": ("name", "partof"),
    "Condition": ("onset-date", "code", "patient", "_profile"),
    "RiskAssessment": ("date", "probability"),
}


@dataclass(frozen=True)
class Asked:
    """A random search: type, criteria, order as (parameter, is descending), size of a page."""

    kind: str
    terms: tuple[Term, ...]
    sort: tuple[tuple[str, bool], ...]
    count: int

    def pairs(self) -> list[tuple[str, str]]:
        made = [(one.name, one.value) for one in self.terms]
        if self.sort:
            made.append(("_sort", ",".join(f"{'-' if down else ''}{code}" for code, down in self.sort)))
        return made


@st.composite
def asked(draw: Any) -> Asked:
    kind = draw(st.sampled_from(("Observation", "Observation", "Observation", *w.KINDS)))
    terms = draw(st.lists(term(kind), max_size=3))
    codes = draw(st.lists(st.sampled_from(SORTED[kind]), max_size=draw(st.sampled_from((0, 1, 1, 2))), unique=True))
    return Asked(
        kind, tuple(terms), tuple((code, draw(st.booleans())) for code in codes), draw(st.sampled_from((1, 3, 7, 50)))
    )


def expected(world: World, search: Asked) -> list[str]:
    """The ids that match, in order."""
    found = [key for key in world.order if key[0] == search.kind and key in world.resources]
    found = [key for key in found if all(one.meets(world, key) for one in search.terms)]
    places = {key: at for at, key in enumerate(world.order)}
    if search.sort and search.sort[0][1]:
        found.reverse()
    for code, down in reversed(search.sort):
        keyed = {key: sort_key(world, key, code, down) for key in found}
        with_key = sorted((key for key in found if keyed[key] is not None), key=lambda key: keyed[key], reverse=down)
        if down:  # a reversed sort keeps the order of equals
            pass
        found = [*with_key, *(key for key in found if keyed[key] is None)]
    assert len(found) == len({places[key] for key in found})
    return [name for _, name in found]


def sort_key(world: World, key: Key, code: str, down: bool) -> Any:
    if code == "_id":
        return key[1]
    if code == "_lastUpdated":
        return world.updated[key]
    form, _, read = PARAMETERS[key[0], code]
    values = read(world.resources[key])
    if form == "token":
        keys: list[Any] = [one for value in values for _, one in value.codes]
    elif form == "date":
        return min((low for low, _ in values), default=None)
    elif form == "quantity":
        keys = [based(one) for one in values]
    elif form == "string":
        keys = [folded(one) for one in values]
    elif form == "reference":
        keys = [one for _, one in values]
    elif form == "uri":
        keys = [text for one in values for text in unversioned(one)]
    else:
        keys = list(values)
    return (max if down else min)(keys, default=None)


def based(one: Measured) -> float:
    if one.low is None:
        return float("-inf")
    amount = float(one.low)
    if one.system == w.UCUM and one.unit in FACTORS:
        amount = amount + 273.15 if one.unit == "Cel" else float(Fraction(one.low) * FACTORS[one.unit][1])
    return math.nextafter(amount, math.inf) if one.high is None else amount  # more than a limit comes after the limit
