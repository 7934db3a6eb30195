"""What changes of one strand do to the protein, those that one codon or one shifted frame holds taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nof1.model.sequence import STOP, UNKNOWN, translate
from nof1.variants.reading import START_CODON_BASES, Reading
from nof1.variants.terms import Term


@dataclass(frozen=True, slots=True)
class Edit:
    """Coding bases replaced, in the transcript's direction: ``deleted`` of them from ``begin`` (0-based) by ``inserted``."""

    begin: int
    deleted: int
    inserted: str

    @property
    def net(self) -> int:
        """Bases gained."""
        return len(self.inserted) - self.deleted


@dataclass(frozen=True, slots=True)
class Effect:
    """What a group of edits does. ``first``: the first codon looked at (0-based).

    ``was``, ``now``: amino acids of the codons touched, where the frame is kept. ``protein``: the altered protein up to and
    with its first stop, read on into the untranslated part where need be. ``stop``: coding bases of the altered sequence
    before that stop; -1 for none.
    """

    terms: frozenset[Term]
    first: int
    was: str
    now: str
    protein: str
    stop: int
    net: int


def groups(edits: Sequence[Edit]) -> list[list[int]]:
    """Which edits (in order of ``begin``) act together: until the frame is restored, and as long as they share a codon."""
    together: list[list[int]] = []
    net = 0
    for number, edit in enumerate(edits):
        shares = number > 0 and _last_codon(edits[number - 1]) >= edit.begin // 3
        if together and (net % 3 or shares):
            together[-1].append(number)
        else:
            together.append([number])
            net = 0
        net += edit.net
    return together


def _last_codon(edit: Edit) -> int:
    """The last codon that an edit touches; for an insertion, that of the base before it where it splits a codon."""
    return (max(edit.begin + edit.deleted - 1, edit.begin) if edit.deleted else edit.begin - (edit.begin % 3 == 0)) // 3


def effect(reading: Reading, edits: Sequence[Edit]) -> Effect:
    """What ``edits`` (in order, not overlapping, one group) do to the protein of ``reading``."""
    net = sum(edit.net for edit in edits)
    first, last = edits[0].begin // 3, max((edits[-1].begin + max(edits[-1].deleted, 1) - 1) // 3, edits[0].begin // 3)
    if not edits[-1].deleted and edits[-1].begin % 3 == 0:
        last = max(last - 1, first - 1)
    altered = _altered(reading.coding, edits)
    end = 3 * (last + 1)
    was = translate(reading.coding[3 * first : end], reading.table())
    now = translate(altered[3 * first : end + net], reading.table()) if net % 3 == 0 else ""
    protein = _protein(reading, altered, first, was, now)
    at = len(protein) - 1 if protein.endswith(STOP) else -1
    terms = _shifted(reading, edits, protein) if net % 3 else _kept(reading, edits, was, now, net)
    terms |= _at_start(reading, edits, altered)
    if Term.START_LOST in terms:
        terms = {Term.START_LOST}
    return Effect(frozenset(terms), first, was, now, protein, 3 * at if at >= 0 else -1, net)


def _protein(reading: Reading, altered: str, first: int, was: str, now: str) -> str:
    """The altered protein up to its first stop; read only as far as it is not known already."""
    kept = reading.protein[:first]
    if now and STOP not in was + now and len(now) * 3 - len(was) * 3 == len(altered) - len(reading.coding):
        return kept + now + reading.protein[first + len(was) :]
    rest, table, new = altered[3 * first :] + reading.after, reading.table(), []
    for at in range(0, len(rest) - 2, 3):
        new.append(table.get(rest[at : at + 3], UNKNOWN))
        if new[-1] == STOP:
            break
    return kept + "".join(new)


def _altered(coding: str, edits: Sequence[Edit]) -> str:
    parts, at = [], 0
    for edit in edits:
        parts += [coding[at : edit.begin], edit.inserted]
        at = edit.begin + edit.deleted
    return "".join([*parts, coding[at:]])


def _touches_stop(reading: Reading, edits: Sequence[Edit]) -> bool:
    border = len(reading.coding) - 3
    return reading.protein.endswith(STOP) and any(
        edit.begin + edit.deleted > border if edit.deleted else edit.begin > border for edit in edits
    )


def _shifted(reading: Reading, edits: Sequence[Edit], protein: str) -> set[Term]:
    if protein == reading.protein:
        return {Term.STOP_RETAINED}
    return {Term.FRAMESHIFT, Term.STOP_LOST} if _touches_stop(reading, edits) else {Term.FRAMESHIFT}


def _kept(reading: Reading, edits: Sequence[Edit], was: str, now: str, net: int) -> set[Term]:
    is_indel = any(edit.net for edit in edits)
    if was == now:
        return {Term.STOP_RETAINED} if STOP in was and _touches_stop(reading, edits) else {Term.SYNONYMOUS}
    terms: set[Term] = set()
    if UNKNOWN in was + now and not is_indel:
        terms.add(Term.CODING)
    if net:
        terms.add(Term.INFRAME_INSERTION if net > 0 else Term.INFRAME_DELETION)
    elif is_indel:
        terms.add(Term.PROTEIN_ALTERING)
    if STOP in was and STOP not in now:
        terms.add(Term.STOP_LOST)
    elif STOP in now and (STOP not in was or now.find(STOP) < len(now) - 1):
        if len(edits) > 1 and any(edit.net % 3 for edit in edits):
            return {Term.STOP_GAINED, Term.FRAMESHIFT}  # the stop comes before the frame is restored
        terms.add(Term.STOP_GAINED)
    elif STOP in was:
        terms.add(Term.STOP_RETAINED)
    return terms or {Term.MISSENSE}


def _at_start(reading: Reading, edits: Sequence[Edit], altered: str) -> set[Term]:
    """The start codon is lost where an edit touches it and the altered sequence no longer begins with one."""
    touches = any(edit.begin < START_CODON_BASES for edit in edits)
    if not touches or reading.protein[:1] != "M":
        return set()
    return set() if reading.table().get(altered[:START_CODON_BASES]) == "M" else {Term.START_LOST}
