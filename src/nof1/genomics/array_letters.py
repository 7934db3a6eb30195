"""What the letters of an array row say at a locus, and on which strand the letters are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nof1.errors import GenomeError
from nof1.model.genome import Locus

Strand = Literal["", "forward", "reverse", "per-row"]
MANY_ROWS = 20  # rows that must agree before they decide for rows that fit both strands
_FEW = 3  # rows against a declared strand before the declaration is refused ...
_SHARE = 0.1  # ... if they are more than this share
_NOTHING = frozenset({"", "-", "--", "---", "0", "00", "N", "NN", "NC", "NA", "#N/A", ".", "..", "?", "??"})
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_BASES = frozenset("ACGT")


@dataclass(frozen=True, slots=True)
class ArrayRow:
    """One row that concerns a locus: its line, and its letters (two, one, or none for a no-call)."""

    line: int
    id: str
    chromosome: str
    position: int
    letters: tuple[str, ...]
    locus: Locus

    @property
    def shown(self) -> str:
        """The row as it is named in a message."""
        return f"{self.id} {''.join(self.letters) or 'no call'} (line {self.line})"


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says: one or two allele texts of the locus, or the kind of note and the reason why it says nothing."""

    texts: tuple[str, ...] = ()
    kind: str = ""
    why: str = ""


def letters_of(fields: Sequence[str]) -> tuple[str, ...]:
    """The letters of one genotype field or two allele fields; empty for a no-call.

    A letter beside a missing one is a no-call: the other may be anything, also on X.

    >>> letters_of(["AG"]), letters_of(["A", "0"]), letters_of(["--"]), letters_of(["ATT/-"])
    (('A', 'G'), (), (), ('ATT', '-'))
    """
    upper = [field.strip().upper() for field in fields]
    if len(upper) == 1:
        text = upper[0]
        if text in _NOTHING:
            return ()
        parts = text.replace("|", "/").split("/")
        upper = list(text) if len(text) == 2 else parts
    given = [part for part in upper if part not in _NOTHING]
    if given and len(upper) == 2 and "-" in upper and len(given[0]) >= 1 and given != upper and _is_sequence(given):
        return tuple(upper)  # "-" beside a sequence is its deletion, at a locus that has one
    return tuple(given) if len(given) == len(upper) else ()


def _is_sequence(parts: Sequence[str]) -> bool:
    return all(set(part) <= _BASES for part in parts)


def complement(text: str) -> str:
    """The same bases read on the other strand; ``I``, ``D`` and ``-`` are the same on both.

    >>> complement("CTT"), complement("D")
    ('AAG', 'D')
    """
    return text.translate(_COMPLEMENT)[::-1]


def fits(row: ArrayRow) -> tuple[bool, bool]:
    """Whether the letters are documented texts of the locus as they stand, and read on the other strand."""
    return _texts(row.locus, row.letters) is not None, _turned(row) is not None


def is_palindrome(locus: Locus) -> bool:
    """Whether the locus reads the same on both strands (A/T or C/G), so that letters cannot tell the strand."""
    texts = {locus.ref, *locus.alts}
    return locus.is_snv and texts in ({"A", "T"}, {"C", "G"})


def strand_of(path: object, rows: Sequence[ArrayRow], declared: Strand, words: str) -> Strand:
    """The strand of the whole file: ``forward``, ``reverse``, or ``per-row`` where each row must speak for itself.

    ``declared`` by the user or the header; ``words`` says by whom. Raises ``GenomeError`` when the letters contradict the
    declaration, or when undeclared rows are found on both strands.
    """
    forward: list[ArrayRow] = []
    reverse: list[ArrayRow] = []
    for row in rows:
        as_is, turned = fits(row) if row.letters else (False, False)
        if as_is != turned:
            (forward if as_is else reverse).append(row)
    if declared == "per-row":
        return declared
    if declared:
        good, bad = (forward, reverse) if declared == "forward" else (reverse, forward)
        if (len(bad) >= _FEW and len(bad) > _SHARE * (len(good) + len(bad))) or (bad and not good):
            raise GenomeError(
                f"{path}: strand contradicts itself: {words} {declared}, but {len(bad)} of {len(good) + len(bad)} rows fit "
                f"the other strand only, e.g. {bad[0].shown}; pass --strand per-row to let each row speak for itself"
            )
        return declared
    if forward and reverse:
        raise GenomeError(
            f"{path}: strand contradicts itself: {forward[0].shown} fits the forward strand only and {reverse[0].shown} the "
            f"reverse strand only ({len(forward)} and {len(reverse)} rows); pass --strand forward, reverse or per-row"
        )
    if len(forward) >= MANY_ROWS:
        return "forward"
    return "reverse" if len(reverse) >= MANY_ROWS else "per-row"


def said(row: ArrayRow, strand: Strand, is_declared: bool) -> Said:
    """What the row says about its locus; letters that cannot be placed are a no-call with its reason, never reference."""
    if not row.letters:
        return Said(kind="no_genotype", why="the array gives no genotype")
    documented = "/".join((row.locus.ref, *row.locus.alts))
    letters = "/".join(row.letters)
    if not is_declared and is_palindrome(row.locus) and fits(row)[0]:
        return Said(kind="ambiguous_strand", why=f"{letters}: the documented bases {documented} read alike on both strands")
    texts, where = _texts(row.locus, row.letters), f"on the {strand} strand"
    if strand == "per-row":
        other, where = _turned(row), "on either strand"
        if texts and other and sorted(texts) != sorted(other):
            return Said(kind="ambiguous_strand", why=f"{letters} fits {documented} on both strands")
        texts = texts or other
    elif strand == "reverse":
        texts = _turned(row)
    if texts is None:
        return Said(kind="array_letters", why=f"{letters} is none of the documented {documented} {where}, or cannot be told")
    return Said(texts)


def _turned(row: ArrayRow) -> tuple[str, ...] | None:
    return _texts(row.locus, tuple(complement(text) for text in row.letters))


def _texts(locus: Locus, letters: tuple[str, ...]) -> tuple[str, ...] | None:
    """Allele texts for letters on the forward strand; ``None`` where a letter is no documented text."""
    known = (locus.ref, *locus.alts)
    found: list[str] = []
    for letter in letters:
        is_written = locus.is_snv or (len(letter) > 1 and letter in known)
        text = letter if is_written else _indel_text(locus, letter)
        if text is None or text not in known:
            return None
        found.append(text)
    return tuple(found) if len(found) in (1, 2) else None


def _two_texts(locus: Locus) -> tuple[str, str] | None:
    """The longer and the shorter text of a locus with one documented pure insertion or deletion."""
    if len(locus.alts) != 1 or locus.is_snv:
        return None
    shorter, longer = sorted((locus.ref, locus.alts[0]), key=len)
    return (longer, shorter) if len(longer) > len(shorter) and longer.startswith(shorter) else None


def _indel_text(locus: Locus, letter: str) -> str | None:
    """The text an insertion or deletion code, or written-out bases, stand for."""
    pair = _two_texts(locus)
    if pair is None:
        return None
    longer, shorter = pair
    if letter == "I" or letter in (longer, longer[len(shorter) :]):
        return longer
    return shorter if letter in ("D", "-") else None
