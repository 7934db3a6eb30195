"""Advice while results are unsettled: whether to test first, what could change, and the careful choice until then."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.decision.match import Matched, Outcome
from nof1.model.findings import Action, FirstTest, Indeterminate

_SHOWN = 6
_LIKELIER_THAN_NOT = 0.5
TURNING = (Action.CONTRAINDICATED, Action.AVOID, Action.ALTERNATIVE, Action.TEST_FIRST, Action.DOSE)


def is_turning(match: Matched) -> bool:
    """Whether the possible results ask for different things, and one of them for avoiding, reducing or replacing."""
    asked = {(outcome.action, outcome.only_raises) for outcome in match.outcomes}
    return len(asked) > 1 and any(_turns(item) for item in match.outcomes)


def leading(match: Matched) -> list[Action]:
    """What heads the advice as it is: results that are likelier than not, read as such, or of which none is weighed; and
    where every result turns the advice, the least urgent of what they ask for."""
    told = [outcome for outcome in match.outcomes if not outcome.is_supposed]
    found = [outcome.action for outcome in told if _leads(outcome)]
    found += [action for action, chance in _by_action(told).items() if chance >= _LIKELIER_THAN_NOT]
    if told and len(told) == len(match.outcomes) and all(_turns(outcome) for outcome in told):
        found.append(max((outcome.action for outcome in told), key=lambda action: action.urgency))
    return found


def _by_action(told: Sequence[Outcome]) -> dict[Action, float]:
    """How likely each action is, whatever result asks for it."""
    found: dict[Action, float] = {}
    for outcome in told:
        if outcome.chance is not None:
            found[outcome.action] = found.get(outcome.action, 0.0) + outcome.chance[1]
    return found


def likely(match: Matched) -> set[str]:
    """Ids of what holds for certain, or for results that head the advice."""
    found = match.outcomes if not is_turning(match) else [item for item in match.outcomes if _leads(item)]
    return {name for outcome in found if not outcome.is_supposed for name in outcome.leading}


def _leads(outcome: Outcome) -> bool:
    if outcome.chance is None or outcome.chance[1] >= _LIKELIER_THAN_NOT:
        return True
    return any(result.is_read for result in outcome.combination.values())


def _turns(outcome: Outcome) -> bool:
    return outcome.action in TURNING and not (outcome.action is Action.DOSE and outcome.only_raises)


def first_test(pending: Sequence[Matched], facts: Sequence[Indeterminate]) -> FirstTest | None:
    """What to settle before the drug is given: ``pending`` guidelines, and ``facts`` nobody has; ``None`` for nothing."""
    if not pending and not facts:
        return None
    possible, needs, careful = [], [], []
    for match in pending:
        turning = [outcome for outcome in match.outcomes if _turns(outcome)]
        worst = min(outcome.action.urgency for outcome in turning)
        weighed = [outcome for outcome in turning if outcome.leading]
        worst = min((outcome.action.urgency for outcome in weighed), default=worst)
        worst_ones = [outcome for outcome in weighed if outcome.action.urgency == worst]
        careful += [name for outcome in worst_ones for name in outcome.leading]
        possible += _told(match, turning)
        needs += [need for item in match.unknown for need in item.needs]
    for item in facts:
        possible.append(item.reason)
        needs += item.needs
    genes = sorted({gene for match in pending for gene in match.file.genes})
    why = f"the result of {' and '.join(genes)} is not settled" if genes else "facts that decide are not recorded"
    return FirstTest(why, tuple(dict.fromkeys(possible)), tuple(dict.fromkeys(needs)), tuple(dict.fromkeys(careful)))


def _told(match: Matched, turning: Sequence[Outcome]) -> list[str]:
    """Results that would turn the advice, likeliest first; results that were only supposed come last, in one line."""
    weighed = [outcome for outcome in turning if not outcome.is_supposed]
    ordered = sorted(weighed, key=lambda outcome: -(outcome.chance or (0.0, 0.0))[1])
    told = [f"{match.file.body}: {outcome.words}: {outcome.action.value.replace('_', ' ')}" for outcome in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        told.append(f"{match.file.body}: and {len(ordered) - _SHOWN} more results")
    if supposed := [outcome for outcome in turning if outcome.is_supposed]:
        worst = min(supposed, key=lambda outcome: outcome.action.urgency)
        told.append(f"{match.file.body}: if {worst.words}: {worst.action.value.replace('_', ' ')}")
    return told
