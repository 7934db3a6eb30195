"""Observations of a structured report: one for every number with a value, and one for every qualitative evaluation."""

from __future__ import annotations

from nof1.errors import UnitError
from nof1.imaging.codes import DCM, UCUM, Coded
from nof1.imaging.content import Item, Measured
from nof1.imaging.elements import decimal
from nof1.imaging.reports import Around, Document, shown_name
from nof1.imaging.uids import SYSTEM, Json, is_uid, resource_id, study_reference
from nof1.units.grammar import parse

# concepts of PS3.16, TID 300, 310, 1501 and 1000: what they say has its own element in FHIR
_SITE, _LATERALITY, _TOPOGRAPHY, _METHOD = "SCT 363698007", "SCT 272741003", "SCT 106233006", "SCT 370129005"
_FINDING, _CATEGORY = "DCM 121071", "SCT 276214006"
_GROUP, _EVALUATIONS = "DCM 125007", "UMLS C0034375"
_LOWER, _UPPER = "SCT 385524004", "SCT 371933006"
_TRACKING, _TRACKING_UID = "DCM 112039", "DCM 112040"
_PERSON, _DEVICE_UID, _DEVICE = "DCM 121008", "DCM 121012", "DCM 121013"
_SUBJECT_CLASS, _OF_PATIENT = "DCM 121024", ("DCM 121025", "DCM 121027")  # patient; specimen of the patient
_MODIFIER, _CONTEXT = "HAS CONCEPT MOD", "HAS OBS CONTEXT"
_DESCRIBING = (_MODIFIER, "HAS PROPERTIES", "HAS ACQ CONTEXT")
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
Above = tuple[Item, ...]


def observations(document: Document, around: Around) -> tuple[list[Json], list[tuple[str, str]]]:
    """The Observations of a document in its order, and what of it is left out, as ``(place, reason)``."""
    found: list[Json] = []
    left: list[tuple[str, str]] = []
    for item, above in document.root.walk():
        if not _is_asked(item, above):
            continue
        value = _value(item)
        if isinstance(value, str):
            left.append((f"{document.place} item {item.place}", value))
        elif subject := _other_subject(item, above):
            left.append((f"{document.place} item {item.place}", f"'{item.title}' is of {subject}, not of the patient"))
        else:
            found.append(_observation(document, item, above, value, around))
    return found, left


def _is_asked(item: Item, above: Above) -> bool:
    """Whether an item stands for itself: a number that describes no other item, or an evaluation in its section."""
    if item.kind == "NUM":
        return item.relation not in (*_DESCRIBING, _CONTEXT) or (bool(above) and above[-1].kind == "CONTAINER")
    is_evaluation = item.kind == "CODE" and item.relation == "CONTAINS" and bool(above)
    return is_evaluation and above[-1].key in (_GROUP, _EVALUATIONS)


def _value(item: Item) -> Json | str:
    """The value as the element that holds it, or why there is none."""
    if item.name is None:
        return "an item without a name: what was measured cannot be told"
    if item.kind == "CODE":
        return {"valueCodeableConcept": item.code.concept()} if item.code else f"'{item.title}' has no coded value"
    quantity = _quantity(item.title, item.measured) if item.measured else f"'{item.title}' has no value"
    return {"valueQuantity": quantity} if isinstance(quantity, dict) else quantity


def _quantity(title: str, measured: Measured) -> Json | str:
    """The FHIR Quantity of a number in UCUM, or why it is none."""
    if measured.count == 0 or not measured.number:
        why = f" ({measured.qualifier.meaning or measured.qualifier.code})" if measured.qualifier else ""
        return f"'{title}' has no value{why}"
    if measured.count > 1 or (number := decimal(measured.number)) is None:
        return f"'{title}' is no single number: {measured.number[:40]!r}"
    if (unit := measured.unit) is None:
        return f"'{title}' = {measured.number} has no unit"
    if unit.scheme != "UCUM":
        return f"'{title}' = {measured.number}: the unit '{unit.code}' of the scheme {unit.scheme} is no UCUM unit"
    try:
        parse(unit.code)
    except UnitError as error:
        return f"'{title}' = {measured.number}: {error}"
    return {"value": number, "unit": unit.meaning or unit.code, "system": UCUM, "code": unit.code}


def _other_subject(item: Item, above: Above) -> str:
    """Whom or what the item is about, where that is not the patient (TID 1006: a fetus, a device)."""
    for level in (item, *reversed(above)):
        for one in level.below(_CONTEXT, _SUBJECT_CLASS):
            return "" if one.code is None or one.code.key in _OF_PATIENT else one.code.meaning or one.code.code
    return ""


def _observation(document: Document, item: Item, above: Above, value: Json, around: Around) -> Json:
    name = item.name or Coded("", "", "", ())
    studies = _studies(document, item, above)
    imaging = {"system": _CATEGORIES, "code": "imaging", "display": "Imaging"}
    found: Json = {
        "resourceType": "Observation",
        "id": resource_id(document.uid, item.place),
        "partOf": [study_reference(document.study, document.study in around.known)],
        "status": "preliminary" if document.status == "partial" else document.status,
        "category": [{"coding": [imaging]}],
        "code": name.concept(),
        "subject": around.subject,
        **value,
        "note": [{"text": _standing(document)}],
    }
    if studies:
        found["derivedFrom"] = [study_reference(uid, uid in around.known) for uid in studies]
    if at := _effective(document, studies, around):
        found["effectiveDateTime"] = at
    return found | _observers(item, above) | _tracking(item, above) | _described(item, above)


