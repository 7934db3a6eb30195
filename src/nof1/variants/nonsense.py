"""What a decision tree on loss of function asks of one allele: how the protein ends, how much is lost, what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nof1.model.classification import VariantFacts
from nof1.model.sequence import STOP
from nof1.model.variants import Allele
from nof1.variants.consequence import Found, Rules, find
from nof1.variants.coordinates import in_order
from nof1.variants.decay import DecayRule, last_junction
from nof1.variants.frame import Edit, effect
from nof1.variants.reading import Reading
from nof1.variants.terms import Term


class Loss(StrEnum):
    """The way by which a protein is lost or cut."""

    NONSENSE = "nonsense"
    FRAMESHIFT = "frameshift"
    SPLICE_SITE = "splice site"
    START = "start codon"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LossOfFunction:
    """Inputs of a decision tree on loss of function, for one allele on one transcript.

    ``share_lost``: 0-1 of the amino acids from the first changed one on (splice site: those of the exon, if it is skipped;
    start codon: those before the next one in frame); NaN where it cannot be told. ``decay_expected``: ``None`` where no
    early stop follows or the frame of a skipped exon cannot be told. ``keeps_frame``: of a skipped exon. ``next_start``:
    codon (from 1) of the next methionine in frame, 0 for none. ``unknown``: what the tree asks and no data answer.
    """

    loss: Loss
    share_lost: float
    decay_expected: bool | None
    decay_rule: str
    is_near_start: bool
    exon: int
    exons: int
    keeps_frame: bool | None
    next_start: int
    stop_codon: int
    unknown: tuple[str, ...]


_ALWAYS_ASKED = ("whether the changed region is critical to function", "whether the exon is in the relevant transcripts")


def loss_of_function(reading: Reading, allele: Allele, rules: Rules, cis: Sequence[Allele] = ()) -> LossOfFunction:
    """The inputs for ``allele`` on the transcript of ``reading``; ``cis``: other alleles of the same strand.

    >>> from nof1.model.sequence import Window
    >>> from nof1.model.transcripts import Transcript
    >>> from nof1.variants.decay import DecayDistances
    >>> from nof1.variants.reading import read
    >>> from nof1.variants.regions import Distances
    >>> one = Transcript("G", "T", "chr1", 1, ((2, 13),), (2, 13))
    >>> reading = read(one, Window("chr1", 1, "CATGTATGCATAAC"))
    >>> found = loss_of_function(reading, Allele("chr1", 7, "T", "A"), Rules(Distances(2, 3, 8), DecayDistances(50, 100)))
    >>> found.loss, found.share_lost, found.decay_expected
    (<Loss.NONSENSE: 'nonsense'>, 0.6666666666666666, False)
    """
    found = find(reading, [allele, *cis], rules)[0]
    loss = _loss(found)
    if loss is Loss.SPLICE_SITE:
        return _splice(reading, found)
    if loss is Loss.START:
        return _start(reading)
    if loss is Loss.NONE or found.effect is None:
        return _answer(Loss.NONE, 0.0, found, reading)
    length = len(reading.protein.rstrip(STOP))
    first = _first_changed(reading.protein, found.effect.protein, found.effect.first)
    return _answer(loss, max(0, length - first) / length, found, reading)


def with_loss(facts: VariantFacts, lost: LossOfFunction) -> VariantFacts:
    """``facts`` with what the decision tree for null variants reads of ``lost``: the share, the frame, and decay.

    The consequence of a splice site gets the decay that skipping its exon would lead to.
    """
    if lost.loss is Loss.NONE:
        return facts
    consequence = facts.consequence
    if consequence is not None and not consequence.decay and lost.decay_expected is not None:
        consequence = replace(consequence, decay="expected" if lost.decay_expected else "escaped")
    return replace(facts, consequence=consequence, share_lost=lost.share_lost, skips_in_frame=lost.keeps_frame)


def _loss(found: Found) -> Loss:
    if found.reason:
        return Loss.NONE
    if found.touched.donor or found.touched.acceptor:
        return Loss.SPLICE_SITE
    terms = found.effect.terms if found.effect else frozenset()
    if Term.START_LOST in terms or (found.touched.is_split and found.touched.before):
        return Loss.START
    if Term.FRAMESHIFT in terms:
        return Loss.FRAMESHIFT
    return Loss.NONSENSE if Term.STOP_GAINED in terms else Loss.NONE


def _first_changed(protein: str, altered: str, begin: int) -> int:
    shorter = min(len(protein), len(altered))
    return next((at for at in range(begin, shorter) if protein[at] != altered[at]), shorter)


def _answer(loss: Loss, share: float, found: Found, reading: Reading) -> LossOfFunction:
    fate, effect = found.decay, found.effect
    exons = in_order(reading.transcript)
    exon = next((n for n, (a, b) in enumerate(exons, 1) if found.change.start <= b and a <= found.change.end), 0)
    return LossOfFunction(
        loss=loss,
        share_lost=share,
        decay_expected=None if fate is None else fate.is_expected,
        decay_rule="" if fate is None else str(fate.rule),
        is_near_start=fate is not None and fate.is_near_start,
        exon=exon if reading.transcript.has_untranslated else 0,
        exons=len(exons) if reading.transcript.has_untranslated else 0,
        keeps_frame=None,
        next_start=0,
        stop_codon=0 if effect is None or effect.stop < 0 else effect.stop // 3 + 1,
        unknown=() if loss is Loss.NONE else _ALWAYS_ASKED,
    )


def _start(reading: Reading) -> LossOfFunction:
    at = reading.protein.find("M", 1)
    length = len(reading.protein.rstrip(STOP))
    share = at / length if at > 0 else 1.0
    unknown = (*_ALWAYS_ASKED, "whether another transcript begins elsewhere", "pathogenic variants before the next start")
    return LossOfFunction(Loss.START, share, None, "", False, 0, 0, None, max(at, -1) + 1, 0, unknown)


def _splice(reading: Reading, found: Found) -> LossOfFunction:
    """As if the exon of the site were skipped: the usual, not the only, result."""
    transcript = reading.transcript
    exons = in_order(transcript)
    number = _exon_of_site(reading, found)
    first, last = exons[number - 1]
    low, high = max(first, transcript.coding[0]), min(last, transcript.coding[1])
    coding = max(0, high - low + 1)
    holds_end = coding > 0 and not (transcript.coding[0] < low and high < transcript.coding[1])
    keeps = None if not coding or holds_end else coding % 3 == 0
    share = float("nan") if keeps is None else coding / (len(reading.coding) - 3)
    expected, rule = (None, "") if keeps is not False else _decay_after_skip(reading, number)
    known = transcript.has_untranslated
    unknown = (*_ALWAYS_ASKED, "which messenger results (skipped exon, kept intron, another site)")
    here, of = (number, len(exons)) if known else (0, 0)
    return LossOfFunction(Loss.SPLICE_SITE, share, expected, rule, False, here, of, keeps, 0, 0, unknown)


def _exon_of_site(reading: Reading, found: Found) -> int:
    """The exon whose site is touched: the one before a donor, the one behind an acceptor."""
    exons, change = in_order(reading.transcript), found.change
    middle = (change.start + max(change.end, change.start)) / 2
    borders = [
        (abs(middle - (last if (reading.transcript.strand > 0) == is_end else first)), number)
        for number, (first, last) in enumerate(exons, start=1)
        for is_end in (True, False)
        if (found.touched.donor and is_end and number < len(exons)) or (found.touched.acceptor and not is_end and number > 1)
    ]
    return min(borders)[1]


def _decay_after_skip(reading: Reading, number: int) -> tuple[bool | None, str]:
    """A skipped exon that shifts the frame: expected to decay unless the stop that follows lies behind the last junction."""
    transcript = reading.transcript
    exons = in_order(transcript)
    before = sum(_coding_bases(reading, exon) for exon in exons[: number - 1])
    size = _coding_bases(reading, exons[number - 1])
    done = effect(reading, [Edit(before, size, "")])
    junction = last_junction(transcript)
    if done.stop < 0 or junction is None:
        return None, ""
    if done.stop + 3 > junction - size:
        return False, str(DecayRule.LAST_EXON)
    return True, str(DecayRule.BEFORE_LAST_JUNCTION)


def _coding_bases(reading: Reading, exon: tuple[int, int]) -> int:
    low, high = reading.transcript.coding
    return max(0, min(exon[1], high) - max(exon[0], low) + 1)
