"""What a plan says, in the words that the page, the terminal and the bundle share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from nof1.model.prevention import PlannedAction, PlanState
from nof1.risk.family_rules import RuleResult, Verdict
from nof1.risk.plan import TAKEN

GROUPS = (
    ("To do now", (PlanState.OVERDUE, PlanState.DUE)),
    ("A date is set", (PlanState.PLANNED,)),
    ("Cannot be judged yet", (PlanState.UNKNOWN,)),
    ("Later", (PlanState.NOT_DUE, PlanState.LATER)),
    ("Not planned", (PlanState.DECLINED, PlanState.CONTRAINDICATED)),
)
_STATES = {
    PlanState.OVERDUE: "overdue",
    PlanState.DUE: "due now",
    PlanState.PLANNED: "planned",
    PlanState.NOT_DUE: "not due",
    PlanState.LATER: "begins later",
    PlanState.DECLINED: "declined",
    PlanState.CONTRAINDICATED: "contraindicated",
    PlanState.UNKNOWN: "cannot be judged",
}
VERDICTS = {
    Verdict.MET: "met",
    Verdict.NOT_MET: "not met by what is recorded",
    Verdict.UNKNOWN: "cannot be judged",
    Verdict.NOT_FOR: "does not apply",
}
DRAFT = "A draft: what guidelines offer, for a clinician to check with the person. Nothing is ordered."


def when(one: PlannedAction) -> str:
    """Where an action stands and its days, in words."""
    parts = [_STATES[one.state]]
    if one.state is PlanState.OVERDUE and one.latest:
        parts[0] += f" since {one.latest}"
    elif one.state is PlanState.DUE and one.latest is not None:
        parts[0] += f", until {one.latest} at the latest"
    elif one.due is not None and one.state in (PlanState.NOT_DUE, PlanState.LATER, PlanState.PLANNED):
        parts[0] += f" from {one.due}" if one.state is not PlanState.PLANNED else f" for {one.due}"
        if one.latest is not None and one.latest != one.due and one.state is PlanState.NOT_DUE:
            parts[0] += f" to {one.latest}"
    if one.last_done is not None:
        parts.append(f"last done {one.last_done} ({one.last_service})" if one.last_service else f"last done {one.last_done}")
    if one.until is not None and one.state is not PlanState.UNKNOWN:
        parts.append(f"until {one.until}")
    return "; ".join(parts)


def details(one: PlannedAction) -> list[tuple[str, str]]:
    """What else is said of an action, each with its heading."""
    source = f"{one.cited}, {one.place}, {one.grade}"
    rows = [
        ("What", one.words),
        ("How", one.interval if len(one.services) > 1 else f"{one.services[0]}, {one.interval}"),
        ("Why", "; ".join(one.because)),
        ("For", "; ".join(one.relatives)),
        ("Ask", "; ".join(one.needs)),
        ("Instead of", "; ".join(one.overrides)),
        ("Note", " ".join(_sentence(note) for note in one.notes)),
        ("Source", source),
    ]
    return [(name, text) for name, text in rows if text]


def _sentence(text: str) -> str:
    """A note with a capital and a full stop.

    >>> _sentence("done once; it is not repeated"), _sentence("As it is.")
    ('Done once; it is not repeated.', 'As it is.')
    """
    return text[:1].upper() + text[1:].removesuffix(".") + "."


def verdict(one: RuleResult) -> str:
    """The verdict of a rule with its points."""
    text = VERDICTS[one.verdict]
    if one.points is None or one.verdict is Verdict.NOT_FOR:
        return text
    low, high = one.points
    points = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"{text}: {points} points, {' to '.join(one.bands)}"


def criteria(one: RuleResult) -> list[str]:
    """The criteria that are met, with who counted."""
    met = [judged for judged in one.criteria if judged.verdict is Verdict.MET]
    return [f"{judged.criterion.words}{f' ({people})' if (people := ', '.join(judged.people)) else ''}" for judged in met]


def shown_rules(results: Iterable[RuleResult]) -> list[RuleResult]:
    """The rules that were made for the person, those that are met first."""
    rank = {Verdict.MET: 0, Verdict.UNKNOWN: 1, Verdict.NOT_MET: 2}
    return sorted((one for one in results if one.verdict is not Verdict.NOT_FOR), key=lambda one: rank[one.verdict])


_PATIENT = {
    PlanState.DECLINED: "You have decided against it. You can change your mind at any time.",
    PlanState.CONTRAINDICATED: "Something in your record stands against it. Ask before you start.",
    PlanState.UNKNOWN: "It is not known yet whether this concerns you.",
}
_TESTS = ("screening", "laboratory", "vaccination")  # kinds that are done on a day; the others are talked about


def for_patient(plan: Iterable[PlannedAction]) -> list[str]:
    """Actions in plain words, each with its day; those of the same words once, with everything that is to be found out."""
    lines: dict[str, list[str]] = {}
    for one in plan:
        lines.setdefault(f"{one.patient} {_stands(one)}", []).extend(one.asks)
    return [f"{line}{_asked(asks)}" for line, asks in lines.items()]


def _asked(asks: Iterable[str]) -> str:
    told = list(dict.fromkeys(asks))
    return f" To find out, your doctor needs to know: {'; '.join(told)}." if told else ""


def _stands(one: PlannedAction) -> str:
    """Where an action stands, for the person."""
    is_test = one.kind in _TESTS
    match one.state:
        case PlanState.OVERDUE:
            return f"It was due by {_day(one.latest)}." if one.latest else "It is overdue."
        case PlanState.DUE:
            by = f" It is due by {_day(one.latest)}." if one.latest else " It is due now."
            return by.strip() if is_test else "This is a good time to talk about it."
        case PlanState.PLANNED:
            return f"It is planned for {_day(one.due)}." if one.due else "It is planned."
        case PlanState.NOT_DUE | PlanState.LATER if one.due is not None:
            return f"It is not due before {_day(one.due)}." if is_test else f"It is for after {_day(one.due)}."
        case PlanState.NOT_DUE | PlanState.LATER:
            if any(note.startswith(TAKEN) for note in one.notes):
                return "You take such a medicine already; there is nothing to do now."
            return f"It was done on {_day(one.last_done)}." if one.last_done else "There is nothing to do now."
        case _:
            return _PATIENT[one.state]


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""
