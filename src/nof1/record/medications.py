"""Drugs ordered, taken, given and handed out, as one kind of fact; the same drug twice is folded or told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from nof1.model.record import Course, Medication, Quantity
from nof1.model.terms import phrase
from nof1.record.courses import course
from nof1.record.dosage import dosage
from nof1.record.drug_names import Match
from nof1.record.fields import objects, text
from nof1.record.products import Product, drugs_of, product
from nof1.record.reading import Reading, Resource

KINDS = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration")
_ACT = KINDS[-1]
_NOT_TAKEN = ("not-taken", "not-done", "cancelled", "declined")
_NONE = {"no-known-medications", "787481004"}
_NOTHING = {"no-medication-info"}


def medications(resources: list[Resource], reading: Reading) -> list[Medication]:
    """Every drug with its course; what is not a fact, not recognised or there twice is noted."""
    found: list[Medication] = []
    for resource in resources:
        about = product(resource, reading)
        names = {code.code for code in about.codes}
        if names & _NOTHING or not _is_fact(resource, about.said, reading, is_none=bool(names & _NONE)):
            continue
        reading.lists.add("medications")
        if names & _NONE:
            reading.said_none.add("medications")
        else:
            found.append(_medication(resource, about, reading))
    return _without_repeats(found, reading)


def _is_fact(resource: Resource, said: str, reading: Reading, is_none: bool) -> bool:
    """Whether it was taken or may be. ``is_none``: it says that there is no drug, which only an error takes back."""
    status = text(resource.content.get("status"))
    if status == "entered-in-error":
        reading.leave("entered_in_error", resource.place, said, "its status is entered-in-error; it is no fact")
    elif is_none:
        return True
    elif resource.content.get("doNotPerform") is True:
        reading.leave("not_taken", resource.place, said, "it says that the drug is not to be given; it is no order")
    elif status in _NOT_TAKEN:
        reading.leave("not_taken", resource.place, said, f"its status is {status}; it counts as never taken")
    elif resource.kind == "MedicationRequest" and text(resource.content.get("intent")) == "option":
        reading.leave("not_taken", resource.place, said, "it is one option of several, not an order")
    else:
        return True
    return False


def _medication(resource: Resource, about: Product, reading: Reading) -> Medication:
    content, place = resource.content, resource.place
    match = drugs_of(about, reading.terms)
    _tell(match, about.said, place, reading)
    instructions = objects(content.get("dosageInstruction")) or objects(content.get("dosage"))
    taken = dosage(instructions, about.described, place, reading)
    holds, start, end = course(resource, taken, about.said, reading)
    if start and end and end < start:
        reading.leave("dates_contradict", place, f"{start} to {end}", "it ends before it begins; neither date is used")
        start = end = None
    return Medication(
        match.drugs,
        about.said,
        match.by,
        holds,
        start,
        end,
        taken.route,
        taken.is_systemic,
        taken.dose,
        taken.per_day,
        taken.text,
        about.codes,
        place,
        text(content.get("status")),
    )


def _tell(match: Match, said: str, place: str, reading: Reading) -> None:
    if not match.drugs:
        reading.leave(
            "drug_not_recognised", place, said, f"{match.why or 'no name of it is known'}; nothing is checked for it"
        )
    for part in match.unmatched:
        known = phrase(part) in reading.terms.drug_names
        why = "stands behind another name: its salt, or a second drug" if known else "has no known name"
        reading.leave("drug_part_not_recognised", place, said, f'its part "{part}" {why}; nothing is checked for that')
    if match.other:
        others = " / ".join(match.other)
        meant = " / ".join(match.drugs)
        reason = f"its code means {meant} and its text or ingredients {others}; the code is used: find out which is right"
        reading.leave("drug_contradiction", place, said, reason)


_Signature = tuple[Course, Quantity | None, float | None, bool | None, str, str]


@dataclass(slots=True)
class _Seen:
    """Entries of one drug so far: the first, those taken by kind of route, and those that say the same."""

    first: Medication | None = None
    taken: dict[bool | None, Medication] = field(default_factory=dict)
    alike: dict[_Signature, Medication] = field(default_factory=dict)
    begun: dict[tuple[_Signature, date | None], Medication] = field(default_factory=dict)

    def same(self, new: Medication) -> Medication | None:
        """An entry than which ``new`` says no more: it is a supply or dose of what is ordered, or has the same words."""
        if new.course is Course.UNKNOWN and self.taken and (new.is_systemic is None or new.is_systemic in self.taken):
            return self.taken.get(new.is_systemic) or next(iter(self.taken.values()))
        signature = _signature(new)
        return self.alike.get(signature) if new.course is Course.ACTIVE else self.begun.get((signature, new.start))

    def add(self, new: Medication) -> None:
        """Remembers an entry that is kept."""
        self.first = self.first or new
        if new.course is Course.ACTIVE:
            self.taken.setdefault(new.is_systemic, new)
        self.alike.setdefault(_signature(new), new)
        self.begun.setdefault((_signature(new), new.start), new)


def _signature(item: Medication) -> _Signature:
    return item.course, item.dose, item.per_day, item.is_systemic, phrase(item.text), item.dose_text


def _without_repeats(found: list[Medication], reading: Reading) -> list[Medication]:
    """Folds what is the same; what is the same drug otherwise (dose, route) stays and is told. History stays as it is.

    Several doses as they were given are no contradiction, and nothing to tell.
    """
    kept: list[Medication] = []
    seen: dict[tuple[str, ...], _Seen] = {}
    for item in found:
        key = tuple(sorted(item.drugs)) or (phrase(item.text),)
        if item.course is not Course.STOPPED and key != ("",):
            others, name = seen.setdefault(key, _Seen()), " / ".join(item.drugs) or item.text
            if same := others.same(item):
                if not _are_acts(item, same):
                    reading.leave("medication_repeated", item.place, name, f"the same as {same.place}; counted once")
                continue
            if others.first and item.drugs and not _are_acts(item, others.first):
                reason = f"the drug is also at {others.first.place}; both are kept: check which holds"
                reading.leave("drug_twice", item.place, name, reason)
            others.add(item)
        kept.append(item)
    return kept


def _are_acts(one: Medication, other: Medication) -> bool:
    """Whether both are single doses that were given."""
    return all(f"{_ACT}/" in item.place for item in (one, other))
