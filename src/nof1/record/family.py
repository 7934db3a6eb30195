"""What relatives have or had."""

from __future__ import annotations

from nof1.model.record import Relative
from nof1.record.conditions import recognised
from nof1.record.fields import Json, codings, number, obj, objects, short, text, words
from nof1.record.reading import Reading, Resource


def relatives(resources: list[Resource], reading: Reading) -> list[Relative]:
    """Every condition of every relative; a history that is an error or not known is noted."""
    found = []
    for resource in resources:
        content = resource.content
        relation = words(content.get("relationship"))
        status = text(content.get("status"))
        if status in ("entered-in-error", "health-unknown"):
            reading.leave(status.replace("-", "_"), resource.place, relation, f"its status is {status}; it says nothing")
            continue
        reading.lists.add("relatives")
        for condition in objects(content.get("condition")):
            codes = codings(condition.get("code"))
            said = words(condition.get("code"), codes)
            if said:
                terms = recognised(codes, said, reading.terms)
                found.append(Relative(relation, terms, said, _age(condition), codes, resource.place))
    return found


def _age(condition: Json) -> str:
    if said := text(condition.get("onsetString")):
        return short(said)
    onset = obj(condition.get("onsetAge"))
    value = number(onset.get("value"))
    return "" if value is None else f"{value:g} {text(onset.get('unit')) or text(onset.get('code'))}".strip()
