"""What the knowledge asks of the readers of records, so that it reaches them without a sideways import."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_SYSTEMS = {
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "http://www.whocc.no/atc": "atc",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "http://fhir.de/codesystem/bfarm/atc": "atc",
    "http://fhir.de/codesystem/dimdi/atc": "atc",
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10",
    "http://fhir.de/codesystem/bfarm/icd-10-gm": "icd10",
    "http://fhir.de/codesystem/dimdi/icd-10-gm": "icd10",
    "urn:oid:2.16.840.1.113883.6.3": "icd10",
    "urn:oid:2.16.840.1.113883.6.90": "icd10",
    "http://hl7.org/fhir/sid/cvx": "cvx",
    "urn:oid:2.16.840.1.113883.12.292": "cvx",
    "http://unitsofmeasure.org": "ucum",
    "urn:oid:2.16.840.1.113883.6.8": "ucum",
    "http://terminology.hl7.org/codesystem/v3-routeofadministration": "route",
    "http://terminology.hl7.org/codesystem/v3-gtsabbreviation": "timing",
    "http://terminology.hl7.org/codesystem/v3-rolecode": "role",
    "http://hl7.org/fhir/uv/ips/codesystem/absent-unknown-uv-ips": "absent",
    "http://www.genenames.org": "hgnc",
    "http://www.genenames.org/geneid": "hgnc",
}
_NOT_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def system_name(system: str) -> str:
    """The short name of a code system (``rxnorm``, ``snomed`` ...), or what was given where it is not known.

    >>> system_name("http://snomed.info/sct")
    'snomed'
    """
    return _SYSTEMS.get(system) or _SYSTEMS.get(system.lower().split("|")[0].rstrip("/"), system)


@lru_cache(maxsize=32768)
def phrase(text: str) -> str:
    """The words of a text in lower case, one space between them: names are compared in this form only.

    >>> phrase("Peginterferon  alfa-2a [brand]")
    'peginterferon alfa 2a brand'
    """
    return _NOT_WORDS.sub(" ", text.casefold()).strip()


def shortened(word: str) -> Iterator[str]:
    """The word and the word without each of its letters: two words one slip apart share one of these."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def near_index(names: Iterable[str], shortest: int = 5) -> dict[str, tuple[str, ...]]:
    """Shortened forms -> names, for hints on spelling; never for recognising anything."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        if len(name) >= shortest and " " not in name:
            for form in shortened(name):
                found[form] = (*found.get(form, ()), name)
    return found


@dataclass(frozen=True, slots=True)
class Measurable:
    """What can be measured, as a reader needs it.

    ``unit``: UCUM, empty for what has none. ``low`` and ``high``: outside, a value is not believed. ``answers``: coded or
    written results (``system|code``, code, or text as ``phrase`` gives it) -> the word for it.
    """

    id: str
    title: str
    unit: str = ""
    molar_mass: float | None = None
    charge: int | None = None
    low: float | None = None
    high: float | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "laboratory"


Codes = Mapping[tuple[str, str], tuple[str, ...]]
Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Every code and name that a record may use for what the knowledge knows; equal to itself only.

    Codes are keyed by the short name of their system and the code, names by ``phrase``. A combination gives its
    ingredients. ``class_codes``: of an allergy to a class of drugs, and the ATC groups that make it up.
    ``condition_prefixes``: ICD-10 without its dot. ``route_codes``: to the word for the route. ``near``: hints on spelling.
    ``services``: codes of examinations, tests and vaccinations whose days are asked for.
    """

    drug_codes: Codes = field(default_factory=dict)
    drug_names: Names = field(default_factory=dict)
    class_codes: Codes = field(default_factory=dict)
    class_names: Names = field(default_factory=dict)
    measurements: Mapping[str, Measurable] = field(default_factory=dict)
    measurement_codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    measurement_names: Mapping[str, str] = field(default_factory=dict)
    condition_codes: Codes = field(default_factory=dict)
    condition_prefixes: Names = field(default_factory=dict)
    condition_names: Names = field(default_factory=dict)
    route_codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    systemic_words: frozenset[str] = frozenset()
    local_words: frozenset[str] = frozenset()
    genes: frozenset[str] = frozenset()
    services: frozenset[tuple[str, str]] = frozenset()
    gene_codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    near: Names = field(default_factory=dict)
    longest_name: int = 1

    def nearest(self, word: str) -> str:
        """The name of a drug one slip of the pen away, for a hint; empty where there is none or more than one."""
        found = {name for form in shortened(word) for name in self.near.get(form, ())}
        return found.pop() if len(found) == 1 else ""
