"""What the person agreed to have analysed, from FHIR Consent: the newest one that speaks of a thing decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from nof1.model.record import OptIn
from nof1.record.fields import Json, codings, day, obj, objects, text
from nof1.record.reading import Reading, Resource

SYSTEM = "urn:nof1:opt-in"
_NOT_SAID = ("entered-in-error", "draft", "proposed")


def opt_ins(resources: list[Resource], reading: Reading) -> list[OptIn]:
    """What is agreed to or refused, one for each code of ``SYSTEM``; without a date, a refusal counts as the newest
    and a permit as the oldest.

    A consent that is not active, or whose period does not hold today, refuses what it would have allowed.
    """
    newest: dict[str, tuple[date, OptIn]] = {}
    for resource in resources:
        status = text(resource.content.get("status"))
        if status in _NOT_SAID:
            reading.leave("consent_status", resource.place, status, f"its status is {status}; nothing is agreed by it")
            continue
        when = day(resource.content.get("dateTime"))
        if when is not None and when > reading.today:
            reading.leave(
                "consent_in_future", resource.place, str(when), "it is dated in the future; nothing is agreed by it"
            )
            continue
        for code, allows in _decided(obj(resource.content.get("provision")), reading.today).items():
            found = OptIn(code, allows and status == "active", when, resource.place)
            order = when or (date.min if found.is_given else date.max)
            if code not in newest or order > newest[code][0] or (order == newest[code][0] and not found.is_given):
                newest[code] = (order, found)
    return [newest[code][1] for code in sorted(newest)]


def _decided(root: Json, today: date) -> dict[str, bool]:
    """What a consent says of each code: the deepest provision decides; of several equally deep, one that refuses."""
    found: dict[str, tuple[int, bool]] = {}
    for code, depth, allows in _said(root, True, today):
        before, allowed = found.get(code, (-1, True))
        if depth >= before:
            found[code] = (depth, allows and (allowed or depth > before))
    return {code: allows for code, (_, allows) in found.items()}


def _said(provision: Json, holds: bool, today: date, depth: int = 0) -> Iterator[tuple[str, int, bool]]:
    """Codes, how deep they lie, whether they are allowed. What lies deeper is an exception; without a type nothing is."""
    holds = holds and _is_now(obj(provision.get("period")), today)
    for concept in objects(provision.get("code")):
        for code in codings(concept):
            if code.system == SYSTEM:
                yield code.code, depth, holds and text(provision.get("type")) == "permit"
    for exception in objects(provision.get("provision")):
        yield from _said(exception, holds, today, depth + 1)


def _is_now(period: Json, today: date) -> bool:
    """Whether today lies in the period; one whose date cannot be read holds never."""
    start, end = day(period.get("start")), day(period.get("end"), at_end=True)
    if (period.get("start") and start is None) or (period.get("end") and end is None):
        return False
    return (start is None or start <= today) and (end is None or today <= end)
