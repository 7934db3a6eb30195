"""Which target is aimed at, and what has to be asked where no fact tells which one holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from nof1.errors import RequestError
from nof1.knowledge.care import Care
from nof1.knowledge.dosing import DosingFile, Target
from nof1.knowledge.formula import parse
from nof1.response.regimens import holds, is_known


def chosen(dosing: DosingFile | None, name: str, facts: Mapping[str, float], drugs: Set[str] | None) -> Target | None:
    """The target asked for by ``name``, else the one that the facts tell; ``None`` where they do not tell one.

    A target for certain people alone is used unasked only where it is known that the person is one of them, and where no
    other such target is left. ``drugs``: taken; ``None`` where nobody knows. Raises ``RequestError`` for an unknown name.
    """
    known = dosing.targets if dosing else []
    if name:
        return _named(known, name)
    meant = [item for item in known if is_meant(item, facts)]
    sure = [item for item in meant if is_known(item.only, facts) and _is_beside(item, drugs)]
    free = [item for item in sure if not (item.only or item.beside)]
    if first := next((item for item in sure if item.first), None):
        return first
    if free:
        return free[0]
    return sure[0] if len(sure) == 1 else None


def _named(known: Sequence[Target], name: str) -> Target:
    found = next((item for item in known if item.id == name), None)
    if found is None:
        raise RequestError(f"target {name!r} is not known; known are {', '.join(item.id for item in known) or 'none'}")
    return found


def is_meant(target: Target, facts: Mapping[str, float]) -> bool:
    """Whether nothing known says that ``target`` is not for this person."""
    return holds(target.when, facts) and holds(target.only, facts)


def _is_beside(target: Target, drugs: Set[str] | None) -> bool:
    return not target.beside or (drugs is not None and not drugs.isdisjoint(target.beside))


def candidates(dosing: DosingFile | None, facts: Mapping[str, float], drugs: Set[str] | None) -> list[Target]:
    """The targets of which one has to be chosen: those of people known to be meant, else all that may be."""
    meant = [item for item in (dosing.targets if dosing else []) if is_meant(item, facts)]
    told = [item for item in meant if item.only and is_known(item.only, facts)] or meant
    if drugs is None:
        return told
    return [item for item in told if _is_beside(item, drugs)] or told


def asked(among: Sequence[Target], facts: Mapping[str, float], drugs: Set[str] | None, care: Care) -> str:
    """What is missing to tell which of ``among`` holds, in words."""
    named = dict.fromkeys(name for item in among if item.only for name in sorted(parse(item.only).names - set(facts)))
    missing = [care.conditions[name].title if name in care.conditions else name for name in named]
    besides = dict.fromkeys(drug for item in among for drug in item.beside)
    if not missing and besides and not any(_is_beside(item, drugs) and item.beside for item in among):
        missing = [f"{' or '.join(besides)} taken beside it"]
    if not missing:
        return f"which target holds, no fact here tells; choose one: {_shown(among)}"
    return (
        f"which target holds is not known: {', '.join(missing)} (yes or no) is not said; say it, or choose: {_shown(among)}"
    )


def _shown(among: Sequence[Target]) -> str:
    return "; ".join(f"{item.id} ({item.title})" for item in among)
