"""Laws of the small functions that bring records to a locus and to one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nof1.genomics.agreement import UNSAID
from nof1.genomics.normalize import DELETED, ReferenceMismatch, state, trim
from nof1.genomics.site import agree
from nof1.model.genome import MISSING, NO_STRAND, Locus

BASES = st.text("ACGT", min_size=1, max_size=8)
Entry = tuple[frozenset[int], int, int, bool]


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """One to three records about a locus with up to three alternatives, as any file may hold them."""
    out = []
    for _ in range(draw(st.integers(1, 3))):
        known = draw(st.frozensets(st.integers(1, 3), min_size=1, max_size=3))
        allele = st.sampled_from([0, MISSING, *known])
        out.append((known, draw(allele), draw(allele), draw(st.booleans())))
    return out


def unordered(result: tuple[int, int, bool] | None) -> tuple[int, int, bool] | None:
    return result if result is None or result[2] else (*sorted(result[:2]), False)  # type: ignore[return-value]


@given(entries(), st.randoms(use_true_random=False))
def test_agreement_has_no_order(said: list[Entry], rng: object) -> None:
    turned = list(said)
    rng.shuffle(turned)  # type: ignore[attr-defined]
    assert unordered(agree(turned)) == unordered(agree(said))


@given(entries())
def test_saying_it_twice_changes_nothing(said: list[Entry]) -> None:
    assert unordered(agree([*said, *said])) == unordered(agree(said))


@given(entries())
def test_agreement_invents_no_allele(said: list[Entry]) -> None:
    result = agree(said)
    if result is not None:
        told = {allele for known, one, two, _ in said for allele in (one, two) if allele > 0}
        assert {allele for allele in result[:2] if allele > 0} == told


@given(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.booleans())
def test_a_split_genotype_comes_back_whole(alleles: tuple[int, int], phased: bool) -> None:
    said = [(frozenset({alt}), *(alt if allele == alt else 0 for allele in alleles), phased) for alt in (1, 2, 3)]
    wanted = alleles if phased else tuple(sorted(alleles))
    result = agree(said)  # type: ignore[arg-type]
    assert result is not None
    assert (result[:2] if phased else tuple(sorted(result[:2]))) == wanted


@given(st.integers(0, 3), st.integers(0, 3))
def test_two_files_contradict_or_merge(one: int, two: int) -> None:
    known = frozenset({1, 2, 3})
    result = agree([(known, 0, one, False), (known, 0, two, False)])
    assert result == ((0, one, False) if one == two and one else (0, 0, False) if one == two else None)


def test_ploidies_and_unsaid_alleles_do_not_merge() -> None:
    known = frozenset({1})
    assert agree([(known, 1, NO_STRAND, False), (known, 1, NO_STRAND, False)]) == (1, NO_STRAND, False)
    assert agree([(known, 1, NO_STRAND, False), (known, 1, 1, False)]) is None
    assert agree([(known, 0, UNSAID, False), (known, 0, 1, False)]) is None
    assert agree([(known, 1, 1, False), (known, 1, 0, False), (known, 1, 1, False)]) is None


def test_a_sister_records_star_is_not_a_deletion_of_its_own() -> None:
    star = 3
    said = [(frozenset({1, star}), 1, star, False), (frozenset({2, star}), star, 2, False)]
    assert unordered(agree(said, star)) == (1, 2, False)


# writings of one change


@given(st.text("ACGT", min_size=0, max_size=6), BASES, BASES, st.text("ACGT", min_size=0, max_size=6))
def test_trim_keeps_the_change_and_leaves_nothing_over(before: str, ref: str, alt: str, after: str) -> None:
    position, short_ref, short_alt = trim(1, before + ref + after, before + alt + after)
    whole = before + ref + after
    offset = position - 1
    assert whole[offset : offset + len(short_ref)] == short_ref
    assert whole[:offset] + short_alt + whole[offset + len(short_ref) :] == before + alt + after
    if len(short_ref) > 1 and len(short_alt) > 1:
        assert short_ref[0] != short_alt[0]
        assert short_ref[-1] != short_alt[-1]


@st.composite
def indels(draw: st.DrawFn) -> tuple[str, int, int, str]:
    """Reference sequence with repeats, where it changes, how many bases go, and what comes."""
    unit = draw(st.text("ACGT", min_size=1, max_size=3))
    left, right = draw(st.text("ACGT", min_size=2, max_size=5)), draw(st.text("ACGT", min_size=3, max_size=5))
    sequence = left + unit * draw(st.integers(1, 5)) + right
    start = len(left)
    if draw(st.booleans()):
        return sequence, start, len(unit), ""
    return sequence, start, 0, unit


def left_aligned(sequence: str, start: int, gone: int, added: str) -> tuple[int, str, str]:
    """0-based anchor, REF and ALT of the left-most writing."""
    anchor = start - 1
    ref, alt = sequence[anchor : start + gone], sequence[anchor] + added
    while anchor > 0 and ref[-1] == alt[-1]:
        anchor -= 1
        ref, alt = sequence[anchor] + ref[:-1], sequence[anchor] + alt[:-1]
    return anchor, ref, alt


@given(indels())
def test_every_writing_of_an_indel_says_the_same(case: tuple[str, int, int, str]) -> None:
    sequence, start, gone, added = case
    changed = sequence[:start] + added + sequence[start + gone :]
    anchor, ref, alt = left_aligned(sequence, start, gone, added)
    moved = len(ref) - len(alt)
    last = len(sequence)
    while last > anchor + len(ref) and sequence[last - 1] == changed[last - 1 - moved]:
        last -= 1
    last = min(last + 1, len(sequence))
    place = Locus("x", "chr1", anchor + 1, ref, (alt,), sequence[anchor:last])
    for low in range(anchor, last):
        for high in range(low + 1, last + 1):
            before, after = sequence[low:high], changed[low : high - moved]
            if not after or before[0] != after[0] or changed != sequence[:low] + after + sequence[high:]:
                continue
            statement = state(place, low + 1, before, (after,))
            assert statement is not None, (place, low + 1, before, after)
            assert statement.texts == (ref, alt)
            assert statement.is_direct


@given(st.sampled_from("ACGT"), st.sampled_from("ACGT"), st.sampled_from("ACGT"))
def test_a_base_is_what_the_record_makes_of_it(known: str, ref: str, alt: str) -> None:
    place = Locus("x", "chr1", 100, known, tuple(base for base in "ACGT" if base != known))
    try:
        statement = state(place, 100, ref, (alt,))
    except ReferenceMismatch:
        assert ref != known
        return
    assert ref == known
    assert statement is not None
    assert statement.texts == (known, alt)


SNV = Locus("x", "chr1", 100, "G", ("A",))


def test_what_lies_over_a_base_without_being_about_it() -> None:
    def texts(position: int, ref: str, alt: str) -> tuple[str | None, ...] | None:
        statement = state(SNV, position, ref, (alt,))
        return None if statement is None else (*statement.texts, "direct") if statement.is_direct else statement.texts

    assert texts(98, "TCG", "T") == ("G", DELETED)
    assert texts(98, "TCGA", "TCA") == ("G", DELETED)
    assert texts(100, "GAC", "T") == ("G", None)  # a deletion with an insertion: nobody can tell the base
    assert texts(100, "GA", "A") == ("G", None)  # the base goes, written without an anchor
    assert texts(100, "GA", "G") is None  # what follows the base goes
    assert texts(99, "CG", "CT") == ("G", "T", "direct")
    assert texts(99, "CG", "TG") is None
    assert texts(99, "C", "CTT") is None
    assert texts(100, "G", "GTT") == ("G", "GTT", "direct")
    assert texts(98, "T", "<DEL>") == ("G", None)
    assert texts(100, "G", "G[chr2:5[") == ("G", None, "direct")


def test_half_of_a_documented_substitution_decides_nothing() -> None:
    place = Locus("x", "chr1", 100, "TC", ("CT",))
    assert state(place, 100, "T", ("C",)).texts == ("TC", None)  # type: ignore[union-attr]
    assert state(place, 101, "C", ("T",)).texts == ("TC", None)  # type: ignore[union-attr]
    assert state(place, 100, "TC", ("CT",)).texts == ("TC", "CT")  # type: ignore[union-attr]
    assert state(place, 100, "T", ("G",)).texts == ("TC", "GC")  # type: ignore[union-attr]
