"""What must hold in ids and doses, wherever a rule, a limit or an interaction writes them; every breach is one line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches

from nof1.knowledge.formula import Formula, FormulaError, parse
from nof1.knowledge.shape import DoseSpec
from nof1.knowledge.tables import Problem

_ID = re.compile(r"[a-z0-9.-]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MEND = "numbers, names, + - * / **, comparisons, and, or, not; see Formula language in docs/reference/knowledge.md"


def check_id(text: str, place: str, problem: Problem) -> None:
    """Tell an id that cannot stand in the id of a recommendation."""
    if not _ID.fullmatch(text):
        problem(f"{place}: id {text!r}; write lower-case letters, digits, full stops and hyphens only")


def check_name(text: str, place: str, problem: Problem) -> None:
    """Tell an id of a term that no condition could name."""
    if not _NAME.fullmatch(text):
        problem(f"{place}: id {text!r}; write lower-case letters, digits and _ only, a letter first")


def check_dose(dose: DoseSpec, place: str, problem: Problem) -> None:
    """Tell figures that are none, and a factor that says something else than its direction."""
    for pair in [dose.factor, *(item.value for item in dose.absolute)]:
        if isinstance(pair, list) and not (len(pair) == 2 and pair[0] <= pair[1]):
            problem(f"{place}: dose {pair}; write one number or [low, high]")
            return
    for item in dose.absolute:
        low, high = _ends(item.value)
        if not (low >= 0 and 0 < high < math.inf):
            problem(f"{place}: dose {item.value} {item.unit}; write a value above 0")
    if dose.factor is not None:
        _check_factor(dose.factor, dose.direction, place, problem)


def _check_factor(factor: float | list[float], direction: str, place: str, problem: Problem) -> None:
    low, high = _ends(factor)
    if not (low >= 0 and 0 < high < math.inf):
        problem(f"{place}: dose factor {factor} leaves no dose; write what remains (0.5 is half), or the action avoid")
    elif direction == "decrease" and not (low < 1 and high <= 1):
        problem(f"{place}: dose factor {factor} is no decrease; write what remains (0.5 is half), or direction increase")
    elif direction == "increase" and not (low >= 1 and high > 1):
        problem(f"{place}: dose factor {factor} is no increase; write the whole (1.5 is half more), or direction decrease")
    elif not direction and not low == high == 1:
        problem(f"{place}: dose factor {factor} without a direction; write direction decrease or increase")


def _ends(pair: float | list[float]) -> tuple[float, float]:
    return (pair[0], pair[1]) if isinstance(pair, list) else (pair, pair)


def read_formula(text: str, place: str, problem: Problem) -> Formula | None:
    """The formula, or ``None`` after telling what is wrong with it and what may be written."""
    try:
        return parse(text)
    except FormulaError as error:
        said = str(error) if repr(text) in str(error) else f"{text!r} {error}"
        problem(f"{place}: {said}; write {_MEND}")
        return None


def check_names_of(text: str, known: Iterable[str], place: str, problem: Problem) -> set[str]:
    """The names in the formula ``text``, after telling those that are not ``known``; none where it is no formula."""
    formula = read_formula(text, place, problem)
    if formula is None:
        return set()
    for name in sorted(formula.names - set(known)):
        problem(
            f"{place}: {text!r} names {name!r}, which nothing before it gives; {nearest(name, known)}add it or mend the name"
        )
    return set(formula.names)


def nearest(name: str, names: Iterable[str]) -> str:
    """``did you mean ...? `` for the name nearest to ``name``; empty where none is near.

    >>> nearest("limit", ["limits", "drugs"])
    "did you mean 'limits'? "
    """
    found = get_close_matches(name.lower(), sorted(names), n=1, cutoff=0.7)
    return f"did you mean {found[0]!r}? " if found else ""
