"""Reads names of changes on a chromosome: HGVS ``g.`` and ``m.``, and what they say once the sequence is at hand.

Names on transcripts (``c.``, ``n.``) and proteins (``p.``) are refused by name: a name on a transcript needs that very
version of it, and one on a protein stands for several changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nof1.errors import RequestError
from nof1.model.alignment import Bare, Placed, anchored, left_align
from nof1.model.sequence import Window, reverse_complement
from nof1.model.variants import Allele
from nof1.variants.spdi import parse_spdi

_NAME = re.compile(
    r"(?P<accession>[A-Za-z0-9_.]+)(?:\([^)]*\))?:(?P<kind>[a-z])\.(?P<first>\d+)(?:_(?P<last>\d+))?(?P<what>.*)", re.ASCII
)
_SUBSTITUTION = re.compile(r"([ACGTN])>([ACGTN])")
_EDIT = re.compile(r"(delins|del|dup|ins|inv|=)([ACGTN]*)(?:ins([ACGTN]+))?")
_REPEAT = re.compile(r"([ACGTN]+)\[(\d+)\]")
_MOST_REPEATS = 100_000


@dataclass(frozen=True, slots=True)
class Name:
    """A name as read: positions from ``first`` to ``last`` (1-based, both included) of ``accession``.

    ``kind``: ``substitution``, ``del``, ``dup``, ``ins``, ``inv``, ``delins``, ``repeat`` or ``same``. ``deleted``: bases
    named as there, to be compared; ``inserted``: bases that come in; ``count``: of repeats.
    """

    accession: str
    kind: str
    first: int
    last: int
    deleted: str = ""
    inserted: str = ""
    count: int = 0
    text: str = ""


def parse(text: str) -> Name:
    """``text`` as a name: HGVS ``g.``/``m.`` or SPDI. Raises ``RequestError`` for anything else, saying what.

    >>> parse("NC_000017.11:g.43045769_43045770del").last
    43045770
    """
    given = text.strip()
    if given.count(":") == 3:
        accession, change, count = parse_spdi(given)
        last = change.start + (count or len(change.deleted)) - 1
        return Name(accession, "delins", change.start, last, change.deleted, change.inserted, text=given)
    match = _NAME.fullmatch(given)
    if match is None or match["kind"] not in "gm":
        raise _refusal(given, match)
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not 1 <= first <= last:
        raise RequestError(f"{given!r} counts from {first} to {last}; write the lower position, from 1 on, first")
    return _edit(given, match["accession"], first, last, match["what"])


def _refusal(text: str, match: re.Match[str] | None) -> RequestError:
    kind = match["kind"] if match else (re.search(r":([a-z])\.", text) or [None, ""])[1]
    if kind in ("c", "n", "p", "r"):
        return RequestError(f"{text!r} is a name on a transcript or protein ({kind}.); give the one on the chromosome (g.)")
    return RequestError(f"{text!r} is no name of a change that is read; write it as NC_000017.11:g.43045769_43045770del")


def _edit(text: str, accession: str, first: int, last: int, what: str) -> Name:
    if (match := _SUBSTITUTION.fullmatch(what)) and first == last:
        return Name(accession, "substitution", first, last, match[1], match[2], text=text)
    if match := _REPEAT.fullmatch(what):
        if int(match[2]) > _MOST_REPEATS:
            raise RequestError(f"{text!r} repeats {match[2]} times; more than {_MOST_REPEATS} are not read")
        return Name(accession, "repeat", first, last, "", match[1], int(match[2]), text)
    if match := _EDIT.fullmatch(what):
        kind, bases, inserted = match[1], match[2], match[3] or ""
        if kind == "del" and inserted:
            return Name(accession, "delins", first, last, bases, inserted, text=text)
        if kind == "=" and not inserted:
            return Name(accession, "same", first, last, bases, text=text)
        if kind in ("delins", "ins") and bases and not inserted:
            if kind == "ins" and last != first + 1:
                raise RequestError(f"{text!r} inserts between {first} and {last}; write two neighbouring positions")
            return Name(accession, kind, first, last, "", bases, text=text)
        if kind in ("del", "dup", "inv") and not inserted:
            return Name(accession, kind, first, last, bases, text=text)
    raise RequestError(f"{text!r}: {what!r} is no change that is read (A>G, del, dup, ins, delins, inv, A[12], =)")


def allele_of(name: Name, chromosome: str, window: Window) -> Allele:
    """The allele that ``name`` stands for, in its normal form. ``window`` covers it and what it could be moved over.

    Raises ``RequestError`` where the sequence is not at hand, contradicts the bases named, or is not changed.
    """
    change = _change(name, window)
    if change.deleted == change.inserted:
        raise RequestError(f"{name.text!r} changes nothing against the reference")
    position, ref, alt = _written(name, change, window)
    position, ref, alt, placed = left_align(position, ref, alt, window)
    if placed is not Placed.ALIGNED:
        raise RequestError(f"{name.text!r} could be moved beyond the sequence at hand; bring more of {chromosome}")
    return Allele(chromosome, position, ref, alt)


def _written(name: Name, change: Bare, window: Window) -> tuple[int, str, str]:
    try:
        return anchored(change, window)
    except IndexError:
        raise _not_at_hand(name) from None


def _not_at_hand(name: Name) -> RequestError:
    return RequestError(f"{name.text!r}: the sequence of {name.first}-{name.last} is not at hand; bring a FASTA that has it")


def _change(name: Name, window: Window) -> Bare:
    if name.last >= name.first and not window.holds(name.first, name.last):
        raise _not_at_hand(name)
    there = window.of(name.first, name.last)
    if name.deleted and name.deleted != there:
        raise RequestError(f"{name.text!r} names {name.deleted}, the reference has {there} there; is it of another build?")
    match name.kind:
        case "ins":
            return Bare(name.last, "", name.inserted)
        case "dup":
            return Bare(name.last + 1, "", there)
        case "inv":
            return Bare(name.first, there, reverse_complement(there))
        case "same":
            return Bare(name.first, there, there)
        case "repeat":
            return _repeated(name, there, window)
        case _:
            return Bare(name.first, there, name.inserted)


def _repeated(name: Name, there: str, window: Window) -> Bare:
    """``first``: first base of the repeat; ``last``, where it is named, the last of the unit or of the whole repeat."""
    unit, last = name.inserted, name.first - 1
    if name.last > name.first and there not in (unit, unit * (len(there) // len(unit))):
        raise RequestError(f"{name.text!r} names {unit}, the reference has {there} there; is it of another build?")
    while window.holds(last + 1, last + len(unit)) and window.of(last + 1, last + len(unit)) == unit:
        last += len(unit)
    if last < name.first:
        raise RequestError(f"{name.text!r}: {unit} does not begin at {name.first} in the reference; is it of another build?")
    return Bare(name.first, window.of(name.first, last), unit * name.count)
