"""Facts in words: for the clinician as titles, for the person as what can be told or brought, and conditions over both."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nof1.knowledge.care import Care
from nof1.knowledge.risk_equations import RiskInput

PERSON = {"age": ("age", "your date of birth"), "female": ("sex", "your sex"), "male": ("sex", "your sex")}
_NAME = re.compile(r"[A-Za-z_]\w*")
_SIGNS = (("<=", "≤"), (">=", "≥"), ("==", "="), ("!=", "≠"), (" * ", " × "))
_KEPT = frozenset({"and", "or", "not", "where", "min", "max", "exp", "log", "sqrt", "abs", "floor"})


def title_of(care: Care, name: str) -> str:
    """A fact in words: of a measurement, a state, what equations give, age and sex; else the name without its signs.

    >>> title_of(Care(), "age"), title_of(Care(), "some_fact")
    ('age', 'some fact')
    """
    term = care.measurements.get(name) or care.conditions.get(name)
    if term is not None:
        return term.title
    called = (
        next((one.called for one in care.policy.equations if one.gives == name and one.called), "") if care.policy else ""
    )
    return called or PERSON.get(name, ("",))[0] or name.replace("_", " ")


def titles_of(care: Care) -> dict[str, str]:
    """Every fact that a condition may name, in words."""
    return {name: title_of(care, name) for name in _names(care)}


def plain_words(care: Care) -> dict[str, str]:
    """Facts as the person is asked about them; those without such words are left out."""
    found = {name: one.patient for name, one in care.measurements.items()}
    found |= {name: one.patient for name, one in care.conditions.items()}
    found |= {one.gives: one.patient for one in (care.policy.equations if care.policy else ()) if one.patient}
    found |= {name: words for name, (_, words) in PERSON.items()}
    return {name: words for name, words in found.items() if words}


def plain_input(item: RiskInput, plain: Mapping[str, str]) -> str:
    """An input of an equation as the person is asked about it: by its own words, else those of the fact it is read from."""
    terms = [name for found in item.found for name in (*found.terms, found.age_at)]
    terms += [choice.term for choice in item.choices]
    return item.patient or next((plain[name] for name in terms if name in plain), "")


def condition_words(text: str, titles: Mapping[str, str]) -> str:
    """A condition with its facts in words.

    >>> condition_words("crcl >= 10 and crcl <= 30", {"crcl": "creatinine clearance"})
    'creatinine clearance ≥ 10 and creatinine clearance ≤ 30'
    """
    for sign, written in _SIGNS:
        text = text.replace(sign, written)
    return _NAME.sub(lambda found: found[0] if found[0] in _KEPT else titles.get(found[0], found[0].replace("_", " ")), text)


def _names(care: Care) -> dict[str, None]:
    computed = [one.gives for one in care.policy.equations] if care.policy else []
    return dict.fromkeys([*PERSON, *computed, *care.measurements, *care.conditions])
