"""What drug an entry is about: a concept, or a Medication with its ingredients; and which known drugs that means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nof1.model.record import Code
from nof1.model.terms import Terms, phrase
from nof1.record.drug_names import Match, recognised
from nof1.record.fields import Json, codings, obj, objects, reference, text, words
from nof1.record.reading import Reading, Resource

_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Product:
    """The concept of a drug, the words for its form, and its active ingredients.

    ``missing``: where a reference leads that leads nowhere.
    """

    concept: Json
    form: str = ""
    ingredients: tuple[Json, ...] = ()
    missing: str = ""

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes of the drug."""
        return codings(self.concept)

    @property
    def said(self) -> str:
        """The drug as the record calls it: its name, or those of its ingredients."""
        parts = " / ".join(name for one in self.ingredients if (name := words(one)))
        return words(self.concept, self.codes) or parts or self.missing

    @property
    def described(self) -> str:
        """Every word for the drug and its form."""
        return " ".join(dict.fromkeys((self.said, *(code.display for code in self.codes), self.form)))


def product(resource: Resource, reading: Reading) -> Product:
    """What a request, statement, dispense or administration is about; a reference that leads nowhere is noted."""
    content = resource.content
    concept = obj(content.get("medicationCodeableConcept"))
    link = content.get("medicationReference")
    if _says_something(concept) or not link:
        return Product(concept)
    shown = text(obj(link).get("display"))
    medication = _there(link, (content,), resource.place, reading)
    if medication is None:
        return Product({"text": shown}, missing=reference(link))
    ingredients = tuple(_ingredients(medication, (medication, content), resource.place, reading))
    code = obj(medication.get("code"))
    named = code if _says_something(code) or ingredients else {"text": shown}
    return Product(named, words(medication.get("form")), ingredients)


def _says_something(concept: Json) -> bool:
    return bool(codings(concept) or text(concept.get("text")))


def _there(link: object, holders: tuple[Json, ...], place: str, reading: Reading) -> Json | None:
    """What a reference leads to: inside the ``holders``, or in the record."""
    said = reference(link)
    if said.startswith("#"):
        inside = (one for holder in holders for one in objects(holder.get("contained")))
        found = next((one for one in inside if one.get("id") == said[1:]), None)
    else:
        there = reading.known.get(said)
        found = there.content if there else None
    if found is None:
        shown = text(obj(link).get("display"))
        reason = "the record does not hold the medication it refers to" + ("; its display is read" if shown else "")
        reading.leave("reference_missing", place, said or shown, reason)
    return found


def _ingredients(
    medication: Json, holders: tuple[Json, ...], place: str, reading: Reading, depth: int = 0
) -> Iterator[Json]:
    """The concept of each ingredient that is not said to be inactive."""
    for one in objects(medication.get("ingredient")):
        concept, link = obj(one.get("itemCodeableConcept")), one.get("itemReference")
        if one.get("isActive") is False:
            continue
        if _says_something(concept) or not link:
            yield concept
        elif (found := _there(link, holders, place, reading)) is None:
            yield {"text": text(obj(link).get("display"))}
        elif _says_something(obj(found.get("code"))) or depth >= _DEEPEST:
            yield obj(found.get("code"))
        else:
            yield from _ingredients(found, (found, *holders), place, reading, depth + 1)


def drugs_of(found: Product, terms: Terms) -> Match:
    """The known drugs of a product: by its code and name; its ingredients complete or contradict them."""
    said = words(found.concept, found.codes)
    own = recognised(found.codes, (said,) if said else (), terms)
    parts = [(words(one), recognised(codings(one), (words(one),), terms)) for one in found.ingredients if words(one)]
    drugs = tuple(dict.fromkeys(drug for _, part in parts for drug in part.drugs))
    if not drugs and not own.drugs:
        return replace(own, why=own.why if said else next((part.why for _, part in parts), own.why))
    unknown = [name for name, part in parts if not part.drugs]
    unmatched = (*own.unmatched, *unknown, *(more for _, part in parts for more in part.unmatched))
    missing = tuple({phrase(name): name for name in reversed(unmatched)}.values())[::-1]
    by = "ingredients " + " and ".join(dict.fromkeys(part.by for _, part in parts if part.drugs))
    if set(drugs) <= set(own.drugs):
        return replace(own, unmatched=missing)
    if not own.drugs:
        return Match(drugs, by, missing)
    if set(own.drugs) < set(drugs):
        return Match(drugs, f"{own.by}, {by}", missing)
    return replace(own, unmatched=missing, other=own.other or drugs)
