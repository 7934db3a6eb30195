"""What the resources of an answer on doses share: whose it is, where ids come from, quantities, regimens in words."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from nof1.report.fhir_parts import Resource, codes, concept, notes, plain
from nof1.response.answer import Answer
from nof1.response.targets import Aim

UCUM = "http://unitsofmeasure.org"
PREDICTED = "predicted by population models from doses given and levels measured; nobody measured it"
UNSIGNED = "Made by software, not signed out by anybody. Not a medical device."
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:nof1:report:fhir:dose")
_KINDS = "Observation|MedicationAdministration|MedicationRequest|MedicationStatement"
_PLACE = re.compile(rf"(?:^|\s)((?:{_KINDS})/[A-Za-z0-9\-.]{{1,64}})$")
PATIENT_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class About:
    """What the answer itself does not know: whose it is, when it was made and by what, and codes.

    ``zero``: the moment of hour 0, where it is known. ``basis``: places of the record's doses and levels. ``routes``: codes
    of routes as ``system|code``, to the word.
    """

    person: str = ""
    created: str = ""
    software: str = ""
    edition: str = ""
    zero: datetime | None = None
    basis: Sequence[str] = ()
    rxnorm: str = ""
    routes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DoseFrame:
    """The answer, what is told about it, and where ids come from: they follow from the whole content."""

    answer: Answer
    about: About
    seed: uuid.UUID

    def id(self, local: str) -> str:
        """The id of the resource that is called ``local`` within the bundle."""
        return str(uuid.uuid5(self.seed, local))

    def to(self, local: str) -> Resource:
        """A reference to a resource of the bundle."""
        return {"reference": f"urn:uuid:{self.id(local)}"}

    @property
    def patient(self) -> Resource:
        """A reference to the patient of the record, or to the one of the bundle."""
        name = self.about.person
        return {"reference": f"Patient/{name}"} if PATIENT_ID.fullmatch(name) else self.to("patient")

    @property
    def medicine(self) -> Resource:
        """The drug as CodeableConcept."""
        code = {"system": codes()["system", "rxnorm"]["system"], "code": self.about.rxnorm} if self.about.rxnorm else {}
        return concept(self.answer.drug, code)

    @property
    def now(self) -> str:
        """When the next dose may be given, where hour 0 has a date and a zone; otherwise the day of the answer."""
        zero = self.about.zero
        if zero is None or zero.tzinfo is None:
            return self.about.created
        return (zero + timedelta(hours=round(self.answer.case.now * 3600) / 3600)).isoformat(timespec="seconds")


def frame(answer: Answer, about: About) -> DoseFrame:
    """The frame of the bundle of an answer."""
    chosen = (answer.case, answer.options, answer.loading, answer.present, answer.draft, answer.models, answer.blocked)
    return DoseFrame(answer, about, uuid.uuid5(_NAMES, msgspec.json.encode((*chosen, about), order="deterministic").hex()))


def device(at: DoseFrame) -> Resource:
    """The software and its knowledge."""
    name, _, version = plain(at.about.software).partition(" ")
    told = [("software", version), ("knowledge edition", at.about.edition)]
    versions = [{"type": concept(kind), "value": plain(value)} for kind, value in told if plain(value)]
    return {
        "resourceType": "Device",
        "id": at.id("device"),
        "deviceName": [{"name": name or "unnamed software", "type": "other"}],
        **({"version": versions} if versions else {}),
        **notes([UNSIGNED]),
    }


def basis(at: DoseFrame) -> list[Resource]:
    """References to the doses and levels of the record that the answer rests on."""
    found = [match[1] for place in at.about.basis if (match := _PLACE.search(place))]
    return [{"reference": place} for place in dict.fromkeys(found)]


def method(at: DoseFrame) -> Resource:
    """How the answer was reached: the models with their weights."""
    models = "; ".join(f"{model.title} (weight {model.weight:.2f}, {model.method})" for model in at.answer.models)
    return concept(f"posterior of {models}" if at.answer.levels else f"population models without levels: {models}")


def quantity(value: float, unit: str) -> Resource:
    """A Quantity in UCUM, to four digits."""
    return {"value": _rounded(value), "unit": plain(unit), "system": UCUM, "code": unit}


def _rounded(value: float) -> float:
    """Four digits; JSON knows no more than that is known."""
    return float(f"{value:.4g}")


def target_range(aim: Aim) -> str:
    """The range that is aimed at, in words."""
    ends = [f"{value:g}" for value in (aim.low, aim.high) if math.isfinite(value)]
    side = "" if len(ends) == 2 else "at least " if math.isfinite(aim.low) else "at most "
    return f"{side}{' to '.join(ends)} {aim.target.unit}"
