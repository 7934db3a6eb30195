"""The codes and names that readers of records are asked to recognise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from nof1.knowledge.care import Care, ConditionTerm, DrugTerm, MeasurementTerm, RecordPolicy
from nof1.model.terms import Measurable, Terms, near_index, phrase, system_name

Key = tuple[str, str]
Groups = dict[Key, tuple[str, ...]]
_K = TypeVar("_K")


def terms(
    care: Care,
    genes: Iterable[str] = (),
    gene_codes: Mapping[Key, str] | None = None,
    services: Iterable[str] = (),
) -> Terms:
    """The terms of the knowledge as maps from codes and names.

    ``genes``: symbols of the genes it knows. ``gene_codes``: codes of tests that are about one gene, by system and code.
    ``services``: codes (``system|code``) of what is done to prevent, whose days are kept.
    """
    names = _drug_names(care.drugs.values())
    measurements, conditions = list(care.measurements.values()), list(care.conditions.values())
    routes, systemic, local = _routes(care.policy)
    return Terms(
        drug_codes=_drug_codes(care.drugs.values()),
        drug_names=names,
        class_codes=_class_codes(care),
        class_names=_grouped(
            (phrase(name), one.id) for one in care.classes.values() for name in (one.title, *one.also_named)
        ),
        measurements={term.id: _measurable(term) for term in measurements},
        measurement_codes=_measurement_codes(measurements),
        measurement_names={phrase(name): term.id for term in measurements for name in (term.title, *term.also_named)},
        condition_codes=_grouped((split_code(code, "snomed"), term.id) for term in conditions for code in term.snomed),
        condition_prefixes=_grouped((icd(prefix), term.id) for term in conditions for prefix in term.icd10),
        condition_names=_grouped(_condition_names(conditions)),
        route_codes=routes,
        systemic_words=systemic,
        local_words=local,
        genes=frozenset(genes),
        services=frozenset(split_code(code, "snomed") for code in services),
        gene_codes=dict(gene_codes or {}),
        near=near_index(names),
        longest_name=max((name.count(" ") + 1 for name in names), default=1),
    )


def icd(code: str) -> str:
    """An ICD-10 code without dot and marks.

    >>> icd("n18.5 ")
    'N185'
    """
    return "".join(letter for letter in code.upper() if letter.isalnum())


def split_code(text: str, default: str) -> Key:
    """``system|code`` as (short name of the system, code); ``default`` is the system where none is written.

    >>> split_code("http://loinc.org|2160-0", "")
    ('loinc', '2160-0')
    """
    system, _, code = text.rpartition("|")
    return (system_name(system.strip()) if system else default), code.strip()


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _holds(term: DrugTerm) -> tuple[str, ...]:
    return tuple(_listed(term.ingredients)) or (term.name,)


def _drug_codes(drugs: Iterable[DrugTerm]) -> Groups:
    """Codes of each drug. A code that several single substances share is that of their combination."""
    found: dict[Key, dict[str, None]] = {}
    for term in sorted(drugs, key=lambda term: not term.ingredients):  # rows of combinations first: they say what is in it
        for system, cell in (("rxnorm", term.rxnorm), ("atc", term.atc)):
            for code in _listed(cell):
                found.setdefault((system, code.upper()), {}).update(dict.fromkeys(_holds(term)))
    return {key: tuple(names) for key, names in found.items()}


def _drug_names(drugs: Iterable[DrugTerm]) -> dict[str, tuple[str, ...]]:
    """Every name; the first name of a drug goes before another's further names."""
    found = {phrase(term.name): _holds(term) for term in drugs}
    for term in drugs:
        for name in _listed(term.also_named):
            if key := phrase(name):
                found.setdefault(key, _holds(term))
    return found


def _class_codes(care: Care) -> Groups:
    """Codes of allergies to a class, and the ATC groups that are the class."""
    written = [(split_code(code, "snomed"), one.id) for one in care.classes.values() for code in one.codes]
    return _grouped([*written, *((("atc", code.upper()), one.id) for one in care.classes.values() for code in one.atc)])


def _measurable(term: MeasurementTerm) -> Measurable:
    low, high = (term.plausible[0], term.plausible[1]) if len(term.plausible) == 2 else (None, None)
    answers = {_answer(key): word for key, word in term.answers.items()}
    return Measurable(term.id, term.title, term.unit, term.molar_mass, term.charge, low, high, answers, term.kind)


def _answer(key: str) -> str:
    """``system|code`` with the system's short name; a bare code or a text as a phrase."""
    if "|" not in key:
        return phrase(key)
    system, code = split_code(key, "")
    return f"{system}|{code.lower()}"


def _measurement_codes(measurements: Iterable[MeasurementTerm]) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for term in measurements:
        for system, codes in (("loinc", term.loinc), ("snomed", term.snomed)):
            for code in codes:
                found.setdefault(split_code(code, system), term.id)
    return found


def _condition_names(conditions: Iterable[ConditionTerm]) -> Iterator[tuple[str, str]]:
    for term in conditions:
        for name in (term.title, *term.also_named):
            yield phrase(name), term.id


def _routes(policy: RecordPolicy | None) -> tuple[dict[Key, str], frozenset[str], frozenset[str]]:
    """Codes of routes (by any system where none is written), and the words for routes into the blood and for local ones."""
    if policy is None:
        return {}, frozenset(), frozenset()
    codes = {split_code(code, ""): word for code, word in policy.route_codes.items()}
    return codes, frozenset(map(phrase, policy.systemic_routes)), frozenset(map(phrase, policy.local_routes))


def _grouped(pairs: Iterable[tuple[_K, str]]) -> dict[_K, tuple[str, ...]]:
    found: dict[_K, tuple[str, ...]] = {}
    for key, one in pairs:
        if key and one not in found.get(key, ()):
            found[key] = (*found.get(key, ()), one)
    return found
