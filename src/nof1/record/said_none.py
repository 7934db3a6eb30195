"""Lists and sections of which the record says that there is nothing in them, which differs from saying nothing."""

from __future__ import annotations

from nof1.record.fields import Json, codings, first_code, objects
from nof1.record.reading import Reading, Resource

_LISTS = {
    "10160-0": "medications",
    "48765-2": "allergies",
    "11450-4": "conditions",
    "47519-4": "procedures",
    "10157-6": "relatives",
}
ALLERGIES: tuple[str, ...] = ("allergies", "drug_allergies")


def empty_lists(lists: list[Resource], compositions: list[Resource], reading: Reading) -> None:
    """Notes every list or section that is empty because there is nothing to list ("nilknown")."""
    for resource in lists:
        if resource.content.get("status") not in ("entered-in-error", "retired"):
            _note(resource.content, reading)
    for resource in compositions:
        for section in objects(resource.content.get("section")):
            _note(section, reading)


def _note(content: Json, reading: Reading) -> None:
    if first_code(content.get("emptyReason")) != "nilknown" or content.get("entry"):
        return
    for code in codings(content.get("code")):
        name = _LISTS.get(code.code)
        if name:
            reading.said_none.update(ALLERGIES if name == "allergies" else (name,))
