"""Which drugs a code or a written name means: by whole words only, never by likeness; what was matched is told.

A name counts where the part of the text that holds it begins with it, after strengths, forms and numbers. "Ethinyl
<name>" is another substance than the name alone, so an unknown word before a name forbids the match; salts and forms that
follow do no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nof1.model.record import Code
from nof1.model.terms import Terms, phrase, system_name
from nof1.record.reading import by_code

_UNIT = (
    r"(?:mg|mcg|ug|µg|μg|ng|g|kg|ml|l|unt|iu|ui|u|units?|ie|meq|mmol|mol|hr|hours?|h|d|days?|actuat|act|dose|spray|%|cells?"
    r"|bau|tab|cap|tablets?|capsules?|sqcm|cm2)"
)
_STRENGTH = re.compile(
    rf"(?<![\w-])\d[\d.,]*\s*-?{_UNIT}(?:\s*(?:/|\bper\b)\s*(?:\d[\d.,]*\s*)?{_UNIT})?(?![\w])", re.IGNORECASE
)
_RATIO = re.compile(r"(?<!\w)\d[\d.]*\s*/\s*\d[\d.]*(?!\w)")
_PARTS = re.compile(r"\s/\s|(?<=[a-z)\]])/(?=[a-z(\[])|[+&;|]|\s-\s|\b(?:and|with|plus)\b", re.IGNORECASE)
_JOINED = re.compile(r"([a-z]{4,})-([a-z]{4,})", re.IGNORECASE)
_ASIDES = re.compile(r"[\[\](){},]")
_DENYING = (
    "no not never none without stop stopped discontinue discontinued avoid declined refused instead allergy allergic "
    "intolerance intolerant free replaced replacing former formerly unless"
)
_NOT_TAKEN = frozenset(_DENYING.split())
_FORMS = (
    "take taking takes use using on generic the a of daily tab tabs tablet tablets cap caps capsule capsules inj injection "
    "injectable syrup solution suspension cream ointment gel drops spray patch oral extended release delayed sustained "
    "modified slow prolonged immediate controlled abuse deterrent enteric coated chewable dispersible film low dose high "
    "strength hr hour day days week pack x mg mcg ml g er xr sr cr ir la ec po iv im sc baby adult pediatric paediatric "
    "prefilled syringe auto injector metered inhaler topical ophthalmic nasal rectal vaginal transdermal intravenous"
)
_HARMLESS = frozenset(_FORMS.split())
_PRODUCT = re.compile(r"(?:nda|anda|bla)?\d+[a-z]{0,3}")


@dataclass(frozen=True, slots=True)
class Match:
    """Drugs that were recognised and by what; ``unmatched``: parts of a combination that were not.

    ``why``: why nothing was recognised, with a hint; ``other``: drugs that another part of the entry names instead.
    """

    drugs: tuple[str, ...] = ()
    by: str = ""
    unmatched: tuple[str, ...] = ()
    why: str = ""
    other: tuple[str, ...] = ()


def recognised(codes: tuple[Code, ...], texts: tuple[str, ...], terms: Terms) -> Match:
    """The drugs that codes and texts mean. Codes go first; texts complete a combination or are told where they differ."""
    coded = by_code(tuple(Code(code.system, code.code.upper()) for code in codes), terms.drug_codes)
    said = [by_text(text, terms) for text in dict.fromkeys([*texts, *(code.display for code in codes)]) if text]
    written = next((match for match in said if match.drugs), Match())
    if coded is None:
        return (
            written if written.drugs else next((match for match in said if match.why), Match(why="no name of it is known"))
        )
    code, drugs = coded
    by = f"{_label(code.system)} {code.code}"
    if not written.drugs or set(written.drugs) <= set(drugs):
        return Match(drugs, by)
    if set(drugs) < set(written.drugs):
        return Match(written.drugs, f"{by}, {written.by}", written.unmatched)
    return Match(drugs, by, other=written.drugs)


def _label(system: str) -> str:
    return {"rxnorm": "RxNorm", "atc": "ATC", "snomed": "SNOMED CT"}.get(system_name(system), system)


@lru_cache(maxsize=16384)
def by_text(text: str, terms: Terms) -> Match:
    """The drugs that a text names; every part of a combination for itself."""
    if whole := terms.drug_names.get(phrase(text)):
        return Match(whole, f'name "{text}"')
    if denied := _NOT_TAKEN & set(phrase(text).split()):
        return Match(why=f'it says "{min(denied)}", so it is not read as taken')
    bare = _RATIO.sub(" ", _STRENGTH.sub(" ", text))
    name = " ".join(word for word in phrase(bare).split() if not _is_harmless(word))
    if combined := terms.drug_names.get(name):
        return Match(combined, f'name "{name}" in "{text}"')
    return _by_parts(text, bare, terms)


def _by_parts(text: str, bare: str, terms: Terms) -> Match:
    names: list[str] = []
    missing: list[str] = []
    hint = ""
    for part in _PARTS.split(_JOINED.sub(lambda match: _parted(match, terms), bare)):
        found = [_first_name(aside, terms) for aside in _ASIDES.split(part)]
        names += [name for name, _ in found if name]
        missing += [later for name, later in found if name and later]
        strange = [word for word in phrase(part).split() if not _is_harmless(word) and len(word) > 3]
        if strange and not any(name for name, _ in found):
            missing.append(" ".join(strange))
            hint = hint or _hint(strange, terms)
    drugs = dict.fromkeys(drug for name in names for drug in terms.drug_names[name])
    if not drugs:
        return Match(why=hint or "no name of it is known")
    by = " and ".join(f'"{name}"' for name in dict.fromkeys(names))
    return Match(tuple(drugs), f'name {by} in "{text}"', tuple(dict.fromkeys(missing)))


def _parted(match: re.Match[str], terms: Terms) -> str:
    """Two names joined by a hyphen are the parts of a combination; other hyphens belong to a name."""
    return " / ".join(match.groups()) if all(phrase(word) in terms.drug_names for word in match.groups()) else match[0]


def _first_name(part: str, terms: Terms) -> tuple[str, str]:
    """The longest name that a part begins with, and another name that follows it (a salt, or a second drug: not told)."""
    words = phrase(part).split()
    at = next((place for place, word in enumerate(words) if not _is_harmless(word)), 0)
    for start in range(at + 1):  # what looks like a number may belong to the name
        for length in range(min(terms.longest_name, len(words) - start), 0, -1):
            name = " ".join(words[start : start + length])
            if name in terms.drug_names:
                drugs = terms.drug_names[name]
                rest = (word for word in words[start + length :] if word in terms.drug_names)
                return name, next((word for word in rest if not set(terms.drug_names[word]) <= set(drugs)), "")
    return "", ""


def _is_harmless(word: str) -> bool:
    return word in _HARMLESS or len(word) == 1 or _PRODUCT.fullmatch(word) is not None


def _hint(words: list[str], terms: Terms) -> str:
    for word in words:
        if word in terms.drug_names:
            return (
                f'it has the name "{word}" behind another word and may be another substance; write the name alone or a code'
            )
        if near := terms.nearest(word):
            return f'"{word}" is no known name; did you mean {near}?'
    return ""
