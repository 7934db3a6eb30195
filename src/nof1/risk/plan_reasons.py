"""Whether there is a reason for an action, which one, and what would have to be known to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nof1.knowledge.judge import holding_names, judge, open_names
from nof1.knowledge.prevention import Action, Wanted
from nof1.model.prevention import PlanCase, Trigger, TriggerKind
from nof1.risk.asked import plainly
from nof1.risk.counted import both

_RISK = "the measurements that this risk is worked out from"


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether an action is called for; ``because`` in words, ``needs`` where it cannot be said, ``asks`` for the person."""

    holds: bool | None
    because: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def reason(action: Action, case: PlanCase, triggers: Sequence[Trigger]) -> Reason:
    """Whether everything that is wanted for an action holds, and nothing stands against it."""
    wanted = action.wanted
    parts = [_sex(action, case), _against(action, case)]
    if wanted.findings:
        parts.append(_findings(wanted, triggers))
    if wanted.risks:
        parts.append(_risks(wanted, case, triggers))
    if wanted.family_rules:
        parts.append(_family(wanted, triggers))
    if wanted.when:
        parts.append(_when(wanted.when, case))
    holds = both(part.holds for part in parts)
    because = tuple(text for part in parts for text in part.because)
    if holds is not None:
        return Reason(holds, because)
    open_ = [part for part in parts if part.holds is None]
    needs = tuple(dict.fromkeys(need for part in open_ for need in part.needs))
    return Reason(None, because, needs, plainly(ask for part in open_ for ask in part.asks))


def is_general(action: Action) -> bool:
    """Whether an action asks for nothing but age and sex."""
    wanted = action.wanted
    return not (wanted.findings or wanted.other_findings or wanted.risks or wanted.family_rules or wanted.when)


def _sex(action: Action, case: PlanCase) -> Reason:
    if not action.sex:
        return Reason(True)
    return Reason(None, needs=("sex",), asks=("your sex",)) if not case.sex else Reason(case.sex == action.sex)


def _against(action: Action, case: PlanCase) -> Reason:
    held = [case.values.get(name) for name in action.not_with]
    if any(value == 1 for value in held):
        return Reason(False)
    unknown = [name for name, value in zip(action.not_with, held, strict=True) if value is None]
    needs = tuple(f"whether there is {_title(name, case)}" for name in unknown)
    return Reason(None, needs=needs, asks=tuple(_plain(name, case) for name in unknown)) if unknown else Reason(True)


def _findings(wanted: Wanted, triggers: Sequence[Trigger]) -> Reason:
    found = [
        one
        for one in _of(triggers, TriggerKind.FINDING, wanted.findings)
        if not wanted.zygosities or one.detail in wanted.zygosities
    ]
    return _any(found)


def _family(wanted: Wanted, triggers: Sequence[Trigger]) -> Reason:
    return _any(list(_of(triggers, TriggerKind.FAMILY_RULE, wanted.family_rules)))


def _any(found: list[Trigger]) -> Reason:
    sure = tuple(one.words for one in found if one.holds)
    if sure:
        return Reason(True, sure)
    open_ = [one for one in found if one.holds is None]
    if open_:
        needs = tuple(need for one in open_ for need in one.needs)
        return Reason(None, tuple(one.words for one in open_), needs, tuple(ask for one in open_ for ask in one.asks))
    return Reason(False)


def _risks(wanted: Wanted, case: PlanCase, triggers: Sequence[Trigger]) -> Reason:
    """Whether a risk lies where it has to; limits that cross the threshold leave it open."""
    found = [one for one in _of(triggers, TriggerKind.RISK, wanted.risks) if one.low is not None]
    if not found:
        needs = [need for one in _of(triggers, TriggerKind.RISK, wanted.risks) for need in one.needs]
        asks = [ask for one in _of(triggers, TriggerKind.RISK, wanted.risks) for ask in one.asks]
        whole = tuple(f"the risk by {_title(name, case)}" for name in wanted.risks)
        return Reason(None, needs=tuple(needs) or whole, asks=tuple(asks) or (_RISK,))
    one = found[0]
    low = one.low or 0.0
    high = one.high if one.high is not None else low
    above = None if low < (wanted.at_least or 0.0) <= high else low >= (wanted.at_least or 0.0)
    below = True if wanted.below is None else None if low < wanted.below <= high else high < wanted.below
    holds = both((above, below))
    return Reason(holds, (one.words,) if holds is not False else (), one.needs, one.asks)


def _when(text: str, case: PlanCase) -> Reason:
    holds = judge(text, case.values)
    if holds is None:
        unknown = open_names(text, case.values)
        needs = tuple(_title(name, case) for name in unknown)
        return Reason(None, needs=needs, asks=tuple(_plain(name, case) for name in unknown))
    return Reason(holds, tuple(_told(name, case) for name in holding_names(text, case.values)) if holds else ())


def _told(name: str, case: PlanCase) -> str:
    """A fact that is a reason; a number with its value."""
    value = case.values[name]
    is_number = isinstance(value, int | float) and value != 1
    return f"{_title(name, case)} {value:.3g}" if is_number else _title(name, case)


def _of(triggers: Iterable[Trigger], kind: TriggerKind, ids: Sequence[str]) -> Iterable[Trigger]:
    return (one for one in triggers if one.kind is kind and one.id in ids)


def _plain(name: str, case: PlanCase) -> str:
    return case.plain.get(name) or _title(name, case)


def _title(name: str, case: PlanCase) -> str:
    return case.titles.get(name) or name.replace("_", " ")