def _standing(document: Document) -> str:
    by = f" by {', '.join(document.verifiers)}" if document.verifiers and document.verification == "VERIFIED" else ""
    flags = f"{document.completion or 'without completion flag'}, {document.verification or 'without verification flag'}"
    return f"DICOM structured report {document.uid}: {flags}{by}"


def _studies(document: Document, item: Item, above: Above) -> list[str]:
    """Studies of the images the item was made from: its own, else those of its group, else the report's own study.

    None where the images are those of a study that is not named by a UID.
    """
    group = above[-1].children if above and above[-1].key == _GROUP else ()
    for level in ((item,), tuple(one for one in group if one.kind != "NUM")):  # a neighbour's images are its own
        uids = {uid for part in level for one, _ in part.walk() for uid in one.images}
        if found := {document.evidence[uid] for uid in uids if uid in document.evidence}:
            return sorted(one for one in found if is_uid(one))
    return [document.study]


def _effective(document: Document, studies: list[str], around: Around) -> str:
    """When what was measured was so: the start of the study measured. Unknown for another study that was not read."""
    if document.study in studies:
        return around.started.get(document.study) or document.written_at
    return max((around.started.get(uid, "") for uid in studies), default="") if len(studies) == 1 else ""


def _nearest(item: Item, above: Above, key: str) -> str:
    """The text of an observation context: of the item itself, or of the nearest item above that has it."""
    for level in (item, *reversed(above)):
        for one in level.below(_CONTEXT, key):
            if one.text:
                return one.text
    return ""


def _observers(item: Item, above: Above) -> Json:
    found: Json = {}
    if name := _nearest(item, above, _PERSON):
        found["performer"] = [{"type": "Practitioner", "display": shown_name(name)}]
    uid, called = _nearest(item, above, _DEVICE_UID), _nearest(item, above, _DEVICE)
    if is_uid(uid) or called:
        by_uid = {"identifier": {"system": SYSTEM, "value": f"urn:oid:{uid}"}} if is_uid(uid) else {}
        found["device"] = {"type": "Device", **by_uid} | ({"display": called} if called else {})
    return found


def _tracking(item: Item, above: Above) -> Json:
    """Identifier and UID of what is followed over time: shared by all observations of one lesion or region."""
    found: list[Json] = []
    if text := _nearest(item, above, _TRACKING):
        found.append({"type": _dcm("112039", "Tracking Identifier"), "value": text})
    if is_uid(uid := _nearest(item, above, _TRACKING_UID)):
        kind = _dcm("112040", "Tracking Unique Identifier")
        found.append({"type": kind, "system": SYSTEM, "value": f"urn:oid:{uid}"})
    return {"identifier": found} if found else {}


def _dcm(code: str, display: str) -> Json:
    return {"coding": [{"system": DCM, "code": code, "display": display}]}


def _described(item: Item, above: Above) -> Json:
    """Site, method and range in their own elements; everything else that describes the item as components."""
    described = _describing(item, above)
    found: Json = {}
    sites = described.pop(_SITE, [])
    if sites and sites[0].code:
        placed = [*sites[0].children, *described.get(_LATERALITY, ()), *described.get(_TOPOGRAPHY, ())]
        inner = [one for one in placed if one.code and one.relation == _MODIFIER]
        concept = sites[0].code.concept()
        parts = dict.fromkeys([concept["text"], *(one.code.meaning for one in inner if one.code)])
        found["bodySite"] = concept | {"text": ", ".join(part for part in parts if part)}
        for one in inner:
            described.setdefault(one.key, [one])
        described[_SITE] = sites[1:]
    methods = described.pop(_METHOD, [])
    if methods and methods[0].code:
        found["method"] = methods[0].code.concept()
        described[_METHOD] = methods[1:]
    if limits := _range(described):
        found["referenceRange"] = [limits]
    rows = [row for key, held in described.items() if key != item.key for one in held if (row := _component(one))]
    return found | ({"component": rows} if rows else {})


def _describing(item: Item, above: Above) -> dict[str, list[Item]]:
    """Key -> items that describe this one: modifiers of the sections it stands in, the finding of its group, its own.

    The nearer says it instead of the farther. What the root says is about the whole document.
    """
    found: dict[str, list[Item]] = {}
    for level in above[1:]:
        _put(found, [one for one in level.children if one.relation == _MODIFIER and one.kind != "NUM"])
        if level.key == _GROUP:
            _put(found, [one for one in level.children if one.kind == "CODE" and one.key in (_FINDING, _CATEGORY)])
    _put(found, [one for one in item.children if one.relation in _DESCRIBING])
    return found


def _put(found: dict[str, list[Item]], nearer: list[Item]) -> None:
    for key in {one.key for one in nearer}:
        found.pop(key, None)
    for one in nearer:
        if one.name is not None:
            found.setdefault(one.key, []).append(one)


def _range(described: dict[str, list[Item]]) -> Json:
    """The normal range of a measurement (TID 312), taken out of what describes it."""
    limits: Json = {}
    for name, key in (("low", _LOWER), ("high", _UPPER)):
        held = described.get(key, [])
        quantity = _quantity(held[0].title, held[0].measured) if held and held[0].measured else ""
        if isinstance(quantity, dict):
            limits[name] = quantity
            described.pop(key)
    return limits


def _component(item: Item) -> Json:
    """What describes an observation, as a component; nothing where it has no value that FHIR can hold."""
    if item.name is None:
        return {}
    value = _value(item) if item.kind in ("CODE", "NUM") else {"valueString": item.text} if item.text else ""
    return {"code": item.name.concept(), **value} if isinstance(value, dict) else {}
