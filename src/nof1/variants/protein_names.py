"""Changes of a protein by the HGVS nomenclature: predicted ones, so in parentheses; three letters, ``Ter`` for a stop."""

from __future__ import annotations

from nof1.model.sequence import STOP, THREE_LETTERS, UNKNOWN, three_letters
from nof1.variants.frame import Effect
from nof1.variants.terms import Term

NOT_KNOWN = "p.?"


def protein_name(protein: str, effect: Effect) -> str:
    """What ``effect`` makes of ``protein`` (one letter a codon, the stop at its end); ``p.?`` where that cannot be said."""
    if Term.START_LOST in effect.terms:
        return "p.(Met1?)"
    if Term.CODING in effect.terms or UNKNOWN in effect.was + effect.now:
        return NOT_KNOWN
    if effect.net % 3:
        return _shifted(protein, effect.protein, effect.first)
    if effect.was == effect.now:
        return _same(effect)
    if Term.STOP_LOST in effect.terms:
        return _extended(protein, effect.protein, effect.first)
    return _replaced(protein, effect)


def _same(effect: Effect) -> str:
    if not effect.was:
        return NOT_KNOWN
    first, last = effect.first, effect.first + len(effect.was) - 1
    return f"p.({_at(effect.was[0], first)}{f'_{_at(effect.was[-1], last)}' if last > first else ''}=)"


def _at(letter: str, index: int) -> str:
    return f"{THREE_LETTERS[letter]}{index + 1}"


def _first_difference(one: str, other: str, begin: int = 0) -> int:
    shorter = min(len(one), len(other))
    return next((at for at in range(begin, shorter) if one[at] != other[at]), shorter)


def _shifted(protein: str, altered: str, begin: int) -> str:
    at = _first_difference(protein, altered, begin)
    if at >= len(protein):
        return NOT_KNOWN
    if at >= len(altered):
        return f"p.({_at(protein[at], at)}fs)"
    if protein[at] == STOP:
        return _extended(protein, altered, at)
    if altered[at] == STOP:
        return f"p.({_at(protein[at], at)}Ter)"
    stop = str(len(altered) - at) if altered.endswith(STOP) else "?"
    return f"p.({_at(protein[at], at)}{THREE_LETTERS[altered[at]]}fsTer{stop})"


def _extended(protein: str, altered: str, begin: int) -> str:
    at = _first_difference(protein, altered, begin)
    if at >= len(protein) or at >= len(altered) or protein[at] != STOP:
        return NOT_KNOWN
    stop = str(len(altered) - 1 - at) if altered.endswith(STOP) else "?"
    return f"p.({_at(STOP, at)}{THREE_LETTERS[altered[at]]}extTer{stop})"


def _replaced(protein: str, effect: Effect) -> str:
    """A change that keeps the frame: what is shared in front goes first, so a repeat is named at its end."""
    tail = protein[effect.first + len(effect.was) :]
    altered = protein[: effect.first] + effect.now + tail
    first = _first_difference(protein, altered, effect.first)
    shared = min(len(tail), len(protein) - first, len(altered) - first)
    while shared < min(len(protein), len(altered)) - first and protein[-1 - shared] == altered[-1 - shared]:
        shared += 1
    gone, new = protein[first : len(protein) - shared], altered[first : len(altered) - shared]
    if STOP in new:
        new = new[: new.index(STOP) + 1]
        if new == STOP:
            return f"p.({_at(protein[first], first)}Ter)"
    span = _at(gone[0], first) if gone else ""
    if len(gone) > 1:
        span += f"_{_at(gone[-1], first + len(gone) - 1)}"
    if not new:
        return f"p.({span}del)"
    if not gone:
        return _inserted(protein, first, new)
    if len(gone) == len(new) == 1:
        return f"p.({span}{THREE_LETTERS[new]})"
    return f"p.({span}delins{three_letters(new)})"


def _inserted(protein: str, first: int, new: str) -> str:
    size = len(new)
    if protein[first - size : first] == new and first >= size:
        begin = _at(new[0], first - size)
        return f"p.({begin}{f'_{_at(new[-1], first - 1)}' if size > 1 else ''}dup)"
    return f"p.({_at(protein[first - 1], first - 1)}_{_at(protein[first], first)}ins{three_letters(new)})"
